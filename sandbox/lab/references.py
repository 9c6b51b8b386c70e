"""The lab's reference tables: what a report looks up beside the record. The same in every hospital and workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sandbox.lab.tables import Column, LabTable, Resource

Row = tuple[Any, ...]


@dataclass(frozen=True)
class ReferenceTable:
    """One table made of a list in `fixtures/terminology`. It stands among the views; no resource adds to it."""

    name: str
    description: str
    columns: tuple[Column, ...]
    source: str
    read: Callable[[list[str]], Iterator[Row]]
    resource: str = ""  # none: nothing shadows or adds rows
    owner: str = ""

    @property
    def text(self) -> str:
        """The list as it stands in the project."""
        return (files("fixtures") / "terminology" / self.source).read_text(encoding="utf-8")

    def rows(self, resource: Resource) -> list[Row]:
        """None: it is made of no resource."""
        return []

    def fixed(self) -> Iterator[Row]:
        """Its rows, each value as JSON that DuckDB reads as the column's type."""
        lines = [line for line in self.text.splitlines() if line.strip() and not line.startswith("#")]
        for line in lines[1:]:
            yield from self.read(line.split("\t"))

    def as_table(self) -> LabTable:
        """Its page of the data dictionary."""
        return LabTable(self.name, self.description, self.columns)


def _drg(cells: list[str]) -> Iterator[Row]:
    drg, mdc, kind, title, weight, gmlos, amlos, _ = cells
    yield 2026, drg, mdc or None, kind or None, title, weight or None, gmlos or None, amlos or None


def _value_set(cells: list[str]) -> Iterator[Row]:
    name, oid, version, _, system, code, display = cells
    yield name, oid or None, version or None, system, code, display


def _columns(*each: tuple[str, str, str, bool]) -> tuple[Column, ...]:
    return tuple(Column(name, kind, words, "", key) for name, kind, words, key in each)


REFERENCES = (
    ReferenceTable("drg_weight", "One MS-DRG in one fiscal year", _columns(
        ("fiscal_year", "INTEGER", "From 1 October of the year before to 30 September", True),
        ("ms_drg", "VARCHAR", "Three digits", True), ("mdc", "VARCHAR", "Major diagnostic category", False),
        ("kind", "VARCHAR", "med or surg", False), ("title", "VARCHAR", "Its name", False),
        ("weight", "DECIMAL(9,4)", "Relative weight; none for 998 and 999, which are not paid", False),
        ("gmlos", "DECIMAL(6,1)", "Geometric mean length of stay, days", False),
        ("amlos", "DECIMAL(6,1)", "Arithmetic mean length of stay, days", False)), "drg_weights.tsv", _drg),
    ReferenceTable("value_set", "One code of one value set of the quality measures; no CPT, no SNOMED CT", _columns(
        ("value_set", "VARCHAR", "Its name", True), ("oid", "VARCHAR", "Its identifier, where it is published", False),
        ("version", "VARCHAR", "Its version", False), ("system", "VARCHAR", "The code system, as in the record", True),
        ("code", "VARCHAR", "The code", True), ("display", "VARCHAR", "What the code means", False)),
        "value_sets/measures.tsv", _value_set),
)
