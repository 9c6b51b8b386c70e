"""Dashboards: saved reports as cards, run again where the record has changed, on paper, and shown to a class."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import orjson
from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox import classroom, people, workspace
from sandbox.errors import BadInput, SqlProblem
from sandbox.lab import Lab
from sandbox.web import house, policy
from sandbox.web.connect import title_of
from sandbox.web.limits import sent_json
from sandbox.web.sql import as_json, as_problem
from sandbox.workspace import dashboard
from sandbox.workspace.dashboard import Look, Saved
from sandbox.workspace.headline import Headline, headline

bp = Blueprint("dashboard", __name__)
ROWS, BYTES = 500, 200_000  # of a result that is kept
SHOWN = 40  # rows of a card's table
PATIENCE = 8.0  # seconds that a page gives to running reports again; the rest is run when it is opened next


@dataclass(frozen=True)
class Card:
    """One saved report as the page shows it. `old`: the record has changed since it ran."""

    report: Saved
    headline: Headline | None
    chart: str  # JSON for chart.js, or ""
    columns: tuple[tuple[str, bool], ...]  # name, and whether it holds numbers
    rows: tuple[tuple[str, ...], ...]  # the first ones, as they are read
    old: bool


@bp.get("/dashboards")
def dashboards() -> str:
    """Her own dashboards, and those that are shown in her classes."""
    person = policy.need_person()
    with house().db.reading() as conn:
        rooms = workspace.of_owner(conn, person.id)
        counts = dashboard.counts(conn, [room.id for room in rooms])
        courses = {c.id: c for c in [*classroom.courses_of(conn, person.id), *classroom.taught_by(conn, person.id)]}
        shown = [(course, _shown(conn, course.id, person.id)) for course in courses.values()]
    own = [(room, title_of(room), counts[room.id]) for room in rooms if room.id in counts]
    return render_template("dashboards.html", own=own, shown=shown)


@bp.get("/dashboard/<ws>")
def show(ws: str) -> str:
    """One dashboard: her own, a learner's of a class she teaches, or one that is shown to a class of hers."""
    with house().db.reading() as conn:
        chart, guest = policy.look_at(conn, ws)
        reports, lab = dashboard.saved(conn, ws), None
        if reports:
            lab = chart.lab
        owner, mine = people.get(conn, chart.info.owner), chart.info.owner == getattr(policy.person(), "id", "")
        courses = classroom.courses_of(conn, chart.info.owner) if mine else []
        shared = dashboard.shared_with(conn, ws)
    fresh = _run_again(reports, lab) if lab else {}
    _note(ws, reports, fresh, lab, guest)
    cards = [_card(fresh.get(report.id, report), lab) for report in reports]
    return render_template("dashboard.html", cards=cards, workspace=chart.info, title=title_of(chart.info), mine=mine,
                           guest=guest, owner=owner, courses=courses, shared=shared, most=dashboard.MOST)


@bp.post("/dashboard/<ws>/save")
def save(ws: str) -> Response:
    """Keep a report: JSON {title, sql, look: {…}} in, {address, again, count, most} or {problem} out."""
    with house().db.reading() as conn:
        chart = policy.enter(conn, ws, "write")
        title, sql, look = _sent()
        lab = chart.lab
    result = _run(lab, sql)
    if "problem" in result:
        return jsonify(problem=result["problem"])
    with house().db.writing() as conn:
        policy.enter(conn, ws, "write").queried(sql)
        before = {each.id for each in dashboard.saved(conn, ws)}
        report = dashboard.save(conn, ws, title, sql, look)
        dashboard.keep(conn, report, lab.name, result)
    return jsonify(address=url_for("dashboard.show", ws=ws, _anchor=report.id), again=report.id in before,
                   count=len(before | {report.id}), most=dashboard.MOST)


@bp.post("/dashboard/<ws>/<report>/remove")
def remove(ws: str, report: str) -> BaseResponse:
    """Take a report away."""
    with house().db.writing() as conn:
        policy.enter(conn, ws, "write")
        title = dashboard.one(conn, ws, report).title
        dashboard.remove(conn, ws, report)
    flash(f"“{title}” is taken off the dashboard.", "good")
    return redirect(url_for("dashboard.show", ws=ws), code=303)


@bp.post("/dashboard/<ws>/share")
def share(ws: str) -> BaseResponse:
    """Show the dashboard to a class of hers, or (`stop`) no longer."""
    chosen = request.form.get("course", "")
    with house().db.writing() as conn:
        info = policy.enter(conn, ws, "write").info
        course = next((c for c in classroom.courses_of(conn, info.owner) if c.id == chosen), None)
        if course is None:
            raise BadInput("You are not in that class.", hint="Join it with its code first.")
        (dashboard.unshare if request.form.get("stop") else dashboard.share)(conn, ws, course.id)
    if request.form.get("stop"):
        flash(f"{course.name} does not see this dashboard any more.", "good")
    else:
        flash(f"{course.name} can see this dashboard now, without its queries.", "good")
    return redirect(url_for("dashboard.show", ws=ws), code=303)


