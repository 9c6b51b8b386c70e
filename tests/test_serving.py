"""The house as a person starts it: one command, one server a directory, ports, links; kill -9 costs nothing."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from answers import exemplar
from houses import copy, opened, settings
from servers import ROOT, Caller, Server, free_port

from sandbox import attempts, workspace
from sandbox.cli import main
from sandbox.house import House

COUGH = "/task/first-half-hour/him-cough"
ROUNDS = [0, pytest.param(1, marks=pytest.mark.long)]  # each is the same once more, for what happens by chance
KILL_IN_GRADER = """
import os, signal, roles.him.code_encounter as seat
type(seat.activity).grade = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
"""


def run(*args: str, data: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    """`two-seats …` to its end."""
    more = ["--data", str(data)] if data else []
    return subprocess.run([sys.executable, "-m", "sandbox", *args, *more], cwd=ROOT, capture_output=True, text=True,
                          check=False, timeout=300, env={**os.environ, **environ})


def status(*args: str) -> int:
    """The exit status that `two-seats …` would end with, in this process; whatever nobody caught is raised."""
    try:
        return main(args)
    except SystemExit as end:  # argparse's own no
        return int(end.code or 0)


@pytest.fixture
def data(built: Path, tmp_path: Path) -> Path:
    """A copied data directory."""
    return copy(built, tmp_path / "data")


@pytest.fixture(scope="module")
def standing(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that only ask it something."""
    with Server(copy(built, tmp_path_factory.mktemp("standing") / "data")) as server:
        yield server


def reopen(data: Path) -> House:
    """The house on this directory, for looking into it."""
    return opened(settings(data))


def answer_of(data: Path) -> dict[str, str]:
    """The exemplar for the one workspace there is."""
    house = reopen(data)
    with house.db.reading() as conn:
        info = workspace.every(conn)[-1]
    form = exemplar(house, info, "him-cough")
    house.db.close()
    return form


def sit(server: Server) -> Caller:
    """Ada at her desk."""
    ada = Caller(server.base)
    ada.get("/")
    ada.post("/begin")
    ada.get(COUGH)
    return ada


@pytest.mark.parametrize("round", ROUNDS)
def test_kill_9_inside_a_grader_loses_nothing_and_the_attempt_is_judged_at_the_next_start(
        data: Path, round: int) -> None:
    """The server dies while it judges; started again, it has the attempt and its grade."""
    server = Server(data, prelude=KILL_IN_GRADER).start()
    ada = sit(server)
    form = {**answer_of(data), "token": ada.hidden("token")}
    with pytest.raises(requests.ConnectionError):
        ada.post(COUGH, **form)
    assert server.process is not None
    server.process.wait(20)
    with Server(data, port=server.port):
        ada.get(COUGH)
        again = ada.post(COUGH, **form)
        assert again.status_code == 303
        assert "R05.9" in ada.get(again.headers["Location"]).text
    house = reopen(data)
    with house.db.reading() as conn:
        (attempt,) = attempts.ledger.everything(conn)
    assert attempt.report is not None
    assert attempt.report.score == 100
    house.db.close()


@pytest.mark.parametrize("round", ROUNDS)
def test_kill_9_after_an_acknowledged_submission_loses_nothing(data: Path, round: int) -> None:
    """The 303 came: the attempt, its grade and what it put into the record are there."""
    server = Server(data).start()
    ada = sit(server)
    address = ada.post(COUGH, **answer_of(data), token=ada.hidden("token")).headers["Location"]
    server.kill()
    with Server(data, port=server.port):
        page = ada.get(address)
        assert page.status_code == 200
        assert "R05.9" in page.text


def test_typing_survives_a_restart_and_she_is_still_signed_in(data: Path) -> None:
    """The draft is on the page again, in the same browser."""
    server = Server(data).start()
    ada = sit(server)
    codes = json.dumps([{"code": "R05.9", "poa": "", "spans": []}])
    kept = ada.session.put(f"{server.base}{COUGH}/draft", json={"version": 0, "form": {"codes": codes}},
                           headers={"X-CSRFToken": ada.hidden("csrf_token")}, timeout=30)
    assert kept.status_code == 200
    server.kill()
    with Server(data, port=server.port):
        assert "R05.9" in ada.get(COUGH).text


