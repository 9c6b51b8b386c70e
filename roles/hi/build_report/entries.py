"""A fact of a chart as the FHIR resources that say it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from roles.hi.build_report.facts import Assay, Done, Fact, Home, Order, Pressure, Problem, Visit
from roles.hi.build_report.timeline import CLASSES, HL7, at, known_as, utc
from sandbox.activity import Resource

_HOUSE = "https://two-rivers.example/"
_LOINC = "http://loinc.org"
_ASSAYS = {
    "4548-4": "Hemoglobin A1c/Hemoglobin.total in Blood",
    "17856-6": "Hemoglobin A1c/Hemoglobin.total in Blood by HPLC",
    "97506-0": "Glucose management indicator",
}
_PROCEDURES = {
    "5A1D70Z": "Hemodialysis, intermittent, less than 6 hours per day",
    "0TY00Z0": "Transplantation of right kidney, allogeneic",
}
_ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
_ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
_CODES = {
    "E10.65": "Type 1 diabetes with hyperglycemia",
    "E11.9": "Type 2 diabetes",
    "E11.65": "Type 2 diabetes with hyperglycemia",
    "E13.9": "Other specified diabetes",
    "E09.9": "Diabetes caused by a drug",
    "R73.03": "Prediabetes",
    "I10": "Essential hypertension",
    "I11.0": "Hypertensive heart disease with heart failure",
    "R03.0": "Elevated blood pressure reading, no diagnosis of hypertension",
    "J06.9": "Acute upper respiratory infection",
    "M54.50": "Low back pain",
    "Z00.00": "Routine adult examination",
    "Z51.5": "Palliative care",
    "Z74.01": "Confined to bed",
    "Z99.3": "Dependent on a wheelchair",
    "G30.9": "Alzheimer's disease",
    "N18.5": "Chronic kidney disease, stage 5",
    "N18.6": "End stage renal disease",
    "N18.32": "Chronic kidney disease, stage 3b",
    "Z94.0": "Kidney transplant status",
    "Z33.1": "Pregnant",
    "O10.012": "Essential hypertension in pregnancy, second trimester",
}


def of(fact: Fact, salt: str, n: int, subject: Resource) -> Iterator[Resource]:
    """The resources of the n-th fact of somebody with this salt."""
    match fact:
        case Visit():
            yield from _visit(fact, salt, n, subject)
        case Problem():
            yield _problem(fact, known_as("c", salt, n), subject)
        case Assay():
            yield _assay(fact, known_as("o", salt, n), subject)
        case Pressure():
            visit = None if fact.visit is None else known_as("e", salt, fact.visit)
            yield _pressure(fact, known_as("o", salt, n), subject, visit)
        case Order():
            yield _order(fact, known_as("s", salt, n), subject)
        case Home():
            yield _home(fact, known_as("o", salt, n), subject)
        case Done():
            yield _done(fact, known_as("x", salt, n), subject)


def _concept(system: str, code: str, text: str = "") -> Resource:
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def _condition(id: str, subject: Resource, code: str, category: str, recorded: datetime) -> Resource:
    return {
        "resourceType": "Condition",
        "id": id,
        "subject": subject,
        "clinicalStatus": _concept(f"{HL7}condition-clinical", "active"),
        "verificationStatus": _concept(f"{HL7}condition-ver-status", "confirmed"),
        "category": [_concept(f"{HL7}condition-category", category)],
        "code": _concept(_ICD10CM, code, _CODES[code]),
        "recordedDate": utc(recorded),
    }


def _visit(fact: Visit, salt: str, n: int, subject: Resource) -> Iterator[Resource]:
    encounter = known_as("e", salt, n)
    end = fact.end or fact.start.replace(minute=fact.start.minute + 25)
    rows = []
    for k, code in enumerate(fact.codes, 1):
        condition = _condition(known_as("c", salt, f"{n}.{k}"), subject, code, "encounter-diagnosis", end)
        condition["encounter"] = {"reference": f"Encounter/{encounter}"}
        rows.append({"condition": {"reference": f"Condition/{condition['id']}"}, "rank": k})
        yield condition
    body: Resource = {
        "resourceType": "Encounter",
        "id": encounter,
        "status": fact.status,
        "class": {"system": f"{HL7}v3-ActCode", "code": fact.kind, "display": CLASSES[fact.kind]},
        "subject": subject,
        "period": {"start": utc(fact.start), "end": utc(end)},
    }
    if rows:
        body["diagnosis"] = rows
    if fact.disposition:
        coding = {"system": "https://www.nubc.org/CodeSystem/PatDischargeStatus", "code": fact.disposition}
        body["hospitalization"] = {"dischargeDisposition": {"coding": [coding]}}
    yield body


def _problem(fact: Problem, id: str, subject: Resource) -> Resource:
    category = "problem-list-item" if fact.listed else "encounter-diagnosis"
    condition = _condition(id, subject, fact.code, category, at(fact.recorded, 10))
    condition["verificationStatus"] = _concept(f"{HL7}condition-ver-status", fact.certain)
    if fact.onset:
        condition["onsetDateTime"] = fact.onset.isoformat()
    if fact.ended:
        condition["abatementDateTime"] = fact.ended.isoformat()
        condition["clinicalStatus"] = _concept(f"{HL7}condition-clinical", "resolved")
    if fact.certain == "entered-in-error":  # R4's con-5: such a condition has no clinical status
        del condition["clinicalStatus"]
    return condition


def _observation(id: str, subject: Resource, category: str, code: str, text: str, taken: datetime) -> Resource:
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "category": [_concept(f"{HL7}observation-category", category)],
        "code": _concept(_LOINC, code, text),
        "subject": subject,
        "effectiveDateTime": utc(taken),
    }


def _quantity(value: float | None, unit: str) -> Resource:
    """The value, or why there is none."""
    if value is None:
        return {"dataAbsentReason": _concept(f"{HL7}data-absent-reason", "error")}
    return {"valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}}


def _assay(fact: Assay, id: str, subject: Resource) -> Resource:
    body = _observation(id, subject, "laboratory", fact.code, _ASSAYS[fact.code], fact.taken)
    return {**body, "status": fact.status, **_quantity(fact.value, "%")}


def _pressure(fact: Pressure, id: str, subject: Resource, visit: str | None) -> Resource:
    body = _observation(id, subject, "vital-signs", "85354-9", "Blood pressure", fact.taken)
    upper = ("8480-6", "Systolic blood pressure", fact.systolic)
    lower = ("8462-4", "Diastolic blood pressure", fact.diastolic)
    component = [
        {"code": _concept(_LOINC, c, words), **_quantity(value, "mm[Hg]")} for c, words, value in (upper, lower)
    ]
    if visit:
        body["encounter"] = {"reference": f"Encounter/{visit}"}
    return {**body, "status": fact.status, "component": component}


def _order(fact: Order, id: str, subject: Resource) -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": id,
        "status": fact.status,
        "intent": "order",
        "code": _concept(f"{_HOUSE}CodeSystem/order", "referral-hospice", "Referral to hospice"),
        "subject": subject,
        "authoredOn": utc(at(fact.day, 11)),
    }


def _home(fact: Home, id: str, subject: Resource) -> Resource:
    body = _observation(id, subject, "survey", "71802-3", "Housing status", at(fact.day, 11))
    return {
        **body,
        "valueCodeableConcept": _concept(f"{_HOUSE}CodeSystem/housing", fact.where, fact.where.replace("-", " ")),
    }


def _done(fact: Done, id: str, subject: Resource) -> Resource:
    return {
        "resourceType": "Procedure",
        "id": id,
        "status": "completed",
        "code": _concept(_ICD10PCS, fact.code, _PROCEDURES[fact.code]),
        "subject": subject,
        "performedDateTime": utc(at(fact.day, 12)),
    }
