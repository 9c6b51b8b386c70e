"""One lab: a base file, what lies over it, and how its queries are run and their answers read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import orjson

from sandbox.errors import SqlProblem
from sandbox.lab.base import BaseFile
from sandbox.lab.dictionary import Dictionary
from sandbox.lab.process import GRACE, Message, Pool, Stopped, Worker
from sandbox.lab.tables import LabTable, Resource, Table

MOST_BYTES = 8_000_000  # of an answer, as JSON


@dataclass(frozen=True)
class Layer:
    """What lies over a base: rows by table, and the keys of base resources, by type, that are no longer seen."""

    rows: dict[str, list[list[Any]]] = field(default_factory=dict)
    shadow: dict[str, list[str]] = field(default_factory=dict)

    @staticmethod
    def of(resources: Iterable[Resource], shadow: Iterable[tuple[str, str]], dictionary: Dictionary) -> Layer:
        """The rows of `resources`; each hides a base resource of its own type and id, and so does `shadow`."""
        rows: dict[str, list[list[Any]]] = {}
        hidden: dict[str, set[str]] = {}
        for kind, id in shadow:
            hidden.setdefault(kind, set()).add(id)
        for resource in resources:
            kind = resource["resourceType"]
            if "id" in resource:
                hidden.setdefault(kind, set()).add(resource["id"])
            for view in dictionary.of(kind):
                rows.setdefault(view.name, []).extend(view.rows(resource))
        return Layer({name: some for name, some in rows.items() if some},
                     {kind: sorted(ids) for kind, ids in hidden.items()})

    def reversed(self) -> Layer:
        """The same rows, last first."""
        return replace(self, rows={name: some[::-1] for name, some in self.rows.items()})


class RoomLab:
    """A Lab. Its name is a digest of its content: base, layer, day and direction."""

    def __init__(self, pool: Pool, dictionary: Dictionary, base: BaseFile, layer: Layer, today: date, *,
                 owner: str = "", backwards: bool = False) -> None:
        self.base, self.layer, self.today, self.owner, self.backwards = base, layer, today, owner, backwards
        self._pool, self._dictionary = pool, dictionary
        content = orjson.dumps([base.name, layer.rows, layer.shadow, today, backwards], option=orjson.OPT_SORT_KEYS)
        self._name = hashlib.sha256(content).hexdigest()[:24]
        self._schema: tuple[LabTable, ...] | None = None

    @property
    def name(self) -> str:
        """An opaque name, unique for the content: the same name has the same rows."""
        return self._name

    def run(self, sql: str, *, rows: int = 5000, seconds: float = 5.0) -> Table:
        """Run one SELECT; SqlProblem (kind refused, error, time, memory, rows, busy, off, broken) when it cannot."""
        message = {"do": "run", "name": self._name, "sql": sql, "rows": rows, "bytes": MOST_BYTES, "seconds": seconds}
        with self._opened() as worker:
            try:
                answer = worker.ask(message, seconds + GRACE)
            except Stopped as stopped:
                raise _stopped(stopped.late, seconds) from None
            if answer.get("dying"):
                worker.kill()
        if "problem" in answer:
            if answer["problem"]["kind"] == "damaged":
                raise self._damaged()
            raise _problem(answer["problem"], sql, seconds)
        return _table(answer)

    def schema(self) -> tuple[LabTable, ...]:
        """Every table with its columns, descriptions and number of rows, by name."""
        if self._schema is None:
            tables = sorted([*(view.as_table() for view in self._dictionary.views), *self._dictionary.sql],
                            key=lambda table: table.name)
            each = ", ".join(f'(SELECT count(*) FROM "{table.name}")' for table in tables)  # noqa: S608 - names of our own dictionary
            counts = self.run(f"SELECT {each}").rows[0]
            self._schema = tuple(replace(table, rows=count) for table, count in zip(tables, counts, strict=True))
        return self._schema

    @contextmanager
    def _opened(self) -> Iterator[Worker]:
        """A worker that is open on this lab; a second one is tried where the first had died."""
        for _ in range(2):
            with self._pool.lease(self.owner, self._name) as worker:
                if self._open(worker):
                    yield worker
                    return
        raise SqlProblem("The lab could not be opened.", kind="broken", hint="Try again in a moment.")

    def _open(self, worker: Worker) -> bool:
        if self._name in worker.labs and worker.alive:
            return True
        try:
            answer = worker.ask(self._opening(), 20.0)
        except Stopped:
            return False
        if "problem" in answer:
            worker.kill()
            if answer["problem"]["kind"] == "damaged":
                raise self._damaged()
            return False
        worker.labs = answer["open"]
        return True

    def _damaged(self) -> SqlProblem:
        self.base.set_aside()
        return SqlProblem("The lab's tables were damaged on the disk and have been set aside.", kind="broken",
                          hint="Run it again: they are built anew.")

    def _opening(self) -> Message:
        tables = {view.name: {"columns": [(column.name, column.type) for column in view.columns], "owner": view.owner,
                              "resource": view.resource, "first": self.backwards} for view in self._dictionary.views}
        return {"do": "open", "name": self._name, "base": str(self.base.path), "tables": tables,
                "rows": self.layer.rows, "shadow": self.layer.shadow,
                "statements": self._dictionary.statements(self.today, self.base.hospital)}


def _stopped(late: bool, seconds: float) -> SqlProblem:
    if late:
        return SqlProblem(f"The query was stopped after {seconds:g} seconds.", kind="time",
                          hint="Look for a join without its condition, or a recursion without an end.")
    return SqlProblem("The query was stopped: it took more memory than a lab has.", kind="memory",
                      hint="Aggregate earlier, or select fewer columns and rows.")


#: What looks like a place on the server: error texts carry none.
_PATH = re.compile(r"(?:(?<=[\s\"'(\[=:])|^)(?:/[\w.@+-]+){2,}/?|[A-Za-z]:\\[\w\\.@+-]+")


def _problem(said: Message, sql: str, seconds: float) -> SqlProblem:
    kind = said.get("kind", "error")
    if kind in ("time", "memory"):
        return _stopped(kind == "time", seconds)
    line, column = _where(sql, said.get("position", -1))
    message, _, more = _PATH.sub("(a file)", str(said.get("message", "The query failed."))).partition("\n")
    hint = said.get("hint") or _hint(more) or _without_as(message, sql)
    return SqlProblem(message, kind=kind, line=line, column=column, hint=hint)


#: A name that DuckDB takes for a word of its own where AS is left out before it: sum(days) days.
_BARE = re.compile(r'syntax error at or near "(\w+)"', re.IGNORECASE)


def _without_as(message: str, sql: str) -> str:
    """What to do where a column's name follows its value without AS and is a word of SQL; else ""."""
    found = _BARE.search(message)
    if found and re.search(rf"\)\s+{re.escape(found[1])}\b", sql):
        return f"Where {found[1]} is meant as a column's name, write AS before it: … AS {found[1]}."
    return ""


