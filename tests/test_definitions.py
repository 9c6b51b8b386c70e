"""FHIR R4's definitions, distilled: complete for the types that are kept, and R4's own."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path

import pytest

from sandbox import fhirpath
from sandbox.fhir import definitions, structure

FOLDER = Path(definitions.__file__).parent
PRIMITIVES = set(structure.PRIMITIVES)


def models() -> dict[str, type]:
    """fhirclient's classes of R4 4.0.1 by name."""
    import fhirclient.models

    found = {}
    for module in pkgutil.iter_modules(fhirclient.models.__path__):
        if not module.name.endswith("_tests"):
            loaded = pkgutil.resolve_name(f"fhirclient.models.{module.name}")
            found.update({n: c for n, c in vars(loaded).items() if hasattr(c, "elementProperties")})
    return found


def test_every_element_is_one_of_r4_and_none_is_missing() -> None:
    """Each shape has the very elements of the models that another project made of R4 4.0.1."""
    known = models()
    for name in definitions.shapes():
        model = known.get("".join(part[0].upper() + part[1:] for part in name.split(".")))
        assert model is not None, name
        theirs = {element[1] for element in model().elementProperties()} | {"id"}
        assert set(definitions.shape(name)) | {"id"} == theirs, name


def test_every_type_that_an_element_may_have_is_described() -> None:
    """No reference into nothing: the JSON schema can be made of every type."""
    for name in definitions.shapes():
        for element in definitions.shape(name).values():
            for kind in element.types:
                assert kind in PRIMITIVES or kind == "Resource" or kind in definitions.shapes(), (name, element.name)


def test_what_a_chart_needs_is_there() -> None:
    """The types of the genuine files and of the lab's tables, and their search parameters."""
    needed = """
    Account AdverseEvent AllergyIntolerance Appointment AuditEvent CarePlan CareTeam ChargeItem Claim
    Condition Coverage Device DiagnosticReport DocumentReference Encounter ExplanationOfBenefit Goal
    ImagingStudy Immunization Location MeasureReport Medication MedicationAdministration MedicationRequest
    Observation Organization Patient Practitioner PractitionerRole Procedure Provenance ServiceRequest
    Specimen Task
    """
    assert set(needed.split()) <= definitions.kinds()
    assert len(definitions.kinds()) >= 49
    asked = {one.name for one in definitions.search_parameters("Encounter")}
    assert {"_id", "_lastUpdated", "patient", "subject", "date", "status", "class", "type", "identifier"} <= asked
    assert definitions.search_parameters("Nonsense") == ()


def test_required_codes_are_listed_by_system() -> None:
    """A small set whole; a set without an end not at all."""
    genders = definitions.codes("http://hl7.org/fhir/ValueSet/administrative-gender")
    assert genders == {"http://hl7.org/fhir/administrative-gender": {"male", "female", "other", "unknown"}}
    assert definitions.codes("http://hl7.org/fhir/ValueSet/mimetypes") == {}
    assert definitions.shape("Attachment")["contentType"].value_set is None


def test_search_expressions_are_walked_all_but_one() -> None:
    """What is not a plain path costs a hundred times as much: none slips in unseen."""
    evaluated = {(kind, one.name) for kind in definitions.kinds() for one in definitions.search_parameters(kind)
                 if not fhirpath.is_plain(one.expression, kind)}
    assert evaluated == {("Patient", "deceased")}


def test_the_files_stay_small() -> None:
    """They travel in the wheel and are read at the first write."""
    sizes = {path.name: path.stat().st_size for path in FOLDER.glob("*.json")}
    assert set(sizes) == {"shapes.json", "codes.json", "search.json"}
    assert sum(sizes.values()) < 600_000


@pytest.mark.parametrize("name", ["date", "dateTime", "instant", "time", "code", "id", "uri"])
def test_patterns_are_anchored_at_both_ends(name: str) -> None:
    """A pattern that can match in the middle checks nothing."""
    pattern = structure.PRIMITIVES[name]["pattern"]
    assert pattern.startswith("^")
    assert pattern.endswith("$")
    assert not re.match(pattern, "2026-01-01\nx y\n")
