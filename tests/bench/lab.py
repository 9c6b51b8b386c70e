"""How fast the lab is: `python -m tests.bench.lab [patients]`. Figures are a benchmark's, never a timed test's."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb

from sandbox.lab import LabRooms
from sandbox.lab.layer import Layer
from sandbox.lab.room import RoomLab

sys.path.insert(0, str(Path(__file__).parent.parent))  # `bench` by one name, whoever imports it
from bench.attack import felt, p95
from bench.judging import TASKS, Judged

TODAY = date(2026, 6, 30)
QUERY = """
WITH stay AS (SELECT local_date(start_at) AS a, local_date(end_at) AS z FROM encounter WHERE class = 'IMP')
SELECT strftime(z, '%Y-%m') AS month, count(*) AS n, avg(z - a) AS days FROM stay GROUP BY 1 ORDER BY 1"""


def hospital(patients: int) -> list[dict[str, Any]]:
    """Invented resources of the usual mix: a patient, 5 visits, 10 conditions and 40 observations each."""
    found: list[dict[str, Any]] = []
    for p in range(patients):
        who = {"reference": f"Patient/p{p}"}
        found.append({"resourceType": "Patient", "id": f"p{p}", "gender": "female", "birthDate": "1950-01-01",
                      "name": [{"use": "official", "family": f"F{p}", "given": ["G"]}]})
        for n in range(5):
            visit, start = f"e{p}-{n}", date(2026, 1, 1) + timedelta(days=(p * 7 + n * 31) % 170)
            found.append({"resourceType": "Encounter", "id": visit, "status": "finished", "subject": who,
                          "class": {"code": "IMP"}, "period": {
                              "start": f"{start}T15:00:00Z", "end": f"{start + timedelta(days=n)}T18:00:00Z"}})
            for k in range(10):
                kind = "Condition" if k < 2 else "Observation"
                found.append({"resourceType": kind, "id": f"{visit}-{k}", "subject": who, "status": "final",
                              "encounter": {"reference": f"Encounter/{visit}"},
                              "effectiveDateTime": f"{start}T16:00:00Z",
                              "code": {"coding": [{"system": "http://loinc.org", "code": f"c{k}"}]},
                              "valueQuantity": {"value": k + .5, "code": "mg/dL"}})
    return found


def timed(act: Callable[[], Any], times: int = 1) -> float:
    """Milliseconds, the median of some runs."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent)


def say(what: str, milliseconds: float, note: str = "") -> None:
    """One line of the table."""
    print(f"{what:<52}{milliseconds:>10.1f} ms   {note}", flush=True)


def main(patients: int) -> None:
    """Print each figure as it is known."""
    resources = hospital(patients)
    folder = Path(tempfile.mkdtemp())
    rooms = LabRooms(folder / "labs")
    say("dictionary read and compiled, once a process", timed(lambda: rooms.dictionary))
    say(f"base built, {patients} patients", timed(lambda: rooms.hidden("bench", lambda: resources, TODAY)),
        f"{len(resources):,} resources")
    lab = rooms.hidden("bench", list, TODAY)
    assert isinstance(lab, RoomLab)
    say("first query of all: a worker starts, the lab opens", timed(lambda: lab.run(QUERY)))
    anew = count()  # graders remember what a query came to on a lab that never changes: each of these is another one
    warm = timed(lambda: lab.run(f"{QUERY} -- {next(anew)}"), 30)
    say("warm query", warm)
    con = duckdb.connect(str(lab.base.path), read_only=True, config={"threads": 1})
    con.execute("SET TimeZone = 'UTC'")
    con.execute("CREATE TEMP MACRO local_date(ts) AS CAST(ts AT TIME ZONE 'America/Chicago' AS DATE)")
    alone = timed(lambda: con.execute(QUERY).fetchall(), 30)
    con.close()
    say("the same in DuckDB alone", alone, f"overhead {warm - alone:.1f} ms")
    wide = "SELECT observation_id, code, value_number, effective_at FROM observation LIMIT 5000"
    say("up to 5,000 rows of 4 columns", timed(lambda: lab.run(f"{wide} -- {next(anew)}"), 10))
    hers = resources[:300]
    layer = Layer.of(hers, (), rooms.dictionary)
    say("rows of 300 of her resources", timed(lambda: Layer.of(hers, (), rooms.dictionary), 5))
    days = iter(range(1, 29))

    def opened() -> None:
        room = RoomLab(rooms.pool, rooms.dictionary, lab.base, layer, date(2026, 5, next(days)))
        room.run("SELECT count(*) FROM encounter")

    for _ in range(3):
        opened()
    say("a lab opened in a warm worker, with her 300", timed(opened, 10), "record changed, or another learner")
    copies(lab)
    labs = [rooms.hidden(f"bench-{n}", lambda: resources[:2000], TODAY) for n in range(5)]
    pairs = [each for lab in labs for each in (lab, rooms.reversed(lab))]  # type: ignore[arg-type]
    two = lambda: (f"{QUERY} -- {next(anew)}", f"{QUERY} -- {next(anew)}")  # noqa: E731
    say("grading: 5 hospitals and reversed, 2 queries each",
        timed(lambda: [each.run(sql) for sql in two() for each in pairs], 2))
    judged(rooms, lab)
    say("a pack of every table, as Parquet", timed(lambda: rooms.pack(lab), 3), f"{len(rooms.pack(lab)):,} bytes")
    say("an answer as a Parquet file", timed(lambda: rooms.parquet(lab, wide), 3))
    crowd(rooms, lab, layer)
    attacked(rooms, lab, layer)
    rooms.close()


