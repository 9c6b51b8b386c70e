"""A class's roster: read from a school's file, shown first, done whole or not at all; slips with one-time links."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from houses import Person, instructor
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from sandbox import classroom, people
from sandbox.classroom.listing import read, unformula
from sandbox.db import Database
from sandbox.errors import BadInput, Conflict
from sandbox.house import House

AUTUMN = "ID,Name,Section\nS-17,Ada Okafor,A\nS-18,Ben Reyes,B\nS-19,Cleo Sato,B\n"


def a_course(db: Database) -> classroom.Course:
    with db.writing() as conn:
        return classroom.create_course(conn, people.guest(conn), "Autumn")


def bring(db: Database, course: str, text: str) -> classroom.Plan:
    """Show a file, then do it."""
    listing = read(text.encode())
    with db.writing() as conn:
        return classroom.apply_roster(conn, course, listing, classroom.plan_roster(conn, course, listing).mark)


def standing(db: Database, course: str) -> list[tuple[str, str, str, bool]]:
    with db.reading() as conn:
        return [(p.known, p.person.name, p.section, p.active) for p in classroom.roster(conn, course)]


def upload(ines: Person, course: str, data: bytes, status: int = 200) -> TestResponse:
    answer = ines.client.post(f"/teach/{course}/people/preview", data={
        "csrf_token": ines.csrf(), "file": (io.BytesIO(data), "roster.csv")}, content_type="multipart/form-data")
    assert answer.status_code == status, answer.text[:1500]
    ines.page = answer.text
    return answer


def confirm(ines: Person, course: str, status: int = 200) -> str:
    fields = {name: re.search(rf'name="{name}" value="([^"]*)"', ines.page) for name in ("mark", "file")}
    return ines.post(f"/teach/{course}/people/apply", status, **{n: m[1] for n, m in fields.items() if m}).text


@pytest.mark.parametrize("text", [
    AUTUMN, "\ufeff" + AUTUMN, AUTUMN.replace(",", ";"), AUTUMN.replace(",", "\t"), AUTUMN.replace("\n", "\r\n"),
    AUTUMN.replace("ID,Name", "SIS User ID,Student name"), AUTUMN.replace("\n", "\n\n") + "  ,,\n",
    "first name,LAST_NAME,section,id\nAda,Okafor,A,S-17\nBen,Reyes,B,S-18\nCleo,Sato,B,S-19\n"])
def test_a_schools_file_is_read_however_its_program_writes_it(text: str) -> None:
    """A byte-order mark, semicolons, tabs, blank lines, the headings of another system."""
    assert [(r.id, r.name, r.section) for r in read(text.encode()).rows] == [
        ("S-17", "Ada Okafor", "A"), ("S-18", "Ben Reyes", "B"), ("S-19", "Cleo Sato", "B")]


@pytest.mark.parametrize(("data", "told"), [
    (AUTUMN.encode("utf-16"), "Line 1: the file is UTF-16"),
    (AUTUMN.encode("utf-16-le"), "Line 1: the file is UTF-16"),
    ((AUTUMN + "S-20,José Díaz,A\n").encode("latin-1"), "Line 5: “S-20,José Díaz,A” is written in Latin-1"),
    ((AUTUMN + "s-17,Another Ada,A\n").encode(), "Line 5: the ID “s-17” stands on line 2 already"),
    ((AUTUMN + ",Nobody,A\nS-21,,A\n").encode(), "Line 5: there is no ID. Line 6: there is no name."),
    ((AUTUMN + f"S-20,{'x' * 81},A\n").encode(), "Line 5: the name is longer than 80"),
    ((AUTUMN + 'S-20,"Dot,A\n').encode(), "Line 5: a quotation mark is opened"),
    (b"Name,Section\nAda,A\n", "Line 1 should have the headings ID and Name"),
    (b"ID,Student ID,Name\n1,2,Ada\n", "Line 1: two columns are the id"),
    (b"x" * 1_000_001, "larger than 1 MB"),
    (b"ID,Name\n", "nobody stands under them"), (b"\n \n", "The file is empty")])
def test_a_file_that_cannot_be_read_is_told_with_the_line(data: bytes, told: str) -> None:
    """Whoever made the file finds the place; the encoding is not guessed, because a guess spoils names."""
    with pytest.raises(BadInput, match=re.escape(told)):
        read(data)


def test_a_formula_in_a_cell_is_made_plain_and_told() -> None:
    """`="0017"` is how a spreadsheet keeps its zeros; a link that runs is only words here."""
    found = read(b'ID,Name\n"=""0017""",Ada\nS-2,=HYPERLINK(1)\nS-3,\'+Ben\n')
    assert [(r.id, r.name) for r in found.rows] == [("0017", "Ada"), ("S-2", "HYPERLINK(1)"), ("S-3", "Ben")]
    assert found.remarks[1].startswith("Line 3: “=HYPERLINK(1)” begins as a formula does")


