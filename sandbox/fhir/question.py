"""A search as it was asked, understood: FHIR R4 section 3.1.1, for the parameters that are kept.

A comma is OR, a repeated parameter AND. Each criterion knows the table whose rows can answer it and the test on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from sandbox.errors import BadInput
from sandbox.fhir import compare, definitions, index, store, values
from sandbox.fhir.definitions import SearchParameter

Columns = sa.ColumnCollection[str, Any]
Test = Callable[[Any], sa.ColumnElement[bool]]
Known = Callable[[str], Mapping[str, SearchParameter]]

#: How many matches a page has, unless asked, and at most.
USUAL, MOST = 50, 1000
#: How much one search asks: parameters, values in all of them (each is a test), ids beside those, keys of `_sort`.
MOST_ASKED, MOST_VALUES, MOST_IDS, MOST_KEYS = 30, 200, 1000, 5
#: Part of the log is not stored but made of the trail, so it cannot be found by what it points to.
UNREVERSED = frozenset({"AuditEvent"})
#: What changes how an answer is written, not what is found.
_MANNERS = frozenset({"_format", "_pretty"})
#: What an answer holds and in what order.
_SHAPING = frozenset({"_count", "_offset", "_total", "_sort", "_include", "_revinclude"})


@dataclass(frozen=True)
class Criterion:
    """One thing asked: rows of `table` that pass `test` find it. `absent`: it is found where no such row is."""

    name: str
    table: sa.Table
    test: Test
    absent: bool = False
    selective: bool = False  # an id, a reference, an identifier: few resources answer

    def holds(self, row: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Whether the version with this row number is found."""
        other = self.table.alias()
        found = sa.exists().where(other.c.row == row, self.test(other.c))
        return sa.not_(found) if self.absent else found


@dataclass(frozen=True)
class Order:
    """One key of `_sort`: a column of the versions, or the values of a parameter."""

    name: str
    down: bool
    number: int = 0
    table: sa.Table | None = None  # None: `_id` or `_lastUpdated`, which the version itself has

    @property
    def column(self) -> str:
        """The column that is compared."""
        if self.table is None:
            return "id" if self.name == "_id" else "updated"
        return next(c.name for c in self.table.columns if c.name not in ("ws", "param"))


@dataclass(frozen=True)
class Include:
    """One `_include`: the references of a parameter (its number), of one target type or any ("")."""

    number: int
    target: str


@dataclass
class Question:
    """All that was asked of one type."""

    kind: str
    asked: list[tuple[str, str]]
    known: Known = index.kept
    criteria: list[Criterion] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    reverse: list[int] = field(default_factory=list)  # `_revinclude`: the numbers of the parameters that point here
    count: int = USUAL
    offset: int = 0
    total: bool = True

    def parameter(self, name: str, kind: str = "") -> SearchParameter | None:
        """FHIR's parameter of that name, for the type asked or another; else the workspace's own."""
        return index.kept(kind or self.kind).get(name) or self.known(kind or self.kind).get(name)


def knows(kind: str, asked: str, known: Known = index.kept) -> bool:
    """Whether there is such a parameter, whatever its modifier; a paging or sorting one has none."""
    name = asked.partition(":")[0]
    return asked in _SHAPING or name in ("_id", "_lastUpdated") or name in index.kept(kind) or name in known(kind)


def understand(kind: str, params: Sequence[tuple[str, str]], known: Known = index.kept) -> Question:
    """Read a search. BadInput names the parameter that cannot be used, NotFound an unknown type.

    `known` gives all parameters of a type by name: FHIR's, and a workspace's own.
    """
    definitions.need_kind(kind)
    question = Question(kind, [(name, value) for name, value in params if name not in _MANNERS], known)
    _measure(question.asked)
    for name, value in question.asked:
        if "\x00" in value or "\x00" in name:
            raise BadInput(f"The search parameter {name!r} holds a character that no text has.")
        if value.strip():
            _take(question, name, value.strip())
    return question


def _measure(asked: Sequence[tuple[str, str]]) -> None:
    def commas(*names: str, others: bool = False) -> int:
        return sum(value.count(",") + 1 for name, value in asked if (name in names) != others)

    for number, most, what in ((len(asked), MOST_ASKED, "parameters"), (commas("_id"), MOST_IDS, "ids"),
                               (commas("_sort"), MOST_KEYS, "keys to sort by"),
                               (commas("_id", "_sort", others=True), MOST_VALUES, "values in all")):
        if number > most:
            raise BadInput(f"A search has at most {most:,} {what}; this one has {number:,}.",
                           hint="Ask for less at a time.")


