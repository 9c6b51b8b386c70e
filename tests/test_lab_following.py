"""Tables that are laid out while their hospital is being stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import orjson
import pytest

from sandbox.db import Database
from sandbox.errors import Gone
from sandbox.fhir import store
from sandbox.lab.following import follow


def begun(db: Database) -> int:
    """A hospital that is to be filled, after another that is not looked at."""
    with db.writing() as conn:
        other = store.new_hospital(conn, "Another", date(2026, 6, 30))
        store.put_many(conn, other, patients("other", 5))
        return store.new_hospital(conn, "Growing", date(2026, 6, 30))


def patients(prefix: str, count: int) -> list[tuple[dict[str, str], str]]:
    """So many, each parsed and as text."""
    found = [{"resourceType": "Patient", "id": f"{prefix}-{n}", "gender": "female"} for n in range(count)]
    return [(one, orjson.dumps(one).decode()) for one in found]


def storing(db: Database, ws: int, counts: list[int], last: str) -> Iterator[str]:
    """Store a step, say so, and so on; one step is stored before anything is said."""
    for n, count in enumerate(counts):
        with db.writing() as conn:
            store.put_many(conn, ws, patients(f"s{n}", count))
        if n:
            yield "more\n"
    yield last


def test_tables_follow_what_is_committed_on_both_databases(db: Database, tmp_path: Path) -> None:
    """Each resource once, in the order of storing, with the meta of what is stored."""
    ws, path = begun(db), tmp_path / "made.duckdb"
    counts = [3, 2, 0, 1500, 1]
    assert follow(db, ws, storing(db, ws, counts, "end\n"), path) == sum(counts)
    with duckdb.connect(str(path), read_only=True) as con:
        rows = con.execute("SELECT patient_id, version_id FROM patient").fetchall()
    with db.reading() as conn:
        assert rows == [(one.id, str(one.version)) for one in store.stored(conn, ws)]


@pytest.mark.parametrize("last", ["", "more\n", "en"])
def test_whoever_stops_storing_without_a_word_leaves_no_tables(last: str, sqlite_db: Database, tmp_path: Path) -> None:
    """A hospital stored by half is not laid out as if it were whole; nothing stays lying about."""
    ws = begun(sqlite_db)
    with pytest.raises(Gone, match="not stored to its end"):
        follow(sqlite_db, ws, storing(sqlite_db, ws, [3, 2], last), tmp_path / "labs" / "made.duckdb")
    assert list((tmp_path / "labs").iterdir()) == []
