"""Results that are not open yet: her work is in, and what it came to waits until all of her class have handed in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import render_template

from sandbox import classroom, people
from sandbox.attempts import Attempt
from sandbox.web import house


def waits_until(conn: Any, assignment: str) -> datetime | None:
    """When the results of an assignment open, where they are not open yet; None where they are, or it is none."""
    until = classroom.opens_results(conn, classroom.assignment(conn, assignment)) if assignment else None
    return until if until and until > people.now() else None


def page(attempt: Attempt, until: datetime, *, same: bool) -> str:
    """What stands in a result's place; `same`: the class works at one variant."""
    key = f"{attempt.story}@{attempt.assignment}"
    return render_template("waiting.html", attempt=attempt, until=until, key=key, same=same,
                           task=house().scenarios.brief(attempt.story, attempt.task),
                           story=house().scenarios[attempt.story])


def veiled(conn: Any, sent: list[Attempt]) -> tuple[list[Attempt], frozenset[str]]:
    """Her attempts, those whose results are not open without what they came to; and which assignments those are."""
    shut = frozenset(each for each in {a.assignment for a in sent if a.assignment} if waits_until(conn, each))
    return [replace(a, grade=None) if a.assignment in shut else a for a in sent], shut