def _take(question: Question, name: str, value: str) -> None:
    if name == "_count":
        question.count = min(_number(name, value), MOST)
    elif name == "_offset":
        question.offset = _number(name, value)
    elif name == "_total":
        question.total = value != "none"
    elif name == "_sort":
        question.orders += [_order(question, key.strip()) for key in value.split(",")]
    elif name == "_include":
        question.includes.append(_include(question, value))
    elif name == "_revinclude":
        question.reverse.append(_reverse(question, value))
    else:
        question.criteria.append(_criterion(question, name, value))


def _criterion(question: Question, asked: str, value: str) -> Criterion:
    kind = question.kind
    name, _, modifier = asked.partition(":")
    if name == "_id" and not modifier:
        ids = compare.alternatives(value)
        return Criterion(name, store.version, lambda c: sa.and_(c.kind == kind, c.id.in_(ids)), selective=True)
    if name == "_lastUpdated" and not modifier:
        updated = compare.date(asked, value, lambda c: (c.updated, c.updated + 1))
        return Criterion(name, store.version, updated)
    parameter = question.parameter(name)
    if parameter is None:
        raise BadInput(f"There is no search parameter “{asked}” for {kind} here.",
                       hint=f"Use one of {_known(question)}.")
    kept_as = index.stored_name(kind, name)
    test, absent = compare.test(parameter, modifier, value, narrow=kept_as != name)
    number = parameter.number or values.parameter_number(kind, kept_as)
    few = (parameter.type == "reference" or name == "identifier") and modifier != "missing" and not absent
    return Criterion(name, index.TABLES[parameter.type], lambda c: sa.and_(c.param == number, test(c)), absent, few)


def _order(question: Question, key: str) -> Order:
    kind = question.kind
    name, down = key.removeprefix("-"), key.startswith("-")
    if name in ("_id", "_lastUpdated"):
        return Order(name, down)
    parameter = question.parameter(name)
    if parameter is None:
        raise BadInput(f"{kind} cannot be sorted by “{name}” (_sort).", hint=f"Use one of {_known(question)}.")
    return Order(name, down, _number_of(kind, parameter), index.TABLES[parameter.type])


def _include(question: Question, value: str) -> Include:
    kind = question.kind
    match = re.fullmatch(r"(\w+):([\w-]+)(?::(\w+))?", value)
    source, name, target = match.groups() if match else ("", "", None)
    parameter = question.parameter(name)
    if source != kind or parameter is None or parameter.type != "reference":
        good = sorted(p.name for p in question.known(kind).values() if p.type == "reference")
        raise BadInput(f"“{value}” cannot be included (_include).",
                       hint=f"Use {kind}:NAME with one of {', '.join(good)}." if good else "")
    only = parameter.targets[0] if len(parameter.targets) == 1 else ""
    return Include(_number_of(kind, parameter), target or only)


def _reverse(question: Question, value: str) -> int:
    """The number of the parameter by which another type points to `kind`."""
    kind, (source, _, name) = question.kind, value.partition(":")
    there = source in definitions.kinds() and source not in UNREVERSED
    parameter = question.parameter(name, source) if there else None
    if parameter is None or parameter.type != "reference" or (parameter.targets and kind not in parameter.targets):
        raise BadInput(f"“{value}” cannot be included with {kind} (_revinclude).",
                       hint="Use TYPE:NAME, a reference of that type to this one, as in Observation:encounter.")
    return _number_of(source, parameter)


def _number_of(kind: str, parameter: SearchParameter) -> int:
    """The number that a parameter's index rows have."""
    return parameter.number or values.parameter_number(kind, index.stored_name(kind, parameter.name))


def _number(name: str, value: str) -> int:
    if not re.fullmatch(r"\d{1,9}", value):
        raise BadInput(f"{name} must be a whole number, not “{value}”.")
    return int(value)


def _known(question: Question) -> str:
    return ", ".join(["_id", "_lastUpdated", *sorted(question.known(question.kind))])
