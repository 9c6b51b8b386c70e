"""Other spellings of the same value: a month in words, an empty text for none, a service's code for its name.

They are read as they are meant, so that one slip of form does not make every row wrong; judging charges each once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roles.hi.build_report.definition import Result

Cell = str | int | float | None
Rows = Counter[tuple[Cell, ...]]
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDED = re.compile(r"([a-z]{3})[a-z]*\.?[ ,/-]+(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[ /.-]?(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[ /.-](\d{4})")
_SERVICE = re.compile(r"[a-z]{2,}([-_][a-z]{2,})+")  # "general-surgery"
_NOTHING = frozenset(("", "null", "none", "n/a", "-"))


@dataclass(frozen=True)
class Spelling:
    """One column written in another form than asked: an example as she wrote it, and how it is asked."""

    field: str
    hers: str
    asked: str


def read(rows: Rows, result: Result, written: Mapping[str, str]) -> tuple[Rows, tuple[Spelling, ...]]:
    """The rows with such values as they are meant, and one example for each column that had any; `written` gives the
    texts as she wrote them."""
    found: dict[str, Spelling] = {}
    meant: Rows = Counter()
    for row, times in rows.items():
        cells = []
        for field, value in zip(result.fields, row, strict=True):
            other = _meant(value, field.kind, field.name in result.optional, field.name in result.worded)
            if other != value:
                asked = "NULL" if other is None else f"'{str(other).capitalize()}'"
                hers = written.get(str(value), str(value))
                found.setdefault(field.name, Spelling(field.name, f"'{hers}'", asked))
            cells.append(other)
        meant[tuple(cells)] += times
    return (meant, tuple(found.values())) if found else (rows, ())


def month(text: str) -> str:
    """A month in any usual spelling as YYYY-MM; what is none comes back as it is."""
    plain = text.strip().casefold()
    if (worded := _WORDED.fullmatch(plain)) and worded[1] in _MONTHS:
        return f"{worded[2]}-{_MONTHS.index(worded[1]) + 1:02d}"
    if first := _YEAR_FIRST.fullmatch(plain):
        return f"{first[1]}-{int(first[2]):02d}" if 1 <= int(first[2]) <= 12 else text
    if last := _YEAR_LAST.fullmatch(plain):
        return f"{last[2]}-{int(last[1]):02d}" if 1 <= int(last[1]) <= 12 else text
    return text


def as_written(rows: Sequence[Sequence[Any]]) -> dict[str, str]:
    """Each text of a result under its comparing form: "general surgery" → "General surgery"."""
    return {" ".join(v.split()).casefold(): v for row in rows for v in row if isinstance(v, str)}


def _meant(value: Cell, kind: str, optional: bool, worded: bool) -> Cell:
    if not isinstance(value, str):
        return value
    if kind == "month":
        return month(value)
    if optional and value in _NOTHING:
        return None
    if worded and _SERVICE.fullmatch(value):
        return re.sub(r"[-_]", " ", value)
    return value.replace("–", "-")  # "18–44" with the dash of print
