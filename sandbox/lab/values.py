"""FHIR's values as DuckDB's: partial dates are no dates, instants are UTC, a bare day is the facility's midnight."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Chicago")


def morning(today: date) -> str:
    """08:00 of a day in the facility's zone, as a UTC timestamp without a zone: what now() says in a lab."""
    return datetime.combine(today, time(8), ZONE).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


@lru_cache(maxsize=65536)
def instant(value: Any) -> str | None:
    """A dateTime or instant in UTC; a whole day is its midnight in the facility; a year or month alone is None."""
    try:
        moment = datetime.fromisoformat(value)
        if len(value) < 10 or "W" in value:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(UTC).isoformat()
    except (ValueError, TypeError, OverflowError):
        return None


def day(value: Any) -> str | None:
    """A whole date, of an instant its day in the facility; a year or month alone is None."""
    try:
        if len(value) > 10:
            return datetime.fromisoformat(value).astimezone(ZONE).date().isoformat()
        return date.fromisoformat(value).isoformat() if len(value) == 10 else None
    except (ValueError, TypeError, OverflowError):
        return None


def text(value: Any) -> str | None:
    """Text as it is; nothing for the empty one."""
    return (value if isinstance(value, str) else str(value)) or None


def number(value: Any) -> float | int | None:
    """A number, or nothing."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def whole(value: Any) -> int | None:
    """An integer that fits 32 bits, or nothing."""
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
    return value if fits else None


def money(value: Any) -> float | int | None:
    """A number that fits DECIMAL(12,2), or nothing."""
    found = number(value)
    return found if found is not None and abs(found) < 1e10 else None


def truth(value: Any) -> bool | None:
    """True or false, or nothing."""
    return value if isinstance(value, bool) else None


#: By DuckDB type: what a view's value becomes before it is written as JSON.
CONVERT: dict[str, Callable[[Any], Any]] = {
    "VARCHAR": text, "DATE": day, "TIMESTAMP WITH TIME ZONE": instant, "INTEGER": whole, "DOUBLE": number,
    "DECIMAL": money, "BOOLEAN": truth,
}
