"""Whose turn it is to begin in which seat: drawn once for a place in a class, even at any moment, and never changed.

Turns, not seats, are dealt: an assignment's `order` says in which seat each turn begins, and the class's next one says
it the other way round. So the class is halved each time, and over two of them so is each learner.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from sandbox.classroom.course import Assignment, assignment_table, enrolment, present
from sandbox.db import BINARY, alone, metadata, upsert
from sandbox.errors import BadInput
from sandbox.people import now

opened_seat = sa.Table(  # an instructor opened the seat that waits: it stays open
    "opened_seat", metadata,
    sa.Column("assignment", BINARY, primary_key=True),
    sa.Column("person", BINARY, primary_key=True),  # "": for everybody in the class, to come too
    sa.Column("by", BINARY, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
EVERYBODY = ""


def dealt(there: Sequence[tuple[int, str]], section: str, lot: str) -> int:
    """The next turn, 0 or 1: the rarer one of the (turn, section) that are there, else the rarer one of her section.

    Where both are even it is drawn by `lot`, which gives the same turn each time.
    """
    by_class, by_section = Counter(turn for turn, _ in there), Counter(turn for turn, of in there if of == section)
    for count in (by_class, by_section):
        if count[0] != count[1]:
            return int(count[0] > count[1])
    return hashlib.sha256(lot.encode()).digest()[0] & 1


def draw(conn: sa.Connection, course_id: str) -> None:
    """Give everybody in the class who has no turn yet hers, by when she joined; none while nothing asks for turns.

    Who left keeps hers and is not counted, so that who comes late evens out the class as it is. The lock is taken
    before anything is read: of two who join at once the second is dealt what the first one left.
    """
    alone(conn, f"turns of {course_id}")
    asked = conn.execute(sa.select(assignment_table.c.id).where(
        assignment_table.c.course == course_id, assignment_table.c.order != "").limit(1)).scalar()
    if not asked:
        return
    rows = conn.execute(sa.select(enrolment).where(enrolment.c.course == course_id, enrolment.c.active, present)
                        .order_by(enrolment.c.joined, enrolment.c.person)).all()
    there = [(int(row.turn), str(row.section)) for row in rows if row.turn is not None]
    for row in rows:
        if row.turn is None:
            turn = dealt(there, row.section, f"{course_id} {row.person}")
            there.append((turn, row.section))
            conn.execute(enrolment.update().where(
                enrolment.c.course == course_id, enrolment.c.person == row.person).values(turn=turn))


def turns(conn: sa.Connection, courses: Iterable[str], people: Iterable[str] | None = None) -> dict[
        tuple[str, str], int]:
    """(course, person) to the turn that she drew; of these people, or of everybody who is in the class."""
    whose = sa.and_(enrolment.c.active, present) if people is None else enrolment.c.person.in_(list(people))
    rows = conn.execute(sa.select(enrolment.c.course, enrolment.c.person, enrolment.c.turn).where(
        enrolment.c.course.in_(list(courses)), enrolment.c.turn.is_not(None), whose))
    return {(row.course, row.person): int(row.turn) for row in rows}


def next_order(conn: sa.Connection, course_id: str, seats: Iterable[str]) -> tuple[str, ...]:
    """The order of the class's next assignment in turn: its last one's, turned round. BadInput without two seats."""
    two = tuple(sorted(set(seats)))
    if len(two) != 2:
        raise BadInput("Half the class can begin in each seat only where there are tasks of both.",
                       hint="Choose both seats, and a second story for the seat that this one lacks.")
    last = conn.execute(sa.select(assignment_table.c.order).where(
        assignment_table.c.course == course_id, assignment_table.c.order != "")
        .order_by(assignment_table.c.created.desc(), assignment_table.c.id).limit(1)).scalar()
    return two[::-1] if last == " ".join(two) else two


def open_seats(conn: sa.Connection, given: Iterable[Assignment], people: Iterable[str], by: str) -> None:
    """Open whichever seat waits in these assignments, for these people or for EVERYBODY; it stays open.

    BadInput where no order was set, or nobody is chosen.
    """
    ordered, chosen = [each for each in given if each.order], list(people)
    if not ordered:
        raise BadInput("No seat waits here: each learner chooses her order.", hint="Nothing was changed.")
    if not chosen:
        raise BadInput("Choose at least one learner.", hint="Nothing was changed.")
    for each in ordered:
        for person in chosen:
            upsert(conn, opened_seat, {"assignment": each.id, "person": person, "by": by, "at": now()},
                   ["assignment", "person"])
