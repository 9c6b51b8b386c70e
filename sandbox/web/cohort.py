"""A class in both seats: read once for each change, shown to who teaches it, and lent to a learner's comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any

from sandbox import attempts, classroom, gradebook
from sandbox.classroom import Course
from sandbox.comparison import Cohort, DotColumn, Tally, TaskFigures, Voices, cohort, quarters, voices
from sandbox.people import Person
from sandbox.scenario import TaskBrief
from sandbox.web import house, release

_KEPT = 64  # classes
_turn = Lock()
_read: dict[tuple[str, bool], tuple[Any, Cohort, float]] = {}


def counted() -> dict[tuple[str, str], str]:
    """(story, task) of every counted task of the house, with its seat."""
    return {(s.name, t.name): t.seat for s in house().scenarios.values() if s.counted for t in s.tasks}


def cohort_of(conn: Any, course: str, patience: float = 0.0, *, opened: bool = False) -> Cohort:
    """The class's figures, from first attempts done for its own assignments.

    A class of 300 has thousands of reports (a second and a half to read): they are read again only when a grade or a
    learner came since, and for who has `patience` (seconds) not before it ran out. With `opened` only what learners may
    know: results that wait or are held enter no figure.
    """
    which = course, opened
    if (kept := _read.get(which)) and monotonic() - kept[2] < patience:
        return kept[1]
    people = [person.id for person in classroom.learners(conn, course)]
    given = [each.id for each in classroom.assignments(conn, course)]
    if opened:
        held = gradebook.held_among(conn, given)
        given = [each for each in given if each not in held and not release.waits_until(conn, each)]
    stamp = (attempts.stamp(conn, given), frozenset(people), tuple(given))
    if kept and kept[0] == stamp:
        return kept[1]
    found = cohort(attempts.firsts(conn, people, given), counted())
    with _turn:
        while len(_read) >= _KEPT:
            _read.pop(next(iter(_read)))
        _read[which] = (stamp, found, monotonic())
    return found


@dataclass(frozen=True)
class Chair:
    """One seat of the class page: learners by name with their tallies, a dot for each, the class's middle half."""

    name: str
    title: str
    rows: tuple[tuple[Person, Tally], ...]
    columns: tuple[DotColumn, ...]
    half: tuple[int, int, int] | None
    voices: Voices | None
    tasks: tuple[tuple[TaskBrief, TaskFigures], ...]


def chairs(conn: Any, course: Course) -> list[Chair]:
    """What the page of a class in both seats shows."""
    found, learners = cohort_of(conn, course.id), classroom.learners(conn, course.id)
    ids = [person.id for person in learners]
    said = {v.seat: v for v in voices(found, attempts.said_of(conn, ids), attempts.hopes_of(conn, ids))}
    return [_chair(name, seat.title, found, learners, said.get(name)) for name, seat in house().seats.items()]


@dataclass(frozen=True)
class Begun:
    """A story, or a pair, in which the class takes the seats in turn: how many learners begin in each."""

    title: str
    seats: tuple[tuple[str, int], ...]


def begun(conn: Any, course: Course) -> list[Begun]:
    """Where the class's learners begin in what was assigned in turn; a pair is named once."""
    drawn = classroom.turns(conn, [course.id])
    found: dict[str, Begun] = {}
    for each in classroom.assignments(conn, course.id):
        if each.order and each.story in house().scenarios:
            many = Counter(each.begins_in(turn) for turn in drawn.values())
            title = f"“{house().scenarios[each.story].title}”"
            before = found.get(each.pair) if each.pair else None
            found[each.pair or each.id] = Begun(f"{before.title} with {title}" if before else title,
                                                tuple((seat, many[seat]) for seat in each.order))
    return list(found.values())


def _chair(name: str, title: str, found: Cohort, learners: Sequence[Person], said: Voices | None) -> Chair:
    tallies: Mapping[str, Tally] = found.tallies.get(name, {})
    tasks = [(task, found.tasks[s.name, task.name]) for s in house().scenarios.values() for task in s.tasks
             if task.seat == name and (s.name, task.name) in found.tasks]
    return Chair(name, title, tuple((p, tallies[p.id]) for p in learners if p.id in tallies),
                 _columns(tallies.values()), quarters(tallies.values()), said, tuple(tasks))


def _columns(tallies: Any) -> tuple[DotColumn, ...]:
    tens = Counter(min(9, int(10 * tally.share + 1e-9)) for tally in tallies)
    return tuple(DotColumn(10 * n, 10 * n + 10, tens[n]) for n in range(10))
