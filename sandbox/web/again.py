"""After a debrief: what she opened of it, a question about a finding, and another try on a new variant."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox import attempts, classroom, gradebook, scenario
from sandbox.attempts import Attempt
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.people import Person
from sandbox.web import house, policy, release

bp = Blueprint("again", __name__)


def where_of(attempt: Attempt) -> gradebook.Where:
    """Under which assignment, person and task the ledger keeps what is about this attempt."""
    return attempt.assignment, attempt.person, attempt.task


@bp.post("/attempt/<id>/opened")
def opened(id: str) -> Response | BaseResponse:
    """She has opened these findings (`criterion`, as often as there are): written down once each."""
    person = policy.need_person()
    with house().db.writing() as conn:
        attempt = _hers(conn, person, id)
        known = {each.criterion for each in attempt.report.findings} if attempt.report else set()
        seen = {each.criterion for each in gradebook.of(conn, where_of(attempt))
                if each.kind == "opened" and each.attempt == id}
        chosen = [each for each in dict.fromkeys(request.form.getlist("criterion")) if each in known - seen]
        for criterion in chosen:
            gradebook.append(conn, where_of(attempt), "opened", person.id, attempt=id, criterion=criterion)
        told = gradebook.of(conn, where_of(attempt))
        left = len(gradebook.unopened(attempt.report, told, id)) if attempt.report else 0
    if request.accept_mimetypes.best == "application/json":
        return jsonify(left=left)
    return _back(id, chosen[0] if chosen else "")


@bp.post("/attempt/<id>/ask")
def ask(id: str) -> BaseResponse:
    """A question about a finding, to whoever teaches her; or `settled`: she has her answer."""
    person, criterion = policy.need_person(), request.form.get("criterion", "")
    with house().db.writing() as conn:
        attempt = _hers(conn, person, id)
        known = {each.criterion for each in attempt.report.findings} if attempt.report else set()
        if not attempt.assignment or criterion not in known:
            raise NotFound("There is no such finding to ask about.",
                           hint="Questions go to an instructor: this was not done for a class." if criterion in known
                           else "Reload the page.")
        settled = request.form.get("settled") == "1"
        gradebook.say(conn, where_of(attempt), "resolve" if settled else "ask", person.id, id, criterion,
                      "" if settled else request.form.get("words", ""))
    flash("Closed." if settled else "Your question is with your instructor. The answer will stand here.", "good")
    return _back(id, criterion)


@bp.post("/attempt/<id>/again")
def again(id: str) -> BaseResponse:
    """Another try at this task on a new variant, once every missed finding was opened."""
    person = policy.need_person()
    try:
        with house().db.writing() as conn:
            attempt = _hers(conn, person, id)
            if attempt.assignment:
                given = classroom.own(conn, classroom.assignment(conn, attempt.assignment), person.id)
                if given.state == "closed":
                    raise Conflict("This assignment has closed: another try could not be handed in.",
                                   hint="Open the story itself in your seat to practise.")
            gradebook.try_again(conn, house(), attempt)
    except Conflict as problem:
        flash(f"{problem.message} {problem.hint}", "caution")
        whose = problem.attempt if isinstance(problem, gradebook.Unread) else id
        return redirect(url_for("desk.debrief", id=whose), code=303)
    key = scenario.story_key(attempt.story, attempt.assignment)
    return redirect(url_for("desk.desk", key=key, name=attempt.task), code=303)


def beside(conn: Any, attempt: Attempt, reader: Person) -> dict[str, Any]:
    """What a debrief's page shows of the ledger: standing, threads by finding, what is unopened, what can still add."""
    where, report = where_of(attempt), attempt.report
    told = gradebook.of(conn, where)
    said = [each for each in gradebook.threads(conn, attempt.assignment, [attempt.person])
            if each.attempt == attempt.id] if attempt.assignment else []
    standing = None
    if attempt.assignment:
        given = classroom.assignment(conn, attempt.assignment)
        standing = gradebook.grades(conn, given, [attempt.person]).get((attempt.person, attempt.task))
    return {
        "standing": standing, "threads": {each.criterion: each for each in said},
        "amendments": attempts.amendments_of(conn, attempt.assignment, attempt.task),
        "comments": [each for each in gradebook.standing(told) if each.kind == "comment"],
        "unopened": gradebook.unopened(report, told, attempt.id) if report and attempt.person == reader.id else [],
        "left": gradebook.tries_left(conn, where) if attempt.assignment else 0}


def held_page(attempt: Attempt, words: str) -> str:
    """What she reads in the place of a result that is held."""
    return render_template("held.html", task=house().scenarios.brief(attempt.story, attempt.task), words=words,
                           key=scenario.story_key(attempt.story, attempt.assignment))


def _hers(conn: Any, person: Person, id: str) -> Attempt:
    attempt = attempts.get(conn, id)
    if attempt.person != person.id:
        raise NotFound("There is no such attempt.", hint="Your work is listed under your name.")
    if release.waits_until(conn, attempt.assignment):
        raise Conflict("The results of this assignment are not open yet.", hint="Your work is in; come back then.")
    if gradebook.held(conn, attempt.assignment):
        raise Conflict("The results of this assignment are held for now.", hint="Your work is in; come back then.")
    return attempt


def _back(id: str, criterion: str) -> BaseResponse:
    if len(criterion) > 200:
        raise BadInput("That is no finding's name.")
    return redirect(url_for("desk.debrief", id=id, _anchor=f"f-{criterion}" if criterion else None), code=303)
