"""Submitting: append the work and what judging needs of the record, once for each token."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

import sqlalchemy as sa

from sandbox import audit, workspace
from sandbox.activity import Form
from sandbox.attempts import ledger
from sandbox.attempts.draft import read_draft
from sandbox.attempts.hint import hints_given
from sandbox.db import alone, upsert
from sandbox.errors import BadInput, BadWork
from sandbox.people import now
from sandbox.report import as_json
from sandbox.scenario.opening import Rooms, opened

_making = threading.Lock()
_turns: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()


@dataclass(frozen=True)
class Prepared:
    """Work as it will be stored, with what judging needs of the record: read before any lock is taken."""

    work: str
    evidence: str
    summary: str


def prepare(rooms: Rooms, chart: workspace.Workspace, task: str, form: Form) -> Prepared:
    """Read the form and freeze the evidence; BadWork where the form cannot be read.

    `chart` is her workspace with recording off: judging's own reads are nobody's accesses.
    """
    activity = rooms.scenarios.activity(opened(chart.info), task)
    work = activity.parse(form)
    return Prepared(_json(activity.Work, work), _json(activity.Evidence, activity.evidence(work, chart)),
                    activity.summary(work))


def untouched(rooms: Rooms, info: workspace.Info, task: str, form: Form) -> bool:
    """Whether a form says no more than the page did before she touched it."""
    activity = rooms.scenarios.activity(opened(info), task)
    try:
        return bool(activity.parse(form) == activity.parse(activity.blank()))
    except BadWork:
        return False


def turn(token: str) -> threading.Lock:
    """Held while a token's work is read, appended and judged: a second click waits, then finds the first's answer."""
    with _making:
        return _turns.setdefault(token, threading.Lock())


def sent(conn: sa.Connection, info: workspace.Info, person: str, task: str, token: str) -> ledger.Attempt | None:
    """The attempt that this token has made already, or None; BadInput where the token is another page's."""
    if not 16 <= len(token) <= 100:
        raise BadInput("This page was sent without its submission token.", hint="Reload it; your draft is kept.")
    table = ledger.attempt
    done = conn.execute(sa.select(table.c.id, table.c.person, table.c.workspace, table.c.task)
                        .where(table.c.token == token)).first()
    if done is not None and done[1:] != (person, info.id, task):
        raise BadInput("This submission token belongs to another page.", hint="Reload the page; your draft is kept.")
    return ledger.get(conn, done.id) if done is not None else None


def submit(conn: sa.Connection, rooms: Rooms, info: workspace.Info, person: str, task: str, prepared: Prepared,
           token: str, *, at: datetime | None = None) -> ledger.Attempt:
    """Append an attempt, submitted now or `at`. The same token gets the same attempt again."""
    alone(conn, f"{person} submits")
    done = sent(conn, info, person, task, token)
    if done is not None:
        return done
    story = opened(info)
    digest, text = rooms.scenarios.judged_by(story, task, rooms.codes.release)
    upsert(conn, ledger.task_text, {"digest": digest, "text": text}, ["digest"])
    draft = read_draft(conn, info.id, task, person)
    id = f"a-{secrets.token_hex(10)}"
    conn.execute(ledger.attempt.insert().values(
        id=id, token=token, person=person, workspace=info.id, base=info.base, story=story,
        assignment=info.scenario.partition("@")[2], task=task, number=_next(conn, info, task, person),
        seed=info.seed, digest=digest, trail=len(audit.read(conn, info.id)), work=prepared.work,
        evidence=prepared.evidence, summary=prepared.summary, active=draft.active if draft else 0,
        hints=len(hints_given(conn, info.id, task, person)), submitted=at or now()))
    return ledger.get(conn, id)


def _next(conn: sa.Connection, info: workspace.Info, task: str, person: str) -> int:
    """Counted over all her workspaces of the story or assignment: each variant has one of its own."""
    table, (story, _, assigned) = ledger.attempt, info.scenario.partition("@")
    hers = (table.c.person == person, table.c.story == story, table.c.assignment == assigned, table.c.task == task)
    return int(conn.execute(sa.select(sa.func.max(table.c.number)).where(*hers)).scalar() or 0) + 1


def _json(kind: type, value: Any) -> str:
    return as_json(kind).dump_json(value).decode()
