"""A draft is the page's form, raw, one row for each workspace, task and person, with a version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from sandbox.db import BINARY, alone, metadata
from sandbox.errors import BadInput, Stale
from sandbox.people import now, utc

draft = sa.Table(
    "draft", metadata,
    sa.Column("workspace", BINARY, primary_key=True),
    sa.Column("task", BINARY, primary_key=True),
    sa.Column("person", BINARY, primary_key=True, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("started", sa.DateTime(timezone=True), nullable=False),
    sa.Column("saved", sa.DateTime(timezone=True), nullable=False),
    sa.Column("active", sa.Integer, nullable=False),  # seconds at work: gaps between saves, each up to 5 minutes
)

_LARGEST = 500_000
_GAP = timedelta(minutes=5)


@dataclass(frozen=True)
class Draft:
    """Where she is: `form` as the page sent it, `active` seconds at work so far."""

    version: int
    form: Mapping[str, str]
    started: datetime
    saved: datetime
    active: int


def read_draft(conn: sa.Connection, workspace: str, task: str, person: str) -> Draft | None:
    """Her draft, or None before she opened the desk."""
    row = conn.execute(sa.select(draft).where(*_where(workspace, task, person))).one_or_none()
    if row is None:
        return None
    return Draft(row.version, json.loads(row.form), utc(row.started), utc(row.saved), row.active)


def open_draft(conn: sa.Connection, workspace: str, task: str, person: str, *, at: datetime | None = None,
               active: int = 0) -> Draft:
    """Her draft; an empty one, version 0, the first time: opened now, or `at`, with so many seconds of work in it."""
    found = read_draft(conn, workspace, task, person)
    if found is None:
        alone(conn, f"{person} begins {task}")
        found = read_draft(conn, workspace, task, person)
    if found is None:
        moment = at or now()
        conn.execute(draft.insert().values(workspace=workspace, task=task, person=person, version=0, form="{}",
                                           started=moment, saved=moment, active=active))
        return Draft(0, {}, moment, moment, active)
    return found


def save_draft(conn: sa.Connection, workspace: str, task: str, person: str, form: Mapping[str, str],
               version: int) -> Draft:
    """Keep what she typed. Stale where another tab saved after `version`; BadInput over 500,000 characters."""
    text = json.dumps(dict(form), ensure_ascii=False, sort_keys=True)
    if len(text) > _LARGEST:
        raise BadInput("That is more than a draft holds (500,000 characters).", hint="Nothing was lost on your page.")
    old, moment = open_draft(conn, workspace, task, person), now()
    active = old.active + int(min(moment - old.saved, _GAP).total_seconds())
    kept = conn.execute(  # compared as it is written: of two tabs at once one is told
        draft.update().where(*_where(workspace, task, person), draft.c.version == version)
        .values(form=text, version=version + 1, saved=moment, active=active)) if old.version == version else None
    if kept is None or kept.rowcount == 0:
        raise Stale("This task is open in another tab, which saved after this one.",
                    hint="Reload to go on from there; what you typed here stays on the page until you do.")
    return Draft(version + 1, form, old.started, moment, active)


def working(conn: sa.Connection, people: list[str]) -> dict[tuple[str, str, str], datetime]:
    """(person, workspace, task) of every draft of these people, with the instant it was last saved."""
    rows = conn.execute(sa.select(draft.c.person, draft.c.workspace, draft.c.task, draft.c.saved)
                        .where(draft.c.person.in_(people)))
    return {(r.person, r.workspace, r.task): utc(r.saved) for r in rows}


def drafts_of(conn: sa.Connection, person: str) -> list[tuple[str, str, Draft]]:
    """(workspace, task, draft) of whatever she has begun, oldest first."""
    rows = conn.execute(sa.select(draft).where(draft.c.person == person).order_by(draft.c.started))
    return [(r.workspace, r.task, Draft(r.version, json.loads(r.form), utc(r.started), utc(r.saved), r.active))
            for r in rows]


def _where(workspace: str, task: str, person: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (draft.c.workspace == workspace, draft.c.task == task, draft.c.person == person)
