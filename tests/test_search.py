"""Search finds what FHIR says it finds, on both databases, over base, shadow and additions alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from test_store import TODAY, pair

from sandbox.db import Database
from sandbox.errors import BadInput, NotFound
from sandbox.fhir import store
from sandbox.fhir.search import search
from sandbox.fhir.store import Scope

LOINC, UNITS = "http://loinc.org", "http://terminology.hl7.org/CodeSystem/observation-category"


def observation(id: str, code: str, patient: str, when: str, *, status: str = "final", **more: Any) -> dict[str, Any]:
    """An Observation of a patient."""
    return {"resourceType": "Observation", "id": id, "status": status, "effectiveDateTime": when,
            "code": {"coding": [{"system": LOINC, "code": code}], "text": code},
            "category": [{"coding": [{"system": UNITS, "code": "laboratory"}]}],
            "subject": {"reference": f"Patient/{patient}"}, "encounter": {"reference": f"Encounter/e-{patient}"},
            **more}


def person(id: str, family: str, given: str, born: str, mrn: str) -> dict[str, Any]:
    """A Patient with a medical record number."""
    return {"resourceType": "Patient", "id": id, "active": True, "gender": "female", "birthDate": born,
            "identifier": [{"system": "https://two-rivers.example/mrn", "value": mrn}],
            "name": [{"family": family, "given": given.split()}]}


def encounter(id: str, patient: str, start: str, end: str | None, code: str) -> dict[str, Any]:
    """An Encounter of a class."""
    return {"resourceType": "Encounter", "id": id, "status": "finished" if end else "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code},
            "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "185345009"}]}],
            "subject": {"reference": f"Patient/{patient}"}, "period": {"start": start, **({"end": end} if end else {})}}


BASE = [
    person("ada", "Ñúñez-O'Brien", "Ada Marie", "1980-05-01", "MR1"),
    person("ben", "Brook", "Ben", "1980", "MR2"),
    person("old", "Lund", "Olga", "1940-02-29", "MR3"),
    {"resourceType": "Patient", "id": "bare"},
    encounter("e-ada", "ada", "2026-05-14T22:00:00-05:00", "2026-05-18T10:00:00-05:00", "IMP"),
    encounter("e-ben", "ben", "2026-05-18T09:00:00-05:00", None, "EMER"),
    observation("o1", "718-7", "ada", "2026-05-15T06:00:00-05:00"),
    observation("o2", "718-7", "ada", "2026-05-16T06:00:00-05:00", status="amended"),
    observation("o3", "2345-7", "ben", "2026-05-18"),
    observation("o4", "2345-7", "old", "2026-05-18T23:30:00-05:00"),  # the 19th in UTC
    {"resourceType": "Organization", "id": "org", "name": "Two Rivers Medical Center"},
]


class House:
    """A workspace over BASE in which `o2` was changed, `old` deleted and `o5` added."""

    def __init__(self, conn: sa.Connection) -> None:
        self.conn = conn
        base = store.new_hospital(conn, "Two Rivers", TODAY)
        store.put_many(conn, base, map(pair, BASE))
        store.publish(conn, base, default=True)
        self.scope = Scope(store.new_generation(conn, base, TODAY), base)
        at = datetime(2026, 6, 30, 14, tzinfo=UTC)
        changed = observation("o2", "718-7", "ben", "2026-05-16T06:00:00-05:00")
        store.update(conn, self.scope, "Observation", "o2", *pair(changed), at=at)
        store.delete(conn, self.scope, "Patient", "old", at=at)
        added = observation("o5", "33747-0", "ada", "2026-06-30T09:00:00-05:00")
        store.update(conn, self.scope, "Observation", "o5", *pair(added), at=at)

    def find(self, kind: str, *params: tuple[str, str]) -> str:
        """The ids found, sorted, as one string."""
        page = search(self.conn, self.scope, kind, params)
        assert page.total == len(page.matches)
        whole = search(self.conn, self.scope, kind, params, whole=True)
        assert [one.id for one in whole.matches] == [one.id for one in page.matches]
        return " ".join(sorted(one.id for one in page.matches))


@pytest.fixture
def house(db: Database) -> Iterator[House]:
    """That workspace."""
    with db.writing() as conn:
        yield House(conn)


ASKED = [
    ("Patient", "", "ada bare ben"),
    ("Patient", "_id=ada", "ada"),
    ("Patient", "_id=ada,bare,old,nobody", "ada bare"),
    ("Patient", "family=nunez", "ada"),
    ("Patient", "family=BRO", "ben"),
    ("Patient", "family=rook", ""),
    ("Patient", "family:contains=rook", "ben"),
    ("Patient", "family:contains=%", ""),
    ("Patient", "family:exact=Brook", "ben"),
    ("Patient", "family:exact=brook", ""),
    ("Patient", "name=marie", "ada"),
    ("Patient", "name=marie&name=nunez", "ada"),
    ("Patient", "name=marie&name=brook", ""),
    ("Patient", "name=marie,ben", "ada ben"),
    ("Patient", "name:missing=true", "bare"),
    ("Patient", "name:missing=false", "ada ben"),
    ("Patient", "gender=female", "ada ben"),
    ("Patient", "gender:not=female", "bare"),
    ("Patient", "identifier=MR1", "ada"),
    ("Patient", "identifier=https://two-rivers.example/mrn|MR2", "ben"),
    ("Patient", "identifier=https://two-rivers.example/mrn|", "ada ben"),
    ("Patient", "identifier=|MR1", ""),
    ("Patient", "identifier=https://elsewhere.example|MR1", ""),
    ("Patient", "birthdate=1980", "ada ben"),
    ("Patient", "birthdate=1980-05-01", "ada"),
    ("Patient", "birthdate=ne1980-05-01", "ben"),
    ("Patient", "birthdate=ge1980-05-02", "ben"),  # some of her year is after
    ("Patient", "birthdate=gt1980", ""),
    ("Patient", "birthdate=lt1980-05-01", "ben"),
    ("Patient", "birthdate=1940-02-29", ""),
    ("Observation", "patient=ada", "o1 o5"),
    ("Observation", "patient=Patient/ada", "o1 o5"),
    ("Observation", "subject=Patient/ben", "o2 o3"),
    ("Observation", "subject=ben", "o2 o3"),
    ("Observation", "subject:Patient=ben", "o2 o3"),
    ("Observation", "subject=Group/ben", ""),
    ("Observation", "patient=Group/ben", ""),
    ("Observation", "patient:missing=true", ""),
    ("Observation", "patient:missing=false", "o1 o2 o3 o4 o5"),
    ("Observation", "patient=ada,ben", "o1 o2 o3 o5"),
    ("Observation", "patient=ada&patient=ben", ""),
    ("Observation", "patient=ada&code=718-7", "o1"),
    ("Observation", "code=http://loinc.org|718-7&status=final", "o1 o2"),
    ("Observation", "code:not=718-7", "o3 o4 o5"),
    ("Observation", "code:not=718-7,2345-7", "o5"),
    ("Observation", "status:not=final", ""),
    ("Observation", "encounter=e-ada", "o1 o5"),
    ("Observation", "category=laboratory&code=2345-7", "o3 o4"),
    ("Observation", "date=2026-05-18", "o3 o4"),
    ("Observation", "date=2026-05", "o1 o2 o3 o4"),
    ("Observation", "date=gt2026-05-18", "o5"),
    ("Observation", "date=sa2026-05-18T10:00:00-05:00", "o4 o5"),
    ("Observation", "date=ge2026-05-16&date=lt2026-05-18", "o2"),
    ("Observation", "date=2026-05-15,2026-06", "o1 o5"),
    ("Observation", "date=2026-05-19T04:30:00Z", "o4"),
    ("Observation", "_lastUpdated=gt2026-06-30T13:30:00Z", "o2 o5"),
    ("Observation", "_lastUpdated=2026-06-30&_id=o1", "o1"),
    ("Encounter", "class=IMP", "e-ada"),
    ("Encounter", "class=http://terminology.hl7.org/CodeSystem/v3-ActCode|EMER", "e-ben"),
    ("Encounter", "type=185345009&status=finished", "e-ada"),
    ("Encounter", "date=2026-05-16", ""),  # a period that only overlaps is not equal
    ("Encounter", "date=2026-05", "e-ada"),
    ("Encounter", "date=ge2026-05-18", "e-ben"),  # her stay ends within that day: neither after it nor inside it
    ("Encounter", "date=gt2026-05-17", "e-ada e-ben"),
    ("Encounter", "date=lt2026-05-18", "e-ada"),
    ("Encounter", "date=gt2030", "e-ben"),  # an open end never ends
    ("Encounter", "date=eb2026-06", "e-ada"),
    ("Organization", "name=two rivers", "org"),
    ("Organization", "name=two\\, rivers", ""),
    ("Patient", "family=", "ada bare ben"),
    ("Patient", "_format=json", "ada bare ben"),
]


def test_each_search_finds_what_fhir_says(house: House) -> None:
    """A table of searches over base, shadow and additions; page and whole search agree, and so does the total."""
    wrong = {}
    for kind, query, expected in ASKED:
        params = [(part.partition("=")[0], part.partition("=")[2]) for part in query.split("&") if query]
        found = house.find(kind, *params)
        if found != expected:
            wrong[f"{kind}?{query}"] = f"{found!r}, not {expected!r}"
    assert wrong == {}


@pytest.mark.parametrize("params", [
    [("colour", "red")], [("code:text", "x")], [("date", "tomorrow")], [("date", "gt")], [("date", "2026-13")],
    [("_count", "many")], [("_count", "-1")], [("_sort", "colour")], [("_include", "Observation:colour")],
    [("_include", "Patient:organization")], [("_include", "*")], [("status:missing", "perhaps")], [("code", "a\x00b")],
    [("patient.name", "x")], [("_has:Observation:patient:code", "x")], [("_id:not", "x")], [("date:exact", "2026")],
])
def test_what_cannot_be_asked_is_named(house: House, params: list[tuple[str, str]]) -> None:
    """An unknown parameter, modifier or value is refused with its name in the message."""
    with pytest.raises(BadInput) as problem:
        search(house.conn, house.scope, "Observation", params)
    name, value = params[0]
    assert name in problem.value.message or value in problem.value.message


def test_an_unknown_type_is_not_found(house: House) -> None:
    """A type that R4 does not have."""
    with pytest.raises(NotFound):
        search(house.conn, house.scope, "Dragon", [])


def test_includes_follow_references_once(house: House) -> None:
    """Each target once, not deleted ones, and never what matched already."""
    page = search(house.conn, house.scope, "Observation",
                  [("_include", "Observation:subject"), ("_include", "Observation:encounter:Encounter"),
                   ("_sort", "_id")])
    assert [one.id for one in page.matches] == ["o1", "o2", "o3", "o4", "o5"]
    assert [f"{one.kind}/{one.id}" for one in page.included] == [
        "Patient/ada", "Patient/ben", "Encounter/e-ada", "Encounter/e-ben"]
    assert page.total == 5
    only = search(house.conn, house.scope, "Observation", [("_include", "Observation:patient"), ("patient", "ada")])
    assert [one.id for one in only.included] == ["ada"]
    none = search(house.conn, house.scope, "Observation", [("_include", "Observation:subject:Group")])
    assert none.included == []


def test_what_points_to_a_match_comes_with_it_where_asked(house: House) -> None:
    """`_revinclude`: of several types at once, each once, as the workspace has it; deleted and shadowed ones never."""
    page = search(house.conn, house.scope, "Patient", [
        ("_id", "ada"), ("_revinclude", "Observation:subject"), ("_revinclude", "Encounter:subject"),
        ("_revinclude", "Observation:patient")])
    assert [one.id for one in page.matches] == ["ada"]
    asked = {(kind, one.id) for kind in ("Observation", "Encounter")
             for one in search(house.conn, house.scope, kind, [("subject", "ada")]).matches}
    assert {(one.kind, one.id) for one in page.included} == asked
    assert len(page.included) == len(asked) > 2
    assert search(house.conn, house.scope, "Patient", [("_id", "bare"), ("_revinclude", "Observation:subject")]
                  ).included == []


@pytest.mark.parametrize("value", ["Observation:code", "Observation:colour", "Dragon:subject", "Observation", "*",
                                   "AuditEvent:patient", "Encounter:encounter"])
def test_what_cannot_point_here_is_refused_by_its_name(house: House, value: str) -> None:
    """A type or parameter that is none, one that is no reference, one that never points to a patient."""
    with pytest.raises(BadInput, match="_revinclude") as problem:
        search(house.conn, house.scope, "Patient", [("_revinclude", value)])
    assert value in problem.value.message and problem.value.hint


def test_sorting_puts_what_has_no_value_last(house: House) -> None:
    """Up and down, by string, date, token, id and time of change; two keys at once."""

    def order(kind: str, keys: str, **more: str) -> str:
        found = search(house.conn, house.scope, kind, [("_sort", keys), *more.items()]).matches
        return " ".join(one.id for one in found)

    assert order("Patient", "family") == "ben ada bare"
    assert order("Patient", "-family") == "ada ben bare"
    assert order("Patient", "birthdate") == "ben ada bare"
    assert order("Observation", "-date") == "o5 o4 o3 o2 o1"
    assert order("Observation", "code,-date") == "o4 o3 o5 o2 o1"
    assert order("Observation", "-_lastUpdated,_id") == "o2 o5 o1 o3 o4"
    assert order("Observation", "-_id", patient="ada") == "o5 o1"
    assert order("Encounter", "status") == "e-ada e-ben"


def test_a_total_can_be_left_out_and_a_count_can_be_nought(house: House) -> None:
    """`_total=none` gives none; `_count=0` gives only the total."""
    assert search(house.conn, house.scope, "Patient", [("_total", "none")]).total is None
    page = search(house.conn, house.scope, "Patient", [("_count", "0")])
    assert (page.total, page.matches, page.next) == (3, [], None)


def test_a_hospital_alone_can_be_searched(house: House) -> None:
    """A base chart sees what the workspace changed and deleted as it was."""
    assert house.scope.base is not None
    alone = Scope(house.scope.base)
    page = search(house.conn, alone, "Observation", [("patient", "ada"), ("_include", "Observation:patient")])
    assert [one.id for one in page.matches] == ["o1", "o2"]
    assert search(house.conn, alone, "Patient", []).total == 4


def test_no_two_parameters_share_a_number() -> None:
    """The numbers stand for names: a collision would mix two parameters up."""
    from sandbox.fhir.definitions import kinds, search_parameters
    from sandbox.fhir.values import parameter_number

    names = [(kind, p.name) for kind in kinds() for p in search_parameters(kind)]
    assert len({parameter_number(*name) for name in names}) == len(names)
