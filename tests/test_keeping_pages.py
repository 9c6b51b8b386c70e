"""Removing a learner, deleting an account and taking everything along, as it is done in a browser and by command."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from answers import room_of
from flask import Flask
from houses import Person, instructor
from test_gradebook import TASK, WRONG
from test_policy import a_class, account

from sandbox import classroom, gradebook, people
from sandbox.cli import main
from sandbox.house import House
from sandbox.workspace import dashboard

ADA, PASSWORD = "Ada Qxcanary", "three words in a row"
STORY = "him-first-codes"


class Hall:
    """Ines's class, which Ida teaches too; Ada has sent a task, asked about it and was written to; Ben sits beside."""

    def __init__(self, app: Flask, house: House) -> None:
        self.app, self.house = app, house
        self.ines, self.ida = account(app, "ines", "Ines"), account(app, "ida", "Ida")
        with house.db.writing() as conn:
            conn.execute(people.person.update().where(people.person.c.login.in_(["ines", "ida"])).values(
                instructor=True))
        self.id, _, code = a_class(self.ines, "Autumn")
        with house.db.writing() as conn:
            self.course = classroom.course(conn, self.id)
            classroom.appoint_named(conn, self.course, "ida")
            self.given = classroom.assign(conn, self.id, STORY, ("him",), None)
        self.code, self.key = code, f"{STORY}@{self.given.id}"
        self.ada, self.ben = account(app, "ada", ADA), account(app, "ben", "Ben")
        for person in (self.ada, self.ben):
            person.post("/join", code=code)
            person.get(f"/task/{self.key}/{TASK}")
            person.attempt = person.submit(f"{self.key}/{TASK}", {"codes": WRONG})  # type: ignore[attr-defined]
        self.attempt = str(self.ada.attempt)  # type: ignore[attr-defined]
        with house.db.writing() as conn:
            self.who = people.sign_in(conn, "ada", PASSWORD).id
            self.room = room_of(house, self.key, self.who)
            classroom.send(conn, self.id, people.sign_in(conn, "ines", PASSWORD).id, "Well begun", person=self.who)
            gradebook.append(conn, (self.given.id, self.who, TASK), "comment", "p-x", words="=Read it again")
            dashboard.save(conn, self.room.id, "Stays", "SELECT 1 AS n", dashboard.Look())
            dashboard.share(conn, self.room.id, self.id)

    def pages(self) -> dict[str, str]:
        """Every page and file of the class, as Ida reads them."""
        here, given = f"/teach/{self.id}", f"/teach/{self.id}/{self.given.id}"
        found = {path: self.ida.get(path) for path in (
            "/teach/", here, f"{here}/people", f"{here}/seats", f"{here}/messages", f"{here}/teachers", given,
            f"{given}/table", f"{given}/times", f"{given}/live", f"{given}/live/part", f"{given}/questions",
            f"{given}/key", f"{given}/lms", "/dashboards",
            *(f"{given}/results.csv?by={by}" for by in ("task", "learner", "attempt", "finding")))}
        with zipfile.ZipFile(io.BytesIO(self.ida.client.get(f"{here}/course.zip").data)) as bundle:
            found |= {name: bundle.read(name).decode() for name in bundle.namelist()}
        return found

    def shows(self, *marks: str) -> set[str]:
        """Which of them name Ada."""
        return {path for path, text in self.pages().items() if any(mark in text for mark in marks)}

    def remove(self, name: str = ADA, status: int = 303) -> str:
        """Ines types the name."""
        page = f"/teach/{self.id}/people/{self.who}/remove"
        self.ines.get(page)
        return self.ines.post(page, status, follow=False, name=name).text

    def delete(self, person: Person, login: str, password: str = PASSWORD, status: int = 303) -> str:
        """She types her sign-in name and her password."""
        person.get("/account/delete")
        return person.post("/account/delete", status, follow=False, login=login, password=password).text


@pytest.fixture
def hall(app: Flask, house: House) -> Hall:
    """The class at work."""
    return Hall(app, house)


