"""Patterns as FHIR resources, and the hospitals they stand in: one clean, two dirty with unequal multiplicities.

A person of a pattern is a short table: `key` (its letter), any of family, given, born, language, language_code,
interpreter, mrn ("none", or "of a": the same number as person a), active, site, address, city, state, postal_code,
race, detailed and ethnicity (lists of codes, "ASKU" and "UNK" of null flavors), race_text, visits (how many), and
`weights`: [{value, unit, absent}] of body weight (LOINC 29463-7).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from roles.hi.change_schema.definition import Params, Pattern
from sandbox.activity import Resource

EDITION = "1"
_HL7 = "http://terminology.hl7.org/CodeSystem/"
_RACE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
_OMB = "urn:oid:2.16.840.1.113883.6.238"
_INTERPRETER = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-interpreter-needed"
_FAMILY = ("Abara", "Bielak", "Cortez", "Dang", "Ewert", "Falk", "Grady", "Holm", "Idris", "Jansen", "Kovac", "Lunde")
_GIVEN = ("Ana", "Bo", "Carla", "Duc", "Eva", "Finn", "Gita", "Hugo", "Ida", "Jon")
_PARTS = {"race": "ombCategory", "ethnicity": "ombCategory"}
PLAIN = "plain"


@dataclass(frozen=True)
class Hospital:
    """So many copies of each pattern; `salt` tells its ids from all others'."""

    salt: str
    copies: tuple[tuple[Pattern, int], ...]

    @property
    def name(self) -> str:
        """Says everything that determines what is built."""
        said = json.dumps([EDITION, self.salt, [(asdict(p), n) for p, n in self.copies]], sort_keys=True)
        return f"change_schema-{hashlib.sha256(said.encode()).hexdigest()[:20]}"

    def people(self) -> Iterator[tuple[Pattern, dict[str, Mapping[str, Any]], dict[str, str]]]:
        """(pattern, people by letter, ids by letter) of each copy, in order."""
        for pattern, copies in self.copies:
            for n in range(copies):
                letters = {str(p["key"]): p for p in pattern.people}
                ids = {letter: _id("p", self.salt, pattern.name, n, letter) for letter in letters}
                yield pattern, letters, ids

    def build(self) -> list[Resource]:
        """Every resource of it."""
        found: list[Resource] = []
        for _, letters, ids in self.people():
            for letter, person in letters.items():
                found += _resources(person, ids[letter], _number(ids, letters, letter))
        return found

    @cached_property
    def setup(self) -> tuple[str, ...]:
        """What the request's own tables say of these people."""
        return tuple(_filled(insert, ids) for pattern, _, ids in self.people() for insert in pattern.inserts)

    @cached_property
    def pattern_of(self) -> Mapping[str, str]:
        """Ids of patients and of their weights, each to the pattern that brought it."""
        found = {}
        for pattern, letters, ids in self.people():
            for letter, id in ids.items():
                found[id] = pattern.name
                found.update({_id("o", id, n): pattern.name for n in range(len(letters[letter].get("weights", ())))})
        return found


def hidden(params: Params) -> tuple[Hospital, ...]:
    """A clean hospital, a dirty one with each pattern once, and one with unequal multiplicities."""
    plain = [p for p in params.patterns if p.name == PLAIN]
    dirty = [p for p in params.patterns if p.name != PLAIN]
    return (
        Hospital("clean", tuple((p, 24) for p in plain)),
        Hospital("dirty-1", (*((p, 12) for p in plain), *((p, 1) for p in dirty))),
        Hospital("dirty-2", (*((p, 9) for p in plain), *((p, 1 + (n * 2) % 3) for n, p in enumerate(dirty)))),
    )


def planted(params: Params, seed: int) -> Hospital:
    """What one learner's workspace gets: three patterns in five, so that her copy is untidy too, but not in all ways;
    and those that the request's own tables speak of."""
    dirty = [p for p in params.patterns if p.name != PLAIN]
    return Hospital(f"seed-{seed}", tuple((p, 1) for n, p in enumerate(dirty) if (n + seed) % 5 > 1 or p.inserts))


def _digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


def _id(letter: str, *parts: object) -> str:
    return f"{letter}-{_digest(letter, *parts)[:10]}"


def _filled(insert: str, ids: Mapping[str, str]) -> str:
    for letter, id in ids.items():
        insert = insert.replace(f"{{{letter}}}", id).replace(f"{{{letter}.mrn}}", _mrn(id))
    return insert


def _mrn(id: str) -> str:
    return f"7{int(_digest('mrn', id)[:8], 16) % 10**7:07d}"