def test_one_server_serves_a_directory_and_a_second_says_so(standing: Server) -> None:
    """No two processes write one house by accident."""
    second = run("serve", "--no-browser", "--port", str(free_port()), data=standing.data)
    assert second.returncode == 1
    assert "Another Two Seats serves" in second.stderr


def test_an_explicit_port_that_is_taken_fails_plainly_and_a_bare_start_takes_the_next(data: Path) -> None:
    """Both say what happened."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run("serve", "--no-browser", "--port", str(port), data=data)
        assert refused.returncode == 1
        assert f"Port {port} on 127.0.0.1 is taken" in refused.stderr
        from sandbox.cli.serving import bind

        sock = bind(settings(data, port=port), explicit=False)
        assert sock.getsockname()[1] > port
        sock.close()


def test_the_server_prints_its_address_and_a_link_that_works_once(standing: Server) -> None:
    """As Jupyter prints its token; `two-seats link` prints a fresh one."""
    text = standing.log.read_text()
    assert standing.base in text
    (link,) = re.findall(r"http://\S+/welcome/\S+", text)
    ines = Caller(standing.base)
    assert ines.get(link).status_code == 200
    assert ines.post(link).status_code == 303
    assert ines.get("/teach/").status_code == 200
    assert Caller(standing.base).get(link).status_code == 404
    fresh = run("link", data=standing.data).stdout.strip()
    assert fresh.startswith(standing.base)
    assert Caller(standing.base).get(fresh).status_code == 200


def test_healthz_says_what_is_served(standing: Server) -> None:
    """Status, version, and the hospital's id and counts."""
    health = requests.get(f"{standing.base}/healthz", timeout=20).json()
    assert (health["status"], health["version"]) == ("ok", "0.1.0")
    assert health["hospital"]["counts"]["Patient"] >= 60
    assert health["hospital"]["counts"]["Encounter"] >= 300
    assert health["hospital"]["total"] == sum(health["hospital"]["counts"].values())


def test_a_name_that_somebody_rebound_to_this_machine_is_refused(standing: Server) -> None:
    """Served on loopback, the house answers to loopback's names alone."""
    stranger = requests.get(standing.base, headers={"Host": "evil.example"}, timeout=20)
    assert stranger.status_code == 400
    assert requests.get(standing.base, headers={"Host": f"localhost:{standing.port}"}, timeout=20).ok


def test_a_session_cookie_is_secure_over_https_alone(data: Path) -> None:
    """Behind a TLS proxy it is Secure; on a classroom's plain HTTP it still works."""
    with Server(data, TWO_SEATS_PROXIES="1") as server:
        plain = requests.get(f"{server.base}/signin", timeout=20).headers.get("Set-Cookie", "")
        tls = requests.get(f"{server.base}/signin", headers={"X-Forwarded-Proto": "https"}, timeout=20)
        assert "two_seats=" in plain and "Secure" not in plain
        assert "Secure" in tls.headers["Set-Cookie"]
        assert "HttpOnly" in plain and "SameSite=Lax" in plain


NOWHERE = "/nowhere/at/all"


