"""The journal of a scratch copy: what it was made of, and every script since, one line each.

A line carries a digest of its text. A line that was cut off or altered, and all after it, is set aside beside the
file; what stands before it still holds.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock, Timeout

from sandbox.errors import SqlProblem
from sandbox.lab.tables import Entry

MOST = 200  # scripts
MOST_BYTES = 2_000_000


class Journal:
    """In memory; what a grader uses, and what a kept one does between reading and writing."""

    def __init__(self) -> None:
        self.made_of: dict[str, Any] = {}
        self.entries: list[Entry] = []

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes meanwhile."""
        yield

    def begin(self, made_of: dict[str, Any]) -> None:
        """Start again with a copy made of this."""
        self.made_of, self.entries = made_of, []

    def add(self, entry: Entry) -> None:
        """Append a script; SqlProblem where the journal is full."""
        if len(self.entries) >= MOST or sum(len(each.sql) for each in self.entries) + len(entry.sql) > MOST_BYTES:
            raise SqlProblem("The journal of this copy is full.", kind="refused",
                             hint="Reset the copy and run your script on the fresh one.")
        self.entries.append(entry)


class KeptJournal(Journal):
    """In a file, so that the copy outlives the process; many processes may use it, one at a time."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes meanwhile; what others wrote before is read."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path.with_suffix(".lock"), timeout=10, poll_interval=0.01, is_singleton=False):
                self._read()
                yield
        except Timeout:
            raise SqlProblem("Your last script is still running.", kind="busy", hint="Try again in a moment.") from None
        except OSError as error:
            raise SqlProblem("The copy's journal cannot be written: most often the disk is full.", kind="broken",
                             hint="Everything else goes on. Tell whoever runs this server.") from error

    def begin(self, made_of: dict[str, Any]) -> None:
        """Start again; the file is replaced in one go."""
        super().begin(made_of)
        self._rewrite([_line(made_of)])

    def add(self, entry: Entry) -> None:
        """Append a script; it is on the disk when this returns."""
        super().add(entry)
        with self.path.open("ab") as file:
            file.write(_line({"sql": entry.sql, "done": entry.done, "of": entry.of}))
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> None:
        lines = self.path.read_bytes().splitlines(keepends=True) if self.path.exists() else []
        good = list(map(_said, lines))
        whole = next((n for n, said in enumerate(good) if said is None), len(good))
        if whole < len(good):
            self.path.replace(self.path.with_suffix(".damaged"))
            self._rewrite(lines[:whole])
        head, *rest = [each for each in good[:whole] if each is not None] or [{}]
        self.made_of, self.entries = head, [Entry(each["sql"], each["done"], each["of"]) for each in rest]

    def _rewrite(self, lines: list[bytes]) -> None:
        new = self.path.with_suffix(".new")
        with new.open("wb") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)


def _line(said: dict[str, Any]) -> bytes:
    text = orjson.dumps(said)
    return hashlib.sha256(text).hexdigest()[:16].encode() + b" " + text + b"\n"


def _said(line: bytes) -> dict[str, Any] | None:
    digest, _, text = line.partition(b" ")
    if not line.endswith(b"\n") or hashlib.sha256(text[:-1]).hexdigest()[:16].encode() != digest:
        return None
    found: dict[str, Any] = orjson.loads(text)
    return found
