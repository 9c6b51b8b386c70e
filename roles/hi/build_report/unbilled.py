"""The patterns behind discharged-not-final-billed days on 30 June 2026: each tests one clause of the request.

A pattern is given the day of discharge and the number of the copy; the number also picks dollars, so that no two
mistakes come to one sum. Charges are posted in the run after midnight unless a pattern is about that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from roles.hi.build_report.ledgers import Charge, Ledger
from roles.hi.build_report.timeline import Person, Stay, at, later

People = tuple[Person, ...]
Pattern = Callable[[date, int], People]
_KINDS = ("IMP", "EMER", "OBSENC", "AMB")
_CODES = ("I50.9", "E11.65", "I10", "D64.9")
_LATE = date(2026, 6, 24)


def _charge(day: date, gross: int, hour: int = 10) -> Charge:
    """Given that day, posted at 02:15 the next."""
    return Charge(gross, at(day, hour), at(later(day, 1), 2, 15))


def _dollars(n: int, base: int = 900) -> int:
    return base + n * 37 % 411


def _stay(day: date, ledger: Ledger, kind: str = "IMP", **more: object) -> Stay:
    """Three nights, or some hours where the class is no inpatient's, until `day`."""
    start = at(later(day, -3), 9) if kind in ("IMP", "ACUTE") else at(day, 7)
    stay = Stay(start, at(day, 11), kind=kind, attached=(ledger,))
    return replace(stay, **more)  # type: ignore[arg-type]


