"""Who teaches a class: its owner, who started it, and further instructors. It is asked here and nowhere else."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox import people
from sandbox.classroom.course import (
    Course,
    assignment_table,
    course,
    course_table,
    enrolment,
    learning,
    listed,
    present,
)
from sandbox.db import BINARY, metadata, upsert
from sandbox.errors import Conflict, NotFound
from sandbox.people import Person, now, some

teaching = sa.Table(  # besides the owner, who stands in the course itself
    "teaching", metadata,
    sa.Column("course", BINARY, primary_key=True),
    sa.Column("person", BINARY, primary_key=True, index=True),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
)


def teachers(conn: sa.Connection, course_id: str) -> list[Person]:
    """Who teaches a class: its owner first, then by name."""
    owner = course(conn, course_id).owner
    return sorted(_teachers(conn, course_id), key=lambda p: (p.id != owner, p.name.lower(), p.id))


def teaches_class(conn: sa.Connection, person: str, found: Course) -> bool:
    """Whether she is the owner or a further instructor of this class."""
    return found.owner == person or conn.execute(sa.select(teaching.c.person).where(
        teaching.c.course == found.id, teaching.c.person == person)).first() is not None


def taught_by(conn: sa.Connection, person: str) -> list[Course]:
    """The classes she teaches, her own and others', newest first."""
    beside = sa.select(teaching.c.course).where(teaching.c.person == person)
    return listed(conn, sa.or_(course_table.c.owner == person, course_table.c.id.in_(beside)))


def teaches(conn: sa.Connection, teacher: str, learner: str, assignment_id: str) -> bool:
    """Whether this attempt's assignment belongs to a class of hers that the learner is in."""
    found = conn.execute(
        sa.select(course_table.c.id)
        .join(assignment_table, assignment_table.c.course == course_table.c.id)
        .join(enrolment, enrolment.c.course == course_table.c.id)
        .where(assignment_table.c.id == assignment_id, enrolment.c.person == learner, present)).scalar()
    return found is not None and teaches_class(conn, teacher, course(conn, found))


def members(conn: sa.Connection, course_id: str) -> set[str]:
    """The ids of everybody in a class: who learns in it, and who teaches it; nobody where there is no such class."""
    enrolled = sa.select(enrolment.c.person).where(enrolment.c.course == course_id, learning)
    return set(conn.execute(enrolled).scalars()) | {each.id for each in _teachers(conn, course_id)}


def appoint(conn: sa.Connection, found: Course, person: Person) -> None:
    """Let somebody teach the class too; Conflict where she learns in it. Twice is once."""
    if person.id in _learning(conn, found.id):
        raise Conflict("Whoever learns in a class cannot teach it too.",
                       hint="Use another account to teach, or leave the roster first.")
    if not teaches_class(conn, person.id, found):
        upsert(conn, teaching, {"course": found.id, "person": person.id, "since": now()}, ["course", "person"])


def appoint_named(conn: sa.Connection, found: Course, login: str) -> Person:
    """Let the instructor with this sign-in name teach the class too; NotFound where no instructor has it."""
    person = people.by_login(conn, login)
    if person is None or not person.instructor:
        raise NotFound(f"No instructor has the sign-in name “{login.strip()[:40]}”.",
                       hint="Somebody who does not teach here yet comes in by a link.")
    appoint(conn, found, person)
    return person


def invite(conn: sa.Connection, found: Course) -> str:
    """The secret of a one-time link to teach the class too; links made before and not used open nothing more."""
    table = people.secret
    conn.execute(table.delete().where(table.c.kind == "teach", table.c.workspace == found.id, table.c.used.is_(None)))
    return people.teaching_link(conn, found.owner, found.id)


def accept(conn: sa.Connection, found: Course, person: Person, value: str) -> Person:
    """Use such a link: she teaches the class, and is an instructor from here on. NotFound, Conflict."""
    people.use_link(conn, "teach", value)
    appoint(conn, found, person)
    conn.execute(people.person.update().where(people.person.c.id == person.id).values(instructor=True))
    return people.get(conn, person.id)


def dismiss(conn: sa.Connection, found: Course, person: str) -> None:
    """End somebody's teaching of this class; the owner's cannot be ended. NotFound where she does not teach it."""
    gone = conn.execute(teaching.delete().where(teaching.c.course == found.id, teaching.c.person == person))
    if not gone.rowcount:
        raise NotFound("Nobody by that id teaches this class beside its owner.", hint="Look again: it may be done.")


def _teachers(conn: sa.Connection, course_id: str) -> list[Person]:
    owner = sa.select(course_table.c.owner).where(course_table.c.id == course_id)
    both = owner.union(sa.select(teaching.c.person).where(teaching.c.course == course_id))
    return some(conn, list(conn.execute(both).scalars()))


def _learning(conn: sa.Connection, course_id: str) -> set[str]:
    return set(conn.execute(sa.select(enrolment.c.person).where(enrolment.c.course == course_id, present)).scalars())
