"""Workspaces as such: opened over a hospital, found by id or owner, reset, undone, handed over."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from sandbox import audit
from sandbox.db import BINARY, metadata
from sandbox.errors import Conflict, NotFound
from sandbox.fhir import store
from sandbox.fhir.text import Resource

#: How long a reset can be undone, in real time.
UNDO = timedelta(days=1)

#: Where `shown` keeps that of the generation which a reset left behind. No task has an empty name.
_LEFT = ""

workspace = sa.Table(
    "workspace", metadata,
    sa.Column("id", BINARY, primary_key=True),
    sa.Column("owner", BINARY, nullable=False),
    sa.Column("ws", sa.Integer, nullable=False),
    sa.Column("base", sa.Integer, nullable=False),
    sa.Column("today", sa.Date, nullable=False),
    sa.Column("opened", sa.Text, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("scenario", sa.Text, nullable=False),
    sa.Column("shown", sa.Text, nullable=False),
    sa.Column("before", sa.Integer),  # the generation that the last reset left behind
    sa.Column("reset_at", sa.Text),  # the real instant of that reset
)
sa.Index("workspace_of_owner", workspace.c.owner)


@dataclass(frozen=True)
class Info:
    """What a workspace is. `ws` is its generation now, `opened` the real instant (UTC), `shown` what may be shown of
    what was planted, JSON-able."""

    id: str
    owner: str
    ws: int
    base: int
    today: date
    opened: datetime
    seed: int
    scenario: str
    shown: dict[str, Any]

    @property
    def scope(self) -> store.Scope:
        """What reads of it see."""
        return store.Scope(self.ws, None if self.ws == self.base else self.base)


def open(
    conn: sa.Connection, *, owner: str, base: int, seed: int, scenario: str, resources: Iterable[Resource] = (),
    shown: dict[str, Any] | None = None, today: date | None = None,
) -> Info:
    """Open a workspace over a published hospital, with `resources` (ids of their own) planted in it.

    `today` is by default the hospital's. NotFound where there is no such hospital.
    """
    day = today or store.hospital(conn, base).today
    opened = Info(
        id=f"w-{secrets.token_hex(8)}", owner=owner, ws=_fill(conn, base, day, resources), base=base, today=day,
        opened=datetime.now(UTC), seed=seed, scenario=scenario, shown=shown or {},
    )
    values = {**vars(opened), "opened": opened.opened.isoformat(), "shown": orjson.dumps(opened.shown).decode()}
    conn.execute(sa.insert(workspace).values(**values))
    return info(conn, opened.id)  # `shown` as it will be read later, not as it was given


def info(conn: sa.Connection, id: str) -> Info:
    """A workspace by its id; NotFound where there is none."""
    return _info(_row(conn, id))


def of_owner(conn: sa.Connection, owner: str) -> list[Info]:
    """The workspaces of a person or team, oldest first."""
    query = sa.select(workspace).where(workspace.c.owner == owner).order_by(workspace.c.opened, workspace.c.id)
    return [_info(row) for row in conn.execute(query)]


def texts(conn: sa.Connection, opened: Info) -> Iterator[tuple[str, str]]:
    """(kind, JSON as it is served) of every resource of its own: what was planted, and what she wrote and kept."""
    for text in store.texts(conn, opened.ws):
        yield orjson.loads(text)["resourceType"], text


def rooms_of(conn: sa.Connection, owners: Iterable[str], scenario: str) -> set[str]:
    """The ids of the workspaces that these owners have for one story, in one query."""
    query = sa.select(workspace.c.id).where(workspace.c.owner.in_(list(owners)), workspace.c.scenario == scenario)
    return set(conn.execute(query).scalars())


def every(conn: sa.Connection) -> list[Info]:
    """All workspaces of the house, oldest first."""
    return [_info(row) for row in conn.execute(sa.select(workspace).order_by(workspace.c.opened, workspace.c.id))]


def plant(conn: sa.Connection, id: str, resources: Iterable[Resource], shown: dict[str, Any]) -> Info:
    """Plant more in a workspace, and add to what may be shown of it. What stands there already stays as she has it.

    Conflict where one of these ids began here as something else; then nothing is planted.
    """
    audit.hold(conn, id)
    row = _row(conn, id)
    wanted = {(one["resourceType"], one["id"]): one for one in resources}
    there = store.firsts(conn, row.ws, wanted)
    other = next((name for name, held in there.items() if _plain(held.resource) != _plain(wanted[name])), None)
    if other:
        raise Conflict("{}/{} is in this workspace already, and is something else.".format(*other))
    _put(conn, row.ws, (one for name, one in wanted.items() if name not in there))
    _point(conn, id, shown=orjson.dumps({**orjson.loads(row.shown), **shown}).decode())
    return info(conn, id)


def reset(
    conn: sa.Connection, id: str, resources: Iterable[Resource], shown: dict[str, Any] | None = None, *,
    agent: audit.Agent | None = None,
) -> Info:
    """Begin again: a new generation with `resources` planted. What stood before stays, and can be brought back.

    `shown` is what may be shown of them, by default what it was. The trail goes on, and says who did it (`agent`, by
    default the owner).
    """
    audit.hold(conn, id)
    row = _row(conn, id)
    fresh, was = _fill(conn, row.base, row.today, resources), _info(row).shown
    kept = orjson.dumps({**(was if shown is None else shown), _LEFT: was}).decode()
    _point(conn, id, ws=fresh, before=row.ws, reset_at=datetime.now(UTC).isoformat(), shown=kept)
    _note(conn, row, agent, "reset")
    return info(conn, id)


def undo_reset(conn: sa.Connection, id: str, *, agent: audit.Agent | None = None) -> Info:
    """Bring back what the last reset left behind. Conflict when there was none, or it is more than a day ago."""
    audit.hold(conn, id)
    row = _row(conn, id)
    if row.before is None:
        raise Conflict("This workspace was not reset, so there is nothing to bring back.")
    if not _undoable(row):
        raise Conflict("This reset is more than a day ago and can no longer be undone.")
    now = orjson.loads(row.shown)
    _point(conn, id, ws=row.before, before=None, reset_at=None, shown=orjson.dumps(now.pop(_LEFT, now)).decode())
    _note(conn, row, agent, "reset undone")
    return info(conn, id)


def can_undo(conn: sa.Connection, id: str) -> bool:
    """Whether `undo_reset` would bring something back now; NotFound where there is no such workspace."""
    row = _row(conn, id)
    return row.before is not None and _undoable(row)


def _undoable(row: Any) -> bool:
    return datetime.now(UTC) - datetime.fromisoformat(row.reset_at) <= UNDO


def hand_over(conn: sa.Connection, old_owner: str, new_owner: str) -> None:
    """Give all workspaces of one owner to another: a guest has made an account."""
    conn.execute(sa.update(workspace).where(workspace.c.owner == old_owner).values(owner=new_owner))


def left_behind(conn: sa.Connection, owners: Iterable[str]) -> list[int]:
    """The generations that nobody is left to open when these owners' workspaces go: theirs, and what resets left."""
    others = workspace.c.owner.not_in(list(owners))
    kept = [ws for column in (workspace.c.ws, workspace.c.before)
            for ws in conn.execute(sa.select(column).where(others, column.is_not(None))).scalars()]
    return sorted(store.private(conn).difference(kept))


