"""The trail holds: its clocks, its chain, and what it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from sandbox import audit
from sandbox.audit import Agent, Entry
from sandbox.db import Database
from sandbox.errors import TrailUnwritten
from sandbox.workspace.events import as_fhir

ADA = Agent("p-ada", "Ada")
TODAY = date(2026, 6, 30)
REAL = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def note(conn: sa.Connection, chain: str = "w-ada", *, real: datetime = REAL, **more: object) -> Entry:
    """One read by Ada."""
    fields = {"action": "R", "subtype": "read", "kind": "Patient", "id": "p1", "patient": "p1", **more}
    return audit.append(conn, chain, today=TODAY, agent=ADA, real=real, **fields)  # type: ignore[arg-type]


def test_a_trail_counts_from_one_and_chains_stay_apart(db: Database) -> None:
    """Each workspace has a chain of its own, numbered without gaps."""
    with db.writing() as conn:
        seqs = [note(conn).seq, note(conn).seq, note(conn, "w-ben").seq]
        assert seqs == [1, 2, 1]
        assert [entry.seq for entry in audit.read(conn, "w-ada", after=1)] == [2]
        assert len(audit.read(conn, "w-ada", limit=1)) == 1


def test_what_is_read_is_what_was_written(db: Database) -> None:
    """Every field comes back, instants with their microseconds."""
    with db.writing() as conn:
        wrote = note(conn, version=3, query="a=ß", outcome="4", note="why", real=REAL + timedelta(microseconds=7))
    with db.reading() as conn:
        assert audit.read(conn, "w-ada") == [wrote]


def test_what_no_database_keeps_is_still_recorded_as_an_access(db: Database) -> None:
    """A NUL in a query or in what is said of it stands as a sign; the chain holds, and no disk is called full."""
    with db.writing() as conn:
        wrote = note(conn, query="name=a\0", note="SELECT '\0'")
        assert audit.verify(conn, "w-ada") is None
    with db.reading() as conn:
        assert audit.read(conn, "w-ada") == [wrote]
        assert (wrote.query, wrote.note) == ("name=a\ufffd", "SELECT '\ufffd'")


def test_workspace_time_starts_at_eight_and_counts_activity_only(db: Database) -> None:
    """Gaps count up to five minutes; a clock set back counts as nothing; the day never ends."""
    with db.writing() as conn:
        steps = [0, 60, 60 + 3600, 30, 10**6]  # seconds after the first
        for step in steps:
            last = note(conn, real=REAL + timedelta(seconds=step))
        ats = [entry.at for entry in audit.read(conn, "w-ada")]
        opening = datetime(2026, 6, 30, 13, 0, tzinfo=UTC)  # 08:00 in Chicago, summer
        assert [(at - opening).total_seconds() for at in ats] == [0, 60, 360, 360, 660]
        for step in range(200):
            last = note(conn, real=REAL + timedelta(days=30, minutes=10 * step))
        assert last.at == datetime(2026, 7, 1, 4, 59, 59, tzinfo=UTC)


def test_a_changed_entry_breaks_the_chain_where_it_stands(db: Database) -> None:
    """Changing, deleting or renumbering an entry is found, at its place."""
    with db.writing() as conn:
        for _ in range(4):
            note(conn)
        assert audit.verify(conn, "w-ada") is None
        table = audit.trail
        conn.execute(sa.update(table).where(table.c.seq == 3).values(patient="p2"))
        assert audit.verify(conn, "w-ada") == 3
        conn.execute(sa.delete(table).where(table.c.seq == 2))
        assert audit.verify(conn, "w-ada") == 2


def test_an_undone_savepoint_leaves_no_gap(db: Database) -> None:
    """A batch may undo one of its entries; the chain goes on from what is left."""
    with db.writing() as conn:
        note(conn)
        for keep in (False, True):
            savepoint = conn.begin_nested()
            note(conn)
            note(conn)
            savepoint.commit() if keep else savepoint.rollback()
            note(conn)
        assert [entry.seq for entry in audit.read(conn, "w-ada")] == [1, 2, 3, 4, 5]
        assert audit.verify(conn, "w-ada") is None


def test_a_rolled_back_transaction_leaves_no_gap(db: Database) -> None:
    """What one transaction added and lost, the next does not count."""
    with db.writing() as conn:
        note(conn)
    with pytest.raises(ValueError, match="no"), db.writing() as conn:
        note(conn)
        raise ValueError("no")
    with db.writing() as conn:
        assert note(conn).seq == 2
        assert note(conn).seq == 3
        assert audit.verify(conn, "w-ada") is None


def test_a_trail_that_cannot_be_kept_is_said(db: Database) -> None:
    """A connection for reading would lose the entry; a table that refuses it is a full disk to her."""
    with db.reading() as conn, pytest.raises(TrailUnwritten):
        note(conn)
    with pytest.raises(TrailUnwritten) as problem, db.writing() as conn:
        conn.execute(sa.text("DROP TABLE trail"))
        note(conn)
    assert problem.value.status == 507
    with db.writing() as conn:
        note(conn)


def test_an_entry_reads_as_an_audit_event(db: Database) -> None:
    """With id, subtype, agent, the patient as an entity, and a query in base64; valid R4."""
    from sandbox.fhir.resources import validate

    with db.writing() as conn:
        events = [as_fhir(note(conn, version=2)), as_fhir(note(conn, subtype="search-type", id="",
                  action="E", query="Patient?name=a", note="n")), as_fhir(note(conn, subtype="export", kind=""))]
    for event in events:
        validate(event)
    assert events[0]["id"] == "trail-1"
    assert events[0]["recorded"] == "2026-06-30T13:00:00.000Z"
    assert [entity["what"]["reference"] for entity in events[0]["entity"]] == ["Patient/p1/_history/2", "Patient/p1"]
    assert events[1]["entity"][0]["query"] == "UGF0aWVudD9uYW1lPWE="
