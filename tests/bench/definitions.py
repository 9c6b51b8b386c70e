"""What a workspace's own definitions cost: `python -m tests.bench.definitions`.

20,000 patients in the base, on SQLite in a file. A search parameter by a plain path, posted by one learner and by the
next; one that is evaluated, over 600; a write without definitions, and with a parameter and a profile. Processor time
of this process in milliseconds, and as a ratio to parsing the 20,000 texts in the same run.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).parents[1]))
from databases import sqlite_database
from test_profiles import VALUES, claiming, race, registered
from test_search_own import definition, patient

from sandbox import workspace
from sandbox.db import Database
from sandbox.fhir import store

TODAY = date(2026, 6, 30)
MANY, FEW, WRITES = 20_000, 600, 200


def main() -> None:
    """Print each figure; nothing here is a bar."""
    with tempfile.TemporaryDirectory(prefix="two-seats-bench-") as place:
        database = sqlite_database(Path(place))
        texts = [orjson.dumps(patient(f"p{n}", "2106-3")).decode() for n in range(MANY)]
        yard = spent(lambda: [orjson.loads(text) for text in texts])
        print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
              f"load {os.getloadavg()[0]:.1f}; parsing {MANY:,} patients: {yard:.0f} ms")
        many, few = hospital(database, texts), hospital(database, texts[:FEW])
        lower = definition(code="low", type="string", expression="Patient.name.family.lower()")
        for name, base, posted in ((f"plain path, {MANY:,}, first", many, definition()),
                                   (f"plain path, {MANY:,}, next learner", many, definition()),
                                   (f"evaluated, {FEW}", few, lower)):
            say(name, written(database, base, [posted]), yard)
        plain = written(database, few, [claiming("2106-3")] * WRITES)
        say("a write", plain / WRITES, yard)
        own = written(database, few, [claiming("2106-3")] * WRITES, before=[definition(), VALUES, race(), registered()])
        say("a write under a parameter and a profile", own / WRITES, yard)
        database.close()


def hospital(database: Database, texts: list[str]) -> int:
    """A published hospital of these patients."""
    with database.writing() as conn:
        base = store.new_hospital(conn, "bench", TODAY)
        store.put_many(conn, base, ((orjson.loads(text), text) for text in texts))
        store.publish(conn, base, default=True)
    return base


def written(
    database: Database, base: int, some: list[dict[str, Any]], before: list[dict[str, Any]] | None = None,
) -> float:
    """Milliseconds that these creates take in a new workspace, once `before` is there."""
    with database.writing() as conn:
        info = workspace.open(conn, owner="ada", base=base, seed=1, scenario="")
        chart = workspace.Workspace(conn, info, workspace.Agent("ada", "Ada", "learner"))
        for one in [patient("warm", "UNK"), *(before or [])]:  # the first of a type pays for its model's import
            chart.create(one)
        return spent(lambda: [chart.create(one) for one in some])


def spent(work: Callable[[], Any]) -> float:
    """Processor time in milliseconds."""
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start)


def say(name: str, took: float, yard: float) -> None:
    """One line."""
    print(f"{took:8.1f} ms {took / yard:7.3f} x  {name}")


if __name__ == "__main__":
    main()