def test_a_removed_learner_is_on_no_page_of_the_class_and_comes_back_whole(hall: Hall) -> None:
    """Gone from people, tables, live, key, files and dashboards; her own debrief stays hers; undone, all is there."""
    before = hall.pages()
    assert len(hall.shows(ADA, hall.who)) > 10
    assert "is not the name of this learner" in hall.remove("Ada", 400)
    hall.remove()
    assert hall.shows(ADA, hall.who) == set()
    for path in (hall.attempt, f"/chart/{hall.room.id}/", f"/dashboard/{hall.room.id}",
                 f"/teach/{hall.id}/{hall.given.id}/grade/{hall.who}/{TASK}",
                 f"/teach/{hall.id}/people/{hall.who}/results.zip"):
        hall.ida.get(path, 404)
    assert "R10.31" in hall.ada.get(hall.attempt)
    hall.ada.get(f"/story/{hall.key}", 404)
    assert "Well begun" not in hall.ada.get("/messages") and "Autumn" not in hall.ada.get("/seat/him")
    hall.ada.get("/join")
    assert "You were removed from this class" in hall.ada.post("/join", 404, code=hall.code).text
    listed = hall.ines.get(f"/teach/{hall.id}/people")
    assert "Removed" in listed and "gone for good on" in listed
    hall.ines.post(f"/teach/{hall.id}/people/{hall.who}/back", 303, follow=False)
    seen = re.compile(r"csrf|\d\d:\d\d|nonce|min ago|just now")
    for path, text in hall.pages().items():
        lines = [[line for line in said.splitlines() if not seen.search(line)] for said in (before[path], text)]
        assert lines[0] == lines[1], path


def test_only_the_owner_of_a_class_removes_from_it(hall: Hall) -> None:
    """Ida teaches it too and may not, nor bring back; Ben and Mallory find no such page."""
    mallory = Person(hall.app).sit_down()
    page = f"/teach/{hall.id}/people/{hall.who}"
    assert f"{page}/remove" not in hall.ida.get(f"/teach/{hall.id}/people")
    for person in (hall.ida, hall.ben, mallory):
        person.get(f"{page}/remove", 404)
        person.post(f"{page}/remove", 404, name=ADA)
    hall.remove()
    for person in (hall.ida, hall.ben, mallory):
        person.post(f"{page}/back", 404)
    hall.ines.get(f"/teach/{hall.id}/people/p-nobody/remove", 404)


def test_ada_deletes_her_account_and_nobody_sees_her_until_she_is_back(hall: Hall) -> None:
    """Signed out everywhere, tokens dead, on nobody's page; signing in again tells until when, one button does."""
    elsewhere = Person(hall.app)
    elsewhere.get("/signin")
    elsewhere.post("/signin", login="ada", password=PASSWORD)
    with hall.house.db.writing() as conn:
        token = people.new_token(conn, hall.who, hall.room.id)
    bearer = {"Authorization": f"Bearer {token}"}
    assert hall.app.test_client().get(f"/fhir/{hall.room.id}/Patient", headers=bearer).status_code == 200
    assert "is not your sign-in name" in hall.delete(hall.ada, "ben", status=400)
    assert "That is not your password" in hall.delete(hall.ada, "ada", "three words in a raw", 400)
    assert hall.ada.get("/account")
    hall.delete(hall.ada, "ADA")
    for person in (hall.ada, elsewhere):
        assert person.client.get("/account").location.startswith("/signin")
    assert hall.app.test_client().get(f"/fhir/{hall.room.id}/Patient", headers=bearer).status_code == 401
    assert hall.shows(ADA, hall.who) == set() and ADA not in hall.ben.get("/dashboards")
    for person in (hall.ines, hall.ben):
        for path in (hall.attempt, f"/dashboard/{hall.room.id}", f"/chart/{hall.room.id}/"):
            person.get(path, 404)
    hall.ada.get("/signin")
    page = hall.ada.post("/signin", 200, login="ada", password=PASSWORD).text
    assert "This account is deleted" in page and "Chicago time" in page
    assert hall.ada.client.get("/account").location.startswith("/signin")  # she is not in yet
    assert "everything that was yours" in hall.ada.post("/account/back", 200).text
    assert "R10.31" in hall.ada.get(hall.attempt)
    assert len(hall.shows(ADA, hall.who)) > 10


