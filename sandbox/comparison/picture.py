"""Pictures of doubt, as numbers for an SVG: twenty dots in columns five wide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

WIDE = 5


@dataclass(frozen=True)
class DotColumn:
    """`dots` of the twenty fall from `low` to `high` in 100."""

    low: int
    high: int
    dots: int


def columns(dots: Iterable[float]) -> list[DotColumn]:
    """The columns that hold a dot, from the left; 100 belongs to the last."""
    found = Counter(min(int(100 * dot) // WIDE, 100 // WIDE - 1) for dot in dots)
    return [DotColumn(each * WIDE, (each + 1) * WIDE, n) for each, n in sorted(found.items())]
