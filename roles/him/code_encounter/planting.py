"""A case put into a record: patient, encounter, staff, notes, orders, results. Ids follow from case and seed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from fixtures.notes import Variant, shape
from sandbox.activity import Resource

from .paper import Paper

ZONE = ZoneInfo("America/Chicago")
CLASSES = {"inpatient": ("IMP", "inpatient encounter", "Inpatient stay"),
           "emergency": ("EMER", "emergency", "Emergency department visit"),
           "office": ("AMB", "ambulatory", "Office visit"),
           "observation": ("OBSENC", "observation encounter", "Observation stay")}
_LOINC = {
    "34133-9": "Summary of episode note", "34878-9": "Emergency medicine Note", "18748-4": "Diagnostic imaging study",
    "34117-2": "History and physical note", "34746-8": "Nurse Note", "34109-9": "Note", "11506-3": "Progress note",
    "11488-4": "Consult note", "18842-5": "Discharge summary", "54094-8": "Emergency department Triage note",
    "26436-6": "Laboratory studies (set)", "11504-8": "Surgical operation note", "28570-0": "Procedure note",
    "11526-1": "Pathology study", "51852-2": "Letter", "11508-9": "Physical therapy Progress note",
    "11524-6": "EKG study", "34131-3": "Outpatient Progress note", "57057-2": "Labor and delivery summary note",
}
_V3 = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


@dataclass(frozen=True)
class Params:
    """Which case of `fixtures/notes`, how much is done beforehand, which codes the encoder offers at once, where local
    policy is another than the case has it, and whether the stay has an account that waits for its codes."""

    case: str
    mode: Literal["alone", "shown", "complete"] = "alone"
    offered: tuple[str, ...] = ()
    policy: dict[str, str] = field(default_factory=dict)  # {"external_cause": "expected"}: what this hospital does
    account: bool = False


def tag(variant: Variant, seed: int) -> str:
    """What makes the ids of one planting its own; it tells nothing about the case."""
    return hashlib.sha256(f"{variant.case}:{seed}".encode()).hexdigest()[:10]


def papers(variant: Variant, mark: str) -> dict[str, Paper]:
    """The documents by their names in the case, with the ids that planting gives them."""
    found = {}
    for number, row in enumerate(variant.table["document"], 1):
        title = f"{row['title']}, {short(moment(row['at']))}"
        found[row["id"]] = Paper(f"note-{mark}-{number}", row["id"], title, row["text"])
    return found


def moment(text: str) -> datetime:
    """A local time of a case ("2026-05-12T14:05") in the facility's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def when(text: str) -> datetime:
    """An instant of the record ("2026-05-12T18:40:00-05:00") in the facility's zone."""
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return at.astimezone(ZONE) if at.tzinfo else at.replace(tzinfo=ZONE)


def short(at: datetime) -> str:
    """A time as a person says it: 12 May 14:05."""
    return f"{at.day} {at:%b %H:%M}"


def plant_case(variant: Variant, mark: str) -> list[Resource]:
    """All resources of the case, references among them included; nothing refers to the hospital around it."""
    patient, encounter = f"pt-{mark}", f"en-{mark}"
    staff = {row["id"]: f"pr-{mark}-{n}" for n, row in enumerate(variant.table["person"], 1)}
    about = {"subject": {"reference": f"Patient/{patient}"}, "encounter": {"reference": f"Encounter/{encounter}"}}
    return [
        _patient(variant, patient, mark),
        *(_practitioner(row, staff[row["id"]]) for row in variant.table["person"]),
        _encounter(variant, encounter, patient, staff),
        *_orders(variant, mark, about, staff),
        *_documents(variant, papers(variant, mark), patient, encounter, staff),
        *_labs(variant, mark, about),
    ]


def rows(variant: Variant, mark: str) -> dict[str, tuple[Paper, ...]]:
    """The rows that a case can cite, by their names in it ("row:sodium"), with the references that planting gives."""
    found: dict[str, list[Paper]] = {}
    number = 0
    for lab in variant.table.get("lab", []):
        for at, value in (pair for pair in lab["values"] if pair[1]):
            number += 1
            row = Paper(f"Observation/ob-{mark}-{number}", f"row:{lab.get('id', '')}",
                        f"{lab['name']}, {short(moment(at))}", shape.said(lab["name"], value, lab["unit"]))
            found.setdefault(row.name, []).append(row)
    for table, kind, words, title in (("drug", "MedicationRequest/mr", "name", "Drug ordered"),
                                      ("order", "ServiceRequest/sr", "words", "Order")):
        for number, line in enumerate(variant.table.get(table, []), 1):
            row = Paper(f"{kind}-{mark}-{number}", f"row:{line.get('id', '')}", f"{title}, {short(moment(line['at']))}",
                        line[words])
            found.setdefault(row.name, []).append(row)
    return {name: tuple(papers) for name, papers in found.items()}


def _patient(variant: Variant, id: str, mark: str) -> Resource:
    who = variant.table["patient"]
    mrn = f"9{int(mark, 16) % 10**6:06d}"
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
    return {
        "resourceType": "Patient", "id": id, "active": True,
        "identifier": [{"use": "usual", "type": kind, "system": "https://two-rivers.example/mrn", "value": mrn}],
        "name": [{"use": "official", "family": who["family"], "given": [who["given"]]}],
        "gender": who["sex"], "birthDate": who["born"],
    }


