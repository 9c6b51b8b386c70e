"""Scripts that somebody smuggles in: in a real browser none runs, none becomes an element, nothing is fetched for it.

Each payload would open a dialog, be an element that no page of this house has, or load from another house. A policy
violation is a console error, so a payload that only the policy stopped fails here too (`visitor` ends with none).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from visitor import Visitor

from sandbox import classroom, people, workspace
from sandbox.fhir import narrative, store
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]

PAYLOADS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "\"><script>alert(1)</script>", "' onmouseover='alert(1)' x='", "\" autofocus onfocus=alert(1) x=\"",
    "<iframe srcdoc='<script>alert(1)</script>'>", "<a href=javascript:alert(1)>press</a>",
    "</textarea><script>alert(1)</script>", "</title><script>alert(1)</script>", "</script><script>alert(1)</script>",
    "<!--<img src='--><img src=x onerror=alert(1)>'>", "<details open ontoggle=alert(1)>", "<body onload=alert(1)>",
    "<math><mtext><style><img src=x onerror=alert(1)>", "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "<link rel=stylesheet href=//evil.example/a.css>",
    "<object data=javascript:alert(1)></object>", "<form action=//evil.example><button>go",
    "<style>@import '//evil.example'", "{{ 7*7 }}{% include '/etc/passwd' %}", "${alert(1)}`+alert(1)+`",
    "[a](javascript:alert(1))", "&lt;script&gt;alert(1)&lt;/script&gt;", "<scr\u200bipt>alert(1)</script>",
    "\u2028alert(1)//", "<svg><use href='data:image/svg+xml,<svg onload=alert(1)>'/>",
    "<xss contenteditable onblur=alert(1)>", "<template shadowrootmode=open><img src=x onerror=alert(1)>",
)
FOREIGN = ("script:not([src]):not([type='application/json']), [onerror], [onload], [onfocus], [onmouseover],"
           "[ontoggle], [onblur], [srcdoc], [href^='javascript'], [data^='javascript'], img[src='x'], base,"
           "object, embed, xss, meta[http-equiv], [href*='evil.example'], [action*='evil.example'], math")
HERSELF = "xss-chart"


class Watch:
    """What a browser did that it should not: dialogs opened, other houses asked."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.faults = visitor, list[str]()
        visitor.page.on("dialog", self._dialog)
        visitor.page.on("request", self._request)

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"{self.visitor.path}: a script ran")
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.visitor.address, "data:", "about:", "blob:")):
            self.faults.append(f"{self.visitor.path}: asked {request.url}")

    def look(self, path: str = "", status: int = 200) -> None:
        """Open a page (or stay), press what can be opened, and count what does not belong."""
        if path:
            self.visitor.go(path, status)
        self.visitor.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        for frame in self.visitor.page.frames:
            found = frame.evaluate("s => [...document.querySelectorAll(s)].map(e => e.outerHTML)", FOREIGN)
            self.faults += [f"{path or self.visitor.path}: {element[:120]}" for element in found]

    def clean(self) -> None:
        """Nothing of all that."""
        assert self.faults == []


@pytest.fixture
def ada(visitor: HER) -> Iterator[tuple[Visitor, str, Watch]]:
    """Ada at a desk of the first half hour, with her workspace's id and a watch over her browser."""
    ada = visitor("Ada")
    watch = Watch(ada)
    ada.go("/").press("Not sure? Try both, 20 minutes")
    room = ada.page.locator("#work").get_attribute("data-workspace")
    assert room
    yield ada, room, watch
    watch.clean()


def planted(house: House, room: str, resources: list[dict[str, Any]]) -> None:
    """Put resources into a workspace past every check, as a hospital that somebody loaded would hold them."""
    with house.db.writing() as conn:
        info = workspace.info(conn, room)
        store.put_many(conn, info.ws, ((resource, json.dumps(resource)) for resource in resources))


