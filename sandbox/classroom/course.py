"""Courses with a join code, who is in them, and what they were assigned: the tables, and how they are read."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from sandbox.db import BINARY, alone, metadata
from sandbox.errors import BadInput, NotFound
from sandbox.people import Person, gone, now, some, utc, visible

ZONE = ZoneInfo("America/Chicago")  # the facility's, and every course's

course_table = sa.Table(
    "course", metadata,
    sa.Column("id", BINARY, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("code", BINARY, nullable=False, unique=True),
    sa.Column("owner", BINARY, nullable=False, index=True),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("state", sa.Text, nullable=False, default="", server_default=""),  # archived or deleted, else at work
    sa.Column("ended", sa.DateTime(timezone=True)),
    sa.Column("sample", sa.Text, nullable=False, default="", server_default=""),  # “making <instant>” or ready
)
enrolment = sa.Table(
    "enrolment", metadata,
    sa.Column("course", BINARY, primary_key=True),
    sa.Column("person", BINARY, primary_key=True, index=True),
    sa.Column("joined", sa.DateTime(timezone=True), nullable=False),
    sa.Column("known", BINARY),  # the school's ID for her, as the roster wrote it; null: she joined by the code
    sa.Column("section", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("active", sa.Boolean, nullable=False, default=True, server_default=sa.true()),  # false: left, work kept
    sa.Column("removed", sa.DateTime(timezone=True)),  # since when she is out of the class: on none of its pages
    sa.Column("turn", sa.Integer),  # 0 or 1, drawn once: where she begins when seats are taken in turn; see turns.py
)
assignment_table = sa.Table(
    "assignment", metadata,
    sa.Column("id", BINARY, primary_key=True),
    sa.Column("course", BINARY, nullable=False, index=True),
    sa.Column("story", sa.Text, nullable=False),
    sa.Column("seats", sa.Text, nullable=False),
    sa.Column("due", sa.DateTime(timezone=True)),
    sa.Column("opens", sa.DateTime(timezone=True)),
    sa.Column("closes", sa.DateTime(timezone=True)),
    sa.Column("join_days", sa.Integer),  # who joins later is due no sooner than so many days after; null: no such rule
    sa.Column("seed", sa.BigInteger),  # one variant for all; null: each learner her own
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("late_points", sa.Integer),  # what each day late takes of 100 points; null: nothing
    sa.Column("late_floor", sa.Integer),  # what it never takes it below
    sa.Column("release", sa.Text, nullable=False, default="once", server_default="once"),  # or last: see late.py
    sa.Column("order", sa.Text, nullable=False, default="", server_default=""),  # two seats: turn 0 begins in the first
    sa.Column("pair", BINARY, nullable=False, default="", server_default=""),  # the same for two that are one set
)
_WORDS = ("ALDER", "ASPEN", "BIRCH", "CEDAR", "CLOVER", "ELDER", "FERN", "HAZEL", "HEATH", "JUNIPER", "LARCH", "LINDEN",
          "MAPLE", "MEADOW", "OAK", "PINE", "REED", "ROWAN", "SAGE", "SORREL", "SPRUCE", "THYME", "WILLOW", "YARROW")


#: Who has a place in a class: not removed from it, and with no deleted account. Every read of places asks this,
present = sa.and_(enrolment.c.removed.is_(None), enrolment.c.person.not_in(gone()))
#: or this: who learns in it now.
learning = sa.and_(present, enrolment.c.active)


@dataclass(frozen=True)
class Course:
    """A class: `code` is what learners type to join."""

    id: str
    name: str
    code: str
    owner: str
    state: str = ""  # "archived" or "deleted"
    sample: str = ""  # "making" or "ready": a class of invented people, to be shown round in
    heard: datetime | None = None  # when its filler was last heard of, while it is made


@dataclass(frozen=True)
class Assignment:
    """A story for a course: which of its seats, until when (UTC, None = no due time), whose variant."""

    id: str
    course: str
    story: str
    seats: tuple[str, ...]
    due: datetime | None
    seed: int | None
    created: datetime
    opens: datetime | None = None
    closes: datetime | None = None
    join_days: int | None = None
    late_points: int | None = None
    late_floor: int | None = None
    release: str = "once"
    order: tuple[str, ...] = ()
    pair: str = ""

    def begins_in(self, turn: int | None) -> str:
        """The seat in which whoever drew this turn begins; "" where the order is free, or she has drawn none."""
        return self.order[turn] if self.order and turn is not None else ""

    @property
    def state(self) -> Literal["before", "open", "closed"]:
        """Whether it can be worked at just now: it opens at its instant, and at its closing instant it is closed."""
        moment = now()
        if self.opens and moment < self.opens:
            return "before"
        return "closed" if self.closes and moment >= self.closes else "open"


def create_course(conn: sa.Connection, owner: Person, name: str, *, sample: bool = False) -> Course:
    """A new class with a join code of its own; with `sample`, one that invented people are about to fill."""
    name = visible(name)
    if not name or len(name) > 120:
        raise BadInput("A class needs a name of at most 120 characters.", hint="Say “Health records, autumn”.")
    alone(conn, "class codes")
    taken = set(conn.execute(sa.select(course_table.c.code)).scalars())
    code = next(c for c in iter(_code, None) if c not in taken)
    id = f"c-{secrets.token_hex(6)}"
    conn.execute(course_table.insert().values(id=id, name=name, code=code, owner=owner.id, created=now(),
                                               sample=making() if sample else ""))
    return course(conn, id)


def making() -> str:
    """What the row of a sample class says while it is filled: that, and that its filler was heard of just now."""
    return f"making {now().isoformat()}"


def course(conn: sa.Connection, id: str) -> Course:
    """One class; NotFound, also where it was deleted."""
    row = conn.execute(sa.select(course_table).where(
        course_table.c.id == id, course_table.c.state != "deleted")).one_or_none()
    if row is None:
        raise NotFound("There is no such class.")
    return course_of_row(row)


def listed(conn: sa.Connection, which: sa.ColumnElement[bool]) -> list[Course]:
    """The classes at work for which this holds, newest first."""
    return [course_of_row(row) for row in conn.execute(
        sa.select(course_table).where(which, course_table.c.state == "").order_by(course_table.c.created.desc()))]


def sizes(conn: sa.Connection, courses: Iterable[Course]) -> list[tuple[Course, int, int]]:
    """Each class with how many learners and how many assignments it has."""
    listed = list(courses)
    people, given = (Counter(conn.execute(
        sa.select(table.c.course).where(table.c.course.in_([each.id for each in listed]), counted)).scalars())
        for table, counted in ((enrolment, learning), (assignment_table, sa.true())))
    return [(each, people[each.id], given[each.id]) for each in listed]


def courses_of(conn: sa.Connection, person: str) -> list[Course]:
    """The classes she is in and has not left, nor was removed from, the latest joined first."""
    rows = conn.execute(sa.select(course_table).join(enrolment, enrolment.c.course == course_table.c.id)
                        .where(enrolment.c.person == person, learning, course_table.c.state == "")
                        .order_by(enrolment.c.joined.desc()))
    return [course_of_row(row) for row in rows]


def by_code(conn: sa.Connection, code: str) -> Course:
    """The class with this join code, however it is written; NotFound where none has it."""
    wanted = "-".join(code.upper().replace("-", " ").split())
    row = conn.execute(sa.select(course_table).where(
        course_table.c.code == wanted, course_table.c.state == "")).one_or_none()
    if row is None:
        raise NotFound(f"No class has the code “{code.strip()[:40]}”.", hint="It looks like ALDER-47.")
    return course_of_row(row)


def learners(conn: sa.Connection, course_id: str, section: str = "") -> list[Person]:
    """Everybody who is in the class and has not left it, by name; of one section where it is given."""
    ids = conn.execute(sa.select(enrolment.c.person).where(
        enrolment.c.course == course_id, learning,
        enrolment.c.section == section if section else sa.true())).scalars()
    return sorted(some(conn, list(ids)), key=lambda p: (p.name.lower(), p.id))


def section_names(conn: sa.Connection, course_id: str) -> list[str]:
    """The sections that a class's learners belong to."""
    found = conn.execute(sa.select(enrolment.c.section).distinct().where(
        enrolment.c.course == course_id, learning, enrolment.c.section != "")).scalars()
    return sorted(found)


