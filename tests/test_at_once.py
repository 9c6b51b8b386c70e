"""The same request many times in one moment, on both databases: a double click, two tabs, a class at nine o'clock."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from answers import exemplar, room_of
from flask import Flask
from houses import Person, copy, open_copy, opened, settings

from sandbox import attempts, people, workspace
from sandbox.app import create_app, first_hospital
from sandbox.db import Database
from sandbox.errors import NotFound
from sandbox.house import House, open_house

TASK = "him-first-codes/him-diabetes-visit"


@pytest.fixture(scope="module")
def served(postgres_url: str, built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house on PostgreSQL, in a database of its own, shared by this module's tests."""
    server = Database(postgres_url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text("DROP DATABASE IF EXISTS at_once"))
        conn.execute(sa.text("CREATE DATABASE at_once"))
    url = server.url.set(database="at_once").render_as_string(hide_password=False)
    server.close()
    data = copy(built, tmp_path_factory.mktemp("at-once") / "data")
    house = opened(settings(data, database_url=url, patients=20))
    yield house
    house.labs.close()
    house.db.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, built: Path, tmp_path: Path) -> Flask:
    """The application on each kind of database."""
    house = (request.getfixturevalue("served") if request.param == "postgresql"
             else open_copy(built, tmp_path / "data"))
    made = create_app(house=house)
    made.testing = True
    return made


def house_of(app: Flask) -> House:
    """The house that an application serves."""
    found: House = app.extensions["two_seats"]
    return found


