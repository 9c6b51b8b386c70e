"""A ViewDefinition (SQL on FHIR v2) as a function from one resource to rows.

Supported: select, column, forEach, forEachOrNull, repeat, unionAll, where, constant, %rowIndex, getResourceKey and
getReferenceKey. A view that breaks the rules is refused when it is compiled, naming the place.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sandbox.lab.expressions import Step, compile
from sandbox.lab.firsts import Path, compile_first
from sandbox.lab.grammar import BadExpression
from sandbox.lab.straight import compile_row

Resource = dict[str, Any]
Row = tuple[Any, ...]
Rows = Callable[[list[Any]], list[Row]]
Converts = Callable[[dict[str, Any]], Callable[[Any], Any]]  # of a column of the definition

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


class View:
    """A compiled view: `resource` is the type it reads, `columns` the ViewDefinition's columns in order.

    A column with several values in one row is an error, as the standard has it; with `lenient` it takes the first,
    and makes of it what the function that `convert` gives for the column does.
    """

    def __init__(self, definition: dict[str, Any], *, lenient: bool = False, convert: Converts | None = None) -> None:
        if not isinstance(definition.get("resource"), str):
            raise BadExpression("A ViewDefinition must say which resource type it reads (`resource`).")
        if not definition.get("select"):
            raise BadExpression("A ViewDefinition must select at least one column (`select`).")
        self.resource: str = definition["resource"]
        self._row = [0]
        self.lenient, self.convert = lenient, convert
        self._constants = {each["name"]: _constant(each) for each in definition.get("constant", ())}
        self._where = [(each["path"], self._path(each["path"])) for each in definition.get("where", ())]
        self._select = _Select(self, {"select": definition["select"]})
        self.columns: tuple[dict[str, Any], ...] = tuple(self._select.columns)
        names = [column["name"] for column in self.columns]
        for name in names:
            if names.count(name) > 1:
                raise BadExpression(f"The column {name} is there twice.")

    def rows(self, resource: Resource) -> list[Row]:
        """The rows of one resource, in the resource's order; none for another type, or where `where` says no."""
        if resource.get("resourceType") != self.resource:
            return []
        focus = [resource]
        self._row[0] = 0
        for text, test in self._where:
            found = test(focus)
            if found and not all(isinstance(value, bool) for value in found):
                raise BadExpression(f"“{text}” in `where` must be true or false, and gives {found[0]!r}.")
            if found != [True]:
                return []
        return self._select.rows(focus)

    def run(self, resources: Iterable[Resource]) -> Iterator[Row]:
        """The rows of many resources."""
        for resource in resources:
            yield from self.rows(resource)

    def _path(self, expression: str) -> Step:
        return compile(expression, self.resource, self._constants, self._row)


def _constant(each: dict[str, Any]) -> Any:
    values = [value for key, value in each.items() if key.startswith("value")]
    if len(values) != 1:
        raise BadExpression(f"The constant {each.get('name')} must have one value[x].")
    return values[0]


class _Select:
    """One `select`: its focus, its own columns, and the parts whose rows are crossed with them."""

    def __init__(self, view: View, select: dict[str, Any]) -> None:
        self._row = view._row
        self._over: Step | None = None
        self._or_null = "forEachOrNull" in select
        path = select.get("forEachOrNull", select.get("forEach"))
        if path is not None:
            self._over = view._path(path)
        elif "repeat" in select:
            self._over = _repeat([view._path(each) for each in select["repeat"]])
        own, parts = list(select.get("column", ())), list(select.get("select", ()))
        while parts and parts[0].keys() == {"column"}:  # a part without a focus of its own only adds columns
            own += parts.pop(0)["column"]
        self.columns: list[dict[str, Any]] = list(own)
        self._own = _row(view, [_checked(each) for each in own])
        self._parts: list[Rows] = []
        for each in parts:
            self._add(_Select(view, each))
        if select.get("unionAll"):
            self._add(_Union([_Select(view, each) for each in select["unionAll"]]))
        self._null = tuple(0 if each["path"].strip() == "%rowIndex" else None for each in self.columns)

    def _add(self, part: _Select | _Union) -> None:
        self.columns += part.columns
        self._parts.append(part.rows)

    def rows(self, focus: list[Any]) -> list[Row]:
        if self._over is None:
            return self._at(focus)
        nodes = self._over(focus)
        if not nodes:
            return [self._null] if self._or_null else []
        before = self._row[0]
        found: list[Row] = []
        for index, node in enumerate(nodes):
            self._row[0] = index
            found += self._at([node])
        self._row[0] = before
        return found

    def _at(self, focus: list[Any]) -> list[Row]:
        own = self._own(focus)
        if not self._parts:
            return [own]
        if len(self._parts) == 1:
            return [own + row for row in self._parts[0](focus)]
        parts = [part(focus) for part in self._parts]
        return [own + tuple(itertools.chain(*rows)) for rows in itertools.product(*parts)]


class _Union:
    def __init__(self, branches: list[_Select]) -> None:
        self._branches = branches
        self.columns = branches[0].columns
        first = [column["name"] for column in self.columns]
        for branch in branches[1:]:
            if [column["name"] for column in branch.columns] != first:
                raise BadExpression(f"Every branch of unionAll must have the same columns in the same order: {first}.")

    def rows(self, focus: list[Any]) -> list[Row]:
        return [row for branch in self._branches for row in branch.rows(focus)]


def _checked(column: dict[str, Any]) -> dict[str, Any]:
    if not _NAME.match(str(column.get("name", ""))):
        raise BadExpression(f"A column's name is letters, digits and _: {column.get('name')!r} is not.")
    return column


def _row(view: View, columns: list[dict[str, Any]]) -> Callable[[list[Any]], Row]:
    if view.lenient:
        return compile_row([(_path(view, each), view.convert and view.convert(each)) for each in columns])
    values = [_value(view, each) for each in columns]
    return lambda focus: tuple([value(focus) for value in values])


def _path(view: View, column: dict[str, Any]) -> Path:
    if column.get("collection") or column.get("type") == "date":
        return Path(_value(view, column))
    return compile_first(column["path"], view.resource, view._constants, view._row)


def _value(view: View, column: dict[str, Any]) -> Callable[[list[Any]], Any]:
    name, is_date = column["name"], column.get("type") == "date"
    step = view._path(column["path"])
    if column.get("collection"):
        return lambda focus: list(step(focus))

    def value(focus: list[Any]) -> Any:
        found = step(focus)
        if not found:
            return None
        if len(found) > 1 and not view.lenient:
            raise BadExpression(f"The column {name} has {len(found)} values in one row; say first() or collection.")
        only = found[0]
        return only[:10] if is_date and isinstance(only, str) else only

    return value


def _repeat(paths: list[Step]) -> Step:
    def descend(nodes: list[Any]) -> list[Any]:
        found: list[Any] = []
        for path in paths:
            for child in path(nodes):
                found.append(child)
                found += descend([child])
        return found

    return descend
