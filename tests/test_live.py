"""The live page: Ines sees where Ada is and who may need help, nudges, writes, extends; nobody else can."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from answers import exemplar, room_of
from flask import Flask
from houses import Person, instructor

from sandbox import attempts, classroom, people
from sandbox.attempts.draft import draft
from sandbox.classroom.live import CHECKED, QUIET
from sandbox.classroom.message import MOST, message_table, receipt
from sandbox.classroom.presence import presence_table
from sandbox.db import Database
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.house import House
from sandbox.workspace.keeping import workspace as workspace_table

TASK = "him-belly-pain"


class Lesson:
    """Ines's class with Ada at her desk: by HTTP."""

    def __init__(self, app: Flask, house: House) -> None:
        self.app, self.house, self.ines, self.ada = app, house, instructor(app), Person(app).sit_down()
        with house.db.writing() as conn:
            self.course = classroom.create_course(conn, people.get(conn, people.OWNER), "Health records, autumn")
            due = people.now() + timedelta(hours=1)
            self.given = classroom.assign(conn, self.course.id, "him-first-codes", ("him",), due)
        self.key = f"him-first-codes@{self.given.id}"
        self.live = f"/teach/{self.course.id}/{self.given.id}/live"
        self.join(self.ada)
        self.ada.get(f"/task/{self.key}/{TASK}")
        self.id = room_of(house, self.key).owner

    def join(self, person: Person) -> Person:
        """By the code."""
        person.get("/join")
        person.post("/join", code=self.course.code)
        return person

    def here(self, person: Person, path: str = "", checks: int = 0, status: int = 200) -> Any:
        """What an open page sends every ten seconds, and what it is told."""
        answer = person.client.post("/here", json={"path": path or f"/task/{self.key}/{TASK}", "checks": checks},
                                    headers={"X-CSRFToken": person.csrf(), "Accept": "application/json"})
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def spot(self, person: str = "") -> classroom.Spot:
        """Ada's line."""
        with self.house.db.reading() as conn:
            room = classroom.live(conn, self.house.scenarios, classroom.assignment(conn, self.given.id))
        return next(spot for spot in room.spots if spot.person.id == (person or self.id))

    def earlier(self, **ago: float) -> None:
        """As if she had come to the task, and saved last, so long ago; she is still heard of."""
        past = people.now() - timedelta(**ago)
        with self.house.db.writing() as conn:
            conn.execute(draft.update().values(saved=past))
            conn.execute(presence_table.update().values(since=past))

    def nudge(self, status: int = 200) -> str:
        """Ines presses the row's button."""
        self.ines.get(self.live)
        return self.ines.post(f"{self.live}/nudge", status, person=self.id).text


@pytest.fixture
def lesson(app: Flask, house: House) -> Lesson:
    """A lesson that has begun."""
    return Lesson(app, house)


def test_ines_sees_ada_at_work_then_quiet_and_nudges_and_sees_that_it_was_read(lesson: Lesson) -> None:
    """From at work to may need help after ten minutes; sent, on screen, read."""
    assert (lesson.spot().state, lesson.spot().why) == ("working", "")
    lesson.earlier(minutes=9, seconds=50)
    assert lesson.spot().state == "working"
    lesson.earlier(minutes=26, seconds=5)
    assert (lesson.spot().state, lesson.spot().why) == ("help", "nothing saved for 26 min")
    page = lesson.ines.get(lesson.live)
    assert "may need help</span> <span class=\"small\">nothing saved for 26 min" in page
    assert "A nudge is on its way to Guest" in lesson.nudge()
    assert lesson.spot().nudged is not None and lesson.spot().nudged[1] == "sent"
    (note,) = lesson.here(lesson.ada)["notes"]
    assert html.escape(classroom.NUDGE, quote=False) in html.unescape(note["html"])
    assert lesson.spot().nudged[1] == "on screen"
    lesson.ada.post(f"/messages/{note['id']}/read", 303, follow=False)
    assert lesson.spot().nudged[1] == "read"
    assert lesson.here(lesson.ada)["notes"] == []
    sent = lesson.ines.get(f"/teach/{lesson.course.id}/messages")
    assert len(re.findall(r">1 of 1<", sent)) == 2


