"""The two seats side by side: counts, each on its own line, and what the page cannot tell."""

from __future__ import annotations

from flask import Blueprint, render_template

from sandbox import comparison
from sandbox.attempts import Attempt
from sandbox.comparison import Tried
from sandbox.web import house, policy
from sandbox.web.kinds import tried
from sandbox.web.standing import record

bp = Blueprint("compare", __name__)


@bp.get("/compare")
def compare() -> str:
    """What she met in each seat, by competency, with time and hints beside it."""
    person = policy.person()
    with house().db.reading() as conn:
        found = record(conn, person)
    entries = [entry for a in found.attempts if (entry := as_tried(a))]
    seats = {name: seat.title for name, seat in house().seats.items()}
    return render_template("compare.html", comparison=comparison.compare(entries, seats),
                           tried=tried((a.story, a.task) for a in found.attempts),
                           waiting=sum(a.report is None for a in found.attempts))


def as_tried(attempt: Attempt) -> Tried | None:
    """A judged attempt as the comparison sees it; None while ungraded, or when its story is gone."""
    story = house().scenarios.get(attempt.story)
    task = story.task(attempt.task) if story else None
    if story is None or task is None or attempt.report is None:
        return None
    return Tried(task.seat, attempt.story, attempt.task, task.title, story.counted, attempt.number, attempt.active,
                 attempt.hints, attempt.report)
