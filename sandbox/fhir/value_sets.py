"""Value sets that a workspace was given, as codes by system: what a required binding is checked against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.fhir import definitions

Resource = dict[str, Any]
#: Codes by system; None stands for every code of a system that is included whole.
Members = dict[str, frozenset[str] | None]
_DEEP = 5


def members(canonical: str, posted: Mapping[str, Resource], deep: int = _DEEP) -> Members | None:
    """What belongs to a value set, posted or R4's own; None where it is not known here, or cannot be listed."""
    url, _, asked = canonical.partition("|")
    found = posted.get(url)
    if found is None or (asked and found.get("version") != asked):
        listed = definitions.codes(url)
        return dict(listed) if listed else None
    if "expansion" in found:
        return _grouped(_contained(found["expansion"].get("contains", ())))
    compose = found.get("compose", {})
    made: Members = {}
    for include in compose.get("include", ()):
        part = _included(include, posted, deep)
        if part is None:
            return None
        _add(made, part)
    for exclude in compose.get("exclude", ()):
        part = _included(exclude, posted, deep)
        if part is None or not _take(made, part):
            return None
    return made


def holds(found: Members, system: str, code: str) -> bool:
    """Whether a coding belongs to the set."""
    codes = found.get(system, frozenset())
    return codes is None or code in codes


def _included(include: Resource, posted: Mapping[str, Resource], deep: int) -> Members | None:
    """What one include adds: a system's listed codes or all of them, and what its value sets have in common with it."""
    if include.get("filter") or deep <= 0:
        return None
    sets = [members(each, posted, deep - 1) for each in include.get("valueSet", ())]
    if "system" in include:
        codes = [str(each.get("code")) for each in include.get("concept", ())]
        own: Members = {include["system"]: frozenset(codes) if codes else None}
        return own if not sets else None
    return None if len(sets) != 1 else sets[0]


def _add(made: Members, part: Members) -> None:
    for system, codes in part.items():
        here = made.get(system, frozenset())
        made[system] = None if codes is None or here is None else here | codes


def _take(made: Members, part: Members) -> bool:
    """Take codes out again; False where a system that is there whole would have to be listed."""
    for system, codes in part.items():
        here = made.get(system, frozenset())
        if codes is None:
            made.pop(system, None)
        elif here is None:
            return False
        else:
            made[system] = here - codes
    return True


def _contained(contains: list[Resource]) -> Iterator[tuple[str, str]]:
    for each in contains:
        if "code" in each and not each.get("abstract"):
            yield str(each.get("system", "")), str(each["code"])
        yield from _contained(each.get("contains", []))


def _grouped(pairs: Iterator[tuple[str, str]]) -> Members:
    found: dict[str, set[str]] = {}
    for system, code in pairs:
        found.setdefault(system, set()).add(code)
    return {system: frozenset(codes) for system, codes in found.items()}
