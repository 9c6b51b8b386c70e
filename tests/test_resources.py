"""A resource is judged against R4: structure, codes, references, invariants, narrative; and says where it is wrong."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest
from fhir_ward import ENCOUNTER, OBSERVATION, PATIENT
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import BadInput, BadResource, Issue
from sandbox.fhir import definitions, resources
from sandbox.fhir.text import set_meta

DATA = Path(__file__).parents[2] / "shared" / "data"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CONDITION: dict[str, Any] = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}}


def concept(system: str, code: str) -> dict[str, Any]:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code}]}


def found(resource: Any, *, typed: bool = False) -> list[Issue]:
    """What is wrong, without the second opinion unless asked for."""
    return resources.problems(resource, typed=typed)


def narrative(div: str) -> dict[str, Any]:
    """An observation with this narrative."""
    return {**OBSERVATION, "text": {"status": "generated", "div": div}}


@pytest.mark.parametrize("resource", [
    PATIENT, ENCOUNTER, OBSERVATION, {"resourceType": "Patient"},
    {"resourceType": "Patient", "birthDate": "1961", "_birthDate": {"id": "b"}},
    {"resourceType": "Patient", "_birthDate": {"extension": [{"url": "http://x", "valueCode": "unknown"}]}},
    {"resourceType": "Patient", "name": [{"given": ["A", None], "_given": [None, {"id": "g"}]}]},
    {**OBSERVATION, "subject": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"}},
    {**OBSERVATION, "subject": {"identifier": {"value": "7"}}},
    {**OBSERVATION, "effectiveDateTime": "2024-02-29"},
    {**CONDITION, "clinicalStatus": concept(CLINICAL, "active")},
    {**CONDITION, "clinicalStatus": concept(CLINICAL, "resolved"), "abatementDateTime": "2020"},
])
def test_a_sound_resource_is_kept(resource: dict[str, Any]) -> None:
    """Also by the typed models."""
    assert found(resource, typed=True) == []


@pytest.mark.parametrize(("resource", "path", "says"), [
    ({**OBSERVATION, "status": "nope"}, "Observation.status", "not a code of observation-status"),
    ({**OBSERVATION, "code": 3}, "Observation.code", "must be an object"),
    ({**OBSERVATION, "subject": None}, "Observation.subject", "must be an object"),
    ({**OBSERVATION, "category": [7]}, "Observation.category[0]", "must be an object"),
    ({**OBSERVATION, "category": []}, "Observation.category", "must not be empty"),
    ({**OBSERVATION, "code": {}}, "Observation.code", "must not be empty"),
    ({**OBSERVATION, "colour": "red"}, "Observation", "no element “colour”"),
    ({**OBSERVATION, "valueString": "x"}, "Observation.value[x]", "has two values"),
    ({**OBSERVATION, "valueMoney": {"value": 1}}, "Observation", "no element “valueMoney”"),
    ({"resourceType": "Observation", "status": "final"}, "Observation.code", "is required"),
    ({**OBSERVATION, "component": [{"valueString": "x"}]}, "Observation.component[0].code", "is required"),
    ({**OBSERVATION, "issued": "2026-05-14"}, "Observation.issued", "not written as FHIR asks"),
    ({**OBSERVATION, "effectiveDateTime": "2026-02-30"}, "Observation.effectiveDateTime", "there is no day 2026-02-30"),
    ({**OBSERVATION, "effectiveDateTime": "2026-05-14T10:00:00"}, "Observation.effectiveDateTime", "not written"),
    ({**PATIENT, "multipleBirthInteger": 2.0}, "Patient.multipleBirthInteger", "whole number"),
    ({**PATIENT, "multipleBirthInteger": 2**40}, "Patient.multipleBirthInteger", "maximum"),
    ({**PATIENT, "active": "yes"}, "Patient.active", "must be true or false"),
    ({**PATIENT, "gender": "F"}, "Patient.gender", "female, male, other, unknown"),
    ({**PATIENT, "name": [{"family": "A\x07"}]}, "Patient.name[0].family", "not written"),
    ({**PATIENT, "name": [{"given": ["A", None]}]}, "Patient.name[0].given[1]", "null with no extension"),
    ({**PATIENT, "id": "a b"}, "Patient.id", "not written"),
    ({**OBSERVATION, "subject": {"reference": "Encounter/1"}}, "Observation.subject.reference", "may point to"),
    ({**OBSERVATION, "subject": {"reference": "nonsense"}}, "Observation.subject.reference", "is not a reference"),
    ({**OBSERVATION, "subject": {"reference": "#gone"}}, "Observation.subject.reference", "ref-1"),
    ({**CONDITION, "clinicalStatus": concept("http://x", "active")}, "Condition.clinicalStatus", "needs a code"),
    ({**CONDITION, "clinicalStatus": {"text": "active"}}, "Condition.clinicalStatus", "needs a code"),
    ({"resourceType": "Nonsense"}, "resourceType", "not a resource type"),
    ({"id": "x"}, "resourceType", "is required"),
    ({"resourceType": ["Patient"]}, "resourceType", "is required"),
    ([], "", "a JSON object"),
])
def test_what_breaks_a_rule_is_named_with_its_path(resource: Any, path: str, says: str) -> None:
    """FHIRPath-like path first, then the reason."""
    issues = found(resource)
    assert [(i.path, says in i.reason) for i in issues] == [(path, True)], issues


@pytest.mark.parametrize(("key", "resource", "path"), [
    ("per-1", {**ENCOUNTER, "period": {"start": "2026-05-14", "end": "2026-05-13"}}, "Encounter.period"),
    ("ext-1", {**PATIENT, "extension": [{"url": "http://x"}]}, "Patient.extension[0]"),
    ("ext-1", {**PATIENT, "extension": [{"url": "http://x", "valueCode": "a", "extension": [
        {"url": "y", "valueCode": "b"}]}]}, "Patient.extension[0]"),
    ("ext-1", {**PATIENT, "_birthDate": {"extension": [{"url": "http://x"}]}}, "Patient.birthDate.extension[0]"),
    ("obs-3", {**OBSERVATION, "referenceRange": [{"appliesTo": [{"text": "x"}]}]}, "Observation.referenceRange[0]"),
    ("obs-6", {**OBSERVATION, "dataAbsentReason": {"text": "lost"}}, "Observation"),
    ("obs-7", {**OBSERVATION, "component": [{"code": OBSERVATION["code"]}]}, "Observation"),
    ("pat-1", {**PATIENT, "contact": [{"gender": "male"}]}, "Patient.contact[0]"),
    ("cpt-2", {**PATIENT, "telecom": [{"value": "555"}]}, "Patient.telecom[0]"),
    ("con-3", {**CONDITION, "category": [concept("c", "problem-list-item")]}, "Condition"),
    ("con-4", {**CONDITION, "clinicalStatus": concept(CLINICAL, "active"), "abatementString": "gone"}, "Condition"),
    ("con-5", {**CONDITION, "clinicalStatus": concept(CLINICAL, "active"),
               "verificationStatus": concept(VERIFICATION, "entered-in-error")}, "Condition"),
    ("qty-3", {**OBSERVATION, "valueQuantity": {"value": 1, "code": "mg"}}, "Observation.valueQuantity"),
    ("rng-2", {**CONDITION, "onsetRange": {"low": {"value": 9}, "high": {"value": 3}}}, "Condition.onsetRange"),
    ("rat-1", {**{k: v for k, v in OBSERVATION.items() if k != "valueQuantity"},
               "valueRatio": {"numerator": {"value": 1}}}, "Observation.valueRatio"),
    ("att-1", {**PATIENT, "photo": [{"data": "QQ=="}]}, "Patient.photo[0]"),
    ("org-1", {"resourceType": "Organization", "active": True}, "Organization"),
    ("dom-2", {**OBSERVATION, "subject": {"reference": "#p"}, "contained": [
        {"resourceType": "Patient", "id": "p", "contained": [{"resourceType": "Patient"}]}]}, "Observation"),
    ("dom-3", {**OBSERVATION, "contained": [{"resourceType": "Patient", "id": "p"}]}, "Observation"),
    ("dom-4", {**OBSERVATION, "subject": {"reference": "#p"}, "contained": [
        {"resourceType": "Patient", "id": "p", "meta": {"versionId": "1"}}]}, "Observation"),
    ("sev-1", {"resourceType": "AuditEvent", "type": {"code": "rest"}, "recorded": "2026-05-14T10:00:00Z",
               "agent": [{"requestor": True}], "source": {"observer": {"display": "x"}},
               "entity": [{"name": "a", "query": "QQ=="}]}, "AuditEvent.entity[0]"),
    ("app-3", {"resourceType": "Appointment", "status": "booked", "participant": [
        {"status": "accepted", "actor": {"reference": "Patient/1"}}]}, "Appointment"),
    ("inv-1", {"resourceType": "Task", "status": "ready", "intent": "order", "authoredOn": "2026-05-14",
               "lastModified": "2026-05-13"}, "Task"),
])
def test_a_broken_invariant_is_named_by_its_key(key: str, resource: dict[str, Any], path: str) -> None:
    """The specification's own key, where it is broken."""
    assert any(i.path == path and i.reason.endswith(f"({key})") for i in found(resource)), found(resource)


