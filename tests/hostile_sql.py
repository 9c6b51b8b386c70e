"""The hostile corpus: statements that a lab refuses, and statements that it stops."""

from __future__ import annotations

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
#: Refused, each of them, inside a script; a copy is no way out of the lab.
SCRIPTS = """
    COPY patient TO '/tmp/stolen.csv'
    COPY patient FROM '/etc/passwd'
    EXPORT DATABASE '/tmp/stolen'
    IMPORT DATABASE '/tmp/stolen'
    ATTACH '/tmp/other.duckdb' AS other
    ATTACH ':memory:' AS other
    DETACH base
    USE base
    INSTALL httpfs
    LOAD httpfs
    CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')
    CREATE PERSISTENT SECRET s (TYPE s3)
    SET enable_external_access = true
    SET memory_limit = '64GB'
    RESET memory_limit
    PRAGMA database_list
    PRAGMA enable_profiling
    CALL duckdb_databases()
    CHECKPOINT
    VACUUM
    PREPARE p AS DELETE FROM patient
    EXECUTE p
    SET VARIABLE x = 1
    CREATE TABLE t AS FROM read_csv('/etc/passwd')
    CREATE TABLE t AS FROM read_text('/etc/passwd')
    CREATE TABLE t AS FROM '/etc/passwd'
    CREATE TABLE t AS FROM 'https://example.org/x.csv'
    INSERT INTO patient (patient_id) SELECT content FROM read_text('/etc/passwd')
    UPDATE patient SET mrn = (SELECT content FROM read_text('/etc/passwd'))
    CREATE VIEW v AS FROM read_parquet('/tmp/x.parquet')
    CREATE TABLE t AS FROM glob('/*')
    CREATE TABLE t AS FROM duckdb_databases()
    CREATE TABLE t AS FROM duckdb_settings
    CREATE TABLE t AS FROM pragma_database_size()
    CREATE TABLE t AS FROM query('SELECT 1')
    CREATE TABLE t AS FROM query_table('base.patient')
    CREATE TABLE t AS SELECT getenv('HOME')
    CREATE TABLE t AS SELECT current_setting('temp_directory')
    CREATE TABLE t AS SELECT "getenv"('HOME')
    CREATE TABLE t AS SELECT getenv /* here */ ('HOME')
    UPDATE patient SET mrn = 'HOME'.getenv()
    ALTER TABLE patient ADD COLUMN r DOUBLE DEFAULT random()
    UPDATE patient SET mrn = uuid()
    CREATE TABLE t AS SELECT gen_random_uuid()
    CREATE TABLE t AS FROM patient USING SAMPLE 3
    CREATE TABLE t AS FROM patient TABLESAMPLE reservoir(2)
    CREATE TABLE t AS SELECT main.now()
    CREATE TABLE t AS SELECT system.main.current_date()
    CREATE TABLE t AS SELECT age(TIMESTAMP '2020-01-01')
    CREATE MACRO now() AS 1
    CREATE OR REPLACE MACRO local_date(x) AS x
    CREATE FUNCTION f(x) AS x
    DROP MACRO today
    ALTER DATABASE memory RENAME TO m
    CREATE DATABASE d
    INSERT INTO patient FROM base.patient
    CREATE TABLE t AS FROM mine.kept_as_view
    DELETE FROM base.patient
    DROP TABLE base.patient
    DROP SCHEMA mine CASCADE
    DROP SCHEMA IF EXISTS mine
    DROP SCHEMA "mine" CASCADE
    DROP TABLE IF EXISTS mine.kept_as_view
    ALTER TABLE mine.kept_as_view ADD COLUMN x INT
    SELECT * FROM duckdb_settings()
    SELECT sleep_ms(4000)
    EXPLAIN ANALYZE DELETE FROM patient
    CREATE TRIGGER t AFTER INSERT ON patient FOR EACH STATEMENT INSERT INTO encounter (encounter_id) VALUES (uuid())"""
#: Allowed to begin in a script, and stopped: by time, memory, address space, recursion, output.
STOPPED_SCRIPTS = [
    "CREATE TABLE flood AS SELECT sum(a.range + b.range) FROM range(1000000) a, range(1000000) b",
    "INSERT INTO patient (patient_id) SELECT repeat('x', 1000000) || range FROM range(100000)",
    "UPDATE patient SET family = 'gone'; CREATE TABLE t AS SELECT repeat('x', 4000000000) AS x",
    "CREATE TABLE r AS WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) AS n FROM r",
    "SELECT a.range FROM range(1000000) a, range(1000000) b",
]


def statements(group: str) -> list[str]:
    """A group's statements, one a line."""
    return [line.strip() for line in group.strip().splitlines() if line.strip()]


def everything() -> list[str]:
    """The whole corpus, in order."""
    return [sql for group in (*REFUSED.values(), *STOPPED.values()) for sql in statements(group)]