def _sent() -> tuple[str, str, Look]:
    body: Any = sent_json()
    look = body.get("look") if isinstance(body, dict) else None
    if not isinstance(look, dict) or not isinstance(body.get("title"), str) or not isinstance(body.get("sql"), str):
        raise BadInput("A saved report is JSON with `title`, `sql` and `look`.")
    kinds = {"zero": bool, "scale": int | float, "digits": int}
    known = {name: look[name] for name in Look.__dataclass_fields__ if name in look}
    if any(not isinstance(value, kinds.get(name, str)) for name, value in known.items()):
        raise BadInput("A part of the chart or headline has not its own kind of value.")
    return body["title"], body["sql"], Look(**known)


def _run(lab: Lab, sql: str) -> dict[str, Any]:
    """What a report comes to, JSON-able, cut off where it is long; or {problem}."""
    try:
        result = as_json(lab.run(sql, rows=ROWS))
    except SqlProblem as problem:
        return {"problem": as_problem(problem)}
    while len(orjson.dumps(result)) > BYTES:
        result = {**result, "rows": result["rows"][: len(result["rows"]) // 2], "truncated": True}
    return result


def _run_again(reports: list[Saved], lab: Lab) -> dict[str, Saved]:
    """Those whose lab has changed, with what they come to now, as far as there is time."""
    fresh, end = {}, time.monotonic() + PATIENCE
    for report in reports:
        if report.lab != lab.name and time.monotonic() < end:
            result = _run(lab, report.sql)
            if result.get("problem", {}).get("kind") not in ("busy", "broken", "off"):  # not the report's doing
                fresh[report.id] = replace(report, lab=lab.name, ran=people.now(), result=result)
    return fresh


def _note(ws: str, reports: list[Saved], fresh: dict[str, Saved], lab: Lab | None, guest: bool) -> None:
    """Keep what was run; what was asked, and who of a class looked, enters the workspace's trail."""
    if lab is None or not (fresh or guest):
        return
    with house().db.writing(durable=False) as conn:
        chart, _ = policy.look_at(conn, ws)
        if guest:
            chart.exported("The dashboard, seen by a member of a class that it is shown to")
        for report in reports:
            if report.id in fresh:
                chart.queried(report.sql)
                dashboard.keep(conn, report, lab.name, fresh[report.id].result)


def _card(report: Saved, lab: Lab | None) -> Card:
    look, result = report.look, report.result
    columns = result.get("columns", ())
    drawn = look.mark and look.x in columns and look.y in columns and result.get("rows")
    chart = {"mark": look.mark, "x": look.x, "y": look.y, "unit": look.unit, "zero": look.zero, "columns": columns,
             "rows": result.get("rows")}
    numbers = [_numbers([row[n] for row in result["rows"]]) for n in range(len(columns))]
    some = result.get("rows", ())[:SHOWN]
    rows = tuple(tuple(_said(value, places) for value, places in zip(row, numbers, strict=True)) for row in some)
    return Card(report, headline(look, result), orjson.dumps(chart).decode() if drawn else "",
                tuple((name, numbers[n] is not None) for n, name in enumerate(columns)), rows,
                lab is not None and report.lab != lab.name)


def _numbers(values: list[Any]) -> int | None:
    """How many decimals a column of numbers needs, four at most; None where it holds something else."""
    found = [value for value in values if value is not None]
    if not found or any(isinstance(value, bool) or not isinstance(value, int | float) for value in found):
        return None
    return max(len(f"{value:.4f}".rstrip("0").partition(".")[2]) for value in found)


def _said(value: Any, places: int | None) -> str:
    if value is None:
        return "NULL"
    return str(value) if places is None else f"{value:,.{places}f}"


def _shown(conn: Any, course: str, me: str) -> list[tuple[str, str, str, int]]:
    """(workspace, owner's name, its story, how many reports) of the dashboards shown to a class by others in it."""
    members, found = classroom.members(conn, course), []
    rooms = [workspace.info(conn, id) for id in dashboard.shared_in(conn, course)]
    counts = dashboard.counts(conn, [room.id for room in rooms])
    for room in rooms:
        if room.owner in members and room.owner != me and room.id in counts:
            found.append((room.id, people.get(conn, room.owner).name, title_of(room), counts[room.id]))
    return found
