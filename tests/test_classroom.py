"""Classes: Ines assigns, Ada joins and submits, Ines sees it, Mallory sees nothing."""

from __future__ import annotations

import csv
import html
import io
import re
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
    assert re.search(r": Guest \d+ met <b>\d+ of \d+</b>", ines.get(address)), "it says whose work she reads"
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
    ada.get(f"/task/{key}/him-heart-failure")
    text = ines.client.get(f"/teach/{course}/{key.partition('@')[2]}/results.csv").text.lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert sorted(r["status"] for r in rows) == ["in progress", "not started", "not started"]
    assert rows[0]["learner"] == "'=HYPERLINK(1)"
    ada.submit(f"{key}/him-belly-pain", exemplar(house, room_of(house, key), "him-belly-pain"))
    answer = ines.client.get(f"/teach/{course}/{key.partition('@')[2]}/results.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    row = next(r for r in csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))) if r["status"] == "graded")
    for instant in (row["submitted"], row["last seen"]):  # on the class's clock, not on the server's
        moment = datetime.fromisoformat(instant)
        assert moment.replace(tzinfo=classroom.ZONE).utcoffset() == moment.utcoffset()
        assert abs((people.now() - moment).total_seconds()) < 60


def test_what_most_first_attempts_missed_stands_under_the_table(app: Flask, house: House) -> None:
    """Counted by learner and criterion, over what is judged; a blank page misses, the exemplar does not."""
    ines = instructor(app)
    course, key = assigned(app, house, seed=7)
    for name in ("Ada", "Ben"):
        learner = Person(app)
        learner.get("/join")
        learner.post("/join", code=code_of(house, course))
        learner.get(f"/task/{key}/him-belly-pain")
        blank = {"codes": "[]", "hand": "[]", "sure": "1"}
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


@pytest.mark.parametrize("text", ["9999-12-31T23:59", "0001-01-01T00:00", "2026-06-30T17:00Z", "2026-06-30T17:00+05"])
def test_a_due_time_of_no_class_or_of_another_zone_is_told_as_such(text: str) -> None:
    """The field means Chicago; a time with a zone of its own, or of another age, is not read as something else."""
    with pytest.raises(BadInput, match="not a date and time"):
        classroom.local_due(text)


def test_a_due_time_in_the_hour_that_november_has_twice_is_the_later_one() -> None:
    """Nobody is late whose clock does not say so yet."""
    assert classroom.local_due("2026-11-01T01:30") == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
    assert classroom.local_due("2026-11-01T00:59") == datetime(2026, 11, 1, 5, 59, tzinfo=UTC)


def test_ines_is_told_when_a_due_time_has_passed_already(app: Flask, house: House) -> None:
    """It is assigned all the same: she may mean it."""
    ines = instructor(app)
    course, _ = assigned(app, house)
    ines.get(f"/teach/{course}")
    form = {"story": "him-first-codes", "seats": "him"}
    assert "has passed already" in ines.post(f"/teach/{course}/assign", due="2020-01-01T10:00", **form).text
    ines.get(f"/teach/{course}")
    assert "has passed already" not in ines.post(f"/teach/{course}/assign", due="2199-01-01T10:00", **form).text


@pytest.mark.parametrize("seed", ["²", "1" * 5000, "-1", "one"])
def test_a_variant_that_is_no_number_is_told_so(app: Flask, house: House, seed: str) -> None:
    """400 with the sentence beside the form."""
    ines = instructor(app)
    course, _ = assigned(app, house)
    ines.get(f"/teach/{course}")
    form = {"story": "him-first-codes", "seats": "him", "variant": "one", "seed": seed}
    assert "not a variant number" in ines.post(f"/teach/{course}/assign", 400, **form).text


def test_ines_chooses_a_name_and_a_password_and_needs_no_link_from_then_on(app: Flask, house: House) -> None:
    """The link made her the instructor; after a pause she signs in as everybody does, to the same classes."""
    ines = instructor(app)
    course, _ = assigned(app, house)
    ines.get("/account")
    ines.get("/signup")
    ines.post("/signup", login="ines", name="Ines Okafor", password="three words in a row")
    assert ines.get(f"/teach/{course}")
    later = Person(app)
    later.get("/signin")
    later.post("/signin", login="ines", password="three words in a row")
    assert "Ines Okafor" in later.get(f"/teach/{course}")


def test_a_page_that_comes_back_with_a_mistake_still_shows_her_classes(app: Flask, house: House) -> None:
    """A class without a name, a wrong old password: what stood there before still does."""
    ines, ada = instructor(app), Person(app).sit_down()
    course, _ = assigned(app, house)
    ines.get("/teach/")
    assert "Health records, autumn" in ines.post("/teach/", 400, name="  ").text
    ada.post("/signup", login="ada", name="Ada", password="three words in a row")
    ada.get("/join")
    ada.post("/join", code=code_of(house, course))
    ada.get("/account")
    assert "Health records, autumn" in ada.post("/account/password", 400, old="wrong", new="another long one").text


def test_signing_in_is_being_seen(app: Flask, house: House) -> None:
    """Not only from the second minute on: the table says when she was last here."""
    ada = Person(app).sit_down()
    ada.post("/signup", login="ada", name="Ada", password="three words in a row")
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    with house.db.writing() as conn:
        conn.execute(people.person.update().values(seen=long_ago))
    later = Person(app)
    later.get("/signin")
    later.post("/signin", login="ada", password="three words in a row")
    with house.db.reading() as conn:
        assert people.sign_in(conn, "ada", "three words in a row").seen > long_ago


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


def test_pages_ask_as_few_questions_for_many_classes_and_assignments_as_for_one(app: Flask, house: House) -> None:
    """At most twelve: a learner's front page, and Ines's classes and class."""
    import sqlalchemy as sa

    ines, ada = instructor(app), Person(app).sit_down()
    asked: list[str] = []
    sa.event.listen(house.db.engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    counts = []
    for more in (1, 7):
        for _ in range(more):
            course, _ = assigned(app, house)
            with house.db.writing() as conn:
                for _ in range(more):
                    classroom.assign(conn, course, "hi-first-reports", ("hi",), None)
            ada.get("/join")
            ada.post("/join", code=code_of(house, course))
        hers, taught = ("/", "/seat/him", "/account"), ("/teach/", f"/teach/{course}")
        for who, path in (*((ada, path) for path in hers), *((ines, path) for path in taught)):
            asked.clear()
            who.get(path)
            counts.append((path if "c-" not in path else "class", len([s for s in asked if s.startswith("SELECT")])))
    assert counts[:5] == counts[5:] and max(count for _, count in counts) <= 12, counts


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
