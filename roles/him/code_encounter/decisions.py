"""Each submitted code put in its place: right, less specific, mistaken for another, neutral, or without support."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from fixtures.notes.severity import severity

from .facts import Evidence
from .key import WEIGHTS, Entry, Key, Operation, Wrong, matches, names
from .work import Coded, Done, Work

# Never debited in any case unless the case itself says that they are false (judging: the neutral list).
NEUTRAL = ("Z79*", "Z66", "Z8[0-7]*", "Z9[0-8]*", "Z71.6*", "Z23", "V*", "W*", "X*", "Y*")
NEUTRAL_OPERATIONS = ("302*", "3E0*", "B*", "F*")  # transfusion, drugs given, imaging, therapy: a facility's choice
NEVER_FIRST = ("V*", "W*", "X*", "Y*", "R65.2*")
State = Literal["made", "both", "near", "instead", "missed"]
FRACTION: dict[State, float] = {"made": 1.0, "both": 0.5, "near": 0.5, "instead": 0.0, "missed": 0.0}


@dataclass(frozen=True)
class Standing:
    """How one code of the key stands on the list: `coded` is the exact code, `rival` the one given for it."""

    entry: Entry
    state: State
    coded: Coded | None = None
    rival: Coded | None = None

    @property
    def fraction(self) -> float:
        """The share of the code's points."""
        return FRACTION[self.state]

    @property
    def given(self) -> Coded | None:
        """What the learner put for it, if that counts for anything."""
        return self.coded or (self.rival if self.state == "near" else None)


@dataclass(frozen=True)
class Carried:
    """How one procedure of the key stands: `done` is the exact code, `rival` what was given in its place."""

    operation: Operation
    done: Done | None = None
    rival: Done | None = None

    @property
    def alike(self) -> int:
        """How many of the seven characters are right."""
        given = self.done or self.rival
        return sum(a == b for a, b in zip(given.code, self.operation.code, strict=True)) if given else 0

    @property
    def fraction(self) -> float:
        """All for the code; for another of the same table half of the share of characters that are right."""
        if self.done is not None:
            return 1.0
        same_table = self.rival is not None and self.rival.code[:3] == self.operation.code[:3]
        return 0.5 * self.alike / 7 if same_table else 0.0


@dataclass(frozen=True)
class Unsupported:
    """A code that the record does not support; `wrong` is the case's own entry for it, if it has one."""

    coded: Coded | Done
    wrong: Wrong | None
    severity: str = ""  # MCC or CC, of an inpatient's code that the case does not foresee

    @property
    def cost(self) -> float:
        """How many units of the axis it takes."""
        return self.wrong.cost if self.wrong else WEIGHTS[self.severity]

    @property
    def cap(self) -> str:
        """"query" or "undocumented" where it caps the score, else empty."""
        return self.wrong.cap if self.wrong else "undocumented" if self.severity else ""


@dataclass(frozen=True)
class Decisions:
    """The whole list, decided. `share` is the part of the required diagnoses that was found, 0 to 1."""

    standings: tuple[Standing, ...]
    unsupported: tuple[Unsupported, ...]
    neutral: tuple[Coded, ...]
    first: Coded | None
    carried: tuple[Carried, ...] = ()

    def of(self, code: str) -> Standing:
        """How this code of the key stands."""
        return next(s for s in self.standings if s.entry.code == code)

    @property
    def share(self) -> float:
        """Restraint is paid in this share: nothing said earns nothing."""
        required = [s for s in self.standings if s.entry.required]
        return sum(s.fraction * s.entry.weight for s in required) / sum(s.entry.weight for s in required)

    @property
    def supported(self) -> int:
        """How many codes say something that the record says too."""
        return sum(s.fraction > 0 for s in self.standings) + sum(c.fraction > 0 for c in self.carried)

    @property
    def legible(self) -> bool:
        """Few enough unsupported codes to say what lies behind each: a mistake is named only then."""
        return len(self.unsupported) <= 3

    @property
    def shotgun(self) -> bool:
        """More unsupported than supported codes."""
        return len(self.unsupported) > self.supported


