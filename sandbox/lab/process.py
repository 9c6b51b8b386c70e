"""The house's end of a worker process: messages with a time limit, and a pool of warm workers.

A worker is used by one query at a time and can be opened on any lab (a new DuckDB inside, some ten milliseconds), so
a few serve many. What runs too long is killed; the next query finds another worker. Whoever had a query killed, or
asked for much, goes on for a minute in a process of her own, behind everybody else's: nobody waits for its successor.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from sandbox.errors import SqlProblem

WORKER = Path(__file__).with_name("worker.py")
GRACE = 0.4  # seconds that a worker has to stop a query itself before it is killed
IDLE = 300.0  # seconds after which a worker that nobody uses is ended
HEAVY = 1.0  # seconds of the processor after which a query's owner goes on apart
APART, MOST_APART = 60.0, 3  # for how many seconds, and how many owners at once
BEHIND = 10  # how far such a process stands behind the others (its nice value)

Message = dict[str, Any]


class Stopped(Exception):
    """The worker is gone: killed after `late`, or ended by a limit of the operating system."""

    def __init__(self, late: bool) -> None:
        super().__init__("time" if late else "ended")
        self.late = late


class Worker:
    """One process. `labs` are the names of what it has open, the one used longest ago first; `owner` is whose alone it
    is, "" for everybody's; `cpu` the seconds of the processor that its last answer took."""

    def __init__(self, script: Path = WORKER, owner: str = "") -> None:
        keep = ("SYSTEMROOT", "LD_LIBRARY_PATH")
        where = str(Path(duckdb.__file__).parent.parent)
        self._process = subprocess.Popen(  # noqa: S603 - our own file, no shell
            [sys.executable, "-I", str(script), where, str(script.parent)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True,
            # one arena: glibc sets aside 64 MB of address space for each, and address space is what is bounded
            env={"MALLOC_ARENA_MAX": "1", **{name: os.environ[name] for name in keep if name in os.environ}})
        self.labs: list[str] = []
        self.used = time.monotonic()
        self.owner, self.cpu = owner, 0.0

    def step_back(self) -> None:
        """Let the other processes of this machine go first."""
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, BEHIND)

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def hello(self) -> None:
        """Wait until the process has started; Stopped when it does not."""
        self._answer(20.0, None)

    def ask(self, message: Message, seconds: float) -> Message:
        """Send a message and give the answer; after `seconds` the process is killed and Stopped is raised."""
        return self._answer(seconds, message)

    def kill(self) -> None:
        """End the process now."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _answer(self, seconds: float, message: Message | None) -> Message:
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            return self._exchange(message)
        except (OSError, EOFError):
            self.kill()
            raise Stopped(late.is_set()) from None
        finally:
            timer.cancel()

    def _exchange(self, message: Message | None) -> Message:
        inward, outward = self._process.stdin, self._process.stdout
        assert inward is not None and outward is not None
        if message is not None:
            body = json.dumps(message).encode()
            inward.write(struct.pack(">I", len(body)) + body)
            inward.flush()
        head = outward.read(4)
        size = struct.unpack(">I", head)[0] if len(head) == 4 else -1
        answer = outward.read(size) if size >= 0 else b""
        if len(answer) != size:
            raise EOFError
        found: Message = json.loads(answer)
        self.cpu = found.get("cpu", 0.0)
        return found


class Pool:
    """A few workers for everybody; one query at a time for each owner ("" is the graders, who may have several)."""

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._idle: list[Worker] = []  # the one used last is last
        self._out = 0
        self._busy: set[str] = set()
        self._apart: dict[str, float] = {}  # owner to the moment until which she has a process of her own
        self._changed = threading.Condition()
        self._reaper: threading.Timer | None = None
        self._closed = False

    @contextmanager
    def lease(self, owner: str, lab: str) -> Iterator[Worker]:
        """A worker for one query, one that is open on `lab` if there is; SqlProblem when none comes free in time."""
        with self._changed:
            self._claim(owner)
            apart = self._apart.get(owner, 0.0) > time.monotonic()
            worker = self._take(lab, owner if apart else "")
            self._out += 1
        try:
            if worker is None:
                worker = _started(owner=owner if apart else "")
            yield worker
        except Stopped:
            raise SqlProblem("The lab could not be opened.", kind="broken", hint="Try again in a moment.") from None
        finally:
            self._give_back(owner, worker)

    @contextmanager
    def once(self, owner: str, script: Path) -> Iterator[Worker]:
        """A process of its own for one job of another kind, ended afterwards. It takes its owner's turn."""
        with self._changed:
            self._claim(owner)
            self._out += 1
        worker = None
        try:
            worker = _started(script, owner or script.stem)
            yield worker
        except Stopped:
            raise SqlProblem("The lab could not be opened.", kind="broken", hint="Try again in a moment.") from None
        finally:
            if worker is not None:
                worker.kill()
            self._give_back(owner, None)

    def close(self) -> None:
        """End every worker; none is given out again."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            if self._reaper is not None:
                self._reaper.cancel()
        for worker in idle:
            worker.kill()

    def _claim(self, owner: str) -> None:
        """Wait for the owner's turn and for room, holding the condition; SqlProblem where neither comes in time."""
        refuse_where_unbounded()
        self._wait(lambda: owner not in self._busy, 6.0, "Your last query is still running.")
        self._busy.add(owner) if owner else None
        try:
            self._wait(lambda: any(not worker.owner for worker in self._idle) or self._out < self._most, 15.0,
                       "Too many queries at once.")
        except SqlProblem:
            self._busy.discard(owner)
            raise

    def _wait(self, ready: Any, seconds: float, sentence: str) -> None:
        if not self._changed.wait_for(ready, seconds):
            raise SqlProblem(sentence, kind="busy", hint="Run it again in a moment.")

    def _take(self, lab: str, owner: str) -> Worker | None:
        """The idle worker that is open on the lab; else the one longest unused, unless a new one may be started."""
        self._idle = [worker for worker in self._idle if worker.alive]
        fitting = [worker for worker in self._idle if worker.owner == owner]
        chosen = next((worker for worker in reversed(fitting) if lab in worker.labs), None)
        if chosen is None and fitting and (owner or len(fitting) + self._out >= min(3, self._most)):
            chosen = fitting[0]
        if chosen is not None:
            self._idle.remove(chosen)
        return chosen

    def _give_back(self, owner: str, worker: Worker | None) -> None:
        keep = worker is not None and worker.alive and not self._closed
        with self._changed:
            self._out -= 1
            self._busy.discard(owner)
            if owner and worker is not None and (not worker.alive or worker.cpu > HEAVY):
                self._set_apart(owner)
            if worker is not None and keep:
                worker.used = time.monotonic()
                self._idle.append(worker)
                self._set_reaper()
            self._changed.notify_all()
        if worker is not None and not keep:
            worker.kill()

    def _set_apart(self, owner: str) -> None:
        """Give her a process of her own for a while, where not too many have one."""
        moment = time.monotonic()
        self._apart = {each: until for each, until in self._apart.items() if until > moment}
        if owner in self._apart or len(self._apart) < MOST_APART:
            self._apart[owner] = moment + APART

    def _set_reaper(self) -> None:
        if self._reaper is None:
            self._reaper = threading.Timer(IDLE / 2, self._reap)
            self._reaper.daemon = True
            self._reaper.start()

    def _reap(self) -> None:
        with self._changed:
            self._reaper = None
            old = [worker for worker in self._idle if time.monotonic() - worker.used > IDLE]
            self._idle = [worker for worker in self._idle if worker not in old]
            if self._idle and not self._closed:
                self._set_reaper()
        for worker in old:
            worker.kill()


def _started(script: Path = WORKER, owner: str = "") -> Worker:
    try:
        worker = Worker(script, owner)
    except OSError:
        raise SqlProblem("The server has no room for another query just now.", kind="busy",
                         hint="Run it again in a moment.") from None
    if owner:
        worker.step_back()
    worker.hello()
    return worker


def refuse_where_unbounded() -> None:
    """SqlProblem on a system where a process's memory cannot be bounded: SQL stays off there, and says why."""
    if os.name != "posix":
        raise SqlProblem("SQL is off on this computer: its system cannot bound the memory of a query.", kind="off",
                         hint="Everything else works. Run Two Seats on Linux or macOS (or in WSL) to use the lab.")
