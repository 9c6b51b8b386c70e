"""Fair comparison of answers: what may differ without being wrong, and what may not.

Notes: codes without regard to case and dot; passages by the words that carry the fact, whole words only.
Tables: columns by name, else by position; rows as a multiset; numbers by value, dates by day; NULL is not 0.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

Cell = str | int | float | None
Row = tuple[Cell, ...]
_PLAIN_MARKS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "−": "-"})
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[Tt ].*)?")


@dataclass(frozen=True)
class Field:
    """One column asked for. `kind` says what counts as equal: text without regard to case and spaces, month
    (YYYY-MM, or any day in it), day, count (an exact number), number (to half of the last of `digits`)."""

    name: str
    kind: Literal["text", "month", "day", "count", "number"] = "text"
    digits: int = 0

    def cell(self, value: Any) -> Cell:
        """The value in the one spelling in which equal values are equal; NULL stays None."""
        if value is None:
            return None
        if self.kind in ("month", "day"):
            return _day(value, 7 if self.kind == "month" else 10)
        if self.kind in ("count", "number"):
            return _number(value)
        return _text(value)


@dataclass(frozen=True)
class TableShape:
    """The columns that a result must have; more are allowed, in any order when the names are there."""

    fields: tuple[Field, ...]

    def places(self, columns: Sequence[str]) -> tuple[int, ...] | None:
        """Where each field stands: all by name, else all by position, else None (too few columns)."""
        names = [_plain(c) for c in columns]
        wanted = [_plain(f.name) for f in self.fields]
        if all(names.count(w) == 1 for w in wanted):
            return tuple(names.index(w) for w in wanted)
        return tuple(range(len(wanted))) if len(columns) >= len(wanted) else None

    def same(self, mine: Counter[Row], theirs: Counter[Row]) -> bool:
        """Whether two multisets hold the same rows, numbers within half of their last digit."""
        if mine == theirs:
            return True
        return mine.total() == theirs.total() and not self.missing(mine, theirs)

    def missing(self, mine: Counter[Row], theirs: Counter[Row]) -> Counter[Row]:
        """The rows of `theirs` that `mine` lacks, each as often as it lacks it."""
        lacking = theirs - mine
        left: dict[Row, list[Row]] = {}
        for row in (mine - theirs).elements():
            left.setdefault(self._exact(row), []).append(row)
        for row in list(lacking.elements()):
            candidates = left.get(self._exact(row), [])
            near = next((r for r in candidates if self._near(r, row)), None)
            if near is not None:
                candidates.remove(near)
                lacking -= Counter([row])
        return lacking

    def _exact(self, row: Row) -> Row:
        """The cells that must be equal: all but the numbers."""
        return tuple(c for c, f in zip(row, self.fields, strict=True) if f.kind != "number")

    def _near(self, a: Row, b: Row) -> bool:
        return all(_close(x, y, f) for x, y, f in zip(a, b, self.fields, strict=True))


def rows_as_multiset(columns: Sequence[str], rows: Sequence[Sequence[Any]], shape: TableShape) -> Counter[Row] | None:
    """A result's rows under `shape`, normalised and counted: order is irrelevant, repetition is not. None where
    the result has too few columns."""
    places = shape.places(columns)
    if places is None:
        return None
    return Counter(tuple(f.cell(row[p]) for f, p in zip(shape.fields, places, strict=True)) for row in rows)


def _close(x: Cell, y: Cell, field: Field) -> bool:
    if field.kind == "number" and isinstance(x, int | float) and isinstance(y, int | float):
        return abs(x - y) <= 0.5 * 10.0**-field.digits + 1e-9
    return x == y


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def _text(value: Any) -> str:
    if isinstance(value, date):
        value = value.isoformat()
    return " ".join(str(value).split()).casefold()


def _day(value: Any, length: int) -> str:
    text = value.isoformat() if isinstance(value, date | datetime) else _text(value)
    found = _DAY.fullmatch(text)
    return "-".join(found.groups())[:length] if found else text


def _number(value: Any) -> Cell:
    """An int where it is whole, else a float; what cannot be read as a number stays text and equals no number."""
    try:
        number = Decimal(str(int(value) if isinstance(value, bool) else value).strip())
    except ArithmeticError:
        return _text(value)
    if not number.is_finite():
        return _text(value)
    return int(number) if number == number.to_integral_value() else float(number)


@dataclass(frozen=True)
class Span:
    """A passage that somebody marked: characters `start` to `end` of a document's text, and that text as it read."""

    document: str
    start: int
    end: int
    text: str


def normal_code(text: str) -> str:
    """An ICD-10-CM code in the one spelling that compares: upper case, with its dot ("e1122 " → "E11.22")."""
    plain = re.sub(r"[^A-Za-z0-9]", "", text).upper()
    return plain if len(plain) <= 3 else f"{plain[:3]}.{plain[3:]}"


def normal_text(text: str) -> str:
    """Words as a reader hears them: no case, one space, plain quotes and dashes; figures and signs are kept."""
    text = unicodedata.normalize("NFKC", text).translate(_PLAIN_MARKS)
    return " ".join(text.split()).casefold()


def contains_nucleus(passage: str, nucleus: str) -> bool:
    """Whether the words that carry a fact stand in the passage, whole words only ("stage 3" is not in "stage 3b")."""
    words = normal_text(nucleus).strip(" .,;:")
    pattern = rf"(?<!\w){re.escape(words)}(?!\w)"
    return bool(words) and re.search(pattern, normal_text(passage)) is not None
