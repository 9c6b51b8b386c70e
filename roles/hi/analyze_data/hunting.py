"""Judging a hunt: what was found 60, its class 25, whether it changes the report 15.

Each false alarm among the clinic's rows takes one defect's points away again, its class among them; a row outside the
clinic was not asked and costs nothing, nor does a row beside the fault. A class is right where it can be defended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from roles.hi.analyze_data.definition import Fault, Innocent, Key
from roles.hi.analyze_data.work import Find, Work
from sandbox.activity import Figure, Finding, Report

AXES = ("Found", "Class", "Matters")
KAHN = {
    "conformance/value": "Conformance: value",
    "conformance/relational": "Conformance: relational",
    "conformance/computational": "Conformance: computational",
    "completeness": "Completeness",
    "plausibility/uniqueness": "Plausibility: uniqueness",
    "plausibility/atemporal": "Plausibility: atemporal",
    "plausibility/temporal": "Plausibility: temporal",
}
_FOUND, _CLASS, _MATTERS = 60.0, 25.0, 15.0
RULE = "Kahn 2016"


@dataclass(frozen=True)
class Seen:
    """One defect against her list: how far its rows are named, and the lines that name them."""

    fault: Fault
    share: float
    lines: tuple[Find, ...]

    @property
    def classed(self) -> bool:
        """Whether each class that she gave can be defended, and she gave one."""
        given = [f.kahn for f in self.lines if f.kahn]
        return bool(given) and all(kahn in self.fault.kahn for kahn in given)


def judge(work: Work, key: Key) -> Report:
    """The report. Lines that repeat a row and column count once; their order is of no matter."""
    finds = tuple(dict.fromkeys(sorted(work.finds, key=lambda f: (f.row, f.column, f.kahn, f.matters))))
    seen = [_seen(fault, finds) for fault in key.faults]
    alarms = _alarms(finds, key)
    cancelled = _cancelled(seen, len(alarms))
    findings = (*_found(seen, cancelled), *_classes(seen, cancelled), *_matters(seen, finds, key),
                *_innocent(alarms, key))
    whole = sum(s.share >= 1 for s in seen)
    figures = (Figure("Defects found", f"{whole} of {len(seen)}"), Figure("False alarms", str(len(alarms))))
    return Report(findings, (), figures, AXES, _next(seen, alarms))


def _seen(fault: Fault, finds: Sequence[Find]) -> Seen:
    """Each of the fault's rows counts whole with its column, by half without."""
    share, lines = 0.0, []
    for row in fault.rows:
        here = [f for f in finds if f.row in row.ids]
        lines += here
        share += max((1.0 if f.column in row.columns else 0.5 for f in here), default=0.0) / len(fault.rows)
    return Seen(fault, share, tuple(lines))


def _alarms(finds: Sequence[Find], key: Key) -> list[str]:
    """Rows of the clinic that she names and that show no fault."""
    faulty = {id for fault in key.faults for row in fault.rows for id in row.ids}
    near = {id for fault in key.faults for id in fault.near}
    cleared = {id for innocent in key.innocents for id in innocent.ids}
    rows = dict.fromkeys(f.row for f in finds if f.row in key.clinic or f.row in cleared)
    return [row for row in rows if row not in faulty and (row in cleared or row not in near)]


def _cancelled(seen: Sequence[Seen], alarms: int) -> set[str]:
    """The defects whose points the false alarms take away: those that earn least, so that more right never lowers."""
    best = sorted((s for s in seen if s.share > 0),
                  key=lambda s: (-_FOUND * s.share - _CLASS * s.classed, s.fault.name))
    return {s.fault.name for s in best[max(0, len(best) - alarms):]}


def _found(seen: Sequence[Seen], cancelled: set[str]) -> Iterator[Finding]:
    each = _FOUND / len(seen)
    for s in seen:
        ok = s.share > 0 and s.fault.name not in cancelled
        stands = "; ".join(f"`{row.ids[0]}`, `{row.columns[0]}`" for row in s.fault.rows)
        why = f"{s.fault.why} It stands in {stands}."
        if s.share > 0 and not ok:
            why += " You named it; a false alarm takes its points away again."
        elif 0 < s.share < 1:
            why += " You named a part of it: a row is missing, or the column is another."
        yield Finding(f"found_{s.fault.name}", "Found", "data-quality", each * s.share if ok else 0.0, each,
                      _title(s.fault.name), why, "right" if ok and s.share >= 1 else "missed", label="defect")


