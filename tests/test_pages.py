"""The reading pages over HTTP: who sees what, where forms lead, what an error says."""

from __future__ import annotations

import html
import re
import shlex

import pytest
from flask import Flask
from houses import Person, instructor

from sandbox import classroom, db, people, workspace
from sandbox.house import House
from sandbox.web import kinds
from sandbox.web.pages import local_path


def test_the_chairs_say_what_they_are(app: Flask) -> None:
    """In the words of the two professions, with the one button for who does not know."""
    page = re.sub(r"<[^>]+>", "", Person(app).get("/"))
    assert "Health information management: make each record complete, rightly coded and protected" in page
    assert "Health informatics: build the systems and reports that use it" in page
    assert "Not sure? Try both, 20 minutes" in page


def test_looking_around_makes_no_guest_and_sitting_down_makes_one(app: Flask, house: House) -> None:
    """Pages are open; only a POST makes somebody, and a second one finds the same."""
    ada = Person(app)
    for path in ("/", "/seat/him", "/story/first-half-hour", "/kinds", "/compare", "/jobs/hi"):
        assert "Guest 1" not in ada.get(path)
    ada.sit_down()
    assert "Guest 1" in ada.get("/seat/hi")
    ada.post("/begin")
    assert "Guest 1" in ada.get("/")


@pytest.mark.parametrize("evil", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)",
                                  "/ok\nLocation: x", "evil", ""])
def test_going_on_never_leads_to_another_house(evil: str) -> None:
    """`next` is a path of this site or nothing."""
    assert local_path(evil) == ""
    assert local_path("/task/first-half-hour/him-cough") == "/task/first-half-hour/him-cough"


def test_who_waits_in_vain_for_her_turn_is_told_to_come_back(
        app: Flask, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty learners open a large story at once on a slow machine: not an error of hers, and nothing is half done."""
    ada = Person(app).sit_down()
    monkeypatch.setattr(db, "PATIENCE", 0.05)
    with house.db.writing():
        page = ada.get("/task/first-half-hour/him-cough", 503)
    assert "Very busy just now" in page and "Wait a minute" in page and "filelock" not in page.lower()
    assert "Done when" in ada.get("/task/first-half-hour/him-cough")


def test_a_desk_without_a_person_leads_to_sign_in_and_back(app: Flask) -> None:
    """As a guest too: one button, and she is where she wanted to be."""
    ada = Person(app)
    page = ada.get("/task/first-half-hour/him-cough")
    assert "Go on as a guest" in page
    answer = ada.post("/begin", follow=False, next="/task/first-half-hour/him-cough", status=303)
    assert answer.location.endswith("/task/first-half-hour/him-cough")


def test_the_comparison_puts_each_seat_on_its_own_line(app: Flask) -> None:
    """Counts only, and never two totals in one sentence."""
    ada = Person(app).sit_down()
    words = re.sub(r"<[^>]+>|&nbsp;", " ", ada.get("/compare"))
    assert "HIM: no counted task yet." in words and "HI: no counted task yet." in words
    assert "These are different tasks; the two numbers cannot be compared." in words
    assert "What this page cannot tell" in words and "%" not in words


def test_kinds_of_work_are_counted_over_all_duties(app: Flask) -> None:
    """m is what fixtures/duties.toml lists; each kind names a seat and an activity, here or to come."""
    assert len(kinds.duties()) == 17
    assert {d.seat for d in kinds.duties()} == {"him", "hi", "both"}
    assert all(d.activities and d.about.endswith(".") for d in kinds.duties())
    assert "Kinds of work tried: 0 of 17" in Person(app).get("/kinds")
    with app.test_request_context():
        assert kinds.tried([("first-half-hour", "him-cough")] * 3) == (2, 17)  # coding, and terms, once each


def test_a_job_page_is_sourced_dated_and_names_no_pay(app: Flask) -> None:
    """Each says whether one programs, what schooling is usual, and where that was read."""
    for seat in kinds.jobs():
        page = Person(app).get(f"/jobs/{seat}")
        assert "Looked up 2026-11" in page and "O*NET" in page and "Programming or not" in page
        assert "$" not in page and "salary" not in page.lower()


def test_a_story_says_what_it_builds_on_until_that_is_handed_in_and_locks_nothing(app: Flask, house: House) -> None:
    """Advice on the story's page alone: its tasks open all the same, and a class's instructor says what comes first."""
    ada = Person(app).sit_down()
    page = ada.get("/story/hi-questions-calls")
    assert '<a href="/story/hi-questions-falls">Falls on two wards</a> (50 min)' in page and "builds on" in page
    ada.get("/task/hi-questions-calls/hi-calls-readmissions")
    ada.submit("hi-questions-falls/hi-falls-rising", {})
    assert "builds on" not in ada.get("/story/hi-questions-calls")
    ines = instructor(app)
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.get(conn, people.OWNER), "Health informatics")
        given = classroom.assign(conn, course.id, "hi-quality-measures", ["hi"], None)
    assert "builds on" not in ines.get(f"/story/hi-quality-measures@{given.id}")
    assert "builds on" in ines.get("/story/hi-quality-measures")


def test_stories_and_classes_that_are_not_hers_look_like_nothing(app: Flask) -> None:
    """404, never 403: Mallory cannot tell a class from no class."""
    ines = instructor(app)
    ines.post("/teach/", name="Health records")
    course = re.search(r"/teach/(c-\w+)", ines.page)
    assert course
    mallory = Person(app).sit_down()
    for path in (f"/teach/{course[1]}", "/teach/", "/teach/c-none", "/story/first-half-hour@g-none", "/story/none",
                 "/seat/none", "/jobs/none", "/chart/w-none/", "/nowhere"):
        assert "There is nothing here" in mallory.get(path, 404), path


def test_a_script_gets_its_error_as_json(app: Flask) -> None:
    """{"problem": {message, hint}} where JSON was asked for, a page otherwise."""
    answer = app.test_client().get("/nowhere", headers={"Accept": "application/json"})
    assert answer.status_code == 404 and answer.json is not None and answer.json["problem"]["hint"]
    assert "<h1" in app.test_client().get("/nowhere").text


def test_a_form_without_its_token_is_refused_with_what_to_do(app: Flask) -> None:
    """CSRF: nothing happens, and the page says to reload."""
    answer = app.test_client().post("/begin")
    assert answer.status_code == 400 and "reload the page" in answer.text


def test_an_error_that_nobody_foresaw_shows_nothing_of_its_inside(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log has it; the page says that work is kept."""
    app.testing = False
    monkeypatch.setattr(kinds, "kinds_of", lambda _: 1 / 0)
    answer = app.test_client().get("/kinds")
    assert answer.status_code == 500 and "ZeroDivision" not in answer.text and "kept" in answer.text


def test_pages_hold_no_inline_script_and_no_inline_style(app: Flask) -> None:
    """What the policy forbids is not written in the first place."""
    ada = Person(app).sit_down()
    for path in ("/", "/seat/him", "/story/first-half-hour", "/compare", "/kinds", "/jobs/him", "/connect", "/account",
                 "/signout", "/join", "/task/first-half-hour/him-cough", "/task/first-half-hour/hi-average-stay-alone"):
        page = ada.get(path)
        assert " style=" not in page and not re.search(r"\son[a-z]+=", page), path
        assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page), path


