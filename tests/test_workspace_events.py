"""A workspace's own trail is found among the hospital's AuditEvents, and cannot be changed."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from test_store import TODAY, pair
from test_workspace import ADA, patient

from sandbox import workspace
from sandbox.db import Database
from sandbox.errors import NotAllowed, NotFound
from sandbox.fhir import store
from sandbox.fhir.resources import validate
from sandbox.workspace import Workspace


def event(number: int) -> dict[str, Any]:
    """One of the hospital's own AuditEvents, of the day before."""
    return {"resourceType": "AuditEvent", "id": f"base-{number}", "recorded": f"2026-06-29T1{number}:00:00-05:00",
            "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
            "action": "R", "agent": [{"requestor": True, "who": {"reference": "Practitioner/n"}}],
            "source": {"observer": {"display": "EHR"}}, "entity": [{"what": {"reference": "Patient/a"}}]}


def here(conn: sa.Connection) -> Workspace:
    """Ada's workspace over three events, in which she has read patient a, then b, then a."""
    ws = store.new_hospital(conn, "Two Rivers", TODAY)
    store.put_many(conn, ws, [pair(patient("a")), pair(patient("b")), *(pair(event(n)) for n in range(3))])
    store.publish(conn, ws, default=True)
    made = Workspace(conn, workspace.open(conn, owner="p-ada", base=ws, seed=1, scenario="s"), ADA)
    for id in ("a", "b", "a"):
        made.read("Patient", id)
    return made


def ids(found: list[dict[str, Any]]) -> str:
    """Their ids in one line."""
    return " ".join(one["id"] for one in found)


def test_her_own_clicks_are_among_what_she_audits(db: Database) -> None:
    """By patient, by time, by action; older first unless the sort counts down."""
    with db.writing() as conn:
        record = here(conn)
        quiet = Workspace(conn, record.info, ADA, record=False)
        assert ids(quiet.search("AuditEvent")) == "base-0 base-1 base-2 trail-1 trail-2 trail-3"
        assert ids(quiet.search("AuditEvent", {"patient": "b"})) == "trail-2"
        assert ids(quiet.search("AuditEvent", {"patient": "a", "_sort": "-date"})) == (
            "trail-3 trail-1 base-2 base-1 base-0")
        assert ids(quiet.search("AuditEvent", {"date": "lt2026-06-30"})) == "base-0 base-1 base-2"
        assert ids(quiet.search("AuditEvent", {"_id": "trail-2,base-1", "action": "R"})) == "base-1 trail-2"
        record.search("AuditEvent", {"_count": "1"})
        assert quiet.search("AuditEvent", {"action": "E"})[0]["subtype"][0]["code"] == "search-type"


@pytest.mark.parametrize("sort", ["date", "-date"])
def test_pages_run_through_both(db: Database, sort: str) -> None:
    """Whatever the size of a page, following `next` gives the whole list once, with one total."""
    with db.writing() as conn:
        quiet = Workspace(conn, here(conn).info, ADA, record=False)
        whole = ids(quiet.search("AuditEvent", {"_sort": sort}))
        for count in range(1, 8):
            params, paged = [("_sort", sort), ("_count", str(count))], []
            while params:
                page = quiet.page("AuditEvent", params)
                assert page.total == 6
                paged += page.resources
                params = page.next or []
            assert ids(paged) == whole
        assert quiet.page("AuditEvent", [("_count", "0"), ("_sort", sort)]).total == 6


def test_an_entry_can_be_read_but_not_changed(db: Database) -> None:
    """It is a valid AuditEvent of version 1; changing or deleting it is not allowed; others' numbers are not found."""
    with db.writing() as conn:
        record = here(conn)
        found = record.stored("AuditEvent", "trail-2")
        validate(found.resource)
        assert (found.version, found.resource["meta"]["versionId"]) == (1, "1")
        assert found.resource["entity"][-1]["what"] == {"reference": "Patient/b"}
        with pytest.raises(NotAllowed):
            record.update(found.text)
        with pytest.raises(NotAllowed):
            record.delete("AuditEvent", "trail-2")
        for wrong in ("trail-99", "trail-0", "trail-02", "trail-x", "trail-"):
            with pytest.raises(NotFound):
                record.read("AuditEvent", wrong)
        assert record.read("AuditEvent", "base-1")["id"] == "base-1"
