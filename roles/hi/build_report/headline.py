"""The headline against her own table: figure = scale × numerator ÷ denominator. And Wilson's interval for a share."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from roles.hi.build_report.definition import Headline, Result
from roles.hi.build_report.running import Frozen
from sandbox.activity import rows_as_multiset


@dataclass(frozen=True)
class Sums:
    """What her own report adds up to."""

    numerator: float
    denominator: float
    figure: float | None  # None when the denominator is zero
    mean: float | None = None  # of the rows' own figures: a common mistake


def sums(table: Frozen, report: Result, headline: Headline) -> Sums | None:
    """The totals of her table, or None where it has no such columns or no numbers in them."""
    rows = None if table.problem else rows_as_multiset(table.columns, table.rows, report.shape)
    if not rows:
        return None
    names = [f.name for f in report.fields]
    totals, parts = [], []
    for part in (headline.numerator, headline.denominator):
        values = [row[names.index(part.field)] for row in rows.elements()]
        numbers = [v for v in values if isinstance(v, int | float)]
        if len(numbers) != len(values):
            return None
        totals.append(sum(numbers))
        parts.append(numbers)
    figure = headline.scale * totals[0] / totals[1] if totals[1] else None
    rates = [headline.scale * up / down for up, down in zip(*parts, strict=True) if down]
    return Sums(totals[0], totals[1], figure, sum(rates) / len(rates) if rates else None)


def agrees(given: float | None, wanted: float | None, digits: int) -> bool:
    """Whether the figure is right to half of its last digit."""
    return given is not None and wanted is not None and abs(given - wanted) <= 0.5 * 10.0**-digits + 1e-9


def wilson(numerator: float, denominator: float, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, without continuity correction), each 0 to 1."""
    p, n = numerator / denominator, denominator
    middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))
