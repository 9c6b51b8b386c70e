"""A measure typed with its value ("bmi 42") leads to the entry whose range holds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_MEASURED = re.compile(r"(?:\bbmi\b|\bbody mass index\b)\D{0,12}(\d{1,2}(?:\.\d+)?)(?!\d)", re.IGNORECASE)
_RANGE = re.compile(r"\] (\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?)| or (less|greater)), adult")


def measured(phrase: str, rows: Callable[..., list[tuple[Any, ...]]]) -> int | None:
    """The entry's number for an adult body mass index in kg/m² (Z68); None where the phrase gives none."""
    found = _MEASURED.search(phrase)
    if not found:
        return None
    value = float(found[1])
    for n, title in rows("SELECT n, title FROM code WHERE code > 'Z68.' AND code < 'Z69' AND billable"):
        written = _RANGE.search(title)
        if written and _holds(value, *written.groups()):
            return int(n)
    return None


def _holds(value: float, start: str, end: str | None, beyond: str | None) -> bool:
    """Ranges are written to one decimal: 40.0-44.9 holds all below 45."""
    if beyond:
        return value < float(start) + 0.1 if beyond == "less" else value >= float(start)
    return float(start) <= value < float(end or start) + 0.1
