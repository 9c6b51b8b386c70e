"""The live page of an assignment: who is where, who may need help; a nudge, a message and more time from the row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox import classroom, people
from sandbox.classroom import Assignment, Course
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.web import fragment, house, policy, sampling
from sandbox.web.roster import mine
from sandbox.web.words import when

bp = Blueprint("live", __name__)
MINUTES = (15, 60, 1440)  # what the row can add to somebody's due time


@bp.get("/<id>/<assignment>/live")
def page(id: str, assignment: str) -> str:
    """Who is where; with `to` the learner whose row is opened for a message or more time."""
    return _page(id, assignment)


@bp.get("/<id>/<assignment>/live/part")
def part(id: str, assignment: str) -> Response:
    """The part that renews itself: 304 where it is what the page has already."""
    with house().db.reading() as conn:
        found, given = _given(conn, id, assignment)
        section = request.args.get("section", "")
        return fragment.shared("live", given.id, section, make=lambda: render_template(
            "teach/where_part.html", **_seen(conn, found, given, section)))


@bp.post("/<id>/<assignment>/live/nudge")
def nudge(id: str, assignment: str) -> BaseResponse | tuple[str, int]:
    """Send a learner the ready kind line."""
    try:
        with house().db.writing() as conn:
            found, _ = _given(conn, id, assignment)
            name = classroom.nudge(conn, found.id, policy.need_instructor().id, request.form.get("person", ""))
    except Conflict as problem:
        return _page(id, assignment, problem), problem.status
    flash(f"A nudge is on its way to {name}.", "good")
    return _back(id, assignment)


@bp.post("/<id>/<assignment>/live/more")
def more(id: str, assignment: str) -> BaseResponse | tuple[str, int]:
    """More time for one learner, in the middle of the session: minutes on top of her own due time, or of now."""
    person = request.form.get("person", "")
    try:
        by = request.form.get("minutes", type=int, default=0)
        if by not in MINUTES:
            raise BadInput("Choose how much more time.", hint="Nothing was changed.")
        with house().db.writing() as conn:
            found, given = _given(conn, id, assignment)
            if person not in {each.id for each in classroom.learners(conn, found.id)}:
                raise NotFound("Nobody by that id is in this class.")
            own = classroom.own(conn, given, person)
            if own.due is None:
                raise BadInput("Without a due time there is nothing to extend.", hint="Nothing was changed.")
            until = max(own.due, people.now()) + timedelta(minutes=by)
            classroom.extend(conn, given, [person], until)
    except BadInput as problem:
        return _page(id, assignment, problem), problem.status
    flash(f"Extended: due {when(until)}, Chicago time. The learner sees the new time.", "good")
    return _back(id, assignment)


def _seen(conn: Any, found: Course, given: Assignment, section: str) -> dict[str, Any]:
    return {"course": found, "given": given, "section": section, "tour": sampling.tour_of(conn, found),
            "room": classroom.live(conn, house().scenarios, given, section)}


def _page(id: str, assignment: str, problem: BadInput | Conflict | None = None) -> str:
    to = request.values.get("person") or request.args.get("to", "")
    with house().db.reading() as conn:
        found, given = _given(conn, id, assignment)
        seen = _seen(conn, found, given, request.args.get("section", ""))
        sections = classroom.section_names(conn, found.id)
    chosen = next((spot for spot in seen["room"].spots if spot.person.id == to), None)
    return render_template("teach/where.html", **seen, sections=sections, chosen=chosen, problem=problem,
                           story=house().scenarios[given.story], nudge_words=classroom.NUDGE, minutes=MINUTES)


def _back(id: str, assignment: str) -> BaseResponse:
    fragment.forget()
    return redirect(url_for("teach.live.page", id=id, assignment=assignment,
                            section=request.args.get("section") or None), code=303)


def _given(conn: Any, id: str, assignment: str) -> tuple[Course, Assignment]:
    found, given = mine(conn, id), classroom.assignment(conn, assignment)
    if given.course != found.id or given.story not in house().scenarios:
        raise NotFound("There is no such assignment in this class.")
    return found, given
