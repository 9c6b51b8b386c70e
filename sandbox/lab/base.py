"""A hospital's base file: every table of the dictionary in one DuckDB file, built once and then only read."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import orjson

from sandbox.lab.dictionary import Dictionary, ShippedView, create
from sandbox.lab.references import ReferenceTable
from sandbox.lab.tables import Resource
from sandbox.lab.views import Row

#: Rows of a table that are copied at once: enough that DuckDB is quick, and little is left to do at the end.
_PART = 8192


@dataclass(frozen=True)
class BaseFile:
    """A built file. `name` is opaque and unique for its content; `hospital` is what the hospital is called."""

    name: str
    path: Path
    hospital: str

    def set_aside(self) -> None:
        """Rename a damaged file, so that the next who needs it builds it again."""
        with suppress(OSError):
            self.path.replace(self.path.with_suffix(".damaged"))


def sweep(folder: Path, seconds: float = 3600.0) -> None:
    """Take away what a build that was killed left behind, and damaged files: nobody has used them for an hour."""
    for path in [*folder.glob(".*"), *folder.glob("*.damaged")] if folder.is_dir() else ():
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > seconds:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def build(path: Path, resources: Iterable[Resource], dictionary: Dictionary) -> None:
    """Write the tables of `resources` to `path`, all or nothing: a half-built file is never seen under its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.stem}-{secrets.token_hex(4)}.building")
    try:
        with (tempfile.TemporaryDirectory(prefix=".rows-", dir=path.parent) as folder,
              duckdb.connect(str(unfinished)) as con):
            con.execute("SET TimeZone = 'UTC'")
            con.execute("BEGIN")
            waiting = {view.name: _Waiting(con, view, Path(folder)) for view in dictionary.views}
            _lay_out(resources, dictionary, waiting)
            con.execute("COMMIT")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def reverse(path: Path, source: Path, dictionary: Dictionary) -> None:
    """Write `source` again to `path` with each table's rows in reverse order."""
    unfinished = path.with_name(f".{path.stem}-{secrets.token_hex(4)}.building")
    try:
        with duckdb.connect(str(unfinished)) as con:
            con.execute(f"ATTACH '{str(source).replace(chr(39), chr(39) * 2)}' AS source (READ_ONLY)")
            for view in dictionary.views:
                con.execute(create(view))
                con.execute(f'INSERT INTO "{view.name}" FROM source."{view.name}" ORDER BY rowid DESC')
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


class _Waiting:
    """The rows of one table that wait to be copied into it: DuckDB takes many at once, as JSON."""

    def __init__(self, con: duckdb.DuckDBPyConnection, view: ShippedView | ReferenceTable, folder: Path) -> None:
        con.execute(create(view))
        self._con = con
        self._names = [column.name for column in view.columns]
        types = ", ".join(f"'{column.name}': '{column.type}'" for column in view.columns)
        self._copy = (f'INSERT INTO "{view.name}" FROM read_json(?, columns = {{{types}}}, '
                      "format = 'array', maximum_object_size = 50000000)")
        self._file = folder / f"{view.name}.json"
        self._rows: list[Row] = []

    def add(self, rows: Iterable[Row]) -> None:
        self._rows += rows
        if len(self._rows) >= _PART:
            self.copy()

    def copy(self) -> None:
        if self._rows:
            self._file.write_bytes(orjson.dumps([dict(zip(self._names, row, strict=True)) for row in self._rows]))
            self._con.execute(self._copy, [str(self._file)])
            self._rows.clear()


def _lay_out(resources: Iterable[Resource], dictionary: Dictionary, waiting: dict[str, _Waiting]) -> None:
    """Every view's rows of every resource, in the resources' order."""
    readers: dict[str, list[tuple[Callable[[Resource], list[Row]], _Waiting]]] = {}
    for view in dictionary.views:
        waiting[view.name].add(view.fixed())
    for resource in resources:
        kind = resource["resourceType"]
        if kind not in readers:
            readers[kind] = [(view.rows, waiting[view.name]) for view in dictionary.of(kind)]
        for rows_of, table in readers[kind]:
            if rows := rows_of(resource):
                table.add(rows)
    for table in waiting.values():
        table.copy()
