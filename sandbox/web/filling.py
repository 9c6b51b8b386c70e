"""What leaves the classroom: results as CSV, and an LMS's own gradebook with one column filled."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from io import BytesIO
from typing import Any, get_args

from flask import Blueprint, Response, render_template, request, stream_with_context

from sandbox import classroom, gradebook
from sandbox.classroom import Assignment, Course
from sandbox.errors import BadInput, NotFound
from sandbox.gradebook import lms
from sandbox.gradebook.results import By
from sandbox.web import house
from sandbox.web.roster import mine

bp = Blueprint("filling", __name__)
MATCH = {"ID": "the ID on your roster", "login": "the sign-in name", "name": "the name, as it is written here"}


@bp.get("/<id>/<assignment>/results.csv")
def results(id: str, assignment: str) -> Response:
    """The results, `by` task (else), learner, attempt or finding; of one `section` where it is given."""
    by: Any = request.args.get("by", "task")
    if by not in get_args(By):
        raise NotFound("Results come by task, by learner, by attempt or by finding.")
    with house().db.reading() as conn:
        found, given = _there(conn, id, assignment)
    section = request.args.get("section", "")

    def lines() -> Any:
        yield "\ufeff"
        with house().db.reading() as conn:
            yield from gradebook.csv_lines(conn, house().scenarios, given, by, section)

    name = f"{found.code.lower()}-{given.story}{'' if by == 'task' else f'-by-{by}'}.csv"
    return Response(stream_with_context(lines()), mimetype="text/csv",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})


@bp.get("/<id>/course.zip")
def course_zip(id: str) -> Response:
    """The whole class as one zip, to keep."""
    out = BytesIO()
    with house().db.reading() as conn:
        found = mine(conn, id)
        gradebook.write_course(conn, house().scenarios, found, out)
    return Response(out.getvalue(), mimetype="application/zip",
                    headers={"Content-Disposition": f'attachment; filename="{found.code.lower()}.zip"'})


@bp.get("/<id>/<assignment>/lms")
def page(id: str, assignment: str) -> str:
    """Choose the file that the LMS exported."""
    return _page(id, assignment)


@bp.post("/<id>/<assignment>/lms")
def fill(id: str, assignment: str) -> str | Response | tuple[str, int]:
    """First the columns of the file, then what filling one would do, then (`do`) the file with it filled."""
    form = request.form
    try:
        name, data = _file()
        sheet = lms.read(data)
        if "column" not in form:
            return _page(id, assignment, sheet=sheet, data=data, name=name)
        column, match = form.get("column", type=int, default=-1), form.get("match", type=int, default=-1)
        with house().db.reading() as conn:
            found, given = _there(conn, id, assignment)
            values = _values(conn, found, given, form.get("what", ""), form.get("by", ""))
        lines = lms.plan(sheet, match, column, values, over=form.get("over") == "1")
        if "do" not in form:
            return _page(id, assignment, sheet=sheet, data=data, name=name, lines=lines)
    except BadInput as problem:
        return _page(id, assignment, problem), problem.status
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in name) or "gradebook.csv"
    return Response(lms.fill(sheet, column, lines), mimetype="text/csv",
                    headers={"Content-Disposition": f'attachment; filename="{safe}"'})


def _file() -> tuple[str, bytes]:
    """The file as it was chosen, or as it came along from the page before."""
    if sent := request.files.get("file"):
        return sent.filename or "gradebook.csv", sent.read()
    try:
        return request.form.get("name", "gradebook.csv"), base64.b64decode(
            request.form.get("data", "").encode(), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise BadInput("The file did not come along.", hint="Choose it again.") from None


def _values(conn: Any, found: Course, given: Assignment, what: str, by: str) -> Mapping[str, str]:
    """By ID, sign-in name or name: the grade of one task (`what`), or the total, as it would be written."""
    tasks = {task.name: task for task in classroom.tasks_of(house().scenarios, given)}
    if what not in ("", *tasks) or by not in MATCH:
        raise BadInput("Choose what to fill in, and what the file knows people by.")
    places = [each for each in classroom.roster(conn, found.id) if each.active]
    grades = gradebook.grades(conn, given, [each.person.id for each in places])
    values: dict[str, str] = {}
    for place in places:
        person = place.person
        standing = grades.get((person.id, what))
        score = (standing.score if standing else None) if what else gradebook.total(grades, person.id, tasks)
        key = {"ID": place.known, "login": person.login or "", "name": person.name}[by]
        if key and score is not None:
            if key in values:
                raise BadInput(f"Two learners are called “{key}”.", hint="Match by ID or sign-in name.")
            values[key] = f"{score:g}"
    return values


def _page(id: str, assignment: str, problem: BadInput | None = None, *, sheet: lms.Sheet | None = None,
          data: bytes = b"", name: str = "", lines: list[lms.Line] | None = None) -> str:
    with house().db.reading() as conn:
        found, given = _there(conn, id, assignment)
    return render_template(
        "teach/lms.html", course=found, given=given, story=house().scenarios[given.story], problem=problem, sheet=sheet,
        file=base64.b64encode(data).decode(), name=name, lines=lines, form=request.form, ways=MATCH,
        tasks=classroom.tasks_of(house().scenarios, given))


def _there(conn: Any, id: str, assignment: str) -> tuple[Course, Assignment]:
    found, given = mine(conn, id), classroom.assignment(conn, assignment)
    if given.course != found.id or given.story not in house().scenarios:
        raise NotFound("There is no such assignment in this class.")
    return found, given
