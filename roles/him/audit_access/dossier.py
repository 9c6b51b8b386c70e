"""What the record holds about one member of staff and one patient, laid under the links in their documented order.

It says what is on file and when; whether that covers the minute of an access is for the auditor to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fixtures.hospital.explaining import DEPARTMENTS
from sandbox.activity import Chart, Resource

from .menus import LINKS
from .seeing import instant, said

MOST = 12  # of one kind under one link: the nearest to the moment
_KINDS = ("Encounter", "Appointment", "Task", "ServiceRequest", "MedicationRequest", "Observation", "Procedure",
          "CareTeam", "DocumentReference", "RelatedPerson", "Communication", "Account")


@dataclass(frozen=True)
class Fact:
    """One thing on file. `link` is one of the resolver's, "staff" or "patient"; `at` sorts it by nearness."""

    link: str
    ref: str
    words: str
    at: str = ""


def dossier(chart: Chart, who: str, patient: str, when: datetime) -> list[dict[str, Any]]:
    """One entry for each link, then what is known of her and of the patient: {key, title, facts: [{ref, words}]}."""
    facts = [*_of_patient(chart, who, patient), *_of_staff(chart, who, patient, when.date())]
    titles = {key: words for key, words in LINKS.items() if key != "none"} | {
        "staff": "About this member of staff", "patient": "About this patient"}
    return [{"key": key, "title": title, "facts": _near([one for one in facts if one.link == key], when)}
            for key, title in titles.items()]


def words_of(one: Resource, who: str) -> str:
    """What a place of the record says, in a line, as the panel says it of this member of staff; "" where nothing."""
    facts = list(_READ[one["resourceType"]](one, f"Practitioner/{who}")) if one["resourceType"] in _READ else []
    if one["resourceType"] == "Slot":
        facts = [Fact("staff", "", f"On the roster {_span(one)}")]
    if one["resourceType"] == "Patient":
        facts = [Fact("patient", "", _person(one))]
    return facts[0].words if facts else ""


def _near(facts: list[Fact], when: datetime) -> list[dict[str, str]]:
    kept = sorted(facts, key=lambda one: (abs(instant(one.at) - when) if one.at else timedelta(0), one.ref))[:MOST]
    return [{"ref": one.ref, "words": one.words} for one in sorted(kept, key=lambda one: (one.at, one.ref))]


def _of_patient(chart: Chart, who: str, patient: str) -> Iterator[Fact]:
    held = {kind: chart.search(kind, {"patient": f"Patient/{patient}"}) for kind in _KINDS
            if kind not in ("Task", "Communication", "Account")}
    held["Task"] = chart.search("Task", {"patient": f"Patient/{patient}"})
    held["Communication"] = chart.search("Communication", {"subject": f"Patient/{patient}"})
    held["Account"] = chart.search("Account", {"subject": f"Patient/{patient}"})
    for kind in _KINDS:
        for one in held[kind]:
            yield from _READ[kind](one, f"Practitioner/{who}")
    for one in chart.search("Patient", {"_id": patient}):
        yield Fact("patient", f"Patient/{patient}", _person(one))


def _person(one: Resource) -> str:
    where = one.get("address", [{}])[0]
    address = ", ".join([*where.get("line", ()), str(where.get("postalCode", ""))]).strip(", ")
    died = f"; died {said(one['deceasedDateTime'])}" if "deceasedDateTime" in one else ""
    return f"{_name(one)}, born {one.get('birthDate', '?')}; {address}{died}"


