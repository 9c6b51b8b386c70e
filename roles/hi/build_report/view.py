"""What page.html is given: the request's parts, the menus' offers, and what her own codes did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roles.hi.build_report import menus
from roles.hi.build_report.definition import MARKS, Choice, Shown
from roles.hi.build_report.evidence import Evidence
from roles.hi.build_report.work import PARTS
from sandbox.activity import Task

_MARK_WORDS = {"bar": "Bars", "line": "Line", "point": "Points", "area": "Area", "arc": "Pie"}
_KINDS = {"text": "text", "month": "YYYY-MM", "day": "date", "count": "whole number", "number": "number"}


@dataclass(frozen=True)
class Result:
    """One of the two results for the page: the textarea's name, its title, its columns with their kinds."""

    name: str
    title: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class View:
    """`menus` is None for a report by SQL; `offers` are the menus' choices, `given` what the sentence has already."""

    shown: Shown
    results: tuple[Result, ...] = ()
    marks: tuple[Choice, ...] = ()
    columns: tuple[str, ...] = ()
    offers: Mapping[str, tuple[Choice, ...]] | None = None
    given: Mapping[str, str] | None = None
    level: str = ""
    coded: tuple[str, ...] = ()
    effect: str = ""

    @property
    def sentence(self) -> tuple[str, ...]:
        """The sentence's parts in order."""
        return PARTS


def view(task: Task[Shown], coded: tuple[str, ...]) -> View:
    """The page's view of a task; never the key."""
    shown = task.shown
    if shown.menus:
        effect = menus.effect(Evidence(coded=coded))
        return View(
            shown, offers=menus.offers(), given=shown.menus.given, level=shown.menus.level, coded=coded, effect=effect
        )
    results = tuple(
        Result(f"sql_{name}", result.title, tuple((f.name, _kind(f.kind, f.digits)) for f in result.fields))
        for name, result in (("report", shown.report), ("lines", shown.lines))
        if result
    )
    columns = tuple(f.name for f in shown.report.fields) if shown.report else ()
    return View(shown, results, tuple(Choice(m, _MARK_WORDS[m]) for m in MARKS), columns)


def _kind(kind: str, digits: int) -> str:
    return f"{_KINDS[kind]}, {digits} decimal{'s' if digits != 1 else ''}" if kind == "number" else _KINDS[kind]
