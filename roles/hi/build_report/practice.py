"""Patients of the practice: whoever a quality measure may count, with what their charts say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from roles.hi.build_report import entries
from roles.hi.build_report.facts import Fact, Visit
from roles.hi.build_report.timeline import at, known_as, patient
from sandbox.activity import Resource


@dataclass(frozen=True)
class Member:
    """One patient of the practice."""

    facts: tuple[Fact, ...]
    born: date = date(1963, 5, 14)
    died: datetime | None = None
    records: int = 1
    sex: Literal["female", "male", ""] = ""  # "": as her name has it

    def ids(self, salt: str) -> tuple[str, ...]:
        """The ids of her records, the surviving one last."""
        return tuple(known_as("p", salt, n) for n in range(self.records))

    def resources(self, salt: str) -> Iterator[Resource]:
        """Her Patient resources, then what stands in her chart."""
        for n in range(self.records):
            yield patient(self, salt, n, replaced=n < self.records - 1, sex=self.sex)
        for n, fact in enumerate(self.facts):
            subject = {"reference": f"Patient/{known_as('p', salt, fact.record)}"}
            yield from entries.of(fact, salt, n, subject)


Members = tuple[Member, ...]
Pattern = Callable[[date, int], Members]  # (day of the office visit, number of the copy)


def visit(day: date, *codes: str, hour: int = 9, **more: object) -> Visit:
    """An office visit of that day with its codes."""
    return replace(Visit(at(day, hour, 15), codes), **more)  # type: ignore[arg-type]


def stay(day: date, *codes: str, **more: object) -> Visit:
    """Two nights in the hospital from that day."""
    return replace(Visit(at(day, 14), codes, "IMP", end=at(day + timedelta(days=2), 11)), **more)  # type: ignore[arg-type]
