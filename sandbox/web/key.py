"""The key of an assignment, amended: what a class missed most, what would change, and taking it back.

Results can be held meanwhile: learners then read a message in their place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox import attempts, classroom, gradebook
from sandbox.attempts import Amendment
from sandbox.classroom import Assignment, Course
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.gradebook import Change
from sandbox.web import house, policy, sampling
from sandbox.web.roster import mine

bp = Blueprint("key", __name__)
_ANSWERS = 12  # that can be chosen from


@dataclass(frozen=True)
class Missed:
    """One criterion of a task: how many of the judged first attempts did not meet it."""

    task: str
    criterion: str
    label: str
    title: str
    learners: int
    judged: int


@bp.get("/<id>/<assignment>/key")
def page(id: str, assignment: str) -> str:
    """What was missed most, the amendments that hold, and whether results are held."""
    return _page(id, assignment)


@bp.get("/<id>/<assignment>/key/<task>")
def criterion(id: str, assignment: str, task: str) -> str:
    """One criterion (`criterion`), and what can be decided about it."""
    return _criterion(id, assignment, task)


@bp.post("/<id>/<assignment>/key/<task>")
def amend(id: str, assignment: str, task: str) -> str | BaseResponse | tuple[str, int]:
    """First what an amendment would change; with `do` what was shown, done: 409 where grades moved meanwhile."""
    try:
        made = _sent(task)
        if "do" not in request.form:
            return _criterion(id, assignment, task, shown=made)
        with house().db.writing() as conn:
            found, given = _there(conn, id, assignment)
            _unmoved(conn, given, task)
            changes = gradebook.amend(conn, given.id, made, policy.need_instructor().id)
            told = _tell(conn, found, given, task, changes,
                         f"was amended: {made.words} Your result there has changed.")
    except BadInput as problem:
        return _criterion(id, assignment, task, problem), problem.status
    except Conflict as problem:
        return _criterion(id, assignment, task, problem, shown=made), problem.status
    flash(f"The key is amended: {_said(changes, told)}", "good")
    return redirect(url_for("teach.key.page", id=id, assignment=assignment), code=303)


@bp.post("/<id>/<assignment>/key")
def decide(id: str, assignment: str) -> BaseResponse | tuple[str, int]:
    """Hold the results with a message (`hold`), or show them again (`release`)."""
    form = request.form
    try:
        with house().db.writing() as conn:
            _, given = _there(conn, id, assignment)
            if "hold" in form:
                gradebook.hold(conn, given.id, form.get("words", ""), policy.need_instructor().id)
                said = "Results are held. Learners read your message in their place."
            elif "release" in form:
                gradebook.release(conn, given.id)
                said = "Results are shown again."
            else:
                raise BadInput("Hold the results or show them again: nothing was chosen.")
    except BadInput as problem:
        return _page(id, assignment, problem), problem.status
    flash(said, "good")
    return redirect(url_for("teach.key.page", id=id, assignment=assignment), code=303)


@bp.post("/<id>/<assignment>/key/back/<int:number>")
def back(id: str, assignment: str, number: int) -> str | BaseResponse | tuple[str, int]:
    """First whose results change when an amendment is taken back; with `do` that, done and told."""
    try:
        if "do" not in request.form:
            return _page(id, assignment, back=number)
        with house().db.writing() as conn:
            found, given = _there(conn, id, assignment)
            made = _holding(conn, given, number)
            _unmoved(conn, given, made.task)
            changes = gradebook.take_back(conn, given.id, number)
            told = _tell(conn, found, given, made.task, changes,
                         f"is again without this amendment: {made.words} Your result there has changed.")
    except Conflict as problem:
        return _page(id, assignment, problem, back=number), problem.status
    flash(f"Taken back: {_said(changes, told)}", "good")
    return redirect(url_for("teach.key.page", id=id, assignment=assignment), code=303)


def _tell(conn: Any, found: Course, given: Assignment, task: str, changes: Iterable[Change], words: str) -> int:
    """Whoever's result changed and who is still in the class finds a message on her page; how many."""
    title = house().scenarios.brief(given.story, task).title
    people = {each.person for each in changes} & {each.id for each in classroom.learners(conn, found.id)}
    for person in sorted(people):
        classroom.tell(conn, found.id, policy.need_instructor().id, person, f"The key of “{title}” {words}")
    return len(people)


def _page(id: str, assignment: str, problem: BadInput | Conflict | None = None, back: int = 0) -> str:
    """With `back` what taking that amendment back would change."""
    with house().db.reading() as conn:
        found, given = _there(conn, id, assignment)
        missed = _missed(conn, found, given)
        made = attempts.amendments_of(conn, given.id, undone=True)
        held, tour = gradebook.held(conn, given.id), sampling.tour_of(conn, found)
        learners = {each.id: each for each in classroom.learners(conn, found.id)}
        shown = _holding(conn, given, back) if back else None
        changes = [each for each in gradebook.preview(conn, given.id, shown.task, without=back)
                   if each] if shown else []
        mark = _mark(conn, given, shown.task) if shown else ""
    story = house().scenarios[given.story]
    return render_template("teach/key.html", course=found, given=given, story=story, missed=missed, made=made,
                           held=held, problem=problem, titles={t.name: t.title for t in story.tasks}, shown=shown,
                           changes=changes, mark=mark, learners=learners, tour=tour)


