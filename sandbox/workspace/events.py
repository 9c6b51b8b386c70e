"""A workspace's own trail among its AuditEvents: what the learner does, she can find, as she finds what others did.

The entries are rendered and searched in a small database in memory, so that every parameter means what it means
elsewhere. They stand together in the list: the hospital's events are older, so they come first, or last when the
first key of the sort counts down.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
import sqlalchemy as sa

from sandbox import audit
from sandbox.audit import Entry
from sandbox.errors import NotFound
from sandbox.fhir import generations, index, search, store
from sandbox.fhir.question import understand
from sandbox.fhir.search import Page
from sandbox.fhir.store import Scope, Stored

KIND, PREFIX = "AuditEvent", "trail-"
_TABLES = [generations.generation, generations.shadow, store.version, *index.TABLES.values()]


def is_own(kind: str, id: str) -> bool:
    """Whether this names an entry of the trail and not a stored resource."""
    return kind == KIND and id.startswith(PREFIX)


def read(conn: sa.Connection, chain: str, id: str) -> Stored:
    """One entry as a version that can be served; NotFound where the trail has no such entry."""
    number = id.removeprefix(PREFIX)
    found = audit.read(conn, chain, after=int(number) - 1, limit=1) if number.isdecimal() and len(number) < 10 else []
    if not found or str(found[0].seq) != number:
        raise NotFound(f"There is no {KIND}/{id} here.")
    return _stored(found[0])


def page(
    conn: sa.Connection, scope: Scope, chain: str, params: Sequence[tuple[str, str]], *, whole: bool = False,
) -> Page:
    """A search of AuditEvents as `search` does it, the trail's entries among what is found."""
    question = understand(KIND, params)
    entries = audit.read(conn, chain)
    own = _search(entries, [(name, value) for name, value in question.asked if name not in _PAGING]) if entries else []
    if not own:
        return search.search(conn, scope, KIND, params, whole=whole)
    first = bool(question.orders) and question.orders[0].down
    if whole:
        others = search.search(conn, scope, KIND, params, whole=True)
        matches = [*own, *others.matches] if first else [*others.matches, *own]
        return replace(others, matches=matches, total=len(matches))
    rest = [(name, value) for name, value in question.asked if name not in _CUTTING]
    skip = max(0, question.offset - len(own)) if first else question.offset
    mine = own[question.offset : question.offset + question.count] if first else []
    window = [("_offset", str(skip)), ("_count", str(question.count - len(mine)))]
    others = search.search(conn, scope, KIND, [*rest, *window])
    before = others.total or 0
    if not first:
        start, room = max(0, question.offset - before), question.count - len(others.matches)
        mine = own[start : start + room]
    total, end = before + len(own), question.offset + question.count
    onward = [(name, value) for name, value in question.asked if name != "_offset"]
    return Page(
        total=total if question.total else None, included=others.included,
        matches=[*mine, *others.matches] if first else [*others.matches, *mine],
        next=[*onward, ("_offset", str(end))] if end < total and question.count else None,
    )


def as_fhir(entry: Entry) -> dict[str, Any]:
    """The entry as an R4 AuditEvent in the manner of IHE Basic Audit (BALP), with id `trail-<seq>`."""
    agent = {
        "type": _coding("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient"),
        "role": [{"text": entry.agent.role}],
        "who": {"identifier": {"value": entry.agent.id}, "display": entry.agent.name or entry.agent.id},
        "name": entry.agent.name or entry.agent.id,
        "requestor": True,
    }
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": f"trail-{entry.seq}",
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest",
                 "display": "RESTful Operation"},
        "subtype": [_subtype(entry.subtype)],
        "action": entry.action,
        "recorded": audit.stamp(entry.at),
        "outcome": entry.outcome,
        "agent": [agent],
        "source": {"observer": {"display": "Two Seats"}},
    }
    if entry.note:
        event["outcomeDesc"] = entry.note
    entities = _entities(entry)
    if entities:
        event["entity"] = entities
    return event


_CUTTING = frozenset({"_offset", "_count", "_total"})
_PAGING = _CUTTING | {"_include", "_revinclude"}


def _search(entries: list[Entry], params: list[tuple[str, str]]) -> list[Stored]:
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    try:
        with engine.connect() as memory:
            for table in _TABLES:
                table.create(memory)
            when = {f"{PREFIX}{entry.seq}": entry.at for entry in entries}
            ws = store.new_hospital(memory, "trail", entries[0].at.date())
            resources = (as_fhir(entry) for entry in entries)
            store.put_many(memory, ws, ((one, orjson.dumps(one).decode()) for one in resources),
                           updated=lambda resource: when[resource["id"]])
            return search.search(memory, Scope(ws), KIND, params, whole=True).matches
    finally:
        engine.dispose()


def _stored(entry: Entry) -> Stored:
    id = f"{PREFIX}{entry.seq}"
    text = orjson.dumps(as_fhir(entry)).decode()
    edited = store.edit_text(text, id=id, version=1, last_updated=audit.stamp(entry.at))
    return Stored(KIND, id, 1, entry.at, edited)


def _subtype(code: str) -> dict[str, Any]:
    if code == "export":
        return {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110106", "display": "Export"}
    return {"system": "http://hl7.org/fhir/restful-interaction", "code": code}


def _coding(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _entities(entry: Entry) -> list[dict[str, Any]]:
    kinds = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
    roles = "http://terminology.hl7.org/CodeSystem/object-role"
    entities: list[dict[str, Any]] = []
    if entry.kind and entry.id:
        version = f"/_history/{entry.version}" if entry.version else ""
        entities.append({"what": {"reference": f"{entry.kind}/{entry.id}{version}"},
                         "type": {"system": kinds, "code": "2", "display": "System Object"},
                         "role": {"system": roles, "code": "4", "display": "Domain Resource"}})
    if entry.query:
        entities.append({"type": {"system": kinds, "code": "2", "display": "System Object"},
                         "role": {"system": roles, "code": "24", "display": "Query"},
                         "query": base64.b64encode(entry.query.encode()).decode()})
    if entry.patient:
        entities.append({"what": {"reference": f"Patient/{entry.patient}"},
                         "type": {"system": kinds, "code": "1", "display": "Person"},
                         "role": {"system": roles, "code": "1", "display": "Patient"}})
    return entities