def chart_of(payloads: tuple[str, ...]) -> list[dict[str, Any]]:
    """A patient for each payload, and one whose every part carries all of them."""
    patient = {"gender": "female", "birthDate": "1980-01-01"}
    mine = {"reference": f"Patient/{HERSELF}"}
    found = [{"resourceType": "Patient", "id": HERSELF, "name": [{"family": "Zz", "given": list(payloads)}], **patient}]
    for n, text in enumerate(payloads):
        word, id = {"text": text, "coding": [{"system": text, "code": text, "display": text}]}, f"xss-{n}"
        data = base64.b64encode(text.encode()).decode()
        div = f"<div xmlns='http://www.w3.org/1999/xhtml'>{text}</div>"
        common = {"id": id, "subject": mine, "status": "final", "code": word}
        found += [
            {"resourceType": "Patient", "id": id, "name": [{"family": text, "given": [text], "prefix": [text]}],
             "identifier": [{"system": "https://two-rivers.example/mrn", "value": text, "type": word}],
             "text": {"status": "generated", "div": div}, **patient, "gender": text},
            {"resourceType": "Condition", **common, "text": {"status": "generated", "div": div}},
            {"resourceType": "Observation", **common, "valueString": text, "effectiveDateTime": "2026-06-01",
             "interpretation": [word], "referenceRange": [{"text": text}]},
            {"resourceType": "MedicationRequest", **common, "medicationCodeableConcept": word, "intent": "order",
             "dosageInstruction": [{"text": text}], "authoredOn": "2026-06-01", "requester": {"display": text}},
            {"resourceType": "AllergyIntolerance", "id": id, "patient": mine, "code": word,
             "reaction": [{"manifestation": [word]}]},
            {"resourceType": "Encounter", **common, "class": {"code": text, "display": text}, "serviceType": word,
             "period": {"start": "2026-06-01T08:00:00-05:00"}, "reasonCode": [word]},
            {"resourceType": "DocumentReference", **common, "type": word, "description": text, "date": "2026-06-01",
             "author": [{"display": text}],
             "content": [{"attachment": {"contentType": "text/plain", "data": data, "title": text}}]},
        ]
    return found


def test_there_are_more_than_twenty_payloads_and_a_narrative_with_one_is_not_stored() -> None:
    """What would run is refused when it is written; the rest of the corpus is plain text in XHTML."""
    assert len(set(PAYLOADS)) >= 30
    tags = "script|img|svg|iframe|a |details|body|base|meta|link|object|form|xss"
    live = [p for p in PAYLOADS if re.match(f"<(?:{tags})", p)]
    assert len(live) >= 12
    for payload in live:
        assert narrative.problem(f"<div xmlns='http://www.w3.org/1999/xhtml'>{payload}</div>"), payload


def test_the_watch_would_see_a_script_that_ran(visitor: HER) -> None:
    """On a page without this house's walls the payloads do run, and are noticed."""
    her = visitor("Mallory")
    watch = Watch(her)
    her.page.set_content(f"<p>{PAYLOADS[0]}{PAYLOADS[2]}</p>")
    watch.look()
    assert sum("a script ran" in fault for fault in watch.faults) == 2
    assert sum("<svg" in fault or "<script" in fault for fault in watch.faults) == 2


def test_charts_notes_and_narratives_show_scripts_as_text(ada: tuple[Visitor, str, Watch], house: House) -> None:
    """Names, problems, results, orders, allergies, documents, narratives; alone, in lists and in a patient's chart."""
    her, room, watch = ada
    planted(house, room, chart_of(PAYLOADS))
    watch.look(f"/chart/{room}/?sort=name&order=down")
    watch.look(f"/chart/{room}/?from=0")
    for part in ("summary", "encounters", "results", "medications", "documents"):
        watch.look(f"/chart/{room}/Patient/{HERSELF}?part={part}")
    watch.look(f"/chart/{room}/Patient/{HERSELF}?part=documents&document=xss-0")
    assert "<script>alert(1)</script>" in her.text("main")
    for n, payload in enumerate(PAYLOADS):
        watch.look(f"/chart/{room}/Patient/xss-{n}/narrative")
        if n % 6 == 0:  # the page around it, with its frame
            watch.look(f"/chart/{room}/Condition/xss-{n}")
            watch.look(f"/chart/{room}/DocumentReference/xss-{n}?mark={quote(payload)}")


def test_drafts_and_submissions_come_back_as_text(ada: tuple[Visitor, str, Watch]) -> None:
    """Every field of both desks filled with every payload, reloaded, checked, submitted, debriefed."""
    her, _, watch = ada
    for task in ("him-cough", "hi-average-stay-alone"):
        path = f"/task/first-half-hour/{task}"
        for start in range(0, len(PAYLOADS), 6):
            her.go(path)
            fields = her.page.evaluate("[...document.querySelectorAll('#work [name]')].map(e => e.name)")
            some = PAYLOADS[start:start + 6]
            ours = ("csrf_token", "token", "version")
            form = {name: some[n % 6] for n, name in enumerate(fields) if name not in ours}
            form |= {"title": some[0], "reading": some[1], "sentence": some[2]}
            if "codes" in form:
                span = {"document": some[1], "start": 0, "end": 5, "text": some[2]}
                form["codes"] = json.dumps([{"code": some[0], "title": some[3], "poa": some[4], "spans": [span]}])
            version = int(her.page.locator("#work [name=version]").input_value())
            body = {"version": version, "form": form}
            head = {"X-CSRFToken": str(her.page.locator("meta[name=csrf-token]").get_attribute("content"))}
            kept = her.context.request.put(her.address + path + "/draft", data=body, headers=head)
            assert kept.ok, kept.text()
            watch.look(path)
        sent = her.context.request.post(her.address + path, form={**form, "token": "t" * 20}, headers=head)
        her.page.set_content("")
        assert sent.status in (200, 400), sent.status
        if "/attempt/" in sent.url:
            watch.look(sent.url.removeprefix(her.address))