def _criterion(id: str, assignment: str, task: str, problem: BadInput | Conflict | None = None,
               shown: Amendment | None = None) -> str:
    name = request.values.get("criterion", "")
    with house().db.reading() as conn:
        found, given = _there(conn, id, assignment)
        brief = house().scenarios.brief(given.story, task)
        learners = {each.id: each for each in classroom.learners(conn, found.id)}
        tried = attempts.of_people(conn, learners, given.id, task)
        chosen = next((f for a in reversed(tried) if a.report for f in a.report.findings
                       if f.criterion == name and f.possible > 0), None)
        if chosen is None or brief.seat not in given.seats:
            raise NotFound("No judged attempt at this task has such a criterion.")
        here = {place.person.id for place in classroom.roster(conn, found.id)}  # who was removed stands on no page
        changes = [each for each in gradebook.preview(conn, given.id, task, adding=shown)
                   if each and each.person in here] if shown else []
        mark, tour = _mark(conn, given, task), sampling.tour_of(conn, found)
    return render_template(
        "teach/amend.html", course=found, given=given, story=house().scenarios[given.story], task=brief, finding=chosen,
        answers=_answers(tried, name), learners=learners, changes=changes, shown=shown, mark=mark, problem=problem,
        form=request.form, tour=tour, judged=sum(a.report is not None for a in tried))


def _missed(conn: Any, found: Course, given: Assignment) -> list[Missed]:
    """Every criterion that somebody's first attempt missed, by task, what most missed first."""
    people = [each.id for each in classroom.learners(conn, found.id)]
    first = [each for each in attempts.outcomes(conn, people, given.id) if each.counts]
    judged = Counter(each.task for each in first)
    many: Counter[tuple[str, str]] = Counter()
    words: dict[tuple[str, str], tuple[str, str]] = {}
    for each in first:
        for criterion, label, title in each.counts.missed if each.counts else ():
            many[each.task, criterion] += 1
            words.setdefault((each.task, criterion), (label, title))
    order = [task.name for task in house().scenarios[given.story].tasks]
    rows = [Missed(task, name, *words[task, name], count, judged[task]) for (task, name), count in many.items()]
    return sorted(rows, key=lambda row: (order.index(row.task), -row.learners, row.criterion))


def _answers(tried: Iterable[attempts.Attempt], criterion: str) -> list[tuple[str, int]]:
    """What those who missed a criterion say in their work and nobody who met it does, with how many say it."""
    missed: Counter[str] = Counter()
    met: set[str] = set()
    for attempt in tried:
        findings = attempt.report.findings if attempt.report else ()
        finding = next((f for f in findings if f.criterion == criterion), None)
        if finding is not None and finding.met:
            met |= attempts.values(attempt.work)
        elif finding is not None and finding.possible > 0:
            missed.update(attempts.values(attempt.work))
    found = [(said, many) for said, many in missed.items() if said not in met]
    return sorted(found, key=lambda each: (-each[1], each[0]))[:_ANSWERS]


def _sent(task: str) -> Amendment:
    form: Mapping[str, str] = request.form
    kind: Any = form.get("kind", "")
    return attempts.checked(Amendment(
        task, form.get("criterion", ""), kind, form.get("words", "").strip(),
        form.get("answer", "") if kind == "also" else "", keep=form.get("lose") != "1"))


def _mark(conn: Any, given: Assignment, task: str) -> str:
    """What a preview was worked out from: grades, and amendments that hold."""
    holding = [each.id for each in attempts.amendments_of(conn, given.id, task)]
    return " ".join(map(str, (*attempts.stamp(conn, [given.id]), *holding)))


def _unmoved(conn: Any, given: Assignment, task: str) -> None:
    if request.form.get("mark") != _mark(conn, given, task):
        raise Conflict("Grades or amendments of this task changed meanwhile.",
                       hint="Nothing was done. This is what would change now.")


def _holding(conn: Any, given: Assignment, number: int) -> Amendment:
    for each in attempts.amendments_of(conn, given.id):
        if each.id == number:
            return each
    raise NotFound("There is no such amendment, or it was taken back already.")


def _said(changes: list[Change], told: int) -> str:
    people = len({each.person for each in changes})
    if not people:
        return "nobody’s result changes."
    who = "each is told" if told == people else f"{told} of them, who are still in the class, are told"
    return f"{people} learner{'s’ results have' if people > 1 else '’s result has'} changed, and {who}."


def _there(conn: Any, id: str, assignment: str) -> tuple[Course, Assignment]:
    found, given = mine(conn, id), classroom.assignment(conn, assignment)
    if given.course != found.id or given.story not in house().scenarios:
        raise NotFound("There is no such assignment in this class.")
    return found, given
