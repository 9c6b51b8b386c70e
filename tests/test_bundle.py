"""Batch and transaction: all or nothing, each on its own, references rewritten, conditions met."""

from __future__ import annotations

from typing import Any

import pytest
from fhir_ward import ENCOUNTER, OBSERVATION, PATIENT, Ward, make

from sandbox.db import Database
from sandbox.errors import BadInput, BadResource, Gone, NotFound
from sandbox.fhir import bundle, transaction

ONE, TWO = (f"urn:uuid:00000000-0000-4000-8000-00000000000{n}" for n in (1, 2))


@pytest.fixture
def ward(sqlite_db: Database) -> Ward:
    """Ada's workspace over HTTP."""
    return make(sqlite_db)


def entry(method: str, url: str, resource: dict[str, Any] | None = None, full_url: str = "", **more: str) -> Any:
    """One entry of a Bundle."""
    made: dict[str, Any] = {"request": {"method": method, "url": url, **more}}
    return {**made, **({"resource": resource} if resource else {}), **({"fullUrl": full_url} if full_url else {})}


def post(ward: Ward, kind: str, *entries: Any) -> Any:
    """The answer to a Bundle of these entries."""
    return ward.ask("POST", "/", {"resourceType": "Bundle", "type": kind, "entry": list(entries)})


def test_a_transactions_entries_may_refer_to_each_other(ward: Ward) -> None:
    """In any order, by urn; each gets an id, a place and a version."""
    hers = {**OBSERVATION, "subject": {"reference": TWO}}
    answer = post(ward, "transaction", entry("POST", "Observation", hers, ONE), entry("POST", "Patient", PATIENT, TWO))
    assert answer.status_code == 200
    assert answer.json["type"] == "transaction-response"
    places = [one["response"]["location"].partition(ward.url)[2] for one in answer.json["entry"]]
    assert [one["response"]["status"] for one in answer.json["entry"]] == ["201 Created"] * 2
    observation = ward.ask("GET", places[0]).json
    patient = ward.ask("GET", places[1]).json
    assert observation["subject"]["reference"] == f"Patient/{patient['id']}"
    assert patient["id"] != "rosa"
    assert ward.ask("GET", f"/Observation?patient={patient['id']}").json["total"] == 1


def test_a_transaction_deletes_then_creates_then_updates_then_reads(ward: Ward) -> None:
    """FHIR's order, whatever the order in the Bundle; answers stand in the Bundle's."""
    answer = post(ward, "transaction", entry("GET", "Observation?patient=rosa"),
                  entry("PUT", "Patient/rosa", {**PATIENT, "gender": "other"}, ifMatch='W/"1"'),
                  entry("POST", "Observation", OBSERVATION), entry("DELETE", "Observation/glucose"))
    found, updated, created, deleted = answer.json["entry"]
    assert found["resource"]["total"] == 1
    assert updated["response"]["etag"] == 'W/"2"'
    assert created["response"]["status"] == "201 Created"
    assert deleted["response"]["status"] == "204 No Content"
    assert ward.ask("GET", "/Observation/glucose").status_code == 410


def test_numbers_keep_their_spelling_in_a_transaction(ward: Ward) -> None:
    """The Bundle is taken apart without writing a number anew."""
    body = (b'{"resourceType":"Bundle","type":"transaction","entry":[{"request":'
            b'{"method":"POST","url":"Observation"},'
            b'"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},'
            b'"valueQuantity":{"value":7.20}}}]}')
    place = ward.ask("POST", "", body).json["entry"][0]["response"]["location"].partition(ward.url)[2]
    assert b'"value":7.20' in ward.ask("GET", place).data


@pytest.mark.parametrize(("bad", "status"), [
    (entry("POST", "Observation", {**OBSERVATION, "status": "nope"}), 422),
    (entry("POST", "Observation", {**OBSERVATION, "subject": {"reference": TWO}}), 422),
    (entry("POST", "Observation", {**OBSERVATION, "subject": {"reference": "Patient?identifier=none"}}), 412),
    (entry("PUT", "Patient/rosa", PATIENT, ifMatch='W/"7"'), 412), (entry("GET", "Patient/nobody"), 404),
    (entry("DELETE", "Patient/nobody"), 404), (entry("PATCH", "Patient/rosa", PATIENT), 400),
    (entry("POST", "Patient", OBSERVATION), 400), (entry("POST", "Nonsense", {"resourceType": "Nonsense"}), 400),
    (entry("PUT", "Patient/other", PATIENT), 400), (entry("GET", "Patient?nonsense=1"), 400), ("text", 400), ({}, 400),
])
def test_a_transaction_is_all_or_nothing(ward: Ward, bad: Any, status: int) -> None:
    """One bad entry, and the good one is not kept; the answer says which it was."""
    answer = post(ward, "transaction", entry("POST", "Encounter", ENCOUNTER), bad)
    assert answer.status_code == status
    assert "Bundle.entry[1]" in answer.json["issue"][0]["diagnostics"]
    assert ward.ask("GET", "/Encounter").json["total"] == 1


