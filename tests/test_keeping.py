"""What is kept of a person, and how long: found by nobody, brought back whole, then in no row of any table."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from test_workspace import hospital, patient

import sandbox.app  # noqa: F401 - every module that owns a table
from sandbox import audit, classroom, people, workspace
from sandbox.classroom.course import enrolment
from sandbox.db import Database, metadata
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.fhir.versions import version

#: Columns that make a row somebody's.
HERS = {"person", "owner", "workspace", "attempt", "chain", "moved_to", "agent_id"}
#: What is filled by living and not by hand.
LIVED = {"person", "course", "enrolment", "workspace", "trail"}
LONG_AGO = timedelta(days=31)


@dataclass
class Kept:
    """One person with a row in every table that can have one of hers."""

    name: str
    id: str = ""
    marks: set[str] = field(default_factory=set)  # whatever a row of hers says
    rooms: list[workspace.Info] = field(default_factory=list)

    def named(self, rows: Iterable[str]) -> list[str]:
        """Those of these rows that name her."""
        return [row for row in rows if any(mark in row for mark in self.marks)]


def rows(conn: sa.Connection) -> dict[str, list[str]]:
    """Every row of every table, as it says itself."""
    return {table.name: sorted(str(dict(row._mapping)) for row in conn.execute(sa.select(table)))
            for table in metadata.sorted_tables}


def lives(conn: sa.Connection, base: int, name: str, course: str, given: str, resets: int) -> Kept:
    """Somebody with an account, a guest who became her, a workspace that was reset, and a row in every other table."""
    login = name.lower()
    made = Kept(name, people.register(conn, None, login, name, "three words in a row").id)
    before = people.guest(conn)
    people.move(conn, before.id, made.id)
    info = workspace.open(conn, owner=made.id, base=base, seed=7, scenario=f"first@{given}")
    for _ in range(resets):  # from the second on, they leave generations behind that no workspace names any more
        chart = workspace.Workspace(conn, workspace.info(conn, info.id), audit.Agent(made.id, name))
        chart.create(patient(f"of-{login}", name))
        workspace.reset(conn, info.id, [patient(f"planted-{login}", name)], agent=audit.Agent(made.id, name))
    made.rooms = workspace.of_owner(conn, made.id)
    made.marks = {made.id, before.id, info.id, name, login, f"x-{login}"}
    classroom.enrol(conn, course, made.id, known=f"x-{login}", section="", joined=people.now())
    for number, table in enumerate(metadata.sorted_tables):
        if table.name not in LIVED and (HERS & set(table.c.keys()) or table.name == "message"):
            conn.execute(table.insert().values(**row_of(table, made, course, given, number)))
    return made


def row_of(table: sa.Table, whose: Kept, course: str, given: str, number: int) -> dict[str, Any]:
    """A row of hers, by what the table's columns are called and what they hold."""
    own = f"x-{whose.name.lower()}"
    known = {"person": whose.id, "owner": whose.id, "by": whose.id, "sender": "p-ines", "course": course,
             "assignment": given, "workspace": whose.rooms[0].id, "attempt": f"{own}-attempt",
             "message": f"{own}-message", "id": f"{own}-{table.name}", "story": f"first@{given}"}
    found: dict[str, Any] = {}
    for column in table.columns:
        kind = column.type.python_type
        if column.primary_key and kind is int and column.autoincrement is True:
            continue
        found[column.name] = known.get(column.name, f"{whose.name} {number}") if kind is str else (
            people.now() if isinstance(column.type, sa.DateTime) else kind(number))
    return found


@dataclass
class Hall:
    """Ines's class with Ada and Ben in it."""

    course: classroom.Course
    given: str
    ines: str
    ada: Kept
    ben: Kept


@pytest.fixture
def hall(db: Database) -> Hall:
    """Both have rows everywhere, and Ben's record stands over the same hospital as Ada's."""
    with db.writing() as conn:
        base = hospital(conn)
        ines = people.register(conn, None, "ines", "Ines", "three words in a row")
        course = classroom.create_course(conn, ines, "Autumn")
        given = classroom.assign(conn, course.id, "first", ("him",), None).id
        ada, ben = (lives(conn, base, name, course.id, given, n) for name, n in (("Adaqx", 3), ("Benqx", 1)))
    return Hall(course, given, ines.id, ada, ben)


def test_every_table_that_can_name_a_person_has_a_row_of_adas(db: Database, hall: Hall) -> None:
    """Without one the next test would show nothing: a table that comes later is filled by the names of its columns."""
    with db.reading() as conn:
        told = rows(conn)
    bare = [table.name for table in metadata.sorted_tables
            if HERS & set(table.c.keys()) and not hall.ada.named(told[table.name])]
    assert bare == ["course"]  # Ines started it


