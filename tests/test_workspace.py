"""A workspace is private, can be begun again and brought back, and whatever is done in it is in its trail."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from test_store import TODAY, pair

from sandbox import audit, workspace
from sandbox.audit import Agent
from sandbox.db import Database
from sandbox.errors import BadInput, BadResource, Conflict, Gone, NotFound, Stale, TrailUnwritten
from sandbox.fhir import store
from sandbox.workspace import Info, Workspace, base_chart, keeping

ADA, BEN = Agent("p-ada", "Ada"), Agent("p-ben", "Ben")


def patient(id: str, family: str = "Reyes") -> dict[str, Any]:
    """A small valid Patient."""
    return {"resourceType": "Patient", "id": id, "name": [{"family": family}]}


def weight(of: str) -> dict[str, Any]:
    """An Observation without an id."""
    return {"resourceType": "Observation", "status": "final", "code": {"text": "Weight"},
            "subject": {"reference": f"Patient/{of}"}, "effectiveDateTime": "2026-06-30T08:00:00-05:00"}


def hospital(conn: sa.Connection) -> int:
    """A published hospital of two patients."""
    ws = store.new_hospital(conn, "Two Rivers", TODAY)
    store.put_many(conn, ws, [pair(patient("a")), pair(patient("b"))])
    store.publish(conn, ws, default=True)
    return ws


def opened(conn: sa.Connection, owner: str = "p-ada", **more: Any) -> Info:
    """A workspace of Ada's over a new hospital."""
    return workspace.open(conn, owner=owner, base=hospital(conn), seed=7, scenario="first", **more)


def test_a_workspace_is_what_it_was_opened_as(db: Database) -> None:
    """Its id is opaque, its day the hospital's unless given, its shown kept; strangers' ids are not found."""
    with db.writing() as conn:
        made = opened(conn, resources=[patient("new")], shown={"who": ("new",), "n": 1.5})
        other = workspace.open(conn, owner="p-ben", base=made.base, seed=1, scenario="s", today=date(2026, 7, 1))
    with db.reading() as conn:
        assert workspace.info(conn, made.id) == made
        assert (made.today, other.today, made.seed, made.scenario) == (TODAY, date(2026, 7, 1), 7, "first")
        assert made.shown == {"who": ["new"], "n": 1.5}
        assert made.id.startswith("w-") and len(made.id) == 18
        assert workspace.of_owner(conn, "p-ada") == [made]
        for ask in (lambda: workspace.info(conn, "w-none"), lambda: opened_on(conn, 99),
                    lambda: opened_on(conn, made.ws)):
            with pytest.raises(NotFound):
                ask()


def opened_on(conn: sa.Connection, base: int) -> Info:
    """A workspace over what may not be a hospital."""
    return workspace.open(conn, owner="p-ada", base=base, seed=1, scenario="s")


def test_two_workspaces_never_see_each_other(db: Database) -> None:
    """Ben finds nothing of what Ada planted, wrote or deleted."""
    with db.writing() as conn:
        base = hospital(conn)
        infos = [workspace.open(conn, owner=agent.id, base=base, seed=1, scenario="s", resources=[patient(agent.id)])
                 for agent in (ADA, BEN)]
        ada, ben = (Workspace(conn, info, agent) for info, agent in zip(infos, (ADA, BEN), strict=True))
        ada.update(patient("a", "Changed"))
        ada.delete("Patient", "b")
        made = ada.create(weight("a"))
        assert [one["id"] for one in ben.search("Patient", {"_sort": "_id"})] == ["a", "b", "p-ben"]
        assert ben.read("Patient", "a")["name"] == [{"family": "Reyes"}]
        assert ben.search("Observation") == []
        with pytest.raises(NotFound):
            ben.read("Observation", made.id)
        with pytest.raises(NotFound):
            ben.vread("Patient", "a", 2)
        assert {entry.agent.id for entry in ben.trail()} == {"p-ben"}


