"""What first attempts came to, read lightly for a class table: counts, not reports.

A grade is never written over, so what its report came to is read once in a process and remembered by its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from sys import intern
from threading import Lock
from typing import Any

import orjson
import sqlalchemy as sa

from sandbox.attempts.draft import draft
from sandbox.attempts.hint import hint
from sandbox.attempts.ledger import attempt, grade
from sandbox.people import utc

_KEPT = 100_000  # grades
_TOGETHER = 400
_turn = Lock()
_read: dict[str, dict[tuple[str, int], Counts | None]] = {}


@dataclass(frozen=True, eq=False)
class Counts:
    """What one report came to, the same object each time it is asked for.

    `missed` is (criterion, label, title) of each finding that was asked and not met.
    """

    met: int
    asked: int
    score: float
    missed: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Outcome:
    """One submission for an assignment, on the variant `seed`; `counts` None while it is not judged.

    `judged` is the number of its first judgement, in the order of all judging; 0 while there is none.
    """

    attempt: str
    person: str
    task: str
    seed: int
    submitted: datetime
    counts: Counts | None
    judged: int


def outcomes(conn: sa.Connection, people: Iterable[str], assignment: str) -> list[Outcome]:
    """The first attempts of these people on one assignment, oldest first: one query, and one for 400 new grades."""
    first: dict[tuple[str, str], Any] = {}
    for row in conn.execute(_of(people, assignment)):
        first.setdefault((row[1], row[2]), row)
    return _told(conn, list(first.values()))


def all_sent(conn: sa.Connection, people: Iterable[str], assignment: str) -> list[Outcome]:
    """Every submission of these people for one assignment, oldest first: one query, and one for 400 new grades."""
    return _told(conn, list(conn.execute(_of(people, assignment))))


def _of(people: Iterable[str], assignment: str) -> sa.Select[Any]:
    newest = (sa.select(sa.func.max(grade.c.seq)).where(grade.c.attempt == attempt.c.id)
              .correlate(attempt).scalar_subquery())
    judged = (sa.select(sa.func.min(grade.c.seq)).where(grade.c.attempt == attempt.c.id, grade.c.digest != "")
              .correlate(attempt).scalar_subquery())  # a failure has no digest
    columns = attempt.c.id, attempt.c.person, attempt.c.task, attempt.c.seed, attempt.c.submitted
    return (sa.select(*columns, newest.label("grade"), judged.label("judged"))
            .where(attempt.c.person.in_(list(people)), attempt.c.assignment == assignment).order_by(attempt.c.seq))


def _told(conn: sa.Connection, rows: list[Any]) -> list[Outcome]:
    found = _counts(conn, [(row[0], row[5]) for row in rows if row[5] is not None])
    return [Outcome(id, person, task, seed, utc(at), found.get((id, seq)), judged or 0)
            for id, person, task, seed, at, seq, judged in rows]


def handed(conn: sa.Connection, people: Iterable[str], assignment: str,
           tasks: Iterable[str]) -> dict[str, tuple[int, datetime]]:
    """Of how many of these tasks each person has submitted something, and when last; one query."""
    rows = conn.execute(
        sa.select(attempt.c.person, sa.func.count(attempt.c.task.distinct()), sa.func.max(attempt.c.submitted))
        .where(attempt.c.person.in_(list(people)), attempt.c.assignment == assignment, attempt.c.task.in_(list(tasks)))
        .group_by(attempt.c.person))
    return {person: (many, utc(last)) for person, many, last in rows}


def open_drafts(conn: sa.Connection, people: Iterable[str], rooms: Iterable[str]) -> dict[tuple[str, str], datetime]:
    """(person, task) of what is begun in these workspaces and not submitted, with when it was last saved; one query."""
    submitted = sa.exists().where(attempt.c.workspace == draft.c.workspace, attempt.c.task == draft.c.task,
                                  attempt.c.person == draft.c.person)
    rows = conn.execute(sa.select(draft.c.person, draft.c.task, draft.c.saved).where(
        draft.c.person.in_(list(people)), draft.c.workspace.in_(list(rooms)), ~submitted))
    return {(person, task): utc(saved) for person, task, saved in rows}


def hints_read(conn: sa.Connection, people: Iterable[str], rooms: Iterable[str]) -> dict[tuple[str, str], int]:
    """(person, task) to how many hints she has opened in these workspaces, by one query."""
    rows = conn.execute(
        sa.select(hint.c.person, hint.c.task, sa.func.count().label("many"))
        .where(hint.c.person.in_(list(people)), hint.c.workspace.in_(list(rooms))).group_by(hint.c.person, hint.c.task))
    return {(r.person, r.task): r.many for r in rows}


def _counts(conn: sa.Connection, wanted: list[tuple[str, int]]) -> Mapping[tuple[str, int], Counts | None]:
    kept = _read.setdefault(str(conn.engine.url), {})  # a process may have more than one house open: tests do
    missing = [seq for which in wanted if which not in kept for seq in which[1:]]
    for begin in range(0, len(missing), _TOGETHER):
        for row in conn.execute(sa.select(grade.c.attempt, grade.c.seq, grade.c.report).where(
                grade.c.seq.in_(missing[begin:begin + _TOGETHER]))):
            with _turn:
                while len(kept) >= _KEPT:
                    kept.pop(next(iter(kept)))
                kept[row.attempt, row.seq] = _counted(row.report) if row.report else None
    return {which: kept.get(which) for which in wanted}


def _counted(report: str) -> Counts:
    told = orjson.loads(report)
    asked = [f for f in told["findings"] if f["possible"] > 0]
    missed = tuple((intern(f["criterion"]), intern(f["label"]), intern(f["title"]))
                   for f in asked if f["earned"] < f["possible"] - 1e-9)
    ceiling = min((cap["at"] for cap in told["caps"]), default=100.0)
    score = round(max(0.0, min(sum(f["earned"] for f in told["findings"]), ceiling, 100.0)), 1)
    return Counts(len(asked) - len(missed), len(asked), score, missed)