@pytest.mark.parametrize(("start", "end", "kept"), [
    ("2026-05-14T09:00:00-05:00", "2026-05-14T13:59:59Z", False),
    ("2026-05-14T09:00:00-05:00", "2026-05-14T14:00:01Z", True),
    ("2026-05-14T23:00:00.5Z", "2026-05-14", True), ("2026-05", "2026-05-01", True), ("2026-06", "2026-05-31", False),
    ("2026-05-14T09:00:00.1234567-05:00", "2026-05-14T09:00:00.2-05:00", True),
])
def test_a_period_is_judged_as_far_as_both_ends_are_precise(start: str, end: str, kept: bool) -> None:
    """Instants by the clock, over time zones; shorter dates by what they share."""
    assert (found({**ENCOUNTER, "period": {"start": start, "end": end}}) == []) is kept


def test_contained_resources_are_judged_by_their_own_type() -> None:
    """Unknown types and broken rules inside, with the whole path."""
    held = {**OBSERVATION, "subject": {"reference": "#p"}}
    assert found({**held, "contained": [PATIENT | {"id": "p"}]}) == []
    wrong = found({**held, "contained": [{"resourceType": "Patient", "id": "p", "gender": "F"}]})
    assert [i.path for i in wrong] == ["Observation.contained[0].gender"]
    unknown = found({**held, "contained": [{"resourceType": "Nonsense", "id": "p"}]})
    assert "Observation.contained[0].resourceType" in [i.path for i in unknown]
    target = found({**held, "contained": [{"resourceType": "Organization", "id": "p", "name": "x"}]})
    assert "points to a Organization" in target[0].reason


