"""FHIR over HTTP: what a client may do in its one workspace, and how it is told when it may not."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from fhir_ward import ENCOUNTER, MRN, OBSERVATION, PATIENT, Ward, make
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.db import Database
from sandbox.errors import TrailUnwritten
from sandbox.web import policy


@pytest.fixture
def ward(sqlite_db: Database) -> Ward:
    """Ada's workspace over HTTP, on SQLite."""
    return make(sqlite_db)


def issue(answer: Any) -> dict[str, Any]:
    """The first issue of an OperationOutcome."""
    assert answer.json["resourceType"] == "OperationOutcome"
    assert answer.content_type.startswith("application/fhir+json")
    found: dict[str, Any] = answer.json["issue"][0]
    return found


def test_a_resource_is_read_with_its_version_and_time(ward: Ward) -> None:
    """ETag, Last-Modified and the stored text."""
    answer = ward.ask("GET", "/Patient/rosa")
    assert answer.status_code == 200
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert answer.json["name"] == PATIENT["name"]
    assert answer.json["meta"]["versionId"] == "1"


def test_a_new_resource_gets_an_id_a_version_and_a_location(ward: Ward) -> None:
    """Create answers 201, and what it says can be read there."""
    answer = ward.ask("POST", "/Observation", {**OBSERVATION, "id": "mine"})
    assert answer.status_code == 201
    assert answer.headers["ETag"] == 'W/"1"'
    at = answer.headers["Location"]
    assert at == f"http://localhost{ward.url}/Observation/{answer.json['id']}/_history/1"
    assert answer.json["id"] != "mine"
    again = ward.ask("GET", at.partition(ward.url)[2])
    assert again.json == answer.json


def test_numbers_come_back_as_they_were_spelled(ward: Ward) -> None:
    """72.50 is not 72.5: the precision is part of the value."""
    sent = b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":72.50}}'
    made = ward.ask("POST", "/Observation", sent)
    assert b'"value":72.50' in made.data
    assert b'"value":72.50' in ward.ask("GET", f"/Observation/{made.json['id']}").data
    assert b'"value":72.50' in ward.ask("GET", "/Observation?_id=" + made.json["id"]).data


def test_an_update_needs_the_newest_version_where_it_names_one(ward: Ward) -> None:
    """If-Match: 200 for the newest, 412 for another, 400 for nonsense."""
    changed = {**PATIENT, "gender": "other"}
    assert ward.ask("PUT", "/Patient/rosa", changed, If_Match='W/"1"').headers["ETag"] == 'W/"2"'
    stale = ward.ask("PUT", "/Patient/rosa", changed, If_Match='W/"1"')
    assert stale.status_code == 412
    assert issue(stale)["code"] == "conflict"
    assert ward.ask("PUT", "/Patient/rosa", changed, If_Match="soon").status_code == 400
    assert ward.ask("GET", "/Patient/rosa/_history/1").json["gender"] == "female"


def test_an_update_of_what_is_not_there_creates_it(ward: Ward) -> None:
    """A client may choose the id: 201 first, 200 after."""
    body = {**PATIENT, "id": "new-one"}
    assert ward.ask("PUT", "/Patient/new-one", body).status_code == 201
    assert ward.ask("PUT", "/Patient/new-one", body).status_code == 200


def test_what_was_deleted_is_gone_but_its_history_stays(ward: Ward) -> None:
    """204, then 410; three versions in the history."""
    ward.ask("PUT", "/Observation/glucose", {**OBSERVATION, "status": "amended"})
    assert ward.ask("DELETE", "/Observation/glucose").status_code == 204
    gone = ward.ask("GET", "/Observation/glucose")
    assert gone.status_code == 410
    assert issue(gone)["code"] == "deleted"
    history = ward.ask("GET", "/Observation/glucose/_history").json
    assert [e["request"]["method"] for e in history["entry"]] == ["DELETE", "PUT", "POST"]
    assert history["type"] == "history"
    assert ward.ask("GET", "/Observation?patient=rosa").json["total"] == 0