def _of_staff(chart: Chart, who: str, patient: str, day: date) -> Iterator[Fact]:
    for one in chart.search("Practitioner", {"_id": who}):
        where = one.get("address", [{}])[0]
        address = ", ".join([*where.get("line", ()), str(where.get("postalCode", ""))]).strip(", ")
        yield Fact("staff", f"Practitioner/{who}", f"{_name(one)}; {address or 'no address on file'}")
    for one in chart.search("PractitionerRole", {"practitioner": f"Practitioner/{who}"}):
        unit = one.get("location", [one.get("organization", {})])[0]
        wide = unit.get("reference", "").rpartition("/")[2] in DEPARTMENTS
        serves = "; a department that serves patients of the whole house" if wide else ""
        period = one.get("period", {})
        until = f", until {said(period['end'])}" if "end" in period else ""
        yield Fact("staff", f"PractitionerRole/{one['id']}",
                   f"{one['code'][0].get('text', 'staff')}, {unit.get('display', 'this hospital')}{until}{serves}")
    yield from _shifts(chart, who, day)
    for one in chart.search("AuditEvent", {"agent": f"Practitioner/{who}", "subtype": "110122"}):
        yield Fact("staff", f"AuditEvent/{one['id']}",
                   f"{one['entity'][0].get('name', 'Login')}, {said(one['recorded'])}", one["recorded"])
    for one in chart.search("Person", {"practitioner": f"Practitioner/{who}"}):
        others = [link["target"]["reference"] for link in one.get("link", ())
                  if not link["target"]["reference"].startswith("Practitioner/")]
        for ref in others:
            other = "a patient" if ref.startswith("Patient/") else "a patient’s relative"
            same = "is this patient" if ref == f"Patient/{patient}" else f"is on file as {other}"
            yield Fact("staff", ref, f"The same person {same}")


def _shifts(chart: Chart, who: str, day: date) -> Iterator[Fact]:
    """Her shifts around the day, and who else was on call on it."""
    for one in chart.search("Slot"):
        away = (instant(one["start"]).date() - day).days
        whose = one["schedule"]["reference"].rpartition("/")[2].removesuffix("-roster")
        on_call = one.get("serviceType", [{}])[0].get("coding", [{}])[0].get("code") == "call"
        if whose == who and -3 <= away <= 1:
            yield Fact("staff", f"Slot/{one['id']}", f"On the roster {_span(one)}", one["start"])
        elif on_call and away == 0:
            yield Fact("staff", f"Slot/{one['id']}", f"Another on call that day ({whose}), {_span(one)}", one["start"])


def _encounter(one: Resource, who: str) -> Iterator[Fact]:
    ref = f"Encounter/{one['id']}"
    for row in one.get("participant", ()):
        if row.get("individual", {}).get("reference") == who:
            yield Fact("encounter", ref, f"Takes part in the visit, {_span(row.get('period', one['period']))}",
                       one["period"]["start"])
    for place in one.get("location", ()):
        ref_, named = place["location"]["reference"], place["location"].get("display", "")
        named = named or ref_.rpartition("/")[2].removeprefix("loc-").upper()
        yield Fact("ward", ref, f"The patient lay at {named}, {_span(place['period'])}", place["period"]["start"])
    why = ", ".join(row["text"] for row in one.get("reasonCode", ()) if "text" in row)
    yield Fact("patient", ref, f"{one.get('type', [{}])[0].get('text', 'Visit')}, {_span(one['period'])}"
               + (f": {why}" if why else ""), one["period"]["start"])


def _appointment(one: Resource, who: str) -> Iterator[Fact]:
    people = [row["actor"].get("reference") for row in one.get("participant", ())]
    names = [row["actor"].get("display", "") for row in one.get("participant", ())
             if not row["actor"].get("reference", "").startswith("Patient/")]
    yield Fact("appointment", f"Appointment/{one['id']}",
               f"{one.get('description', 'Appointment')}, {said(one['start'])}, {one['status']}"
               f"{', with her' if who in people else f', with {names[0]}' if names else ''}", one["start"])


def _task(one: Resource, who: str) -> Iterator[Fact]:
    mine = one.get("owner", {}).get("reference") == who
    period = one.get("executionPeriod", {})
    words = one.get("code", {}).get("text") or one["code"]["coding"][0]["display"]
    done = f", done {said(period['end'])}" if "end" in period else ", not done"
    yield Fact("task", f"Task/{one['id']}", f"{words}, {'hers' if mine else _owner(one)}, given "
               f"{said(one['authoredOn'])}{done}", one["authoredOn"])


