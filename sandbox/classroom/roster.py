"""Who is in a class: by its code, or by the school's ID from a file that is shown first and then applied.

Nobody is deleted here: who is missing from a file has left, her work is kept, and the next file may bring her back.
Who was removed by name (`leaving.py`) is on no list; a file that names her brings her back too, and says so first.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sandbox import people
from sandbox.classroom.course import Course, by_code, course, enrolment
from sandbox.classroom.invented import marked
from sandbox.classroom.listing import Listing, Row
from sandbox.classroom.turns import draw
from sandbox.db import alone, upsert
from sandbox.errors import Conflict, NotFound
from sandbox.people import Person, now, some


@dataclass(frozen=True)
class Place:
    """One person's place in a class; `known` is the school's ID for her, "" where she joined by the code."""

    person: Person
    known: str
    section: str
    active: bool
    removed: bool = False
    turn: int | None = None  # what she drew, where the class takes its seats in turn

    @property
    def expected(self) -> bool:
        """Whether she stands on the roster and has not come yet."""
        return bool(self.known) and self.person.login is None


@dataclass(frozen=True)
class Plan:
    """What a file would do. `mark` says what it was worked out from: applied to anything else, it is refused."""

    new: tuple[Row, ...]
    changed: tuple[tuple[Row, Place, str], ...]  # with what changes, in words
    gone: tuple[Place, ...]
    same: int
    untied: int  # who joined by the code and carries no ID: left as she is
    mark: str

    @property
    def anything(self) -> bool:
        """Whether it would change anything at all."""
        return bool(self.new or self.changed or self.gone)


def join(conn: sa.Connection, person: str, code: str) -> Course:
    """Enrol by join code, however it is written; NotFound where no class has it. Joining twice is one joining.

    Who was removed does not come back by the code: who removed her brings her back, or a roster that names her.
    """
    found = by_code(conn, code)
    if found.sample:
        raise NotFound("This is a sample class of invented people: nobody joins it.",
                       hint="Ask your instructor for the code of your own class.")
    there = conn.execute(sa.select(enrolment).where(
        enrolment.c.course == found.id, enrolment.c.person == person)).one_or_none()
    if there and there.removed:
        raise NotFound("You were removed from this class.",
                       hint="Your instructor can bring you back; your own work is kept.")
    if there and not there.active:
        raise NotFound("Your place in this class is not active just now.",
                       hint="Ask your instructor; your work is kept.")
    if there is None:
        upsert(conn, enrolment, {"course": found.id, "person": person, "joined": now()}, ["course", "person"])
        draw(conn, found.id)
    return found


def enrol(conn: sa.Connection, course_id: str, person: str, *, known: str, section: str, joined: datetime) -> None:
    """Give somebody a place, as of an instant."""
    conn.execute(enrolment.insert().values(course=course_id, person=person, joined=joined, known=known, section=section,
                                           active=True))
    draw(conn, course_id)


def roster(conn: sa.Connection, course_id: str) -> list[Place]:
    """Everybody who has or had a place in the class, by name; who left comes last, who was removed not at all."""
    return [place for place in _places(conn, course_id) if not place.removed]


def plan(conn: sa.Connection, course_id: str, listing: Listing) -> Plan:
    """What this file would do to the class; nothing is written.

    A line finds its person by the school's ID, else by a sign-in name in this class that is that ID. Whoever is on a
    sample class's list is marked as invented.
    """
    listing = marked(course(conn, course_id), listing)
    places = _places(conn, course_id)
    known = {place.known.casefold(): place for place in places if place.known}
    by_login = {place.person.login: place for place in places if place.person.login and not place.known}
    pairs = [(row, known.get(row.key) or by_login.get(row.id.lower())) for row in listing.rows]
    found = {place.person.id for _, place in pairs if place}
    changed = [(row, place, _difference(row, place)) for row, place in pairs if place]
    return Plan(
        tuple(row for row, place in pairs if place is None),
        tuple(each for each in changed if each[2]),
        tuple(p for p in places if p.known and p.active and not p.removed and p.person.id not in found),
        sum(not words for _, _, words in changed),
        sum(not p.known and p.active and not p.removed and p.person.id not in found for p in places),
        _mark(course_id, places, listing))


def apply(conn: sa.Connection, course_id: str, listing: Listing, mark: str) -> Plan:
    """Do what was shown under this mark, all of it or nothing; Conflict where the class has changed since."""
    alone(conn, f"roster of {course_id}")
    made = plan(conn, course_id, listing)
    if made.mark != mark:
        raise Conflict("The class has changed since this was shown: somebody joined, or another roster was read.",
                       hint="Nothing was done. Look at the changes again.")
    ids = people.expect(conn, [row.name for row in made.new])
    for row, id in zip(made.new, ids, strict=True):
        conn.execute(enrolment.insert().values(course=course_id, person=id, joined=now(), known=row.id,
                                               section=row.section, active=True))
    for row, place, _ in made.changed:
        conn.execute(enrolment.update().where(enrolment.c.course == course_id, enrolment.c.person == place.person.id)
                     .values(known=row.id, section=row.section, active=True, removed=None))
        if place.expected and row.name != place.person.name:
            conn.execute(people.person.update().where(people.person.c.id == place.person.id).values(name=row.name))
    conn.execute(enrolment.update().where(
        enrolment.c.course == course_id, enrolment.c.person.in_([place.person.id for place in made.gone]))
        .values(active=False))
    draw(conn, course_id)
    return made


def sheet(conn: sa.Connection, course_id: str, section: str = "") -> list[tuple[Place, str]]:
    """A one-time link for everybody who is expected (of one section, where given); links made before open nothing."""
    waiting = [place for place in roster(conn, course_id)
               if place.active and place.expected and section in ("", place.section)]
    links = people.place_links(conn, [place.person.id for place in waiting])
    return [(place, links[place.person.id]) for place in waiting]


def _places(conn: sa.Connection, course_id: str) -> list[Place]:
    rows = {row.person: row for row in conn.execute(sa.select(enrolment).where(enrolment.c.course == course_id))}
    places = [Place(each, row.known or "", row.section, bool(row.active), row.removed is not None,
                    row.turn)
              for each in some(conn, list(rows)) for row in [rows[each.id]]]
    return sorted(places, key=lambda place: (not place.active, place.person.name.lower(), place.person.id))


def _difference(row: Row, place: Place) -> str:
    words = []
    if place.removed:
        words.append("was removed: comes back")
    elif not place.active:
        words.append("comes back")
    if not place.known:
        words.append(f"signs in as {place.person.login}: gets the ID {row.id}")
    elif place.known != row.id:
        words.append(f"ID {place.known} becomes {row.id}")
    if row.section != place.section:
        words.append(f"section {place.section or 'none'} becomes {row.section or 'none'}")
    if place.expected and row.name != place.person.name:
        words.append(f"name {place.person.name} becomes {row.name}")
    return "; ".join(words)


def _mark(course_id: str, places: list[Place], listing: Listing) -> str:
    state = [(p.person.id, p.person.name, p.person.login, p.known, p.section, p.active, p.removed) for p in places]
    return hashlib.sha256(repr((course_id, sorted(state, key=repr), listing.rows)).encode()).hexdigest()[:32]
