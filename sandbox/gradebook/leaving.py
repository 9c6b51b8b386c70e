"""A course taken along: everything that a school may want to keep of it, as one zip of CSV and JSON lines.

Nothing of a key is in it; reports are what learners read themselves.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import IO, Any

import orjson
import sqlalchemy as sa

from sandbox import attempts, classroom
from sandbox.attempts.ledger import report_text
from sandbox.classroom import Assignment, Course, Place
from sandbox.gradebook.events import of_people
from sandbox.gradebook.results import By, as_csv, csv_lines
from sandbox.scenario import Library

_BY: tuple[By, ...] = ("task", "learner", "attempt", "finding")
_README = """{name}

course.json       the class: its name, join code and assignments with their times (UTC)
roster.csv        everybody who has or had a place: ID, name, sign-in name, section, active
ASSIGNMENT/       one folder for each assignment, named by its story
  results*.csv    by task, learner, attempt and finding, as on the class's pages
  attempts.ndjson each submission: work as it was sent, and the report as the learner reads it
  decisions.ndjson what was decided, commented, asked and answered, in its order

CSV is UTF-8 with a byte-order mark; a cell that a spreadsheet would run begins with an apostrophe. What learners said
for themselves (what they expected, what they liked) is theirs and is not here.
"""


def write(conn: sa.Connection, library: Library, course: Course, out: IO[bytes], *, only: str = "") -> None:
    """Write the course to `out` as a zip; of its people one `only` where her id is given."""
    given = [each for each in classroom.assignments(conn, course.id) if each.story in library]
    places = [each for each in classroom.roster(conn, course.id) if only in ("", each.person.id)]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("README.txt", _README.format(name=course.name))
        bundle.writestr("course.json", orjson.dumps(
            {"name": course.name, "code": course.code, "assignments": [_told(each) for each in given]},
            option=orjson.OPT_INDENT_2))
        bundle.writestr("roster.csv", "\ufeff" + _roster(places))
        for number, each in enumerate(given, 1):
            folder = f"{number:02d}-{each.story}"
            for by in _BY:
                name = "results" if by == "task" else f"results-by-{by}"
                bundle.writestr(f"{folder}/{name}.csv", "\ufeff" + "".join(
                    csv_lines(conn, library, each, by, only=only)))
            bundle.writestr(f"{folder}/attempts.ndjson", b"".join(_attempts(conn, each, places)))
            bundle.writestr(f"{folder}/decisions.ndjson", b"".join(_decisions(conn, each, places)))


def _told(given: Assignment) -> dict[str, Any]:
    return {name: getattr(given, name) for name in (
        "id", "story", "seats", "created", "opens", "due", "closes", "late_points", "late_floor", "release",
        "order", "pair")}


def as_sent(one: attempts.Attempt, *, told: bool = True) -> dict[str, Any]:
    """A submission as JSON: the work as it was sent and, where it may be `told`, the report as its learner reads it."""
    report = orjson.loads(report_text(one.report)) if told and one.report else None
    return {
        "attempt": one.id, "person": one.person, "story": one.story, "task": one.task, "number": one.number,
        "seed": one.seed, "submitted": one.submitted, "seconds": one.active, "hints": one.hints,
        "work": orjson.loads(one.work), "report": report}


def _roster(places: list[Place]) -> str:
    return as_csv([("ID", "name", "sign-in name", "section", "active"), *(
        (each.known, each.person.name, each.person.login, each.section, "yes" if each.active else "no")
        for each in places)])


def _attempts(conn: sa.Connection, given: Assignment, places: list[Place]) -> Iterator[bytes]:
    for place in places:
        for one in attempts.of_people(conn, [place.person.id], given.id):
            yield orjson.dumps(as_sent(one), option=orjson.OPT_APPEND_NEWLINE)


def _decisions(conn: sa.Connection, given: Assignment, places: list[Place]) -> Iterator[bytes]:
    for (person, task), events in sorted(of_people(conn, given.id, [each.person.id for each in places]).items()):
        for each in events:
            yield orjson.dumps({"person": person, "task": task, **vars(each)}, option=orjson.OPT_APPEND_NEWLINE)
