"""Scratch copies: changed by scripts, stopped, killed, damaged, made again; the lab behind stays as it is."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import hostile_sql
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.errors import SqlProblem
from sandbox.lab import LabRooms, Scratch, Step
from sandbox.lab.layer import Layer
from sandbox.lab.room import RoomLab

TODAY = date(2026, 6, 30)
ADD = "ALTER TABLE patient ADD COLUMN tongue VARCHAR DEFAULT 'und'"


def _patient(n: int, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": f"p{n:02d}", "gender": "female", "active": True, **more}


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabRooms]:
    rooms = LabRooms(tmp_path_factory.mktemp("labs-with-copies"))
    yield rooms
    rooms.close()


@pytest.fixture(scope="module")
def lab(rooms: LabRooms) -> RoomLab:
    found = rooms.hidden("copied", lambda: [_patient(n) for n in range(12)], TODAY)
    assert isinstance(found, RoomLab)
    return found


def hers(rooms: LabRooms, lab: RoomLab, notes: Path, *own: dict[str, Any]) -> RoomLab:
    """Ada's lab over the hospital, with resources of her own."""
    layer = Layer.of(own, (), rooms.dictionary)
    return RoomLab(rooms.pool, rooms.dictionary, lab.base, layer, TODAY, owner="Ada", notes=notes / "7")


def kill_all(rooms: LabRooms) -> None:
    """What a machine that is short of memory does."""
    for worker in list(rooms.pool._idle):
        worker._process.kill()
        worker._process.wait()


def test_a_copy_may_be_changed_and_the_lab_behind_it_does_not_notice(lab: RoomLab) -> None:
    """DDL and DML hold in the copy; the lab has neither the column nor fewer rows."""
    copy = lab.scratch()
    done = copy.apply(f"{ADD}; UPDATE patient SET tongue = 'es' WHERE patient_id < 'p03'; "
                      "DELETE FROM patient WHERE patient_id = 'p11'; CREATE TABLE note(a INT PRIMARY KEY)")
    assert (done.done, done.of, done.rows, done.trouble) == (4, 4, (-1, 3, 1, -1), None)
    assert copy.run("SELECT tongue, count(*) FROM patient GROUP BY 1 ORDER BY 1").rows == (("es", 3), ("und", 8))
    assert lab.run("SELECT count(*) FROM patient").rows == ((12,),)
    with pytest.raises(SqlProblem, match="tongue"):
        lab.run("SELECT tongue FROM patient")


def test_a_copy_says_how_it_stands(lab: RoomLab) -> None:
    """Columns with their nulls and defaults, indexes, constraints, types, views, rows and a checksum that knows no
    order, of what something has spoken of."""
    copy = lab.scratch(setup=["CREATE TABLE map(raw VARCHAR, code VARCHAR)"])
    before = copy.look()
    assert set(before.tables) == {"map"}
    copy.apply(f"CREATE TYPE answer AS ENUM ('yes', 'no'); {ADD}; CREATE UNIQUE INDEX one ON patient (patient_id); "
               "CREATE VIEW short AS SELECT patient_id FROM patient; ALTER TABLE map ALTER code SET NOT NULL; "
               "CREATE TABLE link(a INT PRIMARY KEY, CHECK (a > 0))")
    after = copy.look()
    assert ("patient", "tongue", "VARCHAR", True, "'und'") in after.columns
    assert ("map", "code", "VARCHAR", False, "") in after.columns
    assert [index[:3] for index in after.indexes] == [("patient", "one", "unique")]
    assert {each[:2] for each in after.constraints} == {("link", "PRIMARY KEY"), ("link", "CHECK")}
    assert after.types == ("answer",) and "short" in after.views
    assert after.tables["patient"][0] == 12
    turned = lab.scratch(setup=["CREATE TABLE map(raw VARCHAR, code VARCHAR)"])
    turned.apply(f"{ADD}; CREATE TABLE p2 AS FROM patient ORDER BY patient_id DESC; DELETE FROM patient; "
                 "INSERT INTO patient FROM p2; DROP TABLE p2")
    assert turned.look().tables["patient"] == after.tables["patient"]


def test_a_script_runs_to_its_first_error_and_says_where(lab: RoomLab) -> None:
    """What came before holds, unless it stood in the transaction that failed; statement, line and column are told."""
    copy = lab.scratch()
    done = copy.apply(f"{ADD};\nBEGIN;\nUPDATE patient SET tongue = 'x';\nUPDATE patient SET nobody = 1;\nCOMMIT;")
    assert done.trouble and (done.done, done.of) == (3, 5)
    assert (done.trouble.type, done.trouble.statement, done.trouble.line) == ("Binder", 4, 4)
    assert copy.run("SELECT DISTINCT tongue FROM patient").rows == (("und",),)


