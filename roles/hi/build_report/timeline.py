"""People and their visits, said briefly, and the FHIR resources that say the same.

Times are the hospital's own (America/Chicago); the resources carry UTC. Everything follows from its arguments: the
same person and salt give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.activity import Resource

ZONE = ZoneInfo("America/Chicago")
_FAMILY = (
    "Abara",
    "Bergstrom",
    "Castellano",
    "Dimitrov",
    "Eriksen",
    "Fontaine",
    "Galloway",
    "Hadley",
    "Ibarra",
    "Jansen",
    "Kowalczyk",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Oduya",
    "Petrov",
    "Quiroga",
    "Rasmussen",
    "Sandoval",
    "Tierney",
)
_GIVEN = {
    "female": ("Amara", "Beatrix", "Carmen", "Delia", "Esther", "Frances", "Greta", "Helena", "Iris", "Joan"),
    "male": ("Anton", "Boris", "Cyrus", "Desmond", "Elias", "Felix", "Gustav", "Hugo", "Ivan", "Jonas"),
}
_CODES = {
    "I50.9": "Heart failure, unspecified",
    "I50.23": "Acute on chronic systolic (congestive) heart failure",
    "J44.1": "COPD with (acute) exacerbation",
    "N39.0": "Urinary tract infection",
    "E11.65": "Type 2 diabetes mellitus with hyperglycemia",
    "I10": "Essential (primary) hypertension",
    "K57.32": "Diverticulitis of large intestine without perforation",
    "D64.9": "Anemia, unspecified",
    "S72.001A": "Fracture of neck of right femur, initial encounter",
    "Z38.00": "Single liveborn infant, delivered vaginally",
    "J18.9": "Pneumonia, unspecified organism",
}
_CLASSES = {
    "IMP": "inpatient encounter",
    "ACUTE": "inpatient acute",
    "EMER": "emergency",
    "OBSENC": "observation encounter",
    "AMB": "ambulatory",
}
_PRIORITIES = {"EM": "emergency", "UR": "urgent", "EL": "elective", "R": "routine"}
_HL7 = "http://terminology.hl7.org/CodeSystem/"


@dataclass(frozen=True)
class Visit:
    """A visit as what hangs on it refers to it: its own ids, and `mark`, from which further ids are made."""

    encounter: str
    patient: str
    mark: str

    def id(self, letter: str, n: object = 0) -> str:
        """An id of something that belongs to this visit."""
        return _id(letter, self.mark, n)


class Attached:
    """What hangs on a visit beside its diagnoses: a bill, the places it was at, an account, a piece of work."""

    def fields(self, visit: Visit) -> Resource:
        """What it adds to the Encounter itself."""
        return {}

    def resources(self, visit: Visit) -> Iterator[Resource]:
        """The resources that it is."""
        return iter(())


@dataclass(frozen=True)
class Stay:
    """One visit. `record` n puts it under the person's n-th further patient record; the last survived all merges."""

    start: datetime
    end: datetime | None
    kind: str = "IMP"
    priority: str = "EM"
    disposition: str | None = "01"
    codes: tuple[str, ...] = ("I50.9",)
    status: str = "finished"
    service: str | None = "General medicine"
    record: int = 0
    attached: tuple[Attached, ...] = ()


@dataclass(frozen=True)
class Person:
    """One human being and her visits, in order."""

    stays: tuple[Stay, ...]
    died: datetime | None = None
    born: date = date(1951, 4, 9)


@dataclass(frozen=True)
class Seen:
    """A planted pattern as it can be found again: which encounters it is made of."""

    pattern: str
    encounters: tuple[str, ...]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of the hospital's own clock."""
    return datetime(day.year, day.month, day.day, hour, minute)


def later(day: date, days: int) -> date:
    """The date so many days on."""
    return day + timedelta(days=days)


def encounter_ids(person: Person, salt: str) -> tuple[str, ...]:
    """The ids of the person's visits, in order."""
    return tuple(_id("e", salt, n) for n, _ in enumerate(person.stays))


