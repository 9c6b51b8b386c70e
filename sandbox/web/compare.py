"""The two seats side by side: counts, each on its own line, and what the page cannot tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flask import Blueprint, render_template

from sandbox import comparison
from sandbox.attempts import Attempt
from sandbox.comparison import Tried
from sandbox.web import house, policy
from sandbox.web.kinds import tried
from sandbox.web.standing import Record, Standing, following, record, standings

bp = Blueprint("compare", __name__)


@bp.get("/compare")
def compare() -> str:
    """What she met in each seat, by competency, with time and hints beside it."""
    person = policy.person()
    with house().db.reading() as conn:
        found = record(conn, person)
    entries = tried_of(found.attempts)
    seats = {name: seat.title for name, seat in house().seats.items()}
    return render_template("compare.html", comparison=comparison.compare(entries, seats),
                           tried=tried((a.story, a.task) for a in found.attempts),
                           waiting=sum(a.report is None for a in found.attempts), onward=_onward(found))


def _onward(found: Record) -> dict[str, Standing]:
    """The task to do next in each seat: of the first half hour while it lasts there, then of what counts."""
    stories = sorted(house().scenarios.values(), key=lambda s: (s.counted, s.order))
    steps = {}
    for seat in house().seats:
        lines = [line for s in stories if seat in s.seats for line in standings(found, s.name, (seat,))]
        if (line := following(lines)) is not None:
            steps[seat] = line
    return steps


def tried_of(done: Iterable[Attempt]) -> list[Tried]:
    """Her attempts, oldest first, as the comparison sees them: each numbered by task, wherever it was done.

    A task done alone, then assigned by a class, then once more as a guest was done for the first time once.
    """
    times: Counter[tuple[str, str]] = Counter()
    entries = []
    for attempt in done:
        times[attempt.story, attempt.task] += 1
        if entry := _tried(attempt, times[attempt.story, attempt.task]):
            entries.append(entry)
    return entries


def _tried(attempt: Attempt, number: int) -> Tried | None:
    """A judged attempt; None while ungraded, or when its story is gone."""
    story = house().scenarios.get(attempt.story)
    task = story.task(attempt.task) if story else None
    if story is None or task is None or attempt.report is None:
        return None
    return Tried(task.seat, attempt.story, attempt.task, task.title, story.counted, number, attempt.active,
                 attempt.hints, attempt.report)
