"""How a FHIR resource reads to a person: names, codes, values, periods. Functions of dicts, and template filters."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask import Blueprint

from sandbox.web.words import day, figure, moment, when

bp = Blueprint("display", __name__)
Resource = dict[str, Any]
SEX = {"female": "Female", "male": "Male", "other": "Other", "unknown": "Unknown"}
CLASSES = {"IMP": "Inpatient", "ACUTE": "Inpatient", "EMER": "Emergency", "AMB": "Office visit",
           "OBSENC": "Observation", "SS": "Short stay", "HH": "Home health", "VR": "Virtual visit"}


@bp.app_template_filter("full_name")
def full_name(resource: Resource | None) -> str:
    """`Oyelaran, Marguerite`: the official name of a patient or practitioner, or what there is."""
    names = (resource or {}).get("name") or []
    if isinstance(names, str):
        return names
    chosen = next((n for n in names if n.get("use") == "official"), names[0] if names else {})
    given = " ".join(chosen.get("given", []))
    parts = [str(p) for p in (chosen.get("family", ""), given) if p]
    return str(chosen.get("text") or "") or ", ".join(parts) or "No name recorded"


@bp.app_template_filter("mrn")
def mrn(patient: Resource | None) -> str:
    """The medical record number (identifier of type MR), or the first identifier."""
    identifiers = (patient or {}).get("identifier") or []
    for identifier in identifiers:
        if any(c.get("code") == "MR" for c in identifier.get("type", {}).get("coding", [])):
            return str(identifier.get("value", ""))
    return str(identifiers[0].get("value", "")) if identifiers else ""


@bp.app_template_filter("age")
def age(patient: Resource | None, on: date | datetime | None) -> str:
    """`72 y` on a day; months under two years; nothing without a full birth date."""
    born = moment((patient or {}).get("birthDate"))
    if not isinstance(born, date) or on is None:
        return ""
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    return f"{months // 12} y" if months >= 24 else f"{months} mo"


@bp.app_template_filter("sex")
def sex(patient: Resource | None) -> str:
    """Administrative sex in words."""
    return SEX.get((patient or {}).get("gender", ""), "Not recorded")


@bp.app_template_filter("concept")
def concept(value: Any) -> str:
    """A CodeableConcept, a list of them, or a Coding, in words."""
    if isinstance(value, list):
        return ", ".join(filter(None, (concept(v) for v in value)))
    if not isinstance(value, dict):
        return str(value or "")
    coding: Resource = next(iter(value.get("coding", [])), {})
    said = (value.get("text"), coding.get("display"), value.get("display"), coding.get("code"), value.get("code"))
    return str(next(filter(None, said), ""))


@bp.app_template_filter("allergies")
def allergies(found: Iterable[Resource]) -> list[str]:
    """AllergyIntolerances in words, `Penicillin: hives`; those without a name are left out."""
    words = []
    for one in found:
        name = concept(one.get("code"))
        reaction = next((m.get("text") for r in one.get("reaction", []) for m in r.get("manifestation", [])), None)
        words += [f"{name}: {reaction}" if reaction else name] if name else []
    return words


@bp.app_template_filter("code")
def code(value: Any, system: str = "") -> str:
    """The first code of a CodeableConcept whose system contains `system`."""
    codings: Iterable[Resource] = (value or {}).get("coding", []) if isinstance(value, dict) else []
    return next((str(c.get("code", "")) for c in codings if system in c.get("system", "")), "")


@bp.app_template_filter("class_name")
def class_name(encounter: Resource | None) -> str:
    """An encounter's class in words: Inpatient, Emergency, Office visit, Observation."""
    kind = (encounter or {}).get("class") or {}
    return CLASSES.get(kind.get("code", ""), str(kind.get("display") or kind.get("code", "")))


@bp.app_template_filter("period")
def period(value: Resource | None) -> str:
    """`3 Jun 2026 18:40 to 8 Jun 2026 11:15`, or one day when it starts and ends on it."""
    start, end = (value or {}).get("start"), (value or {}).get("end")
    if not start or not end:
        return f"since {when(start)}" if start else when(end)
    if day(start) == day(end) and "T" in str(start):
        return f"{when(start)} to {when(end)[-5:]}"
    return f"{when(start)} to {when(end)}"


@bp.app_template_filter("value")
def value(observation: Resource) -> str:
    """An Observation's value with its unit, or its components, or why it is absent."""
    if quantity := observation.get("valueQuantity"):
        return f"{quantity.get('comparator', '')}{figure(quantity.get('value'))} {quantity.get('unit', '')}".strip()
    for key in ("valueCodeableConcept", "valueString", "valueInteger", "valueBoolean", "valueDateTime"):
        if key in observation:
            return concept(observation[key]) if key == "valueCodeableConcept" else str(observation[key])
    if parts := observation.get("component"):
        return "/".join(value(p).split(" ")[0] for p in parts) + " " + value(parts[0]).partition(" ")[2]
    return concept(observation.get("dataAbsentReason")) or "not recorded"


@bp.app_template_filter("text_of")
def text_of(document: Resource) -> str:
    """A DocumentReference's plain text (base64 `text/*` attachment); empty for other content."""
    for content in document.get("content", []):
        attachment = content.get("attachment", {})
        if str(attachment.get("contentType", "text/plain")).startswith("text/") and attachment.get("data"):
            try:
                return base64.b64decode(attachment["data"]).decode("utf-8", "replace")
            except (binascii.Error, ValueError):
                return ""
    return ""


@bp.app_template_filter("author")
def author(resource: Resource) -> str:
    """Who wrote, ordered or performed it, by display name."""
    for key in ("author", "requester", "performer", "recorder", "asserter"):
        who = resource.get(key)
        first = who[0] if isinstance(who, list) and who else who
        if isinstance(first, dict) and first.get("display"):
            return str(first["display"])
    return ""
