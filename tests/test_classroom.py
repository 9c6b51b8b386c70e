"""Classes: Ines assigns, Ada joins and submits, Ines sees it, Mallory sees nothing."""

from __future__ import annotations

import csv
import html
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from answers import exemplar, room_of
from flask import Flask
from houses import Person, instructor
from hypothesis import given
from hypothesis import strategies as st

from sandbox import classroom, people
from sandbox.classroom.progress import plain
from sandbox.db import Database
from sandbox.errors import BadInput, NotFound
from sandbox.house import House


def assigned(app: Flask, house: House, seats: tuple[str, ...] = ("him",), seed: int | None = None) -> tuple[str, str]:
    """(course id, story key) of a class of Ines's with one assignment; its code is in the database."""
    with house.db.writing() as conn:
        ines = people.get(conn, people.OWNER)
        course = classroom.create_course(conn, ines, "Health records, autumn")
        given_ = classroom.assign(conn, course.id, "him-first-codes", seats, None, seed)
    return course.id, f"him-first-codes@{given_.id}"


def code_of(house: House, course: str) -> str:
    with house.db.reading() as conn:
        return classroom.course(conn, course).code


def test_ines_assigns_ada_submits_ines_sees_it_and_mallory_nothing(app: Flask, house: House) -> None:
    """The whole way, by HTTP."""
    ines, ada, mallory = instructor(app), Person(app), Person(app).sit_down()
    course, key = assigned(app, house)
    ada.get("/join")
    ada.post("/join", code=code_of(house, course).lower().replace("-", " "))
    assert "Health records" in ada.get("/seat/him")
    ada.get(f"/task/{key}/him-belly-pain")
    page = ines.get(f"/teach/{course}/{key.partition('@')[2]}")
    assert "Guest" in page
    address = ada.submit(f"{key}/him-belly-pain", exemplar(house, room_of(house, key), "him-belly-pain"))
    table = ines.get(f"/teach/{course}/{key.partition('@')[2]}")
    assert address in table
    assert ines.get(address)
    grid = f"/teach/{course}/{key.partition('@')[2]}"
    for path in (address, f"/teach/{course}", grid, f"/task/{key}/him-belly-pain"):
        assert mallory.client.get(path).status_code == 404, path
    assert ada.client.get(f"/teach/{course}").status_code == 404


def test_the_results_come_out_as_csv_that_no_spreadsheet_runs(app: Flask, house: House) -> None:
    """A learner named like a formula stays text."""
    ines, ada = instructor(app), Person(app).sit_down()
    course, key = assigned(app, house)
    ada.post("/signup", login="ada", name="=HYPERLINK(1)", password="three words in a row")
    ada.get("/join")
    ada.post("/join", code=code_of(house, course))
    text = ines.client.get(f"/teach/{course}/{key.partition('@')[2]}/results.csv").text.lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [r["status"] for r in rows] == ["not started"] * 3
    assert rows[0]["learner"] == "'=HYPERLINK(1)"


def test_what_most_first_attempts_missed_stands_under_the_table(app: Flask, house: House) -> None:
    """Counted by learner and criterion, over what is judged; a blank page misses, the exemplar does not."""
    ines = instructor(app)
    course, key = assigned(app, house, seed=7)
    for name in ("Ada", "Ben"):
        learner = Person(app)
        learner.get("/join")
        learner.post("/join", code=code_of(house, course))
        learner.get(f"/task/{key}/him-belly-pain")
        blank = {"codes": "[]", "hand": "[]"}
        right = exemplar(house, room_of(house, key), "him-belly-pain")
        learner.submit(f"{key}/him-belly-pain", right if name == "Ada" else blank)
    with house.db.reading() as conn:
        given_ = classroom.assignment(conn, key.partition("@")[2])
        table = classroom.progress(conn, house.scenarios, given_)
    assert table.missed and all((m.learners, m.graded) == (1, 2) for m in table.missed)
    page = ines.get(f"/teach/{course}/{given_.id}")
    assert table.missed[0].title in html.unescape(page) and "1 of 2" in page
    assert "Nothing waits for you." in page


