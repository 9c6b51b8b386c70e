"""The lab: what the record holds is what her SQL reads, on her workspace and for the graders."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from databases import sqlite_database

from sandbox.db import Database
from sandbox.errors import SqlProblem
from sandbox.fhir import store
from sandbox.fhir.store import Scope
from sandbox.lab import LabRooms
from sandbox.lab.dictionary import shipped
from sandbox.lab.values import day, instant, morning

TODAY = date(2026, 6, 30)
SYNTHEA = Path(__file__).resolve().parents[2] / "shared" / "data" / "synthea"
UNUSUAL = Path(__file__).with_name("test_lab_unusual.sql")
NOW = datetime(2026, 6, 30, 13, tzinfo=UTC)


def _visit(id: str, start: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    period = {"start": start} | ({"end": end} if end else {})
    return {"resourceType": "Encounter", "id": id, "status": "finished", "class": {"code": "IMP"}, "period": period,
            "subject": {"reference": "Patient/ann"}, **more}


PATIENTS = [
    {"resourceType": "Patient", "id": "ann", "birthDate": "1950-03-02", "gender": "female", "active": True,
     "identifier": [{"value": "000123", "type": {"coding": [{"code": "MR"}]}}],
     "name": [{"use": "official", "family": "Birch", "given": ["Ann"]}]},
    {"resourceType": "Patient", "id": "old", "birthDate": "1950-03",
     "link": [{"type": "replaced-by", "other": {"reference": "Patient/ann"}}]},
]
VISITS = [
    _visit("e1", "2026-02-01T03:30:00Z", "2026-02-03T18:00:00-06:00",
           hospitalization={"dischargeDisposition": {"coding": [{"code": "01"}]}},
           diagnosis=[{"condition": {"reference": "Condition/c1"}, "rank": 1},
                      {"condition": {"reference": "Condition/c2"}, "rank": 2}]),
    _visit("e2", "2026-06-29", serviceType={"coding": [{"code": "card", "display": "Cardiology"}]}),
]
CONDITIONS = [{"resourceType": "Condition", "id": id, "subject": {"reference": "Patient/ann"}, "encounter":
               {"reference": "Encounter/e1"}, "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm",
                                                                  "code": code}]}} for id, code in
              (("c1", "I50.23"), ("c2", "E11.22"))]


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabRooms]:
    rooms = LabRooms(tmp_path_factory.mktemp("data") / "labs")
    yield rooms
    rooms.close()


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, int]]:
    database = sqlite_database(tmp_path_factory.mktemp("record"))
    with database.writing() as conn:
        base = store.new_hospital(conn, "St Anne's", TODAY)
        put(conn, base, *PATIENTS, *VISITS, *CONDITIONS)
        store.publish(conn, base, default=True)
    yield database, base
    database.close()


def put(conn: sa.Connection, ws: int, *resources: dict[str, Any]) -> None:
    """Store resources as they are."""
    store.put_many(conn, ws, [(each, orjson.dumps(each).decode()) for each in resources])


def test_the_record_stands_in_tables(rooms: LabRooms, record: tuple[Database, int]) -> None:
    """Each value has its column's type; instants are UTC; a bare day is the facility's midnight."""
    database, base = record
    with database.reading() as conn:
        lab = rooms.of_base(conn, base)
    rows = lab.run("SELECT encounter_id, patient_id, start_at, end_at, disposition, service FROM encounter ORDER BY 1")
    assert rows.types[2] == "TIMESTAMP WITH TIME ZONE"
    assert rows.rows == (
        ("e1", "ann", datetime(2026, 2, 1, 3, 30, tzinfo=UTC), datetime(2026, 2, 4, 0, 0, tzinfo=UTC), "01", None),
        ("e2", "ann", datetime(2026, 6, 29, 5, 0, tzinfo=UTC), None, None, "Cardiology"))
    assert lab.run("SELECT mrn, family, given, birth_date FROM patient WHERE active").rows == (
        ("000123", "Birch", "Ann", date(1950, 3, 2)),)
    assert lab.run("SELECT birth_date, birth_date_raw FROM patient WHERE patient_id = 'old'").rows == (
        (None, "1950-03"),)


def test_what_joins_two_types_is_a_view(rooms: LabRooms, record: tuple[Database, int]) -> None:
    """encounter_dx brings the codes, person follows merges, hospital says today."""
    database, base = record
    with database.reading() as conn:
        lab = rooms.of_base(conn, base)
    assert lab.run("SELECT n, rank, code FROM encounter_dx ORDER BY rank").rows == ((1, 1, "I50.23"), (2, 2, "E11.22"))
    assert lab.run("SELECT patient_id, person_id FROM person ORDER BY 1").rows == (("ann", "ann"), ("old", "ann"))
    assert lab.run("FROM hospital").rows == ((TODAY, "America/Chicago", "St Anne's"),)
    stays = lab.run("SELECT admit_date, discharge_date, days, principal FROM acute_stay WHERE end_at IS NOT NULL")
    assert stays.rows == ((date(2026, 1, 31), date(2026, 2, 3), 3, "I50.23"),)


def test_today_is_the_workspaces_whatever_she_calls_it(rooms: LabRooms, record: tuple[Database, int]) -> None:
    """current_date, today(), now() and their kin all stand still."""
    database, base = record
    with database.reading() as conn:
        lab = rooms.of_base(conn, base, date(2026, 3, 8))
    row = lab.run("SELECT current_date, today(), now(), current_timestamp, get_current_timestamp(), "
                  "transaction_timestamp(), current_localtimestamp(), localtimestamp, today FROM hospital").rows[0]
    moment = datetime(2026, 3, 8, 13, 0, tzinfo=UTC)  # 08:00 in Chicago, on the day that summer time begins
    assert row == (date(2026, 3, 8),) * 2 + (moment,) * 4 + (moment.replace(tzinfo=None),) * 2 + (date(2026, 3, 8),)


def test_her_change_changes_the_next_query(rooms: LabRooms, record: tuple[Database, int]) -> None:
    """Base less shadow plus her rows: replaced, deleted, added, planted; and the neighbour sees nothing of it."""
    database, base = record
    with database.writing() as conn:
        hers = store.new_generation(conn, base, TODAY)
        bens = store.new_generation(conn, base, TODAY)
        put(conn, hers, {**CONDITIONS[0], "id": "planted"})
    codes = "SELECT condition_id, code, version_id FROM condition ORDER BY 1"

    def look(ws: int) -> tuple[tuple[Any, ...], ...]:
        with database.reading() as conn:
            return rooms.of_workspace(conn, ws, base, TODAY, "ada").run(codes).rows

    before = look(hers)
    assert before == (("c1", "I50.23", "1"), ("c2", "E11.22", "1"), ("planted", "I50.23", "1"))
    with database.writing() as conn:
        recoded = {**CONDITIONS[0], "code": {"coding": [{"code": "I50.33"}]}}
        store.update(conn, Scope(hers, base), "Condition", "c1", recoded, orjson.dumps(recoded).decode(), at=NOW)
        store.delete(conn, Scope(hers, base), "Condition", "c2", at=NOW)
    assert look(hers) == (("c1", "I50.33", "2"), ("planted", "I50.23", "1"))
    assert look(bens) == (("c1", "I50.23", "1"), ("c2", "E11.22", "1"))
    with database.writing() as conn:
        store.delete(conn, Scope(hers, base), "Condition", "planted", at=NOW)
    assert look(hers) == (("c1", "I50.33", "2"),)


def test_graders_have_the_shown_hospital_hidden_ones_and_any_reversed(
    rooms: LabRooms, record: tuple[Database, int],
) -> None:
    """A hidden hospital is built once; reversing turns every table's rows round, planted ones too."""
    database, base = record
    built = []

    def build() -> list[dict[str, Any]]:
        built.append(1)
        return [_visit(f"h{n}", "2026-01-01T12:00:00Z") for n in range(3)]

    with database.reading() as conn:
        labs = rooms.for_grading(conn, base, [_visit("p1", "2026-01-01"), _visit("p2", "2026-01-02")], TODAY)
    ids = "SELECT encounter_id FROM encounter"
    assert [row[0] for row in labs.shown.run(ids).rows] == ["e1", "e2", "p1", "p2"]
    assert [row[0] for row in labs.reversed(labs.shown).run(ids).rows] == ["p2", "p1", "e2", "e1"]
    for _ in range(2):
        hidden = labs.hidden("three-1", build, TODAY)
        assert [row[0] for row in labs.reversed(hidden).run(ids).rows] == ["h2", "h1", "h0"]
    assert built == [1]
    assert labs.hidden("three-1", build, date(2026, 7, 1)).name != hidden.name


