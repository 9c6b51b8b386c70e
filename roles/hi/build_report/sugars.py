"""The patterns behind CMS122 in 2025 (diabetes, last HbA1c above 9 %): each tests one clause of the request.

A pattern is given the day of an office visit in 2025 and the number of the copy; the number moves values a little.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from roles.hi.build_report import exclusions
from roles.hi.build_report.facts import Assay, Fact, Problem, Visit
from roles.hi.build_report.practice import Member, Members, Pattern, stay, visit
from roles.hi.build_report.timeline import at


def _seen(day: date, *codes: str) -> Visit:
    """The visit of somebody with diabetes."""
    return visit(day, *(codes or ("E11.9",)))


def _test(day: date, value: float | None, hour: int = 8, **more: object) -> Assay:
    return replace(Assay(at(day, hour, 20), value), **more)  # type: ignore[arg-type]


def _one(*facts: Fact, born: date = date(1963, 5, 14), died: datetime | None = None, records: int = 1) -> Members:
    return (Member(facts, born, died, records),)


def _high(n: int) -> float:
    return round(9.4 + n % 5 * 0.3, 1)


def _low(n: int) -> float:
    return round(6.6 + n % 5 * 0.3, 1)


def _poor(day: date, n: int, *facts: Fact, born: date = date(1963, 5, 14)) -> Members:
    """Somebody with diabetes whose only test was above 9 %, and what else is in her chart."""
    return _one(_seen(day), _test(day, _high(n)), *facts, born=born)


def _plain(day: date, n: int, value: float | None, *codes: str) -> Members:
    """Two visits, or three; tested at the last of them, or never where there is no value."""
    days = [day + timedelta(days=45 * k) for k in range(2 + n % 2)]
    tests = () if value is None else (_test(days[-1], value),)
    return _one(*(visit(d, *codes) for d in days), *tests, born=date(1954 + n % 4 * 9, 8, 3))


def _many_visits(day: date, n: int) -> Members:
    days = (day, day + timedelta(days=31), day + timedelta(days=75))
    return _one(*(_seen(d, "E11.65", "I10") for d in days), _test(days[2], _high(n)))


def _twice_that_day(day: date, n: int) -> Members:
    """The lower one later, and the lower one earlier: 9 % or less both times."""
    low, high = round(8.4 + n % 4 * 0.1, 1), round(9.5 + n % 4 * 0.1, 1)
    return (
        *_one(_seen(day), _test(day, high, 8), _test(day, low, 15)),
        *_one(_seen(day), _test(day, low, 8), _test(day, high, 15)),
    )


def _new_year(day: date, n: int) -> Members:
    """22:30 on the last day of 2025 is 2026 in UTC; on the last day of 2024 it is 2025."""
    end, before = at(date(2025, 12, 31), 22, 30), at(date(2024, 12, 31), 22, 30)
    return (*_one(_seen(day), Assay(end, _low(n))), *_one(_seen(day), Assay(before, _low(n))))


def _last_day(day: date, n: int) -> Members:
    """Two tests of one evening in Chicago, on two days in UTC: the lower one counts."""
    return _one(_seen(day), _test(day, round(8.3 + n % 4 * 0.1, 1), 17), _test(day, _high(n), 20))


def _statuses(day: date, n: int) -> Members:
    later = day + timedelta(days=30)
    return (
        *_one(_seen(day), _test(day, _low(n)), _test(later, _high(n), status="amended")),
        *_one(_seen(day), _test(day, _low(n)), _test(later, _high(n), status="corrected")),
        *_one(_seen(day), _test(day, _low(n)), _test(later, _high(n), status="entered-in-error")),
        *_one(_seen(day), _test(day, _high(n), status="preliminary")),
    )


def _ages(day: date, n: int) -> Members:
    """18 and 75 on the last day of the year are in; 17 and 76 are not."""
    born = (date(2007, 12, 31), date(2008, 1, 1), date(1950, 1, 1), date(1949, 12, 31))
    return tuple(m for b in born for m in _poor(day, n, born=b))


def _groups(day: date, n: int) -> Members:
    born = (date(1981, 1, 1), date(1980, 12, 31), date(1961, 1, 1), date(1960, 12, 31))
    return tuple(m for b in born for m in _poor(day, n, born=b))


def _not_diabetes(day: date, n: int) -> Members:
    return (*_one(_seen(day, "E09.9"), _test(day, _high(n))), *_one(_seen(day, "R73.03"), _test(day, _low(n))))


def _other_types(day: date, n: int) -> Members:
    return (*_one(_seen(day, "E10.65"), _test(day, _high(n))), *_one(_seen(day, "E13.9"), _test(day, _high(n))))


def _coded_in_hospital(day: date, n: int) -> Members:
    """The office visit was for a cold; diabetes is a second code of a stay in February."""
    return _one(visit(day, "J06.9"), stay(date(2025, 2, 4), "J06.9", "E11.65"), _test(day, _high(n)))


def _listed(day: date, n: int, **more: object) -> Members:
    """Diabetes on the problem list alone; the visit was for something else."""
    problem = replace(Problem("E11.9", date(2022, 3, 8)), **more)  # type: ignore[arg-type]
    return _one(visit(day, "J06.9"), problem, _test(day, _high(n)))


def _ended(day: date, n: int) -> Members:
    """Gone before 2025: out. Gone in 2025: in."""
    return (
        *_listed(day, n, recorded=date(2022, 3, 8), ended=date(2024, 11, 5)),
        *_listed(day, n, recorded=date(2022, 3, 8), ended=date(2025, 4, 2)),
    )


def _later(day: date, n: int) -> Members:
    """Found in 2026: out. Written down in 2026, begun in 2019: in."""
    return (
        *_listed(day, n, recorded=date(2026, 3, 5)),
        *_listed(day, n, recorded=date(2026, 3, 5), onset=date(2019, 6, 1)),
    )


def _certain(day: date, n: int) -> Members:
    return tuple(
        m for c in ("refuted", "entered-in-error", "provisional") for m in _listed(day, n, certain=c, listed=False)
    )


def _no_visit(day: date, n: int) -> Members:
    """In the emergency department and in the hospital, never in the office."""
    night = replace(_seen(day), kind="EMER", end=at(day, 13))
    return (*_one(night, _test(day, _high(n))), *_one(stay(day, "E11.65"), _test(day, _high(n))))


def _other_year(day: date, n: int) -> Members:
    """The office visit was in 2024, or in 2026."""
    return (
        *_one(_seen(date(2024, 10, 3 + n % 9)), _test(day, _high(n))),
        *_one(_seen(date(2026, 2, 3 + n % 9)), Problem("E11.9", date(2020, 1, 7)), _test(day, _high(n))),
    )


def _merged(day: date, n: int) -> Members:
    """The visit under a record that was merged away, the test under the one that stayed."""
    return _one(_seen(day), _test(day, _low(n), record=1), records=2)


def _in_hospital(day: date, n: int) -> Members:
    """The last test of the year was taken in the hospital: it counts like any other."""
    later = day + timedelta(days=40)
    return _one(_seen(day), _test(day, _low(n)), stay(later, "E11.65"), _test(later, _high(n), 16))


def _died(day: date, n: int) -> Members:
    return _one(_seen(day), _test(day, _high(n)), died=at(date(2025, 11, 20), 5))


PATTERNS: Mapping[str, Pattern] = {
    "plain_above": lambda d, n: _plain(d, n, _high(n), "E11.9", "I10"),
    "plain_at_goal": lambda d, n: _plain(d, n, _low(n), "E11.9"),
    "plain_no_diabetes": lambda d, n: _plain(d, n, None, "M54.50", "I10"),
    "untested": lambda d, n: _one(_seen(d)),
    "no_value": lambda d, n: _one(_seen(d), _test(d, None)),
    "value_then_none": lambda d, n: _one(_seen(d), _test(d, _low(n)), _test(d + timedelta(days=50), None)),
    "exactly_nine": lambda d, n: (*_one(_seen(d), _test(d, 9.0)), *_one(_seen(d), _test(d, 9.1))),
    "came_down": lambda d, n: _one(_seen(d), _test(d, _high(n) + 1), _test(d + timedelta(days=60), _low(n))),
    "went_up": lambda d, n: _one(_seen(d), _test(d, _low(n)), _test(d + timedelta(days=60), _high(n))),
    "twice_that_day": _twice_that_day,
    "one_evening": _last_day,
    "last_year": lambda d, n: _one(_seen(d), _test(date(2024, 11, 4 + n % 20), _low(n))),
    "next_year": lambda d, n: _one(_seen(d), _test(d, _high(n)), _test(date(2026, 2, 4 + n % 20), _low(n))),
    "new_year": _new_year,
    "gmi": lambda d, n: _one(_seen(d), _test(d, _low(n), code="97506-0")),
    "other_method": lambda d, n: _one(_seen(d), _test(d, _low(n), code="17856-6")),
    "statuses": _statuses,
    "in_hospital": _in_hospital,
    "other_types": _other_types,
    "not_diabetes": _not_diabetes,
    "problem_list": _listed,
    "third_code": lambda d, n: _one(_seen(d, "Z00.00", "I10", "E11.9"), _test(d, _high(n))),
    "coded_in_hospital": _coded_in_hospital,
    "coded_in_2024": lambda d, n: _one(visit(d, "J06.9"), _seen(date(2024, 9, 3 + n % 20)), _test(d, _high(n))),
    "ended": _ended,
    "later": _later,
    "certain": _certain,
    "many_visits": _many_visits,
    "no_office_visit": _no_visit,
    "cancelled": lambda d, n: _one(replace(_seen(d), status="cancelled"), _test(d, _high(n))),
    "other_year": _other_year,
    "ages": _ages,
    "groups": _groups,
    **exclusions.patterns(_poor),
    "died": _died,
    "merged": _merged,
}


def day_of(n: int, spread: int) -> date:
    """The office visit of a pattern's n-th copy: 3 February to late June, so that what follows stays in 2025."""
    return date(2025, 2, 10) + timedelta(days=(n * 13 + spread * 7) % 130)
