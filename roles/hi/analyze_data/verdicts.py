"""What Policy EQ-01 makes of a difference by language: it has an interval, and bounds for what is not known."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

WORTH = 10.0  # percentage points: from here on, the committee acts
_CLEAR = 0.8  # an answer stands at least so far inside its rule, whichever right road led there


def answer(interval: tuple[float, float], bounds: tuple[float, float], worse: int, inside: float = 0.0) -> str:
    """ "worse", "no-difference" or "cannot-tell". `worse` is the sign of a difference that is one; `inside` the points
    by which the ends must lie within the rule ("" where they do not)."""
    ends = [worse * end for end in chain(interval, bounds)]
    if min(ends) > inside:
        return "worse"
    if max(map(abs, ends)) < WORTH - inside:
        return "no-difference"
    crossed = min(ends) < -inside and max(ends) > WORTH + inside
    return "cannot-tell" if crossed or inside == 0 else ""


def clear(intervals: Iterable[tuple[float, float]], bounds: tuple[float, float], worse: int, wanted: str) -> bool:
    """Whether each interval that suits leads to the wanted answer, with some way to go to the next.

    "Cannot tell" is clear where the interval alone would say "worse": what was never written down is what undoes it.
    """
    found = list(intervals)
    if wanted == "cannot-tell" and min(worse * end for each in found for end in each) < _CLEAR / 2:
        return False
    return all(answer(each, bounds, worse, _CLEAR) == wanted for each in found)