@pytest.mark.parametrize(("args", "words"), [
    (("link", "--data", NOWHERE), "no house"),
    (("hospital", "--data", NOWHERE), "no house"),
    (("token", "--data", NOWHERE), "no house"),
    (("regrade", "--data", NOWHERE), "no house"),
    (("serve", "--data", __file__), "cannot be used"),
    (("--data", __file__), "cannot be used"),
    (("load", "--data", f"{__file__}/below", __file__), "cannot be used"),
    (("codes", "show", "ZZZ"), "no code"),
    (("codes", "search", "qqqqzzzz"), "Nothing is found"),
    (("codes", "search", "cough", "--limit", "-5"), "not a whole number from 1"),
    (("codes", "check", "R05.9", "--setting", "outpatient", "--date", "today"), "is not a day"),
    (("check", "--scenario", "not-there"), "No task fits scenario “not-there”"),
    (("check", "--seat", "not-there"), "Seats: hi, him"),
    (("check", "--seeds", "0"), "not a whole number from 1"),
    (("check", "--scenario-folders", NOWHERE), "not a folder of stories"),
    (("check", "--activity-folders", f"hi={NOWHERE}"), "no __init__.py"),
    (("new-scenario", "Night Shift"), "lower case with hyphens"),
    (("new-activity", "first_half"), "lower case with hyphens"),
    (("new-scenario", "first-half-hour"), "of its own"),
    (("new-scenario", f"{__file__}/night-shift"), "Not a directory"),
    (("serve", "--host", "192.0.2.1"), "Cannot serve on 192.0.2.1"),
    (("not-there",), "invalid choice"),
], ids=lambda given: " ".join(given).replace(__file__, "FILE") if isinstance(given, tuple) else "")
def test_what_the_command_line_cannot_do_it_says_in_one_line(
        args: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback for a person, and no exit status that a script takes for success."""
    monkeypatch.setenv("TWO_SEATS_DATA", str(tmp_path / "data"))
    assert status(*args) in (1, 2)
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said
    assert not Path(NOWHERE).exists()


@pytest.mark.parametrize(("args", "words"), [
    (("link", "--data", NOWHERE), "no house"), (("--data", __file__), "cannot be used"),
    (("codes", "show", "ZZZ"), "no code"), (("check", "--seeds", "0"), "not a whole number from 1")])
def test_the_command_itself_ends_as_its_function_does(args: tuple[str, ...], words: str) -> None:
    """One of each kind of no, from a process of its own: the same words, on the error stream, and the status."""
    done = run(*args)
    assert done.returncode in (1, 2)
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("name", "value", "words"), [
    ("DATABASE_URL", "nonsense", "address cannot be read"),
    ("DATABASE_URL", "mysql://db/house", "SQLite and PostgreSQL can"),
    ("DATABASE_URL", "postgres://ines:secret@127.0.0.1:1/house", "database cannot be opened: connection failed"),
    ("TWO_SEATS_PORT", "99999", "not from 0 to 65535"),
    ("TWO_SEATS_THREADS", "0", "not from 1"),
])
def test_a_setting_that_cannot_be_followed_is_told_without_a_traceback(
        name: str, value: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """The message names what is wrong, and never a password."""
    monkeypatch.setenv(name, value)
    assert status("serve", "--no-browser", "--data", str(tmp_path / "data")) == 1
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said and "secret" not in said


def test_a_file_that_is_no_database_is_told_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged file, or another program's: it is named and left as it is."""
    (tmp_path / "two-seats.sqlite").write_bytes(b"not a database" * 1000)
    assert status("hospital", "--data", str(tmp_path)) == 1
    said = capsys.readouterr().err
    assert "file is not a database" in said and "two-seats.sqlite" in said
    assert "Traceback" not in said


def test_the_data_directory_counts_before_the_command_as_after_it(data: Path, tmp_path: Path) -> None:
    """`two-seats --data DIR hospital` must not look somewhere else."""
    elsewhere = {"TWO_SEATS_DATA": str(tmp_path / "elsewhere")}
    before = run("--data", str(data), "hospital", **elsewhere)
    assert before.returncode == 0, before.stderr
    assert before.stdout == run("hospital", "--data", str(data), **elsewhere).stdout
    assert "Patient 60" in before.stdout


def test_bare_two_seats_takes_what_serve_takes(standing: Server, tmp_path: Path) -> None:
    """The port is explicit there too: taken, it is an error."""
    assert f"Port {standing.port} on 127.0.0.1 is taken" in run(
        "--no-browser", "--port", str(standing.port), "--data", str(tmp_path / "other")).stderr


def test_a_server_that_a_system_ends_closes_as_for_ctrl_c(data: Path) -> None:
    """SIGTERM, as service managers and containers send it."""
    server = Server(data).start()
    assert server.process is not None
    server.process.terminate()
    assert server.process.wait(20) == 0
    assert "everything is kept" in server.log.read_text()


def test_sql_is_off_where_a_query_cannot_be_bounded_and_the_rest_of_the_house_stands(data: Path) -> None:
    """As on Windows: no process is started for SQL, the page says why, and the other seat's task is done as ever."""
    elsewhere = "import sandbox.lab.process as process, types\nprocess.os = types.SimpleNamespace(name='nt')"
    with Server(data, prelude=elsewhere) as server:
        ada = sit(server)
        answer = ada.post(COUGH, **answer_of(data), token=ada.hidden("token"))
        assert "R05.9" in ada.get(answer.headers["Location"]).text
        ada.get("/task/hi-first-reports/hi-length-of-stay")
        (room,) = set(re.findall(r'data-workspace="([\w-]+)"', ada.page))
        said = ada.session.post(f"{server.base}/lab/{room}/run", json={"sql": "SELECT 1"}, timeout=30,
                                headers={"X-CSRFToken": ada.hidden("csrf_token")}).json()
        assert "SQL is off on this computer" in said["problem"]["message"]


def test_ctrl_c_while_the_first_tables_are_made_waits_for_them(data: Path) -> None:
    """The program ends well, and does not abort inside the database that it is writing."""
    shutil.rmtree(data / "labs")
    slow = ("import sandbox.lab.rooms as rooms, time\n_build = rooms.build\n"
            "rooms.build = lambda *args: (time.sleep(1.5), _build(*args))")
    server = Server(data, prelude=slow).start()
    server.stop()
    assert server.process is not None and server.process.returncode == 0
    assert list((data / "labs").glob("base-*.duckdb"))


def test_codes_are_looked_up_from_the_command_line_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Search, show and check, each a JSON document."""
    assert main(["codes", "search", "strep throat", "--limit", "5", "--json"]) == 0
    hits = json.loads(capsys.readouterr().out)
    assert "J02.0" in [h["code"] for h in hits]
    assert {"code", "title", "billable"} <= set(hits[0])
    shown = json.loads(run("codes", "show", "e1122", "--json").stdout)
    assert shown["code"] == "E11.22"
    assert main(["codes", "check", "I50.33", "I13.0", "--setting", "inpatient", "--json"]) == 1
    assert any(e["severity"] == "error" for e in json.loads(capsys.readouterr().out))


@pytest.mark.long
def test_twenty_kills_at_random_moments_lose_nothing_that_was_acknowledged(data: Path) -> None:
    """Killed 0 to 1.5 s after the submission was sent; a retry with the same token gets one attempt, judged."""
    chance = random.Random(20260630)
    port = free_port()
    addresses = []
    for _ in range(20):
        server = Server(data, port=port).start()
        ada = sit(server)
        form = {**answer_of(data), "token": ada.hidden("token")}
        killer = threading.Timer(chance.random() * 1.5, server.kill)
        killer.start()
        acknowledged = ""
        with contextlib.suppress(requests.RequestException):
            acknowledged = ada.post(COUGH, **form).headers.get("Location", "")
        killer.join()
        with Server(data, port=port):
            again = ada.post(COUGH, **form)
            assert again.status_code == 303
            assert acknowledged in ("", again.headers["Location"])
            assert "R05.9" in ada.get(again.headers["Location"]).text
            addresses.append(again.headers["Location"].rsplit("/", 1)[1])
    house = reopen(data)
    with house.db.reading() as conn:
        stored = attempts.ledger.everything(conn)
    assert sorted(a.id for a in stored) == sorted(addresses)
    assert all(a.report is not None and a.report.score == 100 for a in stored)
    house.db.close()