def assignment(conn: sa.Connection, id: str) -> Assignment:
    """One assignment; NotFound."""
    row = conn.execute(sa.select(assignment_table).where(assignment_table.c.id == id)).one_or_none()
    if row is None:
        raise NotFound("There is no such assignment.")
    return _assignment(row)


def assignments(conn: sa.Connection, *course_ids: str) -> list[Assignment]:
    """What these classes were assigned, in order."""
    rows = conn.execute(sa.select(assignment_table).where(assignment_table.c.course.in_(course_ids))
                        .order_by(assignment_table.c.created, assignment_table.c.id))
    return [_assignment(row) for row in rows]


def hand_over(conn: sa.Connection, old: str, new: str) -> None:
    """A guest's enrolments go to her account, with the school's ID and the section where the account has none."""
    already = {row.course: row for row in conn.execute(sa.select(enrolment).where(enrolment.c.person == new))}
    for row in conn.execute(sa.select(enrolment).where(enrolment.c.person == old)).all():
        where = enrolment.c.course == row.course, enrolment.c.person == old
        if row.course not in already:
            conn.execute(enrolment.update().where(*where).values(person=new))
            continue
        conn.execute(enrolment.delete().where(*where))
        if row.known and not already[row.course].known:
            conn.execute(enrolment.update().where(enrolment.c.course == row.course, enrolment.c.person == new).values(
                known=row.known, section=row.section, active=row.active))


