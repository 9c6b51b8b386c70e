"""Judging what is stored: deliver it, grade it outside any write transaction, append the report.

A crash or an error in a grader costs the learner nothing: the attempt stays, marked ungraded, and `unsettled` finds it
again at the next start.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

import sqlalchemy as sa

from sandbox import workspace
from sandbox.attempts import ledger
from sandbox.attempts.amendment import amended, amendments_of
from sandbox.attempts.help import helped
from sandbox.attempts.submission import Prepared
from sandbox.db import alone
from sandbox.errors import BadPack
from sandbox.people import now
from sandbox.report import Report, as_json
from sandbox.scenario.opening import Rooms, opened, recalled

_log = logging.getLogger("two_seats.judging")
AMENDED = "amended"
Opening = Callable[[], AbstractContextManager[sa.Connection]]


def settle(rooms: Rooms, id: str, reading: Opening, writing: Opening, *, deliver_first: bool = True) -> ledger.Attempt:
    """Deliver, judge and record one attempt, in transactions that the edge opens and closes.

    A failure in delivery or judging is logged and recorded as ungraded with its reason; it never raises.
    """
    try:
        if deliver_first:
            with writing() as conn:
                deliver(conn, rooms, id)
        with reading() as conn:
            report = judge(conn, rooms, id)
        with writing() as conn:
            record(conn, id, report, rooms)
    except Exception as error:
        _log.exception("attempt %s could not be judged", id)
        with writing() as conn:
            if ledger.get(conn, id).report is None:  # a second click that failed does not take a grade away
                record_failure(conn, id, f"{type(error).__name__}: {error}"[:500])
    with reading() as conn:
        return ledger.get(conn, id)


def deliver(conn: sa.Connection, rooms: Rooms, id: str) -> int:
    """Put an attempt's work into her record, right or wrong, once; how many resources were written."""
    alone(conn, f"{id} is delivered")
    attempt = ledger.get(conn, id)
    if conn.execute(sa.select(ledger.delivery).where(ledger.delivery.c.attempt == id)).first():
        return 0
    info = workspace.info(conn, attempt.workspace)
    agent = workspace.Agent(attempt.person, "Submitted work", "learner")
    chart = workspace.Workspace(conn, info, agent, codes=rooms.codes)
    activity = rooms.scenarios.activity(attempt.story, attempt.task)
    task = rooms.scenarios.task(attempt.story, attempt.task, info.shown[attempt.task], attempt.seed)
    work = as_json(activity.Work).validate_json(attempt.work)
    resources = activity.deliver(work, task, workspace.Workspace(conn, info, agent, codes=rooms.codes, record=False))
    for resource in resources:
        if "id" in resource:
            chart.update(resource)
        else:
            chart.create(resource)
    conn.execute(ledger.delivery.insert().values(attempt=id, resources=len(resources), at=now()))
    return len(resources)


def judge(conn: sa.Connection, rooms: Rooms, id: str, *, of_its_day: bool = False) -> Report:
    """The report on an attempt: the key is made again from params, seed and base. Writes nothing.

    `of_its_day`: by the params that it was submitted under, whatever the task's file says now; BadPack where the
    activity, the case or the code set is another by now.
    """
    attempt = ledger.get(conn, id)
    text = _of_its_day(conn, rooms, attempt.digest) if of_its_day else ""
    sent = Prepared(attempt.work, attempt.evidence, attempt.summary)
    report = judge_prepared(conn, rooms, workspace.info(conn, attempt.workspace), attempt.task, sent, text)
    hints = rooms.scenarios.hints(attempt.story, attempt.task)[:attempt.hints]  # they are opened in their order
    return helped(report, hints)


def judge_prepared(conn: sa.Connection, rooms: Rooms, info: workspace.Info, task: str, sent: Prepared,
                   text: str = "") -> Report:
    """What a task's grader says of work as it is stored, handed in from a workspace, by the key of `text` if given."""
    activity = rooms.scenarios.activity(opened(info), task)
    planting = recalled(conn, rooms, opened(info), task, info.seed, info.base, text)
    work = as_json(activity.Work).validate_json(sent.work)
    evidence = as_json(activity.Evidence).validate_json(sent.evidence)
    labs = rooms.labs.for_grading(conn, info.base, planting.resources, info.today)
    return activity.grade(work, planting.key, evidence, labs)


def _of_its_day(conn: sa.Connection, rooms: Rooms, digest: str) -> str:
    text = str(conn.execute(sa.select(ledger.task_text.c.text).where(ledger.task_text.c.digest == digest)).scalar_one())
    if json.loads(text)["codes"] != rooms.codes.release:
        raise BadPack(f"The code set is not that of the day any more ({json.loads(text)['codes']}).",
                      hint="Judge it with the release of Two Seats that it was judged with.")
    return text


def record(conn: sa.Connection, id: str, report: Report, rooms: Rooms) -> None:
    """Append a grade; and after it, where the class has amended the key, what the amendments make of it."""
    attempt = ledger.get(conn, id)
    digest, _ = rooms.scenarios.judged_by(attempt.story, attempt.task, rooms.codes.release)
    append(conn, id, report, digest)
    holding = amendments_of(conn, attempt.assignment, attempt.task)
    if (changed := amended(report, holding, attempt.work)) != report:
        append(conn, id, changed, digest, AMENDED)


def append(conn: sa.Connection, id: str, report: Report, digest: str, reason: str = "") -> None:
    """Append one grade as it is: a grader's own without a `reason`, or with AMENDED what amendments made of that."""
    conn.execute(ledger.grade.insert().values(
        attempt=id, report=ledger.report_text(report), reason=reason, digest=digest, at=now()))


def record_failure(conn: sa.Connection, id: str, reason: str) -> None:
    """Append that judging failed: ungraded, never 0 or 100."""
    conn.execute(ledger.grade.insert().values(attempt=id, report="", reason=reason, digest="", at=now()))


def unsettled(conn: sa.Connection) -> list[str]:
    """Attempts without a report, oldest first: taken up again at start."""
    newest = sa.select(sa.func.max(ledger.grade.c.seq)).where(
        ledger.grade.c.attempt == ledger.attempt.c.id).correlate(ledger.attempt).scalar_subquery()
    rows = conn.execute(
        sa.select(ledger.attempt.c.id).outerjoin(ledger.grade, ledger.grade.c.seq == newest)
        .where(sa.or_(ledger.grade.c.report.is_(None), ledger.grade.c.report == ""))
        .order_by(ledger.attempt.c.seq))
    return [row.id for row in rows]

