"""Saved reports: a query with its chart and headline, kept beside the workspace whose tables it reads.

A saved report is hers as a draft is: she may write over it and take it away. What it came to last is kept with it under
the name of the lab that it was run on, so that whoever looks knows whether the record has changed since. She may show
all of a workspace's saved reports to a class; who that lets in, the edge decides.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from sandbox.db import BINARY, alone, metadata, upsert
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.people import now, utc, visible

saved_report = sa.Table(
    "saved_report", metadata,
    sa.Column("id", BINARY, primary_key=True),
    sa.Column("workspace", BINARY, nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("sql", sa.Text, nullable=False),
    sa.Column("look", sa.Text, nullable=False),  # JSON of Look
    sa.Column("saved", sa.DateTime(timezone=True), nullable=False),
    sa.Column("lab", sa.Text, nullable=False),  # the name of the lab that `result` comes from; "" before the first run
    sa.Column("ran", sa.DateTime(timezone=True)),
    sa.Column("result", sa.Text, nullable=False),  # JSON: columns, types, rows, truncated; or problem
)
dashboard_share = sa.Table(
    "dashboard_share", metadata,
    sa.Column("workspace", BINARY, primary_key=True),
    sa.Column("course", BINARY, primary_key=True, index=True),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
)

MOST = 24  # saved reports of a workspace
LONGEST = {"title": 120, "sql": 20_000, "note": 2_000}
MARKS = ("", "bar", "line", "point", "area", "arc")


@dataclass(frozen=True)
class Look:
    """How a report is shown: the chart (`x`, `y` are columns of its own table), and the headline above it.

    The headline is `scale` × the sum of column `numerator` ÷ the sum of `denominator`, to `digits`; the sum alone where
    there is no denominator, nothing where there is no numerator.
    """

    mark: str = ""
    x: str = ""
    y: str = ""
    unit: str = ""
    zero: bool = True
    label: str = ""
    numerator: str = ""
    denominator: str = ""
    scale: float = 1.0
    digits: int = 1
    note: str = ""


@dataclass(frozen=True)
class Saved:
    """One saved report. `result` is JSON-able: what it came to when it ran on `lab`, at the real instant `ran`."""

    id: str
    workspace: str
    title: str
    sql: str
    look: Look
    saved: datetime
    lab: str
    ran: datetime | None
    result: dict[str, Any]


def save(conn: sa.Connection, workspace: str, title: str, sql: str, look: Look) -> Saved:
    """Keep a report; one of the same title is written over. BadInput for what cannot be kept, Conflict when full."""
    title = visible(title)
    _check(title, sql, look)
    alone(conn, f"saved reports of {workspace}")
    old = conn.execute(sa.select(saved_report.c.id).where(
        saved_report.c.workspace == workspace, saved_report.c.title == title)).scalar()
    count = conn.execute(sa.select(sa.func.count()).where(saved_report.c.workspace == workspace)).scalar_one()
    if old is None and count >= MOST:
        raise Conflict(f"This dashboard holds {MOST} reports and is full.", hint="Take one away, then save this one.")
    id = old or f"r-{secrets.token_hex(8)}"
    values = {"id": id, "workspace": workspace, "title": title, "sql": sql, "saved": now(), "lab": "", "ran": None,
              "look": orjson.dumps({each.name: getattr(look, each.name) for each in fields(look)}).decode(),
              "result": "{}"}
    upsert(conn, saved_report, values, ["id"])
    return one(conn, workspace, id)


def saved(conn: sa.Connection, workspace: str) -> list[Saved]:
    """A workspace's saved reports, the one saved last at the end."""
    rows = conn.execute(sa.select(saved_report).where(saved_report.c.workspace == workspace)
                        .order_by(saved_report.c.saved, saved_report.c.id))
    return [_saved(row) for row in rows]


def counts(conn: sa.Connection, workspaces: list[str]) -> dict[str, int]:
    """How many reports each of these has saved; those with none are left out."""
    rows = conn.execute(sa.select(saved_report.c.workspace, sa.func.count())
                        .where(saved_report.c.workspace.in_(workspaces)).group_by(saved_report.c.workspace))
    return {row[0]: row[1] for row in rows}


def one(conn: sa.Connection, workspace: str, id: str) -> Saved:
    """One saved report of this workspace; NotFound."""
    row = conn.execute(sa.select(saved_report).where(
        saved_report.c.id == id, saved_report.c.workspace == workspace)).first()
    if row is None:
        raise NotFound("There is no such report on this dashboard.")
    return _saved(row)


def keep(conn: sa.Connection, report: Saved, lab: str, result: dict[str, Any]) -> None:
    """Note what a report came to on a lab. One that was saved anew meanwhile keeps its own."""
    conn.execute(saved_report.update().where(
        saved_report.c.id == report.id, saved_report.c.sql == report.sql,
    ).values(lab=lab, ran=now(), result=orjson.dumps(result).decode()))


def remove(conn: sa.Connection, workspace: str, id: str) -> None:
    """Take a report away; NotFound where it is not on this dashboard."""
    one(conn, workspace, id)
    conn.execute(saved_report.delete().where(saved_report.c.id == id))


def share(conn: sa.Connection, workspace: str, course: str) -> None:
    """Show this dashboard to a class."""
    upsert(conn, dashboard_share, {"workspace": workspace, "course": course, "since": now()}, ["workspace", "course"])


def unshare(conn: sa.Connection, workspace: str, course: str) -> None:
    """Show it to that class no longer."""
    conn.execute(dashboard_share.delete().where(
        dashboard_share.c.workspace == workspace, dashboard_share.c.course == course))


def shared_with(conn: sa.Connection, workspace: str) -> set[str]:
    """The classes that this dashboard is shown to."""
    return set(conn.execute(sa.select(dashboard_share.c.course).where(
        dashboard_share.c.workspace == workspace)).scalars())


def shared_in(conn: sa.Connection, course: str) -> list[str]:
    """The workspaces whose dashboards are shown to a class, the first shown first."""
    return list(conn.execute(sa.select(dashboard_share.c.workspace).where(dashboard_share.c.course == course)
                             .order_by(dashboard_share.c.since, dashboard_share.c.workspace)).scalars())


def _check(title: str, sql: str, look: Look) -> None:
    if not title:
        raise BadInput("A saved report needs a title.", hint="Say what it shows: “Average stay by service, May”.")
    for name, text in (("title", title), ("sql", sql), ("note", look.note)):
        if len(text) > LONGEST[name]:
            raise BadInput(f"The {name} is longer than {LONGEST[name]:,} characters.", hint="Shorten it.")
    if any(len(text) > 200 for text in (look.x, look.y, look.unit, look.label, look.numerator, look.denominator)):
        raise BadInput("A name of the chart or headline is longer than 200 characters.", hint="Shorten it.")
    if look.mark not in MARKS or not 0 <= look.digits <= 4 or not 0 < look.scale <= 1_000_000:
        raise BadInput("This chart or headline cannot be kept.", hint="Choose its mark, scale and digits again.")


def _saved(row: Any) -> Saved:
    return Saved(row.id, row.workspace, row.title, row.sql, Look(**orjson.loads(row.look)), utc(row.saved), row.lab,
                 utc(row.ran) if row.ran else None, orjson.loads(row.result))
