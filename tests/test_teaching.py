"""Who teaches a class, what late work costs, and when results open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from answers import exemplar, room_of
from flask import Flask
from houses import Person, instructor, open_copy
from hypothesis import given as drawn
from hypothesis import strategies as st

from sandbox import classroom, gradebook, people
from sandbox.app import create_app
from sandbox.classroom import ZONE, Assignment
from sandbox.house import House

STORY, TASK = "first-half-hour", "him-cough"


@pytest.fixture(scope="module")
def app(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One house for all tests here; each makes a class of its own."""
    house = open_copy(few, tmp_path_factory.mktemp("teaching") / "data")
    made = create_app(house=house)
    made.testing = True
    yield made
    house.labs.close()
    house.db.close()


def account(app: Flask, login: str, name: str) -> Person:
    """Somebody with an account, signed in."""
    person = Person(app)
    person.get("/signup")
    person.post("/signup", login=login, name=name, password="three words in a row")
    return person


def a_class(app: Flask, ines: Person) -> tuple[str, str]:
    """A class of hers: its id and join code."""
    ines.get("/teach/")
    ines.post("/teach/", name="Autumn")
    course = re.search(r"/teach/(c-\w+)", ines.page)
    code = re.search(r'Join code</span><b class="code">([^<]+)<', ines.page)
    assert course and code
    return course[1], code[1]


def at(minutes: int) -> str:
    """A moment so many minutes from now, as a browser's field says it."""
    return (people.now() + timedelta(minutes=minutes)).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


def assigned(ines: Person, course: str, **form: str) -> str:
    """Assign the starter's HIM seat: the assignment's id."""
    answer = ines.post(f"/teach/{course}/assign", 303, follow=False,
                       **{"story": STORY, "seats": "him", "variant": "own", **form})
    return answer.location.rsplit("/", 1)[1]


def a_link(ines: Person, course: str) -> str:
    """The path of a fresh link to teach the class too."""
    ines.post(f"/teach/{course}/teachers/link", 200)
    found = re.search(r"/teach/invited/[\w-]+", ines.page)
    assert found
    return found[0]


def test_a_link_lets_one_person_teach_too_until_the_owner_ends_it(app: Flask) -> None:
    """Ida comes by a link, teaches what Ines teaches but the class's staff, is removed, and finds nothing there."""
    ines = instructor(app)
    course, _ = a_class(app, ines)
    path, ida = a_link(ines, course), account(app, "ida", "Ida")
    ida.get(path)
    before = ida.client.get_cookie("two_seats")
    ida.post(path, 200)
    assert "You teach “Autumn” too" in ida.page and ida.client.get_cookie("two_seats") != before
    given = assigned(ida, course)
    ida.get(f"/teach/{course}/{given}")
    for work in ("teachers", "teachers/link"):
        ida.post(f"/teach/{course}/{work}", 404, login="otto")
    ida.get(f"/teach/{course}/teachers")
    assert "Add to this class" not in ida.page and "Leave" in ida.page
    account(app, "late", "Late").get(path, 404)  # used
    ines.get(f"/teach/{course}/teachers")
    who = re.search(r'name="person" value="(p-\w+)"', ines.page)
    assert who
    ines.post(f"/teach/{course}/teachers/remove", 200, person=who[1])
    ida.get(f"/teach/{course}", 404)
    ida.get("/teach/")
    assert course not in ida.page


def test_a_sign_in_name_adds_instructors_only_and_learners_of_the_class_never(app: Flask) -> None:
    """Mallory is no instructor: the form comes back; Ada learns in the class: the link stays unused."""
    ines = instructor(app)
    course, code = a_class(app, ines)
    account(app, "mallory", "Mallory")
    for login, status in (("mallory", 400), ("nobody-here", 400), ("", 400)):
        ines.post(f"/teach/{course}/teachers", status, login=login)
    ada = account(app, "ada", "Ada")
    ada.post("/join", code=code)
    path = a_link(ines, course)
    ada.get(path)
    ada.post(path, 409)
    ada.get(f"/teach/{course}", 404)
    otto = account(app, "otto", "Otto")
    otto.get(path)
    otto.post(path, 200)  # what Ada could not use was not used up
    other, _ = a_class(app, otto)
    ines.post(f"/teach/{other}/teachers", 404, login="otto")


