"""The seat that waits: where half a class begins in each seat, the other one opens when the first is handed in.

Nobody is locked out: without that it opens when the work falls due, or when an instructor opens it; and once she has
begun there it is never shut again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from sandbox import attempts
from sandbox.classroom.course import Assignment, assignments
from sandbox.classroom.progress import tasks_of
from sandbox.classroom.turns import EVERYBODY, opened_seat, turns
from sandbox.classroom.window import hers
from sandbox.people import now
from sandbox.scenario import Library, TaskBrief, story_key
from sandbox.workspace import rooms_of

_BEFORE_CLOSING = timedelta(days=1)


@dataclass(frozen=True)
class Wait:
    """`seat` of an assignment waits for a learner until the tasks `left` of `first`, each with its story's key, are in.

    It opens at `at` (UTC) all the same; None: the assignment has no due time.
    """

    seat: str
    first: str
    left: tuple[tuple[str, TaskBrief], ...]
    at: datetime | None

    @property
    def words(self) -> str:
        """What she is told, in a sentence."""
        titles = [f"“{task.title}”" for _, task in self.left]
        listed = f"{', '.join(titles[:-1])} and {titles[-1]}" if len(titles) > 1 else titles[0]
        return (f"Half of your class begins in each seat, and you begin in {self.first.upper()}. "
                f"{self.seat.upper()} opens when you have handed in {listed}.")


def sets_of(conn: sa.Connection, given: Iterable[Assignment]) -> dict[str, tuple[Assignment, ...]]:
    """Assignment id to those that are one set with it, with the class's times: itself, and the other of its pair."""
    listed = list(given)
    every = assignments(conn, *{each.course for each in listed})
    return {each.id: tuple(one for one in every if one.id == each.id or (each.pair and one.pair == each.pair))
            for each in listed}


def waits(conn: sa.Connection, library: Library, given: Iterable[Assignment],
          people: Iterable[str]) -> dict[tuple[str, str], Wait]:
    """(assignment, person) to what she waits for there; whoever waits for nothing is not in it.

    As many queries for a class as for one learner: some for all, two for each assignment in turn.
    """
    ids, known = list(people), [each for each in given if each.order and each.story in library]
    if not known:
        return {}
    sets = {id: [one for one in group if one.story in library] for id, group in sets_of(conn, known).items()}
    whole = list({one.id: one for group in sets.values() for one in group}.values())
    drawn, own = turns(conn, {each.course for each in whole}, ids), hers(conn, whole, ids)
    done = attempts.done(conn, ids, [each.id for each in whole])
    begun = done | {(each.id, task, person) for each in whole for person, task in _drafts(conn, each, ids)}
    opened = {(row.assignment, row.person) for row in conn.execute(sa.select(opened_seat).where(
        opened_seat.c.assignment.in_([each.id for each in known])))}
    found = {}
    for each in known:
        for person in ids:
            first = each.begins_in(drawn.get((each.course, person)))
            second = next((seat for seat in each.order if seat != first), "")
            if not first or second not in each.seats or {(each.id, person), (each.id, EVERYBODY)} & opened:
                continue
            tasks = [(one, task) for one in sets[each.id] for task in tasks_of(library, one)]
            left = tuple((story_key(one.story, one.id), task) for one, task in tasks
                         if task.seat == first and (one.id, task.name, person) not in done)
            there = any(task.seat == second and (one.id, task.name, person) in begun for one, task in tasks)
            at = _at([own[one.id, person] for one in sets[each.id]])
            if left and not there and not (at and now() >= at):
                found[each.id, person] = Wait(second, first, left, at)
    return found


def way(conn: sa.Connection, library: Library, given: Assignment, person: str) -> list[tuple[str, TaskBrief]]:
    """The tasks of an assignment and of the other one of its pair, each with its story's key, in her order."""
    first = given.begins_in(turns(conn, [given.course], [person]).get((given.course, person)))
    tasks = [(story_key(one.story, one.id), task) for one in sets_of(conn, [given])[given.id] if one.story in library
             for task in tasks_of(library, one)]
    return sorted(tasks, key=lambda each: each[1].seat != first)


def _drafts(conn: sa.Connection, given: Assignment, people: list[str]) -> Iterable[tuple[str, str]]:
    return attempts.open_drafts(conn, people, rooms_of(conn, people, story_key(given.story, given.id)))


def _at(own: Iterable[Assignment]) -> datetime | None:
    """When the other seat opens whatever is handed in: when any of the set falls due for her.

    Where it also closes then, a day before; of less than two days, at the middle: there must be time for both seats.
    """
    found = []
    for each in own:
        if each.due is None:
            continue
        time = max(each.due - (each.opens or each.created), timedelta())
        shut = each.closes is not None and each.closes <= each.due
        found.append(each.due - min(_BEFORE_CLOSING, time / 2) if shut else each.due)
    return min(found, default=None)
