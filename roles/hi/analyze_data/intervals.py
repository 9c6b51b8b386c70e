"""Intervals of 95 % about a ratio of two rates of rare events: on the logarithm, and exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma, log, sqrt

Z = 1.959964


@dataclass(frozen=True)
class Counts:
    """Events and time at risk in the period that is studied (`1`) and in the one it is set beside (`0`)."""

    k1: float
    n1: float
    k0: float
    n0: float

    @property
    def ratio(self) -> float:
        """The one rate divided by the other."""
        return (self.k1 / self.n1) / (self.k0 / self.n0)


def by_log(c: Counts) -> tuple[float, float]:
    """Normal on the logarithm of the ratio, variance 1/k1 + 1/k0 (both counts Poisson)."""
    spread = exp(Z * sqrt(1 / c.k1 + 1 / c.k0))
    return c.ratio / spread, c.ratio * spread


def exact(c: Counts) -> tuple[float, float]:
    """Exact: given all events, those of the studied period are binomial; Clopper and Pearson's limits of that share."""
    k, n = round(c.k1), round(c.k1 + c.k0)
    low = _where(lambda p: 1 - _at_most(k - 1, n, p), 0.025)
    high = _where(lambda p: 1 - _at_most(k, n, p), 0.975)
    return low / (1 - low) * c.n0 / c.n1, high / (1 - high) * c.n0 / c.n1


def _where(rising: Callable[[float], float], level: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < level else (low, middle)
    return (low + high) / 2


def _at_most(k: int, n: int, p: float) -> float:
    """The chance of at most k of n."""
    if k < 0 or not 0 < p < 1:
        return 0.0 if k < 0 else float(p <= 0 or k >= n)
    whole = lgamma(n + 1)
    return sum(exp(whole - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) + (n - i) * log(1 - p)) for i in range(k + 1))
