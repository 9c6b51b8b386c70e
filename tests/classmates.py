"""Judged attempts without the work behind them: a class's worth of reports, filed as submissions would be."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from sandbox.attempts import ledger
from sandbox.attempts.said import said
from sandbox.report import Finding, Report

DAY = datetime(2026, 6, 15, 14, tzinfo=UTC)


def report(met: int, asked: int, competency: str = "communication", axis: str = "Rows", mistake: str = "") -> Report:
    """`met` of `asked` findings met, the first ones; a mistake, if named, on the last."""
    each = 100 / asked
    return Report(tuple(
        Finding(f"c{i}", axis, competency, each * (i < met), each, f"Finding {i}", "Because.",
                "right" if i < met else "missed", mistake=mistake if i == asked - 1 else "") for i in range(asked)))


def file(conn: sa.Connection, person: str, story: str, task: str, found: Report, *, assignment: str = "",
         number: int = 1, expected: int | None = None, more: int | None = None, asked: bool = True) -> str:
    """File one judged attempt; its id. `asked` False leaves the two lines before the result unanswered."""
    id = f"a-{secrets.token_hex(10)}"
    at = DAY + timedelta(minutes=number)
    conn.execute(ledger.attempt.insert().values(
        id=id, token=secrets.token_hex(16), person=person, workspace=f"w-{person}-{story}-{assignment}", base=1,
        story=story, assignment=assignment, task=task, number=number, seed=1, digest="d", trail=0, work="{}",
        evidence="{}", summary="", active=600, hints=1, submitted=at))
    conn.execute(ledger.grade.insert().values(attempt=id, report=ledger.report_text(found), reason="", digest="d",
                                              at=at))
    if asked:
        conn.execute(said.insert().values(attempt=id, expected=expected, more=more, at=at))
    return id
