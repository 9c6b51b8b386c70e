"""The store: every version of every resource, as the text that was received, with `id` and `meta` set in it.

A version belongs to one generation. The newest that is not deleted is current and has index rows; a version that
replaces one of the base puts that one in the generation's shadow. Nothing is overwritten and nothing commits here.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from sandbox import audit
from sandbox.db import insert
from sandbox.errors import Conflict, Gone, NotFound, Stale
from sandbox.fhir import generations, index, parameters
from sandbox.fhir.generations import (
    Hospital,
    Scope,
    choose,
    default_hospital,
    generation,
    hospital,
    hospitals,
    mark,
    new_generation,
    new_hospital,
    private,
    row_number,
    shadow,
)
from sandbox.fhir.prepared import Prepared
from sandbox.fhir.text import Resource, edit_text, set_meta
from sandbox.fhir.versions import Stored, as_stored, digest, milliseconds, moment_of, values, version

__all__ = [
    "Hospital", "Scope", "Stored", "as_stored", "choose", "create", "default_hospital", "delete", "edit_text", "firsts",
    "history", "hospital", "hospitals", "mark", "new_generation", "new_hospital", "private", "publish", "put_many",
    "put_prepared", "read", "row_number", "shadowed", "stored", "update", "verify", "version", "vread",
]

BATCH = 1000


def put_many(
    conn: sa.Connection, ws: int, resources: Iterable[tuple[Resource, str]], *,
    updated: datetime | Callable[[Resource], datetime] | None = None,
) -> int:
    """Store many resources, each given parsed and as text, in a hospital that is being filled or in a workspace.

    Ids are kept as given, versions start at 1, or after that of the base which they replace. `updated` (UTC), an
    instant or a function that gives each its own, is by default 08:00 of the generation's day. Returns how many.
    Raises Conflict where an id is given twice; typed models are not asked.
    """
    found = conn.execute(sa.select(generation.c.base, generation.c.today).where(generation.c.ws == ws)).one()
    moment = updated or audit.opening(found.today)
    when = moment if callable(moment) else lambda _: moment
    source, total = iter(resources), 0
    while batch := list(islice(source, BATCH)):
        _put_batch(conn, Scope(ws, found.base), batch, when)
        total += len(batch)
    return total


def put_prepared(conn: sa.Connection, ws: int, prepared: Prepared, moment: datetime) -> None:
    """Store what `prepare` made ready for this hospital and `moment`. Conflict where it does not come next."""
    first = generations.claim(conn, ws, len(prepared.names))
    if first != prepared.first:
        raise Conflict(f"Row {first} of hospital {ws} comes next, and row {prepared.first} was made ready.")
    ready = enumerate(zip(prepared.names, prepared.texts, strict=True), first)
    _insert_versions(conn, [values(ws, kind, id, 1, row, moment, text, False) for row, ((kind, id), text) in ready])
    index.write(conn, prepared.indexed)


def publish(conn: sa.Connection, ws: int, *, default: bool) -> None:
    """Close a hospital for good and count it. With `default`, new workspaces open on it."""
    query = (sa.select(version.c.kind, sa.func.count()).where(version.c.ws == ws, version.c.current)
             .group_by(version.c.kind))
    generations.finish(conn, ws, {row[0]: row[1] for row in conn.execute(query)}, default=default)
    if conn.dialect.name == "postgresql":  # SQLite's plans are told by the shape of our queries
        for table in (version, *index.TABLES.values()):
            conn.execute(sa.text(f"ANALYZE {table.name}"))


def read(conn: sa.Connection, scope: Scope, kind: str, id: str) -> Stored:
    """The current version; NotFound where there never was one, Gone where it was deleted."""
    row = _newest(conn, scope, kind, id)
    if row is None:
        raise NotFound(f"There is no {kind}/{id} here.")
    if row.deleted:
        raise Gone(f"{kind}/{id} was deleted.", hint="Its history can still be read.")
    return as_stored(row)


def vread(conn: sa.Connection, scope: Scope, kind: str, id: str, number: int) -> Stored:
    """One version; NotFound where there is none, Gone where that version is the deletion."""
    possible = 0 < number < 2**31
    row = conn.execute(_versions(scope, kind, id).where(version.c.version == number)).first() if possible else None
    if row is None:
        raise NotFound(f"There is no version {number} of {kind}/{id} here.")
    if row.deleted:
        raise Gone(f"Version {number} is where {kind}/{id} was deleted.", hint="Read the version before it.")
    return as_stored(row)


def history(conn: sa.Connection, scope: Scope, kind: str, id: str) -> list[Stored]:
    """Every version, newest first, deletions among them; NotFound where there never was one."""
    found = [as_stored(row) for row in conn.execute(_versions(scope, kind, id))]
    if not found:
        raise NotFound(f"There is no {kind}/{id} here.")
    return found


def create(conn: sa.Connection, scope: Scope, resource: Resource, text: str, *, at: datetime) -> Stored:
    """Store version 1 under a new id, whatever id the resource came with."""
    return _write(conn, scope, resource["resourceType"], secrets.token_hex(8), resource, text, at, before=None)


def update(
    conn: sa.Connection, scope: Scope, kind: str, id: str, resource: Resource, text: str, *, at: datetime,
    if_match: int | None = None,
) -> Stored:
    """Store the next version; where there was none, the first (`created`).

    Raises Stale when `if_match` is not the newest version, or when another writer was quicker.
    """
    generations.claim(conn, scope.ws, 0)  # other writers to this workspace wait before they look
    before = _newest(conn, scope, kind, id)
    _match(kind, id, before, if_match)
    return _write(conn, scope, kind, id, resource, text, at, before)


def delete(
    conn: sa.Connection, scope: Scope, kind: str, id: str, *, at: datetime, if_match: int | None = None,
) -> Stored:
    """Store a deletion as the next version. NotFound where there was nothing; deleting again changes nothing."""
    generations.claim(conn, scope.ws, 0)
    before = _newest(conn, scope, kind, id)
    if before is None:
        raise NotFound(f"There is no {kind}/{id} here.")
    _match(kind, id, before, if_match)
    if before.deleted:
        return as_stored(before)
    return _write(conn, scope, kind, id, None, "", at, before)


def stored(conn: sa.Connection, ws: int, kind: str | None = None) -> Iterator[Stored]:
    """The current versions of one generation alone (without its base), in the order they were stored."""
    mine: sa.ColumnElement[bool] = version.c.row.between(*generations.rows(ws))
    if kind is not None:
        mine &= (version.c.ws == ws) & (version.c.kind == kind)
    for row in conn.execute(_in_order(sa.select(version), mine)):
        yield as_stored(row)


def texts(conn: sa.Connection, ws: int, after: int = 0) -> Iterator[str]:
    """The texts of the same; `after` so many, those that came since, in a generation where nothing was replaced."""
    first, last = generations.rows(ws)
    return conn.execute(_in_order(sa.select(version.c.text), version.c.row.between(first + after, last))).scalars()


def _in_order(query: sa.Select[Any], mine: sa.ColumnElement[bool]) -> sa.Select[Any]:
    # Asked by row alone, SQLite walks the index in its order; asked by generation, it would sort all texts in memory.
    return query.where(mine, version.c.current).order_by(version.c.row).execution_options(yield_per=BATCH)


def firsts(conn: sa.Connection, ws: int, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Stored]:
    """The first version that a generation itself holds of each of these (kind, id); who has none is left out."""
    ids: dict[str, list[str]] = {}
    for kind, id in names:
        ids.setdefault(kind, []).append(id)
    found = {}
    for kind, some in ids.items():
        query = sa.select(version).where(version.c.ws == ws, version.c.kind == kind, version.c.id.in_(some))
        for row in conn.execute(query.order_by(version.c.version.desc())):
            found[kind, row.id] = as_stored(row)
    return found


def shadowed(conn: sa.Connection, ws: int) -> list[tuple[str, str]]:
    """Kind and id of each resource of the base that a generation has replaced or deleted."""
    query = sa.select(version.c.kind, version.c.id).join(shadow, shadow.c.row == version.c.row).where(shadow.c.ws == ws)
    return sorted((kind, id) for kind, id in conn.execute(query))


def verify(conn: sa.Connection, ws: int) -> list[tuple[str, str, int]]:
    """Kind, id and version of each version of a generation whose text is not what was stored."""
    query = sa.select(version.c.kind, version.c.id, version.c.version, version.c.text, version.c.digest)
    rows = conn.execute(query.where(version.c.ws == ws).execution_options(yield_per=BATCH))
    return [(row.kind, row.id, row.version) for row in rows if digest(row.text) != row.digest]


def _newest(conn: sa.Connection, scope: Scope, kind: str, id: str) -> Any:
    return conn.execute(_versions(scope, kind, id).limit(1)).first()


def _versions(scope: Scope, kind: str, id: str) -> sa.Select[Any]:
    if "\x00" in kind + id:  # PostgreSQL would refuse to look
        raise NotFound("There is no resource of such a name.")
    # Versions go on counting from the base's, so the highest is the newest, and the base's are the first.
    return (sa.select(version).where(version.c.ws.in_(scope.both), version.c.kind == kind, version.c.id == id)
            .order_by(version.c.version.desc()))


def _match(kind: str, id: str, before: Any, if_match: int | None) -> None:
    if if_match is None or (before is not None and before.version == if_match):
        return
    now = "is not here" if before is None else f"is at version {before.version}"
    raise Stale(f"{kind}/{id} {now}, and the change was made on version {if_match}.", hint="Read it again first.")


def _write(
    conn: sa.Connection, scope: Scope, kind: str, id: str, resource: Resource | None, text: str, at: datetime,
    before: Any,
) -> Stored:
    row = generations.claim(conn, scope.ws, 1)
    number = before.version + 1 if before is not None else 1
    moment = moment_of(milliseconds(at))
    if resource is not None:
        text = edit_text(text, id=id, version=number, last_updated=audit.stamp(moment))
    if before is not None and before.current:
        _retire(conn, scope, before)
    try:
        insert(conn, version, [values(scope.ws, kind, id, number, row, moment, text, resource is None)])
    except sa.exc.IntegrityError as error:
        raise Stale(f"Another change to {kind}/{id} came first.", hint="Read it again first.") from error
    if resource is not None:
        index.write(conn, index.rows(scope.ws, [(row, kind, resource)]))
    gone = before.text if before is not None and (kind, before.ws) == (parameters.KIND, scope.ws) else ""
    parameters.follow(conn, scope, [(row, kind, resource)] if resource is not None else [], gone)
    return Stored(kind, id, number, moment, text, resource is None, created=before is None or before.deleted)


def _retire(conn: sa.Connection, scope: Scope, before: Any) -> None:
    if before.ws != scope.ws:
        generations.hide(conn, scope.ws, [before.row])
        return
    conn.execute(sa.update(version).where(version.c.ws == before.ws, version.c.row == before.row).values(current=False))
    index.erase(conn, before.row)


def _put_batch(
    conn: sa.Connection, scope: Scope, batch: list[tuple[Resource, str]], when: Callable[[Resource], datetime],
) -> None:
    first = generations.claim(conn, scope.ws, len(batch))
    replaced = _replaced(conn, scope, [resource for resource, _ in batch])
    rows, entries = [], []
    for row, (resource, text) in enumerate(batch, first):
        kind, id = resource["resourceType"], resource["id"]
        number = replaced[kind, id].version + 1 if (kind, id) in replaced else 1
        moment = when(resource)
        edited = set_meta(resource, text, version=number, last_updated=audit.stamp(moment))
        rows.append(values(scope.ws, kind, id, number, row, moment, edited, False))
        entries.append((row, kind, resource))
    _insert_versions(conn, rows)
    index.write(conn, index.rows(scope.ws, entries))
    parameters.follow(conn, scope, entries)
    generations.hide(conn, scope.ws, [row.row for row in replaced.values() if row.current])


def _insert_versions(conn: sa.Connection, rows: list[tuple[Any, ...]]) -> None:
    try:
        insert(conn, version, rows)
    except sa.exc.IntegrityError as error:
        names = [f"{kind}/{id}" for _, kind, id, *_ in rows]
        twice = next((name for name in names if names.count(name) > 1), "A resource with one of these ids")
        raise Conflict(f"{twice} is already here.", hint="Give each an id of its own.") from error


def _replaced(conn: sa.Connection, scope: Scope, resources: list[Resource]) -> dict[tuple[str, str], Any]:
    """The base's versions that these resources stand in for."""
    if scope.base is None:
        return {}
    ids: dict[str, list[str]] = {}
    for resource in resources:
        ids.setdefault(resource["resourceType"], []).append(resource["id"])
    columns = (version.c.kind, version.c.id, version.c.version, version.c.row, version.c.current)
    found = {}
    for kind, some in ids.items():
        query = sa.select(*columns).where(version.c.ws == scope.base, version.c.kind == kind, version.c.id.in_(some))
        for row in conn.execute(query.order_by(version.c.version)):
            found[row.kind, row.id] = row
    return found
