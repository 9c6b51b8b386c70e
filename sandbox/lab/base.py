"""A hospital's base file: every table of the dictionary in one DuckDB file, built once and then only read."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import duckdb
import orjson

from sandbox.lab.dictionary import Dictionary, ShippedView, create
from sandbox.lab.references import ReferenceTable
from sandbox.lab.tables import Resource


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
        with tempfile.TemporaryDirectory(prefix=".rows-", dir=path.parent) as folder:
            filled = _write_rows(Path(folder), resources, dictionary)
            with duckdb.connect(str(unfinished)) as con:
                con.execute("SET TimeZone = 'UTC'")
                con.execute("BEGIN")
                for view in dictionary.views:
                    con.execute(create(view))
                    if view.name in filled:
                        _copy(con, view, filled[view.name])
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


def _write_rows(folder: Path, resources: Iterable[Resource], dictionary: Dictionary) -> dict[str, Path]:
    """One file of JSON lines for each table that has rows."""
    readers: dict[str, tuple[ShippedView | ReferenceTable, ...]] = {}
    names = {view.name: [column.name for column in view.columns] for view in dictionary.views}
    files: dict[str, IO[bytes]] = {}
    with ExitStack() as stack:
        def add(name: str, row: list[Any]) -> None:
            if name not in files:
                files[name] = stack.enter_context((folder / f"{name}.ndjson").open("wb"))
            line = orjson.dumps(dict(zip(names[name], row, strict=True)), option=orjson.OPT_APPEND_NEWLINE)
            files[name].write(line)

        for view in dictionary.views:
            for row in view.fixed():
                add(view.name, row)
        for resource in resources:
            kind = resource["resourceType"]
            if kind not in readers:
                readers[kind] = dictionary.of(kind)
            for view in readers[kind]:
                for row in view.rows(resource):
                    add(view.name, row)
    return {name: folder / f"{name}.ndjson" for name in files}


def _copy(con: duckdb.DuckDBPyConnection, view: ShippedView | ReferenceTable, source: Path) -> None:
    columns = ", ".join(f"'{column.name}': '{column.type}'" for column in view.columns)
    con.execute(f'INSERT INTO "{view.name}" FROM read_json(?, columns = {{{columns}}}, '
                "format = 'newline_delimited', maximum_object_size = 50000000)", [str(source)])