def test_a_type_has_a_history_of_its_own(ward: Ward) -> None:
    """Every change of every resource of the type, newest first, page by page."""
    ward.ask("PUT", "/Observation/glucose", {**OBSERVATION, "status": "amended"})
    ward.ask("POST", "/Observation", OBSERVATION)
    ward.ask("DELETE", "/Observation/glucose")
    first = ward.ask("GET", "/Observation/_history?_count=3").json
    assert first["total"] == 4
    assert [e["request"]["method"] for e in first["entry"]] == ["DELETE", "POST", "PUT"]
    following = {one["relation"]: one["url"] for one in first["link"]}["next"]
    second = ward.ask("GET", following.partition(ward.url)[2]).json
    assert [e["fullUrl"].rpartition("/")[2] for e in second["entry"]] == ["glucose"]
    assert [one["relation"] for one in second["link"]] == ["self"]
    assert ward.ask("GET", "/Nonsense/_history").status_code == 404
    assert ward.ask("GET", "/Observation/_history?_count=few").status_code == 400


def test_a_search_names_itself_its_total_and_its_next_page(ward: Ward) -> None:
    """Absolute links that can be followed to the end, each match once."""
    for n in range(4):
        ward.ask("POST", "/Observation", {**OBSERVATION, "status": "final", "code": {"text": f"t{n}"}})
    answer = ward.ask("GET", "/Observation?patient=rosa&_count=2").json
    links = {one["relation"]: one["url"] for one in answer["link"]}
    assert answer["total"] == 5
    assert links["self"].startswith(f"http://localhost{ward.url}/Observation?")
    seen = [entry["fullUrl"] for entry in answer["entry"]]
    while "next" in links:
        answer = ward.ask("GET", links["next"].partition(ward.url)[2]).json
        links = {one["relation"]: one["url"] for one in answer["link"]}
        seen += [entry["fullUrl"] for entry in answer["entry"]]
    assert len(seen) == len(set(seen)) == 5


def test_a_search_can_be_posted_as_a_form(ward: Ward) -> None:
    """POST _search answers as GET does, and included resources are marked."""
    answer = ward.ask("POST", "/Encounter/_search", "_id=stay&_include=Encounter:patient",
                      Content_Type="application/x-www-form-urlencoded")
    assert [(e["resource"]["id"], e["search"]["mode"]) for e in answer.json["entry"]] == [
        ("stay", "match"), ("rosa", "include")]


@pytest.mark.parametrize(("path", "body", "status"), [
    ("/Observation", {**OBSERVATION, "status": "nope"}, 422),
    ("/Observation", {**OBSERVATION, "subject": {"reference": "Encounter/stay"}}, 422),
    ("/Observation", PATIENT, 400),
    ("/Observation", b"{", 400),
    ("/Observation", b'{"resourceType":"Observation","status":"final","status":"final"}', 400),
    ("/Observation", b'{"resourceType":"Observation","a":' * 40 + b"1" + b"}" * 40, 400),
    ("/Observation", b'{"a":' + b"[" * 100_000, 400),
    ("/Nonsense", {"resourceType": "Nonsense"}, 404),
    ("/Observation", b'{"resourceType":"Observation","status":"' + b"x" * 2_000_001 + b'"}', 413),
])
def test_a_body_that_cannot_be_kept_is_refused_with_a_reason(ward: Ward, path: str, body: Any, status: int) -> None:
    """Each with the right status, an OperationOutcome, and nothing written."""
    answer = ward.ask("POST", path, body)
    assert answer.status_code == status
    assert issue(answer)["diagnostics"]
    assert ward.ask("GET", "/Observation").json["total"] == 1


def test_a_refused_resource_is_told_where_it_is_wrong(ward: Ward) -> None:
    """The path is FHIRPath, and the reason names the codes that would do."""
    told = issue(ward.ask("POST", "/Observation", {**OBSERVATION, "status": "nope"}))
    assert told["expression"] == ["Observation.status"]
    assert told["code"] == "code-invalid"
    assert "final" in told["diagnostics"]


