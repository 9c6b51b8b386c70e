"""Seeing a class as a learner sees it: all that is hers there, read and recorded, and nothing else by any button."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from answers import exemplar, room_of
from flask import Flask
from houses import Person
from test_gradebook import TASK, WRONG, Course

from sandbox import audit, classroom, gradebook, people, workspace
from sandbox.attempts.draft import draft
from sandbox.classroom.course import enrolment
from sandbox.db import metadata
from sandbox.house import House
from sandbox.web import viewing

HAND = "half a thought of hers"


@pytest.fixture
def course(app: Flask, house: House) -> Course:
    """Ines's class with Ada in it, at her desk."""
    return Course(app, house)


def looks(course: Course, person: str | None = None) -> None:
    """Ines begins to look as Ada, or as whom it says."""
    course.ines.get(f"/teach/{course.course.id}")
    course.ines.post(f"/teach/{course.course.id}/as", 303, follow=False,
                     **{"person": course.id if person is None else person})


def rows_of(house: House, person: str) -> list[str]:
    """Every row that names her but for the trail, which is for looks."""
    with house.db.reading() as conn:
        return sorted(f"{table.name} {tuple(row)}" for table in metadata.sorted_tables if table.name != "trail"
                      for row in conn.execute(sa.select(table)) if person in str(tuple(row)))


def test_ines_sees_what_ada_sees_of_the_class_and_every_look_is_written_down(course: Course, house: House) -> None:
    """Her list, story, desk with its draft, and debrief; the banner says whose; Ada reads that it was done."""
    body = {"version": 0, "form": {"codes": "[]", "hand": HAND}}
    kept = course.ada.client.put(f"/task/{course.key}/{TASK}/draft", json=body,
                                 headers={"X-CSRFToken": course.ada.csrf()})
    assert kept.status_code == 200
    assert "Who saw your pages" not in course.ada.get("/account")
    looks(course)
    before = rows_of(house, course.id)
    listed = course.ines.get("/seat/him")
    assert "You see Health records, autumn as" in listed and f"/story/{course.key}" in listed
    assert listed.count("<h2 id=") == 1  # what she does for herself is no business of a class's
    assert "in progress" in course.ines.get(f"/story/{course.key}")
    desk = course.ines.get(f"/task/{course.key}/{TASK}")
    assert HAND in desk and "data-looking" in desk and 'id="submit"' not in desk
    assert rows_of(house, course.id) == before
    room = room_of(house, course.key)
    with house.db.reading() as conn:
        newest = audit.read(conn, room.id)[-1]
    assert (newest.agent.role, newest.agent.id) == ("instructor", people.OWNER)
    course.ada.get(f"/task/{course.key}/{TASK}")
    first = course.send(codes=WRONG)
    assert course.ines.get(f"/attempt/{first}").count("You see Health") == 1
    assert "Instructor, Health records, autumn" in course.ada.get("/account")
    course.ines.get("/seat/him")
    course.ines.post(f"/teach/{course.course.id}/as/stop", 303, follow=False)
    assert "You see Health" not in course.ines.get("/seat/him") and "/story/first-half-hour" in course.ines.page


def test_what_waits_or_is_held_for_ada_is_so_for_who_looks(course: Course, house: House) -> None:
    """The debrief that Ines has of Ada's work shows it; the one that Ada has does not."""
    first = course.send(codes=WRONG)
    with house.db.writing() as conn:
        gradebook.hold(conn, course.given.id, "We look at one code again.", people.OWNER)
    assert "Score" in course.ines.get(f"/attempt/{first}")
    looks(course)
    page = course.ines.get(f"/attempt/{first}")
    assert "We look at one code again." in page and "Score" not in page


@pytest.mark.parametrize("path", ["/account", "/connect", "/compare", "/messages", "/dashboards", "/", "/kinds",
                                  "/teach/", "/story/him-first-codes", "/task/him-first-codes/him-belly-pain"])
def test_what_is_ada_s_alone_or_no_part_of_the_class_is_refused(course: Course, path: str) -> None:
    """What she said, her comparison and tokens, and Ines's own pages meanwhile: 423, with the way out on the page."""
    looks(course)
    page = course.ines.get(path, 423)
    assert "Stop looking first" in page and "/as/stop" in page