@given(st.text())
def test_no_cell_that_is_read_begins_as_a_formula_does(text: str) -> None:
    """Whatever the file says; read again it is the same."""
    assert unformula(text)[:1] not in tuple("=+-@\t\r")


@given(st.binary(max_size=300))
def test_whatever_bytes_come_they_are_a_roster_or_are_told(data: bytes) -> None:
    """Nothing else can happen, and no line is read without an ID and a name."""
    try:
        assert all(row.id and row.name for row in read(data).rows)
    except BadInput as problem:
        assert problem.message


def test_who_is_missing_from_the_next_file_is_inactive_and_comes_back(db: Database) -> None:
    """Upsert by ID: names and sections follow the file, nobody is deleted, a second reading changes nothing."""
    course = a_course(db)
    bring(db, course.id, AUTUMN)
    assert not bring(db, course.id, AUTUMN).anything
    done = bring(db, course.id, "ID,Name,Section\ns-17,Ada Okafor-Lind,B\nS-18,Ben Reyes,B\n")
    assert [p.person.name for p in done.gone] == ["Cleo Sato"]
    assert standing(db, course.id) == [("s-17", "Ada Okafor-Lind", "B", True), ("S-18", "Ben Reyes", "B", True),
                                       ("S-19", "Cleo Sato", "B", False)]
    with db.reading() as conn:
        assert [p.name for p in classroom.learners(conn, course.id)] == ["Ada Okafor-Lind", "Ben Reyes"]
        assert classroom.sizes(conn, [course])[0][1] == 2
    bring(db, course.id, AUTUMN)
    assert [active for *_, active in standing(db, course.id)] == [True] * 3


def test_a_learner_who_joined_by_the_code_is_tied_to_her_id_by_her_sign_in_name(db: Database) -> None:
    """In this class alone: an account of another class is nobody here. Who has no ID stays as she is."""
    course, other = a_course(db), a_course(db)
    with db.writing() as conn:
        ada = people.register(conn, None, "s-17", "Ada", "three words in a row")
        ben = people.register(conn, None, "s-18", "Ben elsewhere", "three words in a row")
        guest = people.guest(conn)
        for person, where in ((ada, course), (guest, course), (ben, other)):
            classroom.join(conn, person.id, where.code)
    done = bring(db, course.id, AUTUMN)
    assert [(row.id, place.person.id) for row, place, _ in done.changed] == [("S-17", ada.id)]
    assert done.untied == 1 and len(done.new) == 2
    assert ("S-17", "Ada", "A", True) in standing(db, course.id), "an account's own name stays"
    with db.reading() as conn:
        assert [p.person.id for p in classroom.roster(conn, other.id)] == [ben.id]


def test_a_roster_shown_before_the_class_changed_is_refused_whole(db: Database) -> None:
    """Two instructors at once: the second is shown again, and nothing of hers is half done."""
    course = a_course(db)
    first, second = read(AUTUMN.encode()), read(b"ID,Name\nS-30,Dot Ames\n")
    with db.reading() as conn:
        marks = [classroom.plan_roster(conn, course.id, each).mark for each in (first, second)]
    with db.writing() as conn:
        classroom.apply_roster(conn, course.id, first, marks[0])
    before = standing(db, course.id)
    with pytest.raises(Conflict, match="has changed since"), db.writing() as conn:
        classroom.apply_roster(conn, course.id, second, marks[1])
    assert standing(db, course.id) == before


