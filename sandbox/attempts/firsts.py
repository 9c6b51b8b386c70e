"""First attempts of a class, read lightly: what each finding came to, without the words that a debrief needs.

A report of 30 findings takes a millisecond to check and build, and a class of 300 has thousands; its own writer wrote
this text, so here it is read as plain JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson
import sqlalchemy as sa

from sandbox.attempts.ledger import attempt, grade


@dataclass(frozen=True)
class Mark:
    """One finding that asked something (or, with `asked` False, a remark that names a known mistake)."""

    criterion: str
    competency: str
    label: str
    title: str
    met: bool
    asked: bool
    mistake: str


@dataclass(frozen=True)
class First:
    """Somebody's very first attempt at a task, wherever she did it, if it was done for one of these assignments."""

    id: str
    person: str
    story: str
    task: str
    marks: tuple[Mark, ...]

    @property
    def met(self) -> int:
        """Findings met."""
        return sum(mark.met for mark in self.marks)

    @property
    def asked(self) -> int:
        """Findings asked."""
        return sum(mark.asked for mark in self.marks)


def firsts(conn: sa.Connection, people: Iterable[str], assignments: Iterable[str]) -> list[First]:
    """Their judged first attempts for these assignments, oldest first, by one query."""
    ids = list(people)
    first = (sa.select(sa.func.min(attempt.c.seq)).where(attempt.c.person.in_(ids))
             .group_by(attempt.c.person, attempt.c.story, attempt.c.task).scalar_subquery())
    newest = (sa.select(sa.func.max(grade.c.seq)).where(grade.c.attempt == attempt.c.id)
              .correlate(attempt).scalar_subquery())
    rows = conn.execute(
        sa.select(attempt.c.id, attempt.c.person, attempt.c.story, attempt.c.task, grade.c.report)
        .join(grade, grade.c.seq == newest)
        .where(attempt.c.seq.in_(first), attempt.c.assignment.in_(list(assignments)), grade.c.report != "")
        .order_by(attempt.c.seq))
    return [First(row.id, row.person, row.story, row.task, _marks(row.report)) for row in rows]


def stamp(conn: sa.Connection, assignments: Iterable[str]) -> tuple[int, int]:
    """(how many, the newest) of the grades for these assignments: while it stays, so does what `firsts` finds."""
    row = conn.execute(sa.select(sa.func.count(), sa.func.max(grade.c.seq)).select_from(grade)
                       .join(attempt, attempt.c.id == grade.c.attempt)
                       .where(attempt.c.assignment.in_(list(assignments)))).one()
    return int(row[0]), int(row[1] or 0)


def _marks(report: str) -> tuple[Mark, ...]:
    return tuple(
        Mark(f["criterion"], f["competency"], f["label"], f["title"],
             f["possible"] > 0 and f["earned"] >= f["possible"] - 1e-9, f["possible"] > 0, f["mistake"])
        for f in orjson.loads(report)["findings"] if f["possible"] > 0 or f["mistake"])