def test_a_script_that_cannot_be_read_runs_nothing(lab: RoomLab) -> None:
    """Which statement cannot be read is said even where DuckDB gives no place."""
    copy = lab.scratch()
    done = copy.apply("DELETE FROM patient;\nALTER TABLE patient ADD COLUMN IF NOT EXISTS a INT NOT NULL DEFAULT 1")
    assert done.done == 0 and done.trouble and done.trouble.statement == 2
    assert copy.run("SELECT count(*) FROM patient").rows == ((12,),)


def test_a_transaction_without_its_commit_keeps_nothing(lab: RoomLab) -> None:
    """And says so."""
    copy = lab.scratch()
    done = copy.apply("BEGIN; DELETE FROM patient;")
    assert done.trouble and done.trouble.type == "Open" and "COMMIT" in done.trouble.hint
    assert copy.run("SELECT count(*) FROM patient").rows == ((12,),)


def test_a_probe_leaves_nothing_behind(lab: RoomLab) -> None:
    """Whether it goes through or is refused; what it would have shown is told."""
    copy = lab.scratch()
    copy.apply("CREATE UNIQUE INDEX one ON patient (patient_id)")
    before = copy.look()
    through, refused, _ = copy.play([
        Step("probe", "INSERT INTO patient (patient_id) VALUES ('new')", then="SELECT count(*) FROM patient"),
        Step("probe", "INSERT INTO patient (patient_id) VALUES ('p01')"), Step("look")])
    assert through.table.rows == ((13,),) and through.trouble is None  # type: ignore[union-attr]
    assert refused.trouble.type == "Constraint"  # type: ignore[union-attr]
    assert copy.look() == before and copy.journal() == copy.journal()[:1]


def test_what_is_temporary_is_gone_with_its_script(lab: RoomLab) -> None:
    """A temporary table that bears a real one's name deceives nobody afterwards."""
    copy = lab.scratch()
    done = copy.apply("CREATE TEMP TABLE patient AS SELECT 1 AS a; INSERT INTO patient VALUES (2)")
    assert done.trouble is None
    assert copy.run("SELECT count(*) FROM patient").rows == ((12,),)


def test_today_is_the_workspaces_in_a_script_too(lab: RoomLab) -> None:
    """Whatever she calls it, as a value, as a default and inside a trigger."""
    copy = lab.scratch()
    copy.apply("CREATE TABLE days(n INT, a DATE DEFAULT current_date, b DATE DEFAULT today(), "
               "c TIMESTAMPTZ DEFAULT now()); INSERT INTO days (n) VALUES (1);"
               "INSERT INTO days VALUES (2, current_date, today(), now())")
    assert copy.run("SELECT count(DISTINCT (a, b, CAST(c AS DATE))), min(a) FROM days").rows == ((1, TODAY),)


@pytest.mark.parametrize("script", hostile_sql.STOPPED_SCRIPTS,
                         ids=["time", "memory", "address space", "recursion", "output"])
def test_a_script_that_is_stopped_has_done_nothing(lab: RoomLab, script: str) -> None:
    """The copy stands as before it, with what earlier scripts did, and goes on."""
    copy = lab.scratch()
    copy.apply(f"{ADD}; UPDATE patient SET tongue = 'es'")
    before = copy.look()
    begin = time.perf_counter()
    with pytest.raises(SqlProblem) as caught:
        copy.apply(script, seconds=1.0)
    assert caught.value.kind in ("time", "memory") and time.perf_counter() - begin < 4
    assert copy.look() == before
    assert len(copy.journal()) == 1
    assert copy.apply("DELETE FROM patient WHERE patient_id = 'p00'").rows == (1,)


SCRIPTS = st.lists(st.sampled_from([
    ADD, "ALTER TABLE patient DROP COLUMN tongue", "UPDATE patient SET tongue = 'es' WHERE patient_id > 'p05'",
    "DELETE FROM patient WHERE patient_id = 'p03'", "BEGIN; UPDATE patient SET family = 'x'; SELECT nobody; COMMIT",
    "CREATE TABLE IF NOT EXISTS seen(a INT DEFAULT 7); INSERT INTO seen VALUES (1), (2)", "DROP TABLE seen",
    "CREATE SEQUENCE IF NOT EXISTS s; UPDATE patient SET given = CAST(nextval('s') AS VARCHAR)",
    "CREATE UNIQUE INDEX one ON patient (mrn)", "INSERT INTO encounter (encounter_id) VALUES ('e')",
    "BEGIN; DROP TABLE patient",
    "UPDATE patient SET mrn = patient_id; CREATE INDEX two ON patient (mrn)", "this is no SQL",
]), min_size=1, max_size=7)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SCRIPTS)
def test_a_lost_copy_is_made_again_from_its_journal(rooms: LabRooms, lab: RoomLab, scripts: list[str]) -> None:
    """Whatever scripts, good and bad, made it: after its process was killed it stands as before."""
    copy = lab.scratch()
    for script in scripts:
        copy.apply(script)
    before = copy.look(), copy.run("FROM patient ORDER BY ALL")
    kill_all(rooms)
    again = copy.look(), copy.run("FROM patient ORDER BY ALL")
    assert again[0] == before[0] and again[1].rows == before[1].rows


