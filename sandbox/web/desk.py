"""The desk: a task opened, kept while she types, submitted, judged, and debriefed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox import attempts, classroom, gradebook, scenario, workspace
from sandbox.errors import BadInput, BadWork, NotFound, NotYet
from sandbox.people import Person
from sandbox.web import again, house, policy, problems, release, said, viewing
from sandbox.web.debrief import debrief_page
from sandbox.web.limits import sent_json
from sandbox.web.viewing import Eyes
from sandbox.web.words import when

bp = Blueprint("desk", __name__)
for part in (said, again):
    bp.register_blueprint(part.bp)
_OURS = {"csrf_token", "token", "version", "sure"}


class Empty(BadWork):
    """Raised where she hands in an untouched page: asked once, then it counts."""

    status = 200  # a question, and no fault
    asks_once = True


class Closed(BadWork):
    """Raised where she hands in after closing: refused, and her work is kept."""


@bp.get("/task/<key>/<name>")
def desk(key: str, name: str) -> str | BaseResponse:
    """The page on which a task is done; opening it for the first time gives her the workspace."""
    person, eyes = policy.need_person(), viewing.eyes()
    if eyes.course:
        return _seen(eyes, key, name)
    with house().db.writing() as conn:
        info = sit(conn, person, key, name)
        draft = attempts.open_draft(conn, info.id, name, person.id)
        if "@" in key:  # her instructor's live page says where she is
            classroom.be_at(conn, person.id, key, name)
        return _page(conn, info, person, name, draft.form, draft.version)


@bp.post("/task/<key>/<name>")
def submit(key: str, name: str) -> tuple[str, int] | BaseResponse:
    """Take her work: commit it, deliver it, judge it, commit the report, and lead to the debrief (303)."""
    person = policy.need_person()
    form = {k: v for k, v in request.form.items() if k not in _OURS}
    with house().db.writing() as conn:
        info = sit(conn, person, key, name)
    token = request.form.get("token", "")
    with attempts.turn(token):  # a second click waits for the first one's answer
        try:
            attempt = _append(info, person, name, form, token, sure=request.form.get("sure") == "1")
        except BadWork as problem:
            with house().db.writing() as conn:
                draft = attempts.open_draft(conn, info.id, name, person.id)
                if isinstance(problem, Closed):  # what she would have handed in is kept, for an extension
                    draft = attempts.save_draft(conn, info.id, name, person.id, form, draft.version)
                return _page(conn, info, person, name, form, draft.version, problem), problem.status
        if attempt.grade is None:  # from here it is acknowledged: what follows may fail and be taken up again
            attempt = attempts.settle(house(), attempt.id, house().db.reading, house().db.writing)
    return redirect(url_for("desk.debrief", id=attempt.id), code=303)


def _append(info: workspace.Info, person: Person, name: str, form: Mapping[str, str], token: str, *,
            sure: bool) -> attempts.Attempt:
    with house().db.reading() as conn:  # her own SQL may run here: nobody waits for it with the lock in hand
        done = attempts.sent(conn, info, person.id, name, token)
        if done is not None:
            return done
        assigned = info.scenario.partition("@")[2]
        given = classroom.own(conn, classroom.assignment(conn, assigned), person.id) if assigned else None
        if given is not None and given.state == "closed":
            raise Closed(f"This closed for you on {when(given.closes)}, Chicago time: it cannot be handed in any more.",
                         hint="Your instructor can extend it; to practise, open the story itself in your seat.")
        if not sure and attempts.untouched(house(), info, name, form):
            raise Empty("Nothing is filled in yet.", hint="Press Submit again to hand it in as it is: then it counts.")
        prepared = attempts.prepare(house(), policy.open_as(conn, info, person, record=False), name, form)
    with house().db.writing() as conn:
        return attempts.submit(conn, house(), info, person.id, name, prepared, token)


@bp.put("/task/<key>/<name>/draft")
@bp.post("/task/<key>/<name>/draft")
def draft(key: str, name: str) -> Response:
    """Keep what she typed: JSON {version, form} in, {version, saved} out; 412 where another tab was faster.

    POST is for `navigator.sendBeacon` on leaving the page.
    """
    person = policy.need_person()
    body = sent_json()
    if not isinstance(body, dict) or not isinstance(body.get("form"), dict) or type(body.get("version")) is not int:
        raise BadInput("A draft is JSON with `version` (a number) and `form` (an object of strings).")
    form = {str(k): str(v) for k, v in body["form"].items() if k not in _OURS}
    with house().db.writing() as conn:
        info = sit(conn, person, key, name)
        kept = attempts.save_draft(conn, info.id, name, person.id, form, body["version"])
    return jsonify(version=kept.version, saved=kept.saved.isoformat())


@bp.get("/task/<key>/<name>/hint")
def hints(key: str, name: str) -> str:
    """The hints as a page of their own, for who has no scripts: those she has opened, and what the next one costs."""
    person = policy.need_person()
    with house().db.writing() as conn:
        info = sit(conn, person, key, name)
        seen = len(attempts.hints_given(conn, info.id, name, person.id))
    every = house().scenarios.hints(scenario.opened(info), name)
    return render_template("hints.html", key=key, task=house().scenarios.brief(scenario.opened(info), name),
                           opened=every[:seen], following=every[seen:seen + 1], of=len(every), price=attempts.cost)


@bp.post("/task/<key>/<name>/hint")
def hint(key: str, name: str) -> BaseResponse:
    """The next hint, or one seen before by `number`: {number, of, kind, html}. Opening it is recorded.

    What a new one costs is said first, {cost}, unless the form is `sure`. Sent by the hints' own page (`page`), the
    answer is that page, which asks the same.
    """
    person = policy.need_person()
    with house().db.writing() as conn:
        info = sit(conn, person, key, name)
        seen = len(attempts.hints_given(conn, info.id, name, person.id))
        brief = house().scenarios.brief(scenario.opened(info), name)
        number = request.form.get("number", type=int) or min(seen + 1, brief.hints)
        number = min(number, seen + 1)
        costs = attempts.cost(house().scenarios.hint(scenario.opened(info), name, number)) if number > seen else ""
        if not costs or request.form.get("sure") == "1":
            given = attempts.give_hint(conn, house().scenarios, scenario.opened(info), name, info.id, person.id, number)
        elif not request.form.get("page"):
            return jsonify(number=number, of=brief.hints, cost=costs)
    if request.form.get("page"):
        return redirect(url_for("desk.hints", key=key, name=name), code=303)
    return jsonify(number=number, of=brief.hints, kind=given.kind,
                   html=render_template("hint.html", hint=given))


@bp.post("/task/<key>/<name>/step/<step>")
def step(key: str, name: str, step: str) -> Response:
    """One exchange without judging that this activity alone has (`check` is the foot bar's)."""
    person = policy.need_person()
    form = {k: v for k, v in request.form.items() if k not in _OURS}
    with house().db.writing() as conn:
        info = sit(conn, person, key, name)
    activity = house().scenarios.activity(scenario.opened(info), name)
    if not hasattr(activity, "step"):
        raise NotFound("This task has no such step.")
    with house().db.reading() as conn:  # what a step reads, she has open before her: it is no access of its own
        chart = policy.open_as(conn, info, person, record=False)
        return jsonify(activity.step(step, form, _task(info, name), chart))


@bp.get("/attempt/<id>")
def debrief(id: str) -> str:
    """How it went, with reasons: for her, and for who teaches her. Before her first result she may say two things."""
    person = viewing.eyes().person or policy.need_person()
    with house().db.reading() as conn:
        attempt = attempts.get(conn, id)
        if attempt.person != person.id and not classroom.teaches(conn, person.id, attempt.person, attempt.assignment):
            raise NotFound("There is no such attempt.", hint="Your work is listed under your name.")
        if attempt.person == person.id and (words := gradebook.held(conn, attempt.assignment)):
            return again.held_page(attempt, words)
        if attempt.person == person.id and said.stands_before(conn, attempt):
            return said.page(attempt)
        if attempt.person == person.id and (until := release.waits_until(conn, attempt.assignment)):
            return release.page(attempt, until, same=classroom.assignment(conn, attempt.assignment).seed is not None)
        return debrief_page(conn, attempt, person)


@bp.post("/reset/<id>")
def reset(id: str) -> BaseResponse:
    """Put a workspace back to the untouched hospital; undone within a day by the same page."""
    with house().db.writing() as conn:
        chart = policy.enter(conn, id, "write")
        if request.form.get("undo"):
            info = workspace.undo_reset(conn, id)
        else:
            info = scenario.reopen(conn, house(), chart.info)
    return redirect(url_for("pages.story", name=info.scenario, reset="undone" if request.form.get("undo") else "done"),
                    code=303)


@bp.errorhandler(scenario.Outgrown)
def outgrown(problem: scenario.Outgrown) -> Any:
    """To the story's page, where one press puts the hospital back; a script is told in words."""
    if request.method == "GET":
        return redirect(url_for("pages.story", name=(request.view_args or {})["key"], reset="needed"), code=303)
    return problems.ours(problem)


def sit(conn: Any, person: Person, key: str, name: str = "") -> workspace.Info:
    """Her workspace for a story or an assignment of it, opened where she has none, and with this task planted in it;
    NotFound where it is not hers."""
    if name:
        house().scenarios.brief(key.partition("@")[0], name)
    info = _room(conn, person, key, name)
    return scenario.bring_up(conn, house(), info, name) if name else info


def _room(conn: Any, person: Person, key: str, name: str) -> workspace.Info:
    story, _, assigned = key.partition("@")
    if not assigned:
        own = [each for each in workspace.of_owner(conn, person.id) if each.scenario == story]
        return _where_left(conn, own or [scenario.sit(conn, house(), person.id, story)], name)
    given = _given(conn, person, key, name)
    info = scenario.sit(conn, house(), person.id, story, assignment=given.id, seed=given.seed)
    return _where_left(conn, [each for each in workspace.of_owner(conn, person.id) if each.scenario == info.scenario],
                       name)


def _given(conn: Any, person: Person, key: str, name: str) -> classroom.Assignment:
    """An assignment with her times; NotFound where it is not hers, NotAllowed before it opens."""
    story, _, assigned = key.partition("@")
    given = classroom.assignment(conn, assigned)
    enrolled = given.course in {c.id for c in classroom.courses_of(conn, person.id)}
    seat = house().scenarios.brief(story, name).seat if name else ""
    if not enrolled or given.story != story or (seat and seat not in given.seats):
        raise NotFound("There is no such assignment.", hint="Join the class with its code first.")
    given = classroom.own(conn, given, person.id)
    if given.state == "before":
        raise NotYet(f"This opens for you on {when(given.opens)}, Chicago time.", hint="Come back then.")
    wait = classroom.waits(conn, house().scenarios, [given], [person.id]).get((given.id, person.id)) if name else None
    if wait is not None and seat == wait.seat:
        raise NotYet(wait.words, hint=f"It opens at the latest on {when(wait.at)}, Chicago time." if wait.at else
                         "Your instructor can open it for you sooner.")
    return given


def _seen(eyes: Eyes, key: str, name: str) -> str | BaseResponse:
    """A learner's desk as it stands, looked at by who teaches her: nothing is opened, only her reading is recorded."""
    house().scenarios.brief(key.partition("@")[0], name)
    who = "Nobody in particular has"
    if eyes.person is not None:
        with house().db.writing() as conn:
            _given(conn, eyes.person, key, name)
            own = [each for each in workspace.of_owner(conn, eyes.person.id) if each.scenario == key]
            info = _where_left(conn, own, name) if own else None
            draft = attempts.read_draft(conn, info.id, name, eyes.person.id) if info else None
            if info and draft:
                return _page(conn, info, eyes.person, name, draft.form, draft.version, looks=policy.need_person())
        who = f"{eyes.person.name} has not"
    flash(f"{who} opened this desk{' yet' if eyes.person else ': choose a learner to see hers'}.", "caution")
    return redirect(url_for("pages.story", name=key), code=303)


def _where_left(conn: Any, own: list[workspace.Info], name: str) -> workspace.Info:
    """Where she last worked at the task: somebody who was a guest for a while may have two workspaces for a story."""
    if len(own) < 2 or not name:
        return own[0]
    saved = attempts.working(conn, [own[0].owner])
    begun = [each for each in own if (each.owner, each.id, name) in saved]
    return max(begun, key=lambda each: saved[each.owner, each.id, name], default=own[0])


def _task(info: workspace.Info, name: str) -> Any:
    return house().scenarios.task(scenario.opened(info), name, info.shown[name], info.seed)


def _page(conn: Any, info: workspace.Info, person: Person, name: str, form: Mapping[str, str], version: int,
          problem: BadWork | None = None, looks: Person | None = None) -> str:
    chart = policy.open_as(conn, info, looks or person, "instructor" if looks else "learner")
    story = scenario.opened(info)
    brief, activity = house().scenarios.brief(story, name), house().scenarios.activity(story, name)
    task, touched = _task(info, name), attempts.touched(conn, info.id, person.id)
    done = touched.get(name) == "submitted"
    hopes = house().scenarios[story].counted and not done and not looks
    return render_template(
        f"{brief.activity}/page.html", task=task, brief=brief, draft=form,
        view=activity.show(task, chart),
        version=version, workspace=info, story=house().scenarios[story], key=info.scenario, problem=problem,
        queue=[each for each in house().scenarios[story].tasks if each.seat == brief.seat],
        touched=touched, token=secrets.token_urlsafe(24),
        attempt=attempts.latest(conn, info.id, name, person.id) if done else None,
        hints_seen=len(attempts.hints_given(conn, info.id, name, person.id)),
        hoping=said.hoping(conn, person, brief.seat) if hopes else "",
        can_check=hasattr(activity, "step"), activity_url=f"/role/{brief.activity.replace('.', '/')}")
