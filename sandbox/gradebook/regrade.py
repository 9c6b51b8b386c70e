"""Regrading: what an amendment, or a key that was mended in its file, would change; then doing it, and taking it back.

Attempts are immutable. A regrade appends grades; whoever would lose points keeps them unless that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from sandbox import attempts
from sandbox.attempts import Amendment
from sandbox.attempts.ledger import attempt, grade, report_of, report_text
from sandbox.report import Report
from sandbox.scenario.opening import Rooms

_TOGETHER = 300


@dataclass(frozen=True)
class Change:
    """One attempt whose grade would become another: points of 100 before and after."""

    attempt: str
    person: str
    number: int
    before: float
    after: float
    report: Report
    digest: str


@dataclass(frozen=True)
class Judged:
    """An attempt with what its grader said (`own`) and what counts now (`shown`: the same, or amended)."""

    id: str
    person: str
    number: int
    work: str
    own: Report
    shown: str
    digest: str


def preview(conn: sa.Connection, assignment: str, task: str, *, adding: Amendment | None = None,
            without: int = 0) -> Iterator[Change | None]:
    """For each judged attempt at a task, the change that amendments as they would then be make; None for none.

    One answer for each attempt as it is worked out, so that whoever asks can show how far it is; `amount` says of how
    many.
    """
    holding = [each for each in attempts.amendments_of(conn, assignment, task) if each.id != without]
    holding += [adding] if adding else []
    for one in _judged(conn, assignment, task):
        found = attempts.amended(one.own, holding, one.work)
        yield _change(one, found, one.digest) if report_text(found) != one.shown else None


def amount(conn: sa.Connection, assignment: str, task: str) -> int:
    """How many attempts at a task were judged."""
    judged = sa.exists().where(grade.c.attempt == attempt.c.id, grade.c.report != "")
    return int(conn.execute(sa.select(sa.func.count()).select_from(attempt).where(
        attempt.c.assignment == assignment, attempt.c.task == task, judged)).scalar_one())


def amend(conn: sa.Connection, assignment: str, made: Amendment, by: str) -> list[Change]:
    """Write an amendment down and regrade by it; what changed."""
    attempts.amend(conn, assignment, made, by)
    return _lay(conn, assignment, made.task)


def take_back(conn: sa.Connection, assignment: str, id: int) -> list[Change]:
    """Take an amendment back: what it gave goes, and every report is again what it would be without it."""
    return _lay(conn, assignment, attempts.take_back(conn, assignment, id).task)


def chosen(conn: sa.Connection, *, ids: Iterable[str] = (), assignments: Iterable[str] | None = None,
           task: str = "") -> list[str]:
    """The attempts with these ids, or for these assignments, or all; of one task where given; oldest first."""
    wanted, given = list(ids), None if assignments is None else list(assignments)
    return list(conn.execute(sa.select(attempt.c.id).where(
        attempt.c.id.in_(wanted) if wanted else sa.true(),
        attempt.c.assignment.in_(given) if given is not None else sa.true(),
        attempt.c.task == task if task else sa.true()).order_by(attempt.c.seq)).scalars())


def by_key(conn: sa.Connection, rooms: Rooms, ids: Iterable[str], *, keep: bool = True) -> Iterator[Change | None]:
    """What judging these attempts again by the key as it stands would change; None for none, one answer for each.

    With `keep` an attempt that would come to fewer points is left as it is. `report` of a change is the grader's own:
    `settle` lays amendments over it.
    """
    for id in ids:
        one = attempts.get(conn, id)
        own = attempts.judge(conn, rooms, id)
        digest, _ = rooms.scenarios.judged_by(one.story, one.task, rooms.codes.release)
        found = attempts.amended(own, attempts.amendments_of(conn, one.assignment, one.task), one.work)
        before = one.report.score if one.report else 0.0
        worse = keep and one.report is not None and found.score < before
        yield None if worse or found == one.report else Change(
            id, one.person, one.number, before, found.score, own, digest)


def settle(conn: sa.Connection, rooms: Rooms, change: Change) -> None:
    """Append what judging again came to, and what amendments make of it."""
    attempts.record(conn, change.attempt, change.report, rooms)


def _lay(conn: sa.Connection, assignment: str, task: str) -> list[Change]:
    changes = [each for each in preview(conn, assignment, task) if each is not None]
    for each in changes:
        attempts.append(conn, each.attempt, each.report, each.digest, attempts.AMENDED)
    return changes


def _change(one: Judged, found: Report, digest: str) -> Change:
    return Change(one.id, one.person, one.number, report_of(one.shown).score, found.score, found, digest)


def _judged(conn: sa.Connection, assignment: str, task: str) -> Iterator[Judged]:
    """Every judged attempt at a task, oldest first, some hundred at a time."""
    judged = sa.select(sa.func.max(grade.c.seq)).where(grade.c.attempt == attempt.c.id, grade.c.report != "")
    newest = judged.correlate(attempt).scalar_subquery()
    raw = judged.where(grade.c.reason == "").correlate(attempt).scalar_subquery()
    shown, own = grade.alias("shown"), grade.alias("own")
    query = (sa.select(attempt.c.seq, attempt.c.id, attempt.c.person, attempt.c.number, attempt.c.work,
                       own.c.report.label("own"), shown.c.report.label("shown"), own.c.digest)
             .select_from(attempt).join(shown, shown.c.seq == newest).join(own, own.c.seq == raw)
             .where(attempt.c.assignment == assignment, attempt.c.task == task).order_by(attempt.c.seq))
    last = 0
    while rows := conn.execute(query.where(attempt.c.seq > last).limit(_TOGETHER)).all():
        for row in rows:
            yield Judged(row.id, row.person, row.number, row.work, report_of(row.own), row.shown, row.digest)
        last = rows[-1].seq