def _number(ids: Mapping[str, str], letters: Mapping[str, Mapping[str, Any]], letter: str) -> str:
    """The person's MRN: her own, that of another letter, or none."""
    said = str(letters[letter].get("mrn", ""))
    return "" if said == "none" else _mrn(ids[said.removeprefix("of ") if said else letter])


def _resources(person: Mapping[str, Any], id: str, mrn: str) -> Iterator[Resource]:
    yield _patient(person, id, mrn)
    for n in range(int(person.get("visits", 1))):
        yield {"resourceType": "Encounter", "id": _id("e", id, n), "status": "finished",
               "class": {"system": f"{_HL7}v3-ActCode", "code": "AMB", "display": "ambulatory"},
               "subject": {"reference": f"Patient/{id}"},
               "period": {"start": f"2026-05-{1 + n:02d}T15:00:00Z", "end": f"2026-05-{1 + n:02d}T15:30:00Z"}}
    for n, weight in enumerate(person.get("weights", ())):
        yield _weight(weight, _id("o", id, n), id, n)


def _patient(person: Mapping[str, Any], id: str, mrn: str) -> Resource:
    seed = int(_digest("name", id)[:8], 16)
    patient: Resource = {
        "resourceType": "Patient", "id": id, "active": bool(person.get("active", True)),
        "name": [{"use": "official", "family": str(person.get("family", _FAMILY[seed % len(_FAMILY)])),
                  "given": [str(person.get("given", _GIVEN[seed // 13 % len(_GIVEN)]))]}],
        "gender": ("female", "male")[seed % 2],
    }
    if mrn:
        patient["identifier"] = [{"use": "usual", "type": {"coding": [{"system": f"{_HL7}v2-0203", "code": "MR"}]},
                                  "system": "https://two-rivers.example/mrn", "value": mrn}]
    if born := str(person.get("born", "1961-04-12")):
        patient["birthDate"] = born
    if language := person.get("language"):
        spoken: dict[str, Any] = {"text": str(language)}
        if code := person.get("language_code"):
            spoken["coding"] = [{"system": "urn:ietf:bcp:47", "code": str(code)}]
        patient["communication"] = [{"language": spoken, "preferred": True}]
    if interpreter := person.get("interpreter"):
        coding = {"system": "https://two-rivers.example/interp", "code": str(interpreter)}
        patient["extension"] = [{"url": _INTERPRETER, "valueCoding": coding}]
    if said := [*_said("race", person, ("race", "detailed")), *_said("ethnicity", person, ("ethnicity",))]:
        patient["extension"] = [*patient.get("extension", ()), *said]
    if site := person.get("site"):
        patient["managingOrganization"] = {"reference": f"Organization/{site}"}
    address = {name: str(person[said]) for name, said in (
        ("text", "address"), ("city", "city"), ("state", "state"), ("postalCode", "postal_code")) if person.get(said)}
    if address:
        patient["address"] = [{"use": "home", **address}]
    return patient


def _said(url: str, person: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[Resource]:
    """US Core's race or ethnicity extension with what was said; a text is always there (1..1)."""
    parts = [(_PARTS.get(name, name), str(code)) for name in names for code in person.get(name, ())]
    if not parts and not (url == "race" and "race_text" in person):
        return
    nulls = f"{_HL7}v3-NullFlavor"
    codings = [{"url": part, "valueCoding": {"system": nulls if code in ("ASKU", "UNK") else _OMB, "code": code}}
               for part, code in parts]
    text = {"url": "text", "valueString": str(person.get("race_text", "As said at the desk"))}
    yield {"url": f"{_RACE}{url}", "extension": [*codings, text]}


def _weight(weight: Mapping[str, Any], id: str, patient: str, n: int) -> Resource:
    found: Resource = {
        "resourceType": "Observation", "id": id, "status": "final",
        "category": [{"coding": [{"system": f"{_HL7}observation-category", "code": "vital-signs"}]}],
        "code": {"coding": [{"system": str(weight.get("system", "http://loinc.org")),
                             "code": str(weight.get("code", "29463-7"))}],
                 "text": str(weight.get("text", "Body weight"))},
        "subject": {"reference": f"Patient/{patient}"}, "effectiveDateTime": f"2026-06-{1 + n:02d}T14:00:00Z"}
    if "value" in weight:
        unit = {"unit": str(weight["unit"])} if weight.get("unit") else {}
        found["valueQuantity"] = {"value": weight["value"], **unit}
    else:
        found["dataAbsentReason"] = {"coding": [{"system": f"{_HL7}data-absent-reason", "code": str(weight["absent"])}]}
    return found


def all_ids(hospitals: Sequence[Hospital]) -> Mapping[str, str]:
    """Every id of these hospitals with its pattern."""
    return {id: pattern for hospital in hospitals for id, pattern in hospital.pattern_of.items()}
