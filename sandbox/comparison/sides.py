"""The two seats side by side: functions of reports only.

Wording follows the house's fairness rule: each seat's counts on a line of their own, and never two seats' totals in
one sentence, because the tasks differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from sandbox.comparison.evidence import Count, Tally, Tried, tally
from sandbox.comparison.interval import RHO
from sandbox.comparison.paragraph import Paragraph, paragraph
from sandbox.comparison.picture import DotColumn, columns
from sandbox.comparison.saying import between, say, seat_sentence
from sandbox.scenario import competencies


@dataclass(frozen=True)
class Side:
    """One seat's column. `entries` are evidence, `practice` is whatever else she did there."""

    name: str
    title: str
    tally: Tally
    sentence: str
    counts: tuple[Count, ...]
    words: Paragraph | None
    seconds: int
    hints: int
    entries: tuple[Tried, ...]
    practice: tuple[Tried, ...]

    @property
    def tasks(self) -> int:
        """How many counted tasks."""
        return len(self.entries)

    @property
    def columns(self) -> list[DotColumn]:
        """The twenty dots, for the picture; empty while the tasks are too few."""
        return columns(self.tally.dots)

    def asked_of(self, shared: bool) -> list[Count]:
        """The competencies that both seats ask for, or those of this seat alone."""
        return [count for count in self.counts if count.competency.shared is shared]


@dataclass(frozen=True)
class Comparison:
    """Both columns, and what may be said between them: the shared findings speak there, pooled."""

    sides: tuple[Side, ...]
    caution: str
    between: tuple[str, ...]
    rho: float

    @property
    def evidence(self) -> bool:
        """Whether anything counts yet."""
        return any(side.entries for side in self.sides)


def compare(tried: Iterable[Tried], seats: Mapping[str, str], rho: float = RHO) -> Comparison:
    """First attempts on counted tasks, seat by seat; `seats` maps each seat's name to its title."""
    entries = list(tried)
    sides = tuple(_side(name, title, entries, rho) for name, title in seats.items())
    pooled = frozenset(id for id, c in competencies().items() if c.shared)
    shared = [(side.name, tally(side.entries, rho, pooled)) for side in sides]
    sentences = [between(one, other) for one, other in combinations(shared, 2)]
    return Comparison(sides, say("apart"), tuple(dict.fromkeys(sentences)), rho)


def _side(name: str, title: str, tried: list[Tried], rho: float) -> Side:
    mine = [t for t in tried if t.seat == name]
    entries = tuple(t for t in mine if t.enters)
    practice = tuple(t for t in mine if not t.enters)
    counts = [_count(entries, id, rho) for id in competencies()]
    whole = tally(entries, rho)
    return Side(name, title, whole, seat_sentence(name, whole), tuple(c for c in counts if c.asked),
                paragraph(entries), sum(t.seconds for t in entries), sum(t.hints for t in entries), entries, practice)


def _count(entries: Iterable[Tried], id: str, rho: float) -> Count:
    return Count(competencies()[id], tally(entries, rho, frozenset({id})))
