"""The two seats side by side: counts and how far they reach, each seat in words of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, render_template, request

from sandbox import attempts, classroom, comparison
from sandbox.attempts import Attempt, Said
from sandbox.comparison import Cohort, Tried
from sandbox.people import Person
from sandbox.web import against, beside, house, policy
from sandbox.web.cohort import cohort_of
from sandbox.web.kinds import tried
from sandbox.web.standing import Record, Standing, following, record, standings

bp = Blueprint("compare", __name__)
_PATIENCE = 300.0  # a learner beside her class: figures may be so many seconds old


@bp.get("/compare")
def compare() -> str:
    """What she met in each seat, how much it can say, and what stands beside it."""
    person = policy.person()
    with house().db.reading() as conn:
        found = record(conn, person)
        said = attempts.said_of(conn, [person.id]) if person else {}
        hopes = attempts.hopes_of(conn, [person.id]).get(person.id, {}) if person else {}
        classes = _classes(conn, person)
        opened = beside.opened(conn, person, found)
    entries = tried_of(found.attempts, said)
    seats = {name: seat.title for name, seat in house().seats.items()}
    both = comparison.compare(entries, seats, max((each.rho for _, each in classes), default=comparison.RHO))
    return render_template(
        "compare.html", comparison=both, tried=tried((a.story, a.task) for a in found.attempts),
        waiting=sum(a.report is None and a.assignment not in found.shut for a in found.attempts),
        onward=_onward(found), opened=opened,
        confidence=beside.confidence(entries), interest=beside.interest(both.sides, hopes),
        hard=beside.difficulties(entries, [each for _, each in classes]),
        other=against.against(request.args.get("with", ""), entries, both.sides, classes))


def _classes(conn: Any, person: Person | None) -> list[tuple[str, Cohort]]:
    """(name, figures) of her classes that are large enough to be spoken of; invented people enter none."""
    courses = [each for each in classroom.courses_of(conn, person.id) if not each.sample] if person else []
    return [(course.name, cohort_of(conn, course.id, _PATIENCE, opened=True))
            for course, learners, given in classroom.sizes(conn, courses) if learners >= comparison.CLASS and given]


def _onward(found: Record) -> dict[str, Standing]:
    """The task to do next in each seat: of the first half hour while it lasts there, then of what counts."""
    stories = sorted(house().scenarios.values(), key=lambda s: (s.counted, s.order))
    steps = {}
    for seat in house().seats:
        lines = [line for s in stories if seat in s.seats for line in standings(found, s.name, (seat,))]
        if (line := following(lines)) is not None:
            steps[seat] = line
    return steps


def tried_of(done: Iterable[Attempt], said: Mapping[str, Said] | None = None) -> list[Tried]:
    """Her attempts, oldest first, as the comparison sees them: each numbered by task, wherever it was done.

    A task done alone, then assigned by a class, then once more as a guest was done for the first time once.
    """
    times: Counter[tuple[str, str]] = Counter()
    entries = []
    for attempt in done:
        times[attempt.story, attempt.task] += 1
        words = (said or {}).get(attempt.id, Said())
        if entry := _tried(attempt, times[attempt.story, attempt.task], words):
            entries.append(entry)
    return entries


def _tried(attempt: Attempt, number: int, said: Said) -> Tried | None:
    """A judged attempt; None while ungraded, or when its story is gone."""
    story = house().scenarios.get(attempt.story)
    task = story.task(attempt.task) if story else None
    if story is None or task is None or attempt.report is None:
        return None
    return Tried(task.seat, attempt.story, attempt.task, task.title, story.counted, number, attempt.active,
                 attempt.hints, attempt.report, task.activity, task.level, said.expected, said.more, attempt.id)
