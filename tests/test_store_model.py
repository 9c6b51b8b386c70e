"""The store against a plain dict: whatever is done in whatever order, both say the same."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import orjson
import pytest
from databases import empty, sqlite_database
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from test_store import TODAY, pair

from sandbox import workspace
from sandbox.db import Database
from sandbox.errors import Gone, NotFound, Stale
from sandbox.fhir import store
from sandbox.fhir.search import search

AT = datetime(2026, 6, 30, 15, tzinfo=UTC)
IDS = [f"p{number}" for number in range(5)]  # p0 to p2 stand in the base
FAMILIES = st.sampled_from(["Reyes", "Okafor", "Lund"])
Versions = list[str | None]  # families, oldest first; None is a deletion


def patient(id: str, family: str) -> tuple[dict[str, Any], str]:
    """A Patient and its text."""
    return pair({"resourceType": "Patient", "id": id, "name": [{"family": family}]})


class Record(RuleBasedStateMachine):
    """Two workspaces over one base, and what each should hold."""

    database: ClassVar[Database]

    @initialize()
    def begin(self) -> None:
        """A base of three, and Ada's and Ben's workspaces."""
        self.base: dict[str, Versions] = {id: ["Reyes"] for id in IDS[:3]}
        self.mine: dict[str, dict[str, Versions]] = {}
        self.left: dict[str, dict[str, Versions]] = {}
        self.created = 0
        with self.database.writing() as conn:
            base = store.new_hospital(conn, "Two Rivers", TODAY)
            store.put_many(conn, base, [patient(id, "Reyes") for id in IDS[:3]])
            store.publish(conn, base, default=True)
            for owner in ("ada", "ben"):
                opened = workspace.open(conn, owner=owner, base=base, seed=1, scenario="s")
                self.mine[opened.id] = {id: list(versions) for id, versions in self.base.items()}
        self.names = list(self.mine)

    @rule(who=st.integers(0, 1), id=st.sampled_from(IDS), family=FAMILIES, match=st.sampled_from([None, 0, 1]))
    def update(self, who: int, id: str, family: str, match: int | None) -> None:
        """Update with no If-Match, the newest version, or one behind it."""
        name = self.names[who]
        versions = self.mine[name].get(id, [])
        if_match = None if match is None else len(versions) - match
        stale = if_match is not None and (not versions or if_match != len(versions))
        try:
            with self.database.writing() as conn:
                scope = workspace.info(conn, name).scope
                made = store.update(conn, scope, "Patient", id, *patient(id, family), at=AT, if_match=if_match)
        except Stale:
            assert stale
            return
        assert not stale
        assert made.created == (not versions or versions[-1] is None)
        self.mine[name][id] = [*versions, family]

    @rule(who=st.integers(0, 1), family=FAMILIES)
    def create(self, who: int, family: str) -> None:
        """Create under an id of the store's choosing."""
        name = self.names[who]
        with self.database.writing() as conn:
            made = store.create(conn, workspace.info(conn, name).scope, *patient("p0", family), at=AT)
        assert made.id not in self.mine[name]
        self.mine[name][made.id] = [family]

    @rule(who=st.integers(0, 1), id=st.sampled_from(IDS))
    def delete(self, who: int, id: str) -> None:
        """Delete what is there, what is deleted, and what never was."""
        name = self.names[who]
        versions = self.mine[name].get(id, [])
        try:
            with self.database.writing() as conn:
                store.delete(conn, workspace.info(conn, name).scope, "Patient", id, at=AT)
        except NotFound:
            assert not versions
            return
        if versions[-1] is not None:
            self.mine[name][id] = [*versions, None]

    @rule(who=st.integers(0, 1), planted=st.sampled_from([[], ["p0"], ["p1", "p4"]]))
    def reset(self, who: int, planted: list[str]) -> None:
        """A fresh generation, some of the base replaced by what is planted."""
        name = self.names[who]
        with self.database.writing() as conn:
            workspace.reset(conn, name, [patient(id, "Planted")[0] for id in planted])
        self.left[name] = self.mine[name]
        self.mine[name] = {id: list(versions) for id, versions in self.base.items()}
        for id in planted:
            self.mine[name][id] = [*self.mine[name].get(id, []), "Planted"]

    @rule(who=st.integers(0, 1))
    def undo(self, who: int) -> None:
        """What the last reset left comes back."""
        name = self.names[who]
        if name in self.left:
            with self.database.writing() as conn:
                workspace.undo_reset(conn, name)
            self.mine[name] = self.left.pop(name)

    @invariant()
    def agrees(self) -> None:
        """Reads, histories, whole searches and a search by name agree with the model, for both and for the base."""
        if not hasattr(self, "names"):
            return
        with self.database.reading() as conn:
            for name in self.names:
                self._agrees(conn, workspace.info(conn, name).scope, self.mine[name])
            base = workspace.info(conn, self.names[0]).base
            self._agrees(conn, store.Scope(base), self.base)

    def _agrees(self, conn: Any, scope: store.Scope, model: dict[str, Versions]) -> None:
        current = {id: versions[-1] for id, versions in model.items() if versions[-1] is not None}
        page = search(conn, scope, "Patient", [])
        assert {found.id: _family(found) for found in page.matches} == current
        assert page.total == len(current)
        for family in ("Lund", "Planted"):
            found = {one.id for one in search(conn, scope, "Patient", [("family", family)]).matches}
            assert found == {id for id, now in current.items() if now == family}
        for id, versions in model.items():
            kept = store.history(conn, scope, "Patient", id)
            assert [None if one.deleted else _family(one) for one in kept] == versions[::-1]
            assert [one.version for one in kept] == list(range(len(versions), 0, -1))
            if versions[-1] is None:
                with pytest.raises(Gone):
                    store.read(conn, scope, "Patient", id)


def _family(found: store.Stored) -> str:
    return str(orjson.loads(found.text)["name"][0]["family"])


QUICK = settings(max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))


def test_sqlite_agrees_with_a_dict() -> None:
    """Any sequence of writes, resets and undos, on SQLite."""
    folder = Path(tempfile.mkdtemp())
    database = sqlite_database(folder)
    run_state_machine_as_test(type("OnSqlite", (Record,), {"database": database}), settings=QUICK)
    database.close()
    shutil.rmtree(folder)


def test_postgresql_agrees_with_a_dict(postgres: Database) -> None:
    """The same on PostgreSQL."""
    empty(postgres)
    run_state_machine_as_test(type("OnPostgres", (Record,), {"database": postgres}), settings=QUICK)
