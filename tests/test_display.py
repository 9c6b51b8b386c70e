"""How FHIR resources read to a person."""

from __future__ import annotations

import base64
from datetime import date

from sandbox.web import display
from sandbox.web.results import by_test, problems
from sandbox.web.whose import subject_of

PATIENT = {
    "resourceType": "Patient", "birthDate": "1954-03-03", "gender": "female",
    "name": [{"use": "nickname", "text": "Maggie"}, {"use": "official", "family": "Oyelaran", "given": ["Marguerite"]}],
    "identifier": [{"value": "ssn"}, {"type": {"coding": [{"code": "MR"}]}, "value": "0048-2217"}],
}


def test_a_patients_banner_says_her_official_name_record_number_and_age_today() -> None:
    """Family name first; MRN by type; age on the hospital's day, months for the very young."""
    assert display.full_name(PATIENT) == "Oyelaran, Marguerite"
    assert display.mrn(PATIENT) == "0048-2217"
    assert display.age(PATIENT, date(2026, 3, 2)) == "71 y"
    assert display.age(PATIENT, date(2026, 3, 3)) == "72 y"
    assert display.age({"birthDate": "2026-01-20"}, date(2026, 6, 30)) == "5 mo"
    assert display.age({"birthDate": "1954"}, date(2026, 6, 30)) == ""


def test_what_is_missing_is_said_and_nothing_breaks() -> None:
    """An empty resource still reads."""
    assert display.full_name({}) == "No name recorded"
    assert display.mrn({}) == "" and display.sex({}) == "Not recorded" and display.period(None) == ""
    assert display.value({}) == "not recorded" and display.text_of({}) == ""


def test_an_encounters_class_and_period_are_in_words() -> None:
    """A stay has two dates; a visit on one day says the day once."""
    assert display.class_name({"class": {"code": "OBSENC"}}) == "Observation"
    stay = {"start": "2026-06-03T23:40:00Z", "end": "2026-06-08T16:15:00Z"}
    assert display.period(stay) == "3 Jun 2026 18:40 to 8 Jun 2026 11:15"
    visit = {"start": "2026-06-22T15:10:00Z", "end": "2026-06-22T15:35:00Z"}
    assert display.period(visit) == "22 Jun 2026 10:10 to 10:35"


def test_a_value_carries_its_unit_and_blood_pressure_is_one() -> None:
    """Quantities, concepts, components."""
    assert display.value({"valueQuantity": {"value": 4.0, "unit": "mmol/L", "comparator": "<"}}) == "<4 mmol/L"
    assert display.value({"valueCodeableConcept": {"text": "Positive"}}) == "Positive"
    pressure = [{"valueQuantity": {"value": n, "unit": "mmHg"}} for n in (138, 82)]
    assert display.value({"component": pressure}) == "138/82 mmHg"


def test_a_documents_text_is_read_and_broken_base64_is_empty() -> None:
    """Only text attachments; never an exception on a page."""
    data = base64.b64encode("Ü fine".encode()).decode()
    assert display.text_of({"content": [{"attachment": {"contentType": "text/plain", "data": data}}]}) == "Ü fine"
    assert display.text_of({"content": [{"attachment": {"contentType": "text/plain", "data": "a"}}]}) == ""
    assert display.text_of({"content": [{"attachment": {"contentType": "application/pdf", "data": data}}]}) == ""


def potassium(day: int, value: float) -> dict[str, object]:
    return {"code": {"text": "Potassium"}, "category": [{"coding": [{"code": "laboratory"}]}],
            "effectiveDateTime": f"2026-06-{day:02}T12:00:00Z", "valueQuantity": {"value": value, "unit": "mmol/L"},
            "referenceRange": [{"low": {"value": 3.5}, "high": {"value": 5.1}}]}


def test_results_are_gathered_by_test_newest_first_with_their_flag_and_line() -> None:
    """Four potassium results are one row; the low one is marked; the line runs from the oldest to the newest."""
    [(category, [test])] = by_test(potassium(d, v) for d, v in ((3, 4.0), (6, 3.1), (5, 3.4), (8, 4.2)))
    assert category == "Laboratory" and test.name == "Potassium" and (test.low, test.high) == (3.5, 5.1)
    assert [p.number for p in test.points] == [4.2, 3.1, 3.4, 4.0]
    assert [p.flag for p in test.points] == ["", "L", "L", ""]
    xs, ys = zip(*(map(float, p.split(",")) for p in test.line.split()), strict=True)
    assert list(xs) == sorted(xs) and ys.index(max(ys)) == 2  # SVG grows downwards: the lowest value is drawn lowest
    assert test.end == (xs[-1], ys[-1])


def test_one_result_or_words_draw_no_line() -> None:
    """A line needs two numbers."""
    [(_, [alone])] = by_test([potassium(3, 4.0)])
    assert alone.line == "" and alone.end is None


def test_a_problem_recorded_at_each_visit_is_one_row() -> None:
    """Since its first onset, last recorded at its newest, however the list came."""
    def reflux(id: str, on: str) -> dict[str, object]:
        return {"id": id, "code": {"coding": [{"code": "K21.9"}]}, "recordedDate": on}

    other = {"id": "o", "code": {"text": "Cough"}, "recordedDate": "2026-06-01"}
    found = problems([reflux("b", "2026-06-24"), other, {**reflux("a", "2024-10-31"), "onsetDateTime": "2023"}])
    assert [(p.newest["id"], p.since, p.last, p.times) for p in found] == [
        ("b", "2023", "2026-06-24", 2), ("o", "2026-06-01", "2026-06-01", 1)]


def test_a_resource_is_about_one_patient_or_none() -> None:
    """subject, patient or beneficiary; a group is not a patient."""
    for key in ("subject", "patient", "beneficiary"):
        assert subject_of({key: {"reference": "Patient/p1"}}) == "p1"
    assert subject_of({"subject": {"reference": "Group/g"}}) == subject_of({}) == ""


def test_allergies_are_said_with_their_reaction() -> None:
    """A name alone stands alone; what has no name is left out."""
    penicillin = {"code": {"text": "Penicillin"}, "reaction": [{"manifestation": [{"text": "hives"}]}]}
    latex = {"code": {"coding": [{"display": "Latex"}]}}
    assert display.allergies([penicillin, latex, {"code": {}}]) == ["Penicillin: hives", "Latex"]
