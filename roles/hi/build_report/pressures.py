"""The patterns behind CMS165 in 2025 (essential hypertension, last pressure below 140/90): each tests one clause.

A pattern is given the day of an office visit in 2025 and the number of the copy; the number moves readings a little.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from roles.hi.build_report import exclusions
from roles.hi.build_report.facts import Done, Fact, Pressure, Problem, Visit
from roles.hi.build_report.practice import Member, Members, Pattern, stay, visit
from roles.hi.build_report.timeline import at

_EIGHTY_TWO = date(1943, 6, 20)
_BEFORE = Problem("I10", date(2021, 4, 6))


def _seen(day: date, *codes: str) -> Visit:
    """The visit of somebody with hypertension."""
    return visit(day, *(codes or ("I10",)))


def _high(day: date, n: int, hour: int = 9, **more: object) -> Pressure:
    """A reading that is too high in its upper figure."""
    return replace(Pressure(at(day, hour, 20), 146 + n % 5 * 4, 84 + n % 4), **more)  # type: ignore[arg-type]


def _low(day: date, n: int, hour: int = 9, **more: object) -> Pressure:
    """A reading below 140/90."""
    return replace(Pressure(at(day, hour, 20), 122 + n % 5 * 3, 72 + n % 4 * 3), **more)  # type: ignore[arg-type]


def _read(day: date, systolic: int | None, diastolic: int | None, minute: int = 20) -> Pressure:
    return Pressure(at(day, 9, minute), systolic, diastolic)


def _one(*facts: Fact, born: date = date(1963, 5, 14), died: datetime | None = None, records: int = 1) -> Members:
    return (Member(facts, born, died, records),)


def _good(day: date, n: int, *facts: Fact, born: date = date(1963, 5, 14)) -> Members:
    """Somebody with hypertension whose last pressure was controlled, and what else is in her chart."""
    return _one(_seen(day), _low(day, n), *facts, born=born)


def _plain(day: date, n: int, good: bool | None, *codes: str) -> Members:
    """Two visits, or three, each with a reading; controlled at the last, or not, or no reading at all."""
    days = [day + timedelta(days=45 * k) for k in range(2 + n % 2)]
    readings = [_high(d, n, visit=k) for k, d in enumerate(days)] if good is not None else []
    if good:
        readings[-1] = _low(days[-1], n, visit=len(days) - 1)
    return _one(*(visit(d, *codes) for d in days), *readings, born=date(1944 + n % 5 * 10, 8, 3))


def _edges(day: date, n: int) -> Members:
    """139/89 is below; 140 above or 90 below is not."""
    return tuple(m for up, low in ((139, 89), (140, 78), (128, 90)) for m in _one(_seen(day), _read(day, up, low)))


def _two_readings(day: date, n: int) -> Members:
    """The lower upper figure of one and the lower lower figure of another: controlled together; order both ways."""
    one, other = (138 - n % 4, 94), (148 + n % 4, 86)
    return tuple(
        m for a, b in ((one, other), (other, one)) for m in _one(_seen(day), _read(day, *a), _read(day, *b, minute=32))
    )


def _settled(day: date, n: int) -> Members:
    """Too high when she came, lower ten minutes later; and the other way round."""
    return (
        *_one(_seen(day), _high(day, n), _low(day, n, 10)),
        *_one(_seen(day), _low(day, n), _high(day, n, 10)),
    )


def _no_reading(day: date, n: int) -> Members:
    """None in 2025; one of 2024 does not stand in."""
    return (*_one(_seen(day)), *_one(_seen(day), _low(date(2024, 11, 4 + n % 20), n, visit=None)))


def _no_value(day: date, n: int) -> Members:
    """On the last day the cuff gave nothing, or only an upper figure."""
    later = day + timedelta(days=50)
    return (
        *_one(_seen(day), _low(day, n), _seen(later), replace(_read(later, None, None), visit=2)),
        *_one(_seen(day), _high(day, n), _seen(later), replace(_read(later, 128, None), visit=2)),
    )


def _other_places(day: date, n: int) -> Members:
    """The last readings were taken in the emergency department, or on a ward: the office's count."""
    later = day + timedelta(days=40)
    night = replace(visit(later, "M54.50"), kind="EMER", end=at(later, 13))
    return (
        *_one(_seen(day), _low(day, n), night, _high(later, n, 10, visit=2)),
        *_one(_seen(day), _high(day, n), stay(later, "J06.9"), _low(later, n, 16, visit=2)),
        *_one(_seen(day), _high(day, n), stay(later, "J06.9", kind="ACUTE"), _low(later, n, 16, visit=2)),
    )


