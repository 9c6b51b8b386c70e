"""What each desk's page costs on the whole hospital: `python -m tests.bench.desks [data directory] [--rounds 60]`.

One task of each activity: its page's size as a browser fetches it, its queries, how long it takes; and for the access
desk the parts of the log. Without a directory the hospital of 600 patients is built first (about a minute). Bars:
150 KB compressed, 12 queries, p95 150 ms; each figure also as a ratio to the front page in the same run.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from sandbox.app import create_app
from sandbox.config import Settings
from sandbox.house import House, open_house

sys.path.insert(0, str(Path(__file__).parents[1]))
from houses import Person

DESKS = ("him-surgical-stays/him-hip", "him-record-review/him-board-of-fifteen", "him-access-fortnight/him-two-weeks",
         "hi-first-reports/hi-readmission")
LOG = {"a page of the log": ("events", {}), "its last page": ("events", {"page": "500"}),
       "one day": ("events", {"day": "2026-06-18"}), "grouped by person": ("events", {"group": "agent_id"}),
       "grouped by request": ("events", {"group": "request_id"}), "words": ("events", {"words": "mar"}),
       "the heat map": ("heat", {"day": "2026-06-18"})}


def main() -> None:
    """Measure and print; exits with 1 where a bar is missed."""
    asked = argparse.ArgumentParser()
    asked.add_argument("data", nargs="?")
    asked.add_argument("--rounds", type=int, default=60)
    given = asked.parse_args()
    sys.exit(not on_a_hospital(given.data, lambda house: measured(house, given.rounds)))


def on_a_hospital(data: str | None, measure: Callable[[House], bool]) -> bool:
    """Whether all bars hold in the house of this data directory, or of one that is built for it and thrown away."""
    with tempfile.TemporaryDirectory(prefix="two-seats-bench-") as folder:
        where = Path(data or folder)
        if not data:
            subprocess.run([sys.executable, "-m", "sandbox", "hospital", "build", "--data", str(where)], check=True)
        house = open_house(Settings(data=where, rate_limits=False))
        try:
            return measure(house)
        finally:
            house.labs.close()
            house.db.close()


def measured(house: House, rounds: int) -> bool:
    """Print every figure; whether all bars hold."""
    ada = Person(create_app(house=house)).sit_down()
    gc.collect()
    gc.freeze()  # as `two-seats` does before it serves
    front = timed(lambda: ada.get("/"), rounds)
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}; the front page takes {statistics.median(front):.0f} ms")
    good = True
    for desk in DESKS:
        path = f"/task/{desk}"
        ada.get(path)  # opens the workspace and lays out its tables
        queries, page = counted(house, lambda path=path: ada.get(path))
        size = len(gzip.compress(page.encode())) / 1000
        good &= queries <= 12 and size <= 150
        good &= said(desk, timed(lambda path=path: ada.get(path), rounds), front, f"{queries} queries, {size:.0f} KB")
        if "access" in desk:
            for name, (step, form) in LOG.items():
                ask = lambda step=step, form=form: ada.post(f"{path}/step/{step}", **form)  # noqa: E731, B023
                good &= said(f"  {name}", timed(ask, rounds), front, "")
    return good


def counted(house: House, act: Callable[[], str]) -> tuple[int, str]:
    """How many queries one page asks, and the page."""
    asked: list[str] = []
    note = lambda *each: asked.append(each[2])  # noqa: E731
    sa.event.listen(house.db.engine, "before_cursor_execute", note)
    page = act()
    sa.event.remove(house.db.engine, "before_cursor_execute", note)
    return sum(one.lstrip().upper().startswith("SELECT") for one in asked), page


def timed(act: Callable[[], object], rounds: int) -> list[float]:
    """Milliseconds of each round."""
    seen = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        seen.append((time.perf_counter() - begun) * 1000)
    return seen


def said(name: str, seen: list[float], front: list[float], more: str) -> bool:
    """One line; whether p95 is within its bar."""
    middle, late = statistics.median(seen), statistics.quantiles(seen, n=20)[-1]
    ratio = middle / statistics.median(front)
    print(f"{name:42} p50 {middle:6.1f} ms, p95 {late:6.1f} ms (bar 150), {ratio:5.1f} x  {more}", flush=True)
    return late <= 150


if __name__ == "__main__":
    main()
