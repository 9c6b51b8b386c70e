"""The database commits what ends well, and nothing else; writers queue, in threads and across processes."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from sandbox.audit import trail  # noqa: F401  (a table for metadata to make)
from sandbox.db import Database, upsert
from sandbox.errors import TrailUnwritten

COUNTER = sa.Table("counter_for_tests", sa.MetaData(), sa.Column("name", sa.Text, primary_key=True),
                   sa.Column("value", sa.Integer, nullable=False))


@pytest.fixture
def counting(db: Database) -> Database:
    """A database with a counter at nought."""
    with db.writing() as conn:
        COUNTER.drop(conn, checkfirst=True)
        COUNTER.create(conn)
        conn.execute(sa.insert(COUNTER).values(name="n", value=0))
    return db


def value(db: Database) -> int:
    """The counter."""
    with db.reading() as conn:
        return int(conn.execute(sa.select(COUNTER.c.value)).scalar_one())


def test_writing_commits_only_when_the_block_ends_well(counting: Database) -> None:
    """An error, even one that stops the program, rolls everything back."""
    with counting.writing() as conn:
        conn.execute(sa.update(COUNTER).values(value=1))
    for problem in (ValueError, KeyboardInterrupt, SystemExit):
        with pytest.raises(problem), counting.writing() as conn:
            conn.execute(sa.update(COUNTER).values(value=2))
            raise problem
    assert value(counting) == 1


def test_reading_never_changes_anything(counting: Database) -> None:
    """What is written by mistake is rolled back."""
    with counting.reading() as conn:
        conn.execute(sa.update(COUNTER).values(value=9))
    assert value(counting) == 0


def test_no_write_of_many_threads_is_lost(counting: Database) -> None:
    """Twenty threads read, add one and write, ten times each."""
    def add() -> None:
        for _ in range(10):
            with counting.writing() as conn:
                # PostgreSQL lets writers in side by side, so there the row itself is held.
                before = conn.execute(sa.select(COUNTER.c.value).with_for_update()).scalar_one()
                conn.execute(sa.update(COUNTER).values(value=before + 1))

    threads = [threading.Thread(target=add) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(counting) == 200


def test_no_write_of_two_processes_is_lost(sqlite_db: Database, tmp_path: Path) -> None:
    """The lock is a file, so another process queues on it too."""
    with sqlite_db.writing() as conn:
        COUNTER.create(conn)
        conn.execute(sa.insert(COUNTER).values(name="n", value=0))
    program = textwrap.dedent(f"""
        import pathlib, sqlalchemy as sa
        from sandbox.db import Database
        folder = pathlib.Path({str(tmp_path)!r})
        db = Database(f"sqlite:///{{folder / 'record.sqlite'}}", folder / "write.lock")
        for _ in range(50):
            with db.writing() as conn:
                before = conn.execute(sa.text("SELECT value FROM counter_for_tests")).scalar_one()
                conn.execute(sa.text("UPDATE counter_for_tests SET value = :v"), {{"v": before + 1}})
    """)
    root = Path(__file__).parent.parent
    both = [subprocess.Popen([sys.executable, "-c", program], cwd=root) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert value(sqlite_db) == 100


def test_a_full_disk_is_said_and_passes(sqlite_db: Database) -> None:
    """Writes answer 507 and leave nothing, reads go on; with room again, so do writes, without a restart."""
    with sqlite_db.writing() as conn:
        COUNTER.create(conn)
    room = {"pages": 40}

    @sa.event.listens_for(sqlite_db.engine, "begin")
    def limit(conn: sa.Connection) -> None:
        conn.exec_driver_sql(f"PRAGMA max_page_count={room['pages']}")

    with pytest.raises(TrailUnwritten) as problem, sqlite_db.writing() as conn:
        conn.execute(sa.insert(COUNTER), [{"name": f"{n}" + "x" * 4000, "value": n} for n in range(200)])
    assert problem.value.status == 507
    with sqlite_db.reading() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(COUNTER)).scalar_one() == 0
    room["pages"] = 4000
    with sqlite_db.writing() as conn:
        conn.execute(sa.insert(COUNTER), [{"name": f"{n}" + "x" * 4000, "value": n} for n in range(200)])
    with sqlite_db.reading() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(COUNTER)).scalar_one() == 200


def test_an_upsert_inserts_once_and_then_overwrites(counting: Database) -> None:
    """One statement on both databases; a row of keys alone is left as it is."""
    with counting.writing() as conn:
        upsert(conn, COUNTER, {"name": "m", "value": 5}, ["name"])
        upsert(conn, COUNTER, {"name": "m", "value": 6}, ["name"])
        upsert(conn, COUNTER, {"name": "m", "value": 7}, ["name"])
        rows = conn.execute(sa.select(COUNTER)).all()
        assert sorted(tuple(row) for row in rows) == [("m", 7), ("n", 0)]


def test_text_sorts_alike_on_both_databases(db: Database) -> None:
    """By code point, whatever the server's language."""
    from sandbox.db import BINARY

    words = ["a", "B", "Ä", "z", "A", "é", "_", "1"]
    table = sa.Table("words_for_tests", sa.MetaData(), sa.Column("word", BINARY, primary_key=True))
    with db.writing() as conn:
        table.drop(conn, checkfirst=True)
        table.create(conn)
        conn.execute(sa.insert(table), [{"word": word} for word in words])
        assert list(conn.execute(sa.select(table.c.word).order_by(table.c.word)).scalars()) == sorted(words)
        table.drop(conn)
