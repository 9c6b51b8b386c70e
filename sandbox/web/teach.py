"""Teaching: classes with a join code, assignments with seats and a due time, and the live class table."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox import attempts, classroom, people
from sandbox.errors import BadInput, NotFound
from sandbox.people import Person
from sandbox.web import (
    cells,
    cohort,
    ending,
    filling,
    fragment,
    gradebook,
    house,
    key,
    live,
    messages,
    policy,
    removal,
    roster,
    sampling,
    teachers,
    times,
    viewing,
)
from sandbox.web.roster import mine
from sandbox.web.times import sent_times

bp = Blueprint("teach", __name__, url_prefix="/teach")
for part in (roster, times, live, messages, cells, gradebook, key, filling, teachers, sampling, ending, viewing,
             removal):
    bp.register_blueprint(part.bp)


@bp.get("/")
def classes() -> str:
    """Her classes, and a form for a new one."""
    return _classes(policy.need_instructor())


@bp.post("/")
def create() -> BaseResponse | tuple[str, int]:
    """Start a class; its join code is made with it."""
    person = policy.need_instructor()
    try:
        with house().db.writing() as conn:
            made = classroom.create_course(conn, person, request.form.get("name", ""))
    except BadInput as problem:
        return _classes(person, problem), 400
    flash(f"The class is started. Learners join with the code {made.code}.", "good")
    return redirect(url_for("teach.course", id=made.id), code=303)


@bp.get("/<id>")
def course(id: str) -> str:
    """One class: its code, what it was assigned, who is in it."""
    return _course_page(id)


@bp.post("/<id>/assign")
def assign(id: str) -> BaseResponse | tuple[str, int]:
    """Assign a story, its seats and its times (America/Chicago) to the class."""
    form = request.form
    try:
        with house().db.writing() as conn:
            found = mine(conn, id)
            stories = _stories()
            seed = _variant(form.get("variant", "own"), form.get("seed", ""))
            opens, due, closes, join_days = sent_times()
            late, release = times.sent_rules(due, seed)
            closes = due if form.get("late") == "refuse" else closes
            classroom.checked(opens, due, closes)
            rules: dict[str, Any] = {"opens": opens, "closes": closes, "join_days": join_days, "late": late,
                                     "release": release}
            if form.get("order") == "half":
                made = classroom.in_turn(conn, found.id, stories, due, seed, **rules)
            else:
                made = [classroom.assign(conn, found.id, *each, due, seed, **rules) for each in stories]
    except BadInput as problem:
        return _course_page(id, problem), 400
    titles = " and ".join(f"“{house().scenarios[each.story].title}”" for each in made)
    flash(f"{titles} {'are' if len(made) > 1 else 'is'} assigned.", "good")
    times.say_which(opens, due, closes)
    if due is not None and due < people.now():
        flash("Its due time has passed already: whatever is submitted will be marked late.", "caution")
    return redirect(url_for("teach.grid", id=id, assignment=made[0].id), code=303)


@bp.get("/<id>/seats")
def seats(id: str) -> str:
    """The class in both seats: first attempts that count, what each task's class missed and mistook."""
    with house().db.reading() as conn:
        found = mine(conn, id)
        return render_template("teach/seats.html", course=found, chairs=cohort.chairs(conn, found),
                               begun=cohort.begun(conn, found))


@bp.get("/<id>/<assignment>")
def grid(id: str, assignment: str) -> str:
    """The live class table of one assignment."""
    return render_template("teach/grid.html", **_grid(id, assignment))


@bp.get("/<id>/<assignment>/table")
def table(id: str, assignment: str) -> Response:
    """The live part alone, for the page that renews it every few seconds; 304 where it has it already."""
    with house().db.reading() as conn:
        mine(conn, id)
    return fragment.shared("table", id, assignment, request.args.get("section", ""),
                           make=lambda: render_template("teach/live.html", **_grid(id, assignment)))


