"""What a case's record supports: made again from the variant whenever an attempt is judged, never stored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache

from fixtures.notes import Variant

from .paper import Paper

WEIGHTS = {"MCC": 1.5, "CC": 1.5, "HCC": 1.5, "": 1.0}


@dataclass(frozen=True)
class Fact:
    """Words that carry something, and the documents (ids) or rows ("Observation/ob-1") in which they count."""

    papers: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Weak:
    """A mention that does not support the code by itself, and why not."""

    fact: Fact
    why: str


@dataclass(frozen=True)
class Entry:
    """One code of the key. `kind` R is required, E expected by an instructional note or a local policy (half weight,
    advisory), O left open.

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
    policy: str = ""  # the local policy by which it is expected
    led_by: tuple[str, ...] = ()  # the principals of the solutions that it belongs to; none are all

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
    led_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """`first` stands somewhere before `then`, by the note at `rule`."""

    first: str
    then: str
    rule: str


@dataclass(frozen=True)
class Operation:
    """One procedure of the key. `axes` are its seven characters as (name, value, label)."""

    code: str
    words: str
    kind: str
    date: str
    principal: bool
    support: tuple[tuple[Fact, ...], ...]
    rule: str
    why: str
    next: str
    axes: tuple[tuple[str, str, str], ...]
    policy: str = ""
    led_by: tuple[str, ...] = ()

    @property
    def weight(self) -> float:
        """1, or ½ where only a local policy or a note expects it."""
        return 1.0 if self.kind == "R" else 0.5


@dataclass(frozen=True)
class Question:
    """A query that is right here. The first of `kinds` names it best; `support` are the indicators that it needs."""

    id: str
    required: bool
    kinds: tuple[str, ...]
    about: str
    topics: tuple[str, ...]
    support: tuple[tuple[Fact, ...], ...]
    rule: str
    why: str
    compliant: str
    leading: str
    next: str


@dataclass(frozen=True)
class Needless:
    """A tempting query that is not needed, and why."""

    about: str
    kinds: tuple[str, ...]
    topics: tuple[str, ...]
    against: tuple[Fact, ...]
    why: str
    rule: str
    mistake: str
    next: str


@dataclass(frozen=True)
class Disposition:
    """Where the patient went: two digits, and the passages that say so."""

    code: str
    words: str
    support: tuple[tuple[Fact, ...], ...]
    rule: str
    why: str


@dataclass(frozen=True)
class Group:
    """The MS-DRG of one solution."""

    number: str
    why: str
    led_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """What the hospital of this case does about codes that the book leaves open; `own` where the task set it."""

    name: str
    expected: bool
    own: bool


@dataclass(frozen=True)
class Key:
    """The key of one variant. `principals` are the accepted first codes, the main one first.

    `entries` are the codes of the solution that the first entry leads; `spare` those of other solutions; `open` those
    that cost and earn nothing. `operations` are required or expected, `open_operations` left to the hospital.
    """

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
    rows: tuple[Paper, ...] = ()
    spare: tuple[Entry, ...] = ()
    open: tuple[Entry, ...] = ()
    operations: tuple[Operation, ...] = ()
    open_operations: tuple[Operation, ...] = ()
    wrong_operations: tuple[Wrong, ...] = ()
    disposition: Disposition | None = None
    questions: tuple[Question, ...] = ()
    needless: tuple[Needless, ...] = ()
    groups: tuple[Group, ...] = ()
    policies: tuple[Policy, ...] = ()
    sex: str = ""  # "F", "M"

    def paper(self, id: str) -> Paper | None:
        """The planted document with this id, or the row with this reference."""
        return next((p for p in (*self.papers, *self.rows) if p.id == id), None)

    @property
    def group(self) -> Group | None:
        """The MS-DRG that the record supports, where one is asked."""
        return next((g for g in self.groups if fits(g, self.entries[0].code)), None)

    def led_by(self, principal: str) -> Key:
        """The solution that this accepted code leads, and nothing of the others."""
        main = principal == self.entries[0].code
        belongs = self.entries if main else [e for e in (*self.entries, *self.spare) if fits(e, principal)]
        first = [e for e in belongs if e.code == principal]
        listed = {e.code for e in belongs}
        return replace(
            self, entries=(*first, *(e for e in belongs if e.code != principal)),
            pairs=tuple(p for p in self.pairs if {p.first, p.then} <= listed),
            wrongs=tuple(w for w in self.wrongs if fits(w, principal)),
            operations=tuple(o for o in self.operations if fits(o, principal)),
            groups=tuple(g for g in self.groups if fits(g, principal)))


def fits(part: Entry | Operation | Wrong | Group, principal: str) -> bool:
    """Whether a part of the key belongs to the solution that this code leads."""
    return not part.led_by or principal in part.led_by


def matches(code: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns ("I50.*", "Z68*", "E11.9") is this code."""
    return any(fnmatchcase(code, pattern) for pattern in patterns)


@lru_cache(maxsize=20_000)
def names(pattern: str, code: str) -> bool:
    """Whether a note's pattern ("I13.-", "E11.22", "A00-B99") names a code or something above it."""
    pattern = pattern.split(" with ")[0]
    plain, bounds = code.replace(".", ""), re.fullmatch(r"([A-Z]\w\w[\w.]*)-([A-Z][\w.]+)", pattern)
    low, high = bounds.groups() if bounds else (pattern, pattern)
    low, high = low.replace(".", "").rstrip("-"), high.replace(".", "").rstrip("-")
    return low <= plain[: len(low)] and plain[: len(high)] <= high and (bool(bounds) or plain.startswith(low))
