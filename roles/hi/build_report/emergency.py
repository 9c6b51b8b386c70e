"""The patterns behind the stay in the emergency department: each tests one clause of the request.

A pattern is given the day of arrival and the number of the copy. Minutes are told by hand: a pattern says how long it
was in the department by the clock on the wall, which on the night of 8 March 2026 is an hour more than it took.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from roles.hi.build_report.timeline import Attached, Person, Stay, at, later
from roles.hi.build_report.whereabouts import Order, Place, Places

People = tuple[Person, ...]
Pattern = Callable[[date, int], People]
WAITING = "loc-ed-waiting"


def _plus(moment: datetime, minutes: int) -> datetime:
    return moment + timedelta(minutes=minutes)


def _room(n: int) -> str:
    return f"loc-ed-{1 + n % 12:02d}"


def _home(arrived: datetime, minutes: int, n: int, **more: object) -> Stay:
    """Waiting for 25 minutes, then a room until going home."""
    out = _plus(arrived, minutes)
    places = (Place(WAITING, arrived, _plus(arrived, 25)), Place(_room(n), _plus(arrived, 25), out))
    stay = Stay(arrived, out, kind="EMER", service="Emergency medicine", attached=(Places(places),))
    return replace(stay, **more)  # type: ignore[arg-type]


def _ward(arrived: datetime, minutes: int, n: int, kind: str = "IMP", **more: object) -> Stay:
    """Waiting, a room, and then a ward for two nights, or one in observation; ordered a while before she went up."""
    up, out = _plus(arrived, minutes), at(later(arrived.date(), 2 if kind != "OBSENC" else 1), 17)
    rooms: tuple[Place, ...]
    ward = "loc-cdu-03" if kind == "OBSENC" else "loc-4e-07"
    moved = _plus(arrived, minutes - 50)  # one in two waits for the bed in another room
    rooms = (Place(_room(n), _plus(arrived, 20), up),)
    if n % 2:
        rooms = (Place(_room(n), _plus(arrived, 20), moved), Place(_room(n + 3), moved, up))
    places = (Place(WAITING, arrived, _plus(arrived, 20)), *rooms, Place(ward, up, out))
    code = "place-observation" if kind == "OBSENC" else "admit-inpatient"
    attached: tuple[Attached, ...] = (Places(places), Order(code, _plus(arrived, minutes - 45 - n % 30)))
    return replace(Stay(arrived, out, kind=kind, attached=attached), **more)  # type: ignore[arg-type]


def _one(*stays: Stay) -> People:
    return (Person(stays),)


def _places(*places: Place) -> tuple[Attached, ...]:
    return (Places(places),)


def _left_unseen(day: date, n: int) -> People:
    """Never in a room: gone from the waiting area after some 70 minutes."""
    arrived = at(day, 19, 10)
    out = _plus(arrived, 61 + n % 17)
    return _one(_home(arrived, 0, n, end=out, disposition="07", attached=_places(Place(WAITING, arrived, out))))


def _moved(day: date, n: int) -> People:
    """Three places of the department in one visit."""
    arrived = at(day, 9, 5)
    steps = (20, 140, 262 + n % 20)
    rooms = [WAITING, _room(n), _room(n + 5)]
    places = [
        Place(room, _plus(arrived, a), _plus(arrived, b)) for room, a, b in zip(rooms, (0, *steps), steps, strict=False)
    ]
    return _one(_home(arrived, steps[-1], n, attached=_places(*places)))


def _no_departure(day: date, n: int) -> People:
    """Home, and nobody wrote down when she left the room; when she left the waiting area is there."""
    arrived = at(day, 11, 30)
    places = (Place(WAITING, arrived, _plus(arrived, 35)), Place(_room(n), _plus(arrived, 35), None))
    return _one(_home(arrived, 200 + n % 40, n, attached=_places(*places)))


def _backwards(day: date, n: int) -> People:
    """Registered after she had left: the department's last minute lies before her arrival."""
    arrived = at(day, 16, 40)
    places = (Place(_room(n), _plus(arrived, -150), _plus(arrived, -20)),)
    return _one(_home(arrived, 15, n, attached=_places(*places)))


def _still_there(_: date, n: int) -> People:
    """In a room at this minute; and one whose bed upstairs is not free yet."""
    arrived = at(date(2026, 6, 30), 3, 10 + n % 40)
    room = _places(Place(WAITING, arrived, _plus(arrived, 15)), Place(_room(n), _plus(arrived, 15), None))
    visit = _home(arrived, 0, n, end=None, status="in-progress", attached=room)
    return (Person((visit,)), Person((replace(visit, kind="IMP"),)))