def _practitioner(row: Mapping[str, Any], id: str) -> Resource:
    first, family, *letters = row["name"].split()
    name: Resource = {"family": family, "given": [first], "text": row["name"]}
    if letters:
        name["suffix"] = letters
    return {"resourceType": "Practitioner", "id": id, "active": True, "name": [name]}


def _encounter(variant: Variant, id: str, patient: str, staff: Mapping[str, str]) -> Resource:
    row = variant.table["encounter"]
    code, words, kind = CLASSES[variant.table["setting"]]
    found: Resource = {
        "resourceType": "Encounter", "id": id, "status": "finished",
        "class": {"system": _V3, "code": code, "display": words},
        "type": [_of_house("visit-type", code.lower(), kind)],
        "serviceType": _of_house("service", row["service"].lower().replace(" ", "-"), row["service"]),
        "subject": {"reference": f"Patient/{patient}"},
        "participant": [{"individual": {"reference": f"Practitioner/{id}"}} for id in staff.values()],
        "period": {"start": moment(row["start"]).isoformat(), "end": moment(row["end"]).isoformat()},
        "reasonCode": [{"text": row["reason"]}],
    }
    if "disposition" in row and "disposition" not in variant.table:  # where she is asked, the record does not tell
        found["hospitalization"] = {"dischargeDisposition": {
            "coding": [{"system": "https://www.nubc.org/CodeSystem/PatDischargeStatus", "code": row["disposition"]}],
            "text": row["disposition_words"]}}
    return found


def _of_house(system: str, code: str, words: str) -> Resource:
    """A concept of the hospital's own code systems, as its other records have it."""
    coding = {"system": f"https://two-rivers.example/CodeSystem/{system}", "code": code, "display": words}
    return {"coding": [coding], "text": words}


def _orders(variant: Variant, mark: str, about: Resource, staff: Mapping[str, str]) -> list[Resource]:
    row = variant.table["encounter"]
    found = [
        {"resourceType": "ServiceRequest", "id": f"{id}-{mark}", "status": "completed", "intent": "order", **about,
         "code": _of_house("order", code, words), "authoredOn": moment(row[name]).isoformat()}
        for name, id, code, words in (("order", "sr", "admit-inpatient", "Admit to inpatient"),
                                      ("watch", "sr-w", "place-in-observation", "Place in observation"))
        if row.get(name)]
    found += [
        {"resourceType": "ServiceRequest", "id": f"sr-{mark}-{number}", "status": "completed", "intent": "order",
         **about, "authoredOn": moment(order["at"]).isoformat(), "code": {"text": order["words"]},
         "requester": {"reference": f"Practitioner/{staff[order['by']]}"}}
        for number, order in enumerate(variant.table.get("order", []), 1)]
    for number, drug in enumerate(variant.table.get("drug", []), 1):
        found.append({
            "resourceType": "MedicationRequest", "id": f"mr-{mark}-{number}", "status": "completed", "intent": "order",
            **about, "authoredOn": moment(drug["at"]).isoformat(),
            "requester": {"reference": f"Practitioner/{staff[drug['by']]}"},
            "medicationCodeableConcept": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm",
                                                      "code": drug["rxnorm"]}], "text": drug["name"]}})
    return found


def _documents(variant: Variant, made: Mapping[str, Paper], patient: str, encounter: str,
               staff: Mapping[str, str]) -> list[Resource]:
    names = {row["id"]: row["name"] for row in variant.table["person"]}
    found = []
    for row in variant.table["document"]:
        paper, at = made[row["id"]], moment(row["at"]).isoformat()
        found.append({
            "resourceType": "DocumentReference", "id": paper.id, "status": "current", "docStatus": "final",
            "type": {"coding": [{"system": "http://loinc.org", "code": row["loinc"], "display": _LOINC[row["loinc"]]}],
                     "text": row["title"]},
            "category": [{"text": row["group"]}],
            "subject": {"reference": f"Patient/{patient}"}, "date": at, "description": row["title"],
            "author": [{"reference": f"Practitioner/{staff[row['author']]}", "display": names[row["author"]]}],
            "content": [{"attachment": {"contentType": "text/plain; charset=utf-8", "title": row["title"],
                                        "data": base64.b64encode(paper.text.encode()).decode()}}],
            "context": {"encounter": [{"reference": f"Encounter/{encounter}"}]}})
    return found


def _labs(variant: Variant, mark: str, about: Resource) -> list[Resource]:
    found: list[Resource] = []
    for row in variant.table.get("lab", []):
        for at, value in row["values"]:
            if value:
                number = float(value) if "." in value else int(value)
                found.append({
                    "resourceType": "Observation", "id": f"ob-{mark}-{len(found) + 1}", "status": "final", **about,
                    "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
                                              "code": "laboratory"}]}],
                    "code": {"coding": [{"system": "http://loinc.org", "code": row["loinc"], "display": row["name"]}],
                             "text": row["name"]},
                    "effectiveDateTime": moment(at).isoformat(),
                    "valueQuantity": {"value": number, "unit": row["unit"], "code": row["unit"],
                                      "system": "http://unitsofmeasure.org"}})
    return found
