"""The patterns behind average length of stay in May 2026: each tests one clause of the request.

A pattern is given a day of May (the discharge) and the number of the copy; the number also picks the service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from roles.hi.build_report.timeline import Person, Stay, at, later

People = tuple[Person, ...]
Pattern = Callable[[date, int], People]
_SERVICES = ("Cardiology", "General medicine", "General surgery", "Orthopedics", "Pulmonology")
_CODES = ("I50.9", "E11.65", "I10", "D64.9")


def _stay(day: date, n: int, nights: int = 3, hour: int = 11, **more: object) -> Stay:
    stay = Stay(at(later(day, -nights), 9), at(day, hour), service=_SERVICES[n % 5])
    return replace(stay, **more)  # type: ignore[arg-type]


def _one(*stays: Stay) -> People:
    return (Person(stays),)


def _visit(day: date, n: int) -> People:
    """An emergency visit that bears the name of an inpatient service: four hours, home."""
    return _one(_stay(day, n, kind="EMER", start=at(day, 15), end=at(day, 19)))


def _short_night(day: date, n: int) -> People:
    """In at 22:00, out at 07:00: nine hours, one day."""
    return _one(_stay(day, n, start=at(later(day, -1), 22), end=at(day, 7)))


def _late_arrival(day: date, n: int) -> People:
    """In at 17:00, out at 08:00 five days on: 111 hours, five days."""
    return _one(_stay(day, n, start=at(later(day, -5), 17), end=at(day, 8)))


def _evening_arrival(day: date, n: int) -> People:
    """In at 21:00, which is the next day in UTC."""
    return _one(_stay(day, n, start=at(later(day, -4), 21), end=at(day, 10)))


def _month_edge(_: date, n: int) -> People:
    """Home at 22:30 on 31 May (June in UTC), and at 22:30 on 30 April (May in UTC)."""
    return tuple(
        Person((_stay(d, n, end=at(d, 22) + timedelta(minutes=30)),)) for d in (date(2026, 5, 31), date(2026, 4, 30))
    )


def _last_day(_: date, n: int) -> People:
    return _one(_stay(date(2026, 5, 31), n, 6, 13))


def _april_admission(_: date, n: int) -> People:
    return _one(_stay(date(2026, 5, 3 + n % 3), n, 9))


def _june_discharge(_: date, n: int) -> People:
    return _one(_stay(date(2026, 6, 2 + n % 3), n, 11))


def _in_house(_: date, n: int) -> People:
    return _one(_stay(date(2026, 5, 12 + n % 9), n, end=None, status="in-progress"))


def _twice(day: date, n: int) -> People:
    return _one(_stay(later(day, -9), n, 2), _stay(day, n, 7))


def _died(day: date, n: int) -> People:
    return (Person((_stay(day, n, 8, disposition="20"),), died=at(day, 11)),)


def _newborn(day: date, n: int) -> People:
    return (Person((_stay(day, n, 2, codes=("Z38.00",)),), born=later(day, -2)),)


PATTERNS: Mapping[str, Pattern] = {
    "plain": lambda d, n: _one(_stay(d, n, 2 + n % 6, codes=_CODES[: 1 + n % 4])),
    "observation_night": lambda d, n: _one(_stay(d, n, 1, kind="OBSENC")),
    "emergency_visit": _visit,
    "acute_class": lambda d, n: _one(_stay(d, n, 7, kind="ACUTE")),
    "in_house": _in_house,
    "cancelled": lambda d, n: _one(_stay(d, n, 1, status="cancelled")),
    "short_night": _short_night,
    "late_arrival": _late_arrival,
    "same_day": lambda d, n: _one(_stay(d, n, 0, 16)),
    "evening_arrival": _evening_arrival,
    "month_edge": _month_edge,
    "last_day": _last_day,
    "april_admission": _april_admission,
    "june_discharge": _june_discharge,
    "many_diagnoses": lambda d, n: _one(_stay(d, n, 5, codes=_CODES)),
    "two_stays": _twice,
    "newborn": _newborn,
    "died": _died,
    "long_stay": lambda d, n: _one(_stay(d, n, 44)),
    "service_missing": lambda d, n: _one(_stay(d, n, 4, service=None)),
    "office_visit": lambda d, n: _one(_stay(d, n, kind="AMB", start=at(d, 10), end=at(d, 11))),
}


def day_of(n: int, spread: int) -> date:
    """The discharge of a pattern's n-th copy: 11 to 29 May, so that nothing but what is meant crosses a month."""
    return date(2026, 5, 11) + timedelta(days=(n * 5 + spread * 3) % 19)
