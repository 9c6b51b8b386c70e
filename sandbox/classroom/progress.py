"""How a class is doing: a line for each learner, a cell for each task, from as few queries for 300 as for 3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

import sqlalchemy as sa

from sandbox import attempts
from sandbox.classroom.course import Assignment, learners
from sandbox.classroom.window import hers
from sandbox.people import Person
from sandbox.scenario import Library, TaskBrief, story_key
from sandbox.workspace import rooms_of

Status = Literal["not started", "in progress", "submitted", "graded"]


@dataclass(frozen=True)
class Cell:
    """Where one learner is with one task; `late` against her due time; `attempt` is the first one's id."""

    status: Status
    attempt: str = ""
    met: int = 0
    asked: int = 0
    score: float | None = None
    submitted: datetime | None = None
    saved: datetime | None = None  # while in progress
    late: bool = False


_NOTHING = Cell("not started")


@dataclass(frozen=True)
class Line:
    """One learner's row."""

    person: Person
    cells: tuple[Cell, ...]

    @property
    def submitted(self) -> int:
        """How many tasks she has submitted."""
        return sum(c.status in ("submitted", "graded") for c in self.cells)


@dataclass(frozen=True)
class Missed:
    """A criterion that `learners` of the `graded` first attempts at a task did not meet, in the words of one."""

    task: str
    label: str
    title: str
    learners: int
    graded: int


@dataclass(frozen=True)
class Table:
    """The class table of one assignment, and what its first attempts missed most."""

    assignment: Assignment
    tasks: tuple[TaskBrief, ...]
    lines: tuple[Line, ...]
    missed: tuple[Missed, ...] = ()

    @property
    def ungraded(self) -> tuple[tuple[Person, TaskBrief, Cell], ...]:
        """What was submitted and is not judged yet: somebody has to have it judged again."""
        return tuple((line.person, task, cell) for line in self.lines
                     for task, cell in zip(self.tasks, line.cells, strict=True) if cell.status == "submitted")


def progress(conn: sa.Connection, library: Library, assignment: Assignment, section: str = "") -> Table:
    """The live table (of one section, where given): not started, in progress, submitted, result, last seen."""
    people = learners(conn, assignment.course, section)
    ids = [p.id for p in people]
    tasks = tasks_of(library, assignment)
    key = story_key(assignment.story, assignment.id)
    rooms = rooms_of(conn, ids, key)
    drafts = attempts.open_drafts(conn, ids, rooms)
    first = {(each.person, each.task): each for each in attempts.outcomes(conn, ids, assignment.id)}
    own = hers(conn, [assignment], ids)
    lines = tuple(
        Line(p, tuple(_cell(first.get((p.id, t.name)), drafts.get((p.id, t.name)), own[assignment.id, p.id])
                      for t in tasks))
        for p in people)
    titles = {t.name: t.title for t in tasks}
    return Table(assignment, tasks, lines, missed_most((a for a in first.values() if a.task in titles), titles))


def submitted(conn: sa.Connection, library: Library, given: Iterable[Assignment],
              people: Iterable[Person]) -> list[tuple[Assignment, tuple[int, int]]]:
    """Each assignment of a known story with how many of its tasks these people have submitted, of how many."""
    known, ids = [each for each in given if each.story in library], [p.id for p in people]
    found = attempts.done(conn, ids, [each.id for each in known])
    counts = []
    for each in known:
        tasks = [t.name for t in tasks_of(library, each)]
        done = sum(assignment == each.id and task in tasks for assignment, task, _ in found)
        counts.append((each, (done, len(ids) * len(tasks))))
    return counts


def plain(value: object) -> str:
    """A CSV cell that no spreadsheet takes for a formula (OWASP: prefix = + - @ tab CR with an apostrophe)."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def missed_most(tried: Iterable[attempts.Outcome], titles: Mapping[str, str], limit: int = 5) -> tuple[Missed, ...]:
    """The criteria that most of these attempts did not meet, most first; `titles` are the tasks' by name."""
    found = _missed(tuple((each.task, each.counts) for each in tried if each.counts is not None), limit)
    return tuple(Missed(titles.get(each.task, each.task), each.label, each.title, each.learners, each.graded)
                 for each in found)


@lru_cache(maxsize=16)  # the counts of 6,000 reports are the same objects each time: only a new grade makes this work
def _missed(judged: tuple[tuple[str, attempts.Counts], ...], limit: int) -> tuple[Missed, ...]:
    graded = Counter(task for task, _ in judged)
    missed = Counter((task, criterion) for task, counts in judged for criterion, _, _ in counts.missed)
    most = sorted(missed.items(), key=lambda item: (-item[1], -item[1] / graded[item[0][0]], item[0]))[:limit]
    words: dict[tuple[str, str], tuple[str, str]] = {}
    wanted = {which for which, _ in most}
    for task, counts in judged:
        for criterion, label, title in counts.missed:
            if len(words) < len(wanted) and (task, criterion) in wanted:
                words.setdefault((task, criterion), (label, title))
    return tuple(Missed(task, *words[task, name], count, graded[task]) for (task, name), count in most)


def tasks_of(library: Library, assignment: Assignment) -> tuple[TaskBrief, ...]:
    """The tasks of an assignment: those of its story that belong to one of its seats."""
    return tuple(t for t in library.story(assignment.story).tasks if t.seat in assignment.seats)


def _cell(found: attempts.Outcome | None, saved: datetime | None, assignment: Assignment) -> Cell:
    if found is None:
        return Cell("in progress", saved=saved) if saved else _NOTHING
    late = assignment.due is not None and found.submitted > assignment.due
    if found.counts is None:
        return Cell("submitted", found.attempt, submitted=found.submitted, late=late)
    counts = found.counts
    return Cell("graded", found.attempt, counts.met, counts.asked, counts.score, found.submitted, None, late)