def test_a_save_ends_being_stuck_and_going_away_is_not_being_stuck(lesson: Lesson) -> None:
    """Her next saved change puts her back to work; a page that sends no word for two minutes is away."""
    lesson.earlier(minutes=15)
    assert lesson.spot().state == "help"
    with lesson.house.db.writing() as conn:
        room = room_of(lesson.house, lesson.key)
        attempts.save_draft(conn, room.id, TASK, lesson.id, {"codes": "[]"}, 0)
    assert lesson.spot().state == "working"
    lesson.earlier(minutes=15)
    with lesson.house.db.writing() as conn:
        conn.execute(presence_table.update().values(at=people.now() - timedelta(minutes=3)))
    assert lesson.spot().state == "away"


def test_the_same_check_again_and_again_and_every_hint_read_are_signs_too(lesson: Lesson) -> None:
    """Four checks of the same work at once; every hint read and five minutes without a change."""
    lesson.here(lesson.ada, checks=CHECKED - 1)
    assert lesson.spot().state == "working"
    lesson.here(lesson.ada, checks=CHECKED)
    assert lesson.spot().why == "checked 4 times without a change"
    lesson.here(lesson.ada, checks=0)
    lesson.earlier(minutes=6)
    assert lesson.spot().state == "working"
    hints = lesson.house.scenarios.brief("him-first-codes", TASK).hints
    assert hints, "a task with hints is wanted here"
    for _ in range(hints):
        lesson.ada.client.post(f"/task/{lesson.key}/{TASK}/hint", data={"sure": "1"},
                               headers={"X-CSRFToken": lesson.ada.csrf()})
    lesson.earlier(minutes=6)
    assert lesson.spot().why == "every hint read, nothing saved for 6 min"


def test_who_submitted_is_not_stuck_and_who_did_everything_and_left_is_done(lesson: Lesson) -> None:
    """A submitted task worries nobody, however long she reads its result."""
    lesson.ada.submit(f"{lesson.key}/{TASK}", exemplar(lesson.house, room_of(lesson.house, lesson.key), TASK))
    lesson.earlier(minutes=40)
    assert (lesson.spot().state, lesson.spot().submitted) == ("working", 1)


def test_ines_sees_which_page_is_open_and_nothing_of_what_is_outside_the_assignment(lesson: Lesson) -> None:
    """Charts and tables by kind; any other page is “another page”; a made-up task of somebody else's moves nobody."""
    ws = room_of(lesson.house, lesson.key).id
    for path, page in ((f"/chart/{ws}/Patient", "the charts"), (f"/lab/{ws}/", "the tables"),
                       ("/task/first-half-hour/him-cough", "another page"), ("/account", "another page")):
        lesson.here(lesson.ada, path)
        assert (lesson.spot().page, lesson.spot().task.name) == (page, TASK)
    ben = lesson.join(Person(lesson.app).sit_down())
    lesson.here(ben)
    with lesson.house.db.reading() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(presence_table)).scalar() == 1
    assert "first-half-hour" not in lesson.ines.get(lesson.live).split("<main")[1]


def test_a_nudge_is_not_sent_twice_in_two_minutes_nor_to_who_is_not_in_the_class(lesson: Lesson) -> None:
    """The second press says so and sends nothing."""
    lesson.nudge()
    assert "was nudged less than two minutes ago" in lesson.nudge(409)
    assert len(lesson.here(lesson.ada)["notes"]) == 1
    mallory = Person(lesson.app).sit_down()
    lesson.ines.post(f"{lesson.live}/nudge", 404, person="p-nobody")
    assert lesson.here(mallory, "/")["notes"] == []


