"""The reading pages: the front, a seat's work list, a story, and the way in for a guest."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox import attempts, classroom, workspace
from sandbox.errors import NotFound
from sandbox.scenario import Scenario
from sandbox.web import house, kinds, policy, said, viewing
from sandbox.web.standing import assigned_to, following, key_of, record, standings, still_before, waiting

bp = Blueprint("pages", __name__)
bp.register_blueprint(kinds.bp)
STARTER = "first-half-hour"


@bp.get("/")
def front() -> str:
    """Two chairs, and one button for who does not know which."""
    with house().db.reading() as conn:
        found = record(conn, policy.person())
        assigned = assigned_to(conn, policy.person())
    starter = house().scenarios.get(STARTER)
    lines = standings(found, STARTER) if starter else []
    return render_template("front.html", starter=starter, lines=lines, next=following(lines), tried=found.attempts,
                           assigned=[(course, given, key_of(given), house().scenarios[given.story])
                                     for course, given in assigned])


@bp.post("/begin")
def begin() -> Response:
    """Sit down: as who she is, or as a new guest. Opens `key`/`task`, or the next task of the first half hour."""
    person = policy.need_person(make_guest=True)
    if onward := local_path(request.form.get("next", "")):
        return redirect(onward, code=303)
    key, task = request.form.get("key") or STARTER, request.form.get("task", "")
    if not task:
        with house().db.reading() as conn:
            lines = standings(record(conn, person), key)
        chosen = following(lines) or (lines[0] if lines else None)
        if chosen is None:
            return redirect(url_for("pages.front"), code=303)
        task = chosen.task.name
    return redirect(url_for("desk.desk", key=key, name=task), code=303)


@bp.get("/seat/<name>")
def seat(name: str) -> str:
    """A seat's work: what was assigned, then every story with work in this seat."""
    chair = house().seats.get(name)
    if chair is None:
        raise NotFound(f"There is no seat “{name[:40]}”.", hint="Choose one of the two chairs at the top.")
    eyes = viewing.eyes()
    with house().db.reading() as conn:
        found = record(conn, eyes.person, eyes.course)
        assigned = assigned_to(conn, eyes.person, eyes.course)
        waits = waiting(conn, eyes.person, [a for _, a in assigned])
        hoping = "" if eyes.course else said.hoping(conn, eyes.person, name)
    given = [(course, a, house().scenarios[a.story], standings(found, key_of(a), (name,), waits.get(a.id)))
             for course, a in assigned if name in a.seats]
    stories = [(s, standings(found, s.name, (name,))) for s in house().scenarios.values()
               if name in s.seats and not eyes.course]
    stories.sort(key=lambda pair: (pair[0].counted, pair[0].order))
    return render_template("seat.html", chair=chair, assigned=[g for g in given if g[3]], stories=stories,
                           rooms=found.rooms or {}, hoping=hoping)


@bp.post("/seat/<name>/hope")
def hope(name: str) -> Response:
    """Keep what she expects of a chair before she works there, or that she skipped it, and go on where she was."""
    person = policy.need_person()
    if name not in house().seats:
        raise NotFound(f"There is no seat “{name[:40]}”.", hint="Choose one of the two chairs at the top.")
    with house().db.writing() as conn:
        if said.hoping(conn, person, name):
            attempts.hope_for(conn, person.id, name, request.form.get("liking", ""))
    return redirect(local_path(request.form.get("next", "")) or url_for("pages.seat", name=name), code=303)


@bp.get("/story/<name>")
def story(name: str) -> str:
    """A story: its brief, its tasks, how far she is, and the way back to an untouched hospital."""
    scenario, course, given = _story(name)
    eyes = viewing.eyes()
    with house().db.reading() as conn:
        found = record(conn, eyes.person, eyes.course)
        room = (found.rooms or {}).get(name)
        undo = room is not None and workspace.can_undo(conn, room.id)
        wait = waiting(conn, eyes.person, [given]).get(given.id) if given else None
    lines = standings(found, name, given.seats if given else (), wait)
    before = [] if given else still_before(found, name)  # in a class, its instructor says what comes first
    return render_template("story.html", story=scenario, key=name, lines=lines, next=following(lines), room=room,
                           before=before, course=course, given=given, wait=wait, undo=undo,
                           reset=request.args.get("reset", ""), late=classroom.late_words(given) if given else "")


def local_path(value: str) -> str:
    """A path on this site to go on to, or empty: never another host (`//evil`, `https:…`).

    Browsers drop tabs and line ends from an address and take a backslash for a slash, so `/<tab>/evil` is another host.
    """
    plain = value.startswith("/") and not value.startswith("//") and value.isprintable() and "\\" not in value
    return value if plain else ""


def _story(key: str) -> tuple[Scenario, classroom.Course | None, classroom.Assignment | None]:
    name, _, assigned = key.partition("@")
    scenario = house().scenarios.story(name)
    if not assigned:
        return scenario, None, None
    person, eyes = policy.need_person(), viewing.eyes()
    hers = eyes.person.id if eyes.person else ""
    with house().db.reading() as conn:
        given = classroom.assignment(conn, assigned)
        course = classroom.course(conn, given.course)
        mine = classroom.teaches_class(conn, person.id, course) or course.id in {
            each.id for each in classroom.courses_of(conn, person.id)}
        given = classroom.own(conn, given, hers)
    if not mine or given.story != name:
        raise NotFound("There is no such assignment.", hint="Join the class with its code first.")
    return scenario, course, given


