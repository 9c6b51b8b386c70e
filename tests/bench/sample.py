"""What making the sample class costs, and when there is something to look at.

    python -m tests.bench.sample [patients]

Processor time of this process and its query workers, in seconds and as a ratio to ten million additions in the same run
(0.45 s on the machine that the bars are for). Bars: visible in 2 s, first seat whole in 10 s, all of it in 20 s. The
hidden hospitals are built behind a house's first start (`founding.hidden`); `cold` is the first class of a house whose
have not been built, `warm` the next in the same process.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean

import sqlalchemy as sa

from sandbox import attempts, classroom, people, sample
from sandbox.config import Settings
from sandbox.founding import first_hospital
from sandbox.house import House, open_house
from tests.bench.base import pace

BARS = {"visible": 2.0, "first seat": 10.0, "whole": 20.0}


def spent() -> float:
    """Seconds of the processor so far, of this process, of the workers that have ended and of those at work (where
    there is /proc)."""
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        total += used.ru_utime + used.ru_stime
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[1]) == os.getpid():
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def made(house: House) -> dict[str, float]:
    """Make one class: the processor time until each of the bars' moments, and `unit`, that of ten million additions."""
    started, found = spent(), dict[str, float]()
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.guest(conn), "A sample class", sample=True)
        begun = sample.begin(conn, house, course)
    found["visible"] = spent() - started

    paces, apart = [], 0.0  # beside others the same work takes longer, and not all the time: it is asked on the way

    @contextmanager
    def writing() -> Iterator[sa.Connection]:
        nonlocal apart
        with house.db.writing() as conn:
            yield conn
            ids = [each.id for each in classroom.learners(conn, course.id)]
            done = len(attempts.done(conn, ids, [each.id for each in classroom.assignments(conn, course.id)]))
        paces.append(10 * pace(1_000_000))
        apart += paces[-1] / 10
        if done >= sample.expected() / 2:
            found.setdefault("first seat", spent() - started - apart)

    sample.fill(house, begun, house.db.reading, writing)
    return {**found, "whole": spent() - started - apart, "unit": mean(paces)}


def main(patients: int) -> None:
    """Make two classes and print the figures with their bars and the machine beside them."""
    with tempfile.TemporaryDirectory(prefix="two-seats-bench-") as folder:
        house = open_house(Settings(data=Path(folder), patients=patients))
        first_hospital(house, lambda _: None)
        for name in ("cold", "warm"):
            found = made(house)
            unit = found["unit"]
            print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load "
                  f"{os.getloadavg()[0]:.1f}; {patients} patients, {name}; ten million additions take {unit:.2f} s")
            for moment, bar in BARS.items():
                print(f"{moment:<12}{found[moment]:>7.2f} s, ratio {found[moment] / unit:>5.1f} (bar {bar:g} s, "
                      f"ratio {bar / 0.45:.1f})", flush=True)
        house.labs.close()
        house.db.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