def test_a_message_goes_to_one_to_a_section_or_to_all_and_only_ines_can_send_it(lesson: Lesson) -> None:
    """Ada and Ben read what is theirs; learners have no way to write; Mallory cannot put away what was never hers."""
    ben, mallory = lesson.join(Person(lesson.app).sit_down()), Person(lesson.app).sit_down()
    page = f"/teach/{lesson.course.id}/messages"
    lesson.ines.get(page)
    assert "Sent to everybody (2 learners)" in lesson.ines.post(page, to="everybody", words="Ten minutes left.").text
    lesson.ines.post(page, to=f"person:{lesson.id}", words="<b>Look</b> at the note")
    told = lesson.ada.get("/messages")
    assert "Ten minutes left." in told and "&lt;b&gt;Look&lt;/b&gt; at the note" in told
    assert "Ten minutes left." in ben.get("/messages") and "Look" not in ben.page
    assert "Ten minutes left." in ben.get("/"), "without script it stands on her next page"
    for bad in ({"to": "everybody", "words": "  "}, {"to": "", "words": "x"}, {"to": "person:", "words": "x"},
                {"to": "everybody", "words": "x" * 1001}):
        lesson.ines.post(page, 400, **bad)
    lesson.ines.post(page, 404, to="section:none", words="x")
    ada = lesson.ada
    for someone in (ada, ben, mallory):
        someone.post(page, 404, to="everybody", words="Hello")
        assert someone.client.get(lesson.live).status_code == 404
    id = lesson.here(ada)["notes"][0]["id"]
    mallory.post(f"/messages/{id}/read", 404)
    ben.post(f"/messages/{id}/read", 404)


def test_ines_gives_ada_more_time_from_the_row_and_nobody_else(lesson: Lesson) -> None:
    """On top of her own due time; twice adds up; other minutes, or no due time, change nothing."""
    ben = lesson.join(Person(lesson.app).sit_down())
    assert ben
    lesson.ines.get(f"{lesson.live}?to={lesson.id}")
    assert "15 minutes more" in lesson.ines.page
    for _ in range(2):
        lesson.ines.post(f"{lesson.live}/more", person=lesson.id, minutes="15")
    with lesson.house.db.reading() as conn:
        ids = [each.id for each in classroom.learners(conn, lesson.course.id)]
        own = classroom.hers(conn, [lesson.given], ids)
    late = {id: own[lesson.given.id, id].due - lesson.given.due for id in ids}
    assert {lesson.id: timedelta(minutes=30)} == {id: more for id, more in late.items() if more}
    lesson.ines.post(f"{lesson.live}/more", 400, person=lesson.id, minutes="16")
    lesson.ines.post(f"{lesson.live}/more", 404, person="p-nobody", minutes="15")


