"""The ledger: attempts and grades, only ever appended to. A grade is found by its attempt's newest row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sandbox.attempts.draft import draft
from sandbox.db import BINARY, SERIAL, metadata
from sandbox.errors import NotFound
from sandbox.people import utc
from sandbox.report import Report, as_json

attempt = sa.Table(
    "attempt", metadata,
    sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("id", BINARY, nullable=False, unique=True),
    sa.Column("token", BINARY, nullable=False, unique=True),
    sa.Column("person", BINARY, nullable=False, index=True),
    sa.Column("workspace", BINARY, nullable=False),
    sa.Column("base", sa.Integer, nullable=False),
    sa.Column("story", sa.Text, nullable=False),
    sa.Column("assignment", BINARY, nullable=False, index=True),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # 1 is the first and the one that is compared
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("digest", BINARY, nullable=False),
    sa.Column("trail", sa.Integer, nullable=False),  # how long her trail was at that moment
    sa.Column("work", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("active", sa.Integer, nullable=False),  # seconds
    sa.Column("hints", sa.Integer, nullable=False),
    sa.Column("submitted", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("workspace", "task", "person", "number"),
)
delivery = sa.Table(
    "delivery", metadata,
    sa.Column("attempt", BINARY, primary_key=True),
    sa.Column("resources", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
grade = sa.Table(
    "grade", metadata,
    sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("attempt", BINARY, nullable=False, index=True),
    sa.Column("report", sa.Text, nullable=False),  # empty: judging failed, `reason` says how
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("digest", BINARY, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
# What attempts were judged by, kept so that each can be judged as on its day; no learner route reads it.
task_text = sa.Table(
    "task_text", metadata,
    sa.Column("digest", BINARY, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)

_REPORT = as_json(Report)


@dataclass(frozen=True)
class Grade:
    """A judgement: `report` None means ungraded, and `reason` says why."""

    report: Report | None
    reason: str
    digest: str
    at: datetime


@dataclass(frozen=True)
class Attempt:
    """One submission with its newest grade (None: not judged yet)."""

    id: str
    person: str
    workspace: str
    base: int
    story: str
    assignment: str
    task: str
    number: int
    seed: int
    digest: str
    trail: int
    work: str
    evidence: str
    summary: str
    active: int
    hints: int
    submitted: datetime
    grade: Grade | None

    @property
    def report(self) -> Report | None:
        """The newest report, or None while ungraded."""
        return self.grade.report if self.grade else None

    @property
    def status(self) -> str:
        """graded, or ungraded: the work is kept either way."""
        return "graded" if self.report is not None else "ungraded"


def get(conn: sa.Connection, id: str) -> Attempt:
    """One attempt; NotFound."""
    found = _read(conn, attempt.c.id == id)
    if not found:
        raise NotFound("There is no such attempt.", hint="Your work is listed under your name.")
    return found[0]


def of_person(conn: sa.Connection, person: str) -> list[Attempt]:
    """All of hers, oldest first."""
    return _read(conn, attempt.c.person == person)


def of_people(conn: sa.Connection, people: Iterable[str], assignment: str, task: str = "") -> list[Attempt]:
    """All attempts of these people on one assignment, at one task of it where given, oldest first."""
    return _read(conn, attempt.c.person.in_(list(people)), attempt.c.assignment == assignment,
                 attempt.c.task == task if task else sa.true())


def done(conn: sa.Connection, people: Iterable[str], assignments: Iterable[str]) -> set[tuple[str, str, str]]:
    """(assignment, task, person) of whatever these people have submitted for these assignments."""
    columns = attempt.c.assignment, attempt.c.task, attempt.c.person
    rows = conn.execute(sa.select(*columns).distinct().where(
        attempt.c.person.in_(list(people)), attempt.c.assignment.in_(list(assignments))))
    return {(row.assignment, row.task, row.person) for row in rows}


def latest(conn: sa.Connection, workspace: str, task: str, person: str) -> Attempt | None:
    """Her newest attempt at a task in a workspace."""
    found = _read(conn, attempt.c.workspace == workspace, attempt.c.task == task, attempt.c.person == person)
    return found[-1] if found else None


def touched(conn: sa.Connection, workspace: str, person: str) -> dict[str, str]:
    """The tasks of a workspace that she has begun, each “in progress” or “submitted”, in one query."""
    handed = sa.select(attempt.c.task, sa.literal(1).label("done")).where(
        attempt.c.workspace == workspace, attempt.c.person == person)
    begun = sa.select(draft.c.task, sa.literal(0)).where(
        draft.c.workspace == workspace, draft.c.person == person, draft.c.version > 0)
    rows = sorted((row.task, row.done) for row in conn.execute(handed.union(begun)))
    return {task: "submitted" if done else "in progress" for task, done in rows}


def report_of(text: str) -> Report:
    """A stored report, read back."""
    found: Report = _REPORT.validate_json(text)
    return found


def report_text(report: Report) -> str:
    """A report as it is stored: the same report gives the same bytes."""
    return _REPORT.dump_json(report).decode()


def _read(conn: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Attempt]:
    newest = (sa.select(sa.func.max(grade.c.seq)).where(grade.c.attempt == attempt.c.id)
              .correlate(attempt).scalar_subquery())
    rows = conn.execute(
        sa.select(attempt, grade.c.report, grade.c.reason, grade.c.digest.label("by"), grade.c.at)
        .outerjoin(grade, grade.c.seq == newest).where(*where).order_by(attempt.c.seq))
    return [_attempt(row) for row in rows]


def _attempt(row: Any) -> Attempt:
    judged = None
    if row.at is not None:
        judged = Grade(report_of(row.report) if row.report else None, row.reason, row.by, utc(row.at))
    return Attempt(row.id, row.person, row.workspace, row.base, row.story, row.assignment, row.task, row.number,
                   row.seed, row.digest, row.trail, row.work, row.evidence, row.summary, row.active, row.hints,
                   utc(row.submitted), judged)


def everything(conn: sa.Connection) -> list[Attempt]:
    """Every attempt in the house, oldest first."""
    return _read(conn)