def _at_home(day: date, n: int) -> Members:
    """The last reading belongs to no visit: sent in from home. It counts."""
    later = day + timedelta(days=40)
    return (*_one(_seen(day), _high(day, n), _low(later, n, visit=None)), *_one(_seen(day), _low(day, n, visit=None)))


def _observed(day: date, n: int) -> Members:
    """A night in observation is neither of the two: its reading counts."""
    later = day + timedelta(days=40)
    return _one(_seen(day), _high(day, n), stay(later, "J06.9", kind="OBSENC"), _low(later, n, 16, visit=2))


def _statuses(day: date, n: int) -> Members:
    later = day + timedelta(days=30)
    return (
        *_one(_seen(day), _high(day, n), _low(later, n, visit=None, status="amended")),
        *_one(_seen(day), _high(day, n), _low(later, n, visit=None, status="corrected")),
        *_one(_seen(day), _high(day, n), _low(later, n, visit=None, status="entered-in-error")),
        *_one(_seen(day), _low(day, n, status="preliminary")),
    )


def _new_year(day: date, n: int) -> Members:
    """22:30 on the last day of 2025 is 2026 in UTC; on the last day of 2024 it is 2025."""
    end, before = date(2025, 12, 31), date(2024, 12, 31)
    return (
        *_one(_seen(day), _high(day, n), _low(end, n, 22, visit=None)),
        *_one(_seen(day), _low(before, n, 22, visit=None)),
    )


def _one_evening(day: date, n: int) -> Members:
    """Two readings of one evening in Chicago, on two days in UTC: the lower ones count."""
    return _one(_seen(day), _low(day, n, 17, visit=None), _high(day, n, 21, visit=None))


def _half_year(day: date, n: int) -> Members:
    """Begun on 30 June: in. On 1 July: out. Ended before 2025: out; in March: in; begun before, written later: in."""
    cold, listed = visit(day, "J06.9"), replace(_BEFORE)
    problems = (
        replace(listed, onset=date(2025, 6, 30)),
        replace(listed, recorded=date(2025, 7, 1)),
        replace(listed, ended=date(2024, 10, 2)),
        replace(listed, ended=date(2022, 5, 2)),
        replace(listed, ended=date(2025, 3, 20)),
        replace(listed, recorded=date(2025, 9, 2), onset=date(2018, 1, 5)),
    )
    return tuple(m for p in problems for m in _one(cold, p, _low(day, n)))


def _certain(day: date, n: int) -> Members:
    return tuple(
        m
        for c in ("refuted", "entered-in-error", "provisional")
        for m in _one(visit(day, "J06.9"), replace(_BEFORE, certain=c, listed=False), _low(day, n))
    )


def _where(day: date, n: int) -> Members:
    """Only on the problem list; third at the visit; second on a stay in February."""
    return (
        *_one(visit(day, "J06.9"), _low(day, n), _BEFORE),
        *_one(_seen(day, "Z00.00", "E11.9", "I10"), _low(day, n)),
        *_one(visit(day, "J06.9"), _low(day, n), stay(date(2025, 2, 4), "J06.9", "I10")),
    )


def _not_essential(day: date, n: int) -> Members:
    """Heart disease from hypertension, and one high reading without a diagnosis, are other codes."""
    return (*_one(_seen(day, "I11.0"), _low(day, n)), *_one(_seen(day, "R03.0"), _high(day, n)))


def _no_office(day: date, n: int) -> Members:
    """Emergency and hospital only; a cancelled visit; visits of 2023, 2024 and 2026."""
    night = replace(_seen(day), kind="EMER", end=at(day, 13))
    home = _low(day, n, visit=None)
    others = (_seen(date(year, 2, 3 + n % 9)) for year in (2023, 2024, 2026))
    visits = (night, stay(day, "I10"), replace(_seen(day), status="cancelled"), *others)
    return tuple(m for v in visits for m in _one(v, home, _BEFORE))


