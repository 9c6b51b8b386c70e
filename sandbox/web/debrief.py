"""The debrief's page: findings in groups, points by axis, and the way on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for

from sandbox import attempts, classroom, people, workspace
from sandbox.errors import NotFound
from sandbox.people import Person
from sandbox.report import Finding, Report
from sandbox.web import again, house, sampling
from sandbox.web.whose import banner_of

_GROUPS = (("right", "Right", "right"), ("helped", "With help", "with help"), ("missed", "Missed", "missed"),
           ("unsupported", "Not supported", "not supported"), ("next", "Next time", "for next time"))
#: Findings of a group before the rest is folded.
_SHOWN = {"right": 5, "helped": 5, "missed": 8, "unsupported": 8, "next": 8}


@dataclass(frozen=True)
class Axis:
    """One row of the score: points and criteria."""

    name: str
    earned: float
    possible: float
    met: int
    asked: int

    @property
    def share(self) -> int:
        """Points earned in 100."""
        return round(100 * self.earned / self.possible) if self.possible else 0


@dataclass(frozen=True)
class Group:
    """Findings under one heading; `folded` stand behind one line. `words` follow a count: "27 more right"."""

    name: str
    title: str
    words: str
    shown: tuple[Finding, ...]
    folded: tuple[Finding, ...]

    @property
    def size(self) -> int:
        """How many findings there are in all."""
        return len(self.shown) + len(self.folded)


def debrief_page(conn: Any, attempt: attempts.Attempt, reader: Person) -> str:
    """The page for an attempt, as its learner or her instructor reads it."""
    brief = house().scenarios.brief(attempt.story, attempt.task)
    key = f"{attempt.story}@{attempt.assignment}" if attempt.assignment else attempt.story
    given = classroom.assignment(conn, attempt.assignment) if attempt.assignment else None
    course = _class_of(conn, given) if given else None
    report, room = attempt.report, workspace.info(conn, attempt.workspace)
    return render_template(
        "debrief.html", attempt=attempt, task=brief, story=house().scenarios[attempt.story], key=key, report=report,
        axes=axes(report) if report else [], groups=groups(report) if report else [],
        learner=people.get(conn, attempt.person), own=attempt.person == reader.id,
        course=course, tour=sampling.tour_of(conn, course) if course and attempt.person != reader.id else {},
        workspace=room, **banner_of(conn, room, report), **again.beside(conn, attempt, reader),
        **_onward(conn, attempt, given),
        practise_url=url_for("desk.desk", key=key, name=attempt.task))


def _class_of(conn: Any, given: classroom.Assignment) -> classroom.Course | None:
    """The class of an assignment; None where it was deleted: what a learner did for it stays hers."""
    try:
        return classroom.course(conn, given.course)
    except NotFound:
        return None


def axes(report: Report) -> list[Axis]:
    """Points and criteria by axis, in the order the report shows them."""
    names = report.axes or tuple(dict.fromkeys(f.axis for f in report.findings))
    rows = []
    for name in names:
        found = [f for f in report.findings if f.axis == name and f.possible > 0]
        rows.append(Axis(name, sum(f.earned for f in found), sum(f.possible for f in found),
                         sum(f.met for f in found), len(found)))
    return rows


def groups(report: Report) -> list[Group]:
    """The findings in the debrief's order, right · missed · not supported · next time; empty groups left out.

    Of a long group the findings that weigh most stand open to the eye, in the report's order; the rest is folded.
    """
    return [_group(name, title, words, found) for name, title, words in _GROUPS
            if (found := [f for f in report.findings if f.group == name])]


def _group(name: str, title: str, words: str, found: list[Finding]) -> Group:
    room = _SHOWN[name]
    if len(found) <= room + 1:  # a fold for one line would hide more than it saves
        return Group(name, title, words, tuple(found), ())
    first = {f.criterion for f in sorted(found, key=_weight)[:room]}
    return Group(name, title, words, tuple(f for f in found if f.criterion in first),
                 tuple(f for f in found if f.criterion not in first))


def _weight(finding: Finding) -> tuple[bool, float]:
    """What sorts first weighs most: a known mistake, then points; evidence to look at adds two."""
    points = max(finding.earned, finding.possible - finding.earned)
    return not finding.mistake, -(points + (2.0 if finding.evidence else 0.0))


def _onward(conn: Any, attempt: attempts.Attempt, given: classroom.Assignment | None) -> dict[str, Any]:
    """The next task and its desk: of her story, or of what her class was given, in her order; then the comparison."""
    library = house().scenarios
    tasks = (classroom.way(conn, library, given, attempt.person) if given else
             [(attempt.story, task) for task in library[attempt.story].tasks])
    names = [task.name for _, task in tasks]
    after = names.index(attempt.task) + 1 if attempt.task in names else len(tasks)
    key, task = tasks[after] if after < len(tasks) else ("", None)
    return {"next_task": task, "next_url": url_for("desk.desk", key=key, name=task.name) if task else
            url_for("compare.compare")}
