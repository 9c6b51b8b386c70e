"""A search parameter that was posted: indexed over what was there, kept true, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from fhir_ward import PATIENT, Ward, make
from hypothesis import given
from hypothesis import strategies as st

from sandbox import workspace
from sandbox.db import Database
from sandbox.errors import BadResource
from sandbox.fhir import expressions, parameters

RACE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
OMB = "urn:oid:2.16.840.1.113883.6.238"
NULL = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"


def definition(**changes: Any) -> dict[str, Any]:
    """Patients by race, as it may be posted; a change of None leaves an element out."""
    whole = {"resourceType": "SearchParameter", "id": "race", "url": "https://two-rivers.example/SearchParameter/race",
             "name": "race", "status": "active", "description": "By race", "code": "race", "base": ["Patient"],
             "type": "token",
             "expression": f"Patient.extension('{RACE}').extension.where(url = 'ombCategory').value", **changes}
    return {name: value for name, value in whole.items() if value is not None}


def patient(id: str, *codes: str) -> dict[str, Any]:
    """A Patient who said these."""
    said = [{"url": "ombCategory", "valueCoding": {"system": NULL if code in ("ASKU", "UNK") else OMB, "code": code}}
            for code in codes]
    spoken = {"extension": [{"url": RACE, "extension": [*said, {"url": "text", "valueString": "as said"}]}]}
    return {**PATIENT, "id": id, **(spoken if codes else {})}


BASE = [patient("rosa", "2106-3"), patient("mei", "2028-9", "2106-3"), patient("ann", "ASKU"), patient("nobody")]


@pytest.fixture
def ward(db: Database) -> Ward:
    """Ada's workspace over four patients, on each database."""
    return make(db, BASE)


@pytest.fixture
def room(sqlite_db: Database) -> Ward:
    """The same on SQLite alone."""
    return make(sqlite_db, BASE)


def found(ward: Ward, query: str, **more: Any) -> str:
    """The ids that a search of patients finds, in order."""
    answer = ward.ask("GET", f"/Patient?{query}", **more)
    assert answer.status_code == 200, answer.json
    assert answer.json["total"] == len(answer.json.get("entry", []))
    return " ".join(sorted(entry["resource"]["id"] for entry in answer.json.get("entry", [])))


def refusal(ward: Ward, body: dict[str, Any]) -> str:
    """Why a definition was refused, as one line; `$validate` says the same."""
    answer = ward.ask("PUT", f"/SearchParameter/{body['id']}", body)
    assert answer.status_code == 422, answer.json
    said = "; ".join(f"{each['code']} {each['diagnostics']}" for each in answer.json["issue"])
    asked = ward.ask("POST", "/SearchParameter/$validate", body)
    assert said == "; ".join(f"{each['code']} {each['diagnostics']}" for each in asked.json["issue"])
    return said


def test_a_posted_parameter_finds_old_rows_and_new_ones(ward: Ward) -> None:
    """The base's, changed ones, new ones; what was deleted or changed away is no longer found."""
    assert ward.ask("GET", "/Patient?race=2106-3").status_code == 400
    ward.ask("PUT", "/Patient/before", patient("before", "2106-3"))
    made = ward.ask("POST", "/SearchParameter", definition())
    assert made.status_code == 201
    assert "4 resources have a value" in made.text
    assert found(ward, "race=2106-3") == "before mei rosa"
    assert found(ward, f"race={OMB}|2028-9") == "mei"
    assert found(ward, f"race={NULL}|ASKU,{NULL}|UNK") == "ann"
    assert found(ward, "race:missing=true") == "nobody"
    ward.ask("PUT", "/Patient/after", patient("after", "UNK"))
    ward.ask("PUT", "/Patient/rosa", patient("rosa", "2054-5"))
    ward.ask("DELETE", "/Patient/before")
    assert found(ward, "race=2106-3") == "mei"
    assert found(ward, "race=2054-5,UNK") == "after rosa"
    assert found(ward, "race:missing=true&gender=female") == "nobody"
    first = ward.ask("GET", "/Patient?_sort=race&_count=2").json
    assert [entry["resource"]["id"] for entry in first["entry"]] == ["mei", "rosa"] and first["total"] == 5


def test_a_parameter_that_changes_or_goes_is_indexed_anew_or_no_more(ward: Ward) -> None:
    """Another expression, another code, retired, deleted."""
    assert ward.ask("PUT", "/SearchParameter/race", definition()).status_code == 201
    text = f"Patient.extension('{RACE}').extension('text').value.ofType(string)"
    assert ward.ask("PUT", "/SearchParameter/race", definition(type="string", expression=text)).status_code == 200
    assert found(ward, "race=as said") == "ann mei rosa"
    assert ward.ask("PUT", "/SearchParameter/race", definition(code="omb")).status_code == 200
    assert ward.ask("GET", "/Patient?race=2028-9").status_code == 400
    assert found(ward, "omb=2028-9") == "mei"
    retired = ward.ask("PUT", "/SearchParameter/race", definition(status="retired"))
    assert "retired" in retired.text and ward.ask("GET", "/Patient?race=ASKU").status_code == 400
    ward.ask("PUT", "/SearchParameter/race", definition())
    assert found(ward, "race=ASKU") == "ann"
    assert ward.ask("DELETE", "/SearchParameter/race").status_code == 204
    assert ward.ask("GET", "/Patient?race=ASKU").status_code == 400