def test_thirty_days_after_ada_deleted_her_account_no_row_of_any_table_names_her(db: Database, hall: Hall) -> None:
    """Not in a column, not in a JSON text, not in a generation that a reset left behind; Ben's are what they were."""
    with db.writing() as conn:
        classroom.delete_account(conn, people.get(conn, hall.ada.id), "adaqx")
        own = set(conn.execute(sa.select(version.c.ws).where(version.c.text.contains("Adaqx"))).scalars())
        assert len(own) == 4
        assert classroom.purge(conn) == 0
        before = rows(conn)
        assert hall.ada.named(itertools.chain(*before.values()))
        expected = {name: [row for row in told if row not in hall.ada.named(told)] for name, told in before.items()}
        for name in expected:
            if "ws" in metadata.tables[name].c:
                gone = tuple(f"{{'ws': {ws}, " for ws in own)
                expected[name] = [row for row in expected[name] if not row.startswith(gone)]
        conn.execute(people.person.update().where(people.person.c.ended.is_not(None)).values(
            ended=people.now() - LONG_AGO))
        assert classroom.purge(conn) == 1
        after = rows(conn)
    assert hall.ada.named(itertools.chain(*after.values())) == []
    assert after == expected


def test_what_ada_did_in_bens_workspace_stays_in_its_trail_without_her_name(db: Database, hall: Hall) -> None:
    """The entry is in its place, the chain holds, and what she decided about Ben is decided by nobody's name."""
    room = hall.ben.rooms[0].id
    with db.writing() as conn:
        chart = workspace.Workspace(conn, hall.ben.rooms[0], audit.Agent(hall.ada.id, hall.ada.name, "classmate"))
        chart.search("Patient")
        chart = workspace.Workspace(conn, hall.ben.rooms[0], audit.Agent(hall.ben.id, hall.ben.name))
        chart.search("Patient")
        conn.execute(metadata.tables["grade_event"].update().where(
            metadata.tables["grade_event"].c.person == hall.ben.id).values(by=hall.ada.id))
        was = audit.read(conn, room)
        people.delete(conn, hall.ada.id, "adaqx")
        conn.execute(people.person.update().where(people.person.c.id == hall.ada.id).values(
            ended=people.now() - LONG_AGO))
        classroom.purge(conn)
        now = audit.read(conn, room)
        assert audit.verify(conn, room) is None
        assert [(each.seq, each.real, each.query) for each in now] == [
            (each.seq, each.real, each.query) for each in was]
        assert [each.agent.name for each in now][-2:] == ["a deleted account", "Benqx"]
        assert conn.execute(sa.select(metadata.tables["grade_event"].c.by)).scalars().all() == [""]


def test_a_trail_that_was_tampered_with_is_not_made_whole_by_a_purge(db: Database, hall: Hall) -> None:
    """Ada's name goes; the broken seal is as broken as before."""
    room = hall.ben.rooms[0].id
    with db.writing() as conn:
        chart = workspace.Workspace(conn, hall.ben.rooms[0], audit.Agent(hall.ada.id, hall.ada.name, "classmate"))
        chart.search("Patient")
        conn.execute(audit.trail.update().where(audit.trail.c.chain == room, audit.trail.c.seq == 1).values(note="no"))
        audit.unname(conn, [hall.ada.id])
        assert audit.verify(conn, room) == 1
        assert "Adaqx" not in {each.agent.name for each in audit.read(conn, room)}


def test_thirty_days_after_ada_was_removed_the_class_holds_nothing_of_her_and_she_her_work(
        db: Database, hall: Hall) -> None:
    """Place, times, decisions, messages are gone; attempt, workspace, draft, account are hers; Ben's all stay."""
    with db.writing() as conn:
        classroom.remove(conn, hall.course, hall.ada.id, " adaqx ")
        bens = hall.ben.named(itertools.chain(*rows(conn).values()))
        assert classroom.purge(conn) == 0
        conn.execute(enrolment.update().where(enrolment.c.removed.is_not(None)).values(
            removed=people.now() - LONG_AGO))
        assert classroom.purge(conn) == 1
        told = rows(conn)
        assert hall.ben.named(itertools.chain(*told.values())) == bens
        held = {name for name, lines in told.items() for row in hall.ada.named(lines)
                if any(mark in row for mark in (hall.course.id, hall.given, "x-adaqx-message"))}
        assert held == {"attempt", "workspace"}
        assert {"person", "draft", "attempt", "grade", "version", "trail"} <= {
            name for name, lines in told.items() if hall.ada.named(lines)}
        with pytest.raises(NotFound):
            classroom.bring_back(conn, hall.course, hall.ada.id)
        assert classroom.join(conn, hall.ada.id, hall.course.code).id == hall.course.id


def test_who_stood_on_the_roster_and_never_came_goes_with_her_place(db: Database) -> None:
    """She has no account of her own to keep; in two classes she stays while one of them has her."""
    with db.writing() as conn:
        ines = people.register(conn, None, "ines", "Ines", "three words in a row")
        courses = [classroom.create_course(conn, ines, name) for name in ("Autumn", "Winter")]
        (id,) = people.expect(conn, ["Zoë"])
        for course in courses:
            classroom.enrol(conn, course.id, id, known="S-1", section="", joined=people.now())
        for course, left in zip(courses, (1, 0), strict=True):
            classroom.sheet(conn, course.id)
            classroom.remove(conn, course, id, "zoë")
            conn.execute(enrolment.update().where(enrolment.c.removed.is_not(None)).values(
                removed=people.now() - LONG_AGO))
            classroom.purge(conn)
            assert len(people.some(conn, [id])) == left
        assert not any("Zoë" in row or id in row for row in itertools.chain(*rows(conn).values()))


