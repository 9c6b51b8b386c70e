"""The store keeps every version, and what a workspace sees is its base less what it replaced."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from sandbox.db import Database
from sandbox.errors import Conflict, Gone, NotFound, Stale
from sandbox.fhir import store
from sandbox.fhir.store import Scope

TODAY = date(2026, 6, 30)
AT = datetime(2026, 6, 30, 14, 0, 0, 123456, tzinfo=UTC)


def patient(id: str, family: str = "Reyes") -> dict[str, Any]:
    """A small Patient."""
    return {"resourceType": "Patient", "id": id, "name": [{"family": family}]}


def pair(resource: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """A resource, parsed and as text."""
    return resource, orjson.dumps(resource).decode()


def hospital(conn: sa.Connection, *resources: dict[str, Any], name: str = "Two Rivers") -> int:
    """A published hospital with these resources."""
    ws = store.new_hospital(conn, name, TODAY)
    store.put_many(conn, ws, map(pair, resources))
    store.publish(conn, ws, default=False)
    return ws


def scope(conn: sa.Connection, *resources: dict[str, Any]) -> Scope:
    """A workspace over a hospital with these resources."""
    base = hospital(conn, *resources)
    return Scope(store.new_generation(conn, base, TODAY), base)


def test_what_was_received_is_what_is_served(db: Database) -> None:
    """Numbers keep their spelling and elements their order; only id and meta are set."""
    text = '{"resourceType":"Observation","status":"final","valueQuantity":{"value":72.50,"unit":"mg/dL"},"é":1e2}'
    with db.writing() as conn:
        here = scope(conn)
        made = store.create(conn, here, orjson.loads(text), text, at=AT)
    with db.reading() as conn:
        found = store.read(conn, here, "Observation", made.id)
    assert found.text == (
        f'{{"resourceType":"Observation","id":"{made.id}",'
        '"meta":{"versionId":"1","lastUpdated":"2026-06-30T14:00:00.123Z"},'
        '"status":"final","valueQuantity":{"value":72.50,"unit":"mg/dL"},"é":1e2}'
    )
    assert (found.version, found.updated) == (1, datetime(2026, 6, 30, 14, 0, 0, 123000, tzinfo=UTC))
    assert made == store.Stored(**{**vars(found), "created": True})


def test_a_change_to_a_base_resource_stays_in_the_workspace(db: Database) -> None:
    """Ada's edit is version 2 for her; Ben and the hospital still see version 1."""
    with db.writing() as conn:
        ada = scope(conn, patient("a"), patient("b"))
        assert ada.base is not None
        ben = Scope(store.new_generation(conn, ada.base, TODAY), ada.base)
        changed = store.update(conn, ada, "Patient", "a", *pair(patient("a", "Okafor")), at=AT)
        assert (changed.version, changed.created) == (2, False)
        assert store.read(conn, ada, "Patient", "a").resource["name"][0]["family"] == "Okafor"
        for other in (ben, Scope(ada.base)):
            assert store.read(conn, other, "Patient", "a").resource["name"][0]["family"] == "Reyes"
        assert [v.version for v in store.history(conn, ada, "Patient", "a")] == [2, 1]
        assert store.vread(conn, ada, "Patient", "a", 1).resource["name"][0]["family"] == "Reyes"
        assert store.shadowed(conn, ada.ws) == [("Patient", "a")]
        assert store.shadowed(conn, ben.ws) == []
        assert [found.id for found in store.stored(conn, ada.ws)] == ["a"]


def test_a_deleted_resource_is_gone_and_can_come_back(db: Database) -> None:
    """Deleting is a version; deleting again changes nothing; an update brings it back as the next version."""
    with db.writing() as conn:
        ada = scope(conn, patient("a"))
        assert store.delete(conn, ada, "Patient", "a", at=AT).version == 2
        assert store.delete(conn, ada, "Patient", "a", at=AT).version == 2
        with pytest.raises(Gone):
            store.read(conn, ada, "Patient", "a")
        with pytest.raises(Gone):
            store.vread(conn, ada, "Patient", "a", 2)
        back = store.update(conn, ada, "Patient", "a", *pair(patient("a")), at=AT)
        assert (back.version, back.created) == (3, True)
        assert [v.deleted for v in store.history(conn, ada, "Patient", "a")] == [False, True, False]
        assert next(store.stored(conn, ada.ws, "Patient")).version == 3
        assert list(store.stored(conn, ada.ws, "Encounter")) == []


