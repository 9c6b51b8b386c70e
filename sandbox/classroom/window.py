"""When an assignment opens, is due and closes for each learner: the class's times, moved by what is hers alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sandbox.classroom.course import Assignment, assignment, assignment_table, enrolment, learners
from sandbox.classroom.course import hand_over as hand_over_places
from sandbox.classroom.looking import hand_over as hand_over_looks
from sandbox.classroom.message import hand_over as hand_over_messages
from sandbox.classroom.presence import hand_over as hand_over_presence
from sandbox.classroom.turns import opened_seat
from sandbox.db import BINARY, metadata, upsert
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.people import utc

allowance = sa.Table(  # extra time, set once for a person: for every assignment of the course, to come and in progress
    "allowance", metadata,
    sa.Column("course", BINARY, primary_key=True),
    sa.Column("person", BINARY, primary_key=True),
    sa.Column("percent", sa.Integer, nullable=False),  # of the time from opening to due: 125, 150, 200; 100 is none
    sa.Column("days", sa.Integer, nullable=False),  # besides
)
extension = sa.Table(
    "extension", metadata,
    sa.Column("assignment", BINARY, primary_key=True),
    sa.Column("person", BINARY, primary_key=True, index=True),
    sa.Column("due", sa.DateTime(timezone=True), nullable=False),
)
PERCENT = (100, 125, 150, 200)
MOST_DAYS = 60


def hers(conn: sa.Connection, given: Iterable[Assignment], people: Iterable[str]) -> dict[tuple[str, str], Assignment]:
    """(assignment, person) to the assignment with her times in the place of the class's, from three queries.

    A late add (joined after it opened) is due no sooner than `join_days` after she joined. Extra time adds its share
    of the time from opening to due, and its days. An extension is due no sooner than it says. Whatever moves her due
    time moves her closing by as much.
    """
    listed, ids = list(given), list(people)
    of = {each.course for each in listed}
    joined = {(r.course, r.person): utc(r.joined) for r in conn.execute(sa.select(enrolment).where(
        enrolment.c.course.in_(of), enrolment.c.person.in_(ids)))}
    extra = {(r.course, r.person): r for r in conn.execute(sa.select(allowance).where(
        allowance.c.course.in_(of), allowance.c.person.in_(ids)))}
    later = {(r.assignment, r.person): utc(r.due) for r in conn.execute(sa.select(extension).where(
        extension.c.assignment.in_([each.id for each in listed]), extension.c.person.in_(ids)))}
    return {(each.id, id): _moved(each, joined.get((each.course, id)), extra.get((each.course, id)),
                                  later.get((each.id, id))) for each in listed for id in ids}


def own(conn: sa.Connection, given: Assignment, person: str) -> Assignment:
    """One assignment with one person's times."""
    return hers(conn, [given], [person])[given.id, person]


def _moved(given: Assignment, joined: datetime | None, extra: Any, later: datetime | None) -> Assignment:
    if given.due is None:
        return given
    due, begins = given.due, given.opens or given.created
    if given.join_days is not None and joined is not None and joined > begins:
        due = max(due, joined + timedelta(days=given.join_days))
    if extra is not None:
        share = max(given.due - begins, timedelta()) * (extra.percent - 100) / 100
        due += share + timedelta(days=extra.days)
    due = max(due, later) if later else due
    return replace(given, due=due, closes=given.closes + (due - given.due) if given.closes else None)


def checked(opens: datetime | None, due: datetime | None, closes: datetime | None) -> None:
    """BadInput where the three times are not in order."""
    if closes and not due:
        raise BadInput("A closing time needs a due time.", hint="They may be the same: then nothing comes late.")
    if opens and due and opens >= due:
        raise BadInput("It would be due before it opens.", hint="Choose a later due time.")
    if due and closes and closes < due:
        raise BadInput("It would close before it is due.", hint="Choose a later closing time, or none.")


