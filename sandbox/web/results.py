"""A chart's many rows made few: observations gathered by test with their small line, conditions by code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Resource = dict[str, Any]
WIDE, HIGH = 120.0, 24.0  # of the small line, in SVG units


@dataclass(frozen=True)
class Point:
    """One result: `number` None where it is words; `flag` is H, L or empty."""

    at: str
    number: float | None
    flag: str
    resource: Resource


@dataclass(frozen=True)
class Test:
    """All results of one test, newest first. `low` and `high` bound its reference range, where it has one."""

    name: str
    unit: str
    points: tuple[Point, ...]
    low: float | None
    high: float | None

    @property
    def line(self) -> str:
        """The small line's points, "x,y x,y …", oldest left; empty with fewer than two numbers."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self._drawn())

    @property
    def end(self) -> tuple[float, float] | None:
        """Where the newest point stands."""
        drawn = self._drawn()
        return drawn[-1] if drawn else None

    def _drawn(self) -> list[tuple[float, float]]:
        numbers = [p.number for p in reversed(self.points) if p.number is not None]
        if len(numbers) < 2:
            return []
        bottom, top = min(numbers), max(numbers)
        step = (WIDE - 6) / (len(numbers) - 1)
        if top == bottom:  # nothing changed: a line through the middle
            return [(3 + i * step, HIGH / 2) for i in range(len(numbers))]
        return [(3 + i * step, HIGH - 3 - (n - bottom) / (top - bottom) * (HIGH - 6)) for i, n in enumerate(numbers)]


@dataclass(frozen=True)
class Problem:
    """One condition, however often it was recorded: `since` and `last` are FHIR dates or empty."""

    newest: Resource
    since: str
    last: str
    times: int


def problems(conditions: Iterable[Resource]) -> list[Problem]:
    """Conditions gathered by code, the latest recorded first."""
    gathered: dict[str, list[Resource]] = {}
    for found in conditions:
        coding: Resource = next(iter(found.get("code", {}).get("coding", [])), {})
        gathered.setdefault(str(coding.get("code") or found.get("code", {}).get("text", "")), []).append(found)
    rows = []
    for same in gathered.values():
        dated = sorted(same, key=_recorded)
        onsets = sorted(str(c["onsetDateTime"]) for c in same if c.get("onsetDateTime"))
        rows.append(Problem(dated[-1], onsets[0] if onsets else _recorded(dated[0]), _recorded(dated[-1]), len(same)))
    return sorted(rows, key=lambda p: p.last, reverse=True)


def _recorded(condition: Resource) -> str:
    return str(condition.get("recordedDate") or condition.get("onsetDateTime") or "")


def by_test(observations: Iterable[Resource]) -> list[tuple[str, list[Test]]]:
    """(category, tests) in words: laboratory first, then vital signs, then the rest; tests by name."""
    gathered: dict[tuple[str, str, str], list[Resource]] = {}
    for found in observations:
        gathered.setdefault((_category(found), _name(found), _unit(found)), []).append(found)
    groups: dict[str, list[Test]] = {}
    for (category, name, unit), rows in sorted(gathered.items()):
        groups.setdefault(category, []).append(_test(name, unit, rows))
    order = {"Laboratory": 0, "Vital signs": 1}
    return sorted(groups.items(), key=lambda g: (order.get(g[0], 2), g[0]))


def _test(name: str, unit: str, rows: list[Resource]) -> Test:
    newest = sorted(rows, key=_at, reverse=True)
    bounds: Resource = next((r["referenceRange"][0] for r in newest if r.get("referenceRange")), {})
    low, high = ((bounds.get(end) or {}).get("value") for end in ("low", "high"))
    return Test(name, unit, tuple(_point(r, low, high) for r in newest), low, high)


def _point(row: Resource, low: float | None, high: float | None) -> Point:
    number = (row.get("valueQuantity") or {}).get("value")
    flag = next((c.get("code", "") for i in row.get("interpretation", []) for c in i.get("coding", [])), "")
    if not flag and number is not None:
        flag = "H" if high is not None and number > high else "L" if low is not None and number < low else ""
    return Point(_at(row), number, flag if flag in ("H", "L", "HH", "LL") else "", row)


def _at(row: Resource) -> str:
    return str(row.get("effectiveDateTime") or (row.get("effectivePeriod") or {}).get("start") or row.get("issued", ""))


def _name(row: Resource) -> str:
    code = row.get("code", {})
    return str(code.get("text") or next((c.get("display") for c in code.get("coding", [])), "") or "Unnamed")


def _unit(row: Resource) -> str:
    return str((row.get("valueQuantity") or {}).get("unit", ""))


def _category(row: Resource) -> str:
    code = next((c.get("code", "") for k in row.get("category", []) for c in k.get("coding", [])), "")
    return "Other" if not code else code.replace("-", " ").capitalize()
