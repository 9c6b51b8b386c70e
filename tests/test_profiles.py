"""A profile or an extension's definition that was posted is honoured; what is not checked is said."""

from __future__ import annotations

from typing import Any

import pytest
from fhir_ward import OBSERVATION, PATIENT, Ward, make
from hypothesis import given
from hypothesis import strategies as st
from test_search_own import NULL, OMB, RACE, patient

from sandbox.db import Database
from sandbox.fhir import nodes, profiles, value_sets

HOME = "https://two-rivers.example/StructureDefinition"
OURS = f"{HOME}/registered"
CATEGORIES = "https://two-rivers.example/ValueSet/omb-categories"
ALONE = ("extension.where(url = 'ombCategory' and (value.code = 'ASKU' or value.code = 'UNK')).exists() "
         "implies extension.where(url = 'ombCategory').count() = 1")


def element(path: str, id: str = "", **more: Any) -> dict[str, Any]:
    """One ElementDefinition."""
    return {"id": id or path, "path": path, **more}


def structure(url: str, type_: str, *elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A StructureDefinition with a differential."""
    return {"resourceType": "StructureDefinition", "id": url.rpartition("/")[2], "url": url, "name": "Ours",
            "status": "active", "kind": "complex-type" if type_ == "Extension" else "resource", "abstract": False,
            "type": type_, "baseDefinition": f"{profiles.CORE}{type_}", "derivation": "constraint",
            "differential": {"element": [element(type_), *elements]}, **more}


def race(**more: Any) -> dict[str, Any]:
    """An extension as US Core shapes race: categories of a value set, a text, and ASKU or UNK alone."""
    value = {"type": [{"code": "Coding"}], "binding": {"strength": "required", "valueSet": f"{CATEGORIES}|1997"}}
    made = structure(
        RACE, "Extension",
        element("Extension.extension", "Extension.extension:ombCategory", sliceName="ombCategory", min=0, max="6",
                type=[{"code": "Extension"}]),
        element("Extension.extension.url", "Extension.extension:ombCategory.url", fixedUri="ombCategory"),
        element("Extension.extension.value[x]", "Extension.extension:ombCategory.value[x]", min=1, **value),
        element("Extension.extension", "Extension.extension:text", sliceName="text", min=1, max="1"),
        element("Extension.extension.url", "Extension.extension:text.url", fixedUri="text"),
        element("Extension.extension.value[x]", "Extension.extension:text.value[x]", min=1, type=[{"code": "string"}]),
        element("Extension.url", fixedUri=RACE), element("Extension.value[x]", max="0"),
        context=[{"type": "element", "expression": "Patient"}], **more)
    rule = {"key": "race-1", "severity": "error", "human": "ASKU or UNK stands alone", "expression": ALONE}
    made["differential"]["element"][0].update(max="1", constraint=[rule])
    return made


VALUES: dict[str, Any] = {
    "resourceType": "ValueSet", "id": "omb", "url": CATEGORIES, "version": "1997", "status": "active",
    "compose": {"include": [
        {"system": OMB, "concept": [{"code": code} for code in ("1002-5", "2028-9", "2054-5", "2076-8", "2106-3")]},
        {"system": NULL, "concept": [{"code": "ASKU"}, {"code": "UNK"}]}]},
}


def registered(*more: dict[str, Any]) -> dict[str, Any]:
    """A profile of Patient: a birth date, race, an MRN by pattern, a Patient or nobody as link, a short family."""
    kind = {"coding": [{"code": "MR"}]}
    return structure(
        OURS, "Patient", element("Patient.birthDate", min=1),
        element("Patient.extension", "Patient.extension:race", sliceName="race", min=1, max="1",
                type=[{"code": "Extension", "profile": [RACE]}]),
        element("Patient.identifier.type", patternCodeableConcept=kind), element("Patient.name", max="2"),
        element("Patient.name.family", min=1, maxLength=12), element("Patient.name.use", fixedCode="official"),
        element("Patient.deceased[x]", type=[{"code": "dateTime"}]),
        element("Patient.link.other", type=[{"code": "Reference", "targetProfile": [f"{profiles.CORE}Patient"]}]),
        *more)


@pytest.fixture
def ward(sqlite_db: Database) -> Ward:
    """Ada's workspace with both definitions and the value set."""
    made = make(sqlite_db)
    for one in (VALUES, race(), registered()):
        answer = made.ask("PUT", f"/{one['resourceType']}/{one['id']}", one)
        assert answer.status_code == 201, answer.json
    return made


def claiming(*codes: str, **more: Any) -> dict[str, Any]:
    """A patient who claims the profile."""
    return {**patient("p", *codes), "meta": {"profile": [OURS]}, **more}


def said(ward: Ward, body: dict[str, Any]) -> str:
    """What `$validate` says, the first line left out; a write of the same is refused where an error is among it."""
    answer = ward.ask("POST", f"/{body['resourceType']}/$validate", body)
    issues = answer.json["issue"]
    wrong = [each for each in issues if each["severity"] == "error"]
    written = ward.ask("PUT", f"/{body['resourceType']}/{body['id']}", body)
    assert (written.status_code == 422) == bool(wrong) == (answer.status_code == 422)
    told = issues if wrong else issues[1:]
    return "; ".join(f"{each['severity']} {each['diagnostics']}" for each in told)


def test_what_keeps_the_profile_is_written(ward: Ward) -> None:
    """One category or several, one answer alone; and what claims nothing is not asked."""
    linked = [{"type": "seealso", "other": {"reference": "Patient/rosa"}}]
    for each in (claiming("2106-3"), claiming("2106-3", "2028-9"), claiming("ASKU"),
                 claiming("UNK", link=linked, deceasedDateTime="2026-05-01"), {**PATIENT, "name": [{"text": "x"}]}):
        assert said(ward, each) == ""


BROKEN = [
    (claiming("2106-3", birthDate=None), "Patient.birthDate: birthDate is required"),
    (claiming(), f"Patient.extension: extension ({RACE}) is required"),
    (claiming("2106-3", "ASKU"), "Patient.extension[0]: ASKU or UNK stands alone (race-1)"),
    (claiming("9999-9"), f"Patient.extension[0].extension[0].valueCoding: needs a code of {CATEGORIES}|1997"),
    (claiming("2106-3", name=[{"given": ["Rosa"], "use": "official"}]), "Patient.name[0].family: family is required"),
    (claiming("2106-3", name=[{"family": "x" * 13, "use": "official"}]), "name[0].family: is longer than 12"),
    (claiming("2106-3", name=[{"family": "x", "use": "old"}]), "Patient.name[0].use: must be official"),
    (claiming("2106-3", name=[{"family": "x"}] * 3), "Patient.name: name may stand there 2 at most, not 3"),
    (claiming("2106-3", deceasedBoolean=True), "Patient.deceasedBoolean: must be dateTime, not boolean"),
    (claiming("2106-3", identifier=[{"value": "1", "type": {"text": "MRN"}}]), "[0].type: must have {'coding'"),
    (claiming("2106-3", link=[{"type": "refer", "other": {"reference": "RelatedPerson/x"}}]), "may point to Patient"),
    ({**OBSERVATION, "meta": {"profile": [OURS]}}, f"{OURS} is about Patient, not Observation"),
    ({**patient("p"), "extension": [{"url": RACE, "valueString": "white"}]}, "value[x] is not used"),
    ({**patient("p", "2106-3"), "extension": patient("p", "2106-3")["extension"] * 2}, "not stand here more than 1×"),
    ({**OBSERVATION, "extension": patient("p", "2106-3")["extension"]}, f"{RACE} does not belong here, but on "),
    ({**PATIENT, "_birthDate": {"extension": patient("p", "UNK")["extension"]}}, "Patient.birthDate.extension[0]: "),
]


@pytest.mark.parametrize(("body", "reason"), BROKEN, ids=lambda each: str(each)[:60] if isinstance(each, str) else "")
def test_what_breaks_it_is_refused_at_its_place(ward: Ward, body: dict[str, Any], reason: str) -> None:
    """A claim is kept, an extension's own definition is kept without a claim, and `$validate` says the same."""
    assert reason in said(ward, {name: value for name, value in body.items() if value is not None})


def test_what_is_not_checked_is_said_and_never_passed_over(ward: Ward) -> None:
    """An unknown claim, another version, another base; a value set that is not here; what no rule here reads."""
    assert "nothing of it was checked" in said(ward, {**PATIENT, "meta": {"profile": [f"{HOME}/other"]}})
    assert "version 7 is not here" in said(ward, claiming("2106-3", meta={"profile": [f"{OURS}|7"]}))
    assert said(ward, {**PATIENT, "meta": {"profile": [f"{profiles.CORE}Patient"]}}) == ""
    loose = registered(
        element("Patient.gender", minValueInteger=3, binding={"strength": "extensible", "valueSet": "x"}),
        element("Patient.identifier", "Patient.identifier:mrn", sliceName="mrn", min=1),
        element("Patient.identifier.system", "Patient.identifier:mrn.system", min=1),
        element("Patient.maritalStatus", binding={"strength": "required", "valueSet": f"{HOME}/nowhere"}),
        element("Patient.name.given", constraint=[{"key": "g-1", "severity": "error", "human": "x",
                                                   "expression": "matches('(a+)+')"}]))
    loose["baseDefinition"] = f"{HOME}/above"
    answer = ward.ask("PUT", "/StructureDefinition/registered", loose)
    assert answer.status_code == 200 and answer.json["resourceType"] == "OperationOutcome"
    for words in ("minValueInteger is not checked", "extensible", "the slice “mrn” of identifier",
                  "nowhere is not listed",
                  "g-1 is not checked: it uses matches()", "elements of it are checked in what claims it"):
        assert words in answer.get_data(as_text=True)
    assert {each["severity"] for each in answer.json["issue"]} == {"information"}
    remarks = said(ward, claiming("2106-3"))
    assert "above, which" in remarks and "nowhere is not listed" in remarks
    kept = ward.ask("PUT", "/StructureDefinition/registered", registered(), Prefer="return=representation")
    assert kept.json["resourceType"] == "StructureDefinition"


@pytest.mark.parametrize("rule", [
    "value.code.exists()", "value.where(code = '9').empty()", "(value as Coding).code.exists() and value is Coding",
    "value.ofType(Coding).exists()"])
def test_a_constraint_on_an_element_knows_its_type(ward: Ward, rule: str) -> None:
    """`value` of an extension is found in whichever type it has, also where the rule stands on the part itself."""
    made = race()
    part = made["differential"]["element"][1]
    part["constraint"] = [{"key": "part-1", "severity": "error", "human": "x", "expression": rule}]
    ward.ask("PUT", f"/StructureDefinition/{made['id']}", made)
    assert said(ward, patient("p", "2106-3")) == ""
    part["constraint"][0]["expression"] = f"({rule}).not()"
    ward.ask("PUT", f"/StructureDefinition/{made['id']}", made)
    assert "(part-1)" in said(ward, patient("p", "2106-3"))


def test_a_definition_that_cannot_be_right_is_refused(ward: Ward) -> None:
    """A path that the type does not have, more asked than allowed, an element without an id (sdf-14), an extension that
    belongs nowhere (sdf-5), a url that another has."""
    for change, words in (([element("Patient.race", min=1)], "Patient has no element at Patient.race"),
                          ([element("Patient.name", min=3, max="2")], "“2” is no number that min 3 leaves room for"),
                          ([{"path": "Patient.gender", "min": 1}], "needs an id: its path, with the names of slices")):
        answer = ward.ask("PUT", "/StructureDefinition/registered", registered(*change))
        assert answer.status_code == 422 and words in answer.json["issue"][0]["diagnostics"]
    nowhere = {name: value for name, value in race().items() if name != "context"}
    answer = ward.ask("PUT", f"/StructureDefinition/{nowhere['id']}", nowhere)
    assert answer.status_code == 422 and "says in its context where" in answer.json["issue"][0]["diagnostics"]
    answer = ward.ask("POST", "/StructureDefinition", registered())
    assert answer.status_code == 422 and "another definition here has this url" in answer.get_data(as_text=True)


def test_a_definition_that_is_changed_retired_or_deleted_is_followed(ward: Ward) -> None:
    """Each write is checked by what stands there now; the value set's version counts."""
    assert "required" in said(ward, claiming())
    ward.ask("PUT", "/StructureDefinition/registered", registered() | {"status": "retired"})
    assert "nothing of it was checked" in said(ward, claiming())
    ward.ask("DELETE", "/StructureDefinition/registered")
    assert "nothing of it was checked" in said(ward, claiming("2106-3"))
    assert "needs a code" in said(ward, patient("p", "2206-3"))
    ward.ask("PUT", "/ValueSet/omb", VALUES | {"version": "2024"})
    assert "omb-categories|1997 is not listed here" in said(ward, patient("p", "2206-3"))


def test_a_profile_builds_on_another_that_is_here(ward: Ward) -> None:
    """Both are kept; in a snapshot, R4's own constraints are not run again."""
    own = {"key": "pat-1", "severity": "error", "human": "x", "expression": "false",
           "source": f"{profiles.CORE}Patient"}
    more = structure(f"{HOME}/more", "Patient", baseDefinition=OURS)
    more["snapshot"] = {"element": [element("Patient", constraint=[own]), element("Patient.gender", min=1)]}
    del more["differential"]
    ward.ask("PUT", "/StructureDefinition/more", more)
    body = claiming(meta={"profile": [f"{HOME}/more"]})
    del body["gender"]
    assert "gender is required" in said(ward, body) and RACE in said(ward, body)


SETS: dict[str, Any] = {
    "a": {"compose": {"include": [{"system": "s", "concept": [{"code": "1"}, {"code": "2"}]}]}},
    "b": {"compose": {"include": [{"valueSet": ["a"]}, {"system": "t"}],
                      "exclude": [{"system": "s", "concept": [{"code": "2"}]}]}},
    "c": {"expansion": {"contains": [{"system": "s", "code": "x", "abstract": True,
                                      "contains": [{"system": "s", "code": "3"}]}]}},
    "d": {"compose": {"include": [{"system": "s", "filter": [{}]}]}},
    "e": {"compose": {"include": [{"valueSet": ["e"]}]}},
}


def test_a_value_set_is_its_lists_those_it_includes_less_what_it_excludes() -> None:
    """A system whole, a nested expansion; a filter, a ring and an unknown set are not guessed at."""
    assert value_sets.members("b", SETS) == {"s": frozenset({"1"}), "t": None}
    assert value_sets.members("c", SETS) == {"s": frozenset({"3"})}
    assert [value_sets.members(each, SETS) for each in "def"] == [None, None, None]
    assert value_sets.members("a|2", SETS) is None
    assert value_sets.holds({"t": None}, "t", "anything") and not value_sets.holds({"t": None}, "u", "x")
    assert "male" in str(value_sets.members("http://hl7.org/fhir/ValueSet/administrative-gender", {}))


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=3),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["extension", "url", "value", "name", "_birthDate", "meta", "contact"]),
                        inner, max_size=3), max_leaves=12))
def test_any_shape_at_all_is_walked_without_an_error(inner: Any) -> None:
    """Nodes stand whatever an element holds; its structure is judged elsewhere."""
    top = nodes.root({"resourceType": "Patient", "name": inner, "extension": [{"url": RACE, "extension": inner}]},
                     "Patient")
    assert next(iter(nodes.every(top))) is top
    assert len(list(nodes.every(top))) >= 3
