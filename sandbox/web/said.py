"""What she says herself: two lines before a first result, one at a chair. Each is skippable, none enters a score."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox import attempts
from sandbox.attempts import Attempt
from sandbox.errors import NotFound
from sandbox.people import Person
from sandbox.web import house, policy

bp = Blueprint("said", __name__)


def stands_before(conn: Any, attempt: Attempt) -> bool:
    """Whether she is asked before she sees this result: a first attempt on a counted task, and not asked yet."""
    story = house().scenarios.get(attempt.story)
    return story is not None and story.counted and attempts.asks(conn, attempt)


def page(attempt: Attempt) -> str:
    """The two lines; nothing on this page comes from the result."""
    brief = house().scenarios.brief(attempt.story, attempt.task)
    return render_template("said.html", attempt=attempt, task=brief)


@bp.post("/attempt/<id>/said")
def answer(id: str) -> Response:
    """Keep her two answers, or that she skipped them, and show how it went."""
    person = policy.need_person()
    skipped = "skip" in request.form
    with house().db.writing() as conn:
        attempt = attempts.get(conn, id)
        if attempt.person != person.id:
            raise NotFound("There is no such attempt.", hint="Your work is listed under your name.")
        if stands_before(conn, attempt):
            attempts.answer(conn, id, "" if skipped else request.form.get("expected", ""),
                            "" if skipped else request.form.get("more", ""))
    return redirect(url_for("desk.debrief", id=id), code=303)


def hoping(conn: Any, person: Person | None, seat: str) -> str:
    """The seat's name while she may still say what she expects of it: before her first counted work there; else ""."""
    begun = attempts.begun_at(conn, person.id, seat) if person else None
    if begun is None:
        return ""
    for story, name in begun:
        found = house().scenarios.get(story)
        task = found.task(name) if found else None
        if found and found.counted and task and task.seat == seat:
            return ""
    return seat
