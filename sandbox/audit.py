"""The trail: who touched what in a workspace. Append-only, one hash chain for each workspace, outliving its resets.

Two clocks stand side by side. `at` is workspace time, which learners see: the day of the workspace at 08:00 in the
facility's zone, plus the time somebody was active. `real` is the true instant, kept for grades, never shown in a chart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa

from sandbox.db import BINARY, alone, metadata
from sandbox.errors import TrailUnwritten

Action = Literal["C", "R", "U", "D", "E"]
Outcome = Literal["0", "4", "8", "12"]

#: The facility's zone: days, workspace time and dates without an offset are read in it.
ZONE = ZoneInfo("America/Chicago")
#: A pause longer than this counts as this long: lunch is not activity.
LONGEST_GAP = timedelta(minutes=5)
_ORIGIN = "0" * 64
_newest: WeakKeyDictionary[sa.RootTransaction, dict[str, Entry]] = WeakKeyDictionary()

trail = sa.Table(
    "trail", metadata,
    sa.Column("chain", BINARY, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("real", sa.Text, nullable=False),
    sa.Column("agent_id", sa.Text, nullable=False),
    sa.Column("agent_name", sa.Text, nullable=False),
    sa.Column("agent_role", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subtype", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("version", sa.Integer),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("patient", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True)
class Agent:
    """Who acts: a person's id, the name a chart shows, and the role she acts in ("learner", "instructor", "client")."""

    id: str
    name: str
    role: str = "learner"


#: Who stands in a trail where somebody stood whose account was deleted and is gone.
DELETED = Agent("deleted", "a deleted account")


@dataclass(frozen=True)
class Entry:
    """One thing done. `seq` counts from 1 without gaps; `patient` is a Patient's id or ""; `hash` seals it all.

    `subtype` is a FHIR restful-interaction code (read, vread, search-type, history-type, create, update, delete, batch,
    transaction, operation) or "export". `query` is a search as it was asked. `outcome` as in AuditEvent: "0" well, "4"
    refused, "8" failed. Both instants are in UTC.
    """

    seq: int
    at: datetime
    real: datetime
    agent: Agent
    action: Action
    subtype: str
    kind: str = ""
    id: str = ""
    version: int | None = None
    query: str = ""
    outcome: Outcome = "0"
    patient: str = ""
    note: str = ""
    hash: str = ""


def opening(today: date) -> datetime:
    """When a workspace's day begins: 08:00 in the facility's zone, as an instant in UTC."""
    return datetime.combine(today, time(8), ZONE).astimezone(UTC)


def closing(today: date) -> datetime:
    """The last instant that a workspace's day knows: 23:59:59 in the facility's zone, in UTC."""
    return datetime.combine(today, time(23, 59, 59), ZONE).astimezone(UTC)


def now(conn: sa.Connection, chain: str, today: date, real: datetime | None = None) -> datetime:
    """Workspace time at the real instant (default: this one): the day's opening plus active time, in UTC."""
    return _next_instant(_held(conn, chain), today, real or datetime.now(UTC))


def hold(conn: sa.Connection, chain: str) -> None:
    """Make other writers to this chain wait until the transaction ends. Called before a write takes other locks."""
    alone(conn, chain)


def _kept(text: str) -> str:
    """What somebody sent, as every database keeps it: a NUL becomes the sign for what cannot be shown."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def append(
    conn: sa.Connection, chain: str, *, today: date, agent: Agent, action: Action, subtype: str, kind: str = "",
    id: str = "", version: int | None = None, query: str = "", outcome: Outcome = "0", patient: str = "",
    note: str = "", real: datetime | None = None,
) -> Entry:
    """Add one entry to the chain of a workspace, in the caller's transaction.

    Raises TrailUnwritten where it cannot be kept: the disk is full, or the connection was opened for reading only.
    """
    if not conn.get_execution_options().get("write"):
        raise TrailUnwritten("An access can only be recorded in a transaction that writes.")
    try:
        hold(conn, chain)
        last = _held(conn, chain)
        real = real or datetime.now(UTC)
        entry = Entry(
            seq=last.seq + 1 if last else 1, at=_next_instant(last, today, real), real=real, agent=agent, action=action,
            subtype=subtype, kind=kind, id=id, version=version, query=_kept(query), outcome=outcome, patient=patient,
            note=_kept(note),
        )
        entry = replace(entry, hash=_seal(last.hash if last else _ORIGIN, entry))
        conn.execute(sa.insert(trail).values(chain=chain, **_row(entry)))
        _keep(conn, chain, entry)
    except sa.exc.DBAPIError as problem:
        raise TrailUnwritten(
            "This access could not be recorded, so the chart stays shut.",
            hint="Nothing of yours is lost. Tell your instructor: the disk may be full.",
        ) from problem
    return entry


def read(conn: sa.Connection, chain: str, *, after: int = 0, limit: int | None = None) -> list[Entry]:
    """A chain's entries with `seq` greater than `after`, oldest first."""
    query = sa.select(trail).where(trail.c.chain == chain, trail.c.seq > after).order_by(trail.c.seq).limit(limit)
    return [_entry(row) for row in conn.execute(query)]


