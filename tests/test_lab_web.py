"""The SQL pane's other end: answers, problems, files and tables by HTTP, for the workspace's own people alone."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask import Flask
from houses import Person
from hypothesis import given
from hypothesis import strategies as st

from sandbox import audit, workspace
from sandbox.house import House
from sandbox.lab import Table
from sandbox.web.sql import as_csv, as_json


@pytest.fixture
def ada(app: Flask) -> Person:
    return Person(app).sit_down()


@pytest.fixture
def room(ada: Person, house: House) -> str:
    with house.db.reading() as conn:
        return workspace.every(conn)[0].id


def ask(person: Person, path: str, sql: Any, status: int = 200) -> Any:
    """Send a statement as the pane does."""
    answer = person.client.post(path, json={"sql": sql}, headers={"X-CSRFToken": person.csrf()})
    assert answer.status_code == status, answer.text[:500]
    return answer.get_json(silent=True) if answer.is_json else answer.text


def test_a_statement_is_answered_with_its_rows(ada: Person, room: str) -> None:
    """Columns, types and rows; decimals are numbers, days and instants are text, null is null."""
    sql = "SELECT 1.50 AS a, DATE '2026-06-30' AS b, now() AS c, NULL AS d, 9007199254740993"
    said = ask(ada, f"/lab/{room}/run", sql)
    assert said["columns"][:4] == ["a", "b", "c", "d"]
    assert said["rows"] == [[1.5, "2026-06-30", "2026-06-30 13:00:00+00:00", None, "9007199254740993"]]
    assert said["types"][0] == "DECIMAL(3,2)" and said["truncated"] is False and said["milliseconds"] > 0


def test_a_problem_is_an_answer_with_its_place(ada: Person, room: str) -> None:
    """A wrong word, a refusal: message, kind, line and column, and status 200, so that no console turns red."""
    said = ask(ada, f"/lab/{room}/run", "SELECT 1,\n  nothing FROM patient")["problem"]
    assert (said["kind"], said["line"], said["column"]) == ("error", 2, 3)
    assert ask(ada, f"/lab/{room}/run", "DROP TABLE patient")["problem"]["kind"] == "refused"
    assert "sql" in ask(ada, f"/lab/{room}/run", None, 400)["message"]


def test_the_tables_are_described_for_eye_and_completion(ada: Person, room: str) -> None:
    """The rail's part of a page and the editor's schema tell of the same tables."""
    listed = ada.client.get(f"/lab/{room}/schema").get_json()["tables"]
    names = {table["name"]: table for table in listed}
    assert names["patient"]["rows"] > 60 and names["encounter"]["columns"][0]["key"] is True
    page = ada.get(f"/lab/{room}/tables")
    assert all(f'data-name="{name}"' in page for name in names)
    assert "Medical record number in use" in page
    assert 'data-sql="sql"' in ada.get(f"/lab/{room}/")


def test_every_statement_enters_the_trail(ada: Person, room: str, house: House) -> None:
    """What was asked of the lab stands there, refused or not; a file is an export; looking at the tables is neither."""
    with house.db.reading() as conn:
        before = len(audit.read(conn, room))
    assert ada.client.get(f"/lab/{room}/tables").status_code == 200
    ask(ada, f"/lab/{room}/run", "SELECT family FROM patient")
    ask(ada, f"/lab/{room}/run", "DROP TABLE patient")
    ask(ada, f"/lab/{room}/csv", "SELECT 1")
    with house.db.reading() as conn:
        entries = audit.read(conn, room)[before:]
        assert audit.verify(conn, room) is None
    assert [(entry.subtype, entry.query) for entry in entries] == [
        ("operation", "SELECT family FROM patient"), ("operation", "DROP TABLE patient"), ("export", "")]
    assert entries[2].note == "SQL: SELECT 1" and {entry.action for entry in entries} == {"E", "R"}


def test_another_persons_lab_is_not_there(app: Flask, ada: Person, room: str) -> None:
    """Mallory gets 404 by every door, signed in or not; so does everybody without a CSRF token."""
    mallory = Person(app).sit_down()
    for path in ("schema", "tables", ""):
        mallory.get(f"/lab/{room}/{path}", 404)
        Person(app).get(f"/lab/{room}/{path}", 404)
    for path in ("run", "csv"):
        ask(mallory, f"/lab/{room}/{path}", "SELECT 1", 404)
        assert ada.client.post(f"/lab/{room}/{path}", json={"sql": "SELECT 1"}).status_code == 400


def test_a_result_is_a_file_without_formulas(ada: Person, room: str) -> None:
    """CSV with a heading; what a spreadsheet would run is made text; null is nothing."""
    text = ask(ada, f"/lab/{room}/csv", "SELECT '=1+1' AS \"@a\", -5 AS b, NULL AS c, 'x,\"y' AS d")
    assert list(csv.reader(io.StringIO(text))) == [["'@a", "b", "c", "d"], ["'=1+1", "-5", "", 'x,"y']]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=4))
def test_no_text_of_a_file_begins_a_formula(cells: list[str]) -> None:
    """Whatever the text, no cell begins with = + - @, a tab or a return."""
    text = as_csv(Table(tuple("abcd"[:len(cells)]), ("VARCHAR",) * len(cells), (tuple(cells),)))
    row = list(csv.reader(io.StringIO(text, newline="")))[1]
    assert [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert [cell.removeprefix("'") for cell in row] == [cell.removeprefix("'") for cell in cells]


def test_numbers_without_a_json_spelling_become_text() -> None:
    """Infinity and not-a-number are words."""
    table = Table(("a", "b"), ("DOUBLE", "DOUBLE"), ((float("inf"), float("nan")),))
    assert as_json(table)["rows"] == [["inf", "nan"]]
