"""The patterns behind complete and delinquent records of 2026: each tests one clause of the request.

A pattern is given the day of discharge and the number of the copy. An analyst looks at a record the day after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

from roles.hi.build_report.gaps import Gap
from roles.hi.build_report.timeline import Attached, Person, Stay, at, later

People = tuple[Person, ...]
Pattern = Callable[[date, int], People]
_CODES = ("I50.9", "E11.65", "I10", "D64.9")


def _gap(day: date, after: int | None, n: int = 0, about: Literal["stay", "document"] = "stay") -> Gap:
    """Found the day after the discharge; done so many days after it, or open."""
    done = None if after is None else at(later(day, after), 15, 40)
    return Gap(at(later(day, 1), 10, 20), done, about, n=n)


def _stay(day: date, *gaps: Attached, **more: object) -> Stay:
    """Three nights, discharged at 11:00."""
    return replace(Stay(at(later(day, -3), 9), at(day, 11), attached=gaps), **more)  # type: ignore[arg-type]


def _one(*stays: Stay) -> People:
    return (Person(stays),)


def _until(day: date, moment: datetime) -> Gap:
    return Gap(at(later(day, 1), 10, 20), moment)


def _several(day: date, *after: int | None) -> Stay:
    """Several gaps of one record."""
    return _stay(day, *(_gap(day, a, n, "document" if n == 1 else "stay") for n, a in enumerate(after)))


def _edge_of_due(_: date, n: int) -> People:
    """30 May has had its thirty days on 30 June; 31 May has them until midnight."""
    last, first = date(2026, 5, 30), date(2026, 5, 31)
    stays = (_stay(last, _gap(last, None)), _stay(last, _gap(last, 5 + n % 4)), _stay(first, _gap(first, None)))
    return tuple(Person((stay,)) for stay in stays)


def _june(_: date, n: int) -> People:
    """Not due: one open, one whole."""
    day = date(2026, 6, 8 + n % 9)
    return (Person((_stay(day, _gap(day, None)),)), Person((_stay(later(day, 3)),)))


def _new_year(_: date, n: int) -> People:
    """31 December at 22:30 is January in UTC and last year's discharge here; 1 January is this year's."""
    before, first = date(2025, 12, 31), date(2026, 1, 1)
    return (
        Person((_stay(before, _gap(before, None), end=at(before, 22, 30)),)),
        Person((_stay(first, _gap(first, 9)),)),
    )


def _month_end(_: date, n: int) -> People:
    """Home at 22:30 on the last day of a month."""
    last = (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31))[n % 3]
    return _one(_stay(last, _gap(last, 12), end=at(last, 22, 30)))


def _admitted_before(day: date, _: int) -> People:
    third = day.replace(day=3)
    return _one(_stay(third, _gap(third, 6), start=at(later(third, -7), 9)))


def _twice(day: date, _: int) -> People:
    """The first record whole, the second with a gap that is still open."""
    first, second = day.replace(day=7), day.replace(day=24)
    return _one(_stay(first, _gap(first, 4)), _stay(second, _gap(second, None)))


def _other_work(day: date, n: int) -> People:
    """A call that nobody made is open work about the stay, and no gap of its record."""
    return _one(_stay(day, replace(_gap(day, None), kind=("discharge-call", "coding")[n % 2])))


def _withdrawn(day: date, _: int) -> People:
    return _one(_stay(day, replace(_gap(day, None), withdrawn=True)))


def _still_here(_: date, n: int) -> People:
    return _one(_stay(date(2026, 4, 20 + n % 5), end=None, status="in-progress"))


def _kind(kind: str) -> Pattern:
    return lambda d, n: _one(_stay(d, _gap(d, None), kind=kind, start=at(d, 1)))


PATTERNS: Mapping[str, Pattern] = {
    "plain_whole": lambda d, n: _one(_stay(d, codes=_CODES[: 2 + n % 3])),
    "plain_mended": lambda d, n: _one(_stay(d, _gap(d, 3 + n % 9), codes=_CODES[: 2 + n % 3])),
    "observation_night": _kind("OBSENC"),
    "emergency_visit": _kind("EMER"),
    "acute_class": lambda d, n: _one(_stay(d, _gap(d, None), kind="ACUTE")),
    "still_here": _still_here,
    "cancelled_stay": lambda d, n: _one(_stay(d, status="cancelled")),
    "edge_of_due": _edge_of_due,
    "june": _june,
    "new_year": _new_year,
    "month_end_evening": _month_end,
    "admitted_before": _admitted_before,
    "open_gap": lambda d, n: _one(_stay(d, _gap(d, None))),
    "document_mended": lambda d, n: _one(_stay(d, _gap(d, 8 + n % 7, 0, "document"))),
    "document_open": lambda d, n: _one(_stay(d, _gap(d, None, 0, "document"))),
    "late": lambda d, n: _one(_stay(d, _gap(d, 34 + n % 11))),
    "day_30_evening": lambda d, n: _one(_stay(d, _until(d, at(later(d, 30), 23, 30)))),
    "day_30_morning": lambda d, n: _one(_stay(d, _until(d, at(later(d, 30), 9, 10)))),
    "day_31_morning": lambda d, n: _one(_stay(d, _until(d, at(later(d, 31), 7, 45)))),
    "three_gaps": lambda d, n: _one(_several(d, 4, 11, 19 + n % 6)),
    "one_of_three_open": lambda d, n: _one(_several(d, 5, None, 9 + n % 4)),
    "withdrawn_gap": _withdrawn,
    "other_work": _other_work,
    "many_diagnoses": lambda d, n: _one(_stay(d, _gap(d, 7), codes=_CODES)),
    "two_stays": _twice,
    "died": lambda d, n: (Person((_stay(d, _gap(d, None), disposition="20"),), died=at(d, 11)),),
}


def day_of(n: int, spread: int) -> date:
    """The discharge of a pattern's n-th copy: the 10th to the 20th of January to April 2026."""
    return date(2026, 1 + (n + spread) % 4, 10) + timedelta(days=(n * 3 + spread) % 11)
