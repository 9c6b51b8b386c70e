"""What a case's record supports: made again from the variant whenever an attempt is judged, never stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from fixtures.notes import Variant
from sandbox.activity import Codes, normal_code

from .paper import Paper
from .planting import moment, short

WEIGHTS = {"MCC": 1.5, "CC": 1.5, "HCC": 1.5, "": 1.0}


@dataclass(frozen=True)
class Fact:
    """Words that carry something, and the documents (ids) in which they count."""

    papers: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Weak:
    """A mention that does not support the code by itself, and why not."""

    fact: Fact
    why: str


@dataclass(frozen=True)
class Entry:
    """One code of the key. `kind` R is required, E expected by an instructional note (half weight, advisory).

    `near` codes say the same less specifically (half the points); `instead` are mistaken for it (no points, and no
    second debit); `same` (principal only) are of the right condition. `poa` is the indicator, blank where exempt.
    """

    code: str
    words: str
    kind: str
    weight: float
    poa: str
    poa_weight: float
    support: tuple[tuple[Fact, ...], ...]
    weak: tuple[Weak, ...]
    near: tuple[str, ...]
    instead: tuple[str, ...]
    same: tuple[str, ...]
    rule: str
    why: str
    poa_why: str
    poa_facts: tuple[Fact, ...]
    next: str

    @property
    def required(self) -> bool:
        """Whether it counts in the code-over-code figure."""
        return self.kind == "R"


@dataclass(frozen=True)
class Wrong:
    """Tempting codes (patterns) that the record does not support, and why not.

    `beside`: only where that code is on the list. `cap` is "query" (should have been asked) or "undocumented" (an MCC,
    CC or HCC that no provider wrote), or empty. `cost` is 1, 1½ for an
    MCC, CC or HCC, and ½ where teaching has changed.
    """

    codes: tuple[str, ...]
    why: str
    rule: str
    against: tuple[Fact, ...]
    mistake: str
    cost: float
    beside: str
    cap: str
    next: str


@dataclass(frozen=True)
class Pair:
    """`first` stands somewhere before `then`, by the note at `rule`."""

    first: str
    then: str
    rule: str


@dataclass(frozen=True)
class Key:
    """The key of one variant. `principals` are the accepted first codes, the main one first."""

    variant: Variant
    inpatient: bool
    order: str  # when the inpatient order was written, as words
    papers: tuple[Paper, ...]
    entries: tuple[Entry, ...]
    principals: tuple[str, ...]
    alternate_why: str
    wrongs: tuple[Wrong, ...]
    optional: tuple[str, ...]
    pairs: tuple[Pair, ...]
    practice: str

    def paper(self, id: str) -> Paper | None:
        """The planted document with this id."""
        return next((p for p in self.papers if p.id == id), None)

    def led_by(self, principal: str) -> Key:
        """The same solution with another accepted code in the first place."""
        first = [e for e in self.entries if e.code == principal]
        others = [e for e in self.entries if e.code != principal]
        return replace(self, entries=(*first, *others))


def matches(code: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns ("I50.*", "Z68*", "E11.9") is this code."""
    return any(fnmatchcase(code, pattern) for pattern in patterns)


def make_key(variant: Variant, papers: Mapping[str, Paper], codes: Codes) -> Key:
    """The key of a variant; `papers` are its documents by their names in the case."""
    table = variant.table
    entries = tuple(_entry(row, papers) for row in table["code"])
    entries = tuple(sorted(entries, key=lambda e: not any(_leads(row, e) for row in table["code"])))
    alternates, visit = table.get("alternate", []), table["encounter"]
    order = short(moment(visit["order"])) if "order" in visit else ""
    return Key(
        variant, table["setting"] == "inpatient", order, tuple(papers.values()), entries,
        (entries[0].code, *(row["principal"] for row in alternates)),
        " ".join(f"{row['why']} ({row['rule']})" for row in alternates),
        tuple(_wrong(row, papers) for row in table.get("wrong", [])),
        tuple(code for row in table.get("optional", []) for code in row["codes"]),
        _pairs([e.code for e in entries], codes), table.get("practice", ""))


def _leads(row: Mapping[str, Any], entry: Entry) -> bool:
    return bool(row.get("principal")) and normal_code(row["code"]) == entry.code


def _entry(row: Mapping[str, Any], papers: Mapping[str, Paper]) -> Entry:
    carries, poa = row.get("carries", ""), row.get("poa", "")
    return Entry(
        normal_code(row["code"]), row["words"], row["class"],
        WEIGHTS[carries] if row["class"] == "R" else 0.5, poa, 2.0 if poa == "N" or row.get("hac") else 1.0,
        tuple(tuple(_fact(fact, papers) for fact in facts) for facts in row["support"]),
        tuple(Weak(_fact(weak[:2], papers), weak[2]) for weak in row.get("weak", [])),
        tuple(row.get("near", ())), (*row.get("instead", ()), _stem(normal_code(row["code"]))),
        tuple(row.get("same", ())), row["rule"], row["why"], row.get("poa_why", ""),
        tuple(_fact(fact, papers) for fact in row.get("poa_facts", [])), row.get("next", ""))


def _wrong(row: Mapping[str, Any], papers: Mapping[str, Paper]) -> Wrong:
    return Wrong(
        tuple(row["codes"]), row["why"], row["rule"], tuple(_fact(fact, papers) for fact in row.get("against", [])),
        row.get("mistake", ""), float(row.get("cost", 1)) * WEIGHTS[row.get("carries", "")],
        row.get("beside", ""), row.get("cap", ""), row.get("next", ""))


def _fact(row: list[str], papers: Mapping[str, Paper]) -> Fact:
    return Fact(tuple(papers[name].id for name in row[0].split("|")), row[1])


def _stem(code: str) -> str:
    """The codes that differ from this one in one character: another side, stage or type."""
    plain = code.replace(".", "")
    keep = plain[:5] if len(plain) == 7 else plain[: max(3, len(plain) - 1)]
    return f"{normal_code(keep)}*" if len(keep) > 3 else f"{keep}.*"


def _pairs(listed: list[str], codes: Codes) -> tuple[Pair, ...]:
    """Each pair of the key's codes that a code-first note of the tabular list puts in order."""
    found = []
    for then in listed:
        for note in codes.notes(then).notes:
            if note.kind == "code_first":
                named = [f for f in listed if f != then and any(names(pattern, f) for pattern in note.codes)]
                found += [Pair(first, then, f"Code first note at {note.at}") for first in named]
    return tuple(sorted(set(found), key=lambda p: (listed.index(p.first), listed.index(p.then))))


@lru_cache(maxsize=20_000)
def names(pattern: str, code: str) -> bool:
    """Whether a note's pattern ("I13.-", "E11.22", "A00-B99") names a code or something above it."""
    pattern = pattern.split(" with ")[0]
    plain, bounds = code.replace(".", ""), re.fullmatch(r"([A-Z]\w\w[\w.]*)-([A-Z][\w.]+)", pattern)
    low, high = bounds.groups() if bounds else (pattern, pattern)
    low, high = low.replace(".", "").rstrip("-"), high.replace(".", "").rstrip("-")
    return low <= plain[: len(low)] and plain[: len(high)] <= high and (bool(bounds) or plain.startswith(low))
