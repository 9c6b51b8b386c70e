"""Where each learner of a class is just now: one row for a person, written over, kept for no later use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from sandbox.db import BINARY, metadata, upsert
from sandbox.people import now, utc

presence_table = sa.Table(
    "presence", metadata,
    sa.Column("person", BINARY, primary_key=True),
    sa.Column("story", BINARY, nullable=False),  # the key of an assigned story, `story@assignment`
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("page", sa.Text, nullable=False),  # what is open: one of PAGES
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),  # came to this task
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),  # last heard of
    sa.Column("checks", sa.Integer, nullable=False),  # pressed Check so often since her work last changed
)
#: What may be open, and how it is said. What belongs to no assignment is not told apart.
PAGES = {"task": "the desk", "chart": "the charts", "lab": "the tables", "attempt": "a result",
         "story": "the story’s page", "encoder": "the encoder", "elsewhere": "another page"}
#: Unchanged, a row is written this seldom: three hundred learners are not three hundred writers.
_OFTEN = timedelta(seconds=40)
_AWAY = timedelta(minutes=10)  # who comes back to the same task after so long begins anew


@dataclass(frozen=True)
class Presence:
    """Where somebody was when she was last heard of; `since`: how long at this task."""

    story: str
    task: str
    page: str
    since: datetime
    at: datetime
    checks: int


def presence(conn: sa.Connection, person: str) -> Presence | None:
    """Where she is, or None where nothing is known."""
    return presences(conn, [person]).get(person)


def presences(conn: sa.Connection, people: Iterable[str]) -> dict[str, Presence]:
    """Where these people are, by one query."""
    rows = conn.execute(sa.select(presence_table).where(presence_table.c.person.in_(list(people))))
    return {r.person: Presence(r.story, r.task, r.page, utc(r.since), utc(r.at), r.checks) for r in rows}


def news(found: Presence | None, story: str, task: str, page: str, checks: int = 0) -> bool:
    """Whether hearing this of her is worth writing."""
    return found is None or (found.story, found.task, found.page, found.checks) != (story, task, page, checks) or (
        now() - found.at > _OFTEN)


def be_at(conn: sa.Connection, person: str, story: str, task: str, page: str = "task", checks: int = 0) -> None:
    """She is at this task of an assigned story, with this page open."""
    moment, before = now(), presence(conn, person)
    stays = before and (before.story, before.task) == (story, task) and moment - before.at < _AWAY
    upsert(conn, presence_table, {
        "person": person, "story": story, "task": task, "page": page if page in PAGES else "elsewhere",
        "since": before.since if before and stays else moment, "at": moment, "checks": max(0, min(checks, 99))},
        ["person"])


def be_stuck(conn: sa.Connection, person: str, story: str, task: str, minutes: int) -> None:
    """An invented learner has been at a task for so long without a change, and stays there (a day from now she has
    gone home)."""
    moment = now()
    upsert(conn, presence_table, {
        "person": person, "story": story, "task": task, "page": "task", "since": moment - timedelta(minutes=minutes),
        "at": moment + timedelta(days=1), "checks": 0}, ["person"])


def hand_over(conn: sa.Connection, old: str) -> None:
    """A guest who became somebody is nowhere any more."""
    conn.execute(presence_table.delete().where(presence_table.c.person == old))