def test_what_is_not_here_is_not_found(db: Database) -> None:
    """Reading, its versions, its history and deleting all say so."""
    with db.writing() as conn:
        ada = scope(conn, patient("a"))
        for ask in (lambda: store.read(conn, ada, "Patient", "x"), lambda: store.history(conn, ada, "Patient", "x"),
                    lambda: store.vread(conn, ada, "Patient", "a", 9), lambda: store.read(conn, ada, "Encounter", "a"),
                    lambda: store.delete(conn, ada, "Patient", "x", at=AT),
                    lambda: store.new_generation(conn, 99, TODAY),
                    lambda: store.hospital(conn, ada.ws), lambda: store.new_generation(conn, ada.ws, TODAY)):
            with pytest.raises(NotFound):
                ask()


def test_an_edit_on_an_older_version_is_stale(db: Database) -> None:
    """If-Match must name the newest version, for updates and deletions, and cannot match what is not there."""
    with db.writing() as conn:
        ada = scope(conn, patient("a"))
        store.update(conn, ada, "Patient", "a", *pair(patient("a")), at=AT, if_match=1)
        for stale in (lambda: store.update(conn, ada, "Patient", "a", *pair(patient("a")), at=AT, if_match=1),
                      lambda: store.delete(conn, ada, "Patient", "a", at=AT, if_match=1),
                      lambda: store.update(conn, ada, "Patient", "new", *pair(patient("new")), at=AT, if_match=1)):
            with pytest.raises(Stale):
                stale()
        assert store.read(conn, ada, "Patient", "a").version == 2


def test_a_published_hospital_never_changes(db: Database) -> None:
    """Neither by bulk nor by a single write."""
    with db.writing() as conn:
        ws = hospital(conn, patient("a"))
        for write in (lambda: store.put_many(conn, ws, [pair(patient("b"))]),
                      lambda: store.update(conn, Scope(ws), "Patient", "a", *pair(patient("a")), at=AT),
                      lambda: store.delete(conn, Scope(ws), "Patient", "a", at=AT),
                      lambda: store.create(conn, Scope(ws), *pair(patient("a")), at=AT)):
            with pytest.raises(Conflict):
                write()


def test_hospitals_are_counted_and_one_is_the_default(db: Database) -> None:
    """The one that was chosen, or none; one being filled is listed but cannot be opened."""
    with db.writing() as conn:
        assert store.default_hospital(conn) is None
        first = hospital(conn, patient("a"), patient("b"), {"resourceType": "Encounter", "id": "e"}, name="First")
        hospital(conn, name="Second")
        filling = store.new_hospital(conn, "Third", TODAY, digest="d")
        assert store.default_hospital(conn) is None
        store.publish(conn, first, default=True)
        default = store.default_hospital(conn)
        assert default is not None and default.ws == first
        found = store.hospitals(conn)
        assert [(h.name, h.default, h.complete) for h in found] == [
            ("First", True, True), ("Second", False, True), ("Third", False, False)]
        assert found[0].counts == {"Encounter": 1, "Patient": 2}
        with pytest.raises(NotFound):
            store.new_generation(conn, filling, TODAY)


def test_planting_over_a_base_resource_replaces_it(db: Database) -> None:
    """It becomes the next version; an id given twice is refused; more than one batch keeps its order."""
    with db.writing() as conn:
        ada = scope(conn, patient("p1"), patient("p2"))
        many = [patient(f"p{n}", "Lund") for n in range(2, 2300)]
        assert store.put_many(conn, ada.ws, map(pair, many)) == 2298
        assert store.read(conn, ada, "Patient", "p2").version == 2
        assert store.read(conn, ada, "Patient", "p1").version == 1
        assert store.shadowed(conn, ada.ws) == [("Patient", "p2")]
        assert [found.id for found in store.stored(conn, ada.ws)] == [f"p{n}" for n in range(2, 2300)]
        assert store.read(conn, ada, "Patient", "p3").updated == datetime(2026, 6, 30, 13, 0, tzinfo=UTC)
    with pytest.raises(Conflict, match="Patient/q"), db.writing() as conn:
        store.put_many(conn, ada.ws, [pair(patient("r")), pair(patient("q")), pair(patient("q"))])
    with pytest.raises(Conflict), db.writing() as conn:
        store.put_many(conn, ada.ws, [pair(patient("p3"))])


