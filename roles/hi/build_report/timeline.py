"""People and their visits, said briefly, and the FHIR resources that say the same.

Times are the hospital's own (America/Chicago); the resources carry UTC. Everything follows from its arguments: the
same person and salt give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
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
CLASSES = {
    "IMP": "inpatient encounter",
    "ACUTE": "inpatient acute",
    "EMER": "emergency",
    "OBSENC": "observation encounter",
    "AMB": "ambulatory",
}
_PRIORITIES = {"EM": "emergency", "UR": "urgent", "EL": "elective", "R": "routine"}
HL7 = "http://terminology.hl7.org/CodeSystem/"


@dataclass(frozen=True)
class Visit:
    """A visit as what hangs on it refers to it: its own ids, and `mark`, from which further ids are made."""

    encounter: str
    patient: str
    mark: str

    def id(self, letter: str, n: object = 0) -> str:
        """An id of something that belongs to this visit."""
        return known_as(letter, self.mark, n)


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


class Born(Protocol):
    """Whoever a Patient resource is about."""

    @property
    def born(self) -> date:
        """Day of birth."""

    @property
    def died(self) -> datetime | None:
        """Moment of death, on the hospital's clock."""


class Planted(Born, Protocol):
    """Somebody in a pattern: what the record says of her, and the ids under which a list can show her."""

    def ids(self, salt: str) -> tuple[str, ...]:
        """The keys of lists that are hers, in order."""

    def resources(self, salt: str) -> Iterator[Resource]:
        """Everything the record says of her."""


@dataclass(frozen=True)
class Person:
    """One human being and her visits, in order."""

    stays: tuple[Stay, ...]
    died: datetime | None = None
    born: date = date(1951, 4, 9)

    def ids(self, salt: str) -> tuple[str, ...]:
        """The ids of her visits, in order."""
        return tuple(known_as("e", salt, n) for n, _ in enumerate(self.stays))

    def resources(self, salt: str) -> Iterator[Resource]:
        """Patient (two, when merged), then Conditions and Encounter for each visit."""
        records = 1 + max((s.record for s in self.stays), default=0)
        for record in range(records):
            yield patient(self, salt, record, replaced=record < records - 1)
        for n, stay in enumerate(self.stays):
            yield from _visit(stay, salt, n)


@dataclass(frozen=True)
class Seen:
    """A planted pattern as it can be found again: the keys of its lines, encounters or whatever the list's first
    column holds."""

    pattern: str
    encounters: tuple[str, ...]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of the hospital's own clock."""
    return datetime(day.year, day.month, day.day, hour, minute)


def later(day: date, days: int) -> date:
    """The date so many days on."""
    return day + timedelta(days=days)


def _visit(stay: Stay, salt: str, n: int) -> Iterator[Resource]:
    """Conditions, the Encounter and what hangs on it."""
    subject = {"reference": f"Patient/{known_as('p', salt, stay.record)}"}
    encounter = known_as("e", salt, n)
    conditions = [
        _condition(code, known_as("c", salt, f"{n}.{k}"), subject, encounter, stay) for k, code in enumerate(stay.codes)
    ]
    yield from conditions
    visit = Visit(encounter, known_as("p", salt, stay.record), f"{salt}.{n}")
    written = _encounter(stay, encounter, subject, [str(c["id"]) for c in conditions])
    for one in stay.attached:
        written |= one.fields(visit)
    yield written
    for one in stay.attached:
        yield from one.resources(visit)


def _digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


def known_as(letter: str, salt: str, n: object) -> str:
    """The id of the n-th thing of a kind (one letter) that somebody with this salt has."""
    return f"{letter}-{_digest(letter, salt, n)[:10]}"


def utc(moment: datetime) -> str:
    """A moment of the hospital's clock as the record writes it, in UTC."""
    return moment.replace(tzinfo=ZONE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def patient(person: Born, salt: str, record: int, *, replaced: bool, sex: str = "") -> Resource:
    """Her Patient resource, or her n-th, which the next one replaced; without a `sex` the salt chooses one."""
    seed = int(_digest("name", salt)[:8], 16)
    gender = sex or ("female", "male")[seed % 2]
    name = {"use": "official", "family": _FAMILY[seed // 7 % len(_FAMILY)], "given": [_GIVEN[gender][seed // 3 % 10]]}
    said: Resource = {
        "resourceType": "Patient",
        "id": known_as("p", salt, record),
        "active": not replaced,
        "identifier": [
            {
                "use": "usual",
                "type": {"coding": [{"system": f"{HL7}v2-0203", "code": "MR"}]},
                "system": "https://two-rivers.example/mrn",
                "value": f"7{int(_digest('mrn', salt, record)[:8], 16) % 10**7:07d}",
            }
        ],
        "name": [name],
        "gender": gender,
        "birthDate": person.born.isoformat(),
    }
    if person.died:
        said["deceasedDateTime"] = utc(person.died)
    if replaced:
        said["link"] = [{"other": {"reference": f"Patient/{known_as('p', salt, record + 1)}"}, "type": "replaced-by"}]
    return said


def _condition(code: str, id: str, patient: Resource, encounter: str, stay: Stay) -> Resource:
    return {
        "resourceType": "Condition",
        "id": id,
        "subject": patient,
        "encounter": {"reference": f"Encounter/{encounter}"},
        "clinicalStatus": {"coding": [{"system": f"{HL7}condition-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{HL7}condition-ver-status", "code": "confirmed"}]},
        "category": [{"coding": [{"system": f"{HL7}condition-category", "code": "encounter-diagnosis"}]}],
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
        "class": {"system": f"{HL7}v3-ActCode", "code": stay.kind, "display": CLASSES[stay.kind]},
        "priority": {
            "coding": [
                {"system": f"{HL7}v3-ActPriority", "code": stay.priority, "display": _PRIORITIES[stay.priority]}
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