@pytest.mark.parametrize("div", [
    '<div xmlns="http://www.w3.org/1999/xhtml">Plain &amp; simple&nbsp;é</div>',
    "<div><p class='a'>x<br/></p><table><tr><td>1</td></tr></table><ul><li><b>y</b></li></ul></div>",
    '<div><a href="https://example.org/x">x</a> <a href="#n">y</a> <a href="Patient/1">z</a></div>',
    '<div style="color: red">x</div>',
])
def test_a_plain_narrative_is_kept(div: str) -> None:
    """Formatting, tables, lists and links."""
    assert found(narrative(div)) == []


@pytest.mark.parametrize("div", [
    "<div><script>alert(1)</script></div>", "<div onclick='x()'>x</div>", "<div><img src='http://x/y.png'/></div>",
    "<div><a href='javascript:alert(1)'>x</a></div>", "<div><a href=' JaVaScRiPt:alert(1)'>x</a></div>",
    "<div><a href='data:text/html,x'>x</a></div>", "<div><iframe src='#x'/></div>", "<div><form><input/></form></div>",
    "<div><svg><script>x</script></svg></div>", "<div><style>a{}</style></div>", "<div><!-- x --></div>",
    "<div><![CDATA[<script>alert(1)</script>]]></div>", "<?xml version='1.0'?><div>x</div>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]><div>&b;</div>", "<div><p>x</div>", "<p>x</p>", "just text",
    "<div>a</div><div>b</div>",
    "<div style='background: url(http://x)'>x</div>", "<div>" + "<b>" * 100 + "x" + "</b>" * 100 + "</div>",
    "<div>" + "x" * 200_001 + "</div>", "<div><math><mi>x</mi></math></div>", "<div>&nosuch;</div>",
    "<x:div xmlns:x='http://www.w3.org/1999/xhtml'>x</x:div>", "<div><object data='x'/></div>", "<DIV>x</DIV>",
])
def test_an_unsafe_narrative_is_refused(div: str) -> None:
    """Never cleaned in silence: the writer is told what may not be there."""
    issues = found(narrative(div))
    assert [i.path for i in issues] == ["Observation.text.div"], issues