def test_a_mark_grows_with_every_write(db: Database) -> None:
    """Creates, updates and deletions move it; reads do not."""
    with db.writing() as conn:
        ada = scope(conn, patient("a"))
        marks = [store.mark(conn, ada.ws)]
        store.update(conn, ada, "Patient", "a", *pair(patient("a")), at=AT)
        marks.append(store.mark(conn, ada.ws))
        store.delete(conn, ada, "Patient", "a", at=AT)
        marks.append(store.mark(conn, ada.ws))
        store.history(conn, ada, "Patient", "a")
        marks.append(store.mark(conn, ada.ws))
    assert marks[0] < marks[1] < marks[2] == marks[3]


def test_a_damaged_text_is_found(db: Database) -> None:
    """The digest tells which version is not what was stored."""
    with db.writing() as conn:
        ws = hospital(conn, patient("a"), patient("b"))
        assert store.verify(conn, ws) == []
        conn.execute(sa.update(store.version).where(store.version.c.id == "b").values(text="{}"))
        assert store.verify(conn, ws) == [("Patient", "b", 1)]


def test_of_fifty_writers_on_one_version_one_wins(db: Database) -> None:
    """All others are Stale; one new version stands."""
    with db.writing() as conn:
        ada = scope(conn, patient("a"))
    outcomes: list[str] = []
    barrier = threading.Barrier(50)

    def edit(number: int) -> None:
        barrier.wait()
        try:
            with db.writing() as conn:
                store.update(conn, ada, "Patient", "a", *pair(patient("a", f"N{number}")), at=AT, if_match=1)
            outcomes.append("won")
        except Stale:
            outcomes.append("stale")

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["stale"] * 49 + ["won"]
    with db.reading() as conn:
        assert [v.version for v in store.history(conn, ada, "Patient", "a")] == [2, 1]


def test_a_resource_takes_little_room(sqlite_db: Database) -> None:
    """At most 3.5 KB for each 2 KB resource, in SQLite, its index rows and all indexes with it."""
    note = "x" * 1300

    def observation(number: int) -> dict[str, Any]:
        code = {"coding": [{"system": "http://loinc.org", "code": f"{number % 300}-4"}]}
        return {
            "resourceType": "Observation", "id": f"0c7a1d8e-5a5e-4a8e-9d57-{number:012d}", "status": "final",
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
                                      "code": "laboratory"}]}], "code": code,
            "subject": {"reference": f"Patient/1c7a1d8e-5a5e-4a8e-9d57-{number % 700:012d}"},
            "encounter": {"reference": f"Encounter/2c7a1d8e-5a5e-4a8e-9d57-{number % 4000:012d}"},
            "identifier": [{"system": "https://two-rivers.example/result", "value": f"R{number}"}],
            "effectiveDateTime": f"2026-0{number % 6 + 1}-1{number % 9}T1{number % 10}:00:00-05:00",
            "valueQuantity": {"value": number, "unit": "mg/dL"}, "note": [{"text": note}],
        }

    count = 4000
    with sqlite_db.writing() as conn:
        empty = conn.exec_driver_sql("PRAGMA page_count").scalar_one()  # other rooms' tables
        ws = store.new_hospital(conn, "Full", TODAY)
        store.put_many(conn, ws, (pair(observation(number)) for number in range(count)))
        pages, size = (conn.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size"))
        length = conn.execute(sa.select(sa.func.avg(sa.func.length(store.version.c.text)))).scalar_one()
    assert 1950 < length < 2100
    assert (pages - empty) * size / count <= 3500
