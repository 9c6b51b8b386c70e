"""A process beside the one that builds a hospital: it reads index rows out of resources and lays their tables out.

That takes as long as making and storing them: two processes, each on a core of its own, take half the time. The second
one ends when its pipe does, however the first one ended.
"""

from __future__ import annotations

import gc
import multiprocessing
import queue
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType

import orjson

from sandbox.fhir.batches import TEXT, Entries, Versions, entries, versions
from sandbox.fhir.text import Resource
from sandbox.lab.base import Rows, lay_out
from sandbox.lab.dictionary import shipped

AHEAD = 4  # batches under way at once: enough that neither waits for the other, few enough to stay small


class Beside:
    """Makes batches of resources that this program made, version 1, of one instant (`moment`, UTC).

    With a `folder`, the resources' tables are laid out there too: `tables()` gives the file.
    """

    def __init__(self, moment: datetime, folder: Path | None = None) -> None:
        self._moment = moment
        context = multiprocessing.get_context("spawn")  # nothing of this process goes along: no locks, no connections
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, folder), daemon=True)
        self._process.start()
        theirs.close()
        self._answers: queue.SimpleQueue[Entries | Path | Exception | None] = queue.SimpleQueue()
        # It reads on while this process sends: two full pipes would wait for each other for ever.
        threading.Thread(target=self._receive, name="beside", daemon=True).start()

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            self._process.terminate()
        self._process.join()
        self._pipe.close()

    def batches(self, steps: Iterable[list[Resource]]) -> Iterator[tuple[Versions, Entries]]:
        """One batch for each list of resources, in their order; the next ones are made meanwhile."""
        under_way: deque[Versions] = deque()
        for step in steps:
            if len(under_way) == AHEAD:
                yield under_way.popleft(), self._entries()
            under_way.append(versions(((one, None) for one in step), lambda _: self._moment))
            self._send(b"\n".join(row[TEXT].encode() for row in under_way[-1]))
        self._send(b"")  # no more: it may lay the tables out while the last batches are stored
        while under_way:
            yield under_way.popleft(), self._entries()

    def tables(self) -> Path | None:
        """The file of tables, once all batches were made; None without a folder."""
        found = self._answer()
        assert not isinstance(found, dict)
        return found

    def _entries(self) -> Entries:
        found = self._answer()
        assert isinstance(found, dict)
        return found

    def _answer(self) -> Entries | Path | None:
        found = self._answers.get()
        if isinstance(found, Exception):
            raise found
        return found

    def _send(self, lines: bytes) -> None:
        with suppress(OSError):  # it has ended, and has said why, or the next answer says that it did
            self._pipe.send_bytes(lines)

    def _receive(self) -> None:
        try:
            while True:
                self._answers.put(self._pipe.recv())
        except (EOFError, OSError):
            self._answers.put(RuntimeError("The process that prepares a hospital's batches has ended before its work."))


def _work(pipe: Connection, folder: Path | None) -> None:
    gc.disable()  # resources are trees: counting frees them, and looking for circles would take a third of the time
    try:
        with tempfile.TemporaryDirectory(prefix=".rows-", dir=folder) as rows_folder:
            rows = Rows(Path(rows_folder), shipped()) if folder else None
            while lines := pipe.recv_bytes():
                pipe.send(_read(lines, rows))
            path = None
            if rows and folder:
                path = folder / f"{Path(rows_folder).name}.building"
                lay_out(path, rows.close(), shipped())
            pipe.send(path)
    except EOFError:
        return  # whoever started it is gone
    except Exception as error:
        pipe.send(error)


def _read(lines: bytes, rows: Rows | None) -> Entries:
    resources = [orjson.loads(line) for line in lines.split(b"\n")]
    if rows is not None:
        for resource in resources:
            rows.add(resource)
    return entries(resources)
