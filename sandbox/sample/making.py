"""Making a sample class: invented people hand in what the tasks' own proofs send, and are judged like everybody.

Each distinct work is read and judged once; whoever hands in the same on the same variant gets the same report, because
judging is deterministic. So the debriefs are real, and the class is whole in the time of some sixty judgements.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from sandbox import attempts, classroom, gradebook, people, scenario, workspace
from sandbox.activity import Form, Proof
from sandbox.attempts import Prepared
from sandbox.classroom import MARK, Assignment, Course
from sandbox.errors import BadWork
from sandbox.report import Report
from sandbox.sample.cast import (
    ASKS,
    CAST,
    CRASHED,
    LATE_ADD,
    LONGER,
    SEED,
    SEVEN,
    STORIES,
    STUCK,
    Player,
    handed_in,
    known,
)
from sandbox.sample.removal import remove
from sandbox.scenario.opening import Rooms

Opening = Callable[[], AbstractContextManager[sa.Connection]]
KEY_TASK = "him-belly-pain"
_PROOFS = {"him": 14, "hi": 4}  # of a task, that are handed in by somebody: a query takes longer to judge
_STARTED = timedelta(days=9)
_JOIN_DAYS = 5


@dataclass(frozen=True)
class Work:
    """One proof of a task, ready to be handed in, and what it comes to."""

    prepared: Prepared
    report: Report


@dataclass(frozen=True)
class Part:
    """One assignment of the class, and how many of its seat's tasks come before it."""

    given: Assignment
    before: int


@dataclass(frozen=True)
class Begun:
    """A class with its people and assignments, and nothing handed in."""

    course: str
    people: list[str]
    parts: list[Part]


def begin(conn: sa.Connection, rooms: Rooms, course: Course) -> Begun:
    """Seat the invented people in a course that was begun as a sample, and assign the stories."""
    moment, parts, asked = people.now(), [], Counter[str]()
    ids = people.expect(conn, [f"{each.name} {MARK}" for each in CAST])
    for story, seat, days in STORIES:
        due = moment + timedelta(days=days, hours=6)
        given = classroom.assign(conn, course.id, story, (seat,), due, SEED, opens=moment - _STARTED,
                                 closes=due + timedelta(days=5), join_days=_JOIN_DAYS)
        parts.append(Part(given, asked[seat]))
        asked[seat] += len(classroom.tasks_of(rooms.scenarios, given))
    for place, person in enumerate(ids):
        joined = moment - (timedelta(days=2) if place == LATE_ADD else _STARTED + timedelta(days=3))
        classroom.enrol(conn, course.id, person, known=known(place), joined=joined, section="B" if place % 2 else "A")
        for seat in asked:
            attempts.hope_for(conn, person, seat, str(1 + _dice(place, seat, 5)))
    classroom.allow(conn, course.id, ids[LONGER], 150, 0)
    return Begun(course.id, ids, parts)


def fill(rooms: Rooms, begun: Begun, reading: Opening, writing: Opening) -> None:
    """Hand in and judge everything, an assignment after the other, so that the class can be looked at meanwhile.

    What fails takes everything away again but the class itself, which then says so. Conflict where it was taken away.
    """
    try:
        for part in begun.parts:
            stock = _stock(rooms, begun, part.given, reading, writing)
            for place, person in enumerate(begun.people):
                with writing() as conn:
                    classroom.sample_goes_on(conn, begun.course)
                    _plays(conn, rooms, part, place, person, stock)
        with writing() as conn:
            classroom.sample_goes_on(conn, begun.course)
            classroom.sample_ready(conn, begun.course)
    except BaseException:
        with writing() as conn:
            remove(conn, begun.course, begun.people, all_of_it=False)
            classroom.sample_given_up(conn, begun.course)
        raise


def _stock(rooms: Rooms, begun: Begun, given: Assignment, reading: Opening,
           writing: Opening) -> dict[str, list[Work]]:
    """For each task some works, the best first, prepared and judged in one learner's workspace."""
    with writing() as conn:
        info = scenario.sit(conn, rooms, begun.people[0], given.story, assignment=given.id, seed=SEED)
    found: dict[str, list[Work]] = {}
    for task in classroom.tasks_of(rooms.scenarios, given):
        with reading() as conn:
            forms = _forms(conn, rooms, info, task.name)
        works = []
        for form in forms:
            with reading() as conn:
                works += _judged(conn, rooms, info, task.name, form)
            with writing() as conn:
                classroom.sample_goes_on(conn, begun.course)
        found[task.name] = sorted(works, key=lambda work: -work.report.score)
    return found


