"""Who may do what: every route of the application, asked for Ada's things by every kind of person."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from answers import exemplar, room_of
from flask import Flask
from houses import Person, instructor, open_copy
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from sandbox import classroom, people, workspace
from sandbox.app import create_app
from sandbox.db import metadata
from sandbox.house import House

CANARY = "Qxcanary"  # Ada's name, her draft and a patient of hers carry it
STORY, TASK = "first-half-hour", "him-cough"

#: What a route guards. A new route belongs in one of these, or the first test fails.
ROUTES: dict[str, set[str]] = {
    "open": {"pages.front", "pages.begin", "pages.seat", "pages.kinds.kinds", "pages.kinds.job", "compare.compare",
             "encoder.search", "encoder.show", "favicon", "healthz", "static", "role_file", "signin.signin",
             "signin.signup", "fhir_api.metadata"},
    "nothing": {"fhir_api.elsewhere", "signin.instructor_link", "signin.new_password", "signin.place",
                "teach.teachers.invited", "leaving.back", "leaving.come_back"},
    "self": {"signin.account", "leaving.page", "leaving.everything",
             "connect.connect", "dashboard.dashboards", "told.page"},
    "self-write": {"leaving.delete", "pages.hope", "signin.password", "signin.everywhere", "connect.token",
                   "connect.revoke", "told.here"},
    "door": {"signin.signout", "signin.join"},  # test_sessions, test_classroom
    "room": {"chart.patients", "chart.patient", "chart.resource", "chart.narrative", "sql.run", "sql.as_file",
             "sql.as_parquet", "sql.pack", "sql.schema", "sql.tables", "sql.room",
             "builder.build", "sql.sample", "dashboard.show"},
    "room-write": {"desk.reset", "dashboard.save", "dashboard.remove", "dashboard.share"},
    "attempt": {"desk.debrief"},
    "attempt-own": {"desk.said.answer", "desk.again.opened", "desk.again.again"},
    "asking": {"desk.again.ask"},  # about a finding that is not there: nobody is let in, Ada neither
    "note-own": {"told.read"},  # a message to Ada: hers alone to put away
    "task": {"desk.desk", "desk.submit", "desk.draft", "desk.hint", "desk.hints", "desk.step"},
    "story": {"pages.story"},
    "teaching": {"teach.classes", "teach.create"},
    "sampling": {"teach.sampling.make"},  # test_sample
    "class": {"teach.course", "teach.seats", "teach.grid", "teach.table", "teach.filling.results", "teach.assign",
              "teach.reset_link", "teach.roster.people", "teach.roster.preview", "teach.roster.apply",
              "teach.roster.links", "teach.times.times", "teach.times.window", "teach.times.extend",
              "teach.times.extra", "teach.times.seat", "teach.live.page", "teach.live.part", "teach.live.more",
              "teach.messages.page", "teach.messages.send", "teach.gradebook.page", "teach.gradebook.questions",
              "teach.key.page", "teach.key.decide", "teach.filling.page", "teach.filling.fill",
              "teach.filling.course_zip", "teach.removal.learner_zip", "teach.teachers.page"},
    "class-owner": {"teach.ending.page", "teach.ending.end", "teach.removal.page", "teach.removal.remove",
                    "teach.teachers.add", "teach.teachers.link"},
    "staff": {"teach.teachers.remove", "teach.removal.back"},  # Ada does not teach the class, nor was she removed
    # the class is at work and its people are real
    "no-sample": {"teach.ending.restore", "teach.sampling.remove", "teach.sampling.two_seats",
                  "teach.sampling.part"},
    "looking": {"teach.viewing.start", "teach.viewing.stop"},  # test_viewing: what is open meanwhile, and to whom
    "class-person": {"teach.live.nudge", "teach.gradebook.decide", "teach.gradebook.answer"},
    "judged": {"teach.judge_again", "teach.key.criterion", "teach.key.amend", "teach.key.back"},
    # Ada's attempt is judged: there is nothing to judge again, for Ines neither
    "fhir-read": {"fhir_api.read", "fhir_api.vread", "fhir_api.history", "fhir_api.changes", "fhir_api.search"},
    "fhir-token": {"fhir_api.search_by_post", "fhir_api.create", "fhir_api.update", "fhir_api.delete", "fhir_api.many",
                   "fhir_api.validate"},
}
#: Guard to person to outcome: `in`, or the status; `signin` is the way to the sign-in page. `*` is everybody else.
MATRIX: dict[str, dict[str, str]] = {
    "open": {"*": "in"},
    "nothing": {"*": "404"},
    "self": {"stranger": "signin", "token": "signin", "other token": "signin", "*": "in"},
    "self-write": {"stranger": "signin", "token": "signin", "other token": "signin"},
    "door": {},
    "room": {"ada": "in", "ines": "in", "ida": "in", "*": "404"},
    "room-write": {"ada": "in", "*": "404"},
    "attempt": {"ada": "in", "ines": "in", "ida": "in", "stranger": "signin", "token": "signin",
                "other token": "signin",
                "*": "404"},
    "note-own": {"ada": "in", "stranger": "signin", "token": "signin", "other token": "signin", "*": "404"},
    "attempt-own": {"ada": "in", "stranger": "signin", "token": "signin", "other token": "signin", "*": "404"},
    "task": {"ada": "in", "ben": "in", "stranger": "signin", "token": "signin", "other token": "signin", "*": "404"},
    "story": {"ada": "in", "ben": "in", "ines": "in", "ida": "in", "stranger": "signin", "token": "signin",
              "other token": "signin",
              "*": "404"},
    "teaching": {"ines": "in", "ida": "in", "eve": "in", "operator": "in", "otto": "in", "stranger": "signin",
                 "token": "signin", "other token": "signin",
                 "*": "404"},
    "class": {"ines": "in", "ida": "in", "stranger": "signin", "token": "signin", "other token": "signin", "*": "404"},
    "class-owner": {"ines": "in", "stranger": "signin", "token": "signin", "other token": "signin", "*": "404"},
    "staff": {"stranger": "signin", "token": "signin", "other token": "signin", "*": "404"},
    "asking": {"stranger": "signin", "token": "signin", "other token": "signin", "*": "404"},
    "looking": {"ines": "in", "ida": "in", "stranger": "signin", "token": "signin", "other token": "signin",
                "*": "404"},
    "class-person": {"ines": "in", "ida": "in", "stranger": "signin", "token": "signin", "other token": "signin",
                     "*": "404"},
    "no-sample": {"stranger": "signin", "token": "signin", "other token": "signin", "*": "404"},
    "sampling": {},
    "judged": {"stranger": "signin", "token": "signin", "other token": "signin", "*": "404"},
    "fhir-read": {"ada": "in", "ines": "in", "ida": "in", "token": "in", "stranger": "401", "*": "404"},
    "fhir-token": {"token": "in", "other token": "404", "*": "401"},
}
PATIENT = {"resourceType": "Patient", "name": [{"family": "Planted"}]}


@dataclass
class Ward:
    """A class with Ada's things in it, and everybody who comes to the door, each with a cookie or a bearer token."""

    app: Flask
    house: House
    places: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)  # whatever an address or a row of Ada's is known by
    room: Any = None
    cookies: dict[str, str] = field(default_factory=dict)
    bearers: dict[str, str] = field(default_factory=dict)
    csrf: dict[str, str] = field(default_factory=dict)

    def arrives(self, name: str, person: Person) -> None:
        """Remember this person's session."""
        self.csrf[name] = person.csrf()
        cookie = person.client.get_cookie("two_seats")
        assert cookie is not None
        self.cookies[name] = cookie.value

    def ask(self, name: str, rule: Rule, method: str) -> TestResponse:
        """One request with the session as it was at first, so that no request can change the next."""
        client = self.app.test_client()
        client.set_cookie("two_seats", self.cookies[name])
        head = {"X-CSRFToken": self.csrf[name]}
        if name in self.bearers:
            head["Authorization"] = f"Bearer {self.bearers[name]}"
        return client.open(self.address(rule), method=method, headers=head, **self.body(rule.endpoint))

    def address(self, rule: Rule) -> str:
        """The rule with Ada's own ids in its places."""
        def place(match: re.Match[str]) -> str:
            name = match[1].rpartition(":")[2]
            if rule.endpoint.startswith("teach.") and name == "id":
                name = "class"
            return self.places.get(f"{rule.endpoint}.{name}") or self.places[name]

        return re.sub(r"<([^>]+)>", place, rule.rule)

    def body(self, endpoint: str) -> dict[str, Any]:
        """What such a request sends."""
        fhir = {**PATIENT, "id": self.ids["patient"]} if endpoint == "fhir_api.update" else PATIENT
        if endpoint == "fhir_api.many":
            entry = {"request": {"method": "GET", "url": "Patient"}}
            fhir = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
        if endpoint in ("fhir_api.create", "fhir_api.update", "fhir_api.many", "fhir_api.validate"):
            return {"json": fhir}
        if endpoint == "desk.draft":
            return {"json": {"version": 0, "form": {"codes": "[]"}}}
        return {"data": {"sql": "SELECT * FROM patient", "story": STORY, "seats": "him", "name": "A class",
                         "token": secrets.token_hex(12), "workspace": self.room.id, "codes": "[]", "answer": "1",
                         "person": self.ids["person"], "to": "everybody", "words": "Ten minutes"}}

    def possessions(self) -> list[str]:
        """Every row that is Ada's or her class's, but for the trail of who looked and when somebody was last seen."""
        rows = []
        with self.house.db.reading() as conn:
            for table in metadata.sorted_tables:
                if table.name == "trail":
                    continue
                kept = [c for c in table.columns if c.name not in ("seen", "saved", "active")]
                for row in conn.execute(sa.select(*kept)):
                    said = f"{table.name} {dict(row._mapping)}"
                    shared = table.name not in ("course", "assignment", "enrolment")  # Ben's work names the class too
                    marks = [id for name, id in self.ids.items() if not (shared and name in ("class", "assignment"))]
                    if any(mark in said for mark in marks) or row._mapping.get("ws") == self.room.ws:
                        rows.append(said)
        return sorted(rows)