def _ages(day: date, n: int) -> Members:
    """18 and 85 on the last day of the year are in; 17 and 86 are not."""
    born = (date(2007, 12, 31), date(2008, 1, 1), date(1940, 1, 1), date(1939, 12, 31), date(1948, 3, 2))
    return tuple(m for b in born for m in _good(day, n, born=b))


def _groups(day: date, n: int) -> Members:
    born = (date(1981, 1, 1), date(1980, 12, 31), date(1961, 1, 1), date(1960, 12, 31))
    return tuple(m for b in born for m in _good(day, n, born=b))


def _very_old(day: date, n: int) -> Members:
    """At 82 frailty alone leaves out, an illness alone does not."""
    return (
        *_good(day, n, exclusions.frail(day), born=_EIGHTY_TWO),
        *_good(day, n, Problem("G30.9", date(2024, 5, 6)), born=_EIGHTY_TWO),
    )


def _kidneys(day: date, n: int) -> Members:
    """End stage, stage 5, a transplant, dialysis in 2022, a transplant operation: all out. Stage 3b: in."""
    found: list[Fact] = [Problem(code, date(2023, 2, 7)) for code in ("N18.6", "N18.5", "Z94.0", "N18.32")]
    found += [Done(date(2022, 8, 3), "5A1D70Z"), Done(date(2024, 8, 3), "0TY00Z0")]
    return tuple(m for fact in found for m in _good(day, n, fact))


def _pregnant(day: date, n: int) -> Members:
    born = date(1989, 4, 3)
    coded = (visit(day + timedelta(days=9), "Z33.1"), visit(day + timedelta(days=9), "O10.012"))
    women = (_one(_seen(day), _low(day, n), v, born=born)[0] for v in coded)
    return tuple(replace(w, sex="female") for w in women)


def _merged(day: date, n: int) -> Members:
    """The visit under a record that was merged away, the reading under the one that stayed."""
    return _one(_seen(day), _low(day, n, visit=None, record=1), records=2)


def _many_visits(day: date, n: int) -> Members:
    days = [day + timedelta(days=k) for k in (0, 31, 75)]
    return _one(*(_seen(d, "I10", "E11.9") for d in days), *(_low(d, n, visit=k) for k, d in enumerate(days)))


def _changed(day: date, n: int, *good: bool) -> Members:
    days = (day, day + timedelta(days=60))
    readings = (
        _low(d, n, visit=k) if ok else _high(d, n, visit=k) for k, (d, ok) in enumerate(zip(days, good, strict=True))
    )
    return _one(*(_seen(d) for d in days), *readings)


PATTERNS: Mapping[str, Pattern] = {
    "plain_high": lambda d, n: _plain(d, n, False, "I10"),
    "plain_controlled": lambda d, n: _plain(d, n, True, "I10", "E11.9"),
    "plain_no_hypertension": lambda d, n: _plain(d, n, None, "M54.50"),
    "no_reading": _no_reading,
    "no_value": _no_value,
    "edges": _edges,
    "lower_high": lambda d, n: _one(_seen(d), _read(d, 131 + n % 6, 92 + n % 4)),
    "came_down": lambda d, n: _changed(d, n, False, True),
    "went_up": lambda d, n: _changed(d, n, True, False),
    "next_year": lambda d, n: _one(_seen(d), _high(d, n), _low(date(2026, 2, 4 + n % 20), n, visit=None)),
    "two_readings": _two_readings,
    "settled": _settled,
    "other_places": _other_places,
    "at_home": _at_home,
    "observed": _observed,
    "statuses": _statuses,
    "new_year": _new_year,
    "one_evening": _one_evening,
    "where_coded": _where,
    "half_year": _half_year,
    "certain": _certain,
    "not_essential": _not_essential,
    "many_visits": _many_visits,
    "merged": _merged,
    "no_office": _no_office,
    "ages": _ages,
    "groups": _groups,
    **exclusions.patterns(_good),
    "very_old": _very_old,
    "kidneys": _kidneys,
    "pregnant": _pregnant,
    "died": lambda d, n: _one(_seen(d), _low(d, n), died=at(date(2025, 11, 20), 5)),
}


def day_of(n: int, spread: int) -> date:
    """The office visit of a pattern's n-th copy: 10 February to mid-June, so that what follows stays in 2025."""
    return date(2025, 2, 10) + timedelta(days=(n * 13 + spread * 7) % 125)