def test_nothing_is_sent_while_looking(course: Course, house: House, app: Flask) -> None:
    """Every address that takes something is refused, whatever it would do, and no row of any table changes."""
    first = course.send(codes=WRONG)
    looks(course)
    course.ines.get("/seat/him")
    head, before = {"X-CSRFToken": course.ines.csrf(), "Accept": "application/json"}, rows_of(house, "")
    places: dict[str, Any] = {"key": course.key, "name": TASK, "id": first, "ws": room_of(house, course.key).id}
    tried = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("fhir_api.") or rule.endpoint in ("teach.viewing.stop", "signin.signout"):
            continue  # a token's own door; the two ways out
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(places.get(m[1], "1")), rule.rule)
            form = {"codes": WRONG, "token": "t" * 24}
            answer = course.ines.client.open(path, method=method, headers=head, data=form)
            assert answer.status_code == 423, f"{method} {path}: {answer.status_code}"
            tried += 1
    assert tried > 50 and rows_of(house, "") == before


def test_ben_is_not_seen_by_looking_as_ada(course: Course, house: House, app: Flask) -> None:
    """His debrief, chart and lab are refused, though Ines may see them as who she is."""
    ben = Person(app).sit_down()
    ben.get("/join")
    ben.post("/join", code=course.course.code)
    ben.get(f"/task/{course.key}/{TASK}")
    his = ben.submit(f"{course.key}/{TASK}", {"codes": WRONG})
    with house.db.reading() as conn:
        hers, room = sorted(_rooms(conn, course.key), key=lambda each: each.owner != course.id)
    for path in (his, f"/chart/{room.id}/", f"/lab/{room.id}/schema"):
        course.ines.get(path)
    looks(course)
    for path in (his, f"/chart/{room.id}/", f"/lab/{room.id}/schema"):
        course.ines.get(path, 423)
    course.ines.get(f"/chart/{hers.id}/")


def _rooms(conn: sa.Connection, key: str) -> list[Any]:
    return [each for each in workspace.every(conn) if each.scenario == key]


def test_a_desk_that_she_has_not_opened_is_not_opened_by_looking(course: Course, house: House) -> None:
    """Her hospital, her draft and when she began are hers to begin."""
    other = next(t.name for t in house.scenarios["him-first-codes"].tasks if t.name != TASK)
    looks(course)
    assert "has not opened this desk yet" in course.ines.get(f"/task/{course.key}/{other}")
    with house.db.reading() as conn:
        assert other not in conn.execute(sa.select(draft.c.task)).scalars().all()


def test_as_any_learner_the_class_stands_at_its_own_times_and_nobody_is_written_down(course: Course,
                                                                                     house: House) -> None:
    """Without a name: the lists and the story's page, no desk; no row says that somebody was looked at."""
    with house.db.writing() as conn:
        classroom.shape(conn, course.given, people.now() + timedelta(days=1), None, None, None,
                        classroom.mark_of(course.given))
    looks(course, "")
    assert "as any of its learners would" in course.ines.get("/seat/him")
    assert "This opens for you on" in course.ines.get(f"/story/{course.key}")
    assert "choose a learner to see hers" in course.ines.get(f"/task/{course.key}/{TASK}")
    with house.db.reading() as conn:
        assert classroom.looks_at(conn, course.id) == []


def test_looking_ends_with_the_right_to_it_or_after_half_an_hour(course: Course, house: House, app: Flask,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner who leaves the class, and a clock that goes on, end it; Mallory and a stranger's class never begin."""
    looks(course)
    monkeypatch.setattr(viewing, "IDLE", -1)
    page = course.ines.get("/compare")
    assert "looking as a learner has ended" in page and "You see Health" not in page
    monkeypatch.undo()
    looks(course)
    with house.db.writing() as conn:
        conn.execute(enrolment.update().where(enrolment.c.person == course.id).values(active=False))
    assert "looking as a learner has ended" in course.ines.get("/compare")
    course.ines.post(f"/teach/{course.course.id}/as", 404, person=course.id)
    mallory = Person(app).sit_down()
    mallory.post(f"/teach/{course.course.id}/as", 404, person=course.id)
    mallory.post(f"/teach/{course.course.id}/as/stop", 404)


def test_exemplars_are_shown_to_nobody_by_looking(course: Course, house: House) -> None:
    """Her desk by other eyes holds no more of the key than by hers."""
    answer = exemplar(house, room_of(house, course.key), TASK)
    looks(course)
    page = course.ines.get(f"/task/{course.key}/{TASK}")
    assert all(value not in page for value in answer.values() if len(value) > 30)
