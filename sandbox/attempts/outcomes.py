"""What first attempts came to, read lightly for a class table: counts, not reports.

A grade is never written over, so what its report came to is read once in a process and remembered by its number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from sys import intern
from threading import Lock

import orjson
import sqlalchemy as sa

from sandbox.attempts.hint import hint
from sandbox.attempts.ledger import attempt, grade
from sandbox.people import utc

_KEPT = 100_000  # grades
_TOGETHER = 400
_turn = Lock()
_read: dict[tuple[str, int, str], Counts | None] = {}


@dataclass(frozen=True)
class Counts:
    """What one report came to; `missed` is (criterion, label, title) of each finding that was asked and not met."""

    met: int
    asked: int
    score: float
    missed: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Outcome:
    """One submission for an assignment, on the variant `seed`; `counts` None while it is not judged."""

    attempt: str
    person: str
    task: str
    seed: int
    submitted: datetime
    counts: Counts | None


def outcomes(conn: sa.Connection, people: Iterable[str], assignment: str) -> list[Outcome]:
    """The first attempts of these people on one assignment, oldest first."""
    first: dict[tuple[str, str], Outcome] = {}
    for each in all_sent(conn, people, assignment):
        first.setdefault((each.person, each.task), each)
    return list(first.values())


def all_sent(conn: sa.Connection, people: Iterable[str], assignment: str) -> list[Outcome]:
    """Every submission of these people for one assignment, oldest first: one query, and one for 400 new grades."""
    newest = (sa.select(sa.func.max(grade.c.seq)).where(grade.c.attempt == attempt.c.id)
              .correlate(attempt).scalar_subquery())
    rows = conn.execute(
        sa.select(attempt.c.id, attempt.c.person, attempt.c.task, attempt.c.seed, attempt.c.submitted,
                  newest.label("grade"))
        .where(attempt.c.person.in_(list(people)), attempt.c.assignment == assignment).order_by(attempt.c.seq)).all()
    found = _counts(conn, [(row.id, row.grade) for row in rows if row.grade is not None])
    return [Outcome(row.id, row.person, row.task, row.seed, utc(row.submitted), found.get((row.id, row.grade)))
            for row in rows]


def hints_read(conn: sa.Connection, people: Iterable[str], rooms: Iterable[str]) -> dict[tuple[str, str], int]:
    """(person, task) to how many hints she has opened in these workspaces, by one query."""
    rows = conn.execute(
        sa.select(hint.c.person, hint.c.task, sa.func.count().label("many"))
        .where(hint.c.person.in_(list(people)), hint.c.workspace.in_(list(rooms))).group_by(hint.c.person, hint.c.task))
    return {(r.person, r.task): r.many for r in rows}


def _counts(conn: sa.Connection, wanted: list[tuple[str, int]]) -> dict[tuple[str, int], Counts | None]:
    house = str(conn.engine.url)  # a process may have more than one house open: tests do
    missing = [seq for id, seq in wanted if (id, seq, house) not in _read]
    for begin in range(0, len(missing), _TOGETHER):
        for row in conn.execute(sa.select(grade.c.attempt, grade.c.seq, grade.c.report).where(
                grade.c.seq.in_(missing[begin:begin + _TOGETHER]))):
            with _turn:
                while len(_read) >= _KEPT:
                    _read.pop(next(iter(_read)))
                _read[row.attempt, row.seq, house] = _counted(row.report) if row.report else None
    return {(id, seq): _read.get((id, seq, house)) for id, seq in wanted}


def _counted(report: str) -> Counts:
    told = orjson.loads(report)
    asked = [f for f in told["findings"] if f["possible"] > 0]
    missed = tuple((intern(f["criterion"]), intern(f["label"]), intern(f["title"]))
                   for f in asked if f["earned"] < f["possible"] - 1e-9)
    ceiling = min((cap["at"] for cap in told["caps"]), default=100.0)
    score = round(max(0.0, min(sum(f["earned"] for f in told["findings"]), ceiling, 100.0)), 1)
    return Counts(len(asked) - len(missed), len(asked), score, missed)
