"""What a class of 300 with 20 tasks costs who teaches it: `python -m tests.bench.classroom [--rounds 60]`.

300 learners, 20 tasks, every first attempt judged (6,000 reports). Bars: the page of the class grid p95 300 ms, its
part and the live page's p95 300 ms where they changed, 30 ms where they did not (304); the key and one criterion of it
300 ms. The longest story has fewer
tasks, so it is set out with its tasks again under other names; nothing else is made up.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from sandbox import attempts, classroom, people
from sandbox.app import create_app
from sandbox.attempts import ledger
from sandbox.config import Settings
from sandbox.house import House, open_house
from sandbox.scenario import story_key
from sandbox.web import fragment
from sandbox.workspace.keeping import workspace as workspace_table

sys.path.insert(0, str(Path(__file__).parents[1]))
from classmates import file, report
from houses import instructor

LEARNERS, TASKS = 300, 20


def main() -> None:
    """Measure and print; exits with 1 where a bar is missed."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=60)
    rounds = asked.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="two-seats-bench-") as folder:
        house = open_house(Settings(data=Path(folder), patients=8, rate_limits=False))
        try:
            sys.exit(not measured(house, rounds))
        finally:
            house.labs.close()
            house.db.close()


def measured(house: House, rounds: int) -> bool:
    """Print every figure; whether all bars hold."""
    app = create_app(house=house)
    ines = instructor(app)
    course, given = filled(house, TASKS)
    gc.collect()
    gc.freeze()  # as `two-seats` does before it serves
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}; {LEARNERS} learners, {TASKS} tasks, {LEARNERS * TASKS:,} reports")
    root, good = f"/teach/{course}/{given}", True
    good &= said("the class grid, first time", timed(lambda: ines.get(root), 1), 3000, size(ines.get(root)))
    good &= said("the class grid", timed(lambda: ines.get(root), rounds), 300, f"{queries(house, ines, root)} queries")
    for name, path in (("the grid's part", f"{root}/table"), ("the live page's part", f"{root}/live/part")):
        fresh = lambda path=path: (fragment.forget(), ines.client.get(path))  # noqa: E731
        good &= said(f"{name}, made anew", timed(fresh, rounds), 300, f"{queries(house, ines, path)} queries")
        tag = {"If-None-Match": ines.client.get(path).headers["ETag"], "Accept-Encoding": "gzip"}
        good &= said(f"{name}, not changed", timed(lambda path=path, tag=tag: ines.client.get(path, headers=tag),
                                                  rounds), 30, size(ines.client.get(path).text))
    good &= said("the live page", timed(lambda: ines.get(f"{root}/live"), rounds), 300, "")
    good &= said("the key", timed(lambda: ines.get(f"{root}/key"), rounds), 300, "")
    task = house.scenarios[max(house.scenarios.values(), key=lambda each: len(each.tasks)).name].tasks[0].name
    one = f"{root}/key/{task}?criterion=c-1"
    good &= said("one criterion of the key", timed(lambda: ines.get(one), rounds), 300,
                 f"{queries(house, ines, one)} queries")
    return good


def filled(house: House, tasks: int, learners: int = LEARNERS, *, judged: bool = True) -> tuple[str, str]:
    """A class with this many learners and tasks, all submitted and judged where `judged`: its id, its assignment's."""
    story = max(house.scenarios.values(), key=lambda each: len(each.tasks))
    again = (*story.tasks, *(replace(t, name=f"{t.name}-{n}") for n in range(2, 2 + tasks) for t in story.tasks))
    house.scenarios.story(story.name).__dict__["tasks"] = again[:tasks]
    seats = sorted({task.seat for task in story.tasks})
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.get(conn, people.OWNER), "A class of three hundred")
        given = classroom.assign(conn, course.id, story.name, seats, people.now() + timedelta(days=1))
        for number in range(learners):
            learner = people.guest(conn)
            classroom.join(conn, learner.id, course.code)
            room = f"w-bench{number}"
            conn.execute(workspace_table.insert().values(**a_room(room, learner.id, story_key(story.name, given.id))))
            for place, task in enumerate(again[:tasks] if judged else ()):
                attempts.open_draft(conn, room, task.name, learner.id)
                file(conn, learner.id, story.name, task.name, report((number + place) % 31, 30),
                     assignment=given.id, asked=False)
            conn.execute(ledger.attempt.update().where(ledger.attempt.c.person == learner.id).values(workspace=room))
            classroom.be_at(conn, learner.id, story_key(story.name, given.id), again[number % tasks].name)
    return course.id, given.id


def a_room(id: str, owner: str, scenario: str) -> dict[str, object]:
    """A workspace's row with nothing behind it: the class table asks only whose it is."""
    return {"id": id, "owner": owner, "scenario": scenario, "ws": 1, "base": 1, "today": date(2026, 6, 15),
            "opened": "2026-06-15T14:00:00+00:00", "seed": 1, "shown": "{}"}


def queries(house: House, ines: object, path: str) -> int:
    """How many SELECTs one page asks."""
    asked: list[str] = []
    note = lambda *each: asked.append(each[2])  # noqa: E731
    sa.event.listen(house.db.engine, "before_cursor_execute", note)
    fragment.forget()
    ines.client.get(path)  # type: ignore[attr-defined]
    sa.event.remove(house.db.engine, "before_cursor_execute", note)
    return sum(one.lstrip().upper().startswith("SELECT") for one in asked)


def size(page: str) -> str:
    """How large it is, and on its way."""
    return f"{len(page.encode()) / 1000:,.0f} KB, {len(gzip.compress(page.encode(), 4)) / 1000:,.0f} KB zipped"


def timed(act: Callable[[], object], rounds: int) -> list[float]:
    """Milliseconds of each round."""
    seen = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        seen.append((time.perf_counter() - begun) * 1000)
    return seen


def said(name: str, seen: list[float], bar: float, more: str) -> bool:
    """One line; whether p95 is within its bar."""
    middle = statistics.median(seen)
    late = statistics.quantiles(seen, n=20)[-1] if len(seen) > 1 else seen[0]
    print(f"{name:34} p50 {middle:7.1f} ms, p95 {late:7.1f} ms (bar {bar:g})  {more}", flush=True)
    return late <= bar


if __name__ == "__main__":
    main()