def _charges(day: date, n: int, base: int = 900) -> tuple[Charge, ...]:
    return (_charge(later(day, -2), _dollars(n, base)), _charge(later(day, -1), _dollars(n + 5, base // 2)))


def _billed(day: date, charges: tuple[Charge, ...], after: int = 6) -> Ledger:
    """Held for four days, final after six, sent that evening."""
    final = at(later(day, after), 14, 10)
    billed = tuple(replace(c, status="billed") if c.status == "billable" else c for c in charges)
    return Ledger(billed, _hold(day), final, at(final.date(), 18, 30))


def _hold(day: date, days: int = 4) -> datetime:
    return at(later(day, days), 23, 59)


def _open(day: date, charges: tuple[Charge, ...]) -> Ledger:
    return Ledger(charges, _hold(day))


def _one(*stays: Stay) -> People:
    return (Person(stays),)


def _plain_billed(day: date, n: int) -> People:
    """One of each setting, billed: what a day's revenue is made of."""
    return tuple(
        Person((_stay(day, _billed(day, _charges(day, n + k, 2600 - 600 * k)), kind, codes=_CODES[: 2 + (n + k) % 2]),))
        for k, kind in enumerate(_KINDS)
    )


def _plain_open(_: date, n: int) -> People:
    """Out for five to seven days, past the hold and not billed."""
    day = later(_LATE, -(n % 3))
    return _one(_stay(day, _open(day, _charges(day, n)), _KINDS[n % 2 * 3], codes=_CODES[: 2 + n % 3]))


def _held(_: date, n: int) -> People:
    """Out since the day before yesterday: the bill waits for late charges, as every bill does."""
    day = date(2026, 6, 27 + n % 2)
    return _one(_stay(day, _open(day, _charges(day, n, 1500))))


def _still_here(_: date, n: int) -> People:
    """In the hospital: posted charges are revenue, and nobody waits for a bill yet."""
    charges = (_charge(date(2026, 6, 26), _dollars(n, 2100)), _charge(date(2026, 6, 27), _dollars(n, 800)))
    return _one(
        _stay(date(2026, 6, 26), Ledger(charges), end=None, status="in-progress", start=at(date(2026, 6, 26), 8))
    )


def _final_not_sent(_: date, n: int) -> People:
    """Final since yesterday afternoon; it leaves with this evening's file."""
    day = date(2026, 6, 22)
    ledger = replace(_billed(day, _charges(day, n, 1200), 7), sent=None)
    return _one(_stay(day, ledger))


def _old(_: date, n: int) -> People:
    """Out since February, a question unanswered: all of its charges are older than the ninety days."""
    day = date(2026, 2, 10 + n % 9)
    return _one(_stay(day, _open(day, _charges(day, n, 700))))


def _old_and_late(_: date, n: int) -> People:
    """Out since March, with one charge that was posted in April."""
    day = date(2026, 3, 20 + n % 5)
    late = Charge(_dollars(n, 300), at(day, 9), at(date(2026, 4, 9), 2, 15))
    return _one(_stay(day, _open(day, (*_charges(day, n, 800), late))))


def _first_day(_: date, n: int) -> People:
    """Given on 31 March, posted on 1 April: revenue of the ninety days by the day of posting."""
    day = date(2026, 4, 2)
    return _one(_stay(day, _billed(day, (_charge(date(2026, 3, 31), _dollars(n, 1700)),))))


def _march(_: date, n: int) -> People:
    """Posted on 31 March at 02:15, and by hand at 22:30, which is April in UTC: before the ninety days."""
    day = date(2026, 4, 1)
    charges = (
        _charge(date(2026, 3, 30), _dollars(n, 600)),
        Charge(_dollars(n, 950), at(date(2026, 3, 31), 21), at(date(2026, 3, 31), 22, 30)),
        _charge(date(2026, 4, 1), _dollars(n, 450)),
    )
    return _one(_stay(day, _billed(day, charges)))


def _this_morning(_: date, n: int) -> People:
    """Out yesterday, the last charge posted this morning: unbilled, and no revenue of the ninety days yet."""
    day = date(2026, 6, 29)
    return _one(_stay(day, _open(day, (_charge(date(2026, 6, 27), _dollars(n, 1000)), _charge(day, _dollars(n, 550))))))


def _taken_back(day: date, n: int) -> People:
    """One charge was an error and was withdrawn; on an open account, and on one that was billed."""
    wrong = replace(_charge(later(_LATE, -1), _dollars(n, 1300)), status="entered-in-error")
    before = replace(_charge(later(day, -1), _dollars(n, 1150)), status="entered-in-error")
    return (
        Person((_stay(_LATE, _open(_LATE, (*_charges(_LATE, n, 640), wrong))),)),
        Person((_stay(day, _billed(day, (*_charges(day, n, 720), before))),)),
    )


def _several(_: date, n: int) -> People:
    """A line of three sessions: its dollars are those of all three."""
    line = replace(_charge(later(_LATE, -1), 3 * (150 + n % 40)), quantity=3)
    return _one(_stay(_LATE, _open(_LATE, (_charge(later(_LATE, -2), _dollars(n)), line))))


def _twice(day: date, n: int) -> People:
    """One billed, one open: each stay has an account of its own."""
    first, second = min(day, date(2026, 5, 20)), _LATE
    return _one(
        _stay(first, _billed(first, _charges(first, n, 500))), _stay(second, _open(second, _charges(second, n, 820)))
    )


def _kind(kind: str, base: int) -> Pattern:
    return lambda _, n: _one(_stay(_LATE, _open(_LATE, _charges(_LATE, n, base)), kind))


PATTERNS: Mapping[str, Pattern] = {
    "plain_open": _plain_open,
    "plain_billed": _plain_billed,
    "observation_open": _kind("OBSENC", 1100),
    "emergency_open": _kind("EMER", 1250),
    "acute_class": _kind("ACUTE", 1900),
    "held": _held,
    "still_here": _still_here,
    "final_not_sent": _final_not_sent,
    "old": _old,
    "old_and_late": _old_and_late,
    "first_day": _first_day,
    "march": _march,
    "this_morning": _this_morning,
    "taken_back": _taken_back,
    "several": _several,
    "many_diagnoses": lambda _, n: _one(_stay(_LATE, _open(_LATE, _charges(_LATE, n, 1400)), codes=_CODES)),
    "two_stays": _twice,
}


def day_of(n: int, spread: int) -> date:
    """The discharge of a pattern's n-th copy: 10 April to 14 June 2026, billed before today."""
    return date(2026, 4, 10) + timedelta(days=(n * 13 + spread * 5) % 66)
