"""Compare me with: my first try, the exemplar, my class. Each is a table of counts, task by task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox.comparison import CLASS, Cohort, Side, Tried, missed, quarters
from sandbox.report import Finding

CHOICES = {"first": "My first try", "exemplar": "The exemplar", "class": "My class"}
_SHOWN = 3  # missed findings of a task


_NONE = {
    "first": "You have not tried a task a second time yet. “Practise again” stands beside each task you submitted; "
             "what counts stays the first try.",
    "exemplar": "The exemplar meets everything that a task checks. It is set beside yours when you have done a task "
                "that counts.",
    "class": "A class is shown from 11 learners up who have done the same task, so that nobody can be guessed. Yours "
             "is not there yet.",
}


@dataclass(frozen=True)
class Row:
    """One task: hers, and the other's (met, asked) or share in 100; `missed`: what an exemplar met and she did not."""

    seat: str
    title: str
    id: str
    met: int
    asked: int
    other_met: int = 0
    other_asked: int = 0
    share: int | None = None
    missed: tuple[Finding, ...] = ()
    more: int = 0  # missed findings beyond those


@dataclass(frozen=True)
class Against:
    """What she is compared with; `empty` says why there is nothing, `middle` the class's middle half seat by seat."""

    name: str
    rows: tuple[Row, ...] = ()
    empty: str = ""
    middle: tuple[tuple[str, int, int], ...] = ()
    course: str = ""


def against(name: str, entries: Sequence[Tried], sides: Iterable[Side],
            classes: Sequence[tuple[str, Cohort]]) -> Against | None:
    """The comparison of this name, or None where none was asked for."""
    counted = [entry for entry in entries if entry.enters]
    if name == "first":
        return _with_first(entries)
    if name == "exemplar":
        return _with_exemplar(counted)
    return _with_class(counted, sides, classes) if name == "class" else None


def _with_first(entries: Sequence[Tried]) -> Against:
    first = {(t.story, t.task): t for t in entries if t.number == 1}
    last = {(t.story, t.task): t for t in entries if t.number > 1}
    rows = tuple(Row(t.seat, t.title, t.id, t.report.met, t.report.asked, first[place].report.met,
                     first[place].report.asked) for place, t in last.items() if place in first)
    return Against("first", rows, "" if rows else _NONE["first"])


def _with_exemplar(counted: Sequence[Tried]) -> Against:
    rows = []
    for entry in counted:
        lost = missed(entry)
        rows.append(Row(entry.seat, entry.title, entry.id, entry.report.met, entry.report.asked, entry.report.asked,
                        entry.report.asked, missed=tuple(lost[:_SHOWN]), more=max(0, len(lost) - _SHOWN)))
    return Against("exemplar", tuple(rows), "" if rows else _NONE["exemplar"])


def _with_class(counted: Sequence[Tried], sides: Iterable[Side], classes: Sequence[tuple[str, Cohort]]) -> Against:
    course, found = max(classes, key=lambda each: sum(map(len, each[1].tallies.values())), default=("", None))
    rows, middle = [], []
    for entry in counted if found else ():
        figures = found.tasks.get((entry.story, entry.task)) if found else None
        if figures and figures.learners >= CLASS:
            rows.append(Row(entry.seat, entry.title, entry.id, entry.report.met, entry.report.asked,
                            share=round(100 * figures.met / figures.asked)))
    for side in sides if found else ():
        half = quarters(found.tallies.get(side.name, {}).values()) if found else None
        if half and side.entries:
            middle.append((side.name, half[0], half[2]))
    return Against("class", tuple(rows), "" if rows else _NONE["class"], tuple(middle), course)
