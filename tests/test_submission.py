"""A submission, by HTTP: kept before it is judged, once for each token, delivered into her record, and explained."""

from __future__ import annotations

import json
from typing import Any

import pytest
from answers import conditions, exemplar, room_of
from flask import Flask
from houses import Person

from sandbox import attempts, people, workspace
from sandbox.app import create_app
from sandbox.house import House

COUGH = "first-half-hour/him-cough"
STAY = "him-first-codes/him-heart-failure"


def sat_down(app: Flask, task: str) -> Person:
    """Ada, a guest, at a desk."""
    ada = Person(app).sit_down()
    ada.get(f"/task/{task}")
    return ada


def test_an_exemplar_sent_through_the_page_earns_a_hundred_and_says_why(app: Flask, house: House) -> None:
    """Through form, database and debrief, not only through the grader."""
    ada = sat_down(app, COUGH)
    info = room_of(house, "first-half-hour")
    address = ada.submit(COUGH, exemplar(house, info, "him-cough"))
    assert address.startswith("/attempt/")
    with house.db.reading() as conn:
        attempt = attempts.get(conn, address.rsplit("/", 1)[1])
    assert attempt.report is not None
    assert attempt.report.score == 100
    assert "R05.9" in ada.page
    assert all(f.why for f in attempt.report.findings)


def test_the_same_token_gets_the_same_answer_and_one_attempt(app: Flask, house: House) -> None:
    """A double click is one submission."""
    ada = sat_down(app, COUGH)
    form = {**exemplar(house, room_of(house, "first-half-hour"), "him-cough"), "token": ada.token()}
    first = ada.post(f"/task/{COUGH}", 303, follow=False, **form)
    second = ada.post(f"/task/{COUGH}", 303, follow=False, **form)
    assert first.location == second.location
    with house.db.reading() as conn:
        assert len(attempts.ledger.everything(conn)) == 1


def test_work_that_cannot_be_read_comes_back_with_her_words_still_in_it(app: Flask, house: House) -> None:
    """A code that does not exist is named; nothing is stored as an attempt."""
    ada = sat_down(app, COUGH)
    codes = json.dumps([{"code": "R05.99", "poa": "", "spans": []}])
    answer = ada.post(f"/task/{COUGH}", 400, codes=codes, token=ada.token())
    assert "R05.99" in answer.text
    with house.db.reading() as conn:
        assert attempts.ledger.everything(conn) == []


def test_a_draft_is_kept_and_a_second_tab_is_told(app: Flask) -> None:
    """412 for the older tab; what was saved stands on the page after a reload."""
    ada = sat_down(app, COUGH)
    headers = {"X-CSRFToken": ada.csrf()}
    codes = json.dumps([{"code": "R05.9", "poa": "", "spans": []}])
    first = ada.client.put(f"/task/{COUGH}/draft", json={"version": 0, "form": {"codes": codes}}, headers=headers)
    assert (first.status_code, first.json["version"]) == (200, 1)
    late = ada.client.put(f"/task/{COUGH}/draft", json={"version": 0, "form": {"codes": "[]"}}, headers=headers)
    assert late.status_code == 412
    assert "R05.9" in ada.get(f"/task/{COUGH}")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"version": "x", "form": {}}', b'{"version": 0, "form": []}', b"{"])
def test_a_draft_that_cannot_be_read_is_a_plain_400(app: Flask, body: bytes) -> None:
    """Never a 500."""
    ada = sat_down(app, COUGH)
    answer = ada.client.put(f"/task/{COUGH}/draft", data=body, headers={"X-CSRFToken": ada.csrf()})
    assert answer.status_code == 400


def test_what_she_codes_enters_her_record_and_the_lab_counts_it(app: Flask, house: House) -> None:
    """Right or wrong: the HI seat sees what the HIM seat did, and nobody else does."""
    ada, ben = sat_down(app, STAY), sat_down(app, STAY)
    info = room_of(house, "him-first-codes")
    before = len(conditions(house, info))
    ada_room = min((i for i in _rooms(house) if i.scenario == "him-first-codes"), key=lambda i: i.opened)
    ada.submit(STAY, exemplar(house, ada_room, "him-heart-failure"))
    assert len(conditions(house, ada_room)) > 0
    assert len(conditions(house, info)) == before, "Ben's record is his own"
    assert ben.get(f"/task/{STAY}")
    patient = conditions(house, ada_room)[-1]["subject"]["reference"].removeprefix("Patient/")
    sql = f"SELECT count(*) FROM condition WHERE patient_id = '{patient}'"
    answer = ada.client.post(f"/lab/{ada_room.id}/run", json={"sql": sql}, headers={"X-CSRFToken": ada.csrf()})
    assert "rows" in answer.json, answer.json
    assert answer.json["rows"][0][0] >= len(conditions(house, ada_room))


def test_a_crash_in_the_grader_costs_nothing_and_is_taken_up_again(
        app: Flask, house: House, monkeypatch: Any) -> None:
    """Ungraded, never 0 or 100; judged at the next start."""
    ada = sat_down(app, COUGH)
    form = exemplar(house, room_of(house, "first-half-hour"), "him-cough")
    activity = type(house.scenarios.activity("first-half-hour", "him-cough"))
    with monkeypatch.context() as broken:
        broken.setattr(activity, "grade", lambda *_: 1 / 0)
        address = ada.submit(COUGH, form)
    id = address.rsplit("/", 1)[1]
    with house.db.reading() as conn:
        stored = attempts.get(conn, id)
    assert (stored.status, stored.report) == ("ungraded", None)
    assert "kept" in ada.page
    create_app(house=house)
    with house.db.reading() as conn:
        again = attempts.get(conn, id)
    assert again.report is not None
    assert again.report.score == 100


