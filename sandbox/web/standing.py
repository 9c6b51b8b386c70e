"""Where a person stands with the tasks of a story: not started, in progress, submitted, and how it went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sandbox import attempts, classroom, gradebook, scenario, workspace
from sandbox.attempts import Attempt
from sandbox.people import Person
from sandbox.scenario import TaskBrief
from sandbox.web import house, release


@dataclass(frozen=True)
class Standing:
    """One task, for one person: `first` is what is compared, `newest` what she last did."""

    task: TaskBrief
    key: str
    status: Literal["not started", "in progress", "submitted", "waiting", "graded"]
    first: Attempt | None = None
    newest: Attempt | None = None
    saved: datetime | None = None
    waits: str = ""  # the seat whose tasks come first, while this one's are not open to her

    @property
    def done(self) -> bool:
        """Whether she has submitted it at least once."""
        return self.newest is not None

    @property
    def met(self) -> int:
        """Criteria met in the newest attempt."""
        return self.newest.report.met if self.newest and self.newest.report else 0

    @property
    def asked(self) -> int:
        """Criteria asked in the newest attempt."""
        return self.newest.report.asked if self.newest and self.newest.report else 0


@dataclass(frozen=True)
class Record:
    """All that a person did, read once for a page."""

    attempts: tuple[Attempt, ...] = ()
    drafts: Mapping[tuple[str, str], datetime] | None = None  # (story key, task) -> saved
    rooms: Mapping[str, workspace.Info] | None = None  # story key -> workspace
    shut: frozenset[str] = frozenset()  # the assignments whose results are not open: their attempts have no report here


def record(conn: Any, person: Person | None, course: classroom.Course | None = None) -> Record:
    """Her attempts, drafts and workspaces, of one class alone where given; empty for nobody."""
    if person is None:
        return Record()
    own, sent = workspace.of_owner(conn, person.id), attempts.of_person(conn, person.id)
    if course is not None:
        given = {each.id for each in classroom.assignments(conn, course.id)}
        own = [each for each in own if each.scenario.partition("@")[2] in given]
        sent = [each for each in sent if each.assignment in given]
    named = {info.id: info for info in own}
    keys, working = {id: info.scenario for id, info in named.items()}, attempts.working(conn, [person.id])
    drafts = {(keys[ws], task): at for (_, ws, task), at in working.items() if ws in keys}
    order = [ws for (_, ws, _), _ in sorted(working.items(), key=lambda each: each[1])]
    rooms = {info.scenario: info for info in reversed(own)}  # of several variants of a story the first,
    rooms |= {keys[ws]: named[ws] for ws in order if ws in named}  # or the one that she was last at
    sent, shut = release.veiled(conn, sent)
    held = gradebook.held_among(conn, {each.assignment for each in sent if each.assignment})
    sent = [replace(each, grade=None) if each.assignment in held else each for each in sent]
    return Record(tuple(sent), drafts, rooms, shut)


def standings(found: Record, key: str, seats: tuple[str, ...] = (),
              wait: classroom.Wait | None = None) -> list[Standing]:
    """One Standing for each task of a story key (`story` or `story@assignment`), in order; of `seats` only if given.

    With `wait`, the tasks of the seat that waits are marked so, and come after those that she begins with.
    """
    story, _, assigned = key.partition("@")
    lines = []
    for task in house().scenarios.story(story).tasks:
        if seats and task.seat not in seats:
            continue
        mine = [a for a in found.attempts if a.story == story and a.assignment == assigned and a.task == task.name]
        saved = (found.drafts or {}).get((key, task.name))
        line = _standing(task, key, mine, saved, shut=assigned in found.shut)
        lines.append(replace(line, waits=wait.first) if wait and task.seat == wait.seat else line)
    return sorted(lines, key=lambda line: bool(line.waits))


def still_before(found: Record, story: str) -> list[Standing]:
    """What this story builds on and she has not handed in yet, anywhere: a word of advice, never a lock."""
    handed = {(a.story, a.task) for a in found.attempts}
    pairs = [each.partition("/")[::2] for each in house().scenarios.story(story).after]
    return [Standing(house().scenarios.brief(*pair), pair[0], "not started") for pair in pairs if pair not in handed]


def following(lines: list[Standing]) -> Standing | None:
    """The first task that is open to her and not yet submitted, or None when there is none."""
    return next((line for line in lines if not line.done and not line.waits), None)


def _standing(task: TaskBrief, key: str, mine: list[Attempt], saved: datetime | None, *, shut: bool) -> Standing:
    if not mine:
        return Standing(task, key, "in progress" if saved else "not started", saved=saved)
    status: Literal["graded", "waiting", "submitted"] = "graded" if mine[-1].report else "submitted"
    status = "waiting" if shut else status
    return Standing(task, key, status, mine[0], mine[-1], saved)


def assigned_to(conn: Any, person: Person | None, only: classroom.Course | None = None) -> list[tuple[Any, Any]]:
    """(class, assignment) of what she was assigned, in one class alone where given, what is due first at the head.

    For nobody in particular it is what a class was assigned, at the class's times.
    """
    if person is None and only is None:
        return []
    id = person.id if person else ""
    courses = {course.id: course for course in ([only] if only else classroom.courses_of(conn, id))}
    given = [each for each in classroom.assignments(conn, *courses) if each.story in house().scenarios]
    own = classroom.hers(conn, given, [id])  # her times, and nobody else's
    pairs = [(courses[each.course], own[each.id, id]) for each in given]
    return sorted(pairs, key=lambda pair: (pair[1].due is None, pair[1].due, pair[1].id))


def waiting(conn: Any, person: Person | None, given: Iterable[Any]) -> dict[str, classroom.Wait]:
    """Assignment id to what she waits for there, where a seat of it is not open to her yet."""
    if person is None:
        return {}
    return {id: wait for (id, _), wait in classroom.waits(conn, house().scenarios, given, [person.id]).items()}


def key_of(assignment: Any) -> str:
    """The story key under which an assignment's workspace is filed."""
    return scenario.story_key(assignment.story, assignment.id)
