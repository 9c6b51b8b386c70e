"""Curves of what happens when: cumulative incidence with a competing event, its standard error, and the bootstrap."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import md5
from math import sqrt
from typing import TypeVar

T = TypeVar("T")
TURNS, LOW, HIGH = 200, 5, 196  # 200 turns; the interval runs from the 5th to the 196th of their results
Fate = tuple[int, int]  # days of follow-up; 1 it happened, 2 the competing event came first, 0 censored


def incidence(fates: Sequence[Fate], until: int) -> float:
    """The share to whom it has happened by that day (Aalen and Johansen); on a day, events come before censorings."""
    return _path(fates, until)[1]


def incidence_se(fates: Sequence[Fate], until: int) -> float:
    """Its standard error by the delta method; without censoring, that of a share."""
    steps, total = _path(fates, until)
    variance = 0.0
    for left, share, n, d1, d in steps:
        rest = total - share
        variance += rest**2 * d / (n * (n - d)) if n > d else 0.0
        variance += left**2 * d1 * (n - d1) / n**3 - 2 * rest * left * d1 / n**2
    return sqrt(variance)


def _path(fates: Sequence[Fate], until: int) -> tuple[list[tuple[float, float, int, int, int]], float]:
    """For each day with an event: share left before it, incidence after it, at risk, events, events of any kind."""
    ends = Counter(fates)
    last = Counter(day for day, _ in fates)
    n, left, share, steps = len(fates), 1.0, 0.0, []
    for day in range(until + 1):
        d1 = ends[day, 1]
        d = d1 + ends[day, 2]
        if d:
            share += left * d1 / n
            steps.append((left, share, n, d1, d))
            left *= 1 - d / n
        n -= last[day]
    return steps, share


def bootstrap(one: Sequence[T], none: Sequence[T], measure: Callable[[Sequence[T]], float]) -> tuple[float, float]:
    """95 % about the difference of two groups' measures: people drawn again by the digest that the lab's macros use."""
    found = sorted(measure(a) - measure(b) for a, b in zip(_again(one, ":"), _again(none, "/"), strict=True))
    return found[LOW - 1], found[HIGH - 1]


def _again(people: Sequence[T], salt: str) -> list[list[T]]:
    n = len(people)
    return [[people[k % n] for k in _digests(turn, salt, n)] for turn in range(1, TURNS + 1)]


@cache
def _digests(turn: int, salt: str, places: int) -> array[int]:
    """For each place of a turn, the second half of an MD5 as a number: what `md5_number_lower` gives in the lab."""
    return array("Q", (int.from_bytes(md5(f"{turn}{salt}{i}".encode(), usedforsecurity=False).digest()[8:], "little")
                       for i in range(1, places + 1)))
