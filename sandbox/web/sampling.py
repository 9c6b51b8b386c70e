"""The sample class: made by one click, shown round in by four callouts, taken away by another."""

from __future__ import annotations

import logging
from threading import Thread
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from sandbox import attempts, classroom, comparison, gradebook, sample
from sandbox.classroom import Course
from sandbox.db import alone
from sandbox.errors import Conflict, NotFound
from sandbox.house import House
from sandbox.scenario import Scenario
from sandbox.web import compare, house, policy
from sandbox.web.roster import mine

bp = Blueprint("sampling", __name__)
_log = logging.getLogger("two_seats.sample")


@bp.post("/sample")
def make() -> Response:
    """Begin a sample class, or go to hers where she has one: it is filled behind the page."""
    person = policy.need_instructor()
    with house().db.writing() as conn:
        alone(conn, f"sample class of {person.id}")
        known = next((each for each in classroom.taught_by(conn, person.id) if each.sample), None)
        if known and classroom.abandoned(known):
            sample.remove(conn, known.id, sample.cast_of(conn, known.id))
            known = None
        found = known or classroom.create_course(conn, person, "A sample class", sample=True)
        begun = sample.begin(conn, house(), found) if known is None else None
    if begun is not None:
        work = Thread(target=_fill, args=(house(), begun), name="sample class", daemon=True)
        work.start()
        if current_app.testing:  # a test looks at what is there, and has no page that renews itself
            work.join()
    return redirect(url_for("teach.course", id=found.id), code=303)


@bp.get("/<id>/sample/part")
def part(id: str) -> str:
    """How far the class has come, and where to begin looking round: the part that renews itself while it is made."""
    with house().db.reading() as conn:
        found = _sample(conn, id)
        return render_template("teach/sample_part.html", course=found, given=given_of(conn, found),
                               **state_of(conn, found))


@bp.post("/<id>/sample/remove")
def remove(id: str) -> Response:
    """Take the sample class away, with all that its people did; whoever is still filling it stops."""
    with house().db.writing() as conn:
        found = _sample(conn, id)
        gone = sample.remove(conn, found.id, sample.cast_of(conn, found.id))
    flash(f"The sample class is gone, {gone:,} rows of it.", "good")
    return redirect(url_for("teach.classes"), code=303)


@bp.get("/<id>/sample/two-seats")
def two_seats(id: str) -> str:
    """The comparison as one of the invented learners sees it: somebody about whom it says that it cannot say."""
    with house().db.reading() as conn:
        found = _sample(conn, id)
        even = sample.known(sample.EVEN)
        person = next((each.person for each in classroom.roster(conn, found.id) if each.known == even), None)
        if person is None:
            raise NotFound("She is not in this class any more.", hint="The roster was changed: make the sample anew.")
        done = attempts.of_person(conn, person.id)
        said = attempts.said_of(conn, [person.id])
    seats = {name: seat.title for name, seat in house().seats.items()}
    both = comparison.compare(compare.tried_of(done, said), seats, comparison.RHO)
    return render_template("teach/sample_seats.html", course=found, learner=person, comparison=both)


def tour_of(conn: Any, found: Course) -> dict[str, str]:
    """Where the four callouts lead: who is where, one debrief, the key, two seats. Empty where the class is no sample,
    or has not come so far yet, or where her own roster has changed it too much."""
    given = {each.story: each for each in classroom.assignments(conn, found.id)} if found.sample else {}
    known = {place.known: place.person.id for place in classroom.roster(conn, found.id)} if given else {}
    coding, stuck = given.get(sample.STORIES[0][0]), known.get(sample.known(sample.STUCK))
    at = classroom.presence(conn, stuck) if stuck else None
    if coding is None or at is None:
        return {}
    base = f"/teach/{found.id}/{coding.id}"
    asked = gradebook.threads(conn, coding.id, list(known.values()))
    criterion = _disputed(conn, found, coding.id)
    return {
        "live": f"/teach/{found.id}/{at.story.partition('@')[2]}/live",
        "debrief": f"/attempt/{asked[0].attempt}" if asked else base,
        "question": f"#f-{asked[0].criterion}" if asked else "",
        "key": f"{base}/key/{sample.KEY_TASK}?criterion={criterion}" if criterion else f"{base}/key",
        "seats": f"/teach/{found.id}/sample/two-seats"}


def given_of(conn: Any, found: Course) -> list[tuple[classroom.Assignment, Scenario, int, int]]:
    """What a class was assigned, each with its story and how many works are handed in, of how many."""
    return [(each, house().scenarios[each.story], *counts) for each, counts in classroom.submitted(
        conn, house().scenarios, classroom.assignments(conn, found.id), classroom.learners(conn, found.id))]


def state_of(conn: Any, found: Course) -> dict[str, Any]:
    """How far a sample class has come: `done` works of `expected`, whether its making `stopped`, and the `tour`."""
    if found.sample != "making":
        return {"tour": tour_of(conn, found)}
    ids = [each.id for each in classroom.learners(conn, found.id)]
    done = attempts.done(conn, ids, [each.id for each in classroom.assignments(conn, found.id)])
    return {"done": len(done), "expected": sample.expected(), "stopped": classroom.abandoned(found),
            "tour": tour_of(conn, found)}


def _disputed(conn: Any, found: Course, assignment: str) -> str:
    """The criterion that exactly the seven missed."""
    ids = [each.id for each in classroom.learners(conn, found.id)]
    many: dict[str, int] = {}
    for each in attempts.outcomes(conn, ids, assignment):
        for criterion, _, _ in each.counts.missed if each.counts and each.task == sample.KEY_TASK else ():
            many[criterion] = many.get(criterion, 0) + 1
    return min((name for name, count in many.items() if count == len(sample.SEVEN)), default="")


def _sample(conn: Any, id: str) -> Course:
    found = mine(conn, id)
    if not found.sample:
        raise NotFound("This is no sample class.", hint="Its people are real: nothing was done.")
    return found


def _fill(rooms: House, begun: sample.Begun) -> None:
    try:
        sample.fill(rooms, begun, rooms.db.reading, rooms.db.writing)
    except Conflict:
        _log.info("the sample class was taken away while it was made")
    except Exception:
        _log.exception("the sample class could not be made; its page says so, and nothing else of it is left")
