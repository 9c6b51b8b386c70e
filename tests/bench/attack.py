"""What other learners feel while one of them sends the hostile corpus: part of `python -m tests.bench.lab`.

Quiet and attacked stretches take turns, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # the corpus is the tests'

import hostile_sql

from sandbox.errors import SqlProblem
from sandbox.lab.room import RoomLab

Made = Callable[[str, date], RoomLab]  # a lab of an owner's own, by her name and day


@dataclass
class Felt:
    """Milliseconds of other learners' queries, in quiet and under attack; how many hostile statements ran meanwhile."""

    quiet: list[float] = field(default_factory=list)
    attacked: list[float] = field(default_factory=list)
    sent: int = 0

    @property
    def ratio(self) -> float:
        """p95 under attack by p95 in quiet."""
        return p95(self.attacked) / p95(self.quiet)


def p95(spent: list[float]) -> float:
    """What nineteen of twenty take at most."""
    return statistics.quantiles(spent, n=20)[18]


def felt(made: Made, sql: str, *, others: int = 5, rounds: int = 4, seconds: float = 4.0, pause: float = 0.25) -> Felt:
    """`others` learners run `sql` every `pause` seconds or so, while one sends the corpus in every second stretch."""
    found, corpus = Felt(), cycle(_corpus(made("mallory", date(2026, 3, 1))))
    labs = [made(f"other {n}", date(2026, 3, n + 2)) for n in range(others)]
    for lab in labs:
        lab.run(sql)
    for _ in range(rounds):
        found.quiet += _stretch(labs, sql, seconds, pause)
        over = threading.Event()
        attacker = threading.Thread(target=_attack, args=(corpus, over, found))
        attacker.start()
        found.attacked += _stretch(labs, sql, seconds, pause)
        over.set()
        attacker.join()
        time.sleep(0.5)  # what was killed is replaced before it is quiet again
    return found


def _corpus(lab: RoomLab) -> Iterator[Callable[[], object]]:
    """What is stopped and what is refused, by turns: in queries, and in scripts on a copy."""
    stopped = [sql for group in hostile_sql.STOPPED.values() for sql in hostile_sql.statements(group)]
    refused = [sql for group in hostile_sql.REFUSED.values() for sql in hostile_sql.statements(group)]
    scripts = [*hostile_sql.STOPPED_SCRIPTS, *hostile_sql.statements(hostile_sql.SCRIPTS)]
    each = -(-len(refused) // len(stopped))
    for n, sql in enumerate(stopped):
        yield lambda sql=sql: lab.run(sql)  # type: ignore[misc]
        for other in refused[n * each:(n + 1) * each]:
            yield lambda sql=other: lab.run(sql)  # type: ignore[misc]
        for script in scripts[n::len(stopped)]:
            yield lambda sql=script: lab.scratch().apply(sql)  # type: ignore[misc]


def _attack(corpus: Iterator[Callable[[], object]], over: threading.Event, found: Felt) -> None:
    while not over.is_set():
        with suppress(SqlProblem):
            next(corpus)()
        found.sent += 1


def _stretch(labs: list[RoomLab], sql: str, seconds: float, pause: float) -> list[float]:
    """Milliseconds of every query that these learners ran within this time."""
    spent: list[float] = []
    end = time.monotonic() + seconds

    def learner(lab: RoomLab, n: int) -> None:
        time.sleep(pause * n / len(labs))
        while time.monotonic() < end:
            start = time.perf_counter()
            lab.run(sql)
            spent.append((time.perf_counter() - start) * 1000)
            time.sleep(pause)

    threads = [threading.Thread(target=learner, args=(lab, n)) for n, lab in enumerate(labs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return spent