@pytest.mark.parametrize(("headers", "status"), [
    ({"Content_Type": "application/xml"}, 415), ({"Content_Encoding": "gzip"}, 415),
    ({"Content_Type": "application/fhir+json; charset=latin-1"}, 415), ({"Accept": "application/xml"}, 406),
    ({"Content_Type": "application/json"}, 201), ({"Accept": "*/*"}, 201),
])
def test_only_plain_json_is_spoken(ward: Ward, headers: dict[str, str], status: int) -> None:
    """Other media types and compressed bodies are refused by name."""
    assert ward.ask("POST", "/Observation", OBSERVATION, **headers).status_code == status


def test_the_format_can_be_asked_for_in_the_address(ward: Ward) -> None:
    """_format=json is fine wherever; xml is not offered."""
    assert ward.ask("GET", "/Patient/rosa?_format=json", Accept="text/plain").status_code == 200
    assert ward.ask("GET", "/Patient?_format=application/fhir%2Bjson").status_code == 200
    assert ward.ask("GET", "/Patient/rosa?_format=xml").status_code == 406


def test_a_client_says_how_much_it_wants_back(ward: Ward) -> None:
    """Prefer: nothing, an outcome, or the resource."""
    assert ward.ask("POST", "/Observation", OBSERVATION, Prefer="return=minimal").data == b""
    told = ward.ask("POST", "/Observation", OBSERVATION, Prefer="return=OperationOutcome")
    assert (told.status_code, told.json["resourceType"]) == (201, "OperationOutcome")


def test_a_conditional_create_happens_once(ward: Ward) -> None:
    """If-None-Exist: none, then the one that is there; several answer 412."""
    fresh = {**PATIENT, "identifier": [{"system": "urn:x", "value": "7"}]}
    first = ward.ask("POST", "/Patient", fresh, If_None_Exist="identifier=urn:x|7")
    again = ward.ask("POST", "/Patient", fresh, If_None_Exist="identifier=urn:x|7")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["id"] == again.json["id"]
    ward.ask("POST", "/Patient", fresh)
    assert ward.ask("POST", "/Patient", fresh, If_None_Exist="identifier=urn:x|7").status_code == 412


def test_nobody_comes_in_without_a_token(ward: Ward) -> None:
    """401 with WWW-Authenticate, for no token and for one that is not known."""
    for token in ("", "not-a-token"):
        answer = ward.ask("GET", "/Patient/rosa", token=token)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert issue(answer)["code"] == "login"


def test_mallory_sees_nothing_of_adas_workspace(ward: Ward) -> None:
    """A good token of another workspace gets 404 everywhere, as a workspace that does not exist does."""
    asked = [("GET", "/Patient/rosa"), ("GET", "/Patient"), ("PUT", "/Patient/rosa"), ("DELETE", "/Patient/rosa"),
             ("POST", "/Observation"), ("POST", "/"), ("GET", "/Patient/rosa/_history"), ("POST", "/Patient/_search")]
    for method, path in asked:
        answer = ward.ask(method, path, OBSERVATION if method in ("PUT", "POST") else None, token=ward.mallory_token)
        assert answer.status_code == 404, (method, path)
        assert b"Delgado" not in answer.data
    none = ward.app.test_client().get("/fhir/w-none/Patient", headers={"Authorization": f"Bearer {ward.mallory_token}"})
    mine = ward.ask("GET", "/Patient", token=ward.mallory_token)
    assert none.data == mine.data
    assert not ward.trail()


def test_a_session_may_look_and_never_write(ward: Ward) -> None:
    """The cookie of the workspace's owner reads by GET; another site's form cannot write with it."""
    from sandbox import people

    client = ward.app.test_client()
    with ward.db.reading() as conn:
        ada = people.get(conn, ward.info.owner)
    with ward.app.test_request_context():
        policy.admit(ada)
        from flask import session
        held = dict(session)
    with client.session_transaction() as stored:
        stored.update(held)
    assert client.get(f"{ward.url}/Patient/rosa").status_code == 200
    refused = client.post(f"{ward.url}/Patient", data=orjson.dumps(PATIENT), content_type="application/json")
    assert refused.status_code == 401


