"""Key amendments: what a class decided about one criterion after the fact. Course data, laid over what a grader said.

A grader's own report stays as it was written; where amendments hold, a second grade follows it with what they make of
it. So each can be taken back, and an attempt in progress, judged by the key it began with, gets them on submission.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import orjson
import sqlalchemy as sa

from sandbox.db import BINARY, SERIAL, metadata
from sandbox.errors import BadInput, NotFound
from sandbox.people import now, utc, visible
from sandbox.report import Finding, Report

amendment_table = sa.Table(
    "amendment", metadata,
    sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("assignment", BINARY, nullable=False, index=True),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("criterion", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("keep", sa.Boolean, nullable=False),
    sa.Column("by", BINARY, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("undone", sa.DateTime(timezone=True)),
)
Kind = Literal["full", "drop", "also"]


@dataclass(frozen=True)
class Amendment:
    """One decision about a criterion of a task.

    full  everybody gets its points
    drop  it asks nothing: the points of the others grow in proportion, so that they still make 100
    also  whoever's work says `answer` (a code, a choice, a figure: one value of it) gets its points

    A hint's price stands where an answer is accepted too: who met the criterion with help said what the hint led to.
    With full points it falls away, for the criterion itself is given to everybody.

    With `keep` nobody loses: a report that would come to fewer points stays as it was. `words` is the reason, as
    learners read it.
    """

    task: str
    criterion: str
    kind: Kind
    words: str
    answer: str = ""
    keep: bool = True
    id: int = 0
    by: str = ""
    at: datetime | None = None
    undone: datetime | None = None


def amended(report: Report, amendments: Iterable[Amendment], work: str = "{}") -> Report:
    """What these make of a grader's report on `work` (JSON as it is stored). Caps stay: they are not one criterion's.

    The order of amendments, and one that is given twice, make no difference.
    """
    found = report
    for each in sorted(set(amendments), key=_order):
        changed = _apply(found, each, work)
        found = found if each.keep and changed.score < found.score else changed
    return found


def _order(made: Amendment) -> tuple[Any, ...]:
    """What gives comes before what drops; the rest only has to be the same each time."""
    return made.kind == "drop", made.criterion, made.id, made.kind, made.answer, made.words, made.keep


def values(work: str) -> set[str]:
    """What a stored work says, value by value, as an amendment can name it: texts and numbers, none long or empty."""
    return {said for said in _leaves(orjson.loads(work)) if 0 < len(said) <= 80}


def amendments_of(conn: sa.Connection, assignment: str, task: str = "", *, undone: bool = False) -> list[Amendment]:
    """The amendments of an assignment, of one task of it where given, oldest first; with those that were taken back."""
    table = amendment_table.c
    rows = conn.execute(sa.select(amendment_table).where(
        table.assignment == assignment, table.task == task if task else sa.true(),
        sa.true() if undone else table.undone.is_(None)).order_by(table.id))
    return [_read(row) for row in rows] if assignment else []


def amend(conn: sa.Connection, assignment: str, made: Amendment, by: str) -> int:
    """Write an amendment down; its number. BadInput without a reason, or without an answer where it needs one."""
    checked(made)
    return int(conn.execute(amendment_table.insert().values(
        assignment=assignment, task=made.task, criterion=made.criterion, kind=made.kind, answer=made.answer,
        words=visible(made.words), keep=made.keep, by=by, at=now()).returning(amendment_table.c.id)).scalar_one())


def take_back(conn: sa.Connection, assignment: str, id: int) -> Amendment:
    """Let an amendment hold no longer; NotFound where it does not hold."""
    table = amendment_table.c
    done = conn.execute(amendment_table.update().where(
        table.assignment == assignment, table.id == id, table.undone.is_(None)).values(undone=now()))
    if done.rowcount != 1:
        raise NotFound("There is no such amendment, or it was taken back already.")
    return next(each for each in amendments_of(conn, assignment, undone=True) if each.id == id)


def checked(made: Amendment) -> Amendment:
    """BadInput where it lacks what its kind needs."""
    if made.kind not in ("full", "drop", "also"):
        raise BadInput("Choose what the amendment does.")
    if not visible(made.words) or len(made.words) > 500:
        raise BadInput("Say why, in at most 500 characters.", hint="Learners read it.")
    if made.kind == "also" and not made.answer:
        raise BadInput("Choose the answer that is right too.")
    return made


def _apply(report: Report, made: Amendment, work: str) -> Report:
    target = next((f for f in report.findings if f.criterion == made.criterion), None)
    if target is None or target.possible <= 0:
        return report
    if made.kind == "drop":
        return _without(report, target, made)
    if made.kind == "also" and (target.group == "helped" or made.answer not in values(work)):
        return report
    if target.met:
        return report
    given = replace(target, earned=target.possible, group="right", mistake="", why=_told(made, target))
    return replace(report, findings=tuple(given if f is target else f for f in report.findings))


def _without(report: Report, target: Finding, made: Amendment) -> Report:
    rest = sum(f.possible for f in report.findings) - target.possible
    grow = (rest + target.possible) / rest if rest > 0 else 1.0
    findings = tuple(
        replace(f, earned=0.0, possible=0.0, mistake="", why=_told(made, f)) if f is target
        else replace(f, earned=round(f.earned * grow, 4), possible=round(f.possible * grow, 4))
        for f in report.findings)
    return replace(report, findings=findings)


def _told(made: Amendment, finding: Finding) -> str:
    said = {"full": "Everybody has the points here", "drop": "This asks nothing any more",
            "also": f"“{made.answer}” is accepted too"}[made.kind]
    return f"**{said}, by your instructor: {made.words}**\n\n{finding.why}"


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, str):
        yield value.strip()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{value:.12g}"


def _read(row: Any) -> Amendment:
    return Amendment(row.task, row.criterion, row.kind, row.words, row.answer, row.keep, row.id, row.by, utc(row.at),
                     utc(row.undone) if row.undone else None)
