"""A tiny lab for judging without the house: planted resources through the house's own views, in one process."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from sandbox.activity import Resource, SqlProblem, Table
from sandbox.lab import base
from sandbox.lab.dictionary import shipped

TODAY = date(2026, 6, 30)
FOLDER = tempfile.TemporaryDirectory(prefix="small-labs-")


class SmallLab:
    """Satisfies `Lab` over a list of resources."""

    def __init__(self, name: str, resources: Iterable[Resource], backwards: bool = False) -> None:
        self.name = name
        self.resources = list(resources)
        self.known: dict[tuple[str, int], Table] = {}  # nothing here changes, so a query is run once
        dictionary, path = shipped(), Path(FOLDER.name) / f"{name}.duckdb"
        base.build(path, self.resources, dictionary)
        self.db = duckdb.connect()
        self.db.execute(f"ATTACH '{path}' AS built (READ_ONLY)")
        order = "DESC" if backwards else "ASC"
        for view in dictionary.views:
            self.db.execute(f'CREATE TABLE "{view.name}" AS FROM built."{view.name}" ORDER BY rowid {order}')
        self.db.execute("DETACH built")
        path.unlink()
        self.db.execute("SET TimeZone = 'UTC'")
        for statement in dictionary.statements(TODAY, "Test"):
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


class SmallLabs:
    """Satisfies `Labs`: a shown lab and hidden ones, built once per name in `kept`."""

    kept: dict[str, SmallLab] = {}

    def __init__(self, shown: SmallLab) -> None:
        self.shown = shown

    def hidden(self, name: str, build: Callable[[], Iterable[Resource]], today: date) -> SmallLab:
        if name not in self.kept:
            self.kept[name] = SmallLab(name, build())
        return self.kept[name]

    def reversed(self, lab: SmallLab) -> SmallLab:
        name = f"{lab.name}-reversed"
        if name not in self.kept:
            self.kept[name] = SmallLab(name, lab.resources, backwards=True)
        return self.kept[name]
