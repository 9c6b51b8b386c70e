"""A class opens one story at once: `python -m tests.bench.opening [data directory] [--story hi-questions-board]`.

Thirty guests, each with a browser's connection, ask for the story's first desk in the same second: eight threads and
SQLite, as `two-seats` serves. Prints how long each page waits, against one who comes alone and against a second visit,
and what one opening is made of. Bar: no page later than 3 s. Without a directory the hospital is built first.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sandbox import scenario, workspace
from sandbox.app import create_app
from sandbox.fhir import store
from sandbox.house import House
from sandbox.scenario import opening

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.desks import on_a_hospital
from servers import Caller, served

CLASS, LATEST = 30, 3.0


def main() -> None:
    """Measure and print; exits with 1 where the bar is missed."""
    asked = argparse.ArgumentParser()
    asked.add_argument("data", nargs="?")
    asked.add_argument("--story", default="hi-questions-board")
    given = asked.parse_args()
    sys.exit(not on_a_hospital(given.data, lambda house: measured(house, given.story)))


def measured(house: House, story: str) -> bool:
    """Print every figure; whether the bar holds."""
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}; {story}")
    made_of(house, story)
    path = f"/task/{story}/{house.scenarios[story].tasks[0].name}"
    with served(create_app(house=house), threads=house.settings.threads) as base:
        learners = [guest(base) for _ in range(CLASS + 1)]
        alone = at_once(learners[:1], path)
        first = at_once(learners[1:], path)
        again = at_once(learners[1:], path)
    for name, waits in (("alone", alone), (f"{CLASS} at once", first), ("the same again", again)):
        print(f"{name:16} p50 {statistics.median(waits):6.2f} s, latest {max(waits):6.2f} s (bar {LATEST:g})")
    return max(first) <= LATEST


def guest(base: str) -> Caller:
    """Somebody who has sat down and has not opened the story."""
    one = Caller(base)
    one.get("/")
    one.post("/begin", next="/kinds")
    return one


def at_once(learners: list[Caller], path: str) -> list[float]:
    """Seconds that each waits for the page when all ask in the same moment."""
    waits: list[float] = []
    gate = threading.Barrier(len(learners))

    def ask(one: Caller) -> None:
        gate.wait()
        begun = time.perf_counter()
        answer = one.session.get(one.base + path, timeout=600)
        assert answer.status_code == 200, answer.status_code
        waits.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=ask, args=(one,)) for one in learners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits


def made_of(house: House, story: str, rounds: int = 5) -> None:
    """The parts of one opening in processor time, all under the writers' lock: the planting worked out, then stored."""
    with house.db.reading() as conn:
        base = store.default_hospital(conn)
    assert base is not None

    def planted(seed: int) -> opening.Plantings:
        with house.db.reading() as conn:
            return opening.plant_all(conn, house, story, seed, base.ws)

    planned = [timed(lambda n=n: planted(n)) for n in range(rounds)]
    resources = opening.resources_of(planted(1))

    def stored(n: int) -> None:
        with house.db.writing() as conn:
            workspace.open(conn, owner=f"part{n}", base=base.ws, seed=1, scenario="part", resources=resources)

    kept = [timed(lambda n=n: stored(n)) for n in range(rounds)]
    whole = [timed(lambda n=n: sit(house, story, n)) for n in range(rounds)]
    print(f"{len(resources):,} resources; worked out in {statistics.median(planned):.2f} s of a processor, stored in "
          f"{statistics.median(kept):.2f}, the whole opening {statistics.median(whole):.2f}", flush=True)


def sit(house: House, story: str, n: int) -> None:
    """Somebody new opens the story."""
    with house.db.writing() as conn:
        scenario.sit(conn, house, f"whole{os.getpid()}-{n}", story)


def timed(act: Callable[[], object]) -> float:
    """Seconds of the processor that one call takes: on a busy machine too what it costs."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


if __name__ == "__main__":
    main()
