"""Where the whole hospital's resources come from: the generator, here, or for a large one in a process beside this one.

What the other process writes is what `two-seats hospital export` writes. It may be ahead by a few megabytes, so that
both cores have work: one makes resources while the other stores them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from queue import Queue
from threading import Thread
from typing import IO, Any

import orjson
from tqdm import tqdm

from fixtures import hospital
from sandbox.errors import SandboxError
from sandbox.fhir.text import Resource
from sandbox.house import House

#: From so many patients on, another process is worth the second that it takes to start.
BESIDE = 200
_CHUNK, _AHEAD = 1 << 18, 16  # bytes handed over at once, and how many such chunks wait at most
_PIPE = 1 << 20  # a thread that reads 8 KB at a time waits for its turn more than it reads
_PATIENT = b'{"resourceType":"Patient"'

Pair = tuple[Resource, str]


def made(house: House, patients: int) -> Iterator[Pair]:
    """Each resource with its text, generated in this process."""
    with _bar(patients) as bar:
        for resource in hospital.build(house.settings.seed, patients, house.codes):
            yield resource, orjson.dumps(resource).decode()
            bar.update(resource["resourceType"] == "Patient")


@contextmanager
def rest(house: House, patients: int, kept: int) -> Iterator[Iterator[Pair]]:
    """The same without the first `kept`. SandboxError where the process that generates them stops before its end."""
    if patients < BESIDE:
        yield islice(made(house, patients), kept, None)
        return
    process = subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", "sandbox", "hospital", "export", "--seed", str(house.settings.seed),
         "--patients", str(patients), "--codes", str(house.settings.data / "codes")],
        stdout=subprocess.PIPE, bufsize=_PIPE, pipesize=_PIPE)
    assert process.stdout is not None
    waiting: Queue[list[bytes]] = Queue(_AHEAD)
    reader = Thread(target=_read, args=(process.stdout, waiting), daemon=True)
    reader.start()
    try:
        lines = islice(_counted(_drawn(waiting, process), patients), kept, None)
        yield ((orjson.loads(line), line.rstrip().decode()) for line in lines)
    finally:
        process.kill()  # it has ended, or nobody wants the rest
        while reader.is_alive():
            if not waiting.empty():
                waiting.get()
            reader.join(0.01)
        process.stdout.close()
        process.wait()


def _read(pipe: IO[bytes], waiting: Queue[list[bytes]]) -> None:
    while chunk := pipe.readlines(_CHUNK):
        waiting.put(chunk)
    waiting.put([])


def _drawn(waiting: Queue[list[bytes]], process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    while chunk := waiting.get():
        yield from chunk
    if process.wait():
        raise SandboxError(f"The hospital's generator stopped before its end (status {process.returncode}).",
                           hint="What is stored is kept: two-seats hospital build takes it up there.")


def _counted(lines: Iterable[bytes], patients: int) -> Iterator[bytes]:
    with _bar(patients) as bar:
        for line in lines:
            yield line
            bar.update(line.startswith(_PATIENT))


def _bar(patients: int) -> tqdm[Any]:
    """A progress bar that counts patients (on a terminal; logs stay plain)."""
    return tqdm(total=patients, unit=" patients", ncols=72, disable=None)