def test_a_guest_is_led_to_sign_in_and_a_new_link_ends_the_old_one(app: Flask) -> None:
    """The link is not used up by looking, nor by somebody without an account."""
    ines = instructor(app)
    course, _ = a_class(app, ines)
    old = a_link(ines, course)
    new = a_link(ines, course)
    ben = Person(app).sit_down()
    ben.get(old, 404)
    ben.get(new)
    assert f"/signup?next={new}" in ben.page
    ben.post(new, 200)
    ben.get(f"/teach/{course}", 404)


def test_the_owner_cannot_be_removed_and_a_co_instructor_may_leave(app: Flask) -> None:
    """A class always has somebody who answers for it."""
    ines = instructor(app)
    course, _ = a_class(app, ines)
    path, ida = a_link(ines, course), account(app, "ida2", "Ida")
    ida.get(path)
    ida.post(path, 200)
    ines.post(f"/teach/{course}/teachers/remove", 404, person=people.OWNER)
    ida.post(f"/teach/{course}/teachers/remove", 404, person=people.OWNER)
    ida.get(f"/teach/{course}/teachers")
    who = re.search(r'name="person" value="(p-\w+)"', ida.page)
    assert who
    ida.post(f"/teach/{course}/teachers/remove", 200, person=who[1])
    assert "You do not teach this class any more" in ida.page


def test_a_story_says_when_it_opens_and_offers_nothing_to_begin(app: Flask) -> None:
    """Before opening Ada reads what is asked; there is no button that would only refuse her."""
    ines = instructor(app)
    course, code = a_class(app, ines)
    given = assigned(ines, course, opens=at(600), due=at(1200))
    ada = Person(app).sit_down()
    ada.post("/join", code=code)
    ada.get(f"/story/{STORY}@{given}")
    assert "This opens for you on" in ada.page
    assert "Begin" not in ada.page
    ada.get("/seat/him")
    assert f'value="{STORY}@{given}"' not in ada.page


def test_results_of_one_variant_open_when_nobody_hands_in_any_more(app: Flask) -> None:
    """Ada's work is in; no page says what it came to, for her, until the last due time; Ines reads it at once."""
    ines, house = instructor(app), app.extensions["two_seats"]
    course, code = a_class(app, ines)
    given = assigned(ines, course, variant="one", due=at(600))
    ada = Person(app).sit_down()
    ada.post("/join", code=code)
    key = f"{STORY}@{given}"
    ada.get(f"/task/{key}/{TASK}")
    room = room_of(house, key)
    attempt = ada.submit(f"{key}/{TASK}", exemplar(house, room, TASK)).rsplit("/", 1)[1]
    ada.get(f"/attempt/{attempt}")
    assert "Results open on" in ada.page and "criteria" not in ada.page and "finding" not in ada.page
    for path in (f"/story/{key}", "/seat/him", "/"):
        ada.get(path)
        assert not re.search(r"\d+ of \d+ met", ada.page), path
    ada.get(f"/story/{key}")
    assert "results open later" in ada.page
    ada.post(f"/attempt/{attempt}/again", 303, follow=False)
    ada.get("/")
    assert "not open yet" in ada.page
    ines.get(f"/attempt/{attempt}")
    assert "criteria" in ines.page
    over(house, given)
    ada.get(f"/attempt/{attempt}")
    assert "criteria" in ada.page


def over(house: House, assignment: str) -> None:
    """The class's due time has passed."""
    with house.db.writing() as conn:
        held = classroom.assignment(conn, assignment)
        passed = people.now() - timedelta(minutes=1)
        classroom.shape(conn, held, None, passed, None, None, classroom.mark_of(held))


