"""Generations: a hospital is one that never changes, a workspace is one that names its base and adds to it.

A row of a generation's shadow is a version of the base that the generation has replaced or deleted: reads asked of both
leave it out. So opening and resetting a workspace cost the same in a hospital of any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson
import sqlalchemy as sa

from sandbox.db import SERIAL, metadata
from sandbox.errors import Conflict, NotFound

#: A stored version's number is its generation's, shifted by this, plus a count: unique over all generations.
ROW_BITS = 30

generation = sa.Table(
    "generation", metadata,
    sa.Column("ws", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("base", sa.Integer),  # NULL: a hospital
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("today", sa.Date, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("chosen", sa.Boolean, nullable=False),  # new workspaces open on it
    sa.Column("counts", sa.Text, nullable=False),  # of a published hospital, by kind, as JSON
    sa.Column("made", sa.Text, nullable=False),  # the real instant
    sa.Column("used", sa.BigInteger, nullable=False),  # how many row numbers it has given out
    sqlite_autoincrement=True,  # a purged generation's number is never given again
)

shadow = sa.Table(
    "shadow", metadata,
    sa.Column("ws", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("row", sa.BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True)
class Scope:
    """What a read sees: generation `ws`, over `base` less the shadow; without a base, a hospital alone."""

    ws: int
    base: int | None = None

    @property
    def both(self) -> list[int]:
        """The generations to look in."""
        return [self.ws] if self.base is None else [self.base, self.ws]


@dataclass(frozen=True)
class Hospital:
    """A base generation. `counts` are its resources by kind, known once it is complete."""

    ws: int
    name: str
    today: date
    counts: dict[str, int]
    digest: str
    default: bool
    complete: bool
    made: str = ""  # the real instant


def new_hospital(conn: sa.Connection, name: str, today: date, digest: str = "") -> int:
    """Begin a hospital and give its number. Nobody can open it until it is published."""
    return _begin(conn, None, name, today, digest)


def new_generation(conn: sa.Connection, base: int, today: date) -> int:
    """Begin a generation over a published hospital and give its number; NotFound where there is none."""
    found = conn.execute(sa.select(generation.c.base, generation.c.complete).where(generation.c.ws == base)).first()
    if found is None or found.base is not None or not found.complete:
        raise NotFound(f"There is no finished hospital number {base}.")
    return _begin(conn, base, "", today, "")


def finish(conn: sa.Connection, ws: int, counts: dict[str, int], *, default: bool) -> None:
    """Close a hospital for good; with `default`, new workspaces open on it, and no longer on another."""
    if default:
        conn.execute(sa.update(generation).where(generation.c.chosen).values(chosen=False))
    values = {"complete": True, "chosen": default, "counts": orjson.dumps(counts, option=orjson.OPT_SORT_KEYS).decode()}
    conn.execute(sa.update(generation).where(generation.c.ws == ws).values(**values))


def choose(conn: sa.Connection, ws: int) -> None:
    """Let new workspaces open on this hospital, and no longer on another; NotFound where it is not finished."""
    if not hospital(conn, ws).complete:
        raise NotFound(f"Hospital number {ws} is not finished.")
    conn.execute(sa.update(generation).where(generation.c.chosen).values(chosen=False))
    conn.execute(sa.update(generation).where(generation.c.ws == ws).values(chosen=True))


def hospitals(conn: sa.Connection) -> list[Hospital]:
    """Every hospital, oldest first; also those still being filled (`complete` is False)."""
    query = sa.select(generation).where(generation.c.base.is_(None)).order_by(generation.c.ws)
    return [_hospital(row) for row in conn.execute(query)]


def hospital(conn: sa.Connection, ws: int) -> Hospital:
    """One hospital by its number; NotFound where there is none."""
    row = conn.execute(sa.select(generation).where(generation.c.ws == ws, generation.c.base.is_(None))).first()
    if row is None:
        raise NotFound(f"There is no hospital number {ws}.")
    return _hospital(row)


def default_hospital(conn: sa.Connection) -> Hospital | None:
    """The hospital that new workspaces open on; None until one was published as the default."""
    query = sa.select(generation).where(generation.c.base.is_(None), generation.c.complete, generation.c.chosen)
    row = conn.execute(query).first()
    return None if row is None else _hospital(row)


def mark(conn: sa.Connection, ws: int) -> int:
    """A number that grows with every write to a generation: what was made from it is stale when it has grown."""
    return int(conn.execute(sa.select(generation.c.used).where(generation.c.ws == ws)).scalar_one())


def claim(conn: sa.Connection, ws: int, count: int) -> int:
    """Take `count` row numbers and give the first. Other writers to this generation wait until the transaction ends.

    Raises Conflict for a published hospital, which never changes.
    """
    statement = (sa.update(generation).where(generation.c.ws == ws).values(used=generation.c.used + count)
                 .returning(generation.c.used, generation.c.base, generation.c.complete))
    row = conn.execute(statement).one()
    if row.base is None and row.complete:
        raise Conflict("A hospital never changes once it is published.", hint="Open a workspace on it and write there.")
    return row_number(ws, int(row.used) - count)


def private(conn: sa.Connection) -> set[int]:
    """The numbers of every generation over a hospital: workspaces as they are, and what resets left behind."""
    return set(conn.execute(sa.select(generation.c.ws).where(generation.c.base.is_not(None))).scalars())


def row_number(ws: int, used: int) -> int:
    """The number that a generation gives out next, after so many."""
    return (ws << ROW_BITS) + used


def rows(ws: int) -> tuple[int, int]:
    """The first and the last row number that a generation can give out."""
    return ws << ROW_BITS, ((ws + 1) << ROW_BITS) - 1


def hide(conn: sa.Connection, ws: int, rows: list[int]) -> None:
    """Add versions of the base to the shadow of a generation."""
    if rows:
        conn.execute(sa.insert(shadow), [{"ws": ws, "row": row} for row in rows])


def _begin(conn: sa.Connection, base: int | None, name: str, today: date, digest: str) -> int:
    values: dict[str, Any] = {
        "base": base, "name": name, "today": today, "digest": digest, "complete": base is not None, "chosen": False,
        "counts": "{}", "made": datetime.now(UTC).isoformat(), "used": 0,
    }
    return int(conn.execute(sa.insert(generation).values(**values).returning(generation.c.ws)).scalar_one())


def _hospital(row: Any) -> Hospital:
    return Hospital(ws=row.ws, name=row.name, today=row.today, counts=orjson.loads(row.counts), digest=row.digest,
                    default=row.chosen, complete=row.complete, made=row.made)