def test_a_parameter_is_its_workspace_s_alone(ward: Ward) -> None:
    """Ben over the same base has none, or one of his own of that name that finds other things."""
    with ward.db.writing() as conn:
        base = ward.info.base
        ben = [workspace.open(conn, owner="ben", base=base, seed=n, scenario="") for n in range(2)]
        mine = workspace.Workspace(conn, ward.info, workspace.Agent("ada", "Ada", "learner"))
        his = workspace.Workspace(conn, ben[0], workspace.Agent("ben", "Ben", "learner"))
        mine.create(definition())
        his.create(definition(type="string", expression="Patient.name.family"))
        assert sorted(p["id"] for p in mine.search("Patient", {"race": "2106-3"})) == ["mei", "rosa"]
        assert len(his.search("Patient", {"race": "delga"})) == 4
        assert his.search("Patient", {"race": "2106-3"}) == []
        assert not workspace.Workspace(conn, ben[1], his.agent).knows("Patient", "race")
        fresh = workspace.reset(conn, ward.info.id, [])
        assert not workspace.Workspace(conn, fresh, mine.agent).knows("Patient", "race")
        again = workspace.undo_reset(conn, ward.info.id)
        assert len(workspace.Workspace(conn, again, mine.agent).search("Patient", {"race": "ASKU"})) == 1
        planted = workspace.reset(conn, ward.info.id, [patient("new", "2106-3"), definition(), patient("mei", "UNK")])
        found = workspace.Workspace(conn, planted, mine.agent).search("Patient", {"race": "2106-3,UNK"})
        assert sorted(p["id"] for p in found) == ["mei", "new", "rosa"]


def test_a_parameter_is_in_the_capability_statement_of_who_may_read(room: Ward) -> None:
    """Ada's lists it; a stranger's does not; lenient handling drops what neither knows."""
    room.ask("POST", "/SearchParameter", definition())

    def listed(token: str | None) -> set[str]:
        kinds = room.ask("GET", "/metadata", token=token).json["rest"][0]["resource"]
        return {one["name"] for kind in kinds if kind["type"] == "Patient" for one in kind["searchParam"]}

    assert "race" in listed(None) and "race" not in listed("") and "race" not in listed(room.mallory_token)
    assert room.ask("GET", "/Patient?race=ASKU&eye=blue").status_code == 400
    answer = room.ask("GET", "/Patient?race=ASKU&eye=blue", Prefer="handling=lenient")
    assert answer.json["total"] == 1 and answer.json["link"][0]["url"].endswith("?race=ASKU")


def test_references_dates_and_expressions_that_are_evaluated(room: Ward) -> None:
    """Every type that is indexed; `_include` by a reference of one's own; a Bundle posts one as a client does."""
    linked = {**patient("kim", "UNK"), "link": [{"type": "seealso", "other": {"reference": "Patient/rosa"}}],
              "deceasedDateTime": "2026-05-02"}
    room.ask("PUT", "/Patient/kim", linked)
    alone = f"Patient.extension('{RACE}').where(extension.where(url = 'ombCategory').count() = 1)"
    posted = [definition(id="a", code="see", type="reference", expression="Patient.link.other", target=["Patient"]),
              definition(id="b", code="died", type="date", expression="Patient.deceased.ofType(dateTime)"),
              definition(id="c", code="only", expression=f"{alone}.extension.where(url = 'ombCategory').value")]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": one, "request": {"method": "PUT", "url": f"SearchParameter/{one['id']}"}} for one in posted]}
    assert room.ask("POST", "/", bundle).status_code == 200
    assert found(room, "see=Patient/rosa") == found(room, "see:Patient=rosa") == found(room, "died=2026-05") == "kim"
    with_her = room.ask("GET", "/Patient?see=rosa&_include=Patient:see").json["entry"]
    assert [entry["resource"]["id"] for entry in with_her] == ["kim", "rosa"]
    back = room.ask("GET", "/Patient?_id=rosa&_revinclude=Patient:see").json["entry"]
    assert [entry["resource"]["id"] for entry in back] == ["rosa", "kim"]
    assert found(room, "only=2106-3") == "rosa" and found(room, "only=ASKU,UNK") == "ann kim"


