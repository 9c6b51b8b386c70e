"""The book: what every task of an assignment counts for every learner, and what stands between her and another try."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa

from sandbox import attempts, scenario, workspace
from sandbox.classroom import Assignment, hers, late_factor, late_words
from sandbox.errors import Conflict
from sandbox.gradebook import events
from sandbox.gradebook.fold import LATER, Event, Kind, Standing, Try, counted, fold, standing
from sandbox.report import Finding, Report
from sandbox.scenario.opening import Rooms


class Unread(Conflict):
    """Raised where another try has to wait: findings missed in `attempt` were not opened yet."""

    def __init__(self, attempt: str, waiting: list[Finding]) -> None:
        names = ", ".join(f"“{each.label or each.title}”" for each in waiting[:3])
        more = f" and {len(waiting) - 3} more" if len(waiting) > 3 else ""
        super().__init__(f"Of the findings that you missed, {len(waiting)} {'is' if len(waiting) == 1 else 'are'} not "
                         f"opened yet: {names}{more}.", hint="Read them first, then try again.")
        self.attempt = attempt


_FOLDED: tuple[Kind, ...] = ("override", "excuse", "drop", "undo")


def grades(conn: sa.Connection, assignment: Assignment, people: Iterable[str]) -> dict[tuple[str, str], Standing]:
    """(person, task) to its standing, for whatever these people sent or was decided about them: a few queries.

    `assignment` has the class's times. A late try counts by `late_factor` of the learner's own.
    """
    ids = list(people)
    own = hers(conn, [assignment], ids) if assignment.late_points else {}
    late = set()
    tries: dict[tuple[str, str], list[Try]] = {}
    for each in attempts.all_sent(conn, ids, assignment.id):
        found = tried(each)
        score = found.score
        share = late_factor(own.get((assignment.id, each.person), assignment), each.submitted)
        if share < 1 and score is not None:
            found = replace(found, score=round(score * share, 1))
            late.add((each.person, each.task))
        tries.setdefault((each.person, each.task), []).append(found)
    told = events.of_people(conn, assignment.id, ids, _FOLDED)
    folded = {key: fold(tries.get(key, []), told.get(key, [])) for key in sorted(tries.keys() | told.keys())}
    for key in late:
        stands, decided = folded[key], any(e.kind == "override" for e in standing(told.get(key, [])))
        if stands.status == "graded" and not decided:
            folded[key] = replace(stands, why=f"{stands.why} {late_words(assignment)}")
    return folded


def tried(sent: attempts.Outcome) -> Try:
    """A submission as the fold reads it."""
    return Try(sent.attempt, sent.seed, sent.counts.score if sent.counts else None, sent.submitted, sent.judged)


def unopened(report: Report, told: Iterable[Event], attempt: str) -> list[Finding]:
    """The findings she missed in this attempt and has not opened yet: they come before another try that counts."""
    seen = {each.criterion for each in told if each.kind == "opened" and each.attempt == attempt}
    return [each for each in report.findings if each.possible > 0 and not each.met and each.criterion not in seen]


def tries_left(conn: sa.Connection, where: events.Where) -> int:
    """How many of her next tries can still add to her grade for a task."""
    return LATER - max(0, len(_counting(conn, where, events.of(conn, where))) - 1)


def _counting(conn: sa.Connection, where: events.Where, told: Iterable[Event]) -> list[str]:
    """The tries that count, by attempt: the first, then the later ones."""
    assignment, person, task = where
    sent = [tried(each) for each in attempts.all_sent(conn, [person], assignment) if each.task == task]
    first, later = counted(sent, (each.attempt for each in standing(told) if each.kind == "drop"))
    return [each.attempt for each in (first, *later) if each]


def try_again(conn: sa.Connection, rooms: Rooms, attempt: attempts.Attempt) -> workspace.Info:
    """Open the story on a new variant for another try at this task; Unread while a missed finding is unopened.

    A variant that she has not sent this task on yet is gone on with: nobody looks through variants for an easy one.
    """
    where = attempt.assignment, attempt.person, attempt.task
    told = events.of(conn, where)
    counting = [attempts.get(conn, id) for id in _counting(conn, where, told)[::-1]] if attempt.assignment else []
    for each in (attempt, *counting):  # from whichever debrief she goes on
        if each.report and (waiting := unopened(each.report, told, each.id)):
            raise Unread(each.id, waiting)
    key = scenario.story_key(attempt.story, attempt.assignment)
    own = [each for each in workspace.of_owner(conn, attempt.person) if each.scenario == key]
    used = {each.workspace for each in attempts.of_person(conn, attempt.person) if each.task == attempt.task}
    free = [each for each in own if each.id not in used]
    info = free[-1] if free else scenario.vary(conn, rooms, own)
    attempts.open_draft(conn, info.id, attempt.task, attempt.person)
    return info