def test_everything_asked_is_in_the_trail_refusals_too(ward: Ward) -> None:
    """One entry for each request, in order, with its outcome."""
    ward.ask("GET", "/Patient/rosa")
    ward.ask("GET", "/Observation?patient=rosa")
    ward.ask("POST", "/Observation", {**OBSERVATION, "status": "nope"})
    ward.ask("GET", "/Patient/nobody")
    ward.ask("PUT", "/Patient/rosa", PATIENT, If_Match='W/"9"')
    seen = [(e.subtype, e.kind, e.outcome) for e in ward.trail()]
    assert seen == [("read", "Patient", "0"), ("search-type", "Observation", "0"), ("create", "Observation", "4"),
                    ("read", "Patient", "4"), ("update", "Patient", "4")]


def test_a_transaction_that_fails_leaves_nothing_behind(ward: Ward) -> None:
    """The second entry is wrong, so the first is not kept; the refusal names the entry."""
    def entry(resource: dict[str, Any]) -> dict[str, Any]:
        return {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}

    bundle = {"resourceType": "Bundle", "type": "transaction",
              "entry": [entry(OBSERVATION), entry({**ENCOUNTER, "status": "nope"})]}
    answer = ward.ask("POST", "", bundle)
    assert answer.status_code == 422
    assert issue(answer)["expression"] == ["Bundle.entry[1].resource.Encounter.status"]
    assert ward.ask("GET", "/Observation").json["total"] == 1
    assert next(e.outcome for e in ward.trail()) == "4"


def test_the_server_says_what_it_can_do(ward: Ward) -> None:
    """A CapabilityStatement of R4 with the search parameters that are really kept."""
    answer = ward.ask("GET", "/metadata", token="")
    assert answer.json["fhirVersion"] == "4.0.1"
    kinds = {one["type"]: one for one in answer.json["rest"][0]["resource"]}
    asked = {one["name"] for one in kinds["Observation"]["searchParam"]}
    assert {"patient", "code", "category", "date", "status", "encounter"} <= asked
    for name in asked:
        assert ward.ask("GET", f"/Observation?{name}=2026-01-01").status_code == 200, name


def test_a_resource_can_be_judged_without_being_written(ward: Ward) -> None:
    """$validate says what a write would say."""
    assert ward.ask("POST", "/Observation/$validate", OBSERVATION).json["issue"][0]["severity"] == "information"
    assert ward.ask("POST", "/Observation/$validate", {**OBSERVATION, "status": "nope"}).status_code == 422
    assert ward.ask("GET", "/Observation").json["total"] == 1


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/Patient/rosa/extra/path", 404), ("PATCH", "/Patient/rosa", 405), ("GET", "/Nonsense/1", 404),
    ("GET", "/Nonsense", 404), ("GET", "/Patient?no-such=1", 400), ("GET", "/Patient/rosa/_history/9", 404),
    ("GET", "/Patient/rosa/_history/x", 404), ("POST", "/Patient/rosa", 404),
])
def test_what_is_not_offered_is_an_operation_outcome(ward: Ward, method: str, path: str, status: int) -> None:
    """Never an HTML page, never a 500."""
    answer = ward.ask(method, path)
    assert answer.status_code == status
    issue(answer)