def test_the_lab_and_the_encoder_show_scripts_as_text(ada: tuple[Visitor, str, Watch]) -> None:
    """Cells, column names, error messages, and what was searched for."""
    her, room, watch = ada
    rows = ", ".join("('{}')".format(p.replace("'", "''")) for p in PAYLOADS)
    her.go(f"/lab/{room}/")
    for sql in (f'SELECT * FROM (VALUES {rows}) AS t("<img src=x onerror=alert(1)>")', 'SELECT "<svg onload=alert(1)>"',
                "SELECT error('<img src=x onerror=alert(1)>')"):
        her.page.locator(".cm-content").click()
        her.page.keyboard.press("Control+a")
        her.page.keyboard.insert_text(sql)
        with her.page.expect_response("**/run"):
            her.page.keyboard.press("Control+Enter")
        her.page.wait_for_timeout(150)
        watch.look()
        if "VALUES" in sql:
            assert her.page.locator("[data-sql-result] tbody tr").count() == len(PAYLOADS)
    her.go("/task/him-first-codes/him-heart-failure")
    box = her.page.locator("#enc-q")
    for payload in PAYLOADS[:6]:
        box.fill(payload)
        her.page.wait_for_timeout(250)
        watch.look()


def test_classes_and_their_people_are_shown_as_text(visitor: HER, house: House) -> None:
    """Class names and learner names on every page of Ines's, and on a learner's own."""
    with house.db.writing() as conn:
        link = people.instructor_link(conn)
    ines = visitor("Ines").go(f"/welcome/{link}").press("Sign in as the instructor")
    watch = Watch(ines)
    with house.db.writing() as conn:
        owner = people.get(conn, people.OWNER)
        courses = [classroom.create_course(conn, owner, p) for p in PAYLOADS]
        given = classroom.assign(conn, courses[0].id, "first-half-hour", ["him", "hi"], None)
        for n, payload in enumerate(PAYLOADS):
            learner = people.guest(conn) if n else people.register(conn, None, "l\"><b>", payload, "three words")
            conn.execute(people.person.update().where(people.person.c.id == learner.id).values(name=payload))
            classroom.join(conn, learner.id, courses[0].code)
    for path in ("/teach/", *(f"/teach/{c.id}" for c in courses[::10]), f"/teach/{courses[0].id}/{given.id}"):
        watch.look(path)
    ines.go(f"/teach/{courses[0].id}").page.get_by_role("button", name="Make a reset link").first.click()
    ines.page.wait_for_url("**/reset/**")
    watch.look()
    watch.clean()
    ada = visitor("Ada")
    watch = Watch(ada)
    ada.go("/signup").fill("Your name", PAYLOADS[3]).fill("Sign-in name", "ada\"><b>")
    ada.fill("Password", "correct horse battery").press("Make the account")
    ada.go("/join").fill("Class code", courses[0].code).press("Join the class", within="main")
    for path in ("", "/", "/seat/him", "/account", "/compare", "/signout", f"/story/first-half-hour@{given.id}"):
        watch.look(path)
    watch.clean()


def test_addresses_and_wrong_answers_are_shown_as_text(ada: tuple[Visitor, str, Watch]) -> None:
    """What somebody wrote into a link: a search, a code, a name that is not there, a place to go on to."""
    _, room, watch = ada
    for n, payload in enumerate(PAYLOADS):
        said = quote(payload, safe="")
        watch.look((f"/join?code={said}", f"/chart/{room}/?q={said[:60]}&sort={said}", f"/codes/search?q={said}",
                    f"/signin?next=/{said}", f"/story/first-half-hour?reset={said}")[n % 5])
        if n % 2:
            continue
        watch.look((f"/seat/{said}", f"/codes/{said}", f"/story/{said}", f"/chart/{room}/{said}/x",
                    f"/fhir/{room}/{said}")[n % 5], 404)
