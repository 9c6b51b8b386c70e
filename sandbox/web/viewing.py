"""A class as one of its learners sees it: read, recorded, and by nobody but who teaches her.

Whoever looks stays who she is. The few pages that show a learner's own state ask `eyes` whose it is; every other page,
and whatever would send something, is refused until she stops. What may be seen is worked out anew for each request.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from sandbox import attempts, classroom, workspace
from sandbox.classroom import Course
from sandbox.errors import NotFound, SandboxError
from sandbox.people import Person
from sandbox.web import house, policy
from sandbox.web.roster import mine

bp = Blueprint("viewing", __name__)
IDLE = 30 * 60  # seconds without a page, and she sees her own again
_OPEN = {"static", "role_file", "favicon", "healthz", "encoder.search", "encoder.show"}  # nobody's in particular
_OUT = {"teach.viewing.stop", "signin.signout"}


class Looking(SandboxError):
    """Raised where somebody who sees a class as a learner does asks for more than looking at that class."""

    status = 423


@dataclass(frozen=True)
class Eyes:
    """Whose state a page shows: `person`, or nobody's in particular; `course` where somebody looks as its learner."""

    person: Person | None
    course: Course | None = None


def eyes() -> Eyes:
    """Whose pages these are, worked out once for a request: her own, or a learner's while she looks."""
    if "eyes" not in g:
        g.eyes = _eyes()
    found: Eyes = g.eyes
    return found


def guard() -> None:
    """Before each request: what is no part of looking is refused while somebody looks, whatever would be sent first."""
    if "eyes" not in session or request.endpoint is None or (found := eyes()).course is None:
        return
    looks = request.method in ("GET", "HEAD")
    if request.endpoint in _OUT or (looks and request.endpoint in _OPEN):
        return
    if not looks or not _of_class(found, found.course):
        who = found.person.name if found.person else "a learner"
        raise Looking(f"You see the class as {who}. This is no part of it, and nothing is sent or saved meanwhile.",
                      hint="Stop looking first: the button stands at the top of the page.")
    session["eyes_at"] = int(time.time())


@bp.post("/<id>/as")
def start(id: str) -> Response:
    """Begin to see the class as `person` does, which is written down; without one, as any of its learners would."""
    with house().db.writing() as conn:
        found = mine(conn, id)
        if chosen := request.form.get("person", ""):
            if chosen not in {each.id for each in classroom.learners(conn, found.id)}:
                raise NotFound("Nobody by that id is in this class.")
            classroom.looked(conn, found.id, policy.need_instructor().id, chosen)
        given = classroom.assignments(conn, found.id)
    session.update(eyes=f"{found.id}|{chosen}", eyes_at=int(time.time()))
    seats = [seat for each in given for seat in each.seats] or list(house().seats)
    return redirect(url_for("pages.seat", name=seats[0]), code=303)


@bp.post("/<id>/as/stop")
def stop(id: str) -> Response:
    """See her own pages again."""
    with house().db.reading() as conn:
        mine(conn, id)
    _forget()
    return redirect(url_for("teach.course", id=id), code=303)


def _eyes() -> Eyes:
    here = policy.person()
    if here is None or "eyes" not in session:
        return Eyes(here)
    id, _, learner = str(session["eyes"]).partition("|")
    if time.time() - int(session.get("eyes_at", 0)) <= IDLE and (found := _allowed(here, id, learner)):
        return found
    _forget()
    flash("You see your own pages again: looking as a learner has ended.", "caution")
    return Eyes(here)


def _allowed(here: Person, id: str, learner: str) -> Eyes | None:
    """What she asked to see, while she teaches the class and the learner is in it."""
    with house().db.reading() as conn:
        try:
            found = classroom.course(conn, id)
        except NotFound:
            return None
        if not classroom.teaches_class(conn, here.id, found):
            return None
        chosen = next((each for each in classroom.learners(conn, id) if each.id == learner), None)
    return Eyes(chosen, found) if chosen or not learner else None


def _of_class(found: Eyes, course: Course) -> bool:
    """Whether the page asked for is one that the learner has of this class."""
    parts: dict[str, Any] = request.view_args or {}
    if request.endpoint == "pages.seat":
        return True
    if request.endpoint in ("pages.story", "desk.desk"):
        key = str(parts.get("key") or parts["name"])
    elif found.person is None:
        return False
    else:
        key = _key_of(found.person, str(request.endpoint), parts)
    with house().db.reading() as conn:
        return key.partition("@")[2] in {each.id for each in classroom.assignments(conn, course.id)}


def _key_of(learner: Person, endpoint: str, parts: dict[str, Any]) -> str:
    """The story key that a debrief, a chart or a lab of hers belongs to; empty where it is none of hers."""
    with house().db.reading() as conn:
        if endpoint == "desk.debrief":
            attempt = attempts.get(conn, parts["id"])
            return f"{attempt.story}@{attempt.assignment}" if attempt.person == learner.id else ""
        if endpoint.startswith("chart.") or endpoint in ("sql.schema", "sql.tables"):
            room = workspace.info(conn, parts["ws"])
            return room.scenario if room.owner == learner.id else ""
    return ""


def _forget() -> None:
    for name in ("eyes", "eyes_at"):
        session.pop(name, None)
    g.pop("eyes", None)
