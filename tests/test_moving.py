"""Rules changed after assigning: late work and release, what that would take from somebody, and who is told."""

from __future__ import annotations

import re
from datetime import timedelta

from answers import exemplar, room_of
from flask import Flask
from houses import Person, instructor

from sandbox import classroom, gradebook, people
from sandbox.house import House

STORY, TASK = "him-first-codes", "him-belly-pain"
LATE = {"late": "points", "late_points": "10", "late_floor": "50"}


class Late:
    """Ines's class, where Ada's exemplar came an hour late and cost nothing yet."""

    def __init__(self, app: Flask, house: House) -> None:
        self.house, self.ines, self.ada = house, instructor(app), Person(app).sit_down()
        with house.db.writing() as conn:
            self.course = classroom.create_course(conn, people.get(conn, people.OWNER), "Autumn")
            self.id = classroom.assign(conn, self.course.id, STORY, ("him",), people.now() - timedelta(hours=1)).id
        self.ada.post("/join", code=self.course.code)
        key = f"{STORY}@{self.id}"
        self.ada.get(f"/task/{key}/{TASK}")
        room = room_of(house, key)
        self.ada.submit(f"{key}/{TASK}", exemplar(house, room, TASK))
        self.who, self.page = room.owner, f"/teach/{self.course.id}/{self.id}"

    def change(self, status: int, **form: str) -> str:
        """Ines's form, as her page has it, with this instead."""
        page = self.ines.get(f"{self.page}/times")
        fields = {name: re.findall(rf'name="{name}"[^>]*value="([^"]*)"', page)[0] for name in ("mark", "due")}
        return self.ines.post(f"{self.page}/window", status, follow=status == 200, **{**fields, **form}).text

    def agree(self, page: str, **form: str) -> None:
        """She has read what it would take, and presses."""
        sure = re.search(r'name="sure" value="(\w+)"', page)
        assert sure, "nothing was asked"
        self.change(303, sure=sure[1], **form)

    def score(self) -> float | None:
        """What Ada's task counts."""
        with self.house.db.reading() as conn:
            given = classroom.assignment(conn, self.id)
            return gradebook.grades(conn, given, [self.who])[self.who, TASK].score


def test_a_harder_late_rule_shows_whose_grade_falls_and_is_done_when_agreed(app: Flask, house: House) -> None:
    """Nothing is done before; then it is, and Ada is told. A kinder rule asks nothing and takes nothing."""
    late = Late(app, house)
    shown = late.change(200, **LATE)
    assert "Nothing is changed yet" in shown and "100 becomes 90" in shown and 'value="10"' in shown
    assert late.score() == 100 and not late.change(303, late="mark").count("Nothing is changed yet")
    late.agree(shown, **LATE)
    assert late.score() == 90
    assert f"the rule for late work of “{house.scenarios[STORY].title}” was changed" in late.ada.get("/messages")
    late.change(303, **{**LATE, "late_points": "5"})
    assert late.score() == 95
    late.change(303, late="mark")
    assert late.score() == 100


def test_what_was_agreed_to_has_to_be_what_would_happen(app: Flask, house: House) -> None:
    """The mark of a milder rule does not carry a harder one: it is shown again, with nothing done."""
    late = Late(app, house)
    shown = late.change(200, **LATE)
    sure = re.findall(r'name="sure" value="(\w+)"', shown)[0]
    assert "100 becomes 60" in late.change(200, sure=sure, **{**LATE, "late_points": "40"})
    assert late.score() == 100


def test_a_due_time_that_is_moved_sooner_shows_whose_grade_falls(app: Flask, house: House) -> None:
    """Times weigh on grades where late work costs points: the same question is asked."""
    late = Late(app, house)
    late.change(303, due="2031-06-30T17:00", **LATE)
    assert late.score() == 100
    shown = late.change(200, due=(people.now() - timedelta(days=2)).astimezone(classroom.ZONE).strftime(
        "%Y-%m-%dT%H:%M"), **LATE)
    assert "100 becomes 70" in shown and late.score() == 100


def test_results_that_were_open_are_shut_again_only_when_that_is_agreed(app: Flask, house: House) -> None:
    """Sooner is done at once. Later says that what was read stays known; agreed to, her result waits."""
    late = Late(app, house)
    attempt = re.findall(r"/attempt/(a-\w+)", late.ada.get(f"/story/{STORY}@{late.id}"))[0]
    form = {"due": "2031-06-30T17:00", "release": "last"}
    shown = late.change(200, **form)
    assert "They would be shut again until 30 Jun 2031 17:00" in shown
    assert "criteria" in late.ada.get(f"/attempt/{attempt}")
    late.agree(shown, **form)
    assert "Results open on" in late.ada.get(f"/attempt/{attempt}")
    late.change(303, **{**form, "release": "once"})
    assert "criteria" in late.ada.get(f"/attempt/{attempt}")


def test_two_instructors_who_change_the_late_rule_at_once_do_not_undo_each_other(app: Flask, house: House) -> None:
    """The mark covers late work and release: the second is told, and nothing of hers is half done."""
    late = Late(app, house)
    due = "2031-06-30T17:00"
    late.change(303, due=due)
    opened = re.findall(r'name="mark" value="([^"]*)"', late.ines.get(f"{late.page}/times"))[0]
    for ida, ines in ((LATE, {"release": "last"}), ({"release": "last"}, LATE)):
        if ida is LATE:
            late.change(303, due=due, **ida)
        else:
            late.agree(late.change(200, due=due, **ida), due=due, **ida)
        with house.db.reading() as conn:
            held = classroom.assignment(conn, late.id)
        told = late.ines.post(f"{late.page}/window", 409, mark=opened, due="2031-07-30T17:00", **ines).text
        assert "changed meanwhile by somebody else" in told
        with house.db.reading() as conn:
            assert classroom.assignment(conn, late.id) == held
        opened = re.findall(r'name="mark" value="([^"]*)"', told)[0]
    assert late.change(400, late="points", late_points="0").count("Say how many points a day")