def _in_house(_: date, n: int) -> People:
    """Gone up to the ward, and still here."""
    arrived = at(date(2026, 6, 25 + n % 3), 13, 20)
    up = _plus(arrived, 275 + n % 25)
    places = (Place(_room(n), arrived, up), Place("loc-5w-04", up, None))
    return _one(_ward(arrived, 0, n, end=None, status="in-progress", attached=_places(*places)))


def _direct(day: date, n: int) -> People:
    """Admitted by appointment, straight to the ward."""
    came, out = at(day, 7, 30), at(later(day, 2), 11)
    return _one(Stay(came, out, priority="EL", attached=_places(Place("loc-3n-02", came, out))))


def _clinic(day: date, n: int) -> People:
    came, out = at(day, 10), at(day, 10, 40)
    return _one(Stay(came, out, kind="AMB", attached=_places(Place("loc-cl-02", came, out))))


def _new_year(_: date, n: int) -> People:
    """Arrived at 22:30 on 31 December, which is January in UTC; and at 00:20 on 1 January."""
    before, first = at(date(2025, 12, 31), 22, 30), at(date(2026, 1, 1), 0, 20)
    return (Person((_home(before, 310 + n, n),)), Person((_home(first, 130 + n, n),)))


def _spring_home(_: date, n: int) -> People:
    """Three and a half hours across the night of 8 March, four and a half by the wall clock."""
    return _one(_home(at(date(2026, 3, 7), 23, 40), 270 + n % 9, n))


def _spring_long(_: date, n: int) -> People:
    """Seven hours and a half across that night: not over eight, though the wall clock says so."""
    return _one(_home(at(date(2026, 3, 7), 19, 30), 510 + n % 9, n))


def _spring_ward(_: date, n: int) -> People:
    return _one(_ward(at(date(2026, 3, 8), 0, 15), 345 + n % 9, n))


def _twice(day: date, n: int) -> People:
    return _one(_home(at(day, 8), 95 + n % 30, n), _home(at(later(day, 3), 14), 180 + n % 30, n))


PATTERNS: Mapping[str, Pattern] = {
    "plain_home": lambda d, n: _one(_home(at(d, 10, 15), 105 + n * 29 % 170, n)),
    "plain_ward": lambda d, n: _one(_ward(at(d, 12, 40), 225 + n * 37 % 190, n)),
    "plain_observation": lambda d, n: _one(_ward(at(d, 15, 5), 215 + n * 31 % 150, n, "OBSENC")),
    "acute_class": lambda d, n: _one(_ward(at(d, 9, 50), 300 + n % 40, n, "ACUTE")),
    "left_unseen": _left_unseen,
    "left_advice": lambda d, n: _one(_home(at(d, 17), 155 + n % 25, n, disposition="07")),
    "transferred": lambda d, n: _one(_home(at(d, 6, 30), 330 + n % 45, n, disposition="02")),
    "died_there": lambda d, n: (Person((_home(at(d, 5), 75 + n % 9, n, disposition="20"),), died=at(d, 6, 10)),),
    "disposition_missing": lambda d, n: _one(_home(at(d, 13), 140 + n % 35, n, disposition=None)),
    "spring_home": _spring_home,
    "spring_long": _spring_long,
    "spring_ward": _spring_ward,
    "no_departure": _no_departure,
    "backwards": _backwards,
    "still_there": _still_there,
    "in_house": _in_house,
    "direct_admission": _direct,
    "clinic_visit": _clinic,
    "cancelled_visit": lambda d, n: _one(_home(at(d, 18), 40, n, status="cancelled")),
    "moved_rooms": _moved,
    "two_visits": _twice,
    "eight_hours": lambda d, n: _one(_ward(at(d, 8, 20), 480, n)),
    "past_eight_hours": lambda d, n: _one(_ward(at(d, 8, 20), 481 + n % 60, n)),
    "new_year": _new_year,
}


def day_of(n: int, spread: int) -> date:
    """The arrival of a pattern's n-th copy: January to May 2026, and never the nights of 7 to 9 March."""
    day = date(2026, 1, 9) + timedelta(days=(n * 17 + spread * 5) % 120)
    return later(day, 6) if date(2026, 3, 5) <= day <= date(2026, 3, 9) else day
