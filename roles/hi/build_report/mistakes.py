"""Naming a mistake, and only when it is sure: all hospitals fit it, it differs from the key on two at least, and no
other single one fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roles.hi.build_report.comparing import Compared, same
from roles.hi.build_report.definition import Key, Mistake
from roles.hi.build_report.forms import Rows
from roles.hi.build_report.running import Outcome, expected_lines, expected_report
from sandbox.activity import TableShape


@dataclass(frozen=True)
class Fit:
    """A known mistake that explains everything; `in_report` and `in_lines` say which result shows it."""

    mistake: Mistake
    in_report: bool
    in_lines: bool
    touched: frozenset[str]  # the patterns whose lines it changes


def fits(key: Key, compared: Sequence[Compared]) -> tuple[Fit, ...]:
    """Every single known mistake that fits all that she gave. Empty when nothing is wrong, or when none explains it."""
    if all(c.report_same and c.lines_same for c in compared):
        return ()
    order = sorted(range(len(compared)), key=lambda n: compared[n].hospital.visible)  # what is kept first
    found = (_fit(key, mistake, [compared[n] for n in order]) for mistake in key.params.mistakes)
    return tuple(f for f in found if f)


def _fit(key: Key, mistake: Mistake, compared: Sequence[Compared]) -> Fit | None:
    """Each result must be the mistake's on every hospital, or the key's on every hospital, or be missing."""
    asked = key.asked
    report, lines = _Trial(asked.report.shape), _Trial(asked.lines.shape)
    touched: set[str] = set()
    for c in compared:
        wrong = expected_lines(c.hospital.lab, key, mistake)
        lines.see(c.mine.lines, wrong, c.lines, c.lines_same)
        if lines.ruled_out:  # most are, by the list of the first hospital: their reports need not be run
            return None
        report.see(c.mine.report, expected_report(c.hospital.lab, key, mistake), c.report, c.report_same)
        if report.ruled_out:
            return None
        changed = {str(row[0]) for row in (wrong - c.lines) + (c.lines - wrong)}
        touched.update(s.pattern for s in c.hospital.seen if changed.intersection(s.encounters))
    if not (report.shows or lines.shows):
        return None
    return Fit(mistake, report.shows, lines.shows, frozenset(touched))


class _Trial:
    """One result against one mistake, hospital by hospital."""

    def __init__(self, shape: TableShape) -> None:
        self.shape = shape
        self.is_mistake = self.is_key = self.missing = True
        self.differs = 0

    def see(self, mine: Outcome, wrong: Rows, right: Rows, is_right: bool) -> None:
        self.missing &= mine.rows is None
        self.is_key &= is_right
        self.is_mistake &= same(mine.rows, wrong, self.shape)
        self.differs += not self.shape.same(wrong, right)

    @property
    def shows(self) -> bool:
        """All hospitals fit, and on two at least it is not the right answer."""
        return self.is_mistake and self.differs >= 2

    @property
    def ruled_out(self) -> bool:
        return not (self.is_mistake or self.is_key or self.missing)
