"""The end of a class: by its name alone, undone for thirty days, then gone; learners keep what they did."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from houses import Person
from test_gradebook import TASK, WRONG, Course

from sandbox import attempts, classroom, gradebook, people
from sandbox.classroom.course import course_table
from sandbox.db import metadata
from sandbox.errors import NotFound
from sandbox.house import House


@pytest.fixture
def course(app: Flask, house: House) -> Course:
    """Ines's class, for which Ada has sent a task."""
    made = Course(app, house)
    made.send(codes=WRONG)
    return made


def ends(course: Course, how: str, name: str = "Health records, autumn", status: int = 303) -> str:
    """Ines types the name."""
    page = f"/teach/{course.course.id}/end"
    course.ines.get(page)
    return course.ines.post(page, status, follow=False, name=name, do=how).text


def test_a_deleted_class_is_nowhere_and_comes_back_whole(course: Course, app: Flask) -> None:
    """404 for its pages, gone from Ada's seats; her own debrief stays; brought back, the grade is what it was."""
    assert "is not the name of this class" in ends(course, "delete", "Health records", 400)
    before = course.standing()
    first = course.ada.get(f"/story/{course.key}") and _newest(course)
    ends(course, "delete")
    for path in (f"/teach/{course.course.id}", f"/teach/{course.course.id}/{course.given.id}", course.page):
        course.ines.get(path, 404)
    course.ada.get(f"/story/{course.key}", 404)
    assert "Health records, autumn" not in course.ada.get("/seat/him")
    assert "R10.31" in course.ada.get(f"/attempt/{first}")
    late = Person(app).sit_down()
    late.get("/join")
    late.post("/join", 404, code=course.course.code)
    listed = course.ines.get("/teach/")
    assert "gone for good on" in listed and "Bring Health records, autumn back" in listed
    course.ines.post(f"/teach/{course.course.id}/restore", 303, follow=False)
    assert course.standing() == before
    course.ines.get(course.page)
    course.ada.get(f"/story/{course.key}")


def test_an_archived_class_stands_aside_until_it_is_wanted(course: Course) -> None:
    """Not in the list, not in Ada's seats; its page can still be read by who teaches it."""
    ends(course, "archive")
    assert "archived" in course.ines.get("/teach/")
    assert "Health records, autumn" in course.ines.get(f"/teach/{course.course.id}")
    course.ada.get(f"/task/{course.key}/{TASK}", 404)
    course.ines.get("/teach/")
    course.ines.post(f"/teach/{course.course.id}/restore", 303, follow=False)
    course.ada.get(f"/task/{course.key}/{TASK}")


def test_after_thirty_days_nothing_of_the_class_is_left_but_what_learners_did(course: Course, house: House) -> None:
    """One day too early nothing happens; then every row that names it goes, in whatever table."""
    with house.db.writing() as conn:
        gradebook.append(conn, (course.given.id, course.id, TASK), "comment", people.OWNER, words="Well read.")
        classroom.allow(conn, course.course.id, course.id, 150, 0)
    ends(course, "delete")
    with house.db.writing() as conn:
        assert classroom.purge(conn) == 0
        conn.execute(course_table.update().values(ended=people.now() - timedelta(days=31)))
        assert classroom.purge(conn) == 1
        marks = (course.course.id, course.given.id)
        left = {table.name for table in metadata.sorted_tables for row in conn.execute(sa.select(table))
                if any(mark in str(row) for mark in marks)}
        assert left <= {"attempt", "workspace", "presence"}  # hers, and where she was last
        assert attempts.get(conn, _newest(course)).report is not None
        with pytest.raises(NotFound):
            classroom.restore(conn, people.OWNER, course.course.id)


def test_mallory_ends_nothing_and_brings_nothing_back(course: Course, app: Flask) -> None:
    """Nor does somebody who only learns there."""
    mallory = Person(app).sit_down()
    for person in (mallory, course.ada):
        person.get(f"/teach/{course.course.id}/end", 404)
        person.post(f"/teach/{course.course.id}/end", 404, name="Health records, autumn", do="delete")
    ends(course, "delete")
    mallory.post(f"/teach/{course.course.id}/restore", 404)


def _newest(course: Course) -> str:
    with course.house.db.reading() as conn:
        return attempts.of_person(conn, course.id)[-1].id