def copies(lab: RoomLab) -> None:
    """A scratch copy made, changed, and made again from its journal."""
    copy = lab.scratch()

    def made() -> None:
        copy.reset()
        copy.apply("ALTER TABLE encounter ADD COLUMN note VARCHAR; ALTER TABLE patient ADD COLUMN note VARCHAR")

    made()
    say("scratch copy made, two tables changed", timed(made, 10))
    copy.apply("UPDATE observation SET value_number = value_number * 2")
    say("one update of every observation, journalled", timed(
        lambda: copy.apply("UPDATE observation SET value_number = value_number + 1"), 5))
    say("how it stands: checksums of three tables", timed(copy.look, 5))
    again = iter(range(100))

    def rebuilt() -> None:
        fresh = lab.scratch()
        fresh.apply("UPDATE observation SET value_number = value_number * 2")
        copy.apply(f"-- {next(again)}")

    say("a copy with that update made from nothing", timed(rebuilt, 5))


def judged(rooms: LabRooms, lab: RoomLab) -> None:
    """Both reports as after a submission: the shown hospital and four hidden ones, each also reversed."""
    for task in TASKS:
        first, *others = (Judged(rooms, lab, task, seed) for seed in (1, 2, 3, 4))
        say(f"{task}: the first one judged, hidden hospitals built", timed(first.judge))
        say(f"{task}: another learner's, five hospitals", statistics.median(timed(each.judge) for each in others),
            f"judged again {timed(first.judge, 3):.0f} ms")


def crowd(rooms: LabRooms, lab: RoomLab, layer: Layer) -> None:
    """Thirty learners, each with a lab of her own, three queries each at once."""
    spent: list[float] = []

    def learner(n: int) -> None:
        room = RoomLab(rooms.pool, rooms.dictionary, lab.base, layer, date(2026, 4, n % 30 + 1), owner=f"learner {n}")
        for _ in range(3):
            spent.append(timed(lambda: room.run(QUERY)))

    threads = [Thread(target=learner, args=(n,)) for n in range(30)]
    def together() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    whole = timed(together)
    say("30 learners at once, 3 queries each: median", statistics.median(spent),
        f"p95 {p95(spent):.0f} ms; all {len(spent)} in {whole:.0f} ms")


def attacked(rooms: LabRooms, lab: RoomLab, layer: Layer) -> None:
    """Five learners' queries while a sixth sends the hostile corpus, beside the same in quiet."""
    found = felt(lambda owner, day: RoomLab(rooms.pool, rooms.dictionary, lab.base, layer, day, owner=owner), QUERY)
    say("five learners' queries, in quiet: p95", p95(found.quiet), f"median {statistics.median(found.quiet):.0f} ms")
    say("while a sixth sends the hostile corpus: p95", p95(found.attacked),
        f"median {statistics.median(found.attacked):.0f} ms; {found.ratio:.2f} of quiet, {found.sent} statements")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
