"""The times and rules of an assignment: opens, due, closes, late work, release; extensions, extra time, seats."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox import classroom, gradebook, people
from sandbox.classroom import Assignment, Course
from sandbox.errors import BadInput, Conflict, NotFound, SandboxError
from sandbox.gradebook import Move
from sandbox.web import house, policy
from sandbox.web.roster import mine

bp = Blueprint("times", __name__)


@dataclass(frozen=True)
class Cost:
    """What a change would take from somebody: grades that fall, and results that are open and would be shut `until`."""

    falls: tuple[Move, ...]
    until: datetime | None

    @property
    def mark(self) -> str:
        """What was shown, to see whether it is still that when it is agreed to."""
        return hashlib.sha256(repr((self.falls, self.until)).encode()).hexdigest()[:32]


class Costs(SandboxError):
    """Raised where a change would take from somebody and was not agreed to: shown first, with nothing done."""

    status = 200  # a question, and no fault

    def __init__(self, cost: Cost) -> None:
        super().__init__("This change would take something from somebody.")
        self.cost = cost


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
    if request.form.get("late") == "refuse" and due is None:
        raise BadInput("Without a due time nothing is late.", hint="Set a due time, or take late work.")
    return _late(due), _release() or ("once" if seed is None else "last")


def _late(due: datetime | None) -> tuple[int | None, int | None]:
    form = request.form
    if form.get("late") != "points":
        return None, None
    late = classroom.checked_late(form.get("late_points", type=int, default=0),
                                  form.get("late_floor", type=int, default=0), due)
    if late[0] is None:
        raise BadInput("Say how many points a day late work costs.", hint="Nothing was done.")
    return late


def _release() -> str:
    chosen = request.form.get("release", "")
    return chosen if chosen in ("once", "last") else ""


@bp.get("/<id>/<assignment>/times")
def times(id: str, assignment: str) -> str:
    """The class's times, and each learner's own."""
    return _page(id, assignment)


@bp.post("/<id>/<assignment>/window")
def window(id: str, assignment: str) -> Response | tuple[str, int]:
    """Change the class's times and rules, also while the class works.

    What that would take from somebody is shown first; with `sure`, the mark of what was shown, it is done.
    """
    try:
        with house().db.writing() as conn:
            found, given = _given(conn, id, assignment)
            opens, due, closes, days = sent_times()
            late = _late(due) if "late" in request.form else None
            changed = classroom.shape(conn, given, opens, due, closes, days, request.form.get("mark", ""),
                                      late, _release())
            moved = gradebook.moves(conn, given, changed, [each.id for each in classroom.learners(conn, found.id)])
            cost = Cost(tuple(each for each in moved if each.falls), _shut(conn, given, changed))
            if (cost.falls or cost.until) and request.form.get("sure") != cost.mark:
                raise Costs(cost)
            _tell(conn, found, changed, moved)
    except (BadInput, Conflict, Costs) as problem:
        return _page(id, assignment, problem), problem.status
    flash("The times and rules of the class are changed.", "good")
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


@bp.post("/<id>/<assignment>/seat")
def seat(id: str, assignment: str) -> Response | tuple[str, int]:
    """Open the seat that waits, for the learners chosen or for all; it stays open."""
    chosen = [classroom.EVERYBODY] if request.form.get("all") else request.form.getlist("person")
    try:
        with house().db.writing() as conn:
            found, given = _given(conn, id, assignment)
            known = {classroom.EVERYBODY, *(each.id for each in classroom.learners(conn, found.id))}
            classroom.open_seats(conn, classroom.sets_of(conn, [given])[given.id],
                                 [each for each in chosen if each in known], policy.need_instructor().id)
    except BadInput as problem:
        return _page(id, assignment, problem), problem.status
    flash("The other seat is open to them now.", "good")
    return redirect(url_for("teach.times.times", id=id, assignment=assignment, _anchor="order"), code=303)


@bp.post("/<id>/people/extra")
def extra(id: str) -> Response:
    """A learner's extra time, for every assignment of the class."""
    percent = request.form.get("percent", type=int, default=0)
    days = _days("days") or 0
    with house().db.writing() as conn:
        classroom.allow(conn, mine(conn, id).id, request.form.get("person", ""), percent, days)
    flash("The extra time is set, for every assignment of this class.", "good")
    return redirect(url_for("teach.roster.people", id=id), code=303)


def _shut(conn: Any, before: Assignment, after: Assignment) -> datetime | None:
    """Until when results would be shut that learners could read already; None where none would."""
    had, has, moment = classroom.opens_results(conn, before), classroom.opens_results(conn, after), people.now()
    if has is None or has <= moment or (had is not None and had > moment):
        return None
    ids = [each.id for each in classroom.learners(conn, after.course)]
    return has if any(each.status == "graded" for each in gradebook.grades(conn, before, ids).values()) else None


def _tell(conn: Any, found: Course, given: Assignment, moved: list[Move]) -> None:
    """Whoever's grade became another finds a message on the page that she has open, unless results are not open."""
    opens = classroom.opens_results(conn, given)
    if (opens and opens > people.now()) or gradebook.held(conn, given.id):
        return
    title = house().scenarios[given.story].title
    for person in sorted({each.person for each in moved}):
        classroom.tell(conn, found.id, policy.need_instructor().id, person,
                       f"The due time or the rule for late work of “{title}” was changed, and your result with it.")


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


def _page(id: str, assignment: str, problem: BadInput | Conflict | Costs | None = None) -> str:
    with house().db.reading() as conn:
        found, given = _given(conn, id, assignment)
        learners = classroom.learners(conn, id)
        own = classroom.hers(conn, [given], [each.id for each in learners])
        extra = classroom.allowances(conn, id)
        turns = classroom.turns(conn, [id])
        group = classroom.sets_of(conn, [given])[given.id]
        waits = {person: wait for (_, person), wait in classroom.waits(
            conn, house().scenarios, group, [each.id for each in learners]).items()}
    asked = "mark" in request.form and not isinstance(problem, Conflict)  # what she sent stays on the page
    begins = [(each, given.begins_in(turns.get((id, each.id))), waits.get(each.id)) for each in learners]
    return render_template("teach/times.html", course=found, given=given, story=house().scenarios[given.story],
                           lines=[(each, own[given.id, each.id], extra.get(each.id, "")) for each in learners],
                           begins=begins if given.order else [], names={each.id: each.name for each in learners},
                           titles={t.name: t.title for t in house().scenarios[given.story].tasks},
                           cost=problem.cost if isinstance(problem, Costs) else None,
                           form=request.form if asked else _form(given), mark=classroom.mark_of(given),
                           until=request.form.get("until", ""), chosen=request.form.getlist("person"),
                           problem=None if isinstance(problem, Costs) else problem)


def _form(given: Assignment) -> dict[str, Any]:
    """What an assignment says, as the fields of its form."""
    local = {name: at.astimezone(classroom.ZONE).strftime("%Y-%m-%dT%H:%M") if at else ""
             for name, at in (("opens", given.opens), ("due", given.due), ("closes", given.closes))}
    return {**local, "join_days": "" if given.join_days is None else given.join_days, "release": given.release,
            "late": "points" if given.late_points else "mark", "late_points": given.late_points or 10,
            "late_floor": 50 if given.late_floor is None else given.late_floor}
