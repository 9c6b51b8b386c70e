"""Hints: a place, then a rule, then an answer; each one that was opened is remembered with its instant."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.db import BINARY, alone, metadata
from sandbox.people import now
from sandbox.scenario import Hint, Library

hint = sa.Table(
    "hint", metadata,
    sa.Column("workspace", BINARY, primary_key=True),
    sa.Column("task", BINARY, primary_key=True),
    sa.Column("person", BINARY, primary_key=True, index=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)


def give_hint(conn: sa.Connection, library: Library, story: str, task: str, workspace: str, person: str,
              number: int) -> Hint:
    """The hint by number, from 1; recorded the first time. NotFound past the last."""
    given = library.hint(story, task, number)
    alone(conn, f"{person} asks for a hint")
    if (number, given.kind) not in hints_given(conn, workspace, task, person):
        conn.execute(hint.insert().values(workspace=workspace, task=task, person=person, number=number,
                                          kind=given.kind, at=now()))
    return given


def hints_given(conn: sa.Connection, workspace: str, task: str, person: str) -> list[tuple[int, str]]:
    """(number, kind) of the hints she opened, in order."""
    rows = conn.execute(sa.select(hint.c.number, hint.c.kind).where(
        hint.c.workspace == workspace, hint.c.task == task, hint.c.person == person).order_by(hint.c.number))
    return [(r.number, r.kind) for r in rows]
