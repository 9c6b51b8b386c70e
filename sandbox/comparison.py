"""The two seats side by side: functions of reports only. Counts and nothing else; bands come with their own issue.

Wording follows the house's fairness rule: each seat's counts on a line of their own, and never two seats' totals in
one sentence, because the tasks differ.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox.report import Report

APART = "These are different tasks; the two numbers cannot be compared."
_COMPETENCIES = Path(__file__).resolve().parent.parent / "fixtures" / "competencies.toml"


@dataclass(frozen=True)
class Competency:
    """A row of the comparison: `seats` names who asks for it."""

    id: str
    title: str
    about: str
    seats: tuple[str, ...]
    frameworks: tuple[str, ...]


@dataclass(frozen=True)
class Tried:
    """One attempt as the comparison sees it. `seconds` at work; `number` 1 is the first try."""

    seat: str
    story: str
    task: str
    title: str
    counted: bool
    number: int
    seconds: int
    hints: int
    report: Report


@dataclass(frozen=True)
class Count:
    """Criteria met of criteria asked for one competency."""

    competency: Competency
    met: int
    asked: int


@dataclass(frozen=True)
class Side:
    """One seat's column."""

    name: str
    title: str
    tasks: int
    met: int
    asked: int
    sentence: str
    counts: tuple[Count, ...]
    seconds: int
    hints: int
    entries: tuple[Tried, ...]
    practice: tuple[Tried, ...]


@dataclass(frozen=True)
class Comparison:
    """Both columns, what they share, and the one caution that always stands under them."""

    sides: tuple[Side, ...]
    shared: tuple[tuple[Competency, tuple[Count, ...]], ...]
    caution: str


@cache
def competencies() -> Mapping[str, Competency]:
    """All competencies by id, in the order of fixtures/competencies.toml."""
    table = tomllib.loads(_COMPETENCIES.read_text(encoding="utf-8"))
    return {
        id: Competency(id, row["title"], row["about"], tuple(row["seats"]), tuple(row["frameworks"]))
        for id, row in table.items()
    }


def compare(tried: Iterable[Tried], seats: Mapping[str, str]) -> Comparison:
    """First attempts on counted tasks, seat by seat; `seats` maps each seat's name to its title."""
    entries = list(tried)
    sides = tuple(_side(name, title, entries) for name, title in seats.items())
    shared = []
    for competency in competencies().values():
        counts = tuple(_count(side.entries, competency) for side in sides)
        if len(competency.seats) > 1 and any(count.asked for count in counts):
            shared.append((competency, counts))
    return Comparison(sides, tuple(shared), APART)


def sentence(name: str, tasks: int, met: int, asked: int) -> str:
    """ "HIM, 6 tasks: met 41 of 50." """
    if not tasks:
        return f"{name.upper()}: no counted task yet."
    return f"{name.upper()}, {tasks} task{'s' if tasks != 1 else ''}: met {met} of {asked}."


def _side(name: str, title: str, tried: list[Tried]) -> Side:
    mine = [t for t in tried if t.seat == name]
    counted = tuple(t for t in mine if t.counted and t.number == 1)
    practice = tuple(t for t in mine if not (t.counted and t.number == 1))
    met, asked = sum(t.report.met for t in counted), sum(t.report.asked for t in counted)
    counts = [_count(counted, c) for c in competencies().values()]
    return Side(name, title, len(counted), met, asked, sentence(name, len(counted), met, asked),
                tuple(c for c in counts if c.asked), sum(t.seconds for t in counted), sum(t.hints for t in counted),
                counted, practice)


def _count(entries: Iterable[Tried], competency: Competency) -> Count:
    found = [f for t in entries for f in t.report.findings if f.competency == competency.id and f.possible > 0]
    return Count(competency, sum(f.met for f in found), len(found))
