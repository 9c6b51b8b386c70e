"""The fields of each kind of paper, read from its resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sandbox.activity import Resource

from .look import Look
from .papers import STATES, Row, said

Read = Callable[[str, Resource, Look], Iterator[Row]]


def _concept(value: Resource | None) -> str:
    value = value or {}
    return str(value.get("text") or value.get("coding", [{}])[0].get("display", ""))


def _time(value: str | None) -> str:
    return said(value) if value else ""


def _document(ref: str, one: Resource, look: Look) -> Iterator[Row]:
    yield "type", _concept(one.get("type"))
    yield "written", ", ".join(filter(None, (look.name(one["author"][0]), said(one["date"]))))
    yield "status", STATES.get(one.get("docStatus", ""), "")
    yield "signed", look.signed(ref)
    yield "changes", look.changed(ref)
    yield "appends", "; ".join(look.name(link["target"]) for link in one.get("relatesTo", []))
    yield "about", look.name(one.get("subject"))
    yield "custodian", look.name(one.get("custodian"))
    yield "label", "; ".join(_concept(label) for label in one.get("securityLabel", []))


def _consent(ref: str, one: Resource, look: Look) -> Iterator[Row]:
    yield "given", _time(one.get("dateTime"))
    yield "by", ", ".join(look.name(who) for who in one.get("performer", []))
    yield "status", one.get("status", "")


def _encounter(ref: str, one: Resource, look: Look) -> Iterator[Row]:
    period = one["period"]
    yield "class", _concept({"coding": [one["class"]]})
    yield "period", f"{said(period['start'])} to {_time(period.get('end')) or 'now'}"
    yield "attending", look.name(one["participant"][0]["individual"])
    yield "disposition", _concept(one.get("hospitalization", {}).get("dischargeDisposition"))


def _order(ref: str, one: Resource, look: Look) -> Iterator[Row]:
    yield "ordered", _time(one.get("authoredOn"))
    yield "by", look.name(one.get("requester"))


def _procedure(ref: str, one: Resource, look: Look) -> Iterator[Row]:
    yield "what", _concept(one.get("code"))
    yield "start", _time(one["performedPeriod"]["start"])
    yield "end", _time(one["performedPeriod"]["end"])
    yield "surgeon", look.name(one["performer"][0]["actor"])


def _medication(ref: str, one: Resource, look: Look) -> Iterator[Row]:
    verbal = any(part["url"].endswith("verbal-order") for part in one.get("extension", []))
    yield "ordered", _time(one.get("authoredOn"))
    yield "by", look.name(one.get("requester"))
    yield "how", f"verbal, entered by {look.name(one.get('recorder'))}" if verbal else "written"
    yield "dose", one["dosageInstruction"][0]["text"]
    yield "signed", look.signed(ref) if verbal else ""


def _observation(ref: str, one: Resource, look: Look) -> Iterator[Row]:
    number = one.get("valueQuantity", {})
    yield "value", one.get("valueString") or f"{number.get('value', '')} {number.get('unit', '')}".strip()
    yield "taken", _time(one.get("effectiveDateTime"))
    yield "issued", _time(one.get("issued"))


def _task(ref: str, one: Resource, look: Look) -> Iterator[Row]:
    yield "received", _time(one.get("authoredOn"))
    yield "answered", _time(one.get("executionPeriod", {}).get("end"))
    yield "status", one.get("status", "")
    yield "reason", _concept(one.get("statusReason"))
    yield "purpose", _concept(one.get("reasonCode"))
    yield "recipient", "; ".join(part.get("valueString", "") for part in one.get("input", []))
    yield "focus", look.name(one.get("focus"))
    yield "sent", "; ".join(look.name(part["valueReference"]) for part in one.get("output", []))
    yield "owner", look.name(one.get("owner"))


def _disclosure(ref: str, one: Resource, look: Look) -> Iterator[Row]:
    yield "recorded", _time(one.get("recorded"))
    yield "what", look.name(one["entity"][0]["what"])
    yield "recipient", one["agent"][1]["name"]
    yield "purpose", _concept(one["purposeOfEvent"][0])
    yield "by", look.name(one["agent"][0]["who"])


def _patient(ref: str, one: Resource, look: Look) -> Iterator[Row]:
    yield "about", look.name({"reference": ref})
    yield "link", "; ".join(look.name(part["other"]) for part in one.get("link", []))


#: Kind → how its rows are read, and the instant that it is sorted by.
ROWS: dict[str, tuple[Read, Callable[[Resource], str]]] = {
    "DocumentReference": (_document, lambda one: str(one["date"])),
    "Consent": (_consent, lambda one: str(one.get("dateTime", ""))),
    "Encounter": (_encounter, lambda one: str(one["period"]["start"])),
    "ServiceRequest": (_order, lambda one: str(one["authoredOn"])),
    "Procedure": (_procedure, lambda one: str(one["performedPeriod"]["start"])),
    "MedicationRequest": (_medication, lambda one: str(one["authoredOn"])),
    "Observation": (_observation, lambda one: str(one["effectiveDateTime"])),
    "Task": (_task, lambda one: str(one["authoredOn"])),
    "AuditEvent": (_disclosure, lambda one: str(one["recorded"])),
    "Patient": (_patient, lambda one: ""),
}
#: (kind, field of a truth's place) → the keys that show it equally well; nothing where it shows no fault.
SHOWS: dict[tuple[str, str], tuple[str, ...]] = {
    ("DocumentReference", "date"): ("written", "signed", "text"),
    ("DocumentReference", "docStatus"): ("status", "signed", "changes"),
    ("DocumentReference", "authenticator"): ("signed", "status"),
    ("DocumentReference", "content"): ("text",),
    ("DocumentReference", "type"): ("type", "text"),
    ("DocumentReference", "relatesTo"): ("appends", "written", "signed", "text"),
    ("DocumentReference", "subject"): ("about", "text"),
    ("DocumentReference", "context.encounter"): ("about", "text"),
    ("DocumentReference", "custodian"): ("custodian", "label", "text"),
    ("DocumentReference", "securityLabel"): ("label", "text", "custodian", "type"),
    ("Provenance", "activity"): ("changes", "status"),
    ("Provenance", "signature[0].when"): ("signed",),
    ("Encounter", "period.end"): ("period",),
    ("Encounter", "class"): ("class",),
    ("ServiceRequest", "authoredOn"): ("ordered",),
    ("Procedure", "performed.start"): ("start",),
    ("Procedure", "performed.end"): ("end", "start"),
    ("MedicationRequest", "extension"): ("signed", "how"),
    ("MedicationRequest", "requester"): ("signed", "by", "how"),
    ("MedicationRequest", "dosageInstruction[0].text"): ("dose",),
    ("Observation", "value"): ("value",),
    ("Observation", "issued"): ("issued", "taken"),
    ("Task", "executionPeriod.end"): ("answered",),
    ("Task", "statusReason"): ("reason",),
    ("Task", "output"): ("sent",),
    ("Task", "focus"): ("focus",),
    ("Task", "status"): ("status",),
    ("AuditEvent", "purposeOfEvent"): ("purpose", "recipient"),
    ("AuditEvent", "recorded"): (),
    ("Consent", "sourceAttachment"): ("text",),
    ("Consent", "dateTime"): ("given", "text"),
    ("Consent", "performer"): ("by", "text"),
    ("Patient", "link"): ("link",),
}
