"""The process beside the one that builds a hospital: the same tables and index rows, and nothing is half done."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import houses
import orjson
import pytest
import sqlalchemy as sa

from sandbox import founding
from sandbox.fhir import index, store
from sandbox.fhir.text import edit_text, written
from sandbox.house import House
from sandbox.lab import base
from sandbox.lab.beside import Beside
from sandbox.lab.dictionary import shipped

MOMENT = datetime(2026, 6, 30, 13, tzinfo=UTC)


@pytest.fixture
def house(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house whose 60 patients are the first; three more are to come."""
    monkeypatch.setattr(founding, "FIRST", houses.PATIENTS)
    opened = houses.open_copy(built, tmp_path / "data", patients=houses.PATIENTS + 3)
    yield opened
    opened.labs.close()
    opened.db.close()


def steps() -> list[list[dict[str, object]]]:
    """Two small steps of resources."""
    return [[{"resourceType": "Patient", "id": f"p{n}{m}", "gender": "female"} for m in range(3)] for n in range(2)]


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table of a file, in the order of its rows."""
    with duckdb.connect(str(path), read_only=True) as con:
        return {view.name: con.execute(f'SELECT * FROM "{view.name}"').fetchall() for view in shipped().views}


def test_tables_and_index_rows_are_those_of_a_hospital_stored_in_one_process(house: House, tmp_path: Path) -> None:
    """Row by row and in order: what was laid out beside, and what is read from the record afterwards."""
    made = founding.grow(house)
    assert made is not None
    with house.db.writing() as conn:
        again = store.new_hospital(conn, made.name, made.today)
        store.put_many(conn, again, ((one, None) for one in founding._built(house, house.settings.patients)))
        store.publish(conn, again, default=False)
    with house.db.reading() as conn:
        beside = house.labs.base(conn, made.ws).path
        base.build(tmp_path / "read.duckdb", (one.resource for one in store.stored(conn, again)), shipped())
        for table in index.TABLES.values():
            columns = [column for column in table.columns if column.name not in ("ws", "row")]
            one, two = (conn.execute(sa.select(*columns).where(table.c.ws == ws).order_by(table.c.row, *columns)).all()
                        for ws in (made.ws, again))
            assert one == two and one
    assert not [path for path in house.labs.folder.iterdir() if path.name.startswith(".")]
    assert rows(beside) == rows(tmp_path / "read.duckdb")


def test_what_this_program_made_is_spelled_as_what_it_would_receive() -> None:
    """A resource of ours has no received text, and needs none: both ways give the same bytes."""
    ours = {"resourceType": "Observation", "meta": {"profile": ["x"]}, "id": "a", "valueQuantity": {"value": 72.5}}
    text = orjson.dumps(ours).decode()
    assert written(ours, version=3, last_updated="t") == edit_text(text, id="a", version=3, last_updated="t")


def test_a_process_that_dies_is_said_and_nobody_waits_for_it() -> None:
    """A memory bound, a person with kill: building stops with a reason, and can be taken up again."""
    with pytest.raises(RuntimeError, match="has ended before its work"), Beside(MOMENT) as beside:
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        list(beside.batches(steps()))


def test_what_cannot_be_read_is_said_by_the_one_who_waits(tmp_path: Path) -> None:
    """A table that cannot be written is an error here, not silence there."""
    with pytest.raises(FileNotFoundError), Beside(MOMENT, tmp_path / "nowhere") as beside:
        list(beside.batches(steps()))


def test_without_a_folder_there_are_batches_and_no_tables() -> None:
    """As where a part was stored before: the tables are read from the record then."""
    with Beside(MOMENT) as beside:
        found = list(beside.batches(steps()))
        assert beside.tables() is None
    assert [[row[1] for row in made] for made, _ in found] == [["p00", "p01", "p02"], ["p10", "p11", "p12"]]
    assert all(len(found_by["token"]) == 3 for _, found_by in found)
