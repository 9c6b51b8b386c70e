"""What the tabular list's rules say about a list of codes in its order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from sandbox.terminology.model import Edit, Setting

if TYPE_CHECKING:
    from sandbox.terminology.codes import Codes


def check(codes: Codes, given: Sequence[str], *, setting: Setting, sex: str | None = None, age: int | None = None,
          on: date | None = None) -> list[Edit]:
    """The edits, errors first: for now only that each code exists and is billable."""
    found = []
    for code in given:
        entry = codes.get(code)
        if entry is None or not entry.billable:
            found.append(Edit(code, "error", "invalid", "not a billable code", codes.release))
    return found