def test_one_resource_stands_once_in_a_transaction(ward: Ward) -> None:
    """Two changes of one resource have no order."""
    answer = post(ward, "transaction", entry("PUT", "Patient/rosa", PATIENT), entry("DELETE", "Patient/rosa"))
    assert answer.status_code == 400
    assert "stands twice" in answer.json["issue"][0]["diagnostics"]
    answer = post(ward, "transaction", entry("POST", "Patient", PATIENT, ONE), entry("POST", "Patient", PATIENT, ONE))
    assert "fullUrl" in answer.json["issue"][0]["diagnostics"]


def test_conditions_are_met_inside_a_transaction(ward: Ward) -> None:
    """Conditional create finds, conditional references resolve, conditional update hits the one."""
    query = "identifier=https://two-rivers.example/mrn|1001"
    by = {"reference": f"Patient?{query}"}
    answer = post(ward, "transaction", entry("POST", "Patient", PATIENT, ONE, ifNoneExist=query),
                  entry("POST", "Observation", {**OBSERVATION, "subject": {"reference": ONE}}),
                  entry("POST", "Observation", {**OBSERVATION, "subject": by}))
    assert [one["response"]["status"] for one in answer.json["entry"]] == ["200 OK", "201 Created", "201 Created"]
    assert ward.ask("GET", "/Observation?patient=rosa").json["total"] == 3
    changed = {k: v for k, v in PATIENT.items() if k != "id"}
    post(ward, "transaction", entry("PUT", f"Patient?{query}", {**changed, "gender": "other"}))
    assert ward.ask("GET", "/Patient/rosa").json["gender"] == "other"


def test_a_batch_answers_each_entry_on_its_own(ward: Ward) -> None:
    """A bad entry gets its outcome; the others are done; the refusal is in the trail."""
    answer = post(ward, "batch", entry("POST", "Observation", {**OBSERVATION, "status": "nope"}),
                  entry("POST", "Observation", OBSERVATION), entry("GET", "Patient/nobody"),
                  entry("GET", "Patient/rosa"), 3)
    assert answer.json["type"] == "batch-response"
    statuses = [one["response"]["status"].split()[0] for one in answer.json["entry"]]
    assert statuses == ["422", "201", "404", "200", "400"]
    assert answer.json["entry"][0]["response"]["outcome"]["issue"][0]["expression"] == ["Observation.status"]
    assert ward.ask("GET", "/Observation").json["total"] == 2
    assert [e.outcome for e in ward.trail()].count("4") == 3


@pytest.mark.parametrize("body", [
    {"resourceType": "Bundle", "type": "collection"}, {"resourceType": "Patient"},
    {"resourceType": "Bundle", "type": "batch", "entry": {}},
    {"resourceType": "Bundle", "type": "batch", "entry": [{}] * 1001},
])
def test_only_batch_and_transaction_are_taken(ward: Ward, body: dict[str, Any]) -> None:
    """And no more than a thousand entries."""
    assert ward.ask("POST", "", body).status_code == 400


def test_an_empty_bundle_gets_an_empty_answer(ward: Ward) -> None:
    """Nothing asked, nothing done."""
    assert ward.ask("POST", "", {"resourceType": "Bundle", "type": "batch"}).json == {
        "resourceType": "Bundle", "type": "batch-response"}


@pytest.mark.parametrize(("text", "version"), [('W/"3"', 3), ('"3"', 3), ("3", 3), (None, None), ("", None)])
def test_if_match_names_a_version(text: str | None, version: int | None) -> None:
    """Weak or strong, quoted or not."""
    assert transaction.match_version(text) == version


def test_an_outcome_tells_every_issue() -> None:
    """Codes by the kind of problem; expressions where there is a path."""
    made = bundle.outcome(BadResource([transaction.Issue("A.b", "no"), transaction.Issue("A.c", "no", "required")]))
    assert [(i["code"], i["expression"]) for i in made["issue"]] == [("invalid", ["A.b"]), ("required", ["A.c"])]
    assert [bundle.outcome(e)["issue"][0]["code"] for e in (NotFound("x"), Gone("x"), BadInput("x"))] == [
        "not-found", "deleted", "invalid"]
