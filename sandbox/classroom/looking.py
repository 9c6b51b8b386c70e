"""Who of those who teach a class saw it as one of its learners sees it, and when: appended, and shown to her."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sandbox.classroom.course import course_table
from sandbox.db import BINARY, SERIAL, metadata
from sandbox.people import now, utc
from sandbox.people import person as person_table

look = sa.Table(
    "look", metadata,
    sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("course", BINARY, nullable=False, index=True),
    sa.Column("by", BINARY, nullable=False),
    sa.Column("person", BINARY, nullable=False, index=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
_SHOWN = 50


@dataclass(frozen=True)
class Look:
    """One look at somebody's pages: by whom, in which class (their names), and when."""

    by: str
    course: str
    at: datetime


def looked(conn: sa.Connection, course: str, by: str, person: str) -> None:
    """Write down that who teaches a class begins to see it as this learner does."""
    conn.execute(look.insert().values(course=course, by=by, person=person, at=now()))


def looks_at(conn: sa.Connection, person: str) -> list[Look]:
    """Who saw her pages as she does, newest first, fifty at most."""
    rows = conn.execute(
        sa.select(look.c.at, person_table.c.name.label("who"), course_table.c.name.label("where"))
        .join(person_table, person_table.c.id == look.c.by).join(course_table, course_table.c.id == look.c.course)
        .where(look.c.person == person).order_by(look.c.id.desc()).limit(_SHOWN))
    return [Look(row.who, row.where, utc(row.at)) for row in rows]


def hand_over(conn: sa.Connection, old: str, new: str) -> None:
    """A guest's go to her account."""
    conn.execute(look.update().where(look.c.person == old).values(person=new))
