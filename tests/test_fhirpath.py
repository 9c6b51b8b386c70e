"""FHIRPath: the walk and the evaluator give the same, and neither changes what it reads."""

from __future__ import annotations

import copy
import gzip
from pathlib import Path
from typing import Any

import fhir_ward
import orjson
import pytest
from fhir_ward import ENCOUNTER, PATIENT

from sandbox import fhirpath
from sandbox.fhir import definitions, index

DATA = Path(__file__).parents[2] / "shared" / "data" / "synthea"
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation", "id": "o", "status": "final", "code": {"coding": [{"code": "a"}, {"code": "b"}]},
    "subject": {"reference": "Patient/1"}, "effectiveDateTime": "2026-05-14", "valueQuantity": {"value": 7.2},
    "performer": [{"reference": "http://x.org/fhir/Practitioner/2/_history/3"}, {"type": "Organization"},
                  {"reference": "#in"}, {"reference": "Location?identifier=a|b"}, {"reference": "urn:uuid:9"}],
    "contained": [{"resourceType": "Practitioner", "id": "in"}],
    "extension": [{"url": "http://x", "valueString": "e"}],
    "component": [{"valueString": "one"}, {"valueQuantity": {"value": 2}}],
}


@pytest.mark.parametrize(("expression", "values"), [
    ("Observation.status", ["final"]), ("status", ["final"]), ("Observation.code.coding.code", ["a", "b"]),
    ("Observation.value", [{"value": 7.2}]), ("(Observation.value as Quantity).value", [7.2]),
    ("Observation.value.ofType(Quantity)", [{"value": 7.2}]), ("Observation.value.ofType(string)", []),
    ("Observation.component.value.ofType(string)", ["one"]), ("Observation.effective", ["2026-05-14"]),
    ("Observation.subject.where(resolve() is Patient).reference", ["Patient/1"]),
    ("Observation.performer.where(resolve() is Practitioner).reference",
     ["http://x.org/fhir/Practitioner/2/_history/3", "#in"]),
    ("Observation.performer.where(resolve() is Location).reference", ["Location?identifier=a|b"]),
    ("Observation.performer.where(resolve() is Organization)", [{"type": "Organization"}]),
    ("code.coding.where(code = 'b').code", ["b"]), ("code.coding.where(code != 'b').code", ["a"]),
    ("code.coding[1].code", ["b"]), ("code.coding.first().code", ["a"]), ("extension('http://x').value", ["e"]),
    ("Patient.name | Observation.status", ["final"]), ("Observation.nothing.at.all", []),
    ("Observation.component.value.exists()", [True]), ("code.coding.count()", [2]),
    ("iif(status = 'final', 'yes', 'no')", ["yes"]),
])
def test_an_expression_gives_its_values(expression: str, values: list[Any]) -> None:
    """Walked or evaluated, with choices, casts, references and filters; the resource stays as it was."""
    before = copy.deepcopy(OBSERVATION)
    assert fhirpath.compile(expression, "Observation")(OBSERVATION) == values
    assert before == OBSERVATION


@pytest.mark.parametrize("nonsense", ["Observation.((", "a.b.", "a + ", "a..b", "where(", "'x", "a b", "a | "])
def test_nonsense_is_refused_when_compiled(nonsense: str) -> None:
    """ValueError, not a surprise at the first resource."""
    with pytest.raises(ValueError, match="cannot be read"):
        fhirpath.compile(nonsense, "Observation")


def test_only_parts_of_the_type_are_kept() -> None:
    """A shared parameter's union is cut down to the type asked about."""
    born = fhirpath.compile("Patient.birthDate | Person.birthDate | RelatedPerson.birthDate", "Patient")
    assert born({"resourceType": "Patient", "birthDate": "1961"}) == ["1961"]


def test_odd_shapes_give_nothing_and_never_fail() -> None:
    """What is stored was judged, but a walk must stand anything."""
    walk = fhirpath.compile("Observation.code.coding.code", "Observation")
    for odd in ({}, {"code": None}, {"code": [None, 3, {"coding": "x"}]}, {"code": {"coding": [[], None]}}):
        assert walk(odd) == []


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the Synthea files in {DATA} are absent")
def test_the_walk_agrees_with_the_evaluator_on_genuine_resources() -> None:
    """Every search parameter of every type in a real bundle, both ways."""
    data = gzip.decompress(sorted(DATA.iterdir())[0].read_bytes())
    seen: dict[str, int] = {}
    compared = 0
    for entry in orjson.loads(data)["entry"]:
        resource = entry["resource"]
        kind = resource["resourceType"]
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] > 2:
            continue
        for one in definitions.search_parameters(kind):
            if "resolve()" in one.expression:  # the evaluator cannot resolve a urn, nor can the walk
                continue
            walked = fhirpath.compile(one.expression, kind)(resource)
            own = one.expression.replace("DomainResource.", f"{kind}.").replace("Resource.", f"{kind}.")
            evaluated = fhirpath._evaluate(own)(resource)
            assert walked == evaluated, (kind, one.name, one.expression)
            compared += bool(walked)
    assert compared > 100


@pytest.mark.parametrize(("expression", "head"), [
    ("Observation.status", "status"), ("(Observation.value as Quantity).value", "valueQuantity"),
    ("Observation.value.ofType(string)", "valueString"), ("code.coding[1].code", "code"),
    ("Patient.name | Observation.effective", "effectiveDateTime"), ("extension('http://x').value", "extension"),
    ("Observation.subject.where(resolve() is Patient)", "subject"),
])
def test_an_expression_gives_nothing_without_the_elements_it_begins_with(expression: str, head: str) -> None:
    """So whoever looks for many things in a resource asks only for those that can be there."""
    heads = fhirpath.heads(expression, "Observation")
    assert heads is None or head in heads
    if heads is not None:
        without = {name: value for name, value in OBSERVATION.items() if name not in heads}
        assert fhirpath.compile(expression, "Observation")(without) == []


@pytest.mark.parametrize("evaluated", ["iif(status = 'final', 'yes', 'no')", "Observation.component.exists()"])
def test_an_expression_that_is_evaluated_may_begin_anywhere(evaluated: str) -> None:
    """It can give a value where nothing stands."""
    assert fhirpath.heads(evaluated, "Observation") is None
    assert fhirpath.compile(evaluated, "Observation")({"resourceType": "Observation"}) != []


def test_a_resource_is_asked_for_all_that_it_has_values_for() -> None:
    """Each kept parameter of each type finds something in the wards' resources only where its heads stand."""
    asked = 0
    for resource in (ENCOUNTER, PATIENT, fhir_ward.OBSERVATION):
        kind = resource["resourceType"]
        for one in index.kept(kind).values():
            heads = fhirpath.heads(one.expression, kind)
            assert heads, (kind, one.name, one.expression)
            found = fhirpath.compile(one.expression, kind)(resource)
            assert not found or heads & resource.keys()
            asked += bool(found)
    assert asked > 10
