"""Results as CSV: by task, by learner, by attempt or by finding. No cell is one that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from sandbox import attempts, classroom
from sandbox.classroom import ZONE, Assignment, Place, plain
from sandbox.gradebook.book import grades
from sandbox.gradebook.events import of_people
from sandbox.gradebook.fold import Standing, Try, counted, standing
from sandbox.scenario import Library

By = Literal["task", "learner", "attempt", "finding"]
_WHO = ("learner", "sign-in name", "ID", "section", "begins in")


def csv_lines(conn: sa.Connection, library: Library, given: Assignment, by: By, section: str = "",
              only: str = "") -> Iterator[str]:
    """The lines of the file, its headings first, worked out as they are asked for; of one person `only` where given."""
    places = [each for each in classroom.roster(conn, given.course)
              if (each.person.id == only if only else each.active) and section in ("", each.section)]
    tasks = {task.name: task for task in classroom.tasks_of(library, given)}
    for row in _ROWS[by](conn, library, given, places, tasks, section):
        yield as_csv([row])


def as_csv(rows: Iterable[Iterable[Any]]) -> str:
    """Rows as lines of a CSV file; nothing is an empty cell, and no cell is one that a spreadsheet would run."""
    out = io.StringIO()
    csv.writer(out).writerows([plain("" if value is None else value) for value in row] for row in rows)
    return out.getvalue()


def total(found: Mapping[tuple[str, str], Standing], person: str, tasks: Mapping[str, Any]) -> float | None:
    """The mean of a learner's grades over the tasks that she is not excused from; what was not handed in is 0.

    None while she has no grade at all.
    """
    mine = {task: found.get((person, task), Standing()) for task in tasks}
    asked = [each for each in mine.values() if each.status != "excused"]
    if all(each.score is None for each in asked):
        return None
    return round(sum(each.score or 0.0 for each in asked) / len(asked), 1)


def _who(given: Assignment, place: Place) -> tuple[str, str, str, str, str]:
    first = given.begins_in(place.turn).upper()  # "" where the order of the seats is free
    return place.person.name, place.person.login or "", place.known, place.section, first


def _by_task(conn: sa.Connection, library: Library, given: Assignment, places: list[Place], tasks: Any,
             section: str) -> Iterator[tuple[Any, ...]]:
    table = classroom.progress(conn, library, given, section)
    found = grades(conn, given, [each.person.id for each in places])
    whose = {each.person.id: each for each in places}
    yield (*_WHO, "seat", "task", "status", "met", "asked", "score", "submitted", "late", "grade", "last seen")
    for line in (each for each in table.lines if each.person.id in whose):
        for task, cell in zip(table.tasks, line.cells, strict=True):
            done, mine = cell.status == "graded", found.get((line.person.id, task.name), Standing())
            yield (*_who(given, whose[line.person.id]), task.seat, task.title,
                   "excused" if mine.status == "excused" else cell.status,
                   *((cell.met, cell.asked, cell.score) if done else ("", "", "")), _local(cell.submitted),
                   "late" if cell.late else "", mine.score, _local(line.person.seen))


def _by_learner(conn: sa.Connection, library: Library, given: Assignment, places: list[Place], tasks: Any,
                section: str) -> Iterator[tuple[Any, ...]]:
    found = grades(conn, given, [each.person.id for each in places])
    yield (*_WHO, *(task.title for task in tasks.values()), "total")
    for place in places:
        mine = [found.get((place.person.id, task), Standing()) for task in tasks]
        yield (*_who(given, place), *("excused" if each.status == "excused" else each.score for each in mine),
               total(found, place.person.id, tasks))


def _by_attempt(conn: sa.Connection, library: Library, given: Assignment, places: list[Place], tasks: Any,
                section: str) -> Iterator[tuple[Any, ...]]:
    ids = [each.person.id for each in places]
    own, told = classroom.hers(conn, [given], ids), of_people(conn, given.id, ids, ("drop", "undo"))
    sent = attempts.of_people(conn, ids, given.id)
    yield (*_WHO, "seat", "task", "attempt", "number", "variant", "submitted", "late", "minutes at work", "hints",
           "met", "asked", "score", "counts as")
    for place in places:
        mine = [each for each in sent if each.person == place.person.id and each.task in tasks]
        for task in tasks:
            tries = [each for each in mine if each.task == task]
            gone = {e.attempt for e in standing(told.get((place.person.id, task), [])) if e.kind == "drop"}
            first, later = counted([Try(a.id, a.seed, a.report.score if a.report else None, a.submitted)
                                    for a in tries], gone)
            as_ = {each.attempt: "later try" for each in later} | ({first.attempt: "first try"} if first else {})
            seeds = list(dict.fromkeys(each.seed for each in tries))
            due = own[given.id, place.person.id].due
            for each in tries:
                report = each.report
                yield (*_who(given, place), tasks[task].seat, tasks[task].title, each.id, each.number,
                       seeds.index(each.seed) + 1, _local(each.submitted),
                       "late" if due and each.submitted > due else "", round(each.active / 60, 1), each.hints,
                       *((report.met, report.asked, report.score) if report else ("", "", "")),
                       "dropped" if each.id in gone else as_.get(each.id, "practice" if report else "not judged"))


def _by_finding(conn: sa.Connection, library: Library, given: Assignment, places: list[Place], tasks: Any,
                section: str) -> Iterator[tuple[Any, ...]]:
    yield (*_WHO, "seat", "task", "attempt", "number", "criterion", "axis", "competency", "finding", "earned",
           "possible", "met", "with help", "known mistake")
    for place in places:  # one learner's reports at a time: a class of 300 has a hundred thousand findings
        for each in attempts.of_people(conn, [place.person.id], given.id):
            for f in each.report.findings if each.report and each.task in tasks else ():
                if f.possible > 0:
                    yield (*_who(given, place), tasks[each.task].seat, tasks[each.task].title, each.id, each.number,
                           f.criterion, f.axis, f.competency, f.title, round(f.earned, 2), round(f.possible, 2),
                           "yes" if f.met else "no", "yes" if f.group == "helped" else "", f.mistake)


_ROWS = {"task": _by_task, "learner": _by_learner, "attempt": _by_attempt, "finding": _by_finding}


def _local(instant: datetime | None) -> str:
    """An instant on the class's clock, with its offset: 2026-06-30T17:00:00-05:00."""
    return instant.astimezone(ZONE).isoformat(timespec="seconds") if instant else ""
