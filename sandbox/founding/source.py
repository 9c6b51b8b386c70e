"""Where the whole hospital's resources come from: the generator, here, or for a large one in a process beside this one.

They come ready to be stored (`sandbox.fhir.prepared`), some at a time. The other process may be ahead by a few
megabytes, so that both cores have work: one makes resources while the other stores them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from queue import Queue
from threading import Thread
from typing import IO, Any

import orjson
from tqdm import tqdm

from fixtures import hospital
from sandbox.audit import opening
from sandbox.errors import SandboxError
from sandbox.fhir import prepared, store
from sandbox.fhir.prepared import Pair, Prepared
from sandbox.house import House
from sandbox.terminology import Codes

#: From so many patients on, another process is worth the second that it takes to start.
BESIDE = 200
STEP = 2000  # resources of one transaction: a fifth of a second, so that whoever writes beside it hardly waits
_AHEAD = 2  # steps that wait to be stored at most
_PIPE = 1 << 20  # a thread that reads 8 KB at a time waits for its turn more than it reads


def made(seed: int, patients: int, codes: Codes) -> Iterator[Pair]:
    """Each resource with its text, generated in this process."""
    for resource in hospital.build(seed, patients, codes):
        yield resource, orjson.dumps(resource).decode()


def steps(seed: int, patients: int, codes: Codes, ws: int, kept: int, size: int) -> Iterator[Prepared]:
    """The hospital without its first `kept` resources, ready to be stored as `ws`, so many at a time."""
    pairs = islice(made(seed, patients, codes), kept, None)
    return prepared.in_steps(ws, store.row_number(ws, kept), pairs, opening(hospital.TODAY), size)


@contextmanager
def rest(house: House, ws: int, kept: int) -> Iterator[Iterator[Prepared]]:
    """What the house asks for, likewise. SandboxError where the process that makes it stops before its end."""
    seed, patients = house.settings.seed, house.settings.patients
    if patients < BESIDE:
        yield _counted(steps(seed, patients, house.codes, ws, kept, STEP), patients)
        return
    process = subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", "sandbox", "hospital", "prepare", "--seed", str(seed), "--patients", str(patients),
         "--codes", str(house.settings.data / "codes"), str(ws), str(kept), str(STEP)],
        stdout=subprocess.PIPE, bufsize=_PIPE, pipesize=_PIPE)
    assert process.stdout is not None
    waiting: Queue[Prepared | None] = Queue(_AHEAD)
    reader = Thread(target=_read, args=(process.stdout, waiting), daemon=True)
    reader.start()
    try:
        yield _counted(_drawn(waiting, process), patients)
    finally:
        process.kill()  # it has ended, or nobody wants the rest
        while reader.is_alive():
            if not waiting.empty():
                waiting.get()
            reader.join(0.01)
        process.stdout.close()
        process.wait()


def _read(pipe: IO[bytes], waiting: Queue[Prepared | None]) -> None:
    try:
        for step in prepared.read(pipe):
            waiting.put(step)
    finally:
        waiting.put(None)  # whoever stores must never wait for a reader that has gone


def _drawn(waiting: Queue[Prepared | None], process: subprocess.Popen[bytes]) -> Iterator[Prepared]:
    while step := waiting.get():
        yield step
    if process.wait():
        raise SandboxError(f"The hospital's generator stopped before its end (status {process.returncode}).",
                           hint="What is stored is kept: two-seats hospital build takes it up there.")


def _counted(steps: Iterator[Prepared], patients: int) -> Iterator[Prepared]:
    """The same, with a progress bar that counts patients (on a terminal; logs stay plain)."""
    bar: tqdm[Any]
    with tqdm(total=patients, unit=" patients", ncols=72, disable=None) as bar:
        for step in steps:
            yield step
            bar.update(sum(kind == "Patient" for kind, _ in step.names))
