"""Hostile SQL: every statement is refused, or stopped in time; no answer names a place on the server."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from sandbox.errors import SqlProblem
from sandbox.lab import Lab, LabRooms

#: Refused at once, whatever they would do.
REFUSED = {
    "files": """
        SELECT * FROM read_csv('/etc/passwd')
        SELECT * FROM read_text('/etc/passwd')
        SELECT * FROM read_blob('/etc/shadow')
        SELECT * FROM read_json_auto('/proc/self/environ')
        SELECT * FROM read_parquet('s3://bucket/x.parquet')
        SELECT * FROM '/etc/passwd'
        SELECT * FROM 'x.csv'
        FROM '../record.sqlite'
        SELECT * FROM glob('/*')
        SELECT * FROM parquet_metadata('/tmp/x.parquet')
        SELECT * FROM sniff_csv('/etc/passwd')
        SELECT content.read_text() FROM (SELECT '/etc/passwd' AS content)
        COPY patient TO '/tmp/stolen.csv'
        COPY (SELECT 1) TO '/dev/stdout'
        COPY patient FROM '/etc/passwd'
        EXPORT DATABASE '/tmp/stolen'
        IMPORT DATABASE '/tmp/stolen'
        ATTACH '/tmp/other.duckdb' AS other
        ATTACH ':memory:' AS scratch
        DETACH base
        USE base
        SELECT * FROM base.patient
        SELECT * FROM base.main.patient
        SELECT * FROM mine.patient""",
    "network": """
        SELECT * FROM 'https://example.org/x.csv'
        SELECT * FROM read_csv('http://127.0.0.1:8000/x')
        INSTALL httpfs
        LOAD httpfs
        FORCE INSTALL spatial FROM community
        ATTACH 'https://example.org/a.duckdb' AS a
        CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')""",
    "settings": """
        SET enable_external_access = true
        SET lock_configuration = false
        SET memory_limit = '64GB'
        SET threads = 64
        SET temp_directory = '/tmp'
        RESET memory_limit
        PRAGMA database_list
        PRAGMA memory_limit = '64GB'
        PRAGMA enable_profiling
        SELECT current_setting('temp_directory')
        SELECT set_config('threads', '9', false)
        SELECT getenv('HOME')
        SELECT getvariable('x')
        SET VARIABLE x = 1
        SELECT sleep_ms(4000)
        CALL duckdb_databases()
        CHECKPOINT""",
    "changes": """
        DROP TABLE patient
        DELETE FROM patient
        UPDATE patient SET sex = 'x'
        INSERT INTO patient (patient_id) VALUES ('x')
        CREATE TABLE t AS SELECT 1
        CREATE VIEW patient2 AS SELECT 1
        CREATE OR REPLACE MACRO now() AS 1
        CREATE TEMP TABLE t (a INT)
        ALTER TABLE patient ADD COLUMN x INT
        TRUNCATE patient
        BEGIN TRANSACTION
        PREPARE p AS SELECT 1
        EXECUTE p
        VACUUM
        COMMENT ON TABLE patient IS 'x'
        SELECT 1; DROP TABLE patient
        SELECT 1; SELECT 2
        EXPLAIN ANALYZE DELETE FROM patient
        EXPLAIN COPY patient TO '/tmp/x'
        WITH x AS (DELETE FROM patient RETURNING *) SELECT * FROM x""",
    "catalog": """
        SELECT * FROM duckdb_databases()
        SELECT * FROM duckdb_settings()
        SELECT * FROM duckdb_secrets()
        SELECT * FROM duckdb_extensions()
        SELECT * FROM duckdb_temporary_files()
        SELECT * FROM duckdb_views
        SELECT * FROM pragma_database_size()
        SELECT * FROM query('SELECT * FROM duckdb_databases()')
        SELECT * FROM query_table('base.patient')
        SELECT json_execute_serialized_sql(json_serialize_sql('SELECT 1'))
        FROM json_execute_serialized_sql('{}')
        SELECT (SELECT count(*) FROM duckdb_settings())
        SELECT 1 WHERE EXISTS (FROM duckdb_databases())
        WITH d AS (FROM duckdb_databases()) SELECT 1
        SELECT * FROM patient ORDER BY (SELECT max(path) FROM duckdb_databases())
        SELECT [x.path for x in (SELECT list(d) FROM duckdb_databases() d)]
        SELECT * FROM sqlite_master
        SUMMARIZE FROM duckdb_databases()
        SUMMARIZE SELECT path FROM duckdb_databases()
        DESCRIBE SELECT * FROM duckdb_databases()
        EXPLAIN SELECT * FROM duckdb_databases()
        SELECT * FROM arrow_scan(1, 2, 3)
        SELECT * FROM pandas_scan(1)
        SELECT * FROM python_map_function(1, 2)
        SELECT * FROM message
        SELECT * FROM sys
        SELECT * FROM read_duckdb('x.duckdb')
        FROM pg_catalog.pg_settings
        FROM pg_settings
        FROM system.information_schema.tables, pg_catalog.pg_database
        SELECT * FROM sqlite_scan('/tmp/x', 'y')""",
    "unrepeatable": """
        SELECT random()
        SELECT uuid()
        SELECT gen_random_uuid()
        SELECT main.now()
        SELECT memory.now()
        SELECT "System".now()
        SELECT pg_catalog.now()
        SELECT system.main.random()
        SELECT age(TIMESTAMP '2020-01-01')
        SELECT setseed(0.5)
        SUMMARIZE SELECT random() FROM patient
        EXPLAIN ANALYZE SELECT random()
        SELECT current_query()
        SELECT "RANDOM"()
        SELECT * FROM patient USING SAMPLE 10%
        SELECT * FROM patient TABLESAMPLE reservoir(2)
        SELECT nextval('s')
        SELECT list_transform([1], lambda x: random())""",
    "nothing": "\n        -- only a comment\n        ;;\n        selec 1\n        SELECT",
}
#: Allowed to begin, and stopped: by memory, time or size.
STOPPED = {
    "memory": """
        SELECT repeat('x', 4000000000)
        SELECT length(repeat('x', 2000000000))
        SELECT list(range) FROM range(2000000000)
        SELECT count(DISTINCT range || repeat('x', 100)) FROM range(200000000)
        SELECT lpad('x', 2000000000, 'y')
        SELECT string_agg(repeat('ab', 100000), '') FROM range(100000)
        SELECT * FROM range(100000000) a ORDER BY hash(range)
        SELECT map_from_entries([(i, repeat('x', 1000000)) for i in range(100000)])
        SELECT range(3000000000)""",
    "time": """
        SELECT count(a.range + b.range) FROM range(1000000) a, range(1000000) b
        WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r
        SELECT count(*) FROM range(3000000) t(x) WHERE regexp_matches(repeat('a', 5000) || x, '(a|aa)*b')
        SELECT sum(md5(a.range || b.range)[1] = 'a') FROM range(1000000) a, range(1000000) b""",
    "floods": """
        SELECT repeat('x', 20000000)
        SELECT repeat('x', 9000000) FROM range(50)""",
}


def _statements(group: str) -> list[str]:
    return [line.strip() for line in group.strip().splitlines() if line.strip()]


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
    assert sum(len(_statements(each)) for each in (*REFUSED.values(), *STOPPED.values())) >= 100


@pytest.mark.parametrize("group", REFUSED)
def test_a_hostile_statement_is_refused_at_once(lab: Lab, rooms: LabRooms, group: str) -> None:
    """Each is refused without being run, in a sentence that names no place on the server."""
    for sql in _statements(REFUSED[group]):
        problem = _refusal(lab, sql)
        assert problem.kind in ("refused", "error"), (sql, problem.kind)
        _names_no_place(problem, rooms, sql)
    assert lab.run("SELECT count(*) FROM patient").rows == ((1,),)


@pytest.mark.parametrize("group", STOPPED)
def test_what_takes_too_much_is_stopped_and_the_lab_lives_on(lab: Lab, rooms: LabRooms, group: str) -> None:
    """Memory, time and size are bounded; the next query is answered."""
    for sql in _statements(STOPPED[group]):
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