def _owner(one: Resource) -> str:
    return str(one.get("owner", {}).get("display") or "nobody's")


def _order(one: Resource, who: str) -> Iterator[Fact]:
    if one["resourceType"] == "Observation":
        people, at = one.get("performer", ()), one.get("effectiveDateTime", "")
    elif one["resourceType"] == "Procedure":
        people = [row["actor"] for row in one.get("performer", ())]
        at = one.get("performedPeriod", {}).get("start", "")
    else:
        people, at = [one.get("requester", {})], one.get("authoredOn", "")
    named = one.get("code") or one.get("medicationCodeableConcept") or {}
    words = named.get("text") or named.get("coding", [{}])[0].get("display", one["resourceType"])
    hers = who in [row.get("reference") for row in people]
    if hers or one["resourceType"] in ("ServiceRequest",):
        yield Fact("order", f"{one['resourceType']}/{one['id']}",
                   f"{words}, {'hers' if hers else 'of ' + str(people[0].get('display', 'another'))}, {one['status']}, "
                   f"{said(at)}", at)


def _team(one: Resource, who: str) -> Iterator[Fact]:
    for row in one.get("participant", ()):
        if row.get("member", {}).get("reference") == who:
            yield Fact("careteam", f"CareTeam/{one['id']}", f"On the care team, {_span(row.get('period', {}))}",
                       row.get("period", {}).get("start", ""))


def _document(one: Resource, who: str) -> Iterator[Fact]:
    ref, title = f"DocumentReference/{one['id']}", one.get("description", "Document")
    label = one.get("securityLabel", [{}])[0].get("coding", [{}])[0].get("display", "")
    wrote = any(row.get("reference") == who for row in one.get("author", ()))
    words = f"{title}, {said(one['date'])}" + (f" ({label})" if label else "")
    if wrote:
        yield Fact("author", ref, f"Hers: {words}", one["date"])
    yield Fact("patient", ref, words, one["date"])


def _relative(one: Resource, who: str) -> Iterator[Fact]:
    kin = ", ".join(row.get("text") or row.get("coding", [{}])[0].get("display", "") for row in one["relationship"])
    where = one.get("address", [{}])[0]
    yield Fact("patient", f"RelatedPerson/{one['id']}", f"On file as {kin}: {_name(one)}"
               + (f", {', '.join(where.get('line', ()))}" if where else ""))


def _message(one: Resource, who: str) -> Iterator[Fact]:
    kind = one.get("category", [{}])[0].get("text", "Message")
    told = " ".join(part.get("contentString", "") for part in one.get("payload", ()))
    to = ", ".join(row.get("display", "") for row in one.get("recipient", ()))
    yield Fact("patient", f"Communication/{one['id']}",
               f"{kind}, {said(one['sent'])}{f', to {to}' if to else ''}: {told}", one["sent"])


def _account(one: Resource, who: str) -> Iterator[Fact]:
    yield Fact("queue", f"Account/{one['id']}", f"Account {one['status']}, service {_span(one['servicePeriod'])}",
               one["servicePeriod"]["start"])


_READ = {"Encounter": _encounter, "Appointment": _appointment, "Task": _task, "ServiceRequest": _order,
         "MedicationRequest": _order, "Observation": _order, "Procedure": _order, "CareTeam": _team,
         "DocumentReference": _document, "RelatedPerson": _relative, "Communication": _message, "Account": _account}


def _span(period: Resource) -> str:
    start = said(period["start"]) if "start" in period else "from the beginning"
    if "end" not in period:
        return f"since {start}" if "start" in period else "always"
    return f"{start} to {said(period['end'])}"


def _name(one: Resource) -> str:
    row = one.get("name", [{}])[0]
    return f"{' '.join(row.get('given', ()))} {row.get('family', '')}".strip() or "no name"