@pytest.fixture(scope="module")
def ward(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """Ines's class with Ada and Ben, Otto's class with Mallory, a guest, a stranger, and two clients."""
    house = open_copy(few, tmp_path_factory.mktemp("ward") / "data")
    app = create_app(house=house)
    app.testing = True
    made = Ward(app, house)
    operator = instructor(app)
    staff = {login: account(app, login, login.title()) for login in ("ines", "ida", "eve", "otto")}
    with house.db.writing() as conn:
        conn.execute(people.person.update().where(people.person.c.login.in_(staff)).values(instructor=True))
    ines, otto = staff["ines"], staff["otto"]
    course, key, code = a_class(ines, "Autumn")
    with house.db.writing() as conn:
        eve = [classroom.appoint_named(conn, classroom.course(conn, course), login) for login in ("ida", "eve")][1]
        classroom.dismiss(conn, classroom.course(conn, course), eve.id)
    _, other, other_code = a_class(otto, "Winter")
    ada, ben, mallory = (account(app, n.lower(), n) for n in (f"Ada{CANARY}", "Ben", "Mallory"))
    for person, joining in ((ada, code), (ben, code), (mallory, other_code)):
        person.post("/join", code=joining)
    mallory.get(f"/task/{other}/{TASK}")
    made.places = adas(made, ada, key, course)
    made.arrives("stranger", Person(app))
    made.arrives("guest", Person(app).sit_down())
    for name, person in {"ada": ada, "ben": ben, "mallory": mallory, "operator": operator, **staff}.items():
        made.arrives(name, person)
    for name, story in {"token": key, "other token": other}.items():
        info = room_of(house, story)
        made.arrives(name, Person(app))
        with house.db.writing() as conn:
            made.bearers[name] = people.new_token(conn, info.owner, info.id)
    yield made
    house.labs.close()
    house.db.close()


def account(app: Flask, login: str, name: str) -> Person:
    """Somebody with an account, signed in."""
    person = Person(app)
    person.get("/signup")
    person.post("/signup", login=login, name=name, password="three words in a row")
    return person


def a_class(teacher: Person, name: str) -> tuple[str, str, str]:
    """A class with one assignment: its id, the story's key, its join code."""
    teacher.get("/teach/")
    teacher.post("/teach/", name=name)
    course = re.search(r"/teach/(c-\w+)", teacher.page)
    code = re.search(r'Join code</span><b class="code">([^<]+)<', teacher.page)
    assert course and code
    given = teacher.post(f"/teach/{course[1]}/assign", 303, follow=False, story=STORY, seats="him", variant="own")
    return course[1], f"{STORY}@{given.location.rsplit('/', 1)[1]}", code[1]


def adas(made: Ward, ada: Person, key: str, course: str) -> dict[str, str]:
    """Ada works: an attempt, a draft, a patient of her own. The places of an address, filled with what is hers."""
    ada.get(f"/task/{key}/{TASK}")
    made.room = room_of(made.house, key)
    attempt = ada.submit(f"{key}/{TASK}", exemplar(made.house, made.room, TASK)).rsplit("/", 1)[1]
    draft = {"version": 0, "form": {"codes": "[]", "hand": CANARY}}
    kept = ada.client.put(f"/task/{key}/{TASK}/draft", json=draft, headers={"X-CSRFToken": ada.csrf()})
    assert kept.status_code == 200
    with made.house.db.writing() as conn:
        agent = workspace.Agent(made.room.owner, "Ada")
        chart = workspace.Workspace(conn, made.room, agent, codes=made.house.codes)
        patient = chart.create({"resourceType": "Patient", "name": [{"family": CANARY}]}).id
    card = {"title": CANARY, "sql": "SELECT count(*) AS n FROM patient", "look": {}}
    saved = ada.client.post(f"/dashboard/{made.room.id}/save", json=card, headers={"X-CSRFToken": ada.csrf()})
    with made.house.db.writing() as conn:
        note = classroom.send(conn, course, people.OWNER, CANARY, person=made.room.owner).id
    made.ids = {"person": made.room.owner, "room": made.room.id, "attempt": attempt, "class": course,
                "assignment": key.rpartition("@")[2], "patient": patient}
    return {
        "ws": made.room.id, "workspace": made.room.id, "kind": "Patient", "id": patient, "version": "1", "key": key,
        "report": saved.get_json()["address"].partition("#")[2],
        "name": TASK, "pages.seat.name": "him", "pages.story.name": key, "seat": "him", "activity": "code_encounter",
        "file": "page.js", "filename": "app.css", "code": "I10", "value": "no-such-link", "step": "check",
        "table": "patient", "number": "1",
        "person": made.room.owner, "assignment": made.ids["assignment"], "attempt": attempt, "desk.debrief.id": attempt,
        "desk.said.answer.id": attempt, "told.read.id": note, "task": TASK,
        **{f"desk.again.{each}.id": attempt for each in ("opened", "again", "ask")},
        "desk.reset.id": made.room.id, "rest": "Patient/a/b/c/d", "class": course}


def guard_of(endpoint: str) -> str:
    """What this route guards, or nothing where nobody has said."""
    return next((guard for guard, routes in ROUTES.items() if endpoint in routes), "")


def outcome(answer: TestResponse) -> str:
    """What came of a request, in the words of the matrix."""
    status = answer.status_code
    asked = answer.is_json and answer.mimetype == "application/json" and status == 401  # a script is told, not led
    if asked or (status == 303 and answer.location.startswith("/signin")):
        return "signin"
    return "in" if status not in (401, 403, 404, 405, 423) and status < 500 else str(status)


def test_every_route_is_classified_and_no_class_names_a_route_that_is_gone(ward: Ward) -> None:
    """Whoever adds a route says here whom it lets in."""
    routes = {rule.endpoint for rule in ward.app.url_map.iter_rules()}
    assert {r for r in routes if not guard_of(r)} == set()
    assert {r for named in ROUTES.values() for r in named} - routes == set()
    assert set(ROUTES) == set(MATRIX)


#: What who teaches Ada may read while she sees the class as Ada does; everything else is refused.
LOOK = {"pages.seat", "pages.story", "desk.desk", "desk.debrief", "chart.patients", "chart.patient", "chart.resource",
        "chart.narrative", "sql.schema", "sql.tables", "encoder.search", "encoder.show", "static", "role_file",
        "healthz", "favicon"}


def test_ines_as_ada_reads_what_ada_has_of_the_class_and_writes_nothing(ward: Ward) -> None:
    """One more kind of person, over every route and method: 423 and why for all that is no part of looking."""
    client = ward.app.test_client()
    client.set_cookie("two_seats", ward.cookies["ines"])
    begun = client.post(f"/teach/{ward.ids['class']}/as", data={"person": ward.ids["person"]},
                        headers={"X-CSRFToken": ward.csrf["ines"]})
    cookie = client.get_cookie("two_seats")
    assert begun.status_code == 303 and cookie is not None
    ward.cookies["ines as ada"], ward.csrf["ines as ada"] = cookie.value, ward.csrf["ines"]
    faults, before = [], ward.possessions()
    for rule in ward.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if rule.endpoint in ("teach.viewing.stop", "signin.signout"):  # the ways out
                continue
            answer = ward.ask("ines as ada", rule, method)
            wanted = "in" if method == "GET" and rule.endpoint in LOOK else "423"
            if outcome(answer) != wanted and answer.status_code != 405:
                faults.append(f"{method} {rule.rule}: {answer.status_code}, not {wanted}")
            if wanted == "423" and b"Stop looking first" not in answer.get_data():
                faults.append(f"{method} {rule.rule}: refused, and not said why")
    assert faults == []
    assert ward.possessions() == before


#: Ida teaches Ines's class too; Eve did, and was removed; the operator came by the server's first link.
PEOPLE = ("stranger", "guest", "mallory", "otto", "operator", "eve", "other token", "ben", "ida", "ines", "token",
          "ada")


@pytest.mark.parametrize("name", PEOPLE)
def test_each_person_gets_what_is_hers_and_404_for_the_rest(ward: Ward, name: str) -> None:
    """Every route and method; nobody is told 403; who is kept out sees no word of Ada's and changes no row of hers."""
    faults, before = [], ward.possessions()
    assert len(before) > 8
    ends = ("dashboard.remove", "fhir_api.delete", "desk.reset")  # last: after these there is less to ask for
    for rule in sorted(ward.app.url_map.iter_rules(), key=lambda rule: rule.endpoint in ends):
        guard = guard_of(rule.endpoint)
        wanted = MATRIX[guard].get(name) or MATRIX[guard].get("*")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if wanted is None:
                continue
            answer = ward.ask(name, rule, method)
            got = "404" if (guard, answer.status_code) == ("nothing", 405) else outcome(answer)
            if got != wanted:
                faults.append(f"{method} {rule.rule} [{guard}]: {got}, not {wanted}")
            if CANARY.encode() in answer.get_data() and name not in ("ada", "ines", "ida", "token"):
                faults.append(f"{method} {rule.rule}: shows Ada's")
    assert faults == []
    if name not in ("ada", "token"):
        made = ("secret", "assignment", "message", "receipt", "look")  # by those who teach the class
        own = made if name in ("ines", "ida") else ()
        assert [row for row in set(before) ^ set(ward.possessions()) if not row.startswith(own)] == []


@pytest.mark.parametrize("name", ["token", "other token"])
def test_a_token_is_no_session(ward: Ward, name: str) -> None:
    """It opens one record by FHIR: not its owner's account, desk, lab, charts, tokens or other workspaces."""
    pages = ("/account", "/connect", "/compare", f"/task/{ward.places['key']}/{TASK}", f"/chart/{ward.room.id}/",
             f"/lab/{ward.room.id}/schema", f"/attempt/{ward.ids['attempt']}")
    for path in pages:
        answer = ward.app.test_client().get(path, headers={"Authorization": f"Bearer {ward.bearers[name]}"})
        assert CANARY not in answer.text, path
        assert answer.status_code in (303, 404) or path == "/compare"


def test_a_workspace_that_exists_looks_like_one_that_does_not(ward: Ward) -> None:
    """To Mallory and to a stranger both answers are the same, byte for byte but for the form's token."""
    for name in ("stranger", "mallory"):
        client = ward.app.test_client()
        client.set_cookie("two_seats", ward.cookies[name])
        for path in ("/chart/{}/", "/fhir/{}/Patient", "/fhir/{}/Patient/x", "/lab/{}/schema", "/lab/{}/",
                     "/dashboard/{}"):
            real, none = (client.get(path.format(id)) for id in (ward.room.id, "w-0000000000000000"))
            shown = [re.sub(r'content="[^"]{20,}"|w-[0-9a-f]{16}', "", page.text) for page in (real, none)]
            assert (real.status_code, shown[0]) == (none.status_code, shown[1]), path


def test_every_answer_carries_the_walls(ward: Ward) -> None:
    """A policy without inline script or eval, no guessing of types, nothing of a person's kept in a shared cache."""
    for rule in ward.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD"}):
            answer = ward.ask("mallory", rule, method)
            where, policy = f"{method} {rule.rule}", answer.headers.get("Content-Security-Policy", "")
            assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy, where
            assert answer.headers["X-Content-Type-Options"] == "nosniff", where
            public = rule.endpoint in ("static", "favicon", "role_file", "encoder.search", "encoder.show")
            assert public or answer.headers["Cache-Control"] == "no-store", where
            assert "Traceback" not in answer.text and str(Path(people.__file__).parent) not in answer.text, where
            for cookie in answer.headers.getlist("Set-Cookie"):
                assert "HttpOnly" in cookie and "SameSite=Lax" in cookie, where


@pytest.mark.parametrize("path", [
    "/role/him/code_encounter/../../../pyproject.toml", "/role/him/code_encounter/__init__.py",
    "/role/him/code_encounter/%2e%2e/code_encounter/key.py", "/role/him/code_encounter/page.html",
    "/role/him/..%2fhi/page.js", "/static/../policy.py", "/static/%2e%2e/policy.py", "/static/..%2fpolicy.py",
    "/static/vendor/../../policy.py", "/static/..%5cpolicy.py", "/static/%00"])
def test_no_address_leads_out_of_its_folder(ward: Ward, path: str) -> None:
    """Static files and an activity's page.js and page.css; whatever else is asked is not there."""
    assert ward.app.test_client().get(path).status_code == 404


def test_a_method_in_a_header_is_not_obeyed(ward: Ward) -> None:
    """A GET that says it is a DELETE reads."""
    head = {"Authorization": f"Bearer {ward.bearers['token']}", "X-HTTP-Method-Override": "DELETE"}
    address = f"/fhir/{ward.room.id}/Practitioner"
    found = ward.app.test_client().get(address, headers=head).json["entry"][0]["resource"]["id"]
    for query in ("", "?_method=DELETE"):
        assert ward.app.test_client().get(f"{address}/{found}{query}", headers=head).status_code == 200


def test_where_the_request_says_it_came_from_does_not_move_a_redirect(ward: Ward) -> None:
    """The way to the sign-in page is a path, whatever Host and X-Forwarded-Host claim."""
    head = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    answer = ward.app.test_client().get("/account", headers=head)
    assert answer.location == "/signin?next=/account"
    assert "Secure" not in str(answer.headers.getlist("Set-Cookie")), "headers of a proxy that is not there"
