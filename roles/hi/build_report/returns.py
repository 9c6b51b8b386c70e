"""The patterns behind 30-day readmission: each is one or two people whose visits test one clause of the request.

A pattern is given the day of the index discharge; where only fixed days do, it says so and takes none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from roles.hi.build_report.timeline import Person, Stay, at, later

People = tuple[Person, ...]
Pattern = Callable[[date, int], People]

_SERVICES = ("General medicine", "Cardiology", "Pulmonology", "General surgery")


def _index(day: date, hour: int = 14, minute: int = 0, **more: object) -> Stay:
    """The index stay: three nights, discharged on `day`."""
    stay = Stay(at(later(day, -3), 10), at(day, hour, minute), service=_SERVICES[day.day % 4])
    return replace(stay, **more)  # type: ignore[arg-type]


def _back(day: date, after: int, hour: int = 9, nights: int = 2, **more: object) -> Stay:
    """A stay that starts `after` days past the index discharge."""
    start = later(day, after)
    stay = Stay(
        at(start, hour, 30 if hour == 22 else 0), at(later(start, nights), 11), codes=("J44.1",), service="Pulmonology"
    )
    return replace(stay, **more)  # type: ignore[arg-type]


def _one(*stays: Stay) -> People:
    return (Person(stays),)


def _month_end(_: date, n: int) -> People:
    """Home at 22:30 on the last day of a month: the next day, and month, in UTC."""
    last = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)][n % 4]
    return _one(_index(last, 22, 30))


def _late_may(_: date, n: int) -> People:
    """31 May has had its 30 days on 30 June, 1 June has not."""
    return tuple(Person((_index(d, 11 + n % 5),)) for d in (date(2026, 5, 31), date(2026, 6, 1)))


def _june(_: date, n: int) -> People:
    """Two more June discharges, one with a return."""
    fourth, tenth = date(2026, 6, 4), date(2026, 6, 10 + n % 3)
    return (Person((_index(fourth), _back(fourth, 9))), Person((_index(tenth),)))


def _new_year(_: date, n: int) -> People:
    """31 December is last year's discharge, 1 January this year's."""
    before, first = date(2025, 12, 31), date(2026, 1, 1)
    return (Person((_index(before), _back(before, 35 + n))), Person((_index(first, 15),)))


def _in_house(_: date, n: int) -> People:
    """Admitted on 20 June and still here."""
    day = date(2026, 5, 24 + n % 6)
    return _one(_index(day), replace(_back(day, (date(2026, 6, 20) - day).days), end=None, status="in-progress"))


def _two_returns(day: date, _: int) -> People:
    return _one(_index(day), _back(day, 4), _back(day, 12))


def _planned_then_unplanned(day: date, _: int) -> People:
    return _one(_index(day), _back(day, 4, priority="EL", codes=("K57.32",)), _back(day, 20, codes=("N39.0",)))


def _same_day(day: date, code: str) -> People:
    """Home with heart failure (I50.9), back the same evening with `code`."""
    return _one(_index(day), _back(day, 0, 19, 3, codes=(code,)))


def _june_return(_: date, n: int) -> People:
    """Home late in May, back in June and home again: the thirty days are looked at to their end."""
    return _one(_index(date(2026, 5, 22 + n % 7)), _back(date(2026, 6, 3), n % 9, nights=3))


def _returned_and(day: date, after: int, disposition: str) -> People:
    """A return that is no index itself: it ended in death, in a transfer or against advice."""
    died = at(later(day, after + 2), 11) if disposition == "20" else None
    return (Person((_index(day), _back(day, after, disposition=disposition)), died=died),)


def _merged_chain(day: date, n: int) -> People:
    """Three records of one person: the first is replaced by the second, the second by the third."""
    return _one(_index(day), _back(day, 9 + n % 3, record=2))


_CODES = ("I50.9", "E11.65", "I10", "D64.9")
_BACK = ("J44.1", "I10")


def _coded(n: int) -> tuple[str, ...]:
    """Two to four diagnoses, as ordinary stays have."""
    return _CODES[: 2 + n % 3]


def _many_diagnoses(day: date, _: int) -> People:
    return _one(_index(day, codes=("I50.9", "E11.65", "I10", "D64.9")), _back(day, 9, codes=("J44.1", "I10", "N39.0")))


def _died_at_home(day: date, _: int) -> People:
    return (Person((_index(day),), died=at(later(day, 16), 5)),)


def _died_here(day: date, _: int) -> People:
    return (Person((_index(day, disposition="20"),), died=at(day, 14)),)


PATTERNS: Mapping[str, Pattern] = {
    "plain_return": lambda d, n: _one(_index(d, codes=_coded(n)), _back(d, 12 + n % 5, priority="UR", codes=_BACK)),
    "plain_no_return": lambda d, n: _one(_index(d, codes=_coded(n + 1))),
    "plain_late_return": lambda d, n: _one(_index(d, codes=_coded(n + 2)), _back(d, 40 + n % 7, codes=_BACK)),
    "ed_return": lambda d, n: _one(_index(d), _back(d, 5, 17, 0, kind="EMER", end=at(later(d, 5), 22))),
    "observation_return": lambda d, n: _one(_index(d), _back(d, 6, 20, 1, kind="OBSENC")),
    "acute_class_return": lambda d, n: _one(_index(d), _back(d, 7, kind="ACUTE")),
    "many_diagnoses": _many_diagnoses,
    "late_may": _late_may,
    "june": _june,
    "new_year": _new_year,
    "two_returns": _two_returns,
    "planned_return": lambda d, n: _one(_index(d), _back(d, 10, priority="EL", codes=("K57.32",))),
    "planned_then_unplanned": _planned_then_unplanned,
    "late_evening_day30": lambda d, n: _one(_index(d), _back(d, 30, 22)),
    "month_end_evening": _month_end,
    "day30_past_720_hours": lambda d, n: _one(_index(d, 8), _back(d, 30, 17)),
    "day30_within_720_hours": lambda d, n: _one(_index(d, 17), _back(d, 30, 8)),
    "day31": lambda d, n: _one(_index(d), _back(d, 31, 8)),
    "died_in_stay": _died_here,
    "transferred_and_back": lambda d, n: _one(_index(d, disposition="02"), _back(d, 9)),
    "left_ama_and_back": lambda d, n: _one(_index(d, disposition="07"), _back(d, 2)),
    "disposition_missing": lambda d, n: _one(_index(d, disposition=None)),
    "merged_record": lambda d, n: _one(_index(d), _back(d, 8, record=1)),
    "merged_chain": _merged_chain,
    "same_day_same_condition": lambda d, n: _same_day(d, "I50.9"),
    "same_day_same_category": lambda d, n: _same_day(d, "I50.23"),
    "same_day_other_condition": lambda d, n: _same_day(d, "N39.0"),
    "died_at_home": _died_at_home,
    "cancelled_stay": lambda d, n: _one(_index(d), _back(d, 8, 9, 1, status="cancelled")),
    "still_in_house": _in_house,
    "june_return": _june_return,
    "return_died": lambda d, n: _returned_and(d, 6 + n % 4, "20"),
    "return_transferred": lambda d, n: _returned_and(d, 11 + n % 4, "02"),
    "return_left": lambda d, n: _returned_and(d, 16 + n % 4, "07"),
}


def day_of(n: int, spread: int) -> date:
    """The index discharge of a pattern's n-th copy: January to early April, so that nothing of it reaches June."""
    return date(2026, 1, 6) + timedelta(days=(n * 37 + spread * 11) % 90)