def test_the_example_for_a_client_can_be_pasted_into_any_shell(app: Flask) -> None:
    """A token, shown once, in a curl command whose address is quoted: zsh would read its question mark as a pattern."""
    ada = Person(app).sit_down()
    room = re.search(r'name="workspace" value="([^"]+)"', ada.get("/connect"))
    assert room
    page = html.unescape(ada.post("/connect", workspace=room[1], label="curl").text)
    example = re.search(r'<pre[^>]*id="example"[^>]*>([^<]+)</pre>', page)
    assert example
    words = shlex.split(example[1])
    assert words[:2] == ["curl", "-H"]
    assert f'"{words[3]}"' in example[1]
    token = words[2].partition("Bearer ")[2]
    answer = app.test_client().get(words[3], headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_a_browser_that_looks_for_the_mark_by_itself_finds_it(app: Flask) -> None:
    """Beside a page part or JSON opened alone there is no link to it; a 404 would stand in the console."""
    answer = app.test_client().get("/favicon.ico")
    assert answer.status_code == 200 and answer.mimetype == "image/svg+xml"


def test_a_visits_page_says_what_happened_in_it(app: Flask, house: House) -> None:
    """When, who, diagnoses with their codes, documents and named places; the JSON stands below, folded."""
    ada = Person(app).sit_down()
    ada.get("/task/first-half-hour/him-strep-throat")
    with house.db.reading() as conn:
        room = workspace.every(conn)[-1]
        chart = workspace.Workspace(conn, room, workspace.Agent("p", "Test"), codes=house.codes, record=False)
        stay = next(e for e in chart.search("Encounter", {"class": "IMP", "status": "finished"}) if e.get("diagnosis"))
        first = chart.read("Condition", stay["diagnosis"][0]["condition"]["reference"].partition("/")[2])
        place = chart.read("Location", stay["location"][-1]["location"]["reference"].partition("/")[2])
    page = ada.get(f"/chart/{room.id}/Encounter/{stay['id']}")
    code = first["code"]["coding"][0]
    for words in (code["code"], "Discharge summary", place["name"], "Rank", "As FHIR JSON"):
        assert words in page, words
    assert f"/chart/{room.id}/Condition/{first['id']}" in page
    assert '<details class="raw">' in page