def test_a_served_house_has_its_tables_before_the_first_query(tmp_path: Path, record: tuple[Database, int]) -> None:
    """Warming builds the default hospital's file and starts a worker, beside whatever else the server does."""
    database, _ = record
    rooms = LabRooms(tmp_path / "labs")
    rooms.warm(database.reading).join(timeout=30)
    assert len(list(rooms.folder.glob("base-*.duckdb"))) == 1
    assert [worker.alive for worker in rooms.pool._idle] == [True]
    rooms.close()
    assert rooms.pool._idle == []


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason="the genuine patients are not beside this checkout")
def test_genuine_patients_stand_in_the_same_tables(rooms: LabRooms) -> None:
    """Eight Synthea patients: as many rows as resources, and no value lost to a wrong type."""
    resources = [entry["resource"] for path in sorted(SYNTHEA.glob("*.json*"))
                 for entry in orjson.loads(_plain(path.read_bytes()))["entry"]]
    assert resources
    lab = rooms.hidden("synthea", lambda: resources, TODAY)
    for kind, table in (("Patient", "patient"), ("Encounter", "encounter"), ("Condition", "condition"),
                        ("Observation", "observation"), ("Claim", "claim"), ("Procedure", "procedure")):
        number = sum(each["resourceType"] == kind for each in resources)
        assert lab.run(f"SELECT count(*) FROM {table}").rows == ((number,),)
    started = sum("period" in each for each in resources if each["resourceType"] == "Encounter")
    assert lab.run("SELECT count(start_at), count(class) FROM encounter").rows[0] == (started, started)
    valued = sum("valueQuantity" in each for each in resources if each["resourceType"] == "Observation")
    assert lab.run("SELECT count(value_number) FROM observation").rows == ((valued,),)


