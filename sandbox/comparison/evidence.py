"""What enters the comparison: first attempts on counted tasks, as counts of findings task by task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.comparison.interval import RHO, Band, effective, twenty, wilson
from sandbox.report import Report
from sandbox.scenario import Competency

ENOUGH_TASKS = 3  # before a band is drawn
ENOUGH_FINDINGS = 8  # … for one competency


@dataclass(frozen=True)
class Tried:
    """One judged attempt as the comparison sees it. `number` 1 is the first try, `seconds` the time at work.

    `kind` is the activity, `level` the author's word for the difficulty (1 to 3); `expected` (0 to 10) and `more`
    (1 to 5) are what she said before she saw the result, None where she skipped it.
    """

    seat: str
    story: str
    task: str
    title: str
    counted: bool
    number: int
    seconds: int
    hints: int
    report: Report
    kind: str = ""
    level: int = 1
    expected: int | None = None
    more: int | None = None
    id: str = ""

    @property
    def enters(self) -> bool:
        """Whether it is evidence: a first attempt on a counted task."""
        return self.counted and self.number == 1


@dataclass(frozen=True)
class Tally:
    """(met, asked) for each task that asked anything. `rho` is how much findings of one task hang together."""

    tasks: tuple[tuple[int, int], ...]
    rho: float = RHO

    @property
    def met(self) -> int:
        """Findings met."""
        return sum(met for met, _ in self.tasks)

    @property
    def asked(self) -> int:
        """Findings asked."""
        return sum(asked for _, asked in self.tasks)

    @property
    def share(self) -> float:
        """Met of asked, from 0 to 1."""
        return self.met / self.asked if self.asked else 0.0

    @property
    def worth(self) -> float:
        """The effective count."""
        return effective((asked for _, asked in self.tasks), self.rho)

    @property
    def band(self) -> Band | None:
        """The 90 % interval; None while the tasks are too few."""
        return wilson(self.share, self.worth) if len(self.tasks) >= ENOUGH_TASKS else None

    @property
    def dots(self) -> tuple[float, ...]:
        """Twenty equally likely shares; empty while the tasks are too few."""
        return twenty(self.share, self.worth) if self.band else ()


@dataclass(frozen=True)
class Count:
    """One competency's findings."""

    competency: Competency
    tally: Tally

    @property
    def met(self) -> int:
        """Findings met."""
        return self.tally.met

    @property
    def asked(self) -> int:
        """Findings asked."""
        return self.tally.asked

    @property
    def band(self) -> Band | None:
        """Its interval, from 3 tasks and 8 findings."""
        return self.tally.band if self.asked >= ENOUGH_FINDINGS else None


def tally(entries: Iterable[Tried], rho: float = RHO, only: frozenset[str] | None = None) -> Tally:
    """What these attempts met of what they asked, of the competencies in `only` if given; a remark counts nothing."""
    rows = []
    for entry in entries:
        found = [f.met for f in entry.report.findings
                 if f.possible > 0 and (only is None or f.competency in only)]
        if found:
            rows.append((sum(found), len(found)))
    return Tally(tuple(rows), rho)
