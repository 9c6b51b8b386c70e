"""The times of an assignment, for the class and for one learner: opens, due, closes, extensions, extra time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox import classroom
from sandbox.classroom import Assignment, Course
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.web import house
from sandbox.web.roster import mine

bp = Blueprint("times", __name__)


def sent_times() -> tuple[datetime | None, datetime | None, datetime | None, int | None]:
    """Opens, due, closes (UTC) and the days of a late add, as the form says them; BadInput names the field."""
    opens, due, closes = (_sent(name, label) for name, label in (("opens", "Opens"), ("due", "Due"),
                                                                 ("closes", "Closes")))
    return opens, due, closes, _days("join_days")


def _sent(name: str, label: str) -> datetime | None:
    try:
        return classroom.local_due(request.form.get(name, ""))
    except BadInput as problem:
        raise BadInput(f"{label}: {problem.message}", hint=f"{problem.hint} Nothing was changed.") from None


def say_which(*times: datetime | None) -> None:
    """Where the clock shows one of these minutes twice, the next page says which of the two is meant."""
    for at in times:
        if at is not None and classroom.comes_twice(at):
            local = at.astimezone(classroom.ZONE)
            flash(f"{local:%H:%M} comes twice on {local.day} {local:%b %Y}, because the clocks go back: the later one "
                  "is meant.", "caution")
            return


def sent_rules(due: datetime | None, seed: int | None) -> tuple[tuple[int | None, int | None], str]:
    """What late work costs and when results open, as the form says them.

    Unsaid, one variant for all opens after the last due time: who is early would tell who is not.
    """
    form = request.form
    late: tuple[int | None, int | None] = (None, None)
    if form.get("late") == "refuse" and due is None:
        raise BadInput("Without a due time nothing is late.", hint="Set a due time, or take late work.")
    if form.get("late") == "points":
        late = classroom.checked_late(form.get("late_points", type=int, default=0), _floor(), due)
        if late[0] is None:
            raise BadInput("Say how many points a day late work costs.", hint="Nothing was assigned.")
    chosen = form.get("release", "")
    return late, chosen if chosen in ("once", "last") else "once" if seed is None else "last"


def _floor() -> int:
    return request.form.get("late_floor", type=int, default=0)


@bp.get("/<id>/<assignment>/times")
def times(id: str, assignment: str) -> str:
    """The class's times, and each learner's own."""
    return _page(id, assignment)


@bp.post("/<id>/<assignment>/window")
def window(id: str, assignment: str) -> Response | tuple[str, int]:
    """Change the class's times, also while the class works."""
    try:
        with house().db.writing() as conn:
            _, given = _given(conn, id, assignment)
            opens, due, closes, join_days = sent_times()
            classroom.shape(conn, given, opens, due, closes, join_days, request.form.get("mark", ""))
    except (BadInput, Conflict) as problem:
        return _page(id, assignment, problem), problem.status
    flash("The times of the class are changed.", "good")
    say_which(opens, due, closes)
    return redirect(url_for("teach.times.times", id=id, assignment=assignment), code=303)


@bp.post("/<id>/<assignment>/extend")
def extend(id: str, assignment: str) -> Response | tuple[str, int]:
    """A later due time for the learners chosen; or, taken back, the class's again."""
    back = bool(request.form.get("back"))
    try:
        with house().db.writing() as conn:
            _, given = _given(conn, id, assignment)
            due = None if back else _sent("until", "Until")
            if due is None and not back:
                raise BadInput("Say until when.", hint="Nothing was changed.")
            count = classroom.extend(conn, given, request.form.getlist("person"), due)
    except BadInput as problem:
        return _page(id, assignment, problem), problem.status
    flash(f"{'Taken back' if back else 'Extended'} for {count} {'learner' if count == 1 else 'learners'}.", "good")
    say_which(due)
    return redirect(url_for("teach.times.times", id=id, assignment=assignment), code=303)


@bp.post("/<id>/people/extra")
def extra(id: str) -> Response:
    """A learner's extra time, for every assignment of the class."""
    percent = request.form.get("percent", type=int, default=0)
    days = _days("days") or 0
    with house().db.writing() as conn:
        classroom.allow(conn, mine(conn, id).id, request.form.get("person", ""), percent, days)
    flash("The extra time is set, for every assignment of this class.", "good")
    return redirect(url_for("teach.roster.people", id=id), code=303)


def _days(name: str) -> int | None:
    said = request.form.get(name, "").strip()
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and int(said[:9]) <= classroom.MOST_DAYS):
        raise BadInput(f"“{said[:20]}” is not a number of days from 0 to {classroom.MOST_DAYS}.")
    return int(said)


def _given(conn: Any, id: str, assignment: str) -> tuple[Course, Assignment]:
    found, given = mine(conn, id), classroom.assignment(conn, assignment)
    if given.course != found.id or given.story not in house().scenarios:
        raise NotFound("There is no such assignment in this class.")
    return found, given


def _page(id: str, assignment: str, problem: BadInput | Conflict | None = None) -> str:
    with house().db.reading() as conn:
        found, given = _given(conn, id, assignment)
        learners = classroom.learners(conn, id)
        own = classroom.hers(conn, [given], [each.id for each in learners])
        extra = classroom.allowances(conn, id)
    local = {name: at.astimezone(classroom.ZONE).strftime("%Y-%m-%dT%H:%M") if at else ""
             for name, at in (("opens", given.opens), ("due", given.due), ("closes", given.closes))}
    form = {**local, "join_days": "" if given.join_days is None else given.join_days, "mark": classroom.mark_of(given)}
    if isinstance(problem, BadInput):  # hers comes back to be mended; what met somebody else's change does not
        form |= {name: request.form[name] for name in form if name in request.form}
    return render_template("teach/times.html", course=found, given=given, story=house().scenarios[given.story],
                           lines=[(each, own[given.id, each.id], extra.get(each.id, "")) for each in learners],
                           form=form, problem=problem, until=request.form.get("until", ""),
                           chosen=request.form.getlist("person"))
