"""A lab for judging without the house: planted resources in every table of the dictionary, by the shipped views."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import duckdb
from small_lab import TODAY, SmallLab, SmallLabs

from sandbox.activity import Resource
from sandbox.lab.base import build
from sandbox.lab.dictionary import shipped


class TableLab(SmallLab):
    """Satisfies `Lab` over a list of resources, by the views, the SQL views and the macros that the house ships."""

    def __init__(self, name: str, resources: Iterable[Resource], backwards: bool = False) -> None:
        self.name, self.resources = name, list(resources)
        self.run_once = lru_cache(maxsize=1000)(self._run)  # nothing here changes
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


class TableLabs(SmallLabs):
    """Satisfies `Labs` with such labs."""

    kept: dict[str, SmallLab] = {}
    kind = TableLab
