"""The Claim: diagnoses with their indicators, procedures, the group that they come to."""

from __future__ import annotations

from sandbox.activity import Chart, Claim, Resource

from .desk import Shown
from .work import Done, Work

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
_HL7 = "http://terminology.hl7.org/CodeSystem"


def claim(work: Work, shown: Shown, mark: str, visit: Resource, chart: Chart) -> list[Resource]:
    """The Claim as the work would bill it, cancelled where nothing is left of it; none where there never was one."""
    inpatient = shown.setting == "inpatient"
    provider = visit.get("participant", [{}])[-1].get("individual", {"display": "Two Rivers Medical Center"})
    form = "professional" if shown.setting == "office" else "institutional"
    body: Resource = {
        "resourceType": "Claim", "id": f"cl-{mark}", "status": "active" if work.codes else "cancelled",
        "type": {"coding": [{"system": f"{_HL7}/claim-type", "code": form}]}, "use": "claim",
        "patient": {"reference": f"Patient/{shown.patient}"}, "created": str(chart.today), "provider": provider,
        "billablePeriod": visit.get("period", {}),
        "priority": {"coding": [{"system": f"{_HL7}/processpriority", "code": "normal"}]},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "Coverage not asked in this task"}}],
    }
    rows = _diagnoses(work, inpatient)
    if rows:
        body["diagnosis"] = rows
        body["item"] = [{"sequence": 1, "encounter": [{"reference": f"Encounter/{shown.encounter}"}],
                         "productOrService": {"text": "Not coded: diagnoses and procedures only"}}]
    if rows and work.procedures:
        body["procedure"] = [_procedure(n, done) for n, done in enumerate(work.procedures, 1)]
    if rows and inpatient:
        body["supportingInfo"] = [_group(work, shown, visit, chart)]
    return [body] if rows or _billed(chart, mark) else []


def _diagnoses(work: Work, inpatient: bool) -> list[Resource]:
    rows = []
    for number, coded in enumerate(work.codes, 1):
        row: Resource = {
            "sequence": number,
            "diagnosisCodeableConcept": {"coding": [{"system": ICD, "code": coded.code}]},
            "type": [{"coding": [{"system": f"{_HL7}/ex-diagnosistype", "code": "principal"}]}] if number == 1 else [],
        }
        if inpatient and coded.poa:
            system = f"{_HL7}/ex-diagnosis-on-admission"
            row["onAdmission"] = {"coding": [{"system": system, "code": coded.poa.lower()}]}
        rows.append({name: value for name, value in row.items() if value})
    return rows


def _procedure(number: int, done: Done) -> Resource:
    kind = "primary" if number == 1 else "secondary"
    row: Resource = {"sequence": number, "type": [{"coding": [{"system": f"{_HL7}/ex-proceduretype", "code": kind}]}],
                     "procedureCodeableConcept": {"coding": [{"system": PCS, "code": done.code}]}}
    return row | ({"date": done.date} if done.date else {})


def _group(work: Work, shown: Shown, visit: Resource, chart: Chart) -> Resource:
    """The MS-DRG that these codes come to for this patient: the lab's claims have it."""
    patient = chart.read("Patient", shown.patient)
    start, born = str(visit["period"]["start"])[:10], str(patient["birthDate"])
    age = int(start[:4]) - int(born[:4]) - (start[5:] < born[5:])
    where = visit.get("hospitalization", {}).get("dischargeDisposition", {}).get("coding", [{}])[0].get("code", "01")
    found = chart.codes.group(Claim.of([(c.code, c.poa) for c in work.codes], [d.code for d in work.procedures],
                                       sex=patient.get("gender"), age=age, disposition=where))
    return {"sequence": 1, "category": {"coding": [{"system": f"{_HL7}/claiminformationcategory", "code": "drg"}]},
            "code": {"coding": [{"system": "https://www.cms.gov/icd10m/ms-drg", "code": found.drg,
                                 "display": found.title or "Ungroupable"}]}}


def _billed(chart: Chart, mark: str) -> bool:
    return bool(chart.search("Claim", {"_id": f"cl-{mark}"}))