def test_a_way_back_is_open_for_a_quarter_of_an_hour_and_for_nobody_else(
        hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who left the page open signs in once more; a cookie that was kept from an earlier deletion opens nothing."""
    hall.delete(hall.ada, "ada")
    Person(hall.app).get("/account/back", 404)
    hall.ada.get("/signin")
    hall.ada.post("/signin", login="ada", password=PASSWORD)
    kept = hall.ada.client.get_cookie("two_seats")
    assert kept is not None
    hall.ada.get("/account/back")
    hall.ada.post("/account/back")
    hall.delete(hall.ada, "ada")
    thief = Person(hall.app)
    thief.client.set_cookie("two_seats", kept.value)
    thief.get("/account/back", 404)
    hall.ada.get("/signin")
    hall.ada.post("/signin", login="ada", password=PASSWORD)
    monkeypatch.setattr("sandbox.web.policy._PARTED", 0)
    hall.ada.get("/account/back", 404)


def test_an_account_is_not_deleted_by_a_form_from_elsewhere(hall: Hall) -> None:
    """Without the page's token the right name and password do nothing."""
    answer = hall.ada.client.post("/account/delete", data={"login": "ada", "password": PASSWORD})
    assert answer.status_code == 400
    hall.ada.get("/account")
    assert hall.ines.client.post(f"/teach/{hall.id}/people/{hall.who}/remove", data={"name": ADA}).status_code == 400
    assert ADA in hall.ines.get(f"/teach/{hall.id}/people")


def test_a_guest_is_forgotten_and_only_her_browser_brings_her_back(hall: Hall) -> None:
    """She types the name she has here; closing the way back closes it for whoever sits there next."""
    guest = Person(hall.app).sit_down()
    with hall.house.db.reading() as conn:
        name = people.get(conn, room_of(hall.house, "first-half-hour").owner).name
    guest.get("/account/delete")
    assert "is not your name here" in guest.post("/account/delete", 400, login="me").text
    page = guest.post("/account/delete", 200, login=name).text
    assert "You are forgotten" in page and name in page
    guest.post("/account/back", 200)
    assert name in guest.get("/account")
    guest.post("/account/delete", 200, login=name)
    guest.get("/signout")
    guest.get("/account/back", 404)


def test_who_works_as_a_guest_and_brings_her_account_back_keeps_both(hall: Hall) -> None:
    """The guest's work goes into the account, as it does at any sign-in."""
    hall.delete(hall.ada, "ada")
    hall.ada.get("/")
    hall.ada.post("/begin")
    room = room_of(hall.house, "first-half-hour")
    hall.ada.get("/signin")
    hall.ada.post("/signin", login="ada", password=PASSWORD)
    hall.ada.post("/account/back")
    assert room_of(hall.house, "first-half-hour").owner == hall.who != room.owner


def test_an_instructor_is_told_which_classes_to_end_first_and_the_owner_stays(hall: Hall) -> None:
    """The page names them; the operator of the house cannot be deleted at all."""
    assert "Autumn" in hall.ines.get("/account/delete")
    assert "Learners still work in “Autumn”" in hall.delete(hall.ines, "ines", status=409)
    hall.delete(hall.ida, "ida")  # she teaches it beside Ines
    assert "Ida" not in hall.ines.get(f"/teach/{hall.id}/teachers")
    operator = instructor(hall.app)
    operator.get("/account/delete")
    assert "cannot be deleted" in operator.post("/account/delete", 409, login="Instructor").text


def unzipped(person: Person, path: str) -> dict[str, str]:
    """What a zip at this address holds."""
    answer = person.client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as bundle:
        return {name: bundle.read(name).decode("utf-8-sig") for name in bundle.namelist()}


def test_everything_of_adas_comes_along_and_nothing_that_waits_or_is_a_key(hall: Hall) -> None:
    """Attempts with reports, what she said, messages, her resources and her trail; no result that is held."""
    held = unzipped(hall.ada, "/account/everything.zip")
    assert {"attempts.ndjson", "said.csv", "hopes.csv", "drafts.ndjson", "messages.csv", "decisions.ndjson",
            "workspaces.ndjson", f"workspaces/{hall.room.id}/trail.csv",
            f"workspaces/{hall.room.id}/reports.ndjson"} <= set(held)
    one = json.loads(held["attempts.ndjson"])
    assert one["report"]["findings"] and "evidence" not in one and "R10.31" in json.dumps(one["work"])
    assert "Well begun" in held["messages.csv"] and "Read it again" in held["decisions.ndjson"]
    own = [name for name in held if name.startswith(f"workspaces/{hall.room.id}/") and name.endswith(".ndjson")]
    assert all(json.loads(line)["resourceType"] in name for name in own if "reports" not in name
               for line in held[name].splitlines())
    assert f"workspaces/{hall.room.id}/DocumentReference.ndjson" in own
    assert ADA in held[f"workspaces/{hall.room.id}/trail.csv"] and "Ben" not in "".join(held.values())
    with hall.house.db.writing() as conn:
        gradebook.hold(conn, hall.given.id, "Wait", hall.who)
        conn.execute(people.person.update().where(people.person.c.id == hall.who).values(name="=1+1"))
    waits = unzipped(hall.ada, "/account/everything.zip")
    assert json.loads(waits["attempts.ndjson"])["report"] is None and waits["decisions.ndjson"] == ""
    rows = list(csv.DictReader(io.StringIO(waits["attempts.csv"])))
    assert [(row["task"], row["score"]) for row in rows] == [(TASK, "")]
    mallory = Person(hall.app).sit_down()
    assert hall.room.id not in "".join(unzipped(mallory, "/account/everything.zip"))


def test_no_cell_of_a_learners_files_is_one_that_a_spreadsheet_runs(hall: Hall) -> None:
    """A message that begins as a formula does gets an apostrophe before it."""
    with hall.house.db.writing() as conn:
        classroom.send(conn, hall.id, people.sign_in(conn, "ines", PASSWORD).id, "=HYPERLINK(1)", person=hall.who)
    told = unzipped(hall.ada, "/account/everything.zip")
    for name, text in told.items():
        if name.endswith(".csv"):
            assert not [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell[:1] in tuple("=+-@\t\r")]
    assert "'=HYPERLINK(1)" in told["messages.csv"]


def test_ines_takes_what_the_class_holds_of_one_learner_alone(hall: Hall, tmp_path: Path,
                                                            capsys: pytest.CaptureFixture[str]) -> None:
    """By page and by command the same: Ada's rows, and nobody else's; an unclear name is told."""
    page = unzipped(hall.ines, f"/teach/{hall.id}/people/{hall.who}/results.zip")
    assert ADA in page["roster.csv"] and len(page["02-him-first-codes/attempts.ndjson"].splitlines()) == 1
    assert "Ben" not in "".join(page.values())
    data = str(hall.house.settings.data)
    file = tmp_path / "ada.zip"
    assert main(["export", hall.code, str(file), "--learner", "ada", "--data", data]) == 0
    with zipfile.ZipFile(file) as bundle:
        assert {name: bundle.read(name).decode("utf-8-sig") for name in bundle.namelist()} == page
    assert main(["export", hall.code, str(tmp_path / "x.zip"), "--learner", "Zoë", "--data", data]) == 1
    assert "Nobody in this class is called “Zoë”" in capsys.readouterr().err and not (tmp_path / "x.zip").exists()


def test_the_operator_forgets_an_account_by_command_and_brings_it_back(
        hall: Hall, capsys: pytest.CaptureFixture[str]) -> None:
    """Only with the name that goes with the sign-in name; an instructor's classes are named first."""
    data = ["--data", str(hall.house.settings.data)]
    assert main(["forget", "ada", *data]) == 1
    assert f"Type “{ADA}”" in capsys.readouterr().err
    hall.ada.get("/account")
    assert main(["forget", "ada", "--name", ADA, *data]) == 0
    assert hall.ada.client.get("/account").location.startswith("/signin")
    assert main(["forget", "ada", "--name", ADA, *data]) == 1
    assert "Nobody signs in as “ada”" in capsys.readouterr().err
    assert main(["forget", "ada", "--restore", *data]) == 0
    assert "Ada Qxcanary is back" in capsys.readouterr().out
    assert main(["forget", "ines", "--name", "Ines", *data]) == 1
    assert "“Autumn”" in capsys.readouterr().err


def test_what_is_gone_for_good_leaves_no_journal_behind_and_a_running_house_purges_daily(
        hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ada's file in the lab's folder goes with her workspace, Ben's stays; with the first request of the next day."""
    folder = hall.house.settings.data / "labs" / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    bens = room_of(hall.house, hall.key, _id(hall, "ben"))
    for ws in (hall.room.ws, bens.ws):
        (folder / f"{ws}-first.journal").write_text("{}")
    hall.delete(hall.ada, "ada")
    with hall.house.db.writing() as conn:
        conn.execute(people.person.update().where(people.person.c.id == hall.who).values(
            ended=people.now() - timedelta(days=31)))
    hall.ben.get("/")
    assert (folder / f"{hall.room.ws}-first.journal").exists()
    monkeypatch.setattr("sandbox.app._DAY", 0.0)
    hall.ben.get("/")
    assert sorted(path.name for path in folder.iterdir()) == [f"{bens.ws}-first.journal"]
    hall.ada.get("/signin")
    hall.ada.post("/signin", 400, login="ada", password=PASSWORD)


def _id(hall: Hall, login: str) -> str:
    with hall.house.db.reading() as conn:
        found = people.by_login(conn, login)
    assert found is not None
    return found.id