def test_a_reset_begins_again_and_can_be_undone_for_a_day(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted again, her changes away; undone, they are back; once, and within a day."""
    with db.writing() as conn:
        made = opened(conn, resources=[patient("new")])
        Workspace(conn, made, ADA).update(patient("a", "Changed"))
        fresh = workspace.reset(conn, made.id, [patient("new")], agent=ADA)
        here = Workspace(conn, fresh, ADA)
        assert here.read("Patient", "a")["name"] == [{"family": "Reyes"}]
        assert here.read("Patient", "new")["id"] == "new"
        assert (fresh.id, fresh.opened) == (made.id, made.opened)
        back = workspace.undo_reset(conn, made.id)
        assert back == made
        assert Workspace(conn, back, ADA).read("Patient", "a")["name"] == [{"family": "Changed"}]
        with pytest.raises(Conflict):
            workspace.undo_reset(conn, made.id)
        workspace.reset(conn, made.id, [])
        monkeypatch.setattr(keeping, "UNDO", timedelta(0))
        with pytest.raises(Conflict):
            workspace.undo_reset(conn, made.id)
        notes = [entry.note for entry in audit.read(conn, made.id)]
        assert [note for note in notes if note] == ["reset", "reset undone", "reset"]
        assert audit.verify(conn, made.id) is None


def test_more_can_be_planted_later_and_leaves_her_changes_alone(db: Database) -> None:
    """What stands there stays as she has it; what began as something else is a conflict, and nothing is planted."""
    with db.writing() as conn:
        made = opened(conn, resources=[patient("new")], shown={"one": 1})
        Workspace(conn, made, ADA).update(patient("new", "Changed"))
        more = workspace.plant(conn, made.id, [patient("new"), patient("more"), patient("b", "Moved")], {"two": 2})
        here = Workspace(conn, more, ADA)
        assert more.shown == {"one": 1, "two": 2}
        assert [here.read("Patient", id)["name"][0]["family"] for id in ("a", "b", "new", "more")] == [
            "Reyes", "Moved", "Changed", "Reyes"]
        with pytest.raises(Conflict, match="Patient/new is in this workspace already"):
            workspace.plant(conn, made.id, [patient("last"), patient("new", "Other")], {"three": 3})
        with pytest.raises(NotFound):
            here.read("Patient", "last")
        assert workspace.info(conn, made.id).shown == more.shown
        workspace.reset(conn, made.id, [patient("new")], {"four": 4})
        assert workspace.info(conn, made.id).shown == {"four": 4}
        assert workspace.undo_reset(conn, made.id).shown == more.shown


def test_whether_a_reset_can_be_undone_is_known_beforehand(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before a reset, yes after it, no more once undone or a day later; and the answer is what undoing does."""
    with db.writing() as conn:
        made = opened(conn)
        assert not workspace.can_undo(conn, made.id)
        workspace.reset(conn, made.id, [], agent=ADA)
        assert workspace.can_undo(conn, made.id)
        workspace.undo_reset(conn, made.id)
        assert not workspace.can_undo(conn, made.id)
        workspace.reset(conn, made.id, [], agent=ADA)
        monkeypatch.setattr(keeping, "UNDO", timedelta(0))
        assert not workspace.can_undo(conn, made.id)
        with pytest.raises(NotFound):
            workspace.can_undo(conn, "w-none")


def test_a_guests_workspaces_move_to_her_account(db: Database) -> None:
    """Handed over, all of them, and nobody else's."""
    with db.writing() as conn:
        mine, theirs = opened(conn, "guest-1"), opened(conn, "guest-2")
        workspace.hand_over(conn, "guest-1", "p-ada")
        assert [info.id for info in workspace.of_owner(conn, "p-ada")] == [mine.id]
        assert workspace.of_owner(conn, "guest-1") == []
        assert [info.id for info in workspace.of_owner(conn, "guest-2")] == [theirs.id]


def test_everything_done_is_in_the_trail(db: Database) -> None:
    """Each access with its kind, version, query and patient, in one chain."""
    with db.writing() as conn:
        here = Workspace(conn, opened(conn), ADA)
        here.read("Patient", "a")
        made = here.create(weight("a"))
        here.read("Observation", made.id)
        here.update({**weight("b"), "id": made.id}, if_match=1)
        here.vread("Observation", made.id, 1)
        here.history("Observation", made.id)
        here.search("Observation", {"patient": "b", "_count": "5"})
        here.page("Patient", [("_id", "a,b")])
        here.delete("Observation", made.id)
        here.exported("SQL result")
        here.refused("R", "read", "Patient", "x", NotFound("There is no Patient/x here."))
        found = [(e.action, e.subtype, e.kind, e.id, e.version, e.patient, e.query or e.note) for e in here.trail()]
    assert found == [
        ("R", "read", "Patient", "a", 1, "a", ""),
        ("C", "create", "Observation", made.id, 1, "a", ""),
        ("R", "read", "Observation", made.id, 1, "a", ""),
        ("U", "update", "Observation", made.id, 2, "b", ""),
        ("R", "vread", "Observation", made.id, 1, "a", ""),
        ("R", "history-type", "Observation", made.id, 2, "b", ""),
        ("E", "search-type", "Observation", "", None, "b", "Observation?patient=b&_count=5"),
        ("E", "search-type", "Patient", "", None, "", "Patient?_id=a%2Cb"),
        ("D", "delete", "Observation", made.id, 3, "b", ""),
        ("R", "export", "", "", None, "", "SQL result"),
        ("R", "read", "Patient", "x", None, "", "There is no Patient/x here."),
    ]


def test_a_page_of_a_chart_takes_few_queries(db: Database) -> None:
    """Five searches and a read, each recorded, in at most 13 statements on either database."""
    with db.writing() as conn:
        info = opened(conn)
        asked: list[str] = []
        listen = ("before_cursor_execute", lambda *event: asked.append(event[2]))
        sa.event.listen(db.engine, *listen)
        try:
            here = Workspace(conn, info, ADA)
            here.read("Patient", "a")
            for kind in ("Encounter", "Condition", "Observation", "MedicationRequest", "DocumentReference"):
                here.search(kind, {"patient": "a", "_sort": "-_lastUpdated"})
        finally:
            sa.event.remove(db.engine, *listen)
    assert len([one for one in asked if "advisory" not in one]) <= 13


def test_graders_and_base_charts_leave_no_trail(db: Database) -> None:
    """`record=False` and the untouched hospital can be read on a connection that only reads."""
    with db.writing() as conn:
        made = opened(conn)
    with db.reading() as conn:
        quiet, base = Workspace(conn, made, ADA, record=False), base_chart(conn, made.base)
        for chart in (quiet, base):
            assert chart.read("Patient", "a")["id"] == "a"
            assert len(chart.search("Patient")) == 2
            assert chart.trail() == []
        assert base.today == TODAY
        with pytest.raises(TrailUnwritten):
            Workspace(conn, made, ADA).read("Patient", "a")
    with db.writing() as conn, pytest.raises(Conflict):
        base_chart(conn, made.base).update(patient("a"))


def test_a_write_that_fails_leaves_nothing(db: Database) -> None:
    """Stored, indexed and recorded together, or not at all: a trail that cannot be kept undoes the write."""
    with db.writing() as conn:
        made = opened(conn)
    with db.writing() as conn:
        conn.execute(sa.text("ALTER TABLE trail RENAME TO trail_away"))
    try:
        with pytest.raises(TrailUnwritten), db.writing() as conn:
            store.update(conn, made.scope, "Patient", "a", *pair(patient("a", "Lost")), at=datetime.now(UTC))
            Workspace(conn, made, ADA).read("Patient", "a")
    finally:
        with db.writing() as conn:
            conn.execute(sa.text("ALTER TABLE trail_away RENAME TO trail"))
    with db.reading() as conn:
        here = Workspace(conn, made, ADA, record=False)
        assert here.read("Patient", "a")["name"] == [{"family": "Reyes"}]
        assert here.search("Patient", {"family": "lost"}) == []
        assert here.trail() == []


def test_what_breaks_fhir_is_refused(db: Database) -> None:
    """Not JSON, no type, an unknown element, an update without an id; nothing is stored."""
    with db.writing() as conn:
        here = Workspace(conn, opened(conn), ADA)
        for bad in ("{", "[]", '{"resourceType":"Patient","name":7}', '{"resourceType":"Dragon"}', "{}"):
            with pytest.raises(BadInput):
                here.create(bad)
        with pytest.raises(BadResource):
            here.update({**patient("a"), "wings": 2})
        with pytest.raises(BadInput):
            here.update({"resourceType": "Patient"})
        assert len(here.search("Patient")) == 2


def test_received_text_keeps_its_numbers(db: Database) -> None:
    """72.50 stays 72.50 through create, update, read and history."""
    text = orjson.dumps(weight("a")).decode()[:-1] + ',"valueQuantity":{"value":72.50,"unit":"kg"}}'
    with db.writing() as conn:
        here = Workspace(conn, opened(conn), ADA)
        made = here.create(text)
        again = here.update(here.stored("Observation", made.id).text.replace("72.50", "1.0E+2"))
        assert '"value":72.50,' in here.vread("Observation", made.id, 1).text
        assert '"value":1.0E+2,' in again.text
        assert [one.version for one in here.history("Observation", made.id)] == [2, 1]
        here.delete("Observation", made.id)
        with pytest.raises(Gone):
            here.read("Observation", made.id)


def test_workspace_time_stamps_what_is_written(db: Database) -> None:
    """The version's instant is the trail's, on the workspace's day."""
    with db.writing() as conn:
        here = Workspace(conn, opened(conn), ADA)
        made = here.create(weight("a"))
        entry = here.trail()[-1]
        assert audit.stamp(made.updated) == audit.stamp(entry.at)
        assert made.resource["meta"]["lastUpdated"] == audit.stamp(entry.at)
        assert entry.at.astimezone(audit.ZONE).isoformat().startswith("2026-06-30T08:00:00")
        assert here.now >= entry.at


def test_of_fifty_edits_at_once_one_wins_and_the_chain_holds(db: Database) -> None:
    """Readers and writers of one workspace queue without deadlock; the trail has no gap and no fork."""
    with db.writing() as conn:
        made = opened(conn)
    barrier, outcomes = threading.Barrier(50), []

    def edit(number: int) -> None:
        barrier.wait()
        try:
            with db.writing() as conn:
                here = Workspace(conn, made, ADA)
                if number % 2:
                    here.read("Patient", "b")
                here.update(patient("a", f"N{number}"), if_match=1)
            outcomes.append("won")
        except Stale:
            outcomes.append("stale")

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["stale"] * 49 + ["won"]
    with db.reading() as conn:
        assert audit.verify(conn, made.id) is None
        assert sum(entry.action == "U" for entry in audit.read(conn, made.id)) == 1