def _plain(raw: bytes) -> bytes:
    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw


def test_a_half_built_file_is_never_taken_for_a_whole_one(tmp_path: Path) -> None:
    """When building fails, nothing is left behind, and the next attempt builds."""
    rooms = LabRooms(tmp_path / "labs")

    def breaks() -> Iterator[dict[str, Any]]:
        yield VISITS[0]
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        rooms.hidden("broken", breaks, TODAY)
    assert list(rooms.folder.iterdir()) == []
    lab = rooms.hidden("broken", lambda: VISITS, TODAY)
    assert lab.run("SELECT count(*) FROM encounter").rows == ((2,),)
    rooms.close()


def test_a_damaged_file_is_set_aside_and_built_again(tmp_path: Path, record: tuple[Database, int]) -> None:
    """Flipped bytes are noticed, told once, and gone at the next query."""
    database, base = record
    rooms = LabRooms(tmp_path / "labs")
    with database.reading() as conn:
        path = rooms.base(conn, base).path
    raw = bytearray(path.read_bytes())
    for at in range(4096, len(raw), 512):
        raw[at] ^= 0xFF
    path.write_bytes(raw)

    def count() -> Any:
        with database.reading() as conn:
            return rooms.of_base(conn, base).run("SELECT count(*) FROM encounter WHERE class = 'IMP'").rows

    with pytest.raises(SqlProblem, match="damaged") as caught:
        count()
    assert caught.value.kind == "broken"
    assert count() == ((2,),)
    assert len(list(rooms.folder.glob("*.damaged"))) == 1
    rooms.close()


def test_every_type_comes_back_as_itself(rooms: LabRooms) -> None:
    """Decimals stay exact, instants carry UTC, days are days, null is null, lists and structs are lists and dicts."""
    lab = rooms.hidden("empty", list, TODAY)
    row = lab.run("SELECT 1.10::DECIMAL(5,2), TIMESTAMPTZ '2026-01-01 00:00:00-06', DATE '2026-01-01', NULL, true, "
                  "INTERVAL 36 HOURS, 170141183460469231731687303715884105727, [1, NULL], {'a': DATE '2026-01-01'}, "
                  "'caf\u00e9', 1e308 * 10, '\\xAA'::BLOB, TIME '08:15'").rows[0]
    assert row[:7] == (Decimal("1.10"), datetime(2026, 1, 1, 6, tzinfo=UTC), date(2026, 1, 1), None, True,
                       timedelta(hours=36), 2**127 - 1)
    assert row[7:] == ([1, None], {"a": "2026-01-01"}, "caf\u00e9", float("inf"), b"\xaa", time_of(8, 15))


@pytest.mark.parametrize(("sql", "shown"), [
    ("DATE '294247-01-10'", "294247-01-10"), ("DATE '5000-01-01 (BC)'", "5000-01-01 (BC)"),
    ("TIMESTAMP '290000-01-01'", "290000-01-01 00:00:00"), ("TIME '24:00:00'", "24:00:00"),
    ("DATE '9999-12-31' + INTERVAL 3 YEAR", "10002-12-31 00:00:00")])
def test_a_day_that_python_does_not_have_is_shown_as_it_is_spelled(rooms: LabRooms, sql: str, shown: str) -> None:
    """A slip in a date's arithmetic is an answer to look at, not an error of ours."""
    assert rooms.hidden("empty", list, TODAY).run(f"SELECT {sql}").rows == ((shown,),)


def time_of(hour: int, minute: int) -> Any:
    """A time of day."""
    return datetime(2026, 1, 1, hour, minute).time()


