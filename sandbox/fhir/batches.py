"""Batches: many resources made ready to be stored: the versions, and the index rows that find them.

Reading index rows out of a resource costs more than storing them and needs no database: another process can do it.
Neither half knows the generation or the row numbers, which are claimed only when the batch is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sandbox import audit
from sandbox.db import insert_rows
from sandbox.errors import Conflict
from sandbox.fhir import index
from sandbox.fhir.text import Resource, edit_text, written
from sandbox.fhir.versions import digest, milliseconds, version

#: (kind, id, version, updated, text, digest) of each resource.
Versions = list[tuple[Any, ...]]
TEXT = 4  # where a version's text stands
#: By type of index its rows, each with the place of its version in the batch.
Entries = dict[str, list[tuple[Any, ...]]]

_COLUMNS = ("ws", "row", "current", "deleted", "kind", "id", "version", "updated", "text", "digest")


def versions(
    resources: Iterable[tuple[Resource, str | None]], when: Callable[[Resource], datetime],
    before: Mapping[tuple[str, str], Any] | None = None,
) -> Versions:
    """Resources as versions, each with the text it came in, or None where this program made it.

    `when` says each one's instant (UTC); `before` holds the base's newest versions by kind and id.
    """
    found: Versions = []
    for resource, text in resources:
        kind, id, moment = resource["resourceType"], resource["id"], when(resource)
        number = before[kind, id].version + 1 if before and (kind, id) in before else 1
        stamp = audit.stamp(moment)
        edited = (written(resource, version=number, last_updated=stamp) if text is None
                  else edit_text(text, id=id, version=number, last_updated=stamp))
        found.append((kind, id, number, milliseconds(moment), edited, digest(edited)))
    return found


def entries(resources: Iterable[Resource]) -> Entries:
    """What finds each of them."""
    found: Entries = {name: [] for name in index.TABLES}
    for place, resource in enumerate(resources):
        for type_, row in index.extract(resource["resourceType"], resource):
            found[type_].append((place, *row))
    return found


def insert(conn: sa.Connection, ws: int, first: int, made: Versions, found_by: Entries) -> None:
    """Store a batch in a generation under the row numbers from `first` on; Conflict where an id is given twice."""
    rows = [(ws, row, True, False, *values) for row, values in enumerate(made, first)]
    try:
        insert_rows(conn, version, _COLUMNS, rows)
    except sa.exc.IntegrityError as error:
        names = [f"{kind}/{id}" for kind, id, *_ in made]
        twice = next((name for name in names if names.count(name) > 1), "A resource with one of these ids")
        raise Conflict(f"{twice} is already here.", hint="Give each an id of its own.") from error
    for type_, found in found_by.items():
        index.insert(conn, ws, type_, [(first + place, *values) for place, *values in found])
