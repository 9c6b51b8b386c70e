"""One lab: a base file, what lies over it, and how its queries are run and their answers read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import orjson

from sandbox.errors import SqlProblem
from sandbox.lab.base import BaseFile
from sandbox.lab.dictionary import Dictionary
from sandbox.lab.journal import Journal, KeptJournal
from sandbox.lab.layer import Layer
from sandbox.lab.memory import Memory
from sandbox.lab.process import GRACE, Message, Pool, Stopped, Worker
from sandbox.lab.readings import problem, stopped, table
from sandbox.lab.scratch import RoomScratch
from sandbox.lab.tables import LabTable, Table

MOST_BYTES = 8_000_000  # of an answer, as JSON


class RoomLab:
    """A Lab. Its name is a digest of its content: base, layer, day and direction."""

    def __init__(self, pool: Pool, dictionary: Dictionary, base: BaseFile, layer: Layer, today: date, *,
                 owner: str = "", backwards: bool = False, notes: Path | None = None,
                 memory: Memory | None = None) -> None:
        self.base, self.layer, self.today, self.owner, self.backwards = base, layer, today, owner, backwards
        self.dictionary, self.memory = dictionary, memory
        self._pool, self._notes = pool, notes  # `notes`: where the journals of its copies are kept
        content = orjson.dumps([base.name, layer.rows, layer.shadow, today, backwards], option=orjson.OPT_SORT_KEYS)
        self._name = hashlib.sha256(content).hexdigest()[:24]
        self._schema: tuple[LabTable, ...] | None = None

    @property
    def name(self) -> str:
        """An opaque name, unique for the content: the same name has the same rows."""
        return self._name

    def run(self, sql: str, *, rows: int = 5000, seconds: float = 5.0) -> Table:
        """Run one SELECT; SqlProblem (kind refused, error, time, memory, rows, busy, off, broken) when it cannot."""
        question = self._name, sql, rows
        known = self.memory.recall(question) if self.memory else None
        if known is None:
            known = self._ask(sql, rows, seconds)
            if self.memory:
                self.memory.keep(question, known)
        return known

    def _ask(self, sql: str, rows: int, seconds: float) -> Table:
        message = {"do": "run", "name": self._name, "sql": sql, "rows": rows, "bytes": MOST_BYTES, "seconds": seconds}
        with self.opened(self._name, self.opening) as worker:
            try:
                answer = worker.ask(message, seconds + GRACE)
            except Stopped as gone:
                raise stopped(gone.late, seconds) from None
            if answer.get("dying"):
                worker.kill()
        if "problem" in answer:
            if answer["problem"]["kind"] == "damaged":
                raise self._damaged()
            raise problem(answer["problem"], sql, seconds)
        return table(answer)

    def schema(self) -> tuple[LabTable, ...]:
        """Every table with its columns, descriptions and number of rows, by name."""
        if self._schema is None:
            tables = sorted([*(view.as_table() for view in self.dictionary.views), *self.dictionary.sql],
                            key=lambda table: table.name)
            each = ", ".join(f'(SELECT count(*) FROM "{table.name}")' for table in tables)  # noqa: S608 - names of our own dictionary
            counts = self.run(f"SELECT {each}").rows[0]
            self._schema = tuple(replace(table, rows=count) for table, count in zip(tables, counts, strict=True))
        return self._schema

    def scratch(self, name: str = "", setup: Sequence[str] = ()) -> RoomScratch:
        """A copy that may be changed; with a name, and in a workspace, it is kept from one visit to the next."""
        notes = self._notes
        kept = KeptJournal(notes.with_name(f"{notes.name}-{name}.journal")) if name and notes else Journal()
        return RoomScratch(self, setup, kept)

    @contextmanager
    def opened(self, name: str, opening: Callable[[str], Message]) -> Iterator[Worker]:
        """A worker that is open on `name`, by the message that `opening` gives; another where the first had died."""
        for _ in range(2):
            with self._pool.lease(self.owner, name) as worker:
                if self._open(worker, name, opening):
                    yield worker
                    return
        raise SqlProblem("The lab could not be opened.", kind="broken", hint="Try again in a moment.")

    def _open(self, worker: Worker, name: str, opening: Callable[[str], Message]) -> bool:
        if name in worker.labs and worker.alive:
            return True
        try:
            answer = worker.ask(opening(name), 20.0)
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

    def opening(self, name: str) -> Message:
        """The message that opens this lab in a worker under a name."""
        tables = {view.name: {"columns": [(column.name, column.type) for column in view.columns], "owner": view.owner,
                              "resource": view.resource, "first": self.backwards} for view in self.dictionary.views}
        return {"do": "open", "name": name, "base": str(self.base.path), "tables": tables,
                "rows": self.layer.rows, "shadow": self.layer.shadow,
                "statements": self.dictionary.statements(self.today, self.base.hospital)}