def test_removed_is_not_inactive_and_the_next_roster_says_that_it_brings_her_back(db: Database, hall: Hall) -> None:
    """On no list, not even of those who left; a file that names her says so first; her code alone lets her not in."""
    with db.writing() as conn:
        classroom.remove(conn, hall.course, hall.ada.id, "Adaqx")
        assert [place.person.name for place in classroom.roster(conn, hall.course.id)] == ["Benqx"]
        assert [each.name for each, _ in classroom.removed(conn, hall.course.id)] == ["Adaqx"]
        with pytest.raises(NotFound, match="You were removed"):
            classroom.join(conn, hall.ada.id, hall.course.code)
        listing = classroom.read_listing(b"ID,Name\nx-benqx,Benqx\nx-adaqx,Adaqx\n")
        plan = classroom.plan_roster(conn, hall.course.id, listing)
        assert [words for _, _, words in plan.changed] == ["was removed: comes back"] and plan.new == plan.gone == ()
        classroom.apply_roster(conn, hall.course.id, listing, plan.mark)
        assert len(classroom.learners(conn, hall.course.id)) == 2


def test_an_id_that_a_roster_gave_to_a_new_place_meanwhile_stays_there(db: Database, hall: Hall) -> None:
    """The file names Ada while she is nowhere: a place is made for her to come to; back, she has no second claim."""
    with db.writing() as conn:
        people.delete(conn, hall.ada.id, "adaqx")
        listing = classroom.read_listing(b"ID,Name\nx-benqx,Benqx\nx-adaqx,Adaqx\n")
        classroom.apply_roster(conn, hall.course.id, listing, classroom.plan_roster(conn, hall.course.id, listing).mark)
        classroom.restore_account(conn, hall.ada.id)
        found = {place.person.id: place.known for place in classroom.roster(conn, hall.course.id)}
        assert len(found) == 3 and found[hall.ada.id] == "" and sorted(found.values()) == ["", "x-adaqx", "x-benqx"]


def test_an_instructor_ends_her_classes_before_her_account_and_archived_ones_go_with_it(
        db: Database, hall: Hall) -> None:
    """While learners work there she is told the names; a learner's attempts outlive class and instructor."""
    with db.writing() as conn:
        ines = people.get(conn, hall.ines)
        with pytest.raises(Conflict, match="“Autumn”"):
            classroom.delete_account(conn, ines, "ines")
        classroom.end(conn, hall.course, "archived", "Autumn")
        with pytest.raises(BadInput, match="not your sign-in name"):
            classroom.delete_account(conn, ines, "Ines R")
        classroom.delete_account(conn, ines, "INES")
        conn.execute(people.person.update().where(people.person.c.id == hall.ines).values(
            ended=people.now() - LONG_AGO))
        classroom.purge(conn)
        told = rows(conn)
        assert not any(hall.ines in row for row in itertools.chain(*told.values()))
        assert told["course"] == [] and len(told["attempt"]) == 2


def test_nobody_finds_ada_until_she_comes_back_and_then_all_is_as_it_was(db: Database, hall: Hall) -> None:
    """Not by id, name, list or token; her sign-in name stays taken; after thirty days nothing brings her back."""
    with db.writing() as conn:
        token = people.new_token(conn, hall.ada.id, hall.ada.rooms[0].id)
        before = rows(conn)
        left = classroom.delete_account(conn, people.get(conn, hall.ada.id), "adaqx")
        assert people.some(conn, [hall.ada.id]) == [] and people.by_login(conn, "adaqx") is None
        assert people.by_token(conn, token) is None and people.tokens(conn, hall.ada.id) == []
        assert [each.name for each in classroom.learners(conn, hall.course.id)] == ["Benqx"]
        assert classroom.sizes(conn, [hall.course])[0][1] == 1
        assert hall.ada.id not in classroom.members(conn, hall.course.id)
        assert not classroom.teaches(conn, hall.ines, hall.ada.id, hall.given)
        assert [each.people for each in classroom.sent(conn, hall.course.id)] == [1]
        with pytest.raises(Conflict):
            people.register(conn, None, "adaqx", "Another", "three words in a row")
        again = people.sign_in(conn, "adaqx", "three words in a row")
        assert again.until == left.until and again.until is not None
        classroom.restore_account(conn, again.id)
        changed = {name for name, told in rows(conn).items() if told != before[name]}
        assert changed == {"person", "secret"}  # when she was seen, and what is dead stays dead
        with pytest.raises(NotFound):
            people.come_back(conn, hall.ada.id)
        people.delete(conn, hall.ada.id, "adaqx")
        conn.execute(people.person.update().where(people.person.c.id == hall.ada.id).values(
            ended=people.now() - LONG_AGO))
        with pytest.raises(BadInput):
            people.sign_in(conn, "adaqx", "three words in a row")
        with pytest.raises(NotFound):
            people.come_back(conn, hall.ada.id)
