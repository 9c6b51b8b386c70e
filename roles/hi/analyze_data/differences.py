"""Differences of two shares with their 95 % intervals, over strata in which like is compared with like.

All in percentage points: 100 times a share. `1` is the group that is studied, `0` the one it is set beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from roles.hi.analyze_data.intervals import Z
from roles.hi.analyze_data.truth import Estimate


@dataclass(frozen=True)
class Stratum:
    """Events and people in the two groups of one stratum."""

    k1: int
    n1: int
    k0: int
    n0: int

    @property
    def n(self) -> int:
        """All people of the stratum."""
        return self.n1 + self.n0

    @property
    def difference(self) -> float:
        """The one share less the other, in points."""
        return 100 * (self.k1 / self.n1 - self.k0 / self.n0)


def counted(people: Iterable[tuple[str, bool, bool]]) -> list[Stratum]:
    """Strata from (stratum, studied, event), by name; those in which one group is empty tell nothing and stay out."""
    cells: dict[str, list[int]] = {}
    for name, studied, event in people:
        cell = cells.setdefault(name, [0, 0, 0, 0])
        cell[1 if studied else 3] += 1
        cell[0 if studied else 2] += event
    return [Stratum(*cells[name]) for name in sorted(cells) if cells[name][1] and cells[name][3]]


def pooled(strata: Sequence[Stratum]) -> Stratum:
    """All strata thrown together."""
    return Stratum(*(sum(getattr(s, part) for s in strata) for part in ("k1", "n1", "k0", "n0")))


def mantel_haenszel(strata: Sequence[Stratum]) -> Estimate:
    """Mantel and Haenszel's difference, weights n1 n0 / n, with the variance of Greenland and Robins (1985)."""
    weights = [s.n1 * s.n0 / s.n for s in strata]
    middle = sum(w * s.difference for w, s in zip(weights, strata, strict=True)) / sum(weights)
    spread = sum((s.k1 * (s.n1 - s.k1) * s.n0**3 + s.k0 * (s.n0 - s.k0) * s.n1**3) / (s.n1 * s.n0 * s.n**2)
                 for s in strata)
    return _about(middle, 100 * sqrt(spread) / sum(weights))


def standardised(strata: Sequence[Stratum], weight: Callable[[Stratum], int] = lambda s: s.n) -> Estimate:
    """Direct standardisation: each stratum's difference, weighted as in the standard population; binomial variance."""
    total = sum(weight(s) for s in strata)
    middle = sum(weight(s) * s.difference for s in strata) / total
    spread = sum((weight(s) / total) ** 2 * (_binomial(s.k1, s.n1) + _binomial(s.k0, s.n0)) for s in strata)
    return _about(middle, 100 * sqrt(spread))


def newcombe(s: Stratum) -> Estimate:
    """Newcombe's interval of a crude difference (method 10), from the two Wilson intervals."""
    (a, b), (c, d) = wilson(s.k1, s.n1), wilson(s.k0, s.n0)
    p1, p0, middle = s.k1 / s.n1, s.k0 / s.n0, s.difference / 100
    return Estimate(100 * middle, 100 * (middle - sqrt((p1 - a) ** 2 + (d - p0) ** 2)),
                    100 * (middle + sqrt((b - p1) ** 2 + (p0 - c) ** 2)))


def wilson(k: int, n: int) -> tuple[float, float]:
    """Wilson's score interval of a share, without continuity correction."""
    p, z2 = k / n, Z * Z
    half = Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (p + z2 / (2 * n) - half) / (1 + z2 / n), (p + z2 / (2 * n) + half) / (1 + z2 / n)


def _binomial(k: int, n: int) -> float:
    return k / n * (1 - k / n) / n


def _about(middle: float, error: float) -> Estimate:
    return Estimate(middle, middle - Z * error, middle + Z * error)
