"""Where a title, a block or a chapter says whom a code is for, and this patient is someone else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sandbox.terminology.listed import Listed
from sandbox.terminology.model import Edit
from sandbox.terminology.patterns import covers

_WOMEN = ("O00-O9A", "Z33-Z34", "Z36-Z37", "Z39", "Z3A")
_AGES = (  # words in the title, youngest, oldest, in years
    (re.compile(r"\bnewborn\b|\bneonatal\b|\bliveborn infant\b"), 0, 0),
    (re.compile(r"\bchild health examination\b"), 0, 17),
    (re.compile(r"\bpediatric\b"), 0, 19),
    (re.compile(r"\badult medical examination\b"), 18, 124),
    (re.compile(r"\bage-related\b|\bsenile\b"), 15, 124),
    (re.compile(r"\[bmi\].*\badult\b"), 20, 124),
)


def edits(valid: Sequence[Listed], sex: str | None, age: int | None) -> Iterator[Edit]:
    """Warnings, not errors: what is recorded may be wrong, and a coder must look. Unknown sex or age: no edit."""
    known = {"f": "F", "female": "F", "m": "M", "male": "M"}.get((sex or "").casefold())
    for one in valid:
        meant, said = _sex(one)
        if known and meant and meant != known:
            yield Edit(one.code, "warning", "sex", f"{one.code} is for {'women' if meant == 'F' else 'men'} ({said}); "
                       f"the record says {'female' if known == 'F' else 'male'}.", said)
        bounds = _age(one)
        if age is not None and bounds and not bounds[0] <= age <= bounds[1]:
            yield Edit(one.code, "warning", "age", f"{one.code} is for ages {bounds[0]} to {bounds[1]} ({bounds[2]}); "
                       f"the record says {age}.", bounds[2])


def _sex(one: Listed) -> tuple[str, str]:
    """"F", "M" or "", and where that is said."""
    if any(covers(pattern, one.code) for pattern in _WOMEN):
        return "F", f"{one.path[0].code} {one.path[0].title}"
    for entry in (one.entry, *reversed(one.path)):
        words = set(re.findall(r"[a-z]+", entry.title.casefold()))
        if ("female" in words) != ("male" in words):
            return ("F" if "female" in words else "M"), f"{entry.code} {entry.title}"
    return "", ""


def _age(one: Listed) -> tuple[int, int, str] | None:
    if covers("O00-O9A", one.code):
        return 9, 64, "Medicare Code Editor, maternity ages"
    if covers("P00-P96", one.code):
        return 0, 0, "chapter 16; a condition that persists may be coded later, Guidelines I.C.16.a.4"
    for entry in (one.entry, *reversed(one.path)):
        for words, youngest, oldest in _AGES:
            if words.search(entry.title.casefold()):
                return youngest, oldest, f"{entry.code} {entry.title}"
    return None
