"""The gradebook's pages for who teaches: one learner's task with its decisions, and the questions that wait."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox import attempts, classroom, gradebook, people
from sandbox.classroom import Assignment, Course
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.people import Person
from sandbox.web import house, policy
from sandbox.web.again import where_of
from sandbox.web.roster import mine

bp = Blueprint("gradebook", __name__)
_DONE = {"override": "The grade is set.", "excuse": "Excused.", "drop": "This try counts nothing now.",
         "undo": "Taken back.", "comment": "Your comment stands on the debrief."}


@bp.get("/<id>/<assignment>/grade/<person>/<task>")
def page(id: str, assignment: str, person: str, task: str) -> str:
    """What this task counts for this learner, why, and what can be decided about it."""
    return _page(id, assignment, person, task)


@bp.post("/<id>/<assignment>/grade/<person>/<task>")
def decide(id: str, assignment: str, person: str, task: str) -> BaseResponse | tuple[str, int]:
    """Append a decision: `do` is override, excuse, drop, undo or comment; 409 where another was quicker."""
    form = request.form
    try:
        kind = form.get("do", "")
        if kind not in _DONE:
            raise BadInput("Choose what to do.")
        with house().db.writing() as conn:
            _, given, learner = _there(conn, id, assignment, person, task)
            if kind == "drop":
                _sent(conn, given, learner, task, form.get("attempt", ""))
            gradebook.append(
                conn, (given.id, learner.id, task), kind, _who(),  # type: ignore[arg-type]
                attempt=form.get("attempt", "") if kind == "drop" else "",
                value=_points(form.get("value", "")) if kind == "override" else None, words=form.get("words", ""),
                undoes=form.get("undoes", type=int, default=0) if kind == "undo" else 0,
                seen=form.get("seen", type=int, default=-1) if kind != "comment" else None)
    except (BadInput, Conflict) as problem:
        return _page(id, assignment, person, task, problem), problem.status
    flash(_DONE[kind], "good")
    return redirect(url_for("teach.gradebook.page", id=id, assignment=assignment, person=person, task=task), code=303)


@bp.get("/<id>/<assignment>/questions")
def questions(id: str, assignment: str) -> str:
    """What learners asked about findings: what waits first."""
    with house().db.reading() as conn:
        found = mine(conn, id)
        given = _given(conn, found, assignment)
        learners = {each.id: each for each in classroom.learners(conn, found.id)}
        threads = gradebook.threads(conn, given.id, learners)
        titles = {(each.attempt, criterion): title for each in attempts.all_sent(conn, learners, given.id)
                  for criterion, _, title in (each.counts.missed if each.counts else ())} if threads else {}
    return render_template("teach/questions.html", course=found, given=given, threads=threads, learners=learners,
                           titles=titles, story=house().scenarios[given.story])


@bp.post("/<id>/<assignment>/questions/<attempt>")
def answer(id: str, assignment: str, attempt: str) -> BaseResponse:
    """Answer a question about a finding of this attempt; with `settled`, close it."""
    criterion, settled = request.form.get("criterion", ""), request.form.get("settled") == "1"
    with house().db.writing() as conn:
        found = mine(conn, id)
        given = _given(conn, found, assignment)
        sent = attempts.get(conn, attempt)
        if sent.assignment != given.id or sent.person not in {each.id for each in classroom.learners(conn, found.id)}:
            raise NotFound("There is no such attempt in this assignment.")
        gradebook.say(conn, where_of(sent), "resolve" if settled else "answer", _who(), attempt, criterion,
                      "" if settled else request.form.get("words", ""))
    flash("Closed." if settled else "Your answer stands under the finding.", "good")
    return redirect(url_for("desk.debrief", id=attempt, _anchor=f"f-{criterion}"), code=303)


def _page(id: str, assignment: str, person: str, task: str, problem: BadInput | Conflict | None = None) -> str:
    with house().db.reading() as conn:
        found, given, learner = _there(conn, id, assignment, person, task)
        where = (given.id, learner.id, task)
        told = gradebook.of(conn, where)
        sent = [each for each in attempts.all_sent(conn, [learner.id], given.id) if each.task == task]
        standing = gradebook.grades(conn, given, [learner.id]).get((learner.id, task), gradebook.Standing())
        names = {each.id: each.name for each in people.some(conn, list({each.by for each in told}))}
    tries = [gradebook.tried(each) for each in sent]
    holding = gradebook.standing(told)
    gone = {each.attempt: each for each in holding if each.kind == "drop"}
    first, later = gradebook.counted(tries, gone)
    decided = [each for each in told if each.kind in ("override", "excuse", "drop", "undo", "comment")]
    return render_template(
        "teach/grade.html", course=found, given=given, learner=learner, story=house().scenarios[given.story],
        task=house().scenarios.brief(given.story, task), standing=standing, sent=sent, gone=gone, first=first,
        later={each.attempt for each in later}, decided=decided, holding={each.seq for each in holding}, names=names,
        problem=problem, form=request.form, seen=max((each.seq for each in told if each.kind not in ("opened", "ask")),
                                                     default=0))


def _there(conn: Any, id: str, assignment: str, person: str, task: str) -> tuple[Course, Assignment, Person]:
    found = mine(conn, id)
    given = _given(conn, found, assignment)
    learner = next((each for each in classroom.learners(conn, found.id) if each.id == person), None)
    brief = house().scenarios.brief(given.story, task)
    if learner is None or brief.seat not in given.seats:
        raise NotFound("There is no such learner or task in this assignment.")
    return found, given, learner


def _given(conn: Any, found: Course, assignment: str) -> Assignment:
    given = classroom.assignment(conn, assignment)
    if given.course != found.id or given.story not in house().scenarios:
        raise NotFound("There is no such assignment in this class.")
    return given


def _sent(conn: Any, given: Assignment, learner: Person, task: str, attempt: str) -> None:
    if not any((each.attempt, each.task) == (attempt, task)
               for each in attempts.all_sent(conn, [learner.id], given.id)):
        raise NotFound("There is no such attempt at this task.")


def _points(text: str) -> float | None:
    try:
        return round(float(text.strip().replace(",", ".")), 1)
    except ValueError:
        return None


def _who() -> str:
    return policy.need_instructor().id