def test_what_cannot_be_put_into_the_trail_does_not_happen(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """507 for a write, a read and a search; and afterwards the record is as it was."""
    from sandbox import audit

    def full(*_args: Any, **_more: Any) -> None:
        raise TrailUnwritten("This access could not be recorded, so the chart stays shut.")

    with monkeypatch.context() as broken:
        broken.setattr(audit, "append", full)
        for method, path in (("POST", "/Observation"), ("GET", "/Patient/rosa"), ("GET", "/Observation")):
            answer = ward.ask(method, path, OBSERVATION if method == "POST" else None)
            assert answer.status_code == 507
            assert b"Delgado" not in answer.data
            assert issue(answer)["code"] == "no-store"
    assert ward.ask("GET", "/Observation").json["total"] == 1


def test_a_body_is_judged_while_nobody_has_to_wait(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writer gets its turn in the middle of judging: the database is not locked yet."""
    from sandbox.fhir import resources

    judge, turns = resources.judge, []

    def slow(data: bytes) -> Any:
        with ward.db.writing():
            turns.append(len(data))
        return judge(data)

    monkeypatch.setattr(resources, "judge", slow)
    assert ward.ask("POST", "/Observation", OBSERVATION).status_code == 201
    assert ward.ask("PUT", "/Patient/rosa", PATIENT).status_code == 200
    assert len(turns) == 2


def test_a_fault_of_ours_is_told_without_its_inside(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 and an OperationOutcome; no traceback, no secret; nothing written."""
    from sandbox.fhir import store

    def broken(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("the secret path /data/x")

    with monkeypatch.context() as patch:
        patch.setattr(store, "create", broken)
        answer = ward.ask("POST", "/Observation", OBSERVATION)
    assert answer.status_code == 500
    assert b"secret" not in answer.data
    issue(answer)
    assert ward.ask("GET", "/Observation").json["total"] == 1


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["resourceType", "id", "status", "code", "type", "entry", "resource", "request", "method",
                         "url", "fullUrl", "meta", "subject", "reference", "ifMatch"]) | st.text(max_size=3),
        inner | st.sampled_from(["Bundle", "transaction", "batch", "Patient", "POST", "PUT", "GET", "Patient/rosa"]),
        max_size=5),
    max_leaves=15)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, path=st.sampled_from(["/Patient", "", "/Bundle", "/Patient/rosa", "/Patient/$validate"]))
def test_no_json_whatever_breaks_the_server(ward: Ward, body: Any, path: str) -> None:
    """Any JSON to any address: an answer below 500, in FHIR."""
    method = "PUT" if path == "/Patient/rosa" else "POST"
    answer = ward.ask(method, path, json.dumps(body).encode())
    assert answer.status_code < 500
    assert answer.json["resourceType"]


def test_of_many_who_change_one_version_exactly_one_succeeds(db: Database) -> None:
    """Twelve at once, all on version 1: one 200, eleven 412, and the trail knows all twelve."""
    ward = make(db)
    gate = threading.Barrier(12)

    def change(n: int) -> int:
        gate.wait()
        body = {**PATIENT, "telecom": [{"system": "phone", "value": str(n)}]}
        return int(ward.ask("PUT", "/Patient/rosa", body, If_Match='W/"1"').status_code)

    with ThreadPoolExecutor(12) as pool:
        answers = sorted(pool.map(change, range(12)))
    assert answers == [200] + [412] * 11
    assert ward.ask("GET", "/Patient/rosa/_history").json["total"] == 2
    assert sorted(e.outcome for e in ward.trail()) == ["0"] * 2 + ["4"] * 11


def test_a_conditional_create_happens_once_however_many_ask_at_once(db: Database) -> None:
    """Eight at the same moment, each alone and in a transaction: one 201, seven that find what the first made."""
    ward = make(db)
    gate = threading.Barrier(8)
    ben = {"resourceType": "Patient", "identifier": [{"system": MRN, "value": "2002"}]}

    def ask(n: int) -> str:
        asked = f"identifier={MRN}|2002"
        gate.wait()
        if n % 2:
            return str(ward.ask("POST", "/Patient", ben, If_None_Exist=asked).status_code)
        request = {"method": "POST", "url": "Patient", "ifNoneExist": asked}
        answer = ward.ask("POST", "/", {"resourceType": "Bundle", "type": "transaction",
                                        "entry": [{"resource": ben, "request": request}]})
        return str(answer.json["entry"][0]["response"]["status"])[:3]

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(ask, range(8)))
    assert answers == ["200"] * 7 + ["201"]
    assert ward.ask("GET", f"/Patient?identifier={MRN}|2002").json["total"] == 1


def test_the_record_answers_alike_on_both_databases(db: Database) -> None:
    """Create, update, search and delete on SQLite and on PostgreSQL."""
    ward = make(db)
    made = ward.ask("POST", "/Observation", OBSERVATION)
    assert made.status_code == 201
    at = f"/Observation/{made.json['id']}"
    assert ward.ask("PUT", at, {**made.json, "status": "amended"}, If_Match='W/"1"').status_code == 200
    assert ward.ask("GET", "/Observation?patient=rosa&status=amended").json["total"] == 1
    assert ward.ask("DELETE", at).status_code == 204
    assert ward.ask("GET", at).status_code == 410