def test_validate_raises_with_every_issue() -> None:
    """Not only the first, but no more than a page of them."""
    with pytest.raises(BadResource) as caught:
        resources.validate({"resourceType": "Encounter", "foo": 1, "status": 3})
    assert len(caught.value.issues) == 2
    assert str(caught.value).startswith("Encounter")
    with pytest.raises(BadResource) as many:
        resources.validate({"resourceType": "Patient", "name": [3] * 100})
    assert len(many.value.issues) == resources.MOST


BOMBS = [
    '{"a":' * 33 + "1" + "}" * 33, "[" * 100_000, '{"resourceType":"Patient","extension":' + "[{" * 500,
    '{"a":"' + "x" * 2_000_001 + '"}', "{", "", "\x00", '{"a":NaN}', '{"a":1,"a":2}', '{"a":"\\ud800"}', "[1]", "3",
]
FAULTS = [
    {"resourceType": "Patient", "name": [3] * 500_000}, {"resourceType": "Patient", "name": [{"family": 3}] * 40_000},
    {"resourceType": "Patient", "name": [{"given": [""] * 300_000}]},
    {"resourceType": "Patient", "name": [{}] * 60_000},
    {"resourceType": "Patient", **{f"x{n}": n for n in range(50_000)}},
    {"resourceType": "Patient", "contained": [{"resourceType": "Nonsense"}] * 40_000},
    {"resourceType": "Patient", "name": [{"family": "x"}] * 5_000 + [{"family": 3}]},
]


@pytest.mark.parametrize("text", BOMBS)
def test_a_bomb_is_refused(text: str) -> None:
    """BadInput, whatever the text is made of. How quickly: `python -m tests.bench.refusals`."""
    with pytest.raises(BadInput):
        resources.validate(resources.parse(text)[0])


@pytest.mark.parametrize("resource", FAULTS)
def test_a_resource_of_many_faults_is_told_of_a_few(resource: dict[str, Any]) -> None:
    """The work is bounded by what is looked at, not by what is wrong."""
    with pytest.raises(BadInput) as caught:
        resources.validate(resource)
    if isinstance(caught.value, BadResource):
        assert 0 < len(caught.value.issues) <= resources.MOST


def test_a_deep_resource_is_bad_input_and_not_a_crash() -> None:
    """Also when it never was text."""
    deep: dict[str, Any] = {"url": "http://x", "valueString": "x"}
    for _ in range(5000):
        deep = {"url": "http://x", "extension": [deep]}
    with pytest.raises(BadInput, match="levels deep"):
        resources.validate({"resourceType": "Patient", "extension": [deep]})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "status", "code", "coding", "text", "div", "extension", "url", "subject", "reference",
                         "value", "period", "start", "contained", "resourceType", "_status", "identifier", "x"]),
        inner, max_size=4),
    max_leaves=12)


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(definitions.kinds())), body=st.dictionaries(st.text(max_size=8), JSON, max_size=3),
       extra=JSON)
