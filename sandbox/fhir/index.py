"""Index rows: what a search finds a stored version by.

A row carries the number of one stored version, unique over all generations, so a search joins on it alone. Each table
is kept in two orders: by value within a generation, to drive a search, and by version, to test what another value
found. Only current versions have rows. `KEPT` says which parameters are kept; FHIR says where their values stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa

from sandbox import fhirpath
from sandbox.db import BINARY, insert_rows, metadata
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
_READ: dict[str, Callable[[Any], Iterable[Any]]] = {
    "token": values.tokens, "reference": lambda v: ((target,) for target in values.references(v)),
    "string": values.texts, "date": values.spans,
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


def extract(kind: str, resource: Resource) -> list[tuple[str, tuple[Any, ...]]]:
    """A resource's index rows: type of parameter, then number of parameter and value columns; each once."""
    return list(dict.fromkeys((type_, row) for type_, read in _plan(kind) for row in read(resource)))


def write(conn: sa.Connection, ws: int, row: int, kind: str, resource: Resource) -> None:
    """Index one version of a generation."""
    for type_, columns in extract(kind, resource):
        insert(conn, ws, type_, [(row, *columns)])


def insert(conn: sa.Connection, ws: int, type_: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Add index rows of one type, each as (row number, number of parameter, value columns)."""
    insert_rows(conn, TABLES[type_], _COLUMNS[type_], [(ws, *row) for row in rows])


def erase(conn: sa.Connection, row: int) -> None:
    """Forget a version that is no longer current."""
    for table in TABLES.values():
        conn.execute(sa.delete(table).where(table.c.row == row))


_COLUMNS = {
    type_: ("ws", "row", "param", *(c.name for c in table.columns if c.name not in ("ws", "param", "row")))
    for type_, table in TABLES.items()
}


@cache
def _plan(kind: str) -> list[tuple[str, Callable[[Resource], list[tuple[Any, ...]]]]]:
    return [(p.type, _reader(kind, p)) for p in kept(kind).values() if stored_name(kind, p.name) == p.name]


def _reader(kind: str, parameter: SearchParameter) -> Callable[[Resource], list[tuple[Any, ...]]]:
    find, read = fhirpath.compile(parameter.expression, kind), _READ[parameter.type]
    number = values.parameter_number(kind, parameter.name)

    def rows(resource: Resource) -> list[tuple[Any, ...]]:
        found = find(resource)
        return [(number, *row) for value in found for row in read(value)] if found else found

    return rows
