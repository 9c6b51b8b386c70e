"""The starter's visits: a few inpatient stays, and many short emergency visits that bear the same services' names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from roles.hi.build_report.timeline import Person, Stay, at, later

People = tuple[Person, ...]
_SERVICES = ("Cardiology", "General medicine", "Pulmonology")


def _stay(day: date, n: int) -> People:
    nights = (7, 4, 5)[n % 3] + n % 2
    return (Person((Stay(at(later(day, -nights), 10), at(day, 11), service=_SERVICES[n % 3]),)),)


def _emergency(day: date, n: int) -> People:
    return (
        Person(
            (
                Stay(at(day, 13), at(day, 16), kind="EMER", codes=("I10",), service=_SERVICES[n % 3]),
                Stay(
                    at(later(day, 9), 18),
                    at(later(day, 9), 21),
                    kind="EMER",
                    codes=("N39.0",),
                    service=_SERVICES[n % 3],
                ),
            )
        ),
    )


def _pneumonia(day: date, n: int) -> People:
    if n % 2:
        stay = Stay(at(day, 9), at(later(day, 5), 11), codes=("J18.9",), service="Pulmonology")
    else:
        stay = Stay(at(day, 14), at(day, 18), kind="EMER", codes=("J18.9",), service="Pulmonology")
    return (Person((stay,)),)


PATTERNS: Mapping[str, Callable[[date, int], People]] = {
    "stay": _stay,
    "emergency": _emergency,
    "pneumonia": _pneumonia,
}


def day_of(n: int, spread: int) -> date:
    """A day of April or May 2026."""
    return date(2026, 4, 8) + timedelta(days=(n * 7 + spread) % 45)
