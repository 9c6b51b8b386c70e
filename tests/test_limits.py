"""What is too much: large, deep, long and zipped bodies get a 4xx, and nothing changes.

That the refusal takes little time is measured by `python -m tests.bench.refusals`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from answers import room_of
from flask import Flask
from houses import Person, open_copy
from werkzeug.test import TestResponse

from sandbox import people
from sandbox.app import create_app
from sandbox.db import metadata
from sandbox.house import House

TASK = "/task/first-half-hour/him-cough"
DEEP = "[" * 200_000 + "]" * 200_000
FORM = "application/x-www-form-urlencoded"


@dataclass
class Desk:
    """Ada at a desk, her workspace, and a client of hers."""

    app: Flask
    house: House
    ada: Person
    room: str
    bearer: dict[str, str]
    submission: str

    def page(self, path: str, data: Any, method: str = "POST", kind: str | None = None, **head: str) -> TestResponse:
        """A form or JSON, as her page sends it."""
        sent = {"X-CSRFToken": self.ada.csrf(), **head}
        return self.ada.client.open(path, method=method, data=data, content_type=kind, headers=sent)

    def fhir(self, path: str, data: Any, kind: str = "application/fhir+json", **head: str) -> TestResponse:
        """A POST, as her client sends it."""
        sent = json.dumps(data) if isinstance(data, dict) and kind != FORM else data
        address = f"/fhir/{self.room}{path}"
        return self.app.test_client().post(address, data=sent, content_type=kind, headers={**self.bearer, **head})

    def work(self, codes: str) -> TestResponse:
        """A submission with this code list."""
        return self.page(TASK, {"codes": codes, "token": self.submission})

    def rows(self) -> dict[str, int]:
        """How much is stored, but for what says who asked for what."""
        with self.house.db.reading() as conn:
            return {t.name: conn.execute(sa.select(sa.func.count()).select_from(t)).scalar_one()
                    for t in metadata.sorted_tables if t.name != "trail"}


@pytest.fixture(scope="module")
def desk(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One house for all: nothing that is sent here may change it."""
    with sitting(built, tmp_path_factory.mktemp("limits") / "data") as made:
        yield made


@contextmanager
def sitting(built: Path, data: Path) -> Iterator[Desk]:
    """Ada, who has sat down in a copy of a built house."""
    house = open_copy(built, data)
    app = create_app(house=house)
    app.testing = True
    ada = Person(app).sit_down()
    ada.get(TASK)
    info = room_of(house, "first-half-hour")
    with house.db.writing() as conn:
        bearer = {"Authorization": f"Bearer {people.new_token(conn, info.owner, info.id)}"}
    made = Desk(app, house, ada, info.id, bearer, ada.token())
    made.fhir("/Patient/$validate", {"resourceType": "Patient", "active": True})  # what is read once is read
    made.page(f"/lab/{info.id}/run", json.dumps({"sql": "SELECT 1"}), kind="application/json")
    yield made
    house.labs.close()
    house.db.close()


def names(number: int, last: str = "") -> str:
    """A Patient with so many elements that FHIR does not know, perhaps with one twice at its end."""
    many = ",".join(f'"k{n}":1' for n in range(number))
    return f'{{"resourceType":"Patient",{many}{last}}}'


def bundle(number: int, request: dict[str, str] | None = None, kind: str = "transaction") -> dict[str, Any]:
    """A Bundle with so many entries."""
    entry = {"request": request or {"method": "GET", "url": "Patient/x"}}
    return {"resourceType": "Bundle", "type": kind, "entry": [entry] * number}


def cited(number: int) -> str:
    """One code that cites so many passages."""
    span = {"document": "DocumentReference/x", "start": 0, "end": 5, "text": "cough"}
    return json.dumps([{"code": "R05.9", "poa": "", "spans": [span] * number}])


