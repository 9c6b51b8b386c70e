"""A course taken along: everything that a school may want to keep of it, as one zip of CSV and JSON lines.

Nothing of a key is in it; reports are what learners read themselves.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import orjson
import sqlalchemy as sa

from sandbox import attempts, classroom
from sandbox.attempts.ledger import report_text
from sandbox.classroom import Assignment, Course, plain
from sandbox.gradebook.events import of_people
from sandbox.gradebook.results import By, csv_lines
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


def write(conn: sa.Connection, library: Library, course: Course, out: IO[bytes]) -> None:
    """Write the course to `out` as a zip."""
    given = [each for each in classroom.assignments(conn, course.id) if each.story in library]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("README.txt", _README.format(name=course.name))
        bundle.writestr("course.json", orjson.dumps(
            {"name": course.name, "code": course.code, "assignments": [_told(each) for each in given]},
            option=orjson.OPT_INDENT_2))
        bundle.writestr("roster.csv", "\ufeff" + "".join(_roster(conn, course)))
        for number, each in enumerate(given, 1):
            folder = f"{number:02d}-{each.story}"
            for by in _BY:
                name = "results" if by == "task" else f"results-by-{by}"
                bundle.writestr(f"{folder}/{name}.csv", "\ufeff" + "".join(csv_lines(conn, library, each, by)))
            bundle.writestr(f"{folder}/attempts.ndjson", b"".join(_attempts(conn, each)))
            bundle.writestr(f"{folder}/decisions.ndjson", b"".join(_decisions(conn, each)))


def _told(given: Assignment) -> dict[str, Any]:
    return {name: getattr(given, name) for name in (
        "id", "story", "seats", "created", "opens", "due", "closes", "late_points", "late_floor", "release",
        "order", "pair")}


def _roster(conn: sa.Connection, course: Course) -> Iterator[str]:
    yield "ID,name,sign-in name,section,active\r\n"
    for place in classroom.roster(conn, course.id):
        line = io.StringIO()
        csv.writer(line).writerow([plain(each) for each in (
            place.known, place.person.name, place.person.login or "", place.section, "yes" if place.active else "no")])
        yield line.getvalue()


def _attempts(conn: sa.Connection, given: Assignment) -> Iterator[bytes]:
    for person in (place.person for place in classroom.roster(conn, given.course)):
        for one in attempts.of_people(conn, [person.id], given.id):
            yield orjson.dumps({
                "attempt": one.id, "person": one.person, "task": one.task, "number": one.number, "seed": one.seed,
                "submitted": one.submitted, "seconds": one.active, "hints": one.hints, "work": orjson.loads(one.work),
                "report": orjson.loads(report_text(one.report)) if one.report else None,
            }, option=orjson.OPT_APPEND_NEWLINE)


def _decisions(conn: sa.Connection, given: Assignment) -> Iterator[bytes]:
    people = [place.person.id for place in classroom.roster(conn, given.course)]
    for (person, task), events in sorted(of_people(conn, given.id, people).items()):
        for each in events:
            yield orjson.dumps({"person": person, "task": task, **vars(each)}, option=orjson.OPT_APPEND_NEWLINE)
