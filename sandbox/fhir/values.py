"""What search compares: values of a resource, and what was asked, in the same form. Each is a row's value columns.

FHIR R4 section 3.1.1 (Search). Strings fold case and accents; dates become half-open ranges of milliseconds, those
without an offset in the facility's zone; systems and parameter names become numbers, to keep index rows small.
PostgreSQL keeps no NUL in a text, and nobody can ask for one: it is left out.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from calendar import monthrange
from datetime import datetime, timedelta, tzinfo
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sandbox.audit import ZONE

#: Longer values are indexed, and asked for, by so many characters of theirs.
LONGEST = 200
EARLIEST, LATEST = -(2**53), 2**53  # an open end of a period

_INSTANT = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
_PARTS = ("text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country")


class Token(NamedTuple):
    """A code and the number of its system; 0 where it has none."""

    code: str
    system: int


class Text(NamedTuple):
    """A string folded for comparing, and as it was written."""

    value: str
    exact: str


class Span(NamedTuple):
    """A half-open range [low, high) of milliseconds since 1970 in UTC."""

    low: int
    high: int


@lru_cache(maxsize=4096)
def parameter_number(kind: str, name: str) -> int:
    """The number of one type's search parameter, 32 bits; a test shows that no two of R4's collide."""
    return int.from_bytes(hashlib.blake2s(f"{kind}.{name}".encode(), digest_size=4).digest(), "big")


@lru_cache(maxsize=4096)
def system_number(system: str) -> int:
    """The number of a code system, 48 bits; 0 for none."""
    return int.from_bytes(hashlib.blake2s(system.encode(), digest_size=6).digest(), "big") if system else 0


def fold(text: str) -> str:
    """Lower case without accents, spaces drawn together, cut to `LONGEST`: how strings are compared."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.casefold().split())[:LONGEST]


@lru_cache(maxsize=16384)
def instant_range(written: str) -> Span:
    """What a FHIR date, dateTime or instant covers, by its precision. ValueError where it cannot be read."""
    match = _INSTANT.fullmatch(written.strip())
    if match is None:
        raise ValueError(written)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    zone = _offset(offset) if offset else ZONE
    whole = [int(part) for part in (year, month or 1, day or 1, hour or 0, minute or 0)]
    leap = second == "60"
    start = datetime(*whole, 59 if leap else int(second or 0), tzinfo=zone)  # type: ignore[misc,arg-type]
    low = _milliseconds(start) + (1000 if leap else 0)
    if fraction is not None:
        low += int(fraction[:3].ljust(3, "0"))
        return Span(low, low + 1)
    if second is not None:
        return Span(low, low + 1000)
    if minute is not None:
        return Span(low, low + 60_000)
    return Span(low, _end(start, month, day))


def tokens(value: Any) -> list[Token]:
    """The tokens in a coded value: CodeableConcept, Coding, Identifier, ContactPoint, code, string or boolean."""
    if isinstance(value, dict):
        coded = value.get("coding")
        if isinstance(coded, list):
            if len(coded) != 1 or not isinstance(coded[0], dict) or "coding" in coded[0]:
                return [token for coding in coded for token in tokens(coding)]
            value = coded[0]
        code, system = value.get("code", value.get("value")), value.get("system")
        if not isinstance(code, str):
            return []
        return [_token(code, system if isinstance(system, str) else "")]
    if isinstance(value, str):
        return [_token(value, "")]
    return [Token("true" if value else "false", 0)] if isinstance(value, bool) else []


@lru_cache(maxsize=16384)
def _token(code: str, system: str) -> Token:
    return Token(_kept(code), system_number(system))


def _kept(text: str) -> str:
    return text[:LONGEST].replace("\x00", "")


def texts(value: Any) -> list[Text]:
    """The strings in a value: a string, or the parts of a HumanName or Address."""
    if isinstance(value, str):
        return [Text(_kept(fold(value)), _kept(value))] if value.strip() else []
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    if not isinstance(value, dict):
        return []
    return [text for name in _PARTS for text in texts(value.get(name))]


def references(value: Any) -> list[tuple[str]]:
    """What a Reference (or canonical) points to: `Type/id`, without a version; contained ones are left out."""
    target = value.get("reference") if isinstance(value, dict) else value
    if not isinstance(target, str) or not target or target[0] == "#":
        return []
    return [_target(target)]


@lru_cache(maxsize=16384)
def _target(written: str) -> tuple[str]:
    return (_kept(written.partition("/_history/")[0]),)


def spans(value: Any) -> list[Span]:
    """The range of a date, dateTime, instant, Period or Timing; what cannot be read gives none."""
    try:
        if isinstance(value, str):
            return [instant_range(value)]
        if not isinstance(value, dict):
            return []
        if "event" in value or "repeat" in value:
            events = [instant_range(event) for event in value.get("event", ()) if isinstance(event, str)]
            bounds = spans((value.get("repeat") or {}).get("boundsPeriod"))
            return [Span(min(s.low for s in events), max(s.high for s in events))] if events else bounds
        if "start" in value or "end" in value:
            low = instant_range(value["start"]).low if "start" in value else EARLIEST
            high = instant_range(value["end"]).high if "end" in value else LATEST
            return [Span(low, high)]
    except (ValueError, OverflowError, TypeError, AttributeError):
        pass  # validation has its own word on unreadable dates; here they are simply not found
    return []


def _end(start: datetime, month: str | None, day: str | None) -> int:
    if month is None:
        return _milliseconds(start.replace(year=start.year + 1)) if start.year < 9999 else LATEST
    days = 1 if day is not None else monthrange(start.year, start.month)[1]
    return _milliseconds(start + timedelta(days=days))  # in the facility's zone: a day may have 23 or 25 hours


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp()) * 1000  # whole seconds, all of them: nothing is rounded


@cache
def _offset(written: str) -> tzinfo | None:
    return datetime.fromisoformat(f"2000-01-01T00:00{written}").tzinfo
