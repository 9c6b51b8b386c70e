"""Results held: while a key is looked at again, learners read a message in the place of their result."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from sandbox.db import BINARY, metadata, upsert
from sandbox.errors import BadInput
from sandbox.people import now, visible

held_results = sa.Table(
    "held_results", metadata,
    sa.Column("assignment", BINARY, primary_key=True),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("by", BINARY, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)


def hold(conn: sa.Connection, assignment: str, words: str, by: str) -> None:
    """Hold an assignment's results with a message; again with another message replaces it."""
    words = visible(words)
    if not words or len(words) > 500:
        raise BadInput("Say why in at most 500 characters.", hint="Learners read it where their result would stand.")
    upsert(conn, held_results, {"assignment": assignment, "words": words, "by": by, "at": now()}, ["assignment"])


def release(conn: sa.Connection, assignment: str) -> None:
    """Show the results again."""
    conn.execute(held_results.delete().where(held_results.c.assignment == assignment))


def held_among(conn: sa.Connection, assignments: Iterable[str]) -> set[str]:
    """Those of these assignments whose results are held."""
    ids = list(assignments)
    return set() if not ids else set(conn.execute(sa.select(held_results.c.assignment).where(
        held_results.c.assignment.in_(ids))).scalars())


def held(conn: sa.Connection, assignment: str) -> str:
    """The message in whose place the results stand again when they are released; empty where none are held."""
    found = conn.execute(sa.select(held_results.c.words).where(held_results.c.assignment == assignment)).scalar()
    return str(found or "")