def test_an_error_says_line_and_column(rooms: LabRooms) -> None:
    """The place is counted in characters, also after letters of two bytes, and the hint says what is near."""
    lab = rooms.hidden("empty", list, TODAY)
    with pytest.raises(SqlProblem) as caught:
        lab.run("SELECT 'caf\u00e9',\n       'caf\u00e9', familly\nFROM patient")
    assert (caught.value.line, caught.value.column) == (2, 16)
    assert caught.value.hint.startswith("Columns like it: ") and "family" in caught.value.hint
    with pytest.raises(SqlProblem) as caught:
        lab.run("SELECT sum(sex) FROM patient")
    assert caught.value.hint.startswith("It takes: sum(") and "\n" not in caught.value.hint
    with pytest.raises(SqlProblem) as caught:
        lab.run("SELECT 1,\n  random()")
    assert (caught.value.kind, caught.value.line, caught.value.column) == ("refused", 2, 3)


def test_a_correct_but_unusual_query_is_run(rooms: LabRooms, record: tuple[Database, int]) -> None:
    """What the walls refuse is not what an analyst writes: forms of SELECT that DuckDB knows are all answered."""
    database, base = record
    with database.reading() as conn:
        lab = rooms.of_base(conn, base)
    for sql in UNUSUAL.read_text("utf-8").splitlines()[1:]:
        assert lab.run(sql).columns, sql


def test_the_dictionary_describes_every_column(rooms: LabRooms) -> None:
    """Twenty-eight tables and their views: each column has a type, words, and a row count by table."""
    tables = rooms.hidden("one", lambda: PATIENTS, TODAY).schema()
    assert {table.name: table.rows for table in tables}["patient"] == 2
    assert len(tables) >= 33 and list(tables) == sorted(tables, key=lambda table: table.name)
    for table in tables:
        assert table.description
        for column in table.columns:
            assert column.type and (column.description or table.sql), (table.name, column.name)


def test_every_shipped_view_is_a_viewdefinition_with_its_key() -> None:
    """Each table carries the resource's own key, which a shadow hides rows by, its version and its instant."""
    for view in (view for view in shipped().views if view.resource):
        names = [column.name for column in view.columns]
        assert view.owner in names and names[-2:] == ["version_id", "last_updated"]


def test_a_killed_worker_is_replaced(rooms: LabRooms) -> None:
    """After a kill the next query is answered by another process."""
    lab = rooms.hidden("empty", list, TODAY)
    lab.run("SELECT 1")
    for worker in list(rooms.pool._idle):
        worker._process.kill()
        worker._process.wait()
    assert lab.run("SELECT 2").rows == ((2,),)


def test_one_query_at_a_time_for_each_learner_and_others_go_on(
    rooms: LabRooms, record: tuple[Database, int],
) -> None:
    """Ada's second query waits for her first; Ben's does not."""
    database, base = record
    with database.writing() as conn:
        ws = {name: store.new_generation(conn, base, TODAY) for name in ("ada", "ben")}
    with database.reading() as conn:
        labs = {name: rooms.of_workspace(conn, number, base, TODAY, name) for name, number in ws.items()}
    labs["ben"].run("SELECT 1")
    done: list[str] = []
    endless = "SELECT sum(md5(a.range || b.range)[1] = 'a') FROM range(9999) a, range(999999) b"

    def long() -> None:
        with pytest.raises(SqlProblem, match="stopped after 3 seconds"):
            labs["ada"].run(endless, seconds=3.0)
        done.append("ada's long one")

    thread = threading.Thread(target=long)
    thread.start()
    time.sleep(0.3)
    labs["ben"].run("SELECT 1")
    done.append("ben")
    labs["ada"].run("SELECT 1")
    done.append("ada's short one")
    thread.join()
    assert done[0] == "ben" and set(done[1:]) == {"ada's long one", "ada's short one"}


@pytest.mark.parametrize(("said", "meant"), [
    ("2026-03", None), ("2026", None), ("2026-03-08", "2026-03-08T06:00:00+00:00"), ("nonsense", None), (7, None),
    ("2026-03-08T01:59:59.5-06:00", "2026-03-08T07:59:59.500000+00:00"), ("2026-W10-1", None)])
def test_a_partial_date_is_no_instant(said: Any, meant: str | None) -> None:
    """A year or a month is not a day; what cannot be read is null and never a guess."""
    assert instant(said) == meant


def test_a_day_is_the_facilitys() -> None:
    """An instant's day is counted in Chicago, and the morning is 08:00 there, summer and winter."""
    assert day("2026-02-01T03:30:00Z") == "2026-01-31"
    assert (morning(date(2026, 1, 5)), morning(TODAY)) == ("2026-01-05 14:00:00", "2026-06-30 13:00:00")
