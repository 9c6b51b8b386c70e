"""Who leaves: a learner is removed from a class, an account is deleted. Undone for thirty days, then it is gone.

Removed is another thing than inactive (`roster.py`): an inactive learner stands on the class's pages as somebody who
left; of who was removed the class shows nothing but where to bring her back.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from sandbox import people
from sandbox.classroom.clearing import clear_people, clear_place
from sandbox.classroom.course import Course, course_table, enrolment, listed, present
from sandbox.classroom.ending import purge as purge_classes
from sandbox.classroom.teaching import teaches_class
from sandbox.errors import Conflict, NotFound
from sandbox.people import KEPT, Person, now, person, some, utc


def placed(conn: sa.Connection, found: Course, id: str) -> Person:
    """Somebody who has a place in the class, active or not; NotFound, also for who was removed."""
    if conn.execute(sa.select(enrolment.c.person).where(
            enrolment.c.course == found.id, enrolment.c.person == id, present)).first() is None:
        raise NotFound("Nobody by that id is in this class.")
    return people.get(conn, id)


def remove(conn: sa.Connection, found: Course, id: str, name: str) -> Person:
    """Take a learner whose name was typed out of the class; BadInput where the name is another. Her work stays hers."""
    learner = placed(conn, found, id)
    people.typed(name, learner.name, "the name of this learner")
    conn.execute(enrolment.update().where(enrolment.c.course == found.id, enrolment.c.person == id).values(
        removed=now()))
    return learner


def removed(conn: sa.Connection, course_id: str) -> list[tuple[Person, datetime]]:
    """Who was removed and can be brought back, by name, with until when (UTC)."""
    rows = conn.execute(sa.select(enrolment.c.person, enrolment.c.removed).where(
        enrolment.c.course == course_id, enrolment.c.removed > now() - KEPT))
    until = {row.person: utc(row.removed) + KEPT for row in rows}
    return sorted(((each, until[each.id]) for each in some(conn, list(until))), key=lambda pair: pair[0].name.lower())


def bring_back(conn: sa.Connection, found: Course, id: str) -> Person:
    """Put a removed learner back where she was; NotFound where she was not removed, or too long ago."""
    learner = next((each for each, _ in removed(conn, found.id) if each.id == id), None)
    if learner is None:
        raise NotFound("Nobody by that id was removed from this class.", hint="After thirty days it cannot be undone.")
    if teaches_class(conn, id, found):
        raise Conflict(f"{learner.name} teaches this class now.", hint="Whoever teaches a class cannot learn in it.")
    conn.execute(enrolment.update().where(enrolment.c.course == found.id, enrolment.c.person == id).values(
        removed=None))
    return learner


def delete_account(conn: sa.Connection, leaver: Person, name: str) -> Person:
    """As `people.delete`; Conflict, naming them, while classes of hers are at work. Archived ones go with her."""
    own = listed(conn, course_table.c.owner == leaver.id)
    if own:
        names = ", ".join(f"“{each.name}”" for each in own)
        raise Conflict(f"Learners still work in {names}.",
                       hint="Archive or delete each of these classes first. The account was not deleted.")
    return people.delete(conn, leaver.id, name)


def restore_account(conn: sa.Connection, id: str) -> Person:
    """As `people.come_back`. Where a roster gave the school's ID to another place meanwhile, it stays there."""
    found, other = people.come_back(conn, id), enrolment.alias()
    conn.execute(enrolment.update().where(enrolment.c.person == found.id, sa.exists().where(
        other.c.course == enrolment.c.course, other.c.known == enrolment.c.known, other.c.person != found.id)).values(
        known=None))
    return found


def purge(conn: sa.Connection) -> int:
    """Take away for good what was removed or deleted more than thirty days ago: classes, places, people; how many.

    Who was expected by the roster and never came has nothing but her place, and goes with it.
    """
    classes = purge_classes(conn)
    places = list(conn.execute(sa.select(enrolment).where(enrolment.c.removed < now() - KEPT)))
    for row in places:
        clear_place(conn, row.course, row.person)
    waited = [row.person for row in places if row.known]
    never = set(conn.execute(sa.select(person.c.id).where(
        person.c.id.in_(waited), person.c.login.is_(None), person.c.moved_to.is_(None),
        person.c.id.not_in(sa.select(enrolment.c.person)))).scalars())
    old = list(conn.execute(sa.select(person.c.id).where(person.c.ended < now() - KEPT)).scalars())
    clear_people(conn, sorted({*never, *old}))
    return classes + len(places) + len(old)