def charts_read(conn: sa.Connection, chains: Iterable[str], agent: str) -> dict[str, set[str]]:
    """By chain, the patients a resource of whom this agent read (a search lists, and opens nothing)."""
    found: dict[str, set[str]] = {}
    for row in conn.execute(sa.select(trail.c.chain, trail.c.patient).distinct().where(
            trail.c.chain.in_(list(chains)), trail.c.agent_id == agent, trail.c.subtype == "read",
            trail.c.outcome == "0", trail.c.patient != "")):
        found.setdefault(row.chain, set()).add(row.patient)
    return found


def verify(conn: sa.Connection, chain: str) -> int | None:
    """The `seq` of the first entry that was changed, lost or added by another hand; None where the chain is whole."""
    before, expected = _ORIGIN, 1
    for entry in read(conn, chain):
        if entry.seq != expected or entry.hash != _seal(before, entry):
            return expected
        before, expected = entry.hash, expected + 1
    return None


def unname(conn: sa.Connection, people: Iterable[str]) -> None:
    """Take deleted accounts out of the chains that stay: what was done stays in its place, done by nobody's name.

    Each such chain is sealed anew; one whose seals did not hold before is not made to hold.
    """
    ids = list(people)
    for chain in conn.execute(sa.select(trail.c.chain).distinct().where(trail.c.agent_id.in_(ids))).scalars().all():
        hold(conn, chain)
        whole, before = verify(conn, chain) is None, _ORIGIN
        for entry in read(conn, chain):
            left = replace(entry.agent, id=DELETED.id, name=DELETED.name)
            entry = replace(entry, agent=left if entry.agent.id in ids else entry.agent)
            before = _seal(before, entry) if whole else entry.hash
            conn.execute(sa.update(trail).where(trail.c.chain == chain, trail.c.seq == entry.seq).values(
                **_row(replace(entry, hash=before))))


def stamp(instant: datetime) -> str:
    """An instant as FHIR writes it, in UTC with milliseconds: 2026-06-30T13:00:00.000Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _next_instant(last: Entry | None, today: date, real: datetime) -> datetime:
    if last is None:
        return opening(today)
    gap = min(max(real - last.real, timedelta(0)), LONGEST_GAP)  # a clock set back is a pause of nothing
    return min(last.at + gap, max(closing(today), last.at))


def _held(conn: sa.Connection, chain: str) -> Entry | None:
    """The newest entry. Within one transaction nobody else can add to the chain, so what it added last is known."""
    transaction = conn.get_transaction()
    known = _newest.get(transaction, {}) if transaction is not None else {}
    return known[chain] if chain in known and not conn.in_nested_transaction() else _last(conn, chain)


def _keep(conn: sa.Connection, chain: str, entry: Entry) -> None:
    transaction = conn.get_transaction()
    if transaction is None:
        return
    known = _newest.setdefault(transaction, {})
    if conn.in_nested_transaction():  # a savepoint may be undone, and the entry with it
        known.pop(chain, None)
    else:
        known[chain] = entry


def _last(conn: sa.Connection, chain: str) -> Entry | None:
    query = sa.select(trail).where(trail.c.chain == chain).order_by(trail.c.seq.desc()).limit(1)
    row = conn.execute(query).first()
    return None if row is None else _entry(row)


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq, "at": _micro(entry.at), "real": _micro(entry.real), "agent_id": entry.agent.id,
        "agent_name": entry.agent.name, "agent_role": entry.agent.role, "action": entry.action,
        "subtype": entry.subtype, "kind": entry.kind, "id": entry.id, "version": entry.version, "query": entry.query,
        "outcome": entry.outcome, "patient": entry.patient, "note": entry.note, "hash": entry.hash,
    }


def _entry(row: Any) -> Entry:
    return Entry(
        seq=row.seq, at=datetime.fromisoformat(row.at), real=datetime.fromisoformat(row.real),
        agent=Agent(row.agent_id, row.agent_name, row.agent_role), action=row.action, subtype=row.subtype,
        kind=row.kind, id=row.id, version=row.version, query=row.query, outcome=row.outcome, patient=row.patient,
        note=row.note, hash=row.hash,
    )


def _seal(before: str, entry: Entry) -> str:
    content = {name: value for name, value in _row(entry).items() if name != "hash"}
    return hashlib.sha256(before.encode() + orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _micro(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
