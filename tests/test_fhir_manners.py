"""How the FHIR API may be asked and how it answers: formats, preferences, pages of a history, its own statement."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from fhir_ward import OBSERVATION, PATIENT, Ward, make

from sandbox.db import Database
from sandbox.fhir import structure


@pytest.fixture
def ward(sqlite_db: Database) -> Ward:
    """Ada's workspace over HTTP, on SQLite."""
    return make(sqlite_db)


def links(answer: Any) -> dict[str, str]:
    """A Bundle's links by what they are to it."""
    return {one["relation"]: one["url"] for one in answer.json["link"]}


@pytest.mark.parametrize("accept", [
    "application/fhir+json; fhirVersion=4.0", "application/json; charset=utf-8", "application/fhir+json;charset=UTF-8",
    "application/fhir+xml;q=0.5, application/fhir+json; fhirVersion=4.0; q=0.9", "*/*", "application/*", "TEXT/JSON",
])
def test_accept_may_say_more_than_the_format(ward: Ward, accept: str) -> None:
    """A client may name FHIR's version and a charset beside the format; both are what it gets."""
    assert ward.ask("GET", "/Patient/rosa", Accept=accept).status_code == 200


@pytest.mark.parametrize("accept", ["application/fhir+xml; fhirVersion=4.0", "application/fhir+json;q=0", "image/*"])
def test_what_is_not_json_is_not_acceptable(ward: Ward, accept: str) -> None:
    """Also with parameters, and also where JSON is the one thing not wanted."""
    assert ward.ask("GET", "/Patient/rosa", Accept=accept).status_code == 406


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
def test_a_search_that_is_not_posted_as_a_form_is_refused(ward: Ward, kind: str) -> None:
    """Its parameters would not be seen, and everything would be found."""
    answer = ward.ask("POST", "/Patient/_search", b'{"family": "Nobody"}', Content_Type=kind)
    assert answer.status_code == 415
    assert ward.ask("POST", "/Patient/_search?family=Nobody").json["total"] == 0


def test_an_unknown_parameter_is_refused_unless_the_client_prefers_leniency(ward: Ward) -> None:
    """`Prefer: handling=lenient` leaves it out, and the self link tells what was used; a bad value stays an error."""
    path = "/Patient?shoe-size=44&family=Nobody&_summary=true&_count=5"
    assert ward.ask("GET", path).status_code == 400
    assert ward.ask("GET", path, Prefer="handling=strict").status_code == 400
    lenient = ward.ask("GET", path, Prefer="return=minimal; handling=lenient")
    assert lenient.json["total"] == 0
    assert links(lenient)["self"].endswith("/Patient?family=Nobody&_count=5")
    assert ward.ask("GET", "/Patient?birthdate=soon", Prefer="handling=lenient").status_code == 400


def test_a_types_address_may_end_with_a_slash(ward: Ward) -> None:
    """Some clients write it so, to search and to create."""
    assert ward.ask("GET", "/Patient/?family=delgado").json["total"] == 1
    assert ward.ask("POST", "/Observation/", OBSERVATION).status_code == 201


def test_a_reference_can_be_asked_for_by_its_whole_address(ward: Ward) -> None:
    """`patient=http://…/Patient/rosa` finds what `patient=rosa` does, where the address is this record's."""
    base = f"http://localhost{ward.url}"
    assert ward.ask("GET", f"/Observation?patient={base}/Patient/rosa").json["total"] == 1
    assert ward.ask("GET", "/Observation?patient=http://elsewhere.example/Patient/rosa").json["total"] == 0


def test_a_resources_history_comes_in_pages(ward: Ward) -> None:
    """As many as `_count` says, the rest behind the next link."""
    for status in ("amended", "corrected"):
        ward.ask("PUT", "/Observation/glucose", {**OBSERVATION, "status": status})
    first = ward.ask("GET", "/Observation/glucose/_history?_count=2")
    assert first.json["total"] == 3
    assert [e["resource"]["status"] for e in first.json["entry"]] == ["corrected", "amended"]
    second = ward.ask("GET", links(first)["next"].partition(ward.url)[2])
    assert [e["resource"]["status"] for e in second.json["entry"]] == ["final"]
    assert "next" not in links(second)


@pytest.mark.parametrize("path", ["/Observation/glucose/_history", "/Observation/_history"])
def test_a_history_can_begin_at_an_instant(ward: Ward, path: str) -> None:
    """`_since` leaves out what was stored before; what cannot be read, or is not known, is refused."""
    ward.ask("GET", "/Observation/glucose")  # her day begins at eight, when the hospital was made
    time.sleep(0.005)
    made = ward.ask("PUT", "/Observation/glucose", {**OBSERVATION, "status": "amended"}).json["meta"]["lastUpdated"]
    since = ward.ask("GET", f"{path}?_since={made}&_count=1")
    assert since.json["total"] == 1
    assert since.json["entry"][0]["resource"]["status"] == "amended"
    assert links(since) == {"self": f"http://localhost{ward.url}{path}?_count=1&_since={made}"}
    later = ward.ask("GET", f"{path}?_since=2026-07-01T00:00:00%2B02:00").json
    assert (later["total"], later.get("entry")) == (0, None)
    for bad in ("_since=yesterday", "_at=2026", "_count=-1", "_offset=x"):
        assert ward.ask("GET", f"{path}?{bad}").status_code == 400


def test_a_type_that_is_not_kept_is_not_found(ward: Ward) -> None:
    """Whatever is asked of it; and nobody says that FHIR has no such type."""
    sent = {"resourceType": "MolecularSequence", "coordinateSystem": 0}
    for method, path, body in (("GET", "/MolecularSequence", None), ("POST", "/MolecularSequence", sent),
                               ("PUT", "/MolecularSequence/x", {**sent, "id": "x"}),
                               ("GET", "/MolecularSequence/_history", None)):
        answer = ward.ask(method, path, body)
        assert answer.status_code == 404
        assert "are not kept here" in answer.json["issue"][0]["diagnostics"]


def test_what_the_server_says_of_itself_is_sound_fhir(ward: Ward) -> None:
    """No list in its CapabilityStatement is empty, every type names `_id`, and the typed models take it whole."""
    from fhir.resources.R4B.capabilitystatement import CapabilityStatement

    statement = ward.ask("GET", "/metadata").json
    CapabilityStatement.model_validate(statement)
    assert b"[]" not in orjson.dumps(statement)
    assert all({"_id", "_lastUpdated"} <= {one["name"] for one in kind["searchParam"]}
               for kind in statement["rest"][0]["resource"])


def test_every_bundle_that_answers_is_sound_fhir(ward: Ward) -> None:
    """Searches, histories and the answers to a batch keep the rules that we ask of others."""
    ward.ask("PUT", "/Patient/rosa", {**PATIENT, "gender": "other"})
    request = {"resource": PATIENT, "request": {"method": "POST", "url": "Patient"}}
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [request, {"request": {"method": "GET", "url": "x"}}]}
    for answer in (ward.ask("GET", "/Encounter?_include=Encounter:patient&_count=1"), ward.ask("POST", "/", batch),
                   ward.ask("GET", "/Patient/rosa/_history?_count=1"), ward.ask("GET", "/Patient?_id=nobody")):
        assert structure.issues(answer.json, "Bundle") == []
