"""Courses with a join code, who is in them, and what they were assigned."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from sandbox.db import BINARY, alone, metadata, upsert
from sandbox.errors import BadInput, NotFound
from sandbox.people import Person, now, some, utc, visible

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
)
_WORDS = ("ALDER", "ASPEN", "BIRCH", "CEDAR", "CLOVER", "ELDER", "FERN", "HAZEL", "HEATH", "JUNIPER", "LARCH", "LINDEN",
          "MAPLE", "MEADOW", "OAK", "PINE", "REED", "ROWAN", "SAGE", "SORREL", "SPRUCE", "THYME", "WILLOW", "YARROW")


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


def enrol(conn: sa.Connection, course_id: str, person: str, *, known: str, section: str, joined: datetime) -> None:
    """Give somebody a place, as of an instant."""
    conn.execute(enrolment.insert().values(course=course_id, person=person, joined=joined, known=known, section=section,
                                           active=True))


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
        for table, counted in ((enrolment, enrolment.c.active), (assignment_table, sa.true())))
    return [(each, people[each.id], given[each.id]) for each in listed]


def courses_of(conn: sa.Connection, person: str) -> list[Course]:
    """The classes she is in and has not left, the latest joined first."""
    rows = conn.execute(sa.select(course_table).join(enrolment, enrolment.c.course == course_table.c.id)
                        .where(enrolment.c.person == person, enrolment.c.active, course_table.c.state == "")
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


def join(conn: sa.Connection, person: str, code: str) -> Course:
    """Enrol by join code, however it is written; NotFound where no class has it. Joining twice is one joining."""
    found = by_code(conn, code)
    if found.sample:
        raise NotFound("This is a sample class of invented people: nobody joins it.",
                       hint="Ask your instructor for the code of your own class.")
    there = conn.execute(sa.select(enrolment.c.active).where(
        enrolment.c.course == found.id, enrolment.c.person == person)).scalar()
    if there is False:
        raise NotFound("Your place in this class is not active just now.",
                       hint="Ask your instructor; your work is kept.")
    if there is None:
        upsert(conn, enrolment, {"course": found.id, "person": person, "joined": now()}, ["course", "person"])
    return found


def learners(conn: sa.Connection, course_id: str, section: str = "") -> list[Person]:
    """Everybody who is in the class and has not left it, by name; of one section where it is given."""
    ids = conn.execute(sa.select(enrolment.c.person).where(
        enrolment.c.course == course_id, enrolment.c.active,
        enrolment.c.section == section if section else sa.true())).scalars()
    return sorted(some(conn, list(ids)), key=lambda p: (p.name.lower(), p.id))


def section_names(conn: sa.Connection, course_id: str) -> list[str]:
    """The sections that a class's learners belong to."""
    found = conn.execute(sa.select(enrolment.c.section).distinct().where(
        enrolment.c.course == course_id, enrolment.c.active, enrolment.c.section != "")).scalars()
    return sorted(found)


def assign(conn: sa.Connection, course_id: str, story: str, seats: Iterable[str], due: datetime | None,
           seed: int | None = None, *, opens: datetime | None = None, closes: datetime | None = None,
           join_days: int | None = None, late: tuple[int | None, int | None] = (None, None),
           release: str = "once") -> Assignment:
    """Give a story to a class; BadInput without a seat. `late` and `release` as in `late.py`."""
    chosen = tuple(seats)
    if not chosen:
        raise BadInput("Choose at least one seat for this assignment.")
    id = f"g-{secrets.token_hex(6)}"
    conn.execute(assignment_table.insert().values(
        id=id, course=course(conn, course_id).id, story=story, seats=" ".join(chosen), due=due, seed=seed,
        created=now(), opens=opens, closes=closes, join_days=join_days,
        late_points=late[0], late_floor=late[1], release=release))
    return assignment(conn, id)


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


def course_of_row(row: Any) -> Course:
    """A row of the table as a class."""
    sample, _, heard = row.sample.partition(" ")
    return Course(row.id, row.name, row.code, row.owner, row.state, sample,
                  datetime.fromisoformat(heard) if heard else None)


def _assignment(row: Any) -> Assignment:
    opens, due, closes = (utc(at) if at else None for at in (row.opens, row.due, row.closes))
    return Assignment(row.id, row.course, row.story, tuple(row.seats.split()), due, row.seed, utc(row.created), opens,
                      closes, row.join_days, row.late_points, row.late_floor, row.release)


def _code() -> str:
    return f"{secrets.choice(_WORDS)}-{secrets.randbelow(90) + 10}"
