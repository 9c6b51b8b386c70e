"""What is installed is all there is: the wheel away from the checkout, with PostgreSQL by DATABASE_URL, offline."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from servers import ROOT, Caller, Server

from sandbox.db import Database


def empty_database(postgres_url: str, name: str) -> str:
    """The address of a new, empty database on the server, as other tools spell it."""
    server_db = Database(postgres_url)
    with server_db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text(f"DROP DATABASE IF EXISTS {name}"))
        conn.execute(sa.text(f"CREATE DATABASE {name}"))
    url = server_db.url.set(database=name, drivername="postgres").render_as_string(hide_password=False)
    server_db.close()
    return url


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
                   check=True, capture_output=True, timeout=300)
    (found,) = out.glob("two_seats-*.whl")
    return found


def test_the_wheel_holds_pages_stories_and_fixtures_and_no_workshop(wheel: Path) -> None:
    """Templates, built assets, scenarios, notes, views and the classification's words travel; node_modules does not."""
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in ("wsgi.py", "sandbox/web/templates/base.html", "sandbox/web/static/vendor/codemirror.js",
                 "sandbox/fhir/definitions/shapes.json", "roles/him/code_encounter/page.html",
                 "roles/hi/build_report/page.js", "scenarios/first-half-hour/scenario.toml",
                 "scenarios/him-first-codes/him-heart-failure/proofs/exemplar.toml",
                 "fixtures/notes/cough/case.toml", "fixtures/views/encounter.json", "fixtures/competencies.toml",
                 "sandbox/migrations/versions/0001_the_first_tables.py", "sandbox/cli/patterns/activity/page.html"):
        assert name in names, name
    assert not [n for n in names if "node_modules" in n or n.startswith(("tests/", "docs/"))]


def test_the_wheel_serves_away_from_the_checkout(wheel: Path, tmp_path: Path, codes_folder: Path) -> None:
    """Unpacked elsewhere and started from elsewhere, it builds its hospital and gives a guest her first note."""
    site, data = tmp_path / "site", tmp_path / "data"
    zipfile.ZipFile(wheel).extractall(site)
    data.mkdir()
    (data / "codes").symlink_to(codes_folder, target_is_directory=True)
    prelude = f"import sys; sys.path.insert(0, {str(site)!r}); import sandbox; assert {str(site)!r} in sandbox.__file__"
    with Server(data, prelude=prelude, PYTHONPATH=str(site), TWO_SEATS_PATIENTS="8") as server:
        _first_note(server.base)


def test_the_house_stands_on_postgresql_by_database_url(postgres_url: str, tmp_path: Path, codes_folder: Path) -> None:
    """The same first minute, on a server; the data directory holds no database then. A second start finds it all."""
    url = empty_database(postgres_url, "served")
    data = tmp_path / "data"
    data.mkdir()
    (data / "codes").symlink_to(codes_folder, target_is_directory=True)
    with Server(data, DATABASE_URL=url, TWO_SEATS_PATIENTS="8") as server:
        _first_note(server.base)
        first = requests.get(f"{server.base}/healthz", timeout=20).json()
    assert not list(data.glob("*.sqlite"))
    with Server(data, DATABASE_URL=url.replace("postgres:", "postgresql:", 1), TWO_SEATS_PATIENTS="8") as server:
        assert requests.get(f"{server.base}/healthz", timeout=20).json() == first


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_workers_that_start_at_once_build_one_hospital(
        kind: str, request: pytest.FixtureRequest, tmp_path: Path, codes_folder: Path) -> None:
    """As a school's server starts them: the second waits, finds it built, and signs with the same key."""
    url = empty_database(request.getfixturevalue("postgres_url"), "raced") if kind == "postgresql" else ""
    data = tmp_path / "data"
    data.mkdir()
    (data / "codes").symlink_to(codes_folder, target_is_directory=True)
    code = ("import wsgi\nfrom sandbox.fhir import store\nhouse = wsgi.app.extensions['two_seats']\n"
            "with house.db.reading() as conn: print(len(store.hospitals(conn)), wsgi.app.config['SECRET_KEY'].hex())\n"
            "house.labs.close()")
    environ = {**os.environ, "TWO_SEATS_DATA": str(data), "TWO_SEATS_PATIENTS": "8", "DATABASE_URL": url,
               "PYTHONPATH": str(ROOT)}
    workers = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environ)
               for _ in range(2)]
    answers = {worker.communicate(timeout=120)[0].strip() for worker in workers}
    assert answers == {f"1 {(data / 'session.key').read_bytes().hex()}"}


def test_wsgi_app_reads_the_same_settings_from_the_environment(built: Path, tmp_path: Path) -> None:
    """What gunicorn finds answers /healthz."""
    from houses import copy

    data = copy(built, tmp_path / "data")
    code = ("import wsgi; answer = wsgi.app.test_client().get('/healthz'); print(answer.json['status']);"
            "wsgi.app.extensions['two_seats'].labs.close()")
    environ = {"TWO_SEATS_DATA": str(data), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120,
                          env=environ, check=False)
    assert done.stdout.strip() == "ok", done.stderr


def test_nothing_is_asked_of_any_other_machine(built: Path, tmp_path: Path) -> None:
    """With every outgoing connection refused, a guest still gets her first note: everything works offline."""
    from houses import copy

    prelude = """
import socket
_connect = socket.socket.connect
def _guard(self, address, *rest):
    if self.family != getattr(socket, 'AF_UNIX', None) and address[0] not in ('127.0.0.1', '::1', '192.0.2.1'):
        raise OSError(f'a connection to {address} was tried')
    return _connect(self, address, *rest)
socket.socket.connect = _guard
_lookup = socket.getaddrinfo
def _names(host, *rest, **more):
    if host not in ('127.0.0.1', '::1', 'localhost', None, '0.0.0.0'):
        raise OSError(f'the name {host} was looked up')
    return _lookup(host, *rest, **more)
socket.getaddrinfo = _names
"""
    with Server(copy(built, tmp_path / "data"), prelude=prelude) as server:
        page = _first_note(server.base)
        assert "was tried" not in server.log.read_text()
    assert 'src="http' not in page and 'href="http' not in page


def _first_note(base: str) -> str:
    ada = Caller(base)
    ada.get("/")
    onward = ada.post("/begin").headers["Location"]
    page = ada.get(onward).text
    assert "sore throat" in page.lower()
    assert requests.get(f"{base}/static/vendor/bootstrap.min.css", timeout=20).ok
    assert requests.get(f"{base}/role/him/code_encounter/page.js", timeout=20).ok
    return page
