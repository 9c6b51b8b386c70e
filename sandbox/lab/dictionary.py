"""The shipped tables: `fixtures/views/*.json` typed for DuckDB, the SQL views made of them, and the macros."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

import duckdb

from fixtures.views import FOLDER
from sandbox.lab.references import REFERENCES, ReferenceTable
from sandbox.lab.tables import Column, LabTable, Resource
from sandbox.lab.values import CONVERT, morning
from sandbox.lab.views import Row, View


class ShippedView:
    """One table of the lab. `owner` is the column with the resource's own key: a shadow hides rows by it."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self.name: str = definition["name"]
        self.description: str = definition["title"]
        # Lenient: a loaded record may hold what we did not think of.
        self.view = View(definition, lenient=True, convert=lambda each: _conversion(_column(each)))
        self.resource = self.view.resource
        self.columns = tuple(_column(each) for each in self.view.columns)
        self.owner = next(column.name for column in self.columns if column.path == "getResourceKey()")
        #: The resource's rows, each value as JSON that DuckDB reads as the column's type.
        self.rows: Callable[[Resource], list[Row]] = self.view.rows

    def fixed(self) -> tuple[Row, ...]:
        """No rows but those of resources."""
        return ()

    def as_table(self) -> LabTable:
        """Its page of the data dictionary."""
        return LabTable(self.name, self.description, self.columns, None, self.resource)


@dataclass(frozen=True)
class Dictionary:
    """Everything a lab shows. `digest` changes when a base file has to be built again."""

    views: tuple[ShippedView | ReferenceTable, ...]
    sql: tuple[LabTable, ...]  # in an order in which they can be made; the text has {today} and {name} in it
    macros: str
    digest: str

    def of(self, kind: str) -> tuple[ShippedView | ReferenceTable, ...]:
        """The views that read a resource type."""
        return tuple(view for view in self.views if view.resource == kind)

    def statements(self, today: date, hospital: str) -> list[str]:
        """What makes macros and SQL views in a lab whose day is `today`."""
        def told(text: str) -> str:
            return (text.replace("{today}", today.isoformat()).replace("{now}", morning(today))
                    .replace("{name}", hospital.replace("'", "''")))

        macros = [each.strip() for each in re.sub(r"^--.*$", "", self.macros, flags=re.M).split(";")]
        return ([told(each) for each in macros if each]
                + [f'CREATE VIEW "{table.name}" AS {told(table.sql)}' for table in self.sql])


@cache
def shipped() -> Dictionary:
    """The dictionary of `fixtures/views`, read and compiled once."""
    texts = [path.read_text("utf-8") for path in sorted(FOLDER.glob("*.json"))]
    views = tuple(ShippedView(json.loads(text)) for text in texts)
    macros = (FOLDER / "sql" / "macros.sql").read_text("utf-8")
    sql = [_sql_view(path.stem, path.read_text("utf-8")) for path in sorted((FOLDER / "sql").glob("*.sql"))
           if path.stem != "macros"]
    made_of = [*texts, *(each.text for each in REFERENCES), *(each.__name__ for each in CONVERT.values())]
    digest = hashlib.sha256("\n".join(made_of).encode()).hexdigest()
    found = Dictionary((*views, *REFERENCES), tuple(_in_order(sql)), macros, digest[:16])
    return replace(found, sql=tuple(_typed(found)))


def _column(each: dict[str, Any]) -> Column:
    tags = {tag["name"]: tag["value"] for tag in each.get("tag", ())}
    return Column(each["name"], tags["ansi/type"], each.get("description", ""), each["path"], "two-seats/key" in tags)


def _conversion(column: Column) -> Callable[[Any], Any]:
    return CONVERT[column.type.partition("(")[0]]


def _sql_view(name: str, text: str) -> LabTable:
    lines = text.splitlines()
    notes = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    said = (note.partition(":") for note in notes[1:])
    columns = tuple(Column(column, "", description.strip()) for column, _, description in said)
    return LabTable(name, notes[0], columns, None, "", "\n".join(line for line in lines if not line.startswith("--")))


def _in_order(tables: list[LabTable]) -> list[LabTable]:
    """The views, each after those that its text speaks of."""
    placed: list[LabTable] = []
    while tables:
        names = {table.name for table in tables}
        ready = [table for table in tables if not (names - {table.name}) & set(re.findall(r"\w+", table.sql))]
        if not ready:
            raise ValueError(f"SQL views that need each other: {sorted(names)}")
        placed += ready
        tables = [table for table in tables if table not in ready]
    return placed


def _typed(dictionary: Dictionary) -> list[LabTable]:
    """The SQL views with the types that DuckDB gives their columns; their notes must name exactly those."""
    with duckdb.connect(":memory:") as con:
        for view in dictionary.views:
            con.execute(create(view))
        for statement in dictionary.statements(date(2026, 6, 30), "x"):
            con.execute(statement)
        return [_with_types(con, table) for table in dictionary.sql]


def _with_types(con: duckdb.DuckDBPyConnection, table: LabTable) -> LabTable:
    types = {row[0]: row[1] for row in con.execute(f'DESCRIBE "{table.name}"').fetchall()}
    if [column.name for column in table.columns] != list(types):
        raise ValueError(f"{table.name}.sql describes other columns than it gives: {list(types)}")
    return replace(table, columns=tuple(replace(each, type=types[each.name]) for each in table.columns))


def create(view: ShippedView | ReferenceTable) -> str:
    """The statement that makes a table, empty."""
    columns = ", ".join(f'"{column.name}" {column.type}' for column in view.columns)
    return f'CREATE TABLE "{view.name}" ({columns})'
