"""The house's own hospital: a small one at once, the whole one behind it, and any one written out."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import houses
import pytest
import requests
from filelock import FileLock
from servers import ROOT, Server

from sandbox import founding, people, scenario
from sandbox.app import create_app
from sandbox.cli import main
from sandbox.errors import NotFound
from sandbox.fhir import store
from sandbox.house import House

STORY = "first-half-hour"


@pytest.fixture
def house(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house whose 60 patients are the first; nine more are to come."""
    monkeypatch.setattr(founding, "FIRST", houses.PATIENTS)
    opened = houses.open_copy(built, tmp_path / "data", patients=houses.PATIENTS + 9)
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


def sit(house: House) -> int:
    """A guest sits down: the hospital that her workspace stands on."""
    with house.db.writing() as conn:
        return scenario.sit(conn, house, people.guest(conn).id, STORY).base


def test_the_whole_hospital_comes_behind_the_first_and_ada_stays_where_she_sat_down(house: House) -> None:
    """New workspaces open on it; hers stands on what it was opened on; its tables are laid out already."""
    first = default(house)
    assert sit(house) == first.ws
    made = founding.grow(house)
    assert made is not None and made.default and made.counts["Patient"] == houses.PATIENTS + 9
    assert default(house).ws == made.ws == sit(house)
    with house.db.reading() as conn:
        assert not founding.unfinished(conn, house.settings)
        assert store.hospital(conn, first.ws).complete
        counted = house.labs.of_base(conn, made.ws).run("SELECT count(*) FROM patient")
    assert counted.rows == ((made.counts["Patient"],),)


def test_building_that_was_cut_off_is_taken_up_where_it_stopped(
        house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was stored is not stored again, and the hospital is the same as one built in one go."""
    real, steps = store.put_many, []

    def cut(*given: object, **more: object) -> int:
        steps.append(1)
        if len(steps) == 4:
            raise KeyboardInterrupt
        return real(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "put_many", cut)
    with pytest.raises(KeyboardInterrupt):
        founding.grow(house)
    before = default(house)
    assert before.counts["Patient"] == houses.PATIENTS
    made = founding.grow(house)
    assert made is not None
    with house.db.writing() as conn:
        again = store.new_hospital(conn, "again", made.today)
        real(conn, again, founding._texts(founding._built(house, house.settings.patients)))
        store.publish(conn, again, default=False)
    assert texts(house, made.ws) == texts(house, again)


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
    arguments = ["hospital", "build", "--data", str(house.settings.data), "--patients", "69"]
    with FileLock(house.settings.data / "hospital.lock"):
        assert founding.grow(house) is None
        assert main([*arguments, "--behind"]) == 0
        assert main(arguments) == 1
    assert "Another process is building" in capsys.readouterr().err
    assert main(arguments) == 0
    assert "is whole: new workspaces open on it. 69 patients" in capsys.readouterr().out
    assert main(["hospital", "--data", str(house.settings.data)]) == 0
    assert "Two Rivers Medical Center (default)" in capsys.readouterr().out


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
        until = time.monotonic() + 60
        while (told := requests.get(f"{server.base}/healthz", timeout=30).json())["building"]:
            assert told["hospital"]["counts"]["Patient"] == founding.FIRST
            assert time.monotonic() < until, server.log.read_text()
            time.sleep(0.1)
        assert told["hospital"]["counts"]["Patient"] == 90


def _exported(*more: str, **environ: str) -> bytes:
    return subprocess.run([sys.executable, "-m", "sandbox", "hospital", "export", "--patients", "6", *more], cwd=ROOT,
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
