"""Hostile SQL: every statement is refused, or stopped in time; no answer names a place on the server."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hostile_sql import REFUSED, STOPPED, everything, statements

from sandbox.errors import SqlProblem
from sandbox.lab import Lab, LabRooms


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabRooms]:
    rooms = LabRooms(tmp_path_factory.mktemp("labs-of-mallory"))
    yield rooms
    rooms.close()


@pytest.fixture(scope="module")
def lab(rooms: LabRooms) -> Lab:
    patient = {"resourceType": "Patient", "id": "p1", "gender": "female"}
    return rooms.hidden("hostile", lambda: [patient], date(2026, 6, 30))


def _refusal(lab: Lab, sql: str, seconds: float = 1.5) -> SqlProblem:
    with pytest.raises(SqlProblem) as caught:
        lab.run(sql, seconds=seconds)
    return caught.value


def test_the_corpus_is_large_enough() -> None:
    """At least sixty statements, over files, network, settings, memory, time, floods and catalog tricks."""
    assert len(everything()) >= 100


@pytest.mark.parametrize("group", REFUSED)
def test_a_hostile_statement_is_refused_at_once(lab: Lab, rooms: LabRooms, group: str) -> None:
    """Each is refused without being run, in a sentence that names no place on the server."""
    for sql in statements(REFUSED[group]):
        problem = _refusal(lab, sql)
        assert problem.kind in ("refused", "error"), (sql, problem.kind)
        _names_no_place(problem, rooms, sql)
    assert lab.run("SELECT count(*) FROM patient").rows == ((1,),)


@pytest.mark.parametrize("group", STOPPED)
def test_what_takes_too_much_is_stopped_and_the_lab_lives_on(lab: Lab, rooms: LabRooms, group: str) -> None:
    """Memory, time and size are bounded; the next query is answered."""
    for sql in statements(STOPPED[group]):
        start = time.monotonic()
        problem = _refusal(lab, sql, seconds=1.0)
        assert problem.kind in ("memory", "time", "rows", "error"), (sql, problem.kind, problem.message)
        assert time.monotonic() - start < 4, sql
        _names_no_place(problem, rooms, sql)
        assert lab.run("SELECT count(*) FROM patient").rows == ((1,),)


def test_a_flood_of_rows_is_cut_off_and_says_so(lab: Lab) -> None:
    """Rows beyond the bound, and bytes beyond it, are left out, and the answer says that it is not whole."""
    many = lab.run("SELECT * FROM range(100000000000)", rows=5000)
    assert (len(many.rows), many.truncated) == (5000, True)
    wide = lab.run("SELECT repeat('x', 100000) FROM range(1000)")
    assert wide.truncated and 0 < len(wide.rows) <= 80


def test_deep_nesting_and_long_text_are_refused(lab: Lab) -> None:
    """Parentheses and statements without end are refused and do not bring the lab down."""
    for sql in ("SELECT " + "(" * 20000 + "1" + ")" * 20000, "SELECT " + "-" * 1 + "1+" * 40000 + "1",
                "SELECT '" + "x" * 200_000 + "'"):
        _refusal(lab, sql)
        assert lab.run("SELECT count(*) FROM patient").rows == ((1,),)


def test_four_thousand_unions_are_answered_or_refused_and_the_lab_lives(lab: Lab) -> None:
    """Wide rather than hostile: how much memory its plan takes decides; a fresh worker has it, a used one may not."""
    try:
        assert lab.run("SELECT 1" + " UNION ALL SELECT 1" * 4000).rows[:2] == ((1,), (1,))
    except SqlProblem as problem:
        assert problem.kind in ("memory", "time", "error"), problem.message
    assert lab.run("SELECT count(*) FROM patient").rows == ((1,),)


def test_what_may_be_looked_at_names_no_place_either(lab: Lab, rooms: LabRooms) -> None:
    """The catalog that stays open (information_schema, SHOW, DESCRIBE, EXPLAIN) gives no path away."""
    for sql in ("SHOW ALL TABLES", "DESCRIBE patient", "SUMMARIZE patient", "FROM information_schema.tables",
                "FROM information_schema.schemata", "EXPLAIN SELECT * FROM patient",
                "EXPLAIN ANALYZE SELECT * FROM patient", "SELECT error('/root/secret/place')", "SHOW DATABASES"):
        try:
            said = str(lab.run(sql).rows)
        except SqlProblem as problem:
            said = problem.message + problem.hint
        assert str(rooms.folder) not in said and "/root" not in said and ".duckdb" not in said, sql


def _names_no_place(problem: SqlProblem, rooms: LabRooms, sql: str) -> None:
    said = problem.message + problem.hint
    assert str(rooms.folder) not in said and Path(__file__).parent.name + "/" not in said, said
    assert not re.search(r"/(root|home|tmp|usr|opt|work|proc)/", said.replace(sql, "")), said