def _classes(seen: Sequence[Seen], cancelled: set[str]) -> Iterator[Finding]:
    each = _CLASS / len(seen)
    for s in seen:
        given = [f.kahn for f in s.lines if f.kahn]
        ok = s.classed and s.fault.name not in cancelled
        main, *other = (KAHN[kahn] for kahn in s.fault.kahn)
        why = f"{main}." + (f" {' or '.join(other)} can be defended as well." if other else "")
        if s.classed and not ok:
            why += " A false alarm takes its points away again."
        elif given and not ok:
            why = f"You chose {' and '.join(KAHN.get(k, 'another class') for k in dict.fromkeys(given))}. {why}"
        yield Finding(f"class_{s.fault.name}", "Class", "data-quality", each if ok else 0.0, each,
                      f"{_title(s.fault.name)}: its class", why, "right" if ok else "missed", label="class", rule=RULE)


def _matters(seen: Sequence[Seen], finds: Sequence[Find], key: Key) -> Iterator[Finding]:
    """Points over the defects that change the report; each line that is ticked and does not cancels one."""
    wanted = [s for s in seen if s.fault.name in key.params.matters]
    ticked = {s.fault.name for s in seen if any(f.matters for f in s.lines)}
    named = {f for s in seen for f in s.lines}
    strays = len(ticked - set(key.params.matters)) + len({f.row for f in finds if f.matters and f not in named})
    hits = [s.fault.name for s in wanted if s.fault.name in ticked]
    counted = set(hits[: max(0, len(hits) - strays)])
    for s in wanted:
        ok, each = s.fault.name in counted, _MATTERS / len(wanted)
        why = ("The report reads this row: mended, it says something else." if ok else
               "You ticked it, beside a row that the report never reads." if s.fault.name in hits else
               "The report reads this row, and it was not said.")
        yield Finding(f"matters_{s.fault.name}", "Matters", "analytics", each if ok else 0.0, each,
                      f"{_title(s.fault.name)} changes the report", why, "right" if ok else "missed", label="matters")


def _innocent(alarms: Sequence[str], key: Key) -> Iterator[Finding]:
    """What was named and is none: a look-alike with what clears it, once each; ordinary rows together."""
    by: dict[Innocent, list[str]] = {}
    plain: list[str] = []
    for row in alarms:
        cleared = next((one for one in key.innocents if row in one.ids), None)
        (by.setdefault(cleared, []) if cleared else plain).append(row)
    for n, (one, rows) in enumerate(by.items()):
        yield Finding(f"alarm_{one.beside}_{n}", "Found", "data-quality", 0.0, 0.0,
                      "A look-alike was taken for a defect", f"{_listed(rows)}: {one.why}",
                      "unsupported", label="alarm", mistake=f"innocent-{one.beside}")
    if plain:
        yield Finding("alarm_plain", "Found", "data-quality", 0.0, 0.0, "Rows with nothing wrong in them",
                      f"{_listed(plain)}: nothing was found that speaks against them.", "unsupported", label="alarm")


def _listed(rows: Sequence[str]) -> str:
    """Up to three keys as code, and how many more."""
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return f"{', '.join(f'`{row}`' for row in rows[:3])}{more}"


def _title(name: str) -> str:
    return _TITLES.get(name, name.replace("-", " ").capitalize())


_TITLES: Mapping[str, str] = {
    "duplicate-mrn": "One number, two people",
    "null-required": "A required element is missing",
    "retired-code": "A code that no longer stood on its date",
    "bmi-mismatch": "An index that weight and height do not give",
    "swapped-units": "Pounds written as kilograms",
    "impossible-physiology": "Values that no living body gives",
    "event-after-death": "A measurement after death",
    "orphan-reference": "A message about nobody",
    "bad-date": "Dates that cannot be",
    "wrong-system": "A code under another system's address",
    "total-mismatch": "A total that its lines do not give",
    "closed-encounter-without-diagnosis": "A finished visit without a diagnosis",
    "unmapped-lab": "A laboratory result without LOINC",
    "insulin-without-diabetes": "Insulin, and no diabetes anywhere",
    "end-before-start": "An end before its start",
    "one-patient-twice": "One person under two numbers",
}


def _next(seen: Sequence[Seen], alarms: Sequence[str]) -> str:
    if alarms:
        return "Before you call a row wrong, look for what would clear it: a second reading, a unit, a reason."
    missed = [s for s in seen if s.share < 1]
    if missed:
        return f"Next time, write one query for each class, and begin with {KAHN[missed[0].fault.kahn[0]].lower()}."
    return "Take the same checks to the next clinic that comes over, before anybody counts on its rows."
