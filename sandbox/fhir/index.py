"""Index rows: what a search finds a stored version by.

A row carries the number of one stored version, unique over all generations, so a search joins on it alone. Each table
is kept in two orders: by value within a generation, to drive a search, and by version, to test what another value
found. Only current versions have rows. `KEPT` says which parameters are kept; FHIR says where their values stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from sandbox import fhirpath
from sandbox.db import BINARY, insert, metadata
from sandbox.fhir import values
from sandbox.fhir.definitions import SearchParameter, search_parameters

Resource = dict[str, Any]

#: The parameters that can be asked for, wherever FHIR defines them as a token, reference, string or date.
KEPT = frozenset({
    "patient", "subject", "encounter", "code", "category", "date", "status", "name", "family", "identifier",
    "birthdate", "class", "type",
    "given", "gender", "clinical-status", "verification-status", "intent", "onset-date", "authoredon", "agent",
    "entity", "subtype", "action", "author", "practitioner", "participant", "location", "organization",
})


def _table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    keys = [column.name for column in columns]
    return sa.Table(
        name, metadata,
        sa.Column("ws", sa.Integer, nullable=False), sa.Column("param", sa.BigInteger, nullable=False), *columns,
        sa.Column("row", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("ws", "param", *keys, "row"), sa.Index(f"{name}_by_row", "row", "param", *keys),
        sqlite_with_rowid=False,
    )


token_index = _table("token_index", sa.Column("code", BINARY), sa.Column("system", sa.BigInteger))
reference_index = _table("reference_index", sa.Column("target", BINARY))
string_index = _table("string_index", sa.Column("value", BINARY), sa.Column("exact", BINARY))
date_index = _table("date_index", sa.Column("low", sa.BigInteger), sa.Column("high", sa.BigInteger))

TABLES = {"token": token_index, "reference": reference_index, "string": string_index, "date": date_index}
Rows = dict[str, list[tuple[Any, ...]]]  # whole rows of each of these
Reader = Callable[[Any], list[Any]]  # each row a tuple of the table's value columns

#: What a value gives a parameter of a type to be found by.
READ: dict[str, Reader] = {
    "token": values.tokens, "string": values.texts, "reference": values.references, "date": values.spans,
}


@cache
def kept(kind: str) -> dict[str, SearchParameter]:
    """The parameters of a type that can be asked for, by name."""
    return {p.name: p for p in search_parameters(kind) if p.name in KEPT and p.type in TABLES}


def stored_name(kind: str, name: str) -> str:
    """The parameter whose rows answer for this one: `subject` for a `patient` that is the same element."""
    known = kept(kind)
    if name != "patient" or "subject" not in known:
        return name
    same = known["patient"].expression == f"{known['subject'].expression}.where(resolve() is Patient)"
    return "subject" if same else name


def extract(kind: str, resource: Resource) -> list[tuple[str, int, tuple[Any, ...]]]:
    """A resource's index rows: (type of parameter, number of parameter, value columns), each once."""
    return [(type_, number, columns) for type_, number, read in _present(kind, tuple(resource))
            for columns in dict.fromkeys(read(resource))]


def rows(ws: int, versions: Iterable[tuple[int, str, Resource]]) -> Rows:
    """The index rows of versions of one generation, given as (row, kind, resource)."""
    batches: Rows = {name: [] for name in TABLES}
    for row, kind, resource in versions:
        for type_, number, read in _present(kind, tuple(resource)):
            found = read(resource)
            for columns in found if len(found) < 2 else dict.fromkeys(found):  # each once
                batches[type_].append((ws, number, *columns, row))
    return batches


def write(conn: sa.Connection, batches: Rows) -> None:
    """Store index rows."""
    for type_, batch in batches.items():
        insert(conn, TABLES[type_], batch)


def erase(conn: sa.Connection, row: int) -> None:
    """Forget a version that is no longer current."""
    for table in TABLES.values():
        conn.execute(sa.delete(table).where(table.c.row == row))


@lru_cache(maxsize=4096)
def _present(kind: str, elements: tuple[str, ...]) -> list[tuple[str, int, Reader]]:
    """The parameters that a resource with these elements can have values for: few of those that its type knows."""
    there = set(elements)
    return [(type_, number, read) for type_, number, read, heads in _plan(kind) if heads is None or heads & there]


@cache
def _plan(kind: str) -> list[tuple[str, int, Reader, frozenset[str] | None]]:
    return [(p.type, values.parameter_number(kind, p.name), _reader(kind, p), fhirpath.heads(p.expression, kind))
            for p in kept(kind).values() if stored_name(kind, p.name) == p.name]


def _reader(kind: str, parameter: SearchParameter) -> Reader:
    find, read = fhirpath.compile(parameter.expression, kind), READ[parameter.type]

    def rows_of(resource: Resource) -> list[Any]:
        found = find(resource)
        return read(found[0]) if len(found) == 1 else [row for value in found for row in read(value)]

    return rows_of