def shape(conn: sa.Connection, given: Assignment, opens: datetime | None, due: datetime | None,
          closes: datetime | None, join_days: int | None, mark: str,
          late: tuple[int | None, int | None] | None = None, release: str = "") -> Assignment:
    """Change the class's times and rules, also while it works; without `late` or `release` those stay. As it is then.

    Conflict where they are no longer what `mark` was made of.
    """
    checked(opens, due, closes)
    if mark_of(assignment(conn, given.id)) != mark:
        raise Conflict("The times or rules were changed meanwhile by somebody else.",
                       hint="Nothing of yours was done; look again.")
    points, floor = (given.late_points, given.late_floor) if late is None else late
    conn.execute(assignment_table.update().where(assignment_table.c.id == given.id).values(
        opens=opens, due=due, closes=closes, join_days=join_days, late_points=points, late_floor=floor,
        release=release or given.release))
    return assignment(conn, given.id)


def mark_of(given: Assignment) -> str:
    """The class's times and rules as one string, to see whether they were changed since."""
    times = (each.isoformat() if each else "" for each in (given.opens, given.due, given.closes))
    return " ".join((*times, *map(str, (given.join_days, given.late_points, given.late_floor)), given.release))


def extend(conn: sa.Connection, given: Assignment, people: Iterable[str], due: datetime | None) -> int:
    """Give these learners of the class a later due time (None takes it back); how many. Nobody's becomes sooner."""
    chosen = {each.id for each in learners(conn, given.course)} & set(people)
    if not chosen:
        raise BadInput("Choose at least one learner.")
    if due is not None and (given.due is None or due <= given.due):
        raise BadInput("An extension is later than the due time of the class." if given.due
                       else "Without a due time there is nothing to extend.", hint="Nothing was changed.")
    conn.execute(extension.delete().where(extension.c.assignment == given.id, extension.c.person.in_(chosen)))
    if due is not None:
        conn.execute(extension.insert(), [{"assignment": given.id, "person": id, "due": due} for id in sorted(chosen)])
    return len(chosen)


def allow(conn: sa.Connection, course_id: str, person: str, percent: int, days: int) -> None:
    """Set a learner's extra time for every assignment of the course; 100 per cent and no days is none."""
    if percent not in PERCENT or not 0 <= days <= MOST_DAYS:
        raise BadInput(f"Extra time is 1.25, 1.5 or 2 times, or up to {MOST_DAYS} days.", hint="Nothing was changed.")
    if person not in {each.id for each in learners(conn, course_id)}:
        raise NotFound("Nobody by that id is in this class.")
    if (percent, days) == (100, 0):
        conn.execute(allowance.delete().where(allowance.c.course == course_id, allowance.c.person == person))
    else:
        upsert(conn, allowance, {"course": course_id, "person": person, "percent": percent, "days": days},
               ["course", "person"])


def allowances(conn: sa.Connection, course_id: str) -> dict[str, str]:
    """Who has extra time in the course, and how much in words: `1.5×, +2 days`."""
    rows = conn.execute(sa.select(allowance).where(allowance.c.course == course_id))
    return {r.person: ", ".join(filter(None, (
        f"{r.percent / 100:g}×" if r.percent > 100 else "",
        f"+{r.days} day{'s' if r.days > 1 else ''}" if r.days else ""))) for r in rows}


def hand_over(conn: sa.Connection, old: str, new: str) -> None:
    """A guest's enrolments, messages, extra time, extensions and opened seats go to her account, where it has none."""
    hand_over_places(conn, old, new)
    hand_over_messages(conn, old, new)
    hand_over_presence(conn, old)
    hand_over_looks(conn, old, new)
    for table, key in ((allowance, allowance.c.course), (extension, extension.c.assignment),
                       (opened_seat, opened_seat.c.assignment)):
        already = list(conn.execute(sa.select(key).where(table.c.person == new)).scalars())
        conn.execute(table.delete().where(table.c.person == old, key.in_(already)))
        conn.execute(table.update().where(table.c.person == old).values(person=new))
