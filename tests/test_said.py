"""What a learner says herself: asked once, skippable, before any result, kept apart from every score."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import houses
import pytest
import sqlalchemy as sa
from flask import Flask
from houses import Person
from hypothesis import given
from hypothesis import strategies as st

from sandbox import attempts
from sandbox.attempts.said import number, said
from sandbox.db import Database
from sandbox.errors import BadInput
from sandbox.house import House
from sandbox.migrations import _HERE, migrate

COUNTED, STARTER = "him-office-mornings/him-wrist", "first-half-hour/him-cough"


def send(who: Person, task: str) -> str:
    """Submit the desk as it stands; the address of the attempt, not yet opened."""
    who.get(f"/task/{task}")
    answer = who.client.post(f"/task/{task}", data={"csrf_token": who.csrf(), "token": who.token(), "sure": "1"})
    assert answer.status_code == 303
    return str(answer.location)


def told(house: House) -> list[Any]:
    """What is kept: (expected, more) of every attempt that was asked about."""
    with house.db.reading() as conn:
        return [tuple(row) for row in conn.execute(sa.select(said.c.expected, said.c.more))]


def test_two_lines_stand_before_a_first_counted_result_and_nothing_of_the_result_is_on_their_page(
        app: Flask, house: House) -> None:
    """No count, no finding, nothing chosen; her answers are kept; then the debrief."""
    ada = Person(app).sit_down()
    address = send(ada, COUNTED)
    page = ada.get(address)
    words = re.sub(r"<[^>]+>", " ", page)
    assert "I expect this many to be right" in words and "more work like this" in words
    assert not re.search(r"\d+ of \d+|finding|missed", words) and "checked>" not in page
    assert "you met" in ada.post(f"{address}/said", expected="7", more="4").text
    assert "you met" in ada.get(address), "it is asked once"
    assert told(house) == [(7, 4)]


def test_what_was_said_before_the_result_is_not_changed_after_it(app: Flask, house: House) -> None:
    """A second answer, sent when she knows, is not taken; neither is one after a skip."""
    ada = Person(app).sit_down()
    address = send(ada, COUNTED)
    ada.get(address)
    ada.post(f"{address}/said", skip="1", expected="9")
    ada.post(f"{address}/said", expected="3", more="1")
    assert told(house) == [(None, None)]


def test_each_line_is_skippable_alone_and_nonsense_is_refused_with_the_scale(app: Flask, house: House) -> None:
    """11 of 10 is told; an empty line is a skip."""
    ada = Person(app).sit_down()
    address = send(ada, COUNTED)
    ada.get(address)
    assert "0 to 10" in ada.client.post(f"{address}/said", data={"csrf_token": ada.csrf(), "expected": "11"}).text
    assert told(house) == []
    ada.post(f"{address}/said", more="2")
    assert told(house) == [(None, 2)]


def test_practice_and_the_first_half_hour_ask_nothing(app: Flask, house: House) -> None:
    """Only what counts is asked about, and only the first time."""
    ada = Person(app).sit_down()
    assert "you met" in ada.get(send(ada, STARTER))
    ada.get(ada.submit(COUNTED, {}))
    assert "you met" in ada.get(send(ada, COUNTED))
    assert len(told(house)) == 1


def test_mallory_cannot_answer_for_ada_and_ines_sees_the_result_at_once(app: Flask, house: House) -> None:
    """A stranger gets 404; who teaches reads the debrief, and the lines still stand before Ada."""
    ines = houses.instructor(app)
    ines.post("/teach/", name="Records")
    course = re.search(r"/teach/(c-[0-9a-f]+)", ines.page)
    code = re.search(r"[A-Z]+-\d\d", ines.page)
    assert course and code
    ada, mallory = Person(app).sit_down(), Person(app).sit_down()
    ada.post("/join", code=code[0])
    ines.get(f"/teach/{course[1]}")
    ines.post(f"/teach/{course[1]}/assign", story="him-office-mornings", seats="him", variant="own")
    given = re.search(r"him-office-mornings@g-[0-9a-f]+", ada.get("/seat/him"))
    assert given
    address = send(ada, f"{given[0]}/him-wrist")
    answer = mallory.client.post(f"{address}/said", data={"csrf_token": mallory.csrf(), "more": "1"})
    assert answer.status_code == 404 and told(house) == []
    assert "criteria" in ines.get(address)
    assert "I expect this many" in ada.get(address)


def test_a_chair_is_asked_about_once_before_its_first_counted_work(app: Flask, house: House) -> None:
    """At the seat and at a counted desk, not in the first half hour; one press answers; a skip is an answer."""
    ada = Person(app).sit_down()
    line = "I expect to like this work"
    assert line not in ada.get(f"/task/{STARTER}")
    assert line in ada.get(f"/task/{COUNTED}") and line in ada.get("/seat/him") and line in ada.get("/seat/hi")
    assert line not in ada.post("/seat/him/hope", liking="4", next=f"/task/{COUNTED}").text
    ada.post("/seat/hi/hope", liking="")
    ada.post("/seat/hi/hope", liking="5")
    with house.db.reading() as conn:
        assert [dict(each) for each in attempts.hopes_of(conn, _everybody(conn)).values()] == [{"him": 4, "hi": None}]


def test_after_counted_work_a_chair_is_no_longer_asked_about(app: Flask, house: House) -> None:
    """An expectation that comes after is none; nobody who is not here yet is asked either."""
    ada = Person(app).sit_down()
    ada.submit(COUNTED, {})
    assert "I expect to like" not in ada.get("/seat/him")
    ada.post("/seat/him/hope", liking="1")
    with house.db.reading() as conn:
        assert attempts.hopes_of(conn, _everybody(conn)) == {}
    assert "I expect to like" not in Person(app).get("/seat/him")


def test_a_guests_expectation_goes_along_and_her_accounts_own_stays(sqlite_db: Database) -> None:
    """Of two the account's own is kept."""
    with sqlite_db.writing() as conn:
        attempts.hope_for(conn, "guest", "him", "2")
        attempts.hope_for(conn, "guest", "hi", "3")
        attempts.hope_for(conn, "ada", "him", "5")
        attempts.hand_over(conn, "guest", "ada")
        assert attempts.hopes_of(conn, ["ada"])["ada"] == {"him": 5, "hi": 3}