def _forms(conn: sa.Connection, rooms: Rooms, info: workspace.Info, task: str) -> list[Form]:
    story = scenario.opened(info)
    activity, params = rooms.scenarios.activity(story, task), rooms.scenarios.params(story, task)
    planting = scenario.recalled(conn, rooms, story, task, info.seed, info.base)
    proofs: list[Proof] = []
    for table in rooms.scenarios.proofs(story, task):
        proofs += activity.proofs(params, planting, table)
    best = [each for each in proofs if each.score == 100][:1]
    others = sorted((each for each in proofs if each.score != 100 and "shotgun" not in each.name), key=_hoped)
    more = _PROOFS.get(rooms.scenarios.brief(story, task).seat, 5) - len(best)
    step = max(1, len(others) // more)  # some of every height, so that there is one for everybody
    chosen = [*best, *others[::step][:more]]
    fill = getattr(activity, "completed", None)
    chart = _chart(conn, rooms, info)
    return [fill(each.form, params, chart) if fill else each.form for each in chosen]


def _hoped(proof: Proof) -> float:
    return next((each for each in (proof.score, proof.at_most, proof.at_least) if each is not None), 50.0)


def _judged(conn: sa.Connection, rooms: Rooms, info: workspace.Info, task: str, form: Form) -> list[Work]:
    """A form as work with its report; nothing where it cannot be read."""
    try:
        prepared = attempts.prepare(rooms, _chart(conn, rooms, info), task, form)
    except BadWork:
        return []
    return [Work(prepared, attempts.judge_prepared(conn, rooms, info, task, prepared))]


def _chart(conn: sa.Connection, rooms: Rooms, info: workspace.Info) -> workspace.Workspace:
    return workspace.Workspace(
        conn, info, workspace.Agent(info.owner, "Sample", "learner"), codes=rooms.codes, record=False,
        lab=lambda: rooms.labs.of_workspace(conn, info.ws, info.base, info.today, info.owner))


def _plays(conn: sa.Connection, rooms: Rooms, part: Part, place: int, person: str,
           stock: dict[str, list[Work]]) -> None:
    """Everything that one of them does for an assignment."""
    player, given = CAST[place], part.given
    info = scenario.sit(conn, rooms, person, given.story, assignment=given.id, seed=SEED)
    many = handed_in(player, part.before, len(stock))
    for number, (task, works) in enumerate(list(stock.items())[:many]):
        work = _chosen(works, task, place, player, player.him if "him" in given.seats else player.hi)
        ago = timedelta(days=1) if place == LATE_ADD else timedelta(days=6 - number, minutes=11 * place)
        id = _hands_in(conn, rooms, info, person, task, work, people.now() - ago,
                       crashed=place == CRASHED and task == KEY_TASK)
        _says(conn, id, work.report, player, place, task)
        if place == ASKS and task == KEY_TASK:
            _asks(conn, given, person, task, id, work.report)
    if place == STUCK and many < len(stock) and "him" in given.seats:  # in one place at a time
        _is_stuck(conn, info, person, list(stock)[many])


def _chosen(works: list[Work], task: str, place: int, player: Player, level: float) -> Work:
    """The work that comes nearest to what she can; of the one task that the key is about, so that seven miss it."""
    if player.random:
        return works[_dice(place, task, len(works))]
    aim = 100 * min(1.0, max(0.0, level + (_dice(place, task, 31) - 15) / 100))
    pool = works
    if task == KEY_TASK and (criterion := disputed(works)):
        pool = [work for work in works if _misses(work.report, criterion) == (place in SEVEN)] or works
    return min(pool, key=lambda work: (abs(work.report.score - aim), -work.report.score))


def disputed(works: list[Work]) -> str:
    """The criterion that the class's key may be amended in: a further diagnosis that good work may miss and other work
    has, so that those whom it touches lost little else."""
    best: dict[str, float] = {}
    for finding in works[0].report.findings if works else ():
        missing = [work.report.score for work in works if _misses(work.report, finding.criterion)]
        if finding.axis == "Secondary diagnoses" and finding.possible > 0 and 0 < len(missing) < len(works):
            best[finding.criterion] = max(missing)
    return max(best, key=lambda criterion: best[criterion], default="")


def _misses(report: Report, criterion: str) -> bool:
    return any(f.criterion == criterion and f.possible > 0 and not f.met for f in report.findings)


def _hands_in(conn: sa.Connection, rooms: Rooms, info: workspace.Info, person: str, task: str, work: Work,
              at: datetime, *, crashed: bool) -> str:
    active = 540 + 60 * _dice(round(work.report.score), task, 12)  # seconds: nine minutes to twenty
    attempts.open_draft(conn, info.id, task, person, at=at - timedelta(seconds=active), active=active)
    token = hashlib.sha256(f"{info.id} {task}".encode()).hexdigest()
    attempt = attempts.submit(conn, rooms, info, person, task, work.prepared, token, at=at)
    attempts.deliver(conn, rooms, attempt.id)
    if crashed:
        attempts.record_failure(conn, attempt.id, "the sample's grader was stopped on purpose")
    else:
        attempts.record(conn, attempt.id, work.report, rooms)
    return attempt.id


def _says(conn: sa.Connection, id: str, report: Report, player: Player, place: int, task: str) -> None:
    share = report.met / report.asked if report.asked else 0.5
    expected = round(10 * min(1.0, max(0.0, share + player.says)))
    attempts.answer(conn, id, str(expected), str(1 + _dice(place, task, 5)))


def _asks(conn: sa.Connection, given: Assignment, person: str, task: str, id: str, report: Report) -> None:
    missed = next((f for f in report.findings if f.possible > 0 and not f.met), report.findings[0])
    gradebook.say(conn, (given.id, person, task), "ask", person, id, missed.criterion,
                  "I read the note twice and do not see this. Where does it stand?")


def _is_stuck(conn: sa.Connection, info: workspace.Info, person: str, task: str) -> None:
    attempts.open_draft(conn, info.id, task, person, at=people.now() - timedelta(minutes=26))
    classroom.be_stuck(conn, person, info.scenario, task, minutes=26)


def _dice(place: int, what: str, sides: int) -> int:
    """The same each time for a place and a word: the class looks alike wherever it is made."""
    return int.from_bytes(hashlib.sha256(f"{place} {what}".encode()).digest()[:4], "big") % sides