def local_due(text: str) -> datetime | None:
    """A due time as a browser's date-and-time field sends it, meant in America/Chicago, as UTC; empty is none.

    BadInput where it cannot be read, or falls into the hour that the clocks skip in March. In the hour that November
    has twice the second is meant: nobody is late whose clock does not say so yet.
    """
    if not text.strip():
        return None
    try:
        naive = datetime.fromisoformat(text.strip())
        if naive.tzinfo is not None or not 2000 <= naive.year < 2200:
            raise ValueError
    except ValueError:
        raise BadInput(f"“{text[:40]}” is not a date and time.", hint="Write it as 2026-06-30T17:00.") from None
    due = naive.replace(tzinfo=ZONE, fold=1).astimezone(UTC)
    if due.astimezone(ZONE).replace(tzinfo=None) != naive:
        raise BadInput(f"{naive:%H:%M} does not exist on {naive:%d %b %Y}: the clocks go forward in that hour.",
                       hint="Choose an hour later.")
    return due


def comes_twice(at: datetime) -> bool:
    """Whether the clock of the class shows this minute twice: the hour that November goes back by."""
    local = at.astimezone(ZONE)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def course_of_row(row: Any) -> Course:
    """A row of the table as a class."""
    sample, _, heard = row.sample.partition(" ")
    return Course(row.id, row.name, row.code, row.owner, row.state, sample,
                  datetime.fromisoformat(heard) if heard else None)


def _assignment(row: Any) -> Assignment:
    opens, due, closes = (utc(at) if at else None for at in (row.opens, row.due, row.closes))
    return Assignment(row.id, row.course, row.story, tuple(row.seats.split()), due, row.seed, utc(row.created), opens,
                      closes, row.join_days, row.late_points, row.late_floor, row.release, tuple(row.order.split()),
                      row.pair)


def _code() -> str:
    return f"{secrets.choice(_WORDS)}-{secrets.randbelow(90) + 10}"
