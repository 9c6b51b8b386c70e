"""What the tests of planting share: the default hospital as planting sees it, and with things planted in it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache

import pytest
from hospital_rounds import Resource, default_by_kind, default_hospital

from fixtures.hospital.checks import walk

SEEDS = range(1, 21)
#: The first of them, for what is costly; the long tier takes all.
SOME = [seed if seed <= 3 else pytest.param(seed, marks=pytest.mark.long) for seed in SEEDS]


class Ward:
    """Satisfies `Hospital` over resources: searches by _id, patient and category."""

    today = date(2026, 6, 30)

    def __init__(self, by_kind: Mapping[str, list[Resource]]) -> None:
        self._by_kind = by_kind

    def read(self, kind: str, id: str) -> Resource:
        return next(copy.deepcopy(one) for one in self._by_kind.get(kind, []) if one["id"] == id)

    def search(self, kind: str, params: Mapping[str, str] | Sequence[tuple[str, str]] = ()) -> list[Resource]:
        asked = dict(params)
        return [copy.deepcopy(one) for one in self._by_kind.get(kind, []) if all(
            _matches(one, name, value) for name, value in asked.items())]


def _matches(one: Resource, name: str, value: str) -> bool:
    if name == "_id":
        return bool(one["id"] == value)
    if name == "patient":
        return bool((one.get("subject") or one.get("patient"))["reference"] == f"Patient/{value}")
    assert name == "category", name
    return any(part["code"] == value for each in one.get("category", []) for part in each.get("coding", []))


@cache
def ward() -> Ward:
    """The default hospital."""
    return Ward(default_by_kind())


def merged(planted: Iterable[Resource]) -> list[Resource]:
    """The default hospital with what was planted over it."""
    rows = {(one["resourceType"], one["id"]): one for one in default_hospital()}
    rows |= {(one["resourceType"], one["id"]): one for one in planted}
    return list(rows.values())


def dangling(planted: Sequence[Resource]) -> set[str]:
    """References of planted resources that nothing answers."""
    known = {f"{one['resourceType']}/{one['id']}" for one in merged(planted)}
    return {target for one in planted for target in walk(one, "reference")} - known


def instant(text: str) -> datetime:
    """A FHIR instant."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