def decide(work: Work, key: Key, evidence: Evidence) -> Decisions:
    """Every code of `work` against `key`. The order of the list plays no part here."""
    given = {c.code: c for c in sorted(work.codes, key=lambda c: c.code) if evidence.fact(c.code).title}
    exact = {e.code: given.pop(e.code) for e in key.entries if e.code in given}
    wrongs = {code: wrong for code in given if (wrong := _wrong(code, key, [*exact, *given])) is not None}
    open_codes = [c for code, c in given.items() if code not in wrongs]
    neutral = tuple(c for c in open_codes if matches(c.code, (*key.optional, *(e.code for e in key.open), *NEUTRAL)))
    rivals = _rivals([c for c in open_codes if c not in neutral], key.entries)
    standings = tuple(_standing(e, exact.get(e.code), rivals.get(e.code)) for e in key.entries)
    used = {c.code for c in neutral} | {c.code for c in rivals.values()}
    left = tuple(Unsupported(c, wrongs.get(code), severity(code) if key.inpatient else "")
                 for code, c in given.items() if code not in used)
    carried, done = _carried(work, key, evidence)
    return Decisions(standings, (*left, *done), neutral, next(iter(work.codes), None), carried)


def _carried(work: Work, key: Key, evidence: Evidence) -> tuple[tuple[Carried, ...], tuple[Unsupported, ...]]:
    """The key's procedures as they stand, and those that nothing carries. Order plays no part."""
    given = {d.code: d for d in sorted(work.procedures, key=lambda d: (d.code, d.date), reverse=True)
             if evidence.operation(d.code).title}
    exact = {o.code: given.pop(o.code) for o in key.operations if o.code in given}
    open_codes = (*(o.code for o in key.open_operations), *NEUTRAL_OPERATIONS)
    wrongs = {code: next((w for w in key.wrong_operations if matches(code, w.codes)), None) for code in given}
    free = [d for code, d in sorted(given.items()) if wrongs[code] or not matches(code, open_codes)]
    carried = []
    for operation in key.operations:
        stands = Carried(operation, exact.get(operation.code))
        if stands.done is None and free:
            stands = max((Carried(operation, None, d) for d in free), key=lambda c: (c.fraction, c.alike))
            free = [d for d in free if d is not stands.rival]
        carried.append(stands)
    return tuple(carried), tuple(Unsupported(d, wrongs[d.code]) for d in free)


def _wrong(code: str, key: Key, present: Iterable[str]) -> Wrong | None:
    listed = set(present)
    return next((w for w in key.wrongs if matches(code, w.codes) and (not w.beside or w.beside in listed)), None)


def _rivals(coded: list[Coded], entries: tuple[Entry, ...]) -> dict[str, Coded]:
    """At most one code for each entry of the key: first the less specific ones, then those mistaken for it."""
    found: dict[str, Coded] = {}
    for less_specific in (True, False):
        for entry in entries:
            patterns = entry.near if less_specific else entry.instead
            free = [c for c in coded if c not in found.values() and matches(c.code, patterns)]
            if free and entry.code not in found:
                found[entry.code] = free[0]
    return found


def _standing(entry: Entry, coded: Coded | None, rival: Coded | None) -> Standing:
    if coded is not None:
        return Standing(entry, "both" if rival else "made", coded, rival)
    if rival is None:
        return Standing(entry, "missed")
    return Standing(entry, "near" if matches(rival.code, entry.near) else "instead", None, rival)


def conflict(code: str, others: Iterable[str], evidence: Evidence) -> str:
    """Another listed code that an Excludes1 note sets against this one (the notes are one-sided: both are read)."""
    for other in others:
        one = any(names(p, other) for p in evidence.fact(code).excludes1)
        if other != code and (one or any(names(p, code) for p in evidence.fact(other).excludes1)):
            return other
    return ""


def never_first(code: str, evidence: Evidence) -> bool:
    """Whether the classification itself forbids this code in the first place."""
    return matches(code, NEVER_FIRST) or evidence.fact(code).manifestation
