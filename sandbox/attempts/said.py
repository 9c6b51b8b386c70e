"""What a learner says herself: two lines after Submit, before any result, and one at each chair before she works there.

Each may be skipped, and a skip is kept as one, so that nobody is asked twice. Nothing here ever enters a score.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from sandbox.attempts.ledger import Attempt, attempt
from sandbox.db import BINARY, alone, metadata
from sandbox.errors import BadInput
from sandbox.people import now

said = sa.Table(
    "said", metadata,
    sa.Column("attempt", BINARY, primary_key=True),
    sa.Column("expected", sa.Integer),  # of every 10 things checked, how many she expects to be right; null: skipped
    sa.Column("more", sa.Integer),  # "I would like to do more work like this", 1 no to 5 yes; null: skipped
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
hope = sa.Table(
    "hope", metadata,
    sa.Column("person", BINARY, primary_key=True),
    sa.Column("seat", BINARY, primary_key=True),
    sa.Column("liking", sa.Integer),  # "I expect to like this work", 1 no to 5 yes; null: skipped
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True)
class Said:
    """Her two answers to one attempt; None where she skipped the line."""

    expected: int | None = None
    more: int | None = None


def answer(conn: sa.Connection, id: str, expected: str, more: str) -> None:
    """Keep what the form sent ("" is a skip), once: what was said before the result is not changed after it.

    BadInput for anything but 0 to 10, and 1 to 5.
    """
    values = {"expected": number(expected, 0, 10), "more": number(more, 1, 5)}
    alone(conn, f"{id} is spoken of")
    if asked_before(conn, id):
        return
    conn.execute(said.insert().values(attempt=id, **values, at=now()))


def asked_before(conn: sa.Connection, id: str) -> bool:
    """Whether the two lines were answered or skipped for this attempt."""
    return conn.execute(sa.select(said.c.attempt).where(said.c.attempt == id)).first() is not None


def asks(conn: sa.Connection, one: Attempt) -> bool:
    """Whether the two lines stand before this attempt's result: her first at this task, and not asked yet."""
    before = attempt.c.person == one.person, attempt.c.story == one.story, attempt.c.task == one.task
    first = conn.execute(sa.select(sa.func.min(attempt.c.seq)).where(*before)).scalar_one()
    mine = conn.execute(sa.select(attempt.c.seq).where(attempt.c.id == one.id)).scalar_one()
    return bool(first == mine) and not asked_before(conn, one.id)


def begun_at(conn: sa.Connection, person: str, seat: str) -> set[tuple[str, str]] | None:
    """(story, task) of everything she has submitted; None where she has spoken, or skipped, of what she expects."""
    spoke = sa.select(sa.literal(""), sa.literal("")).where(hope.c.person == person, hope.c.seat == seat)
    rows = conn.execute(sa.select(attempt.c.story, attempt.c.task).where(attempt.c.person == person).union(spoke))
    found = {(row.story, row.task) for row in rows}
    return None if ("", "") in found else found


def said_of(conn: sa.Connection, people: Iterable[str]) -> dict[str, Said]:
    """What these people said, by attempt."""
    rows = conn.execute(sa.select(said.c.attempt, said.c.expected, said.c.more)
                        .join(attempt, attempt.c.id == said.c.attempt).where(attempt.c.person.in_(list(people))))
    return {row.attempt: Said(row.expected, row.more) for row in rows}


def hope_for(conn: sa.Connection, person: str, seat: str, liking: str) -> None:
    """Keep what she expects of a chair ("" is a skip), once; BadInput for anything but 1 to 5."""
    value = number(liking, 1, 5)
    alone(conn, f"{person} hopes")
    if seat not in hopes_of(conn, [person]).get(person, {}):
        conn.execute(hope.insert().values(person=person, seat=seat, liking=value, at=now()))


def hopes_of(conn: sa.Connection, people: Iterable[str]) -> dict[str, dict[str, int | None]]:
    """By person, then seat: what she expected before (None: skipped)."""
    found: dict[str, dict[str, int | None]] = {}
    for row in conn.execute(sa.select(hope).where(hope.c.person.in_(list(people)))):
        found.setdefault(row.person, {})[row.seat] = row.liking
    return found


def number(text: str, least: int, most: int) -> int | None:
    """A choice of a scale as the form sends it; None for a skip; BadInput for what is not on the scale."""
    if not text:
        return None
    if text not in {str(each) for each in range(least, most + 1)}:
        raise BadInput(f"“{text[:20]}” is not a number from {least} to {most}.",
                       hint="Leave it empty to skip the line.")
    return int(text)
