"""A workspace's own trail among its AuditEvents: what the learner does, she can find, as she finds what others did.

The entries are rendered and searched in a small database in memory, so that every parameter means what it means
elsewhere. They stand together in the list: the hospital's events are older, so they come first, or last when the
first key of the sort counts down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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
            resources = (audit.as_fhir(entry) for entry in entries)
            store.put_many(memory, ws, ((one, orjson.dumps(one).decode()) for one in resources),
                           updated=lambda resource: when[resource["id"]])
            return search.search(memory, Scope(ws), KIND, params, whole=True).matches
    finally:
        engine.dispose()


def _stored(entry: Entry) -> Stored:
    id = f"{PREFIX}{entry.seq}"
    text = orjson.dumps(audit.as_fhir(entry)).decode()
    edited = store.edit_text(text, id=id, version=1, last_updated=audit.stamp(entry.at))
    return Stored(KIND, id, 1, entry.at, edited)