@bp.post("/<id>/<assignment>/judge/<attempt>")
def judge_again(id: str, assignment: str, attempt: str) -> BaseResponse:
    """Have an attempt judged that was kept and not judged: the work stands, only the judging is tried again."""
    waiting = {cell.attempt for _, _, cell in _grid(id, assignment)["table"].ungraded}
    if attempt not in waiting:
        raise NotFound("No attempt by that id waits to be judged here.", hint="It may have been judged meanwhile.")
    settled = attempts.settle(house(), attempt, house().db.reading, house().db.writing)
    if settled.report is not None:
        flash(f"Judged: met {settled.report.met} of {settled.report.asked}.", "good")
    else:
        reason = settled.grade.reason if settled.grade else "no reason was given"
        flash(f"It could still not be judged ({reason}). The work is kept.", "caution")
    return redirect(url_for("teach.grid", id=id, assignment=assignment), code=303)


@bp.post("/<id>/reset/<person>")
def reset_link(id: str, person: str) -> str:
    """A one-time link with which a learner of this class sets a new password; shown once."""
    with house().db.writing() as conn:
        found = mine(conn, id)
        learner = next((p for p in classroom.learners(conn, found.id)
                        if p.id == person and p.login and not p.instructor), None)
        if learner is None:
            raise NotFound("Nobody with an account by that id is in this class.",
                           hint="Guests have no password; they go on in the browser where they began.")
        value = people.reset_link(conn, learner.id)
    address = url_for("signin.new_password", value=value, _external=True)
    return render_template("teach/reset_link.html", course=found, learner=learner, address=address)


def _stories() -> list[tuple[str, list[str]]]:
    """The stories that the form chooses, one or two, each with those of the chosen seats that it has tasks for."""
    names = dict.fromkeys(filter(None, (request.form.get("story", ""), request.form.get("with", ""))))
    found = [house().scenarios.story(name) for name in names] or [house().scenarios.story("")]
    return [(each.name, [seat for seat in each.seats if seat in request.form.getlist("seats")]) for each in found]


def _classes(person: Person, problem: BadInput | None = None) -> str:
    with house().db.reading() as conn:
        rows = classroom.sizes(conn, classroom.taught_by(conn, person.id))
        ended = classroom.ended_by(conn, person.id)
    return render_template("teach/classes.html", rows=rows, ended=ended, problem=problem,
                           name=request.form.get("name", ""))


def _course_page(id: str, problem: BadInput | None = None) -> str:
    with house().db.reading() as conn:
        found = mine(conn, id)
        state = sampling.state_of(conn, found)
        places = [place for place in classroom.roster(conn, id) if place.active]
        given = sampling.given_of(conn, found)
    begins = {a.id: Counter(a.begins_in(place.turn) for place in places if place.turn is not None)
              for a, *_ in given if a.order}
    return render_template("teach/course.html", course=found, given=given, places=places, problem=problem,
                           begins=begins, **state, stories=list(house().scenarios.values()), form=request.form)


def _grid(id: str, assignment: str) -> dict[str, Any]:
    with house().db.reading() as conn:
        found = mine(conn, id)
        given = classroom.assignment(conn, assignment)
        if given.course != found.id or given.story not in house().scenarios:
            raise NotFound("There is no such assignment in this class.")
        section = request.args.get("section", "")
        progress = classroom.progress(conn, house().scenarios, given, section)
        sections = classroom.section_names(conn, found.id)
        turns = classroom.turns(conn, [id]) if given.order else {}
    chairs = [(house().seats[s], [t for t in progress.tasks if t.seat == s]) for s in given.seats if s in house().seats]
    done = [sum(line.cells[i].status in ("submitted", "graded") for line in progress.lines)
            for i in range(len(progress.tasks))]
    return {"course": found, "given": given, "story": house().scenarios[given.story], "table": progress,
            "chairs": [(seat, tasks) for seat, tasks in chairs if tasks], "done": done,
            "begins": {person: given.begins_in(turn) for (_, person), turn in turns.items()},
            "section": section, "sections": sections}


def _variant(kind: str, seed: str) -> int | None:
    if kind != "one":
        return None
    digits = seed.strip()
    if digits and not (digits.isascii() and digits.isdigit() and len(digits) < 20):
        raise BadInput(f"“{seed[:20]}” is not a variant number.", hint="Leave it empty, or write digits only.")
    return int(digits) % 2**31 if digits else 1
