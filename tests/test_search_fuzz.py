"""Whatever is asked or stored, the record answers or refuses; it never breaks."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_store import TODAY, pair

from sandbox import workspace
from sandbox.db import Database
from sandbox.errors import BadInput, NotFound, SandboxError
from sandbox.fhir import index, store
from sandbox.fhir.search import search
from sandbox.fhir.store import Scope

QUIET = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
KINDS = st.sampled_from(["Patient", "Observation", "Encounter", "AuditEvent", "DocumentReference", "Claim"])
NAMES = st.one_of(
    st.builds(lambda name, modifier: name + modifier,
              st.sampled_from([*sorted(index.KEPT), "_id", "_lastUpdated", "_count", "_offset", "_sort", "_include",
                               "_total"]),
              st.sampled_from(["", "", "", ":not", ":missing", ":exact", ":contains", ":Patient", ":x"])),
    st.text(max_size=8),
)
VALUES = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(["true", "a|b", "|", "a|", "|b", "\\", "\\,", ",", ",,", "ge2026", "9999-12-31", "0000",
                     "2026-02-30", "2026-05-18T24:00", "2026-05-18T10:00:60Z", "2026-05-18T10:00+14:00", "-date",
                     "Observation:subject", "999999999", "1" * 40, "Patient/", "/", "http://x/Patient/1", "x" * 5000,
                     "\U0010ffff", "ß" * 300]),
)
JSON = st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["coding", "code", "system", "value", "start", "end", "event", "repeat",
                                         "boundsPeriod", "reference", "family", "given", "text"]), inner, max_size=3),
                    max_leaves=6)
ELEMENTS = ["status", "code", "category", "subject", "encounter", "identifier", "name", "birthDate", "period", "class",
            "type", "effectivePeriod", "effectiveDateTime", "effectiveTiming", "gender", "participant", "context"]

DICTS = st.dictionaries(st.sampled_from(ELEMENTS), JSON, max_size=5)


@pytest.fixture
def scope(db: Database) -> Scope:
    """A workspace over a hospital of one."""
    with db.writing() as conn:
        base = store.new_hospital(conn, "Two Rivers", TODAY)
        store.put_many(conn, base, [pair({"resourceType": "Patient", "id": "a", "name": [{"family": "Reyes"}]})])
        store.publish(conn, base, default=True)
        return Scope(store.new_generation(conn, base, TODAY), base)


def test_any_search_is_answered_or_refused(db: Database, scope: Scope) -> None:
    """Random names, modifiers and values give a page or a BadInput."""
    with db.reading() as conn:
        @QUIET
        @given(kind=KINDS, params=st.lists(st.tuples(NAMES, VALUES), max_size=4))
        def holds(kind: str, params: list[tuple[str, str]]) -> None:
            with contextlib.suppress(BadInput):
                page = search(conn, scope, kind, params)
                assert page.total is None or page.total >= len(page.matches)

        holds()


def test_any_resource_can_be_stored_in_bulk(db: Database, scope: Scope) -> None:
    """Bulk loading checks elsewhere; here odd values are simply not found, and the text comes back as it was."""
    with db.engine.connect().execution_options(write=True) as conn:
        @QUIET
        @given(kind=KINDS, elements=DICTS, n=st.integers(0, 10**9))
        def holds(kind: str, elements: dict[str, Any], n: int) -> None:
            resource = {"resourceType": kind, "id": f"x{n}", **elements}
            with conn.begin_nested():
                store.update(conn, scope, kind, f"x{n}", *pair(resource), at=datetime(2026, 6, 30, 14, tzinfo=UTC))
                kept = store.read(conn, scope, kind, f"x{n}").resource
                assert {**kept, "meta": None} == {**resource, "meta": None}

        holds()
        conn.rollback()


def test_odd_names_are_not_found(db: Database, scope: Scope) -> None:
    """What no database may be asked for is not there."""
    with db.reading() as conn:
        for kind, id in (("Patient", "a\x00"), ("Pat\x00ient", "a"), ("Patient", "x" * 5000), ("", "")):
            with pytest.raises(NotFound):
                store.read(conn, scope, kind, id)
        for number in (0, -1, 2**31, 10**30):
            with pytest.raises(NotFound):
                store.vread(conn, scope, "Patient", "a", number)
        with pytest.raises(SandboxError):
            workspace.info(conn, "w-\x00")