def test_no_json_whatever_breaks_the_judge(kind: str, body: dict[str, Any], extra: Any) -> None:
    """It is judged sound, or it is refused in words; nothing else can happen."""
    for value in ({**body, "resourceType": kind}, {"resourceType": kind, "status": extra, "text": extra}, extra):
        try:
            issues = found(value)
        except BadInput:
            continue
        assert all(i.reason for i in issues)


@settings(max_examples=100, deadline=None)
@given(value=st.dictionaries(st.text(max_size=5), JSON, max_size=5))
def test_text_keeps_all_that_it_held(value: dict[str, Any]) -> None:
    """Parsed and spelled again: the same JSON; with id and meta set, the same but for those."""
    text = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    parsed, spelled = resources.parse(text)
    assert orjson.loads(spelled) == parsed == orjson.loads(text)
    edited = orjson.loads(resources.edit_text(spelled, id="new", version=3, last_updated="2026-06-30T13:00:00Z"))
    assert (edited["id"], edited["meta"]["versionId"]) == ("new", "3")
    rest = {k: v for k, v in edited.items() if k not in ("id", "meta", "resourceType")}
    assert rest == {k: v for k, v in parsed.items() if k not in ("id", "meta", "resourceType")}


@pytest.mark.parametrize("number", ["72.50", "1E+2", "-0", "1e-7", "123456789012345678901234567890", "0.10000000001"])
def test_numbers_keep_their_spelling_through_every_edit(number: str) -> None:
    """parse, edit_text and rewrite_references never write a number anew."""
    text = f'{{"resourceType":"X","meta":{{"profile":["p"]}},"v":{number},"s":{{"reference":"urn:uuid:1"}}}}'
    _, spelled = resources.parse(text)
    edited = resources.edit_text(spelled, id="i", version=2, last_updated="2026-06-30T13:00:00.000Z")
    moved = resources.rewrite_references(edited, {"urn:uuid:1": "Patient/1"})
    assert f'"v":{number},' in moved
    assert orjson.loads(moved)["meta"]["profile"] == ["p"]
    assert orjson.loads(moved)["s"] == {"reference": "Patient/1"}


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the Synthea files in {DATA} are absent")
def test_genuine_resources_are_all_sound() -> None:
    """Every entry of a real bundle, by the typed models too."""
    data = gzip.decompress(sorted((DATA / "synthea").iterdir())[0].read_bytes())
    for entry in orjson.loads(data)["entry"]:
        assert found(entry["resource"], typed=True) == []


@pytest.mark.parametrize("text", [
    '{"resourceType":"Patient","id":"a","active":true}', '{"resourceType":"Patient","id":"a"}',
    '{"resourceType":"Patient","id":"a","multipleBirthInteger":2.0,"name":[{"family":"Zoë \\"x\\""}]}',
    '{"resourceType":"Patient","id":"a","meta":{"tag":[{"code":"t"}]},"active":true}',
    '{"active":true,"id":"a","resourceType":"Patient"}', '{"resourceType": "Patient", "id": "a", "active": true}',
    '{"resourceType":"Patient","id":"a","contained":[{"resourceType":"Patient","meta":{"versionId":"7"}}]}',
])
def test_meta_is_set_the_same_whether_or_not_the_text_is_read_again(text: str) -> None:
    """Set beside a resource that is at hand, or found in the text: the same bytes."""
    meta: Any = {"version": 3, "last_updated": "2026-06-30T13:00:00.000Z"}
    assert set_meta(orjson.loads(text), text, **meta) == resources.edit_text(text, id="a", **meta)