def test_nobody_is_asked_about_a_result_that_was_seen_before_the_house_asked(tmp_path: Path) -> None:
    """The upgrade marks what was submitted before as skipped."""
    from alembic import command
    from alembic.config import Config

    db = Database(f"sqlite:///{tmp_path / 'house.sqlite'}", tmp_path / "lock")
    migrate(db, tmp_path)
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    with db.engine.connect().execution_options(write=True) as conn, conn.begin():
        config.attributes["connection"] = conn
        command.downgrade(config, "0001")
        conn.execute(sa.text("""INSERT INTO attempt (seq, id, token, person, workspace, base, story, assignment, task,
            number, seed, digest, trail, work, evidence, summary, active, hints, submitted) VALUES
            (1, 'a-1', 't', 'ada', 'w', 1, 's', '', 't', 1, 1, '', 0, '', '', '', 0, 0, '2026-06-15 08:00:00')"""))
    migrate(db, tmp_path)
    with db.reading() as conn:
        assert attempts.said_of(conn, ["ada"]) == {"a-1": attempts.Said(None, None)}
    db.close()


@given(st.text(max_size=4))
def test_a_scale_takes_its_own_numbers_and_nothing_else(text: str) -> None:
    """Other digits, signs and spaces are refused, never guessed at."""
    if text == "":
        assert number(text, 1, 5) is None
    elif text in ("1", "2", "3", "4", "5"):
        assert number(text, 1, 5) == int(text)
    else:
        with pytest.raises(BadInput):
            number(text, 1, 5)


def _everybody(conn: sa.Connection) -> list[str]:
    from sandbox.people import person

    return list(conn.execute(sa.select(person.c.id)).scalars())
