"""A whole house for tests: built once for the run, copied for each test; and people who sit in it by HTTP."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from flask import Flask
from flask.testing import FlaskClient
from hospital_rounds import real_codes
from werkzeug.test import TestResponse

from sandbox import people
from sandbox.activity import Lab, Resource
from sandbox.app import create_app
from sandbox.config import Settings
from sandbox.db import Database
from sandbox.founding import first_hospital
from sandbox.house import House, open_house
from sandbox.lab import LabRooms
from sandbox.migrations import migrate
from sandbox.scenario import Library
from sandbox.seats import Seat, load_seats

PATIENTS = 60
FEW = 8


def build(folder: Path, codes: Path, patients: int = PATIENTS) -> Path:
    """A data directory with its hospital built; the classification is shared."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "codes").symlink_to(codes, target_is_directory=True)
    house = open_house(settings(folder, patients=patients))
    first_hospital(house, lambda _: None)
    with house.db.reading() as conn:
        from sandbox.fhir import store

        base = store.default_hospital(conn)
        assert base is not None
        house.labs.base(conn, base.ws)
    house.labs.close()
    house.db.close()
    return folder


def copy(built: Path, folder: Path) -> Path:
    """A fresh copy of a built data directory."""
    shutil.copytree(built, folder, symlinks=True, ignore=shutil.ignore_patterns("*.lock"))
    return folder


def settings(folder: Path, **changes: Any) -> Settings:
    """Settings for tests: no rate limits, a small hospital."""
    return replace(Settings(data=folder, rate_limits=False), **{"patients": PATIENTS, **changes})


def open_copy(built: Path, folder: Path, **changes: Any) -> House:
    """A house on a fresh copy."""
    Rooms.kept = built.parent / "hidden"
    Rooms.kept.mkdir(exist_ok=True)
    return opened(settings(copy(built, folder), **changes))


def opened(given: Settings) -> House:
    """As `open_house` does, but for what no house changes: its own seats and stories, and the classification, are read
    once in a process. A house with folders of its own reads all of it."""
    if given.scenario_folders or given.seat_folders or given.activity_folders:
        return open_house(given)
    db = Database(given.url, given.data / "writers.lock")
    migrate(db, given.data)
    return House(given, db, real_codes(), Rooms(given.data / "labs"), *_shelf())


class Rooms(LabRooms):
    """The labs of a test's house. What a hidden hospital is called says all that is in it: it is built by whichever
    house of the run first asks for it, and found by the others, as one house finds its own."""

    kept: ClassVar[Path | None] = None  # a folder of this run, beside the hospital that houses are copied from

    def hidden(self, name: str, build: Callable[[], Iterable[Resource]], today: date) -> Lab:
        """The lab, from the file that another test's house has made, if there is one."""
        own = self._place("hidden", [name])[1]
        if self.kept is None:
            return super().hidden(name, build, today)
        own.parent.mkdir(exist_ok=True)
        with suppress(FileNotFoundError, FileExistsError):
            own.hardlink_to(self.kept / own.name)
        lab = super().hidden(name, build, today)
        with suppress(FileExistsError):
            (self.kept / own.name).hardlink_to(own)
        return lab


@cache
def _shelf() -> tuple[Mapping[str, Seat], Library]:
    seats = load_seats()
    return seats, Library(seats)


class Person:
    """Somebody with a browser, as a test writes her: she reads pages, sends forms with their CSRF token, follows."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.page = ""

    def get(self, path: str, status: int = 200, **headers: str) -> str:
        """A page's text; fails where the status is another."""
        answer = self.client.get(path, headers=headers, follow_redirects=True)
        assert answer.status_code == status, f"{path}: {answer.status_code}\n{answer.text[:2000]}"
        self.page = answer.text
        return answer.text

    def csrf(self) -> str:
        """The CSRF token of the page she is on, or of the front page."""
        found = re.search(r'name="csrf[_-]token"[^>]*?(?:value|content)="([^"]+)"', self.page or self.get("/"))
        assert found, "this page has no CSRF token"
        return found[1]

    def post(self, path: str, status: int = 200, follow: bool = True, **form: str) -> TestResponse:
        """Send a form."""
        answer = self.client.post(path, data={**form, "csrf_token": self.csrf()}, follow_redirects=follow)
        assert answer.status_code == status, f"{path}: {answer.status_code}\n{answer.text[:2000]}"
        self.page = answer.text if follow and answer.mimetype == "text/html" else self.page
        return answer

    def sit_down(self) -> Person:
        """Become a guest."""
        self.get("/")
        self.post("/begin")
        return self

    def token(self) -> str:
        """The submission token of the desk she is at."""
        found = re.search(r'name="token"[^>]*value="([^"]+)"', self.page)
        assert found, "this page has no submission token"
        return found[1]

    def submit(self, task: str, form: dict[str, str], status: int = 200) -> str:
        """Open a desk, submit this form, skip what one may say before the result, land on the debrief: its address."""
        self.get(f"/task/{task}")
        sent = {"sure": "1", **form, "csrf_token": self.csrf(), "token": self.token()}  # an untouched page too
        answer = self.client.post(f"/task/{task}", data=sent)
        if answer.status_code == 303:
            if f'action="{answer.location}/said"' in self.get(answer.location):
                self.post(f"{answer.location}/said", skip="1")
            return str(answer.location)
        assert answer.status_code == status, answer.text[:3000]
        self.page = answer.text
        return ""


def instructor(app: Flask) -> Person:
    """Ines, by the one-time link."""
    house: House = app.extensions["two_seats"]
    with house.db.writing() as conn:
        link = people.instructor_link(conn)
    ines = Person(app)
    ines.get(f"/welcome/{link}")
    ines.post(f"/welcome/{link}")
    return ines


__all__ = ["Person", "build", "copy", "create_app", "instructor", "open_copy", "opened", "settings"]
