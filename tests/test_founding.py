"""The house's own hospital: a small one at once, the whole one behind it, and any one written out."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import houses
import pytest
import requests
from filelock import FileLock
from servers import ROOT, Server

from fixtures import hospital
from sandbox import founding, people, scenario
from sandbox.app import create_app
from sandbox.cli import main
from sandbox.errors import NotFound, SandboxError
from sandbox.fhir import store
from sandbox.founding import hidden, source
from sandbox.house import House, open_house
from sandbox.lab import rooms

STORY = "first-half-hour"


@pytest.fixture
def house(few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house whose eight patients are the first; four more are to come."""
    monkeypatch.setattr(founding, "FIRST", houses.FEW)
    opened = houses.open_copy(few, tmp_path / "data", patients=houses.FEW + 4)
    yield opened
    opened.labs.close()
    opened.db.close()


@pytest.fixture
def beside(few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house whose nine patients are built with a process on each side, as hundreds are."""
    monkeypatch.setattr(founding, "FIRST", 2)
    monkeypatch.setattr(source, "STEP", 700)
    monkeypatch.setattr(source, "BESIDE", 9)
    opened = houses.open_copy(few, tmp_path / "beside", patients=9)
    yield opened
    opened.labs.close()
    opened.db.close()


def default(house: House) -> store.Hospital:
    """The hospital that new workspaces open on."""
    with house.db.reading() as conn:
        found = store.default_hospital(conn)
    assert found is not None
    return found


def texts(house: House, ws: int) -> list[str]:
    """Everything a hospital holds, as stored."""
    with house.db.reading() as conn:
        return sorted(json.dumps(one.resource, sort_keys=True) for one in store.stored(conn, ws))


def in_one_go(house: House) -> int:
    """The hospital that a house asks for, stored in one transaction by this process alone."""
    with house.db.writing() as conn:
        again = store.new_hospital(conn, "again", hospital.TODAY)
        store.put_many(conn, again, source.made(house.settings.seed, house.settings.patients, house.codes))
        store.publish(conn, again, default=False)
    return again


def laid_out(house: House, ws: int) -> dict[str, Any]:
    """A hospital's tables for the lab: how many rows each has, and a sum over all that stands in them."""
    with house.db.reading() as conn:
        lab = house.labs.of_base(conn, ws)
        found: dict[str, Any] = {table.name: table.rows for table in lab.schema()}
        for name in ("observation", "encounter", "audit_event"):
            found[f"{name}, all"] = lab.run(f"SELECT bit_xor(hash(t)) FROM {name} t").rows
    return found


def sit(house: House) -> int:
    """A guest sits down: the hospital that her workspace stands on."""
    with house.db.writing() as conn:
        return scenario.sit(conn, house, people.guest(conn).id, STORY).base


def test_the_whole_hospital_comes_behind_the_first_and_ada_stays_where_she_sat_down(house: House) -> None:
    """New workspaces open on it; hers stands on what it was opened on; its tables are laid out already."""
    first = default(house)
    assert sit(house) == first.ws
    made = founding.grow(house)
    assert made is not None and made.default and made.counts["Patient"] == houses.FEW + 4
    assert default(house).ws == made.ws == sit(house)
    with house.db.reading() as conn:
        assert not founding.unfinished(conn, house.settings)
        assert store.hospital(conn, first.ws).complete
        counted = house.labs.of_base(conn, made.ws).run("SELECT count(*) FROM patient")
    assert counted.rows == ((made.counts["Patient"],),)


def test_building_that_was_cut_off_is_taken_up_where_it_stopped(
        beside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was stored is not stored again, and the hospital is the same as one built in one go; its tables are too."""
    real, steps = store.put_prepared, []

    def cut(*given: Any) -> None:
        steps.append(1)
        if len(steps) == 4:
            raise KeyboardInterrupt
        real(*given)

    monkeypatch.setattr(store, "put_prepared", cut)
    with pytest.raises(KeyboardInterrupt):
        founding.grow(beside)
    before = default(beside)
    assert before.counts["Patient"] == houses.FEW
    made = founding.grow(beside)
    assert made is not None
    monkeypatch.setattr(store, "put_prepared", real)
    again = in_one_go(beside)
    assert texts(beside, made.ws) == texts(beside, again)
    assert laid_out(beside, made.ws) == laid_out(beside, again)


@pytest.mark.parametrize("kept", [0, 1501])
def test_a_process_beside_gives_what_this_one_would(
        kept: int, beside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each resource ready to be stored, with all that it is found by, from where it was cut off."""
    with source.rest(beside, 7, kept) as there:
        given = list(there)
    monkeypatch.setattr(source, "BESIDE", 10)
    with source.rest(beside, 7, kept) as here:
        assert json.loads(json.dumps(list(here))) == json.loads(json.dumps(given))
    assert sum(len(step.texts) for step in given) > 2000 and given[0].first == store.row_number(7, kept)


def test_tables_laid_out_beside_are_ready_when_the_hospital_is(
        beside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are taken as they are: this process lays none out."""
    monkeypatch.setattr(rooms, "build", None)
    made = founding.grow(beside)
    assert made is not None and made.default
    assert list((beside.settings.data / "labs").glob(".*")) == []


def test_a_generator_that_stops_before_its_end_leaves_a_hospital_that_nobody_opens(
        beside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of what it would have written is not taken for the whole; mended, the rest comes."""
    before, real = default(beside), subprocess.Popen

    def stopping(command: list[str], **more: object) -> subprocess.Popen[bytes]:
        if "prepare" in command:
            command = ["sh", "-c", f"{shlex.join(command)} | head -n 2500; exit 1"]
        return real(command, **more)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(source.subprocess, "Popen", stopping)
    with pytest.raises(SandboxError, match="stopped before its end"):
        founding.grow(beside)
    monkeypatch.setattr(source.subprocess, "Popen", real)
    with beside.db.reading() as conn:
        begun = store.hospitals(conn)[-1]
        assert not begun.complete and store.mark(conn, begun.ws) == 2100  # whole steps
    assert default(beside) == before
    made = founding.grow(beside)
    assert made is not None and made.ws == begun.ws and default(beside).ws == made.ws


def test_tables_that_could_not_be_laid_out_beside_are_laid_out_afterwards(
        beside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that fails, or read less than there is, costs time and nothing else."""
    monkeypatch.setattr(beside.labs, "ahead", lambda: beside.settings.data / "codes")  # a folder: not to be written
    made = founding.grow(beside)
    assert made is not None and laid_out(beside, made.ws)["patient"] == 9
    short = beside.settings.data / "short.duckdb"
    short.write_bytes(b"nothing")
    with beside.db.reading() as conn:
        beside.labs.adopt(conn, made.ws, short, 17)
    assert short.exists() and laid_out(beside, made.ws)["patient"] == 9


@pytest.mark.long
def test_a_build_that_is_killed_at_any_moment_ends_the_same(tmp_path: Path, codes_folder: Path) -> None:
    """Killed again and again with a process on each side of it: none of them is left, and the next takes it up."""
    data, patients = tmp_path / "data", source.BESIDE + 1
    data.mkdir()
    (data / "codes").symlink_to(codes_folder, target_is_directory=True)
    command = [sys.executable, "-m", "sandbox", "hospital", "build", "--data", str(data), "--patients", str(patients)]
    for seconds in (4, 7, 10):
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(seconds)
        process.kill()
        process.wait()
        until = time.monotonic() + 30
        while group_lives(process.pid):
            assert time.monotonic() < until, "a process outlived the one that it helped"
            time.sleep(0.1)
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    house = open_house(houses.settings(data, patients=patients))
    made, again = default(house), in_one_go(house)
    assert texts(house, made.ws) == texts(house, again)
    assert laid_out(house, made.ws) == laid_out(house, again)
    house.labs.close()
    house.db.close()


def group_lives(group: int) -> bool:
    """Whether any process of a group is still there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_hospital_that_somebody_chose_meanwhile_stays_the_one_that_opens(house: House) -> None:
    """Built behind, the whole one does not push aside what Ines loaded; asked for, it does."""
    with house.db.writing() as conn:
        loaded = store.new_hospital(conn, "Loaded", default(house).today)
        with pytest.raises(NotFound):
            store.choose(conn, loaded)
        store.publish(conn, loaded, default=True)
    made = founding.grow(house, behind=True)
    assert made is not None and not made.default and default(house).ws == loaded
    made = founding.grow(house)
    assert made is not None and default(house).ws == made.ws


def test_one_process_builds_and_another_says_so(
        house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A server that finds the work taken leaves it; a person who asks for it is told."""
    arguments = ["hospital", "build", "--data", str(house.settings.data), "--patients", "12"]
    with FileLock(house.settings.data / "hospital.lock"):
        assert founding.grow(house) is None
        assert main([*arguments, "--behind"]) == 0
        assert main(arguments) == 1
    assert "Another process is building" in capsys.readouterr().err
    assert main(arguments) == 0
    assert "is whole: new workspaces open on it. 12 patients" in capsys.readouterr().out
    assert main(["hospital", "--data", str(house.settings.data)]) == 0
    assert "Two Rivers Medical Center (default)" in capsys.readouterr().out


def test_hidden_hospitals_are_there_before_anybody_hands_in(house: House) -> None:
    """Built once, by the names that judging asks for; where the server has gone, no further one is begun."""
    shelf: Any = house.scenarios
    one: Any = SimpleNamespace(labs=house.labs, scenarios=SimpleNamespace(
        values=lambda: [shelf["him-first-codes"], shelf["hi-emergency-flow"]], activity=shelf.activity,
        params=shelf.params))
    today = default(house).today
    assert hidden.ahead(one, today, parent=1) == 0 and not list(house.labs.folder.glob("hidden-*"))
    assert hidden.ahead(one, today) == 4 == len(list(house.labs.folder.glob("hidden-*.duckdb")))
    desk: Any = shelf.activity("hi-emergency-flow", "hi-emergency-stay")
    for name, _ in desk.hospitals(shelf.params("hi-emergency-flow", "hi-emergency-stay")):
        house.labs.hidden(name, lambda: pytest.fail("built again"), today)


def test_ines_takes_back_the_hospital_that_opens(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """By its number in the list; a number that is not in it is refused, and nothing changes."""
    first, made = default(house), founding.grow(house)
    assert made is not None and default(house).ws == made.ws
    arguments = ["hospital", "choose", "--data", str(house.settings.data)]
    assert main([*arguments, "99"]) == 1 and default(house).ws == made.ws
    assert main([*arguments, str(first.ws)]) == 0 and default(house).ws == first.ws
    assert "New workspaces open on" in capsys.readouterr().out


def test_a_house_that_is_whole_starts_no_second_process(built: Path, tmp_path: Path) -> None:
    """Nothing more to build: nothing runs behind."""
    opened = houses.open_copy(built, tmp_path / "data")
    assert create_app(house=opened).extensions["behind"] is None
    opened.db.close()


def test_a_server_answers_while_the_hospital_grows_behind_it(tmp_path: Path, codes_folder: Path) -> None:
    """The first page is there at once; /healthz says what is still to come; then the whole one is the default."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "codes").symlink_to(codes_folder, target_is_directory=True)
    with Server(data, TWO_SEATS_PATIENTS="90") as server:
        assert "Try both" in requests.get(server.base, timeout=30).text
        until = time.monotonic() + 240  # a slow machine is no fault; nothing at all would be
        while (told := requests.get(f"{server.base}/healthz", timeout=30).json())["building"]:
            assert told["hospital"]["counts"]["Patient"] == founding.FIRST
            assert time.monotonic() < until, server.log.read_text()
            time.sleep(0.1)
        assert told["hospital"]["counts"]["Patient"] == 90


def _exported(*more: str, **environ: str) -> bytes:
    return subprocess.run([sys.executable, "-m", "sandbox", "hospital", "export", "--patients", "2", *more], cwd=ROOT,
                          env={**os.environ, **environ}, capture_output=True, check=True, timeout=120).stdout


def test_an_exported_hospital_is_the_same_bytes_everywhere_and_loads_again(
        tmp_path: Path, house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Two processes, hash seeds and time zones; NDJSON and a bundle hold the same, and both load whole."""
    lines = _exported(PYTHONHASHSEED="1", TZ="Asia/Tokyo")
    assert hashlib.sha256(lines).digest() == hashlib.sha256(_exported(PYTHONHASHSEED="2", TZ="UTC")).digest()
    bundle = json.loads(_exported("--format", "bundle"))
    resources = [json.loads(line) for line in lines.splitlines()]
    assert bundle["type"] == "transaction" and [e["resource"] for e in bundle["entry"]] == resources
    assert _exported("--seed", "7") != lines
    for name, text in (("h.ndjson", lines), ("h.json", json.dumps(bundle).encode())):
        (tmp_path / name).write_bytes(text)
        assert main(["load", "--data", str(house.settings.data), "--name", name, str(tmp_path / name)]) == 0
        assert f"{len(resources)} resources: " in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize("given", ["0", "many", "-3"])
def test_a_number_of_patients_that_cannot_be_is_refused(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The option says what it takes."""
    with pytest.raises(SystemExit):
        main(["hospital", "export", "--patients", given])
    assert "not a whole number from 1" in capsys.readouterr().err