def nested(levels: int) -> dict[str, Any]:
    """A Patient whose contained extensions nest so deep."""
    inner: dict[str, Any] = {"url": "u", "valueBoolean": True}
    for _ in range(levels // 2):
        inner = {"url": "u", "extension": [inner]}
    return {"resourceType": "Patient", "extension": [inner]}


def many_forms(number: int) -> bytes:
    """A multipart body of so many fields."""
    part = b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n'
    return b"".join(part % n for n in range(number)) + b"--x--\r\n"


ZIPPED = gzip.compress(b'{"resourceType":"Patient","active":true}')
BOMB = gzip.compress(b" " * 50_000_000)
JSON = "application/json"
TOO_MUCH: dict[str, tuple[Callable[[Desk], TestResponse], tuple[int, ...]]] = {
    "a resource over 2 MB": (lambda d: d.fhir("/Patient", names(0, f',"id":"{"x" * 2_000_001}"')), (413,)),
    "a bundle over 2 MB": (lambda d: d.fhir("", {**bundle(1), "id": "x" * 2_000_001}), (413,)),
    "a form over 2 MB": (lambda d: d.page(TASK, {"codes": "x" * 2_000_001}), (413,)),
    "a draft over 2 MB": (lambda d: d.page(f"{TASK}/draft", b" " * 2_000_001, "PUT", JSON), (413,)),
    "a statement over 2 MB": (lambda d: d.page(f"/lab/{d.room}/run", b" " * 2_000_001, kind=JSON), (413,)),
    "33 levels": (lambda d: d.fhir("/Patient", nested(40)), (400,)),
    "100,000 levels": (lambda d: d.fhir("/Patient", f'{{"resourceType":"Patient","contact":{DEEP}}}'), (400,)),
    "a deep bundle": (lambda d: d.fhir("", f'{{"resourceType":"Bundle","entry":{DEEP}}}'), (400,)),
    "a deep draft": (lambda d: d.page(f"{TASK}/draft", f'{{"version":0,"form":{DEEP}}}', "PUT", JSON), (400,)),
    "a draft of 40 levels": (
        lambda d: d.page(f"{TASK}/draft", f'{{"version":0,"form":{"[" * 40 + "]" * 40}}}', "PUT", JSON), (400,)),
    "a deep statement": (lambda d: d.page(f"/lab/{d.room}/run", f'{{"sql":{DEEP}}}', kind=JSON), (400,)),
    "a deep code list": (lambda d: d.work("[" * 190_000), (400,)),
    "1,001 entries": (lambda d: d.fhir("", bundle(1001)), (400,)),
    "30,000 entries": (lambda d: d.fhir("", bundle(30_000)), (400,)),
    "60,000 unknown elements": (lambda d: d.fhir("/Patient", names(60_000)), (422,)),
    "an element twice after 60,000": (lambda d: d.fhir("/Patient", names(60_000, ',"z":1,"z":2')), (400, 422)),
    "60,000 names": (
        lambda d: d.fhir("/Patient", {"resourceType": "Patient", "name": [{"family": "x"}] * 60_000}), (400,)),
    "a zipped resource": (lambda d: d.fhir("/Patient", ZIPPED, **{"Content-Encoding": "gzip"}), (415,)),
    "a zipped draft": (lambda d: d.page(f"{TASK}/draft", ZIPPED, "PUT", JSON, **{"Content-Encoding": "gzip"}), (400,)),
    "a zip bomb": (lambda d: d.fhir("/Patient", BOMB, **{"Content-Encoding": "gzip"}), (415,)),
    "200,000 fields": (lambda d: d.page(TASK, "&".join(["a=1"] * 200_000), kind=FORM), (413,)),
    "30,000 parts": (lambda d: d.page(TASK, many_forms(30_000), kind="multipart/form-data; boundary=x"), (413,)),
    "a huge password": (lambda d: d.page("/signin", {"login": "ada", "password": "x" * 1_900_000}), (400,)),
    "a huge class name": (lambda d: d.page("/join", {"code": "- " * 400_000}), (404,)),
    "a huge account name": (
        lambda d: d.page("/signup", {"login": "eve", "name": "x" * 900_000, "password": "x" * 12}), (400,)),
    "10,000 codes": (lambda d: d.work(json.dumps([{"code": "R05.9", "poa": "", "spans": []}] * 10_000)), (400,)),
    "41 codes": (lambda d: d.work(json.dumps(["R05.9"] * 41)), (400,)),
    "10,000 short codes": (lambda d: d.work(json.dumps(["R05.9"] * 10_000)), (400,)),
    "2,000 citations": (lambda d: d.work(cited(2_000)), (400,)),
    "half a surrogate pair": (lambda d: d.work('[{"code":"\\ud800"}]'), (400,)),
    "half a pair in a draft": (
        lambda d: d.page(f"{TASK}/draft", '{"version":0,"form":{"a":"\\ud800"}}', "PUT", JSON), (400,)),
    "20,000 search parameters": (lambda d: d.fhir("/Patient/_search", "&".join(["name=x"] * 20_000), FORM), (413,)),
    "900 search parameters": (lambda d: d.fhir("/Patient/_search", "&".join(["name=x"] * 900), FORM), (400,)),
    "100,000 ids": (lambda d: d.fhir("/Patient/_search", {"_id": ",".join(["x"] * 100_000)}, FORM), (400,)),
    "2,000 names searched": (lambda d: d.fhir("/Patient/_search", {"name": ",".join(["x"] * 2_000)}, FORM), (400,)),
    "2,000 dates searched": (
        lambda d: d.fhir("/Encounter/_search", {"date": ",".join(["ge2026-01-01"] * 2_000)}, FORM), (400,)),
    "100 keys to sort by": (lambda d: d.fhir("/Patient/_search", {"_sort": ",".join(["family"] * 100)}, FORM), (400,)),
    "3,000 words for a patient": (lambda d: d.page(f"/chart/{d.room}/?q={'a+' * 3_000}", None, "GET"), (400,)),
    "a version of 5,000 digits": (
        lambda d: d.page(f"{TASK}/draft", '{"version":' + "9" * 5_000 + ',"form":{}}', "PUT", JSON), (400,)),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_too_much_is_refused_and_changes_nothing(desk: Desk, what: str) -> None:
    """A 4xx with a sentence; no row more than before."""
    send, statuses = TOO_MUCH[what]
    before = desk.rows()
    answer = send(desk)
    assert answer.status_code in statuses, answer.text[:500]
    assert "Traceback" not in answer.text and len(answer.text) > 40
    assert desk.rows() == before


def test_what_is_within_the_limits_still_goes_through(desk: Desk) -> None:
    """The walls stand behind the work, not in it: 30 levels, 1,000 entries, 1,000 ids, 200 names, 990 fields."""
    assert desk.fhir("/Patient/$validate", nested(26)).status_code == 200
    assert desk.fhir("", bundle(1000, {"method": "GET", "url": "Patient?_id=x&_count=0"}, "batch")).status_code == 200
    assert desk.fhir("/Patient/_search", {"_id": ",".join(["x"] * 1_000)}, FORM).status_code == 200
    assert desk.fhir("/Patient/_search", {"name": ",".join(["x"] * 200)}, FORM).status_code == 200
    assert desk.fhir("/Encounter/_search", {"date": ",".join(["ge2026-01-01"] * 200)}, FORM).status_code == 200
    check = desk.page(f"{TASK}/step/check", "&".join(["codes=[]", *(f"a{n}=1" for n in range(989))]), kind=FORM)
    assert check.status_code == 200


def test_no_request_calls_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses in resources, narratives, bundles and SQL are data: nobody opens a connection to them."""
    import socket

    calls: list[object] = []
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.3)
    canary = f"http://127.0.0.1:{listening.getsockname()[1]}/canary"
    real = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", lambda self, to: (calls.append(to), real(self, to))[1])
    patient = {"resourceType": "Patient", "meta": {"profile": [canary]}, "photo": [{"url": canary}],
               "implicitRules": canary, "managingOrganization": {"reference": canary},
               "extension": [{"url": canary, "valueUrl": canary}]}
    desk.fhir("/Patient/$validate", patient)
    desk.fhir("", {"resourceType": "Bundle", "type": "batch", "entry": [
        {"fullUrl": canary, "request": {"method": "GET", "url": canary}}, {"request": {"method": "GET", "url": "//x"}}
    ]})
    desk.fhir("/ValueSet/$validate", {"resourceType": "ValueSet", "status": "active", "url": canary})
    desk.fhir("/Patient/_search", {"organization": canary, "_profile": canary, "identifier": f"{canary}|1"}, FORM)
    for sql in (f"SELECT * FROM '{canary}.csv'", f"SELECT * FROM read_json('{canary}')", f"ATTACH '{canary}' AS x",
                f"COPY patient TO '{canary}'", "INSTALL httpfs", f"SELECT * FROM read_csv_auto('{canary}')"):
        said = desk.page(f"/lab/{desk.room}/run", json.dumps({"sql": sql}), kind=JSON).json
        assert "problem" in said, sql
    for path in (f"/signin?next={canary}", f"/codes/search?q={canary}", f"/chart/{desk.room}/?q={canary}"):
        desk.page(path, None, "GET")
    with pytest.raises(TimeoutError):
        listening.accept()
    listening.close()
    assert [to for to in calls if isinstance(to, tuple)] == []