def _fill(conn: sa.Connection, base: int, today: date, resources: Iterable[Resource]) -> int:
    ws = store.new_generation(conn, base, today)
    _put(conn, ws, resources)
    return ws


def _put(conn: sa.Connection, ws: int, resources: Iterable[Resource]) -> None:
    store.put_many(conn, ws, ((resource, orjson.dumps(resource).decode()) for resource in resources))


def _plain(resource: Resource) -> Resource:
    """A resource without what storing it sets: its version and instant."""
    meta = {key: value for key, value in resource.get("meta", {}).items() if key not in ("versionId", "lastUpdated")}
    return {**resource, "meta": meta}


def _row(conn: sa.Connection, id: str) -> Any:
    row = None if "\x00" in id else conn.execute(sa.select(workspace).where(workspace.c.id == id)).first()
    if row is None:
        raise NotFound("There is no such workspace.")
    return row


def _info(row: Any) -> Info:
    shown = {task: each for task, each in orjson.loads(row.shown).items() if task != _LEFT}
    return Info(id=row.id, owner=row.owner, ws=row.ws, base=row.base, today=row.today,
                opened=datetime.fromisoformat(row.opened), seed=row.seed, scenario=row.scenario, shown=shown)


def _point(conn: sa.Connection, id: str, **values: Any) -> None:
    conn.execute(sa.update(workspace).where(workspace.c.id == id).values(**values))


def _note(conn: sa.Connection, row: Any, agent: audit.Agent | None, note: str) -> None:
    audit.append(conn, row.id, today=row.today, agent=agent or audit.Agent(row.owner, ""), action="E",
                 subtype="operation", note=note)
