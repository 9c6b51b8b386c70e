"""A class taken away whole, with its invented people and all that they did: no row of any table is left of it."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox import classroom
from sandbox.classroom import MARK
from sandbox.people import Person


def remove(conn: sa.Connection, course: str, people: list[str], *, all_of_it: bool = True) -> int:
    """Delete a course and these people; how many rows that were. Without `all_of_it` the course's own row stays.

    Only for a class whose people are in no other: whatever stands under their names goes.
    """
    classroom.alone_with_sample(conn, course)
    return classroom.clear_people(conn, people) + classroom.clear_course(conn, course, itself=all_of_it)


def cast_of(conn: sa.Connection, course: str) -> list[str]:
    """Who of a sample's roster is invented. Whoever signs in, teaches or stands in another class is spared."""
    taken = [each for each, _ in classroom.removed(conn, course)]
    places = [place.person for place in classroom.roster(conn, course)] + taken
    return [each.id for each in places if _invented(each)
            and all(other.id == course for other in classroom.courses_of(conn, each.id))]


def _invented(person: Person) -> bool:
    return person.name.endswith(MARK) and person.login is None and not person.instructor
