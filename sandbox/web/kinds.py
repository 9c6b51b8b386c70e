"""What the two jobs are made of: kinds of work tried, n of m, and one page for each job."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from flask import Blueprint, render_template

from sandbox.errors import NotFound
from sandbox.web import house, policy
from sandbox.web.standing import record

bp = Blueprint("kinds", __name__)


@dataclass(frozen=True)
class Duty:
    """A kind of work, from fixtures/duties.toml: `seat` is him, hi or both; `activities` are where it is done here."""

    id: str
    seat: str
    title: str
    about: str
    activities: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """A duty, with how often this person did it and where it can be tried."""

    duty: Duty
    times: int
    tasks: tuple[tuple[Any, Any], ...]  # (story, task) pairs that let her try it


@cache
def duties() -> tuple[Duty, ...]:
    """All duties, in order."""
    table = tomllib.loads((files("fixtures") / "duties.toml").read_text(encoding="utf-8"))
    return tuple(Duty(id, d["seat"], d["title"], d["about"], tuple(d["activities"])) for id, d in table.items())


@cache
def jobs() -> dict[str, dict[str, Any]]:
    """The job pages' content by seat, from fixtures/jobs/*.toml."""
    folder = files("fixtures") / "jobs"
    return {p.name.removesuffix(".toml"): tomllib.loads(p.read_text(encoding="utf-8"))
            for p in sorted(folder.iterdir(), key=lambda p: p.name) if p.name.endswith(".toml")}


def kinds_of(done: Iterable[tuple[str, str]]) -> list[Kind]:
    """Every duty with its count; `done` are (story, task) of submitted attempts."""
    activities = [house().scenarios.brief(s, t).activity for s, t in done
                  if s in house().scenarios and house().scenarios[s].task(t)]
    return [Kind(duty, sum(_is(duty, a) for a in activities), _tasks(duty)) for duty in duties()]


def tried(done: Iterable[tuple[str, str]]) -> tuple[int, int]:
    """(n, m): how many kinds of work were tried, of how many there are."""
    found = kinds_of(done)
    return sum(k.times > 0 for k in found), len(found)


@bp.get("/kinds")
def kinds() -> str:
    """Kinds of work tried: n of m."""
    with house().db.reading() as conn:
        done = [(a.story, a.task) for a in record(conn, policy.person()).attempts]
    return render_template("kinds.html", kinds=kinds_of(done), tried=tried(done))


@bp.get("/jobs/<seat>")
def job(seat: str) -> str:
    """One job: a day in it, programming or not, usual schooling, skills that transfer."""
    if seat not in jobs():
        raise NotFound("There is no page for that job.", hint="There is one for HIM and one for HI.")
    return render_template("job.html", job=jobs()[seat], others=[j for s, j in jobs().items() if s != seat])


def _is(duty: Duty, activity: str) -> bool:
    seat, _, name = activity.partition(".")
    chair = house().seats.get(seat)
    claims = getattr(chair.activities.get(name), "duties", ()) if chair else ()
    return activity in duty.activities or duty.id in claims


def _tasks(duty: Duty) -> tuple[tuple[Any, Any], ...]:
    return tuple((s, t) for s in house().scenarios.values() for t in s.tasks if _is(duty, t.activity))
