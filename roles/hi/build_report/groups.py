"""The patterns behind the case-mix index of fiscal year 2026: each tests one clause of the request.

A pattern is given the day of discharge and the number of the copy. Unless it is about that, a stay is admitted and
billed in the month of its discharge, so that nothing but what is meant moves between months.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from roles.hi.build_report.billing import Bill
from roles.hi.build_report.timeline import Person, Stay, at, later

People = tuple[Person, ...]
Pattern = Callable[[date, int], People]
_GROUPS = ("291", "194", "470", "872", "392", "690")  # weights 0.8 to 1.9
_CODES = ("I50.9", "E11.65", "I10", "D64.9")


def _billed(day: date, group: str, after: int = 4, n: int = 0) -> Bill:
    return Bill(group, at(later(day, after), 15, 20), n=n)


def _stay(day: date, n: int, group: str | None = None, hour: int = 11, **more: object) -> Stay:
    """Three nights, discharged on `day` and billed four days later; `group` "" means no bill."""
    group = _GROUPS[n % 6] if group is None else group
    bills = (_billed(day, group),) if group else ()
    return replace(Stay(at(later(day, -3), 9), at(day, hour), attached=bills), **more)  # type: ignore[arg-type]


def _one(*stays: Stay) -> People:
    return (Person(stays),)


def _rebilled(day: date, n: int) -> People:
    """Billed as 194, taken back, billed again as 871."""
    bills = (replace(_billed(day, "194", 2), status="cancelled"), _billed(day, "871", 5, 1))
    return _one(_stay(day, n, attached=bills))


def _beside(day: date, n: int) -> People:
    """The hospital's bill, and a physician's bill for the same stay, which has no group."""
    professional = Bill("", at(later(day, 3), 10), kind="professional", n=1)
    return _one(_stay(day, n, attached=(_billed(day, "291"), professional)))


def _year_edge(_: date, n: int) -> People:
    """Home at 22:30 on 30 September, which is October in UTC and last year's stay here; and home on 1 October."""
    last, first = date(2025, 9, 30), date(2025, 10, 1)
    return (
        Person((_stay(last, n, "470", end=at(last, 22, 30)),)),
        Person((_stay(first, n, "291", start=at(date(2025, 9, 27), 9)),)),
    )


def _month_end(_: date, n: int) -> People:
    """Home at 22:30 on the last day of a month: the next month in UTC."""
    last = (date(2026, 1, 31), date(2026, 3, 31), date(2026, 4, 30))[n % 3]
    return _one(_stay(last, n, "872", end=at(last, 22, 30), attached=(_billed(last, "872", 0),)))


def _admitted_before(day: date, n: int) -> People:
    """In during one month, out on the third day of the next."""
    third = day.replace(day=3)
    return _one(_stay(third, n, "291", start=at(later(third, -8), 9)))


def _billed_after(day: date, n: int) -> People:
    """Out on the 25th, billed twelve days later."""
    late = day.replace(day=25)
    return _one(_stay(late, n, "690", attached=(_billed(late, "690", 12),)))


def _observation(day: date, n: int) -> People:
    return _one(_stay(day, n, kind="OBSENC", start=at(later(day, -1), 9), attached=(_billed(day, ""),)))


def _emergency(day: date, n: int) -> People:
    return _one(_stay(day, n, kind="EMER", start=at(day, 6), attached=(_billed(day, ""),)))


def _autumn(day: date, n: int) -> People:
    """October to December 2025: fiscal year 2026 already, and calendar year 2025 still."""
    return _one(_stay(date(2025, 10 + n % 3, 8 + day.day % 14), n, ("470", "291", "871")[n % 3]))


def _twice(day: date, n: int) -> People:
    """Two stays of one person in one month."""
    first = _stay(later(day.replace(day=24), -12), n, "291")
    return _one(first, _stay(day.replace(day=24), n, "194"))


def _same_group(day: date, n: int) -> People:
    """Two people of one group in one month: both weigh."""
    return tuple(Person((_stay(later(day, -k), n, "470"),)) for k in range(2))


def _still_here(day: date, n: int) -> People:
    return _one(_stay(day, n, "", end=None, status="in-progress", start=at(date(2026, 6, 22 + n % 6), 9)))


def _recent(_: date, n: int) -> People:
    """Out in the last days of June: nobody has coded it yet."""
    return _one(_stay(date(2026, 6, 26 + n % 4), n, ""))


def _newborn(day: date, n: int) -> People:
    baby = _stay(day, n, "795", start=at(later(day, -2), 9), codes=("Z38.00",))
    return (Person((baby,), born=later(day, -2)),)


def _died(day: date, n: int) -> People:
    return (Person((_stay(day, n, "871", disposition="20"),), died=at(day, 11)),)


PATTERNS: Mapping[str, Pattern] = {
    "plain": lambda d, n: _one(_stay(d, n, codes=_CODES[: 2 + n % 3])),
    "observation_night": _observation,
    "emergency_visit": _emergency,
    "acute_class": lambda d, n: _one(_stay(d, n, "470", kind="ACUTE")),
    "still_here": _still_here,
    "cancelled_stay": lambda d, n: _one(_stay(d, n, "", status="cancelled")),
    "admitted_before": _admitted_before,
    "billed_after": _billed_after,
    "month_end_evening": _month_end,
    "year_edge": _year_edge,
    "autumn": _autumn,
    "rebilled": _rebilled,
    "taken_back": lambda d, n: _one(_stay(d, n, attached=(replace(_billed(d, "194"), status="cancelled"),))),
    "physicians_bill": _beside,
    "not_coded_yet": _recent,
    "question_pending": lambda d, n: _one(_stay(d, n, "")),
    "no_group_on_bill": lambda d, n: _one(_stay(d, n, attached=(_billed(d, ""),))),
    "ungroupable": lambda d, n: _one(_stay(d, n, ("999", "998")[n % 2])),
    "many_diagnoses": lambda d, n: _one(_stay(d, n, "392", codes=_CODES)),
    "two_stays": _twice,
    "same_group": _same_group,
    "died": _died,
    "newborn": _newborn,
    "very_heavy": lambda d, n: _one(_stay(d, n, "003", start=at(later(d, -5), 9))),
}


def day_of(n: int, spread: int) -> date:
    """The discharge of a pattern's n-th copy: the 6th to the 24th of January to June 2026."""
    return date(2026, 1 + (n + spread) % 6, 6) + timedelta(days=(n * 5 + spread * 3) % 19)
