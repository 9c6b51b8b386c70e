"""The end of a class: archived it stands aside and can be read; deleted it is nowhere, and gone in thirty days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from sandbox.classroom.clearing import clear_course
from sandbox.classroom.course import Course, course_of_row, course_table
from sandbox.errors import NotFound
from sandbox.people import KEPT, now, typed, utc

How = Literal["archived", "deleted"]


def end(conn: sa.Connection, found: Course, how: How, name: str) -> None:
    """Archive or delete a class whose name was typed; BadInput where it is another. Learners keep what they did."""
    typed(name, found.name, "the name of this class")
    conn.execute(course_table.update().where(course_table.c.id == found.id).values(state=how, ended=now()))


def restore(conn: sa.Connection, owner: str, id: str) -> Course:
    """Bring an archived or deleted class back as it was; NotFound where it is not hers, or not there any more."""
    done = conn.execute(course_table.update().where(
        course_table.c.id == id, course_table.c.owner == owner, course_table.c.state != "",
    ).values(state="", ended=None))
    if done.rowcount != 1:
        raise NotFound("There is no such class to bring back.")
    return course_of_row(conn.execute(sa.select(course_table).where(course_table.c.id == id)).one())


def ended_by(conn: sa.Connection, owner: str) -> list[tuple[Course, datetime]]:
    """Her classes that were archived or deleted, and when: deleted, when they are gone for good."""
    rows = conn.execute(sa.select(course_table).where(
        course_table.c.owner == owner, course_table.c.state != "").order_by(course_table.c.ended.desc()))
    return [(course_of_row(row), utc(row.ended) + (KEPT if row.state == "deleted" else timedelta())) for row in rows]


def purge(conn: sa.Connection) -> int:
    """Take away for good what was deleted more than thirty days ago; how many classes.

    Everything of the class goes: places, assignments, times, decisions, amendments, messages. Attempts stay with who
    made them: they are hers, and in her comparison.
    """
    old = list(conn.execute(sa.select(course_table.c.id).where(
        course_table.c.state == "deleted", course_table.c.ended < now() - KEPT)).scalars())
    for id in old:
        clear_course(conn, id)
    return len(old)