def test_judging_again_gives_the_same_bytes(app: Flask, house: House) -> None:
    """A regrade of an untouched attempt equals the stored grade."""
    ada = sat_down(app, STAY)
    ada.submit(STAY, exemplar(house, room_of(house, "him-first-codes"), "him-heart-failure"))
    with house.db.reading() as conn:
        (attempt,) = attempts.ledger.everything(conn)
        again = attempts.judge(conn, house, attempt.id)
    assert attempts.ledger.report_text(again) == attempts.ledger.report_text(attempt.report)  # type: ignore[arg-type]


def test_a_guests_work_moves_to_the_account_she_signs_in_to(app: Flask, house: House) -> None:
    """Both ways: making an account, and signing in to one she has."""
    ada = sat_down(app, COUGH)
    ada.post("/signup", login="ada", name="Ada Lindgren", password="three words in a row")
    ada.get("/signout")
    ada.post("/signout")
    later = sat_down(app, COUGH)
    later.submit(COUGH, exemplar(house, room_of(house, "first-half-hour"), "him-cough"))
    later.get("/signin")
    later.post("/signin", login="ada", password="three words in a row")
    with house.db.reading() as conn:
        (attempt,) = attempts.ledger.everything(conn)
    assert later.get(f"/attempt/{attempt.id}")
    assert attempt.person in {i.owner for i in _rooms(house)}


def test_what_she_typed_as_a_guest_goes_on_in_an_account_that_has_the_story_already(app: Flask, house: House) -> None:
    """Two workspaces for one story: each task goes on where she last worked at it; done twice is counted once."""
    ada, story = sat_down(app, COUGH), "him-first-codes"
    ada.post("/signup", login="ada", name="Ada Lindgren", password="three words in a row")
    ada.get(f"/task/{story}/him-belly-pain")
    ada.submit(f"{story}/him-belly-pain", exemplar(house, room_of(house, story), "him-belly-pain"))
    ada.get(f"/task/{story}/him-diabetes-visit")
    ada.client.put(f"/task/{story}/him-diabetes-visit/draft", json={"version": 0, "form": {"note": "kept at school"}},
                   headers={"X-CSRFToken": ada.csrf()})
    later = sat_down(app, COUGH)
    later.submit(f"{story}/him-belly-pain", {})
    later.get(f"/task/{story}/him-heart-failure")
    later.client.put(f"/task/{story}/him-heart-failure/draft", json={"version": 0, "form": {"note": "kept at home"}},
                     headers={"X-CSRFToken": later.csrf()})
    later.get("/signin")
    later.post("/signin", login="ada", password="three words in a row")
    with house.db.reading() as conn:
        ada_id = people.sign_in(conn, "ada", "three words in a row").id
        infos = [i for i in workspace.of_owner(conn, ada_id) if i.scenario == story]
        held = {(room, task) for _, room, task in attempts.working(conn, [ada_id])}
    assert len(infos) == 2
    for task, info in (("him-diabetes-visit", infos[0]), ("him-heart-failure", infos[1])):
        page = later.get(f"/task/{story}/{task}")
        assert info.id in page, task
        assert (info.id, task) in held
    assert "in progress" in later.get(f"/story/{story}").lower()
    assert "in 1 task. One task cannot say" in later.get("/compare")


def test_mallory_finds_nothing_of_adas(app: Flask, house: House) -> None:
    """404 for her attempt, her charts, her lab, her FHIR address; never 403."""
    ada, mallory = sat_down(app, COUGH), sat_down(app, COUGH)
    rooms = sorted((i for i in _rooms(house)), key=lambda i: i.opened)
    address = ada.submit(COUGH, exemplar(house, rooms[0], "him-cough"))
    room = rooms[0].id
    for path in (address, f"/chart/{room}/", f"/fhir/{room}/Patient", f"/lab/{room}/schema"):
        assert ada.client.get(path).status_code == 200, path
        assert mallory.client.get(path).status_code == 404, path
    headers = {"X-CSRFToken": mallory.csrf()}
    assert mallory.client.post(f"/lab/{room}/run", json={"sql": "SELECT 1"}, headers=headers).status_code == 404
    assert mallory.client.post(f"/reset/{room}", headers=headers).status_code == 404


def test_hints_come_in_order_and_are_remembered(app: Flask, house: House) -> None:
    """A place before a rule; the attempt says how many were opened."""
    ada = sat_down(app, COUGH)
    first = ada.post(f"/task/{COUGH}/hint").json
    assert (first["number"], first["kind"]) == (1, "place")
    skipping = ada.post(f"/task/{COUGH}/hint", number="9", sure="1").json
    assert skipping["number"] == 2
    ada.submit(COUGH, exemplar(house, room_of(house, "first-half-hour"), "him-cough"))
    with house.db.reading() as conn:
        assert attempts.ledger.everything(conn)[0].hints == 2


def test_a_reset_puts_the_record_back_and_can_be_undone(app: Flask, house: House) -> None:
    """What she coded goes, and comes back within a day."""
    ada = sat_down(app, COUGH)
    info = room_of(house, "first-half-hour")
    untouched = len(conditions(house, info))
    ada.submit(COUGH, exemplar(house, info, "him-cough"))
    coded = len(conditions(house, info))
    assert coded > untouched
    ada.post(f"/reset/{info.id}")
    assert len(conditions(house, info)) == untouched
    ada.post(f"/reset/{info.id}", undo="1")
    assert len(conditions(house, info)) == coded


def _rooms(house: House) -> list[Any]:
    from sandbox import workspace

    with house.db.reading() as conn:
        return workspace.every(conn)