def test_what_was_not_judged_is_judged_again_at_a_press(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The grader failed once: it stands under To do; judged again it is a result; a stranger cannot press."""
    ines, ada, mallory = instructor(app), Person(app), Person(app).sit_down()
    course, key = assigned(app, house)
    ada.get("/join")
    ada.post("/join", code=code_of(house, course))
    ada.get(f"/task/{key}/him-belly-pain")
    with monkeypatch.context() as broken:
        broken.setattr("sandbox.attempts.judging.judge", lambda *_: 1 / 0)
        address = ada.submit(f"{key}/him-belly-pain", exemplar(house, room_of(house, key), "him-belly-pain"))
    grid = f"/teach/{course}/{key.partition('@')[2]}"
    door = f"{grid}/judge/{address.rsplit('/', 1)[1]}"
    assert door in ines.get(grid)
    mallory.get("/join")
    mallory.post(door, status=404)
    ines.get(grid)
    page = ines.post(door).text
    assert "Judged: met" in page and door not in page
    ines.post(door, status=404)  # what is judged does not wait


@given(st.text(min_size=1))
def test_no_cell_of_a_csv_begins_as_a_formula_does(text: str) -> None:
    """Whatever somebody is called."""
    assert plain(text)[0] not in "=+-@\t\r"


def test_one_variant_for_a_class_gives_two_learners_the_same_facts(app: Flask, house: House) -> None:
    """And without it they differ in seed."""
    instructor(app)
    course, key = assigned(app, house, seed=7)
    own = assigned(app, house)[1]
    for _ in range(2):
        learner = Person(app)
        learner.get("/join")
        learner.post("/join", code=code_of(house, course))
        learner.get(f"/task/{key}/him-belly-pain")
    with house.db.reading() as conn:
        from sandbox import workspace

        seeds = [i.seed for i in workspace.every(conn) if i.scenario == key]
    assert seeds == [7, 7]
    assert own != key


def test_an_assignment_for_one_seat_hides_the_other_seats_tasks(app: Flask, house: House) -> None:
    """The first half hour assigned for HI: its HIM tasks are not there."""
    instructor(app)
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.get(conn, people.OWNER), "HI only")
        given_ = classroom.assign(conn, course.id, "first-half-hour", ["hi"], None)
    ada = Person(app)
    ada.get("/join")
    ada.post("/join", code=course.code)
    assert ada.client.get(f"/task/first-half-hour@{given_.id}/him-cough").status_code == 404
    assert ada.client.get(f"/task/first-half-hour@{given_.id}/hi-average-stay-alone").status_code == 200


def test_a_due_time_in_the_hour_that_march_skips_is_refused(db: Database) -> None:
    """And one in summer is five hours behind UTC."""
    with pytest.raises(BadInput, match="does not exist"):
        classroom.local_due("2026-03-08T02:30")
    assert classroom.local_due("2026-06-30T17:00") == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert classroom.local_due("  ") is None
    with pytest.raises(BadInput, match="not a date"):
        classroom.local_due("tomorrow")


def test_a_code_that_no_class_has_is_told_so(db: Database) -> None:
    """And joining twice is one joining."""
    with db.writing() as conn:
        ines, ada = people.guest(conn), people.guest(conn)
        course = classroom.create_course(conn, ines, "Autumn")
        with pytest.raises(NotFound, match="ALDER-100"):
            classroom.join(conn, ada.id, "ALDER-100")
        classroom.join(conn, ada.id, course.code)
        classroom.join(conn, ada.id, course.code)
        assert [p.id for p in classroom.learners(conn, course.id)] == [ada.id]


def test_the_class_table_asks_as_few_questions_for_many_as_for_one(db: Database, house: House) -> None:
    """Queries per page do not grow with learners beyond reading who they are."""
    import sqlalchemy as sa

    with db.writing() as conn:
        course = classroom.create_course(conn, people.guest(conn), "Autumn")
        given_ = classroom.assign(conn, course.id, "him-first-codes", ["him"], None)
        counts = []
        for learners in (1, 30):
            while len(classroom.learners(conn, course.id)) < learners:
                classroom.join(conn, people.guest(conn).id, course.code)
            asked: list[str] = []

            def listen(*seen: Any, asked: list[str] = asked) -> None:
                asked.append(seen[2])

            sa.event.listen(db.engine, "before_cursor_execute", listen)
            classroom.progress(conn, house.scenarios, given_)
            sa.event.remove(db.engine, "before_cursor_execute", listen)
            counts.append(len(asked))
    assert counts[0] == counts[1] <= 12
