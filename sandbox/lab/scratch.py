"""A scratch copy from the house's end: which worker has it, its journal, and what its answers say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Protocol

import orjson

from sandbox.errors import SqlProblem
from sandbox.lab.base import BaseFile
from sandbox.lab.dictionary import Dictionary
from sandbox.lab.journal import Journal
from sandbox.lab.layer import Layer
from sandbox.lab.process import GRACE, Message, Stopped, Worker
from sandbox.lab.readings import problem, stopped, table
from sandbox.lab.tables import Applied, Entry, Played, Standing, Step, Table, Trouble

MOST_BYTES = 8_000_000


class Original(Protocol):
    """The lab that is copied, as far as copying needs it: a RoomLab."""

    base: BaseFile
    layer: Layer
    today: date
    backwards: bool
    dictionary: Dictionary

    def opened(self, name: str, opening: Callable[[str], Message]) -> AbstractContextManager[Worker]:
        """A worker that is open on a name."""

    def opening(self, name: str) -> Message:
        """The message that opens the lab under a name."""


class RoomScratch:
    """A Scratch over a lab. A copy goes by a name made of its lab, its setup and its journal: a worker that holds the
    name holds the copy, and any other can make it."""

    def __init__(self, room: Original, setup: Sequence[str], journal: Journal) -> None:
        self._room, self._setup, self._journal = room, tuple(setup), journal

    def apply(self, script: str, *, seconds: float = 5.0) -> Applied:
        """Run a script and journal it; SqlProblem when it was stopped, and then nothing of it holds."""
        (done,) = self.play([Step("script", script)], seconds=seconds)
        assert isinstance(done, Applied)
        return done

    def run(self, sql: str, *, rows: int = 5000, seconds: float = 5.0) -> Table:
        """Run one SELECT on the copy as it stands."""
        (found,) = self.play([Step("read", sql)], rows=rows, seconds=seconds)
        if isinstance(found, SqlProblem):
            raise found
        assert isinstance(found, Table)
        return found

    def look(self) -> Standing:
        """How the copy stands."""
        (found,) = self.play([Step("look")])
        assert isinstance(found, Standing)
        return found

    def journal(self) -> tuple[Entry, ...]:
        """The scripts that made the copy what it is, oldest first."""
        with self._journal.held():
            return tuple(self._journal.entries)

    def reset(self) -> None:
        """Take a new copy of the lab as it is now."""
        with self._journal.held():
            self._begin()

    def untouched(self) -> RoomScratch:
        """A copy frozen at the same moment that no script has changed yet; it is kept nowhere."""
        with self._journal.held():
            if not self._journal.made_of:
                self._begin()
            fresh = Journal()
            fresh.begin(self._journal.made_of)
        return RoomScratch(self._room, self._setup, fresh)

    def play(self, steps: Sequence[Step], *, rows: int = 5000, seconds: float = 5.0) -> tuple[Played, ...]:
        """Several steps in one go, the scripts among them journalled once all have come to their end."""
        with self._journal.held():
            if not self._journal.made_of or self._journal.made_of.get("dictionary") != self._room.dictionary.digest:
                self._begin(self._journal.entries)
            now = self._name()
            message = {"do": "play", "name": now, "rows": rows, "bytes": MOST_BYTES, "seconds": seconds,
                       "became": [_further(now, scripts) for scripts in _so_far(steps)],
                       "steps": [vars(step) for step in steps]}
            said = self._answer(message, seconds)
            if "problem" in said:
                raise problem(said["problem"], "", seconds)
            found = tuple(_played(step, each) for step, each in zip(steps, said["steps"], strict=False))
            for step, each in zip(steps, found, strict=False):
                if step.do == "script" and isinstance(each, Applied):
                    self._journal.add(Entry(step.sql, each.done, each.of))
            return found

    def _answer(self, message: Message, seconds: float) -> Message:
        with self._room.opened(message["name"], self._opening) as worker:
            try:
                said = worker.ask(message, seconds + GRACE)
            except Stopped as gone:
                raise stopped(gone.late, seconds) from None
            worker.labs = said["open"]
            if said.get("dying"):
                worker.kill()
            return said

    def _begin(self, entries: Sequence[Entry] = ()) -> None:
        """Freeze the lab as it is now; `entries` are taken over where only the house's own tables have changed."""
        room = self._room
        made_of = {"dictionary": room.dictionary.digest, "today": room.today.isoformat(),
                   "rows": room.layer.rows, "shadow": room.layer.shadow}
        self._journal.begin(orjson.loads(orjson.dumps(made_of)))  # as it will be read later
        for entry in entries:
            self._journal.add(entry)

    def _name(self) -> str:
        made = self._journal.made_of
        room = self._room
        text = repr((room.base.name, room.backwards, made["today"], made["rows"], made["shadow"], self._setup))
        return _further(hashlib.sha256(text.encode()).hexdigest()[:24], [each.sql for each in self._journal.entries])

    def _opening(self, name: str) -> Message:
        made = self._journal.made_of
        return {**self._room.opening(name), "rows": made["rows"], "shadow": made["shadow"], "copy": {
            "setup": self._setup,
            "journal": [{"sql": each.sql, "done": each.done} for each in self._journal.entries]}}


def _so_far(steps: Sequence[Step]) -> list[list[str]]:
    """After none, one, two … of the steps' scripts: what has been run by then."""
    scripts = [step.sql for step in steps if step.do == "script"]
    return [scripts[:n] for n in range(len(scripts) + 1)]


def _further(name: str, scripts: Sequence[str]) -> str:
    for sql in scripts:
        name = hashlib.sha256(f"{name} {sql}".encode()).hexdigest()[:24]
    return name


def _played(step: Step, said: Message) -> Played:
    if step.do == "look":
        return _standing(said)
    if step.do == "read":
        return problem(said["problem"], step.sql, 0) if "problem" in said else table(said)
    trouble = _trouble(said["problem"], step.sql) if "problem" in said and "columns" not in said else None
    shown = table(said) if "columns" in said else None
    return Applied(said["done"], said["of"], tuple(said.get("rows", ())) if shown is None else (), trouble, shown)


def _trouble(said: dict[str, Any], sql: str) -> Trouble:
    seen = problem(said, sql, 0)
    return Trouble(seen.message, seen.kind, str(said.get("type", "")), int(said.get("statement", 0)), seen.line,
                   seen.column, seen.hint)


def _standing(said: Message) -> Standing:
    return Standing(
        tuple((table, column, kind, bool(nullable), str(default or ""))
              for table, column, kind, nullable, default in said["columns"]),
        {name: (count, checksum) for name, (count, checksum) in said["tables"].items()},
        tuple(said["views"]),
        tuple((table, name, "unique" if only else "", str(sql or "")) for table, name, only, sql in said["indexes"]),
        tuple(tuple(map(str, row)) for row in said["constraints"]),
        tuple(name for (name,) in said["types"]),
        tuple(tuple(map(str, row)) for row in said["triggers"]),
    )