def at_once(many: int, act: Callable[[int], Any]) -> list[Any]:
    """What `many` threads got that began together; an error is an outcome too."""
    barrier, outcomes = threading.Barrier(many), []

    def go(number: int) -> None:
        barrier.wait(30)
        try:
            outcomes.append(act(number))
        except Exception as error:
            outcomes.append(repr(error))

    threads = [threading.Thread(target=go, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return outcomes


def tabs(app: Flask, ada: Person, many: int) -> list[Person]:
    """As many tabs of the same browser."""
    cookie = ada.client.get_cookie("two_seats")
    assert cookie is not None
    opened = [Person(app) for _ in range(many)]
    for tab in opened:
        tab.client.set_cookie("two_seats", cookie.value)
        tab.page = ada.page
    return opened


@pytest.mark.parametrize("task", [TASK, "hi-first-reports/hi-readmission"])
def test_fifty_clicks_on_submit_are_one_submission_and_it_is_judged(app: Flask, task: str) -> None:
    """One attempt, delivered once, with a grade that no later click takes away; each click is led to it."""
    house, ada = house_of(app), Person(app).sit_down()
    ada.get(f"/task/{task}")
    form = {**exemplar(house, room_of(house, task.partition("/")[0]), task.partition("/")[2]),
            "csrf_token": ada.csrf(), "token": ada.token()}
    browser = tabs(app, ada, 50)

    def click(number: int) -> tuple[int, str | None]:
        answer = browser[number].client.post(f"/task/{task}", data=form)
        return answer.status_code, answer.location

    outcomes = at_once(50, click)
    assert {status for status, _ in outcomes} == {303}
    assert len({place for _, place in outcomes}) == 1
    with house.db.reading() as conn:
        attempt = attempts.get(conn, str(outcomes[0][1]).rpartition("/")[2])
        assert attempt.report is not None and attempt.report.score == 100
        assert len(attempts.of_person(conn, attempt.person)) == 1


def test_three_servers_that_start_at_once_on_postgresql_build_one_hospital(served: House, tmp_path: Path) -> None:
    """The second and the third wait, and find the first one's."""
    with served.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text("DROP DATABASE IF EXISTS three"))
        conn.execute(sa.text("CREATE DATABASE three"))
    url = served.db.url.set(database="three").render_as_string(hide_password=False)
    houses = [open_house(settings(tmp_path / str(number), database_url=url, patients=3),
                         codes_folder=served.settings.data / "codes") for number in range(3)]
    assert at_once(3, lambda number: first_hospital(houses[number], lambda _: None)) == [None] * 3
    with houses[0].db.reading() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM generation")).scalar() == 1
    for house in houses:
        house.labs.close()
        house.db.close()


def test_a_story_opened_in_eight_tabs_at_once_is_one_workspace(app: Flask) -> None:
    """Whoever comes second finds the first one's; so does the draft."""
    house, ada = house_of(app), Person(app).sit_down()
    browser = tabs(app, ada, 8)
    outcomes = at_once(8, lambda n: browser[n].client.get(f"/task/{TASK}").status_code)
    assert Counter(outcomes) == {200: 8}
    with house.db.reading() as conn:
        owner = room_of(house, "him-first-codes").owner
        assert [i.scenario for i in workspace.of_owner(conn, owner)].count("him-first-codes") == 1


def test_of_twenty_drafts_on_one_version_one_is_kept_and_nineteen_are_told(app: Flask) -> None:
    """412 for the rest: nobody is told that her words were kept when they were not."""
    ada = Person(app).sit_down()
    ada.get(f"/task/{TASK}")
    browser, head = tabs(app, ada, 20), {"X-CSRFToken": ada.csrf()}

    def save(number: int) -> int:
        body = {"version": 0, "form": {"note": str(number)}}
        return browser[number].client.put(f"/task/{TASK}/draft", json=body, headers=head).status_code

    assert Counter(at_once(20, save)) == {200: 1, 412: 19}


def test_a_hint_asked_for_twice_at_once_is_given_twice_and_counted_once(app: Flask) -> None:
    """A second press finds the first one's record."""
    ada = Person(app).sit_down()
    ada.get(f"/task/{TASK}")
    browser, form = tabs(app, ada, 12), {"csrf_token": ada.csrf(), "number": "1"}
    assert Counter(at_once(12, lambda n: browser[n].client.post(f"/task/{TASK}/hint", data=form).status_code)) == {
        200: 12}


def test_one_sign_in_name_wanted_by_ten_goes_to_one_and_nine_are_told(app: Flask) -> None:
    """409 with the page, never an error of ours."""
    crowd = [Person(app) for _ in range(10)]
    for one in crowd:
        one.get("/signup")

    def register(number: int) -> int:
        form = {"login": "the.same", "name": "Ada", "password": "three words in a row",
                "csrf_token": crowd[number].csrf()}
        return crowd[number].client.post("/signup", data=form).status_code

    assert Counter(at_once(10, register)) == {303: 1, 409: 9}


def test_an_instructors_link_pressed_by_eight_at_once_lets_in_one(app: Flask) -> None:
    """It is a password that works once."""
    house = house_of(app)
    with house.db.writing() as conn:
        link = people.instructor_link(conn)

    def use(_: int) -> str:
        try:
            with house.db.writing() as conn:
                return people.use_link(conn, "instructor", link).id
        except NotFound:
            return "refused"

    assert Counter(at_once(8, use)) == {people.OWNER: 1, "refused": 7}


@pytest.mark.parametrize("way", ["/attempt/a%00", "/story/first-half-hour@g%00", "/task/first-half-hour@g%00/him-cough",
                                 "/teach/c%00", "/codes/J02%00"])
def test_an_address_that_no_database_keeps_is_not_there(app: Flask, way: str) -> None:
    """A NUL is a plain 404, on PostgreSQL too."""
    assert Person(app).sit_down().client.get(way).status_code == 404


@pytest.mark.parametrize(("way", "form"), [
    ("/join", {"code": "ALDER\x00-47"}), ("/signin", {"login": "ada\x00", "password": "x"}),
    ("/signup", {"login": "ada.nul", "name": "A\x00da", "password": "three words in a row"}),
    ("/connect/revoke", {"token": "a\x00"}), ("/task/first-half-hour/him-cough", {"token": "\x00" * 20, "sure": "1"})])
def test_a_form_with_a_character_that_no_database_keeps_is_refused(app: Flask, way: str, form: dict[str, str]) -> None:
    """Never an error of ours: kept without it, not found, or refused with a sentence."""
    ada = Person(app).sit_down()
    assert ada.client.post(way, data={**form, "csrf_token": ada.csrf()}).status_code in (303, 400, 404)