def test_a_kept_copy_is_there_at_the_next_visit_and_frozen_until_reset(
        rooms: LabRooms, lab: RoomLab, tmp_path: Path) -> None:
    """Her journal is on the disk; what changes in her record meanwhile enters only the next copy."""
    hers(rooms, lab, tmp_path).scratch("task").apply(ADD)
    later = hers(rooms, lab, tmp_path, _patient(50)).scratch("task")
    assert later.run("SELECT count(tongue) FROM patient").rows == ((12,),)
    assert [each.sql for each in later.journal()] == [ADD]
    assert hers(rooms, lab, tmp_path).scratch("other").journal() == ()
    later.reset()
    assert later.journal() == () and later.run("SELECT count(*) FROM patient").rows == ((13,),)


def test_a_damaged_journal_is_set_aside_and_what_stands_before_the_damage_holds(
        rooms: LabRooms, lab: RoomLab, tmp_path: Path) -> None:
    """A flipped byte or a line cut off by a power cut: noticed by its digest."""
    copy = hers(rooms, lab, tmp_path).scratch("task")
    for script in (ADD, "DELETE FROM patient WHERE patient_id = 'p01'", "DELETE FROM patient"):
        copy.apply(script)
    path = tmp_path / "7-task.journal"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"DELETE FROM patient\"", b"DELETE FROM pATient\""))
    assert copy.run("SELECT count(tongue) FROM patient").rows == ((11,),)
    assert path.with_suffix(".damaged").exists() and len(copy.journal()) == 2
    path.write_bytes(whole[:-20])
    assert len(copy.journal()) == 2
    path.write_bytes(b"\xff\xfe nothing")
    assert copy.journal() == () and copy.run("SELECT count(*) FROM patient").rows == ((12,),)


def test_a_full_journal_asks_for_a_reset(rooms: LabRooms, lab: RoomLab, tmp_path: Path,
                                         monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a copy can always be made again in time."""
    monkeypatch.setattr("sandbox.lab.journal.MOST", 2)
    copy = hers(rooms, lab, tmp_path).scratch("task")
    for name in ("a", "b"):
        copy.apply(f"CREATE TABLE {name}(x INT)")
    with pytest.raises(SqlProblem, match="full"):
        copy.apply("CREATE TABLE c(x INT)")
    with pytest.raises(SqlProblem, match="exist"):
        copy.run("FROM c")
    copy.reset()
    assert copy.apply("CREATE TABLE c(x INT)").trouble is None


def test_no_script_reaches_out_of_its_copy(lab: RoomLab) -> None:
    """Each statement is refused, names no place on the server, and changes nothing; the copy goes on."""
    copy = lab.scratch(setup=["CREATE TABLE kept(a INT)"])
    before, through, told = copy.look(), [], []
    for statement in hostile_sql.statements(hostile_sql.SCRIPTS):
        done = copy.apply(statement)
        if done.trouble is None:
            through.append(statement)
        elif re.search(r"(/tmp|/etc|/usr|/root|/home|site-packages)", done.trouble.message + done.trouble.hint):
            told.append((statement, done.trouble.message))
    assert (through, told) == ([], [])
    after = copy.look()
    assert {name: after.tables[name] for name in before.tables} == before.tables
    assert copy.run("SELECT count(*) FROM patient").rows == ((12,),)


def test_a_read_in_a_copy_is_as_closed_as_in_the_lab(lab: RoomLab) -> None:
    """Only SELECT, only the copy."""
    copy: Scratch = lab.scratch()
    for sql in ("DROP TABLE patient", "FROM base.patient", "FROM read_text('/etc/passwd')", "SELECT random()"):
        with pytest.raises(SqlProblem) as caught:
            copy.run(sql)
        assert caught.value.kind == "refused"


def test_window_functions_are_open_in_a_script(lab: RoomLab) -> None:
    """They stand before a bracket as table functions do, and are none: the latest row of each is asked for by them."""
    ran = lab.scratch().apply("CREATE TABLE latest AS SELECT *, row_number() OVER (ORDER BY n DESC) AS place, "
                              "lag(n) OVER (ORDER BY n) AS before FROM range(5) t(n)")
    assert ran.trouble is None
