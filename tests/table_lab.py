"""A lab for judging without the house: planted resources in every table of the dictionary, by the shipped views."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from small_lab import TODAY

from sandbox.activity import Resource, SqlProblem, Table
from sandbox.lab.base import build
from sandbox.lab.dictionary import shipped


class TableLab:
    """Satisfies `Lab` over a list of resources, by the views, the SQL views and the macros that the house ships."""

    def __init__(self, name: str, resources: Iterable[Resource], backwards: bool = False) -> None:
        self.name, self.resources = name, list(resources)
        self.known: dict[tuple[str, int], Table] = {}  # nothing here changes, so a query is run once
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)  # goes with the lab
        build(Path(self.folder.name) / "lab.duckdb", self.resources, shipped())
        self.db = duckdb.connect()
        self.db.execute(f"ATTACH '{self.folder.name}/lab.duckdb' AS built (READ_ONLY)")
        for view in shipped().views:
            order = "ORDER BY rowid DESC" if backwards else ""
            self.db.execute(f'CREATE VIEW "{view.name}" AS FROM built."{view.name}" {order}')
        self.db.execute("SET TimeZone = 'UTC'")
        for statement in shipped().statements(TODAY, "Test"):
            self.db.execute(statement)

    def run(self, sql: str, *, rows: int = 5000, seconds: float = 5.0) -> Table:
        if (sql, rows) not in self.known:
            self.known[sql, rows] = self._run(sql, rows)
        return self.known[sql, rows]

    def _run(self, sql: str, rows: int) -> Table:
        try:
            result = self.db.execute(sql)
            columns = [d[0] for d in result.description or ()]
            got = result.fetchmany(rows + 1)
        except duckdb.Error as error:
            with contextlib.suppress(duckdb.Error):
                self.db.rollback()
            raise SqlProblem(str(error)) from None
        return Table(tuple(columns), tuple("?" for _ in columns), tuple(got[:rows]), len(got) > rows)

    def schema(self) -> tuple[Any, ...]:
        return ()


class TableLabs:
    """Satisfies `Labs`: a shown lab and hidden ones, built once per name in `kept`."""

    kept: dict[str, TableLab] = {}

    def __init__(self, shown: TableLab) -> None:
        self.shown = shown

    def hidden(self, name: str, build: Callable[[], Iterable[Resource]], today: date) -> TableLab:
        if name not in self.kept:
            self.kept[name] = TableLab(name, build())
        return self.kept[name]

    def reversed(self, lab: TableLab) -> TableLab:
        name = f"{lab.name}-reversed"
        if name not in self.kept:
            self.kept[name] = TableLab(name, lab.resources, backwards=True)
        return self.kept[name]
