"""What is true of a question: the answer, its figure by each method that suits, and what other readings would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from sandbox.activity import Figure


@dataclass(frozen=True)
class Reading:
    """A way to read the data that is not the one asked: what it gives as figure and as denominator."""

    name: str
    figure: float
    denominator: float | None = None  # None: that of the right answer


@dataclass(frozen=True)
class Estimate:
    """A figure with the two ends of its 95 % interval, by one method."""

    figure: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What is right. `estimates` has one entry for each method that suits, the house's own first.

    `relative` is the share by which an adjusted figure may differ (0: to half of its last digit). `signal` is the month
    in which a chart first speaks, "none" where it does not, "" where the question has no chart.
    """

    verdict: str
    denominator: float
    estimates: Mapping[str, Estimate]
    readings: tuple[Reading, ...]
    sums: str  # how the figure comes about, in a sentence
    rates: tuple[Figure, ...]  # beside the score
    bounds: tuple[float, float] | None = None  # how far missing values can move the figure, where that is asked
    near: float = 0.0  # what two right roads to figure and bounds may differ by
    relative: float = 0.0
    signal: str = ""
    months: tuple[str, ...] = ()  # offers of the signal
    forms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # further fields of "right", or of a mistake

    @property
    def points(self) -> tuple[float, float]:
        """What the figure is worth, and what is concluded from it."""
        return (15.0 if self.signal or self.bounds else 25.0), 10.0

    @property
    def house(self) -> str:
        """The method that the figure is told by, where hers is none that suits."""
        return next(iter(self.estimates))

    def by(self, method: str) -> Estimate:
        """The estimate by the method that she names, or by the house's."""
        return self.estimates.get(method, self.estimates[self.house])

    def interval(self, method: str) -> tuple[float, float]:
        """The two ends by one of the methods that suit."""
        return self.by(method).low, self.by(method).high

    def room(self, wanted: float, digits: int) -> float:
        """How far a figure may lie from `wanted`."""
        return float(max(0.5 * 10.0**-digits, self.near, self.relative * abs(wanted))) + 1e-9


def apart(readings: Sequence[Reading], right: float, room: float, between: float | None = None) -> bool:
    """Whether each reading can be told from the right figure, and from every other that shares its denominator.

    `between` is how far two readings must lie apart, where that is less than `room`: an adjusted figure has more of it.
    """
    own = room if between is None else between
    return (all(abs(each.figure - right) >= room for each in readings)
            and not any(abs(a.figure - b.figure) < own and a.denominator == b.denominator
                        for a, b in combinations(readings, 2)))
