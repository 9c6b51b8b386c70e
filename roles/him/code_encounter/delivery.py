"""What the work puts into the record, right or wrong: diagnoses, procedures, disposition, queries, Claim, account."""

from __future__ import annotations

from sandbox.activity import Chart, Code, Resource, Task

from . import account, billing
from .billing import ICD, PCS
from .desk import Shown
from .dispositions import DISPOSITIONS, SYSTEM
from .outcomes import KINDS
from .work import Asked, Coded, Done, Work

HOUSE = "https://two-rivers.example"
POA = f"{HOUSE}/StructureDefinition/present-on-admission"  # R4 has it on claims only; a Condition says it too
_HL7 = "http://terminology.hl7.org/CodeSystem"


def deliver(work: Work, task: Task[Shown], chart: Chart) -> list[Resource]:
    """Conditions, Procedures and query Tasks with ids of their own (a later attempt replaces them; what it no longer
    lists is entered in error), the Encounter with its ranked diagnoses and disposition, the Claim, and the account that
    waited for it."""
    shown = task.shown
    mark = shown.encounter.removeprefix("en-")
    about = {"subject": {"reference": f"Patient/{shown.patient}"},
             "encounter": {"reference": f"Encounter/{shown.encounter}"}}
    conditions = [_condition(mark, coded, chart.codes.get(coded.code), about, shown, str(chart.today))
                  for coded in work.codes]
    made = [*conditions, *(_procedure(mark, n, done, about, chart) for n, done in enumerate(work.procedures, 1)),
            *(_query(mark, n, asked, shown, str(chart.today)) for n, asked in enumerate(work.queries, 1))]
    visit = _visit(work, shown, conditions, chart)
    return [*_withdrawn_all(mark, made, shown, chart), *made, visit, *billing.claim(work, shown, mark, visit, chart),
            *(account.carried(work, shown, chart) if shown.account else ())]


def _visit(work: Work, shown: Shown, conditions: list[Resource], chart: Chart) -> Resource:
    visit = {**chart.read("Encounter", shown.encounter)}
    visit.pop("meta", None)
    visit["diagnosis"] = [_diagnosis(c["id"], rank) for rank, c in enumerate(conditions, 1)]
    if not visit["diagnosis"]:
        del visit["diagnosis"]
    if shown.asks_disposition:
        visit.pop("hospitalization", None)
        if work.disposition:
            visit["hospitalization"] = {"dischargeDisposition": {
                "coding": [{"system": SYSTEM, "code": work.disposition}],
                "text": DISPOSITIONS.get(work.disposition, work.disposition)}}
    return visit


def _withdrawn_all(mark: str, made: list[Resource], shown: Shown, chart: Chart) -> list[Resource]:
    """What an earlier attempt delivered and this one does not, as entered in error."""
    kept = {(r["resourceType"], r["id"]) for r in made}
    found = []
    for kind, prefix in (("Condition", "dx"), ("Procedure", "pc"), ("Task", "qu")):
        for old in chart.search(kind, {"encounter": f"Encounter/{shown.encounter}"}):
            ours = old["id"].startswith(f"{prefix}-{mark}-") and (kind, old["id"]) not in kept
            if ours and not _is_withdrawn(old):
                found.append(_withdrawn(old))
    return found


def _condition(mark: str, coded: Coded, entry: Code | None, about: Resource, shown: Shown, today: str) -> Resource:
    coding = {"system": ICD, "code": coded.code} | ({"display": entry.title} if entry else {})
    condition = {
        "resourceType": "Condition", "id": f"dx-{mark}-{coded.code.replace('.', '').lower()}",
        "clinicalStatus": {"coding": [{"system": f"{_HL7}/condition-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{_HL7}/condition-ver-status", "code": "confirmed"}]},
        "category": [{"coding": [{"system": f"{_HL7}/condition-category", "code": "encounter-diagnosis"}]}],
        "code": {"coding": [coding], "text": entry.title if entry else coded.code}, **about, "recordedDate": today,
    }
    if shown.setting == "inpatient" and coded.poa:
        condition["extension"] = [{"url": POA, "valueCode": coded.poa}]
    return condition


def _procedure(mark: str, number: int, done: Done, about: Resource, chart: Chart) -> Resource:
    known = chart.codes.procedures.get(done.code)
    coding = {"system": PCS, "code": done.code} | ({"display": known.title} if known else {})
    body = {"resourceType": "Procedure", "id": f"pc-{mark}-{number}", "status": "completed",
            "code": {"coding": [coding], "text": known.title if known else done.code}, **about}
    return body | ({"performedDateTime": done.date} if done.date else {})


def _query(mark: str, number: int, asked: Asked, shown: Shown, today: str) -> Resource:
    code = {"coding": [{"system": f"{HOUSE}/CodeSystem/work", "code": "provider-query", "display": "Provider query"}],
            "text": "Provider query"}
    inputs = [{"type": {"text": "Clinical indicator"}, "valueReference": {"reference": reference}}
              for reference in dict.fromkeys((*(f"DocumentReference/{s.document}" for s in asked.spans), *asked.rows))]
    body: Resource = {
        "resourceType": "Task", "id": f"qu-{mark}-{number}", "status": "requested", "intent": "order", "code": code,
        "reasonCode": {"coding": [{"system": f"{HOUSE}/CodeSystem/query-kind", "code": asked.kind}],
                       "text": KINDS[asked.kind]},
        "focus": {"reference": f"Encounter/{shown.encounter}"}, "for": {"reference": f"Patient/{shown.patient}"},
        "encounter": {"reference": f"Encounter/{shown.encounter}"}, "authoredOn": today, "lastModified": today,
    }
    return body | ({"description": asked.about} if asked.about else {}) | ({"input": inputs} if inputs else {})


def _withdrawn(old: Resource) -> Resource:
    if old["resourceType"] != "Condition":
        return {name: value for name, value in old.items() if name != "meta"} | {"status": "entered-in-error"}
    kept = {name: value for name, value in old.items() if name not in ("meta", "clinicalStatus")}
    kept["verificationStatus"] = {"coding": [{"system": f"{_HL7}/condition-ver-status", "code": "entered-in-error"}]}
    return kept


def _is_withdrawn(old: Resource) -> bool:
    status = old.get("verificationStatus", {}).get("coding", [{}])
    return old.get("status") == "entered-in-error" or any(c.get("code") == "entered-in-error" for c in status)


def _diagnosis(condition: str, rank: int) -> Resource:
    use = {"coding": [{"system": f"{_HL7}/diagnosis-role", "code": "DD", "display": "Discharge diagnosis"}]}
    return {"condition": {"reference": f"Condition/{condition}"}, "use": use, "rank": rank}
