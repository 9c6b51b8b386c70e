"""Opening and resetting each shipped story, planting included, on the first hospital.

    python -m tests.bench.stories [rounds]

Bar: p95 300 ms. Prints each story's figures, their ratio to opening without planting, and the machine.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sandbox import scenario, workspace
from sandbox.config import Settings
from sandbox.fhir import store
from sandbox.founding import first_hospital
from sandbox.house import House, open_house


def timed(house: House, act: Callable[[object, int], object], rounds: int) -> list[float]:
    """Milliseconds of each round, each in a transaction of its own."""
    seen = []
    for n in range(rounds):
        begun = time.perf_counter()
        with house.db.writing() as conn:
            act(conn, n)
        seen.append((time.perf_counter() - begun) * 1000)
    return seen


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory(prefix="two-seats-bench-") as folder:
        house = open_house(Settings(data=Path(folder)))
        first_hospital(house, lambda _: None)
        with house.db.reading() as conn:
            base = store.default_hospital(conn)
        assert base is not None
        print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
              f"load {os.getloadavg()[0] if hasattr(os, 'getloadavg') else float('nan'):.1f}")
        bare = timed(house, lambda conn, n: workspace.open(conn, owner=f"bare{n}", base=base.ws, seed=n, scenario="x"),
                     rounds)
        print(f"{'no planting':18} open  p50 {statistics.median(bare):6.1f} ms, p95 {p95(bare):6.1f} ms")
        for story in house.scenarios:
            opened = timed(house, lambda conn, n, s=story: scenario.sit(conn, house, f"{s}{n}", s), rounds)
            with house.db.reading() as conn:
                rooms = [i for i in workspace.every(conn) if i.scenario == story]
            again = timed(house, lambda conn, n, r=rooms: scenario.reopen(conn, house, r[n]), rounds)
            for what, seen in (("open", opened), ("reset", again)):
                print(f"{story:18} {what:5} p50 {statistics.median(seen):6.1f} ms, p95 {p95(seen):6.1f} ms (bar 300); "
                      f"p50 is {statistics.median(seen) / statistics.median(bare):.0f} x bare")
        house.labs.close()
        house.db.close()


if __name__ == "__main__":
    main()
