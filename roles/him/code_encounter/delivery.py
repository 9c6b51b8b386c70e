"""What the code list puts into the record, right or wrong: Conditions, the Encounter's diagnoses, a Claim."""

from __future__ import annotations

from sandbox.activity import Chart, Code, Resource, Task

from .desk import Shown
from .work import Work

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
_HL7 = "http://terminology.hl7.org/CodeSystem"


def deliver(work: Work, task: Task[Shown], chart: Chart) -> list[Resource]:
    """Conditions with ids of their own (a later attempt replaces them; what it no longer lists is entered in error),
    the Encounter with its ranked diagnoses, and the Claim, with indicators for an inpatient stay."""
    shown = task.shown
    mark = shown.encounter.removeprefix("en-")
    patient, encounter = f"Patient/{shown.patient}", f"Encounter/{shown.encounter}"
    before = {c["id"]: c for c in chart.search("Condition", {"encounter": encounter})
              if c["id"].startswith(f"dx-{mark}-")}
    conditions = []
    for coded in work.codes:
        id = f"dx-{mark}-{coded.code.replace('.', '').lower()}"
        before.pop(id, None)
        conditions.append(_condition(id, coded.code, chart.codes.get(coded.code), patient, encounter, str(chart.today)))
    withdrawn = [_withdrawn(old) for old in before.values() if not _is_withdrawn(old)]
    visit = {**chart.read("Encounter", shown.encounter)}
    visit.pop("meta", None)
    visit["diagnosis"] = [_diagnosis(c["id"], rank) for rank, c in enumerate(conditions, 1)]
    if not visit["diagnosis"]:
        del visit["diagnosis"]
    return [*withdrawn, *conditions, visit, *_claim(work, shown, mark, visit, chart)]


def _condition(id: str, code: str, entry: Code | None, patient: str, encounter: str, today: str) -> Resource:
    coding = {"system": ICD, "code": code} | ({"display": entry.title} if entry else {})
    return {
        "resourceType": "Condition", "id": id,
        "clinicalStatus": {"coding": [{"system": f"{_HL7}/condition-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{_HL7}/condition-ver-status", "code": "confirmed"}]},
        "category": [{"coding": [{"system": f"{_HL7}/condition-category", "code": "encounter-diagnosis"}]}],
        "code": {"coding": [coding], "text": entry.title if entry else code},
        "subject": {"reference": patient}, "encounter": {"reference": encounter}, "recordedDate": today,
    }


def _withdrawn(old: Resource) -> Resource:
    kept = {name: value for name, value in old.items() if name not in ("meta", "clinicalStatus")}
    kept["verificationStatus"] = {"coding": [{"system": f"{_HL7}/condition-ver-status", "code": "entered-in-error"}]}
    return kept


def _is_withdrawn(old: Resource) -> bool:
    status = old.get("verificationStatus", {}).get("coding", [{}])
    return any(coding.get("code") == "entered-in-error" for coding in status)


def _diagnosis(condition: str, rank: int) -> Resource:
    use = {"coding": [{"system": f"{_HL7}/diagnosis-role", "code": "DD", "display": "Discharge diagnosis"}]}
    return {"condition": {"reference": f"Condition/{condition}"}, "use": use, "rank": rank}


def _claim(work: Work, shown: Shown, mark: str, visit: Resource, chart: Chart) -> list[Resource]:
    inpatient = shown.setting == "inpatient"
    provider = visit.get("participant", [{}])[-1].get("individual", {"display": "Two Rivers Medical Center"})
    form = "professional" if shown.setting == "office" else "institutional"
    claim: Resource = {
        "resourceType": "Claim", "id": f"cl-{mark}", "status": "active" if work.codes else "cancelled",
        "type": {"coding": [{"system": f"{_HL7}/claim-type", "code": form}]}, "use": "claim",
        "patient": {"reference": f"Patient/{shown.patient}"}, "created": str(chart.today), "provider": provider,
        "billablePeriod": visit.get("period", {}),
        "priority": {"coding": [{"system": f"{_HL7}/processpriority", "code": "normal"}]},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "Coverage not asked in this task"}}],
    }
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
    if rows:
        claim["diagnosis"] = rows
        claim["item"] = [{"sequence": 1, "encounter": [{"reference": f"Encounter/{shown.encounter}"}],
                          "productOrService": {"text": "Not coded: diagnosis coding only"}}]
    return [claim] if rows or _billed(chart, mark) else []


def _billed(chart: Chart, mark: str) -> bool:
    return bool(chart.search("Claim", {"_id": f"cl-{mark}"}))
