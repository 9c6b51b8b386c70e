"""Whom both quality measures leave out, and whom they only seem to: hospice, palliative care, nursing home, frailty.

`base` makes somebody who is counted, with whatever else is put into her chart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Protocol

from roles.hi.build_report.facts import Fact, Home, Order, Problem
from roles.hi.build_report.practice import Members, Pattern, stay, visit

SEVENTY, SIXTY = date(1955, 6, 20), date(1965, 6, 20)


class Base(Protocol):
    """Makes somebody whom the measure counts."""

    def __call__(self, day: date, n: int, *facts: Fact, born: date = ...) -> Members:
        """With these further facts in her chart."""


def patterns(base: Base) -> Mapping[str, Pattern]:
    """The patterns, by the names that clauses know."""
    found = {
        "hospice": _hospice,
        "no_hospice": _no_hospice,
        "palliative": _palliative,
        "nursing_home": _nursing_home,
        "no_nursing_home": _no_nursing_home,
        "frail_and_ill": _frail_and_ill,
        "frail_or_ill": _frail_or_ill,
    }
    return {name: partial(make, base) for name, make in found.items()}


def frail(day: date, code: str = "Z74.01") -> Fact:
    """A visit at which frailty was coded."""
    return visit(day + timedelta(days=8), code)


def _hospice(base: Base, day: date, n: int) -> Members:
    """A stay that ended in hospice, at home or in a house; an order for it. All out."""
    later = day + timedelta(days=20)
    return (
        *base(day, n, stay(later, "J06.9", disposition="50")),
        *base(day, n, stay(later, "J06.9", disposition="51")),
        *base(day, n, Order(later)),
        *base(day, n, Order(later, "completed")),
    )


def _no_hospice(base: Base, day: date, n: int) -> Members:
    """An order that was taken back, one of 2026, and a stay that ended at home. All in."""
    return (
        *base(day, n, Order(day + timedelta(days=20), "revoked")),
        *base(day, n, Order(date(2026, 2, 9))),
        *base(day, n, stay(day + timedelta(days=20), "J06.9", disposition="06")),
    )


def _palliative(base: Base, day: date, n: int) -> Members:
    return base(day, n, stay(day + timedelta(days=20), "J06.9", "Z51.5"))


def _nursing_home(base: Base, day: date, n: int) -> Members:
    """There since 2023, or moved in within the year: out from 66."""
    return (
        *base(day, n, Home(date(2023, 5, 9)), born=SEVENTY),
        *base(day, n, Home(date(2022, 5, 9), "own-home"), Home(day), born=SEVENTY),
    )


def _no_nursing_home(base: Base, day: date, n: int) -> Members:
    """Home again since; moved in after the year; 60 years old. All in."""
    return (
        *base(day, n, Home(date(2023, 5, 9)), Home(day, "own-home"), born=SEVENTY),
        *base(day, n, Home(date(2026, 1, 20)), born=SEVENTY),
        *base(day, n, Home(date(2023, 5, 9)), born=SIXTY),
    )


def _frail_and_ill(base: Base, day: date, n: int) -> Members:
    alzheimer = Problem("G30.9", date(2024, 3 + n % 6, 6))
    return tuple(m for code in ("Z74.01", "Z99.3") for m in base(day, n, frail(day, code), alzheimer, born=SEVENTY))


def _frail_or_ill(base: Base, day: date, n: int) -> Members:
    """Frail alone, ill alone, ill since 2021, and both at 60. All in."""
    alzheimer = Problem("G30.9", date(2024, 5, 6))
    return (
        *base(day, n, frail(day), born=SEVENTY),
        *base(day, n, alzheimer, born=SEVENTY),
        *base(day, n, frail(day), Problem("G30.9", date(2021, 5, 6)), born=SEVENTY),
        *base(day, n, frail(day), alzheimer, born=SIXTY),
    )
