"""The checks that a hospital holds together: nothing in the house's own, and each finds what was broken for it."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from typing import Any

import pytest
from hospital_rounds import Resource, default_hospital, real_codes

from fixtures.hospital.checks import check
from sandbox.cli import main
from sandbox.terminology import Codes

Break = Callable[[Resource], Any]


@pytest.fixture(scope="module")
def codes() -> Codes:
    """The real classification."""
    return real_codes()


def test_the_default_hospital_has_no_fault(codes: Codes) -> None:
    """Every check looked at something, and found nothing."""
    for one in check(default_hospital(), codes):
        assert one.looked > 100 and one.faults == (), one


def says(text: str) -> Break:
    """A note that says this instead."""
    def act(one: Resource) -> None:
        one["content"][0]["attachment"]["data"] = base64.b64encode(text.encode()).decode()
    return act


BREAKS: list[tuple[str, str, Break]] = [
    ("references", "Encounter", lambda one: one["subject"].update(reference="Patient/nobody")),
    ("references", "Patient", lambda one: one.update(id="p0002")),
    ("diagnosis codes", "Condition", lambda one: one["code"]["coding"][0].update(code="I50.2")),
    ("diagnosis codes", "Condition", lambda one: one["code"]["coding"][0].update(display="Something else")),
    ("LOINC, RxNorm", "MedicationRequest",
     lambda one: one["medicationCodeableConcept"]["coding"][0].update(display="Another drug")),
    ("LOINC, RxNorm", "DocumentReference", lambda one: one["type"]["coding"][0].update(code="11506-0")),
    ("notes", "DocumentReference", says("Impression: I10.")),
    ("notes", "DocumentReference", says("Potassium {potassium} this morning.")),
    ("drugs", "MedicationRequest", lambda one: one["dosageInstruction"][0].update(text="5.0 mg by mouth QD")),
    ("dates", "Encounter", lambda one: one["period"].update(start="1901-01-01T10:00:00-06:00")),
    ("dates", "Observation", lambda one: one.update(effectiveDateTime="2026-07-02T10:00:00-05:00")),
    ("codes agree with sex", "Condition", lambda one: one["code"]["coding"][0].update(code="N40.0")),
    ("bills", "Claim", lambda one: one["total"].update(value=1)),
]


@pytest.mark.parametrize(("name", "kind", "spoil"), BREAKS)
def test_a_check_finds_what_is_broken_for_it(name: str, kind: str, spoil: Break, codes: Codes) -> None:
    """One resource of the hospital spoilt: the check of that name, and its fault, name it."""
    hospital = list(default_hospital())
    women = {f"Patient/{one['id']}" for one in hospital if one.get("gender") == "female"}
    place = next(n for n, one in enumerate(hospital) if one["resourceType"] == kind and (
        kind != "Condition" or ("encounter" in one and one["subject"]["reference"] in women)))
    hospital[place] = copy.deepcopy(hospital[place])
    spoil(hospital[place])
    faults = {one.name: one.faults for one in check(hospital, codes)}
    named = next(found for title, found in faults.items() if title.startswith(name))
    assert named and any(kind in fault for fault in named)


def test_a_drug_she_is_allergic_to_and_a_wrong_flag_are_found(codes: Codes) -> None:
    """An allergy to what she takes; a high value flagged as normal."""
    hospital = [copy.deepcopy(one) if one["resourceType"] in ("AllergyIntolerance", "Observation") else one
                for one in default_hospital()]
    order = next(one for one in hospital if one["resourceType"] == "MedicationRequest")
    allergy = next(one for one in hospital if one["resourceType"] == "AllergyIntolerance")
    allergy["patient"] = order["subject"]
    allergy["code"]["text"] = order["medicationCodeableConcept"]["text"]
    high = next(one for one in hospital if one.get("interpretation", [{}])[0].get("coding", [{}])[0].get("code") == "H")
    high["interpretation"][0]["coding"][0]["code"] = "N"
    faults = [fault for one in check(hospital, codes) for fault in one.faults]
    assert any("is allergic" in fault for fault in faults)
    assert f"Observation/{high['id']}: {high['valueQuantity']['value']} is flagged N" in faults


def test_the_command_prints_counts_checks_and_the_shares_of_what_is_explained(
        capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 0; two groupers asked; the digest is the same at the second call."""
    assert main(["hospital", "stats", "--patients", "12"]) == 0
    said = capsys.readouterr().out
    assert "12 patients, seed 20260630" in said and "WRONG" not in said
    assert "valid as FHIR R4" in said and "two groupers give the same" in said and "nothing in the record" in said
    assert main(["hospital", "stats", "--patients", "12"]) == 0
    assert capsys.readouterr().out == said
