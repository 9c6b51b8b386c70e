"""Who is where just now, and who may need help: a line for each learner of an assignment.

“May need help” is a guess from three signs, and is worded as one: she sits at an open task and nothing was saved for
ten minutes; or she pressed Check again and again on the same work; or she has read every hint and still thinks. Who
went away is not stuck, and who has submitted is done. Long reading looks the same, so nobody is told of it but her
instructor, and nothing of it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from sandbox import attempts
from sandbox.classroom.course import Assignment, learners
from sandbox.classroom.message import nudged
from sandbox.classroom.presence import PAGES, Presence, presences
from sandbox.classroom.progress import tasks_of
from sandbox.classroom.window import hers
from sandbox.people import Person, now
from sandbox.scenario import Library, TaskBrief, story_key
from sandbox.workspace import rooms_of

State = Literal["help", "working", "away", "not started", "done"]
QUIET = timedelta(minutes=10)  # at an open task with nothing saved: then somebody may look in
HINTED = timedelta(minutes=5)  # with every hint read, sooner
CHECKED = 4  # presses of Check on the same work
HERE = timedelta(minutes=2)  # heard of so recently: a page sends word every eight seconds while it is looked at
_ORDER: dict[State, int] = {"help": 0, "working": 1, "away": 2, "not started": 3, "done": 4}


@dataclass(frozen=True)
class Spot:
    """Where one learner is. `why` says in words what makes her line stand first; `quiet` since when nothing was saved.

    `nudged`: when her newest nudge was sent, and “sent”, “on screen” or “read”.
    """

    person: Person
    state: State
    task: TaskBrief | None
    page: str
    why: str
    saved: datetime | None
    quiet: datetime | None
    seen: datetime | None
    submitted: int
    due: datetime | None
    nudged: tuple[datetime, str] | None

    @property
    def age(self) -> int:
        """Minutes since she last saved, as coarse as it is said: a save a moment later is no news."""
        minutes = int((now() - self.saved).total_seconds() // 60) if self.saved else 10**6
        return minutes if minutes >= 2 else 0


@dataclass(frozen=True)
class Room:
    """An assignment just now: its tasks, and its learners, who may need help first."""

    assignment: Assignment
    tasks: tuple[TaskBrief, ...]
    spots: tuple[Spot, ...]

    def count(self, *states: State) -> int:
        """How many learners are in one of these states."""
        return sum(spot.state in states for spot in self.spots)


def live(conn: sa.Connection, library: Library, given: Assignment, section: str = "") -> Room:
    """Everybody (of one section, where it is given), from as few queries for 300 as for 3."""
    people = learners(conn, given.course, section)
    ids, tasks = [p.id for p in people], tasks_of(library, given)
    key = story_key(given.story, given.id)
    rooms = rooms_of(conn, ids, key)
    drafts: dict[str, dict[str, datetime]] = {}
    for (person, task), saved in attempts.open_drafts(conn, ids, rooms).items():
        drafts.setdefault(person, {})[task] = saved
    done = attempts.handed(conn, ids, given.id, [task.name for task in tasks])
    where, hints, own = presences(conn, ids), attempts.hints_read(conn, ids, rooms), hers(conn, [given], ids)
    nudges = nudged(conn, given.course, ids)
    spots = [_spot(p, tasks, where[p.id] if p.id in where and where[p.id].story == key else None,
                   drafts.get(p.id, {}), done.get(p.id), hints, own[given.id, p.id].due, nudges.get(p.id))
             for p in people]
    return Room(given, tasks, tuple(sorted(spots, key=_first)))


def _first(spot: Spot) -> Any:
    waits = spot.quiet.timestamp() if spot.quiet and spot.state == "help" else 0.0
    return _ORDER[spot.state], waits, spot.person.name.lower(), spot.person.id


def _spot(person: Person, tasks: tuple[TaskBrief, ...], here: Presence | None, drafts: dict[str, datetime],
          done: tuple[int, datetime] | None, hints: dict[tuple[str, str], int], due: datetime | None,
          nudge: tuple[datetime, str] | None) -> Spot:
    handed, last = done or (0, None)
    names = {task.name: task for task in tasks}
    saved = max((*drafts.values(), *filter(None, (last,))), default=None)
    seen = max(filter(None, (here.at if here else None, saved)), default=None)
    latest = max((name for name in drafts if name in names), key=lambda name: drafts[name], default="")
    task = names.get(here.task if here else latest)
    on = seen is not None and now() - seen <= HERE
    quiet, why = None, ""
    if task is not None and task.name in drafts:  # whoever opens a desk has a draft: begun, and not submitted
        quiet = max(filter(None, (drafts[task.name], here.since if here else None)))
        if on and here is not None:
            why = _why(task, now() - quiet, here.checks, hints.get((person.id, task.name), 0))
    state: State = "help" if why else "working" if on else "away" if seen else "not started"
    if state == "away" and handed == len(tasks):
        state = "done"
    return Spot(person, state, task, PAGES.get(here.page, "") if here and on else "", why, saved, quiet, seen, handed,
                due, nudge)


def _why(task: TaskBrief, quiet: timedelta, checks: int, hints: int) -> str:
    minutes = int(quiet.total_seconds() // 60)
    if checks >= CHECKED:
        return f"checked {checks} times without a change"
    if task.hints and hints >= task.hints and quiet >= HINTED:
        return f"every hint read, nothing saved for {minutes} min"
    return f"nothing saved for {minutes} min" if quiet >= QUIET else ""