@pytest.mark.parametrize("part", ["live/part", "table"])
def test_a_part_that_has_not_changed_is_not_sent_again_and_a_changed_one_is(lesson: Lesson, part: str) -> None:
    """304 by its tag; the same for whoever teaches, so no form token is in it; nothing of it to learners."""
    path = f"/teach/{lesson.course.id}/{lesson.given.id}/{part}"
    first = lesson.ines.client.get(path)
    assert first.status_code == 200 and "csrf" not in first.text and first.headers["Cache-Control"] == "no-store"
    again = lesson.ines.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    zipped = lesson.ines.client.get(path, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip" and len(zipped.get_data()) < len(first.get_data())
    lesson.join(Person(lesson.app).sit_down())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sandbox.web.fragment.FRESH", 0)
        changed = lesson.ines.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200 and changed.headers["ETag"] != first.headers["ETag"]
    assert lesson.ada.client.get(path, headers={"If-None-Match": changed.headers["ETag"]}).status_code == 404


def test_an_open_page_does_not_keep_a_session_alive(lesson: Lesson) -> None:
    """What she does herself counts as being here; word that her page sends does not."""
    with lesson.ada.client.session_transaction() as session:
        session["seen"] = 1000
    lesson.here(lesson.ada)
    with lesson.ada.client.session_transaction() as session:
        assert session["seen"] == 1000


@pytest.mark.parametrize("body", [None, [], {}, {"path": 3}, {"path": "x" * 401}])
def test_word_that_is_none_is_refused(lesson: Lesson, body: Any) -> None:
    """A script gets told so; nothing is written."""
    answer = lesson.ada.client.post("/here", json=body, headers={"X-CSRFToken": lesson.ada.csrf(),
                                                                 "Accept": "application/json"})
    assert answer.status_code == 400


def test_a_guests_messages_go_along_into_her_account(db: Database) -> None:
    """What was sent to both is there once."""
    with db.writing() as conn:
        course = classroom.create_course(conn, people.guest(conn), "Autumn")
        guest, account = people.guest(conn), people.guest(conn)
        for one in (guest, account):
            classroom.join(conn, one.id, course.code)
        classroom.send(conn, course.id, course.owner, "To both")
        classroom.send(conn, course.id, course.owner, "To her", person=guest.id)
        classroom.be_at(conn, guest.id, "s@g", "t")
        classroom.hand_over(conn, guest.id, account.id)
        assert sorted(note.words for note in classroom.unread(conn, account.id)) == ["To both", "To her"]
        assert classroom.presence(conn, guest.id) is None
        id = classroom.unread(conn, account.id)[0].id
        classroom.read_note(conn, account.id, id)
        classroom.read_note(conn, account.id, id)
        with pytest.raises(NotFound):
            classroom.read_note(conn, guest.id, id)
        assert {r.person for r in conn.execute(sa.select(receipt))} == {account.id}


def test_a_class_is_not_flooded(db: Database) -> None:
    """Thirty messages in ten minutes; nothing of the next is kept."""
    with db.writing() as conn:
        course = classroom.create_course(conn, people.guest(conn), "Autumn")
        ada = people.guest(conn)
        classroom.join(conn, ada.id, course.code)
        for n in range(MOST):
            classroom.send(conn, course.id, course.owner, f"Number {n}")
        with pytest.raises(Conflict, match="30 messages"):
            classroom.send(conn, course.id, course.owner, "One more")
        assert conn.execute(sa.select(sa.func.count()).select_from(message_table)).scalar() == MOST
        conn.execute(message_table.update().values(at=people.now() - timedelta(minutes=11)))
        classroom.send(conn, course.id, course.owner, "Later")
        with pytest.raises(BadInput):
            classroom.send(conn, course.id, course.owner, "\u202e\n ")


def test_the_live_page_asks_as_few_questions_for_many_as_for_one(db: Database, house: House) -> None:
    """And puts who may need help first, the longest quiet first of all."""
    with db.writing() as conn:
        course = classroom.create_course(conn, people.guest(conn), "Autumn")
        given = classroom.assign(conn, course.id, "him-first-codes", ["him"], None)
        counts = []
        for size in (1, 30):
            while len(classroom.learners(conn, course.id)) < size:
                classroom.join(conn, people.guest(conn).id, course.code)
            asked: list[str] = []
            note = lambda *each, asked=asked: asked.append(each[2])  # noqa: E731
            sa.event.listen(db.engine, "before_cursor_execute", note)
            classroom.live(conn, house.scenarios, given)
            sa.event.remove(db.engine, "before_cursor_execute", note)
            counts.append(len(asked))
        assert counts[0] == counts[1] <= 12
        ids = [each.id for each in classroom.learners(conn, course.id)]
        for id, minutes in ((ids[7], 12), (ids[20], 40), (ids[3], 2)):
            key, day = f"him-first-codes@{given.id}", people.now().date()
            conn.execute(workspace_table.insert().values(id=f"w{id}", owner=id, scenario=key, ws=1, base=1, today=day,
                                                         opened="", seed=1, shown="{}"))
            attempts.open_draft(conn, f"w{id}", TASK, id)
            conn.execute(draft.update().where(draft.c.person == id).values(
                saved=people.now() - timedelta(minutes=minutes)))
            classroom.be_at(conn, id, key, TASK)
            conn.execute(presence_table.update().where(presence_table.c.person == id).values(
                since=people.now() - timedelta(minutes=minutes)))
        room = classroom.live(conn, house.scenarios, given)
        assert [s.person.id for s in room.spots[:3]] == [ids[20], ids[7], ids[3]]
        assert (room.count("help"), room.count("working"), room.count("not started")) == (2, 1, 27)
        assert room.spots[0].quiet is not None and people.now() - room.spots[0].quiet > QUIET