REFUSED = [
    ({"code": "family"}, "duplicate SearchParameter.code: “family” is asked of Patient already"),
    ({"code": "_id"}, "value SearchParameter.code: must be letters"),
    ({"type": "quantity"}, "not-supported SearchParameter.type: “quantity” is not indexed here: use one of date"),
    ({"expression": None}, "required SearchParameter.expression: is needed"),
    ({"expression": "Patient.name.where("}, "invalid SearchParameter.expression: cannot be read as FHIRPath"),
    ({"expression": "Observation.code"}, "says nothing of a Patient"),
    ({"expression": "Patient.race"}, "begins with an element that a Patient does not have"),
    ({"expression": "Patient.name.family.matches('(a+)+$')"}, "uses matches(), which is not run here"),
    ({"expression": "Patient.name.where(%x = 1)"}, "uses a % variable"),
    ({"expression": "Patient." + "name." * 200}, "is longer than 800 characters"),
    ({"expression": "(" * 12 + "Patient.name" + ")" * 12}, "has brackets more than 10 deep"),
    ({"base": ["Patient", "Medusa"]}, "“Medusa” is not"),
    ({"base": ["Patient", "Person", "Group", "List", "Flag", "Goal"]}, "too-costly SearchParameter.base: names more"),
    ({"base": ["AuditEvent"], "expression": "AuditEvent.type"}, "part of the trail is not stored"),
]


@pytest.mark.parametrize(("change", "reason"), REFUSED, ids=lambda each: str(each)[:40])
def test_what_cannot_be_honoured_is_refused_with_its_place(room: Ward, change: dict[str, Any], reason: str) -> None:
    """Nothing is stored, and `$validate` says the same."""
    assert reason in refusal(room, definition(**change))
    assert room.ask("GET", "/SearchParameter/race").status_code == 404


def test_two_of_one_code_a_crowd_and_too_much_work_are_refused(room: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of a code for a type; one more than may be; a type with too many resources; too slow a path."""
    room.ask("PUT", "/SearchParameter/race", definition())
    assert "is SearchParameter/race already" in refusal(room, definition(id="other"))
    monkeypatch.setattr(parameters, "MOST_POSTED", 1)
    assert "there are 1 in this workspace already" in refusal(room, definition(id="other", code="second"))
    monkeypatch.setattr(parameters, "MOST_POSTED", 9)
    slow = definition(id="slow", code="slow", type="string", expression="Patient.name.family.lower()")
    monkeypatch.setattr(parameters, "SECONDS", -1.0)
    answer = room.ask("PUT", "/SearchParameter/slow", slow)
    assert answer.status_code == 422 and "takes longer" in answer.text and "too-costly" in answer.text
    monkeypatch.setattr(parameters, "SECONDS", 5.0)
    monkeypatch.setattr(parameters, "MOST_RESOURCES", 2)
    assert "there are 4 of Patient" in room.ask("PUT", "/SearchParameter/slow", slow).text
    assert room.ask("GET", "/SearchParameter/slow").status_code == 404
    monkeypatch.setattr(parameters, "MOST_RESOURCES", 20_000)
    room.ask("PUT", "/SearchParameter/slow", slow)
    assert found(room, "slow=delgado") == "ann mei nobody rosa"


def test_a_write_never_fails_because_an_expression_does(room: Ward) -> None:
    """`single()` on two names: that patient is not found by it, and is stored all the same."""
    one = definition(code="one-name", type="string", expression="Patient.name.single().family")
    assert room.ask("PUT", "/SearchParameter/race", one).status_code == 201
    two = {**patient("two"), "name": [{"family": "Delgado"}, {"family": "Ruiz"}]}
    assert room.ask("PUT", "/Patient/two", two).status_code == 201
    assert found(room, "one-name=delgado") == "ann mei nobody rosa"


def test_an_expression_that_is_no_plain_path_is_not_run_on_a_giant(room: Ward) -> None:
    """Two thousand parts are looked at; what has more is stored, and not found by it. A plain path finds it."""
    family = "Patient.name.family"
    for one in (definition(id="low", code="low", type="string", expression=f"{family}.lower()"),
                definition(id="plain", code="plain", type="string", expression=family)):
        assert room.ask("PUT", f"/SearchParameter/{one['id']}", one).status_code == 201
    giant = {**patient("giant"), "identifier": [{"value": str(n)} for n in range(2_001)]}
    assert room.ask("PUT", "/Patient/giant", giant).status_code == 201
    assert found(room, "low=delgado") == "ann mei nobody rosa"
    assert found(room, "plain=delgado") == "ann giant mei nobody rosa"


@given(st.text(alphabet="Patient.name()'|[]{}%`& extension=\\\n0", max_size=60))
def test_any_text_for_an_expression_is_refused_or_gives_a_list(text: str) -> None:
    """Never an error that nobody foresaw."""
    if not expressions.trouble(text, "Patient"):
        assert isinstance(expressions.compiled(text, "Patient")(PATIENT), list)


def test_a_definition_that_the_record_cannot_honour_is_no_judged_work(room: Ward) -> None:
    """The same refusal inside the house as over HTTP."""
    with room.db.writing() as conn:
        chart = workspace.Workspace(conn, room.info, workspace.Agent("ada", "Ada", "learner"))
        with pytest.raises(BadResource, match="is not run here"):
            chart.create(definition(expression="Patient.name.family.matches('a')"))