def test_late_rules_are_checked_said_and_kept(app: Flask) -> None:
    """Nothing is assigned where the rule makes no sense; where it does, Ada reads it beside her times."""
    ines = instructor(app)
    course, code = a_class(app, ines)
    for form in ({"late": "points", "late_points": "10"}, {"late": "refuse"},
                 {"late": "points", "late_points": "0", "due": at(60)},
                 {"late": "points", "late_points": "101", "due": at(60)},
                 {"late": "points", "late_points": "5", "late_floor": "100", "due": at(60)}):
        ines.post(f"/teach/{course}/assign", 400, story=STORY, seats="him", **form)
    given = assigned(ines, course, late="points", late_points="10", late_floor="50", due=at(60))
    ada = Person(app).sit_down()
    ada.post("/join", code=code)
    ada.get(f"/story/{STORY}@{given}")
    assert "Each day late takes 10 of every 100 points you made, and never more than 50 of them." in ada.page
    shut = assigned(ines, course, late="refuse", due=at(60))
    ada.get(f"/story/{STORY}@{shut}")
    assert "Then it closes" in ada.page


@drawn(st.integers(1, 100), st.integers(0, 99), st.integers(-3000, 30000), st.integers(0, 30000))
def test_what_late_work_keeps_never_rises_with_time(points: int, floor: int, minutes: int, more: int) -> None:
    """One until due; then falling by the day, never below the floor, never above one."""
    due = datetime(2026, 3, 8, 5, tzinfo=people.now().tzinfo)
    given = Assignment("g", "c", STORY, ("him",), due, None, due, late_points=points, late_floor=floor)
    sooner = classroom.late_factor(given, due + timedelta(minutes=minutes))
    later = classroom.late_factor(given, due + timedelta(minutes=minutes + more))
    assert floor / 100 <= later <= sooner <= 1
    if minutes <= 0:
        assert sooner == 1
    else:
        assert sooner == max(floor, 100 - points * -(-minutes // 1440)) / 100


def test_two_instructors_who_change_the_same_times_do_not_undo_each_other(app: Flask) -> None:
    """Ida saves first; Ines is told, nothing of hers is half done, and with the page as it is now she can go on."""
    ines, house = instructor(app), app.extensions["two_seats"]
    course, _ = a_class(app, ines)
    path, ida = a_link(ines, course), account(app, "ida3", "Ida")
    ida.get(path)
    ida.post(path, 200)
    given = assigned(ines, course, due=at(600))
    page = f"/teach/{course}/{given}"
    for person in (ida, ines):
        person.get(f"{page}/times")
    mark = re.search(r'name="mark" value="([^"]*)"', ines.page)
    assert mark
    ida.post(f"{page}/window", 303, follow=False, due="2030-06-30T17:00", mark=mark[1])
    ines.post(f"{page}/window", 409, due="2031-06-30T17:00", closes="2031-07-30T17:00", mark=mark[1])
    assert "changed meanwhile by somebody else" in ines.page
    with house.db.reading() as conn:
        held = classroom.assignment(conn, given)
    assert held.closes is None and held.due == classroom.local_due("2030-06-30T17:00")


def test_a_late_try_counts_less_in_the_gradebook_and_says_why(app: Flask) -> None:
    """The exemplar an hour late, at 10 of 100 a day, stands as 90; with an extension that covers it, as 100."""
    ines, house = instructor(app), app.extensions["two_seats"]
    course, code = a_class(app, ines)
    given = assigned(ines, course, late="points", late_points="10", due=at(600))
    ada, key = Person(app).sit_down(), f"{STORY}@{given}"
    ada.post("/join", code=code)
    ada.get(f"/task/{key}/{TASK}")
    room = room_of(house, key)
    ada.submit(f"{key}/{TASK}", exemplar(house, room, TASK))
    with house.db.writing() as conn:
        held = classroom.assignment(conn, given)
        classroom.shape(conn, held, None, people.now() - timedelta(hours=1), None, None, classroom.mark_of(held))
        held = classroom.assignment(conn, given)
        counted = gradebook.grades(conn, held, [room.owner])[room.owner, TASK]
        assert counted.score == 90 and "Each day late takes 10" in counted.why
        classroom.extend(conn, held, [room.owner], people.now() + timedelta(hours=1))
        counted = gradebook.grades(conn, held, [room.owner])[room.owner, TASK]
        assert counted.score == 100 and "late takes" not in counted.why
