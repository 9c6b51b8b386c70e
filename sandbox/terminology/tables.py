"""The rows of an ICD-10-PCS table, worked out from its codes: within a row any combination of values is a code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

Row = tuple[str, ...]  # for each place the values that may stand there, as one string: ("9AB", "0", "7JK", "Z")


def rows(endings: Iterable[str]) -> tuple[Row, ...]:
    """Rows that give exactly these endings (places 4 to 7): values that go on alike stand together."""
    found = tuple(sorted(_rows(frozenset(endings))))
    return found


def _rows(endings: frozenset[str]) -> list[Row]:
    below: dict[str, set[str]] = defaultdict(set)
    for ending in endings:
        below[ending[0]].add(ending[1:])
    alike: dict[frozenset[str], list[str]] = defaultdict(list)
    for value in sorted(below):
        alike[frozenset(below[value])].append(value)
    found = []
    for rest, values in alike.items():
        last = rest == frozenset({""})
        found += [("".join(values), *row) for row in ([()] if last else _rows(rest))]
    return found