def _hint(more: str) -> str:
    """DuckDB's further lines in the learner's words, a few of them."""
    first, *rest = more.strip().splitlines() or [""]
    if first.startswith("Candidate functions") and rest:
        return "It takes: " + "; ".join(line.strip() for line in rest[:3]) + ("; …" if len(rest) > 3 else "")
    return " ".join([first.replace("Candidate bindings:", "Columns like it:"), *rest[:3]])


def _where(sql: str, position: int) -> tuple[int, int]:
    """Line and column, from 1, of a byte of the statement; (0, 0) when it is not known."""
    if position < 0:
        return 0, 0
    before = sql.encode()[:position].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _table(answer: Message) -> Table:
    readers = [_reader(kind) for kind in answer["types"]]
    rows = answer["rows"]
    if any(readers):
        rows = [[value if value is None or read is None else _value(read, value)
                 for read, value in zip(readers, row, strict=True)] for row in rows]
    return Table(tuple(answer["columns"]), tuple(answer["types"]), tuple(map(tuple, rows)), answer["truncated"],
                 answer["milliseconds"])


def _value(read: Callable[[Any], Any], said: Any) -> Any:
    """The value in Python; as DuckDB spells it where Python has none (the year 10000, 24:00:00)."""
    try:
        return read(said)
    except (ValueError, OverflowError):
        return said


def _utc(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


_READ: dict[str, Callable[[Any], Any]] = {
    "DATE": date.fromisoformat, "TIME": time.fromisoformat, "TIMESTAMP WITH TIME ZONE": _utc,
    "TIMESTAMP": datetime.fromisoformat, "INTERVAL": lambda value: timedelta(seconds=value), "BLOB": bytes.fromhex,
}


def _reader(kind: str) -> Callable[[Any], Any] | None:
    if kind.startswith("DECIMAL(") and kind.endswith(")"):
        return Decimal
    return _READ.get("TIMESTAMP" if kind.startswith("TIMESTAMP_") else kind)