def resources(person: Person, salt: str) -> Iterator[Resource]:
    """Patient (two, when merged), then Conditions, Encounter and what hangs on it for each visit."""
    records = 1 + max((s.record for s in person.stays), default=0)
    for record in range(records):
        yield _patient(person, salt, record, replaced=record < records - 1)
    for n, stay in enumerate(person.stays):
        patient = {"reference": f"Patient/{_id('p', salt, stay.record)}"}
        encounter = _id("e", salt, n)
        conditions = [
            _condition(code, _id("c", salt, f"{n}.{k}"), patient, encounter, stay) for k, code in enumerate(stay.codes)
        ]
        yield from conditions
        visit = Visit(encounter, _id("p", salt, stay.record), f"{salt}.{n}")
        written = _encounter(stay, encounter, patient, [str(c["id"]) for c in conditions])
        for one in stay.attached:
            written |= one.fields(visit)
        yield written
        for one in stay.attached:
            yield from one.resources(visit)


def _digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


def _id(letter: str, salt: str, n: object) -> str:
    return f"{letter}-{_digest(letter, salt, n)[:10]}"


def utc(moment: datetime) -> str:
    """A moment of the hospital's clock as the record writes it, in UTC."""
    return moment.replace(tzinfo=ZONE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _patient(person: Person, salt: str, record: int, *, replaced: bool) -> Resource:
    seed = int(_digest("name", salt)[:8], 16)
    gender = ("female", "male")[seed % 2]
    name = {"use": "official", "family": _FAMILY[seed // 7 % len(_FAMILY)], "given": [_GIVEN[gender][seed // 3 % 10]]}
    patient: Resource = {
        "resourceType": "Patient",
        "id": _id("p", salt, record),
        "active": not replaced,
        "identifier": [
            {
                "use": "usual",
                "type": {"coding": [{"system": f"{_HL7}v2-0203", "code": "MR"}]},
                "system": "https://two-rivers.example/mrn",
                "value": f"7{int(_digest('mrn', salt, record)[:8], 16) % 10**7:07d}",
            }
        ],
        "name": [name],
        "gender": gender,
        "birthDate": person.born.isoformat(),
    }
    if person.died:
        patient["deceasedDateTime"] = utc(person.died)
    if replaced:
        patient["link"] = [{"other": {"reference": f"Patient/{_id('p', salt, record + 1)}"}, "type": "replaced-by"}]
    return patient


def _condition(code: str, id: str, patient: Resource, encounter: str, stay: Stay) -> Resource:
    return {
        "resourceType": "Condition",
        "id": id,
        "subject": patient,
        "encounter": {"reference": f"Encounter/{encounter}"},
        "clinicalStatus": {"coding": [{"system": f"{_HL7}condition-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{_HL7}condition-ver-status", "code": "confirmed"}]},
        "category": [{"coding": [{"system": f"{_HL7}condition-category", "code": "encounter-diagnosis"}]}],
        "code": {
            "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code, "display": _CODES[code]}],
            "text": _CODES[code],
        },
        "recordedDate": utc(stay.start),
    }


def _encounter(stay: Stay, id: str, patient: Resource, conditions: Sequence[str]) -> Resource:
    encounter: Resource = {
        "resourceType": "Encounter",
        "id": id,
        "status": stay.status,
        "class": {"system": f"{_HL7}v3-ActCode", "code": stay.kind, "display": _CLASSES[stay.kind]},
        "priority": {
            "coding": [
                {"system": f"{_HL7}v3-ActPriority", "code": stay.priority, "display": _PRIORITIES[stay.priority]}
            ]
        },
        "subject": patient,
        "period": {"start": utc(stay.start), **({"end": utc(stay.end)} if stay.end else {})},
    }
    if stay.service:
        coding = {
            "system": "https://two-rivers.example/service",
            "code": stay.service.lower().replace(" ", "-"),
            "display": stay.service,
        }
        encounter["serviceType"] = {"coding": [coding], "text": stay.service}
    if conditions:
        encounter["diagnosis"] = [
            {"condition": {"reference": f"Condition/{c}"}, "rank": n} for n, c in enumerate(conditions, 1)
        ]
    if stay.disposition and stay.end:
        encounter["hospitalization"] = {
            "dischargeDisposition": {
                "coding": [{"system": "https://www.nubc.org/CodeSystem/PatDischargeStatus", "code": stay.disposition}]
            }
        }
    return encounter