def test_ines_reads_a_roster_and_ada_takes_her_place_with_a_slip(app: Flask, house: House) -> None:
    """Preview, do it, a sheet of links; a link opens once, and a new sheet ends the old one's."""
    ines = instructor(app)
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.get(conn, people.OWNER), "Autumn")
        given_ = classroom.assign(conn, course.id, "him-first-codes", ["him"], None)
    ines.get(f"/teach/{course.id}/people")
    assert "Line 5" in upload(ines, course.id, (AUTUMN + "S-17,Twice,A\n").encode(), 400).text
    assert standing(house.db, course.id) == []
    assert "Cleo Sato" in upload(ines, course.id, AUTUMN.encode()).text
    assert standing(house.db, course.id) == [], "shown is not done"
    assert "3 added" in confirm(ines, course.id)
    for page in ("people", given_.id, f"{given_.id}/table", f"{given_.id}/results.csv"):
        assert "Ben Reyes" in ines.get(f"/teach/{course.id}/{page}")
        assert "Ben Reyes" not in ines.get(f"/teach/{course.id}/{page}?section=A"), page
    ines.get(f"/teach/{course.id}/people")
    old = re.findall(r"/place/[\w-]+", ines.post(f"/teach/{course.id}/people/links", section="").text)
    (link,) = re.findall(r"/place/[\w-]+", ines.post(f"/teach/{course.id}/people/links", section="A").text)
    ada = Person(app).sit_down()
    ada.get(old[0], 404)
    assert "Welcome, Ada Okafor" in ada.get(link)
    ada.post(link, 400, login="ada", password="short")
    assert "You are in" in ada.post(link, login="ada", password="three words in a row").text
    assert "Autumn" in ada.get("/seat/him")
    ada.get(link, 404)
    assert "ada" in ines.get(f"/teach/{course.id}")


def test_ada_takes_the_place_with_the_account_she_has(app: Flask, house: House) -> None:
    """One person, not two; who has left finds the class gone and cannot come back by the code."""
    ines = instructor(app)
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.get(conn, people.OWNER), "Autumn")
    bring(house.db, course.id, AUTUMN)
    with house.db.writing() as conn:
        links = {place.known: value for place, value in classroom.sheet(conn, course.id)}
    ada = Person(app)
    ada.get("/signup")
    ada.post("/signup", login="ada", name="Ada", password="three words in a row")
    assert "You are signed in as ada" in ada.get(f"/place/{links['S-17']}")
    ada.post(f"/place/{links['S-17']}", take="1")
    assert ("S-17", "Ada", "A", True) in standing(house.db, course.id) and len(standing(house.db, course.id)) == 3
    bring(house.db, course.id, "ID,Name\nS-18,Ben Reyes\n")
    assert "inactive" in ines.get(f"/teach/{course.id}/people")
    assert "Autumn" not in ada.get("/account")
    assert "not active just now" in ada.post("/join", 404, code=course.code).text


def test_a_class_of_three_hundred_asks_as_few_questions_as_one_of_thirty(app: Flask, house: House) -> None:
    """The people's page, the class's page and a preview."""
    import sqlalchemy as sa

    ines = instructor(app)
    asked: list[str] = []
    sa.event.listen(house.db.engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    counts = []
    for size in (30, 300):
        with house.db.writing() as conn:
            course = classroom.create_course(conn, people.get(conn, people.OWNER), "Autumn")
        text = "ID,Name\n" + "".join(f"S-{n},Learner {n}\n" for n in range(size))
        bring(house.db, course.id, text)
        ines.get("/teach/")
        for page in ("", "/people"):
            asked.clear()
            ines.get(f"/teach/{course.id}{page}")
            counts.append(len(asked))
        asked.clear()
        upload(ines, course.id, text.encode())
        counts.append(len(asked))
    assert counts[:3] == counts[3:] and max(counts) <= 14
