"""What the tabular list's rules say about a list of codes in its order: invalid, excluded, out of order, incomplete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from sandbox.terminology import combining, firsts, person, sequence
from sandbox.terminology.listed import Listed, listed
from sandbox.terminology.model import Classification, Edit, Setting
from sandbox.terminology.patterns import covers, dotted

FROM, UNTIL = date(2026, 4, 1), date(2026, 9, 30)  # discharges for which this release holds
_RANK = {"error": 0, "warning": 1, "info": 2}


def check(codes: Classification, given: Sequence[str], *, setting: Setting, sex: str | None = None,
          age: int | None = None, on: date | None = None) -> list[Edit]:
    """The edits, errors first, then in the order of the codes. An empty list of codes has none."""
    valid = listed(codes, given)
    found = [
        *_usable(codes, given), *_repeats(codes, given), *_excluded(valid), *sequence.edits(valid, setting),
        *firsts.edits(valid, setting), *combining.edits(valid), *_sides(codes, valid), *person.edits(valid, sex, age),
        *_dated(codes, given, on),
    ]
    place = {one.code: one.place for one in valid}
    return sorted(dict.fromkeys(found), key=lambda edit: (_RANK[edit.severity], place.get(edit.code, -1)))


def _usable(codes: Classification, given: Sequence[str]) -> Iterator[Edit]:
    for code in given:
        entry = codes.get(code)
        if entry is None:
            yield Edit(dotted(code), "error", "invalid", f"{dotted(code)} is not a code of {codes.release}.",
                       f"Tabular list, {codes.release}")
        elif not entry.billable:
            wanted = codes.choice(entry.code).removeprefix("choose ")
            below = ", ".join(child.code for child in codes.children(entry.code)[:4])
            yield Edit(entry.code, "error", "not_billable", f"{entry.code} is not complete: it needs its {wanted} "
                       f"({below} …).", f"Tabular list at {entry.code}; Guidelines I.B.2")


def _repeats(codes: Classification, given: Sequence[str]) -> Iterator[Edit]:
    for code, times in Counter(dotted(code) for code in given).items():
        if times > 1:
            yield Edit(code, "error", "duplicate", f"{code} stands {times} times; each code is reported once.",
                       "Guidelines I.B.12")


def _excluded(valid: Sequence[Listed]) -> Iterator[Edit]:
    """Excludes1 notes are written on one side only, so each code's notes are held against every other code."""
    for one in valid:
        for note in one.of_kind("excludes1"):
            for other in valid:
                named = any(covers(pattern, other.code) and not covers(pattern, one.code) for pattern in note.codes)
                if other is not one and named:
                    yield Edit(one.code, "error", "excludes1", f"{one.code} and {other.code} exclude each other: the "
                               f"note at {note.at} names “{note.text}”. Both stand only if the record shows that they "
                               "have nothing to do with each other.", f"Excludes1 at {note.at}; Guidelines I.A.12.a")


def _sides(codes: Classification, valid: Sequence[Listed]) -> Iterator[Edit]:
    """An unspecified side where the classification has a right and a left one."""
    for one in valid:
        stem = one.path[-1] if codes.seventh(one.code) else one.entry
        if "unspecified" not in stem.title.casefold() or not stem.parent:
            continue
        words = [set(sibling.title.casefold().replace(",", " ").split()) for sibling in codes.children(stem.parent)]
        own = set(stem.title.casefold().replace(",", " ").split())
        if own.isdisjoint({"right", "left", "bilateral"}) and any("right" in w for w in words) and any(
                "left" in w for w in words):
            yield Edit(one.code, "warning", "unspecified_side", f"{one.code} leaves the side open; {stem.parent} has "
                       "right and left. Look for the side anywhere in the record.",
                       f"Tabular list at {stem.parent}; Guidelines I.B.13")


def _dated(codes: Classification, given: Sequence[str], on: date | None) -> Iterator[Edit]:
    if given and on and not FROM <= on <= UNTIL:
        yield Edit(dotted(given[0]), "warning", "release", f"{on.isoformat()} is outside {FROM.isoformat()} to "
                   f"{UNTIL.isoformat()}, for which {codes.release} holds; check the codes against that day's release.",
                   "Code sets follow the date of discharge or service")
