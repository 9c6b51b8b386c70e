"""What FHIRPath functions and operators do to lists of nodes (SQL on FHIR v2's subset, and a few more)."""

from __future__ import annotations

import calendar
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.lab.grammar import BadExpression

Nodes = list[Any]


def get_key(nodes: Nodes) -> Nodes:
    """getResourceKey(): the resource's id, as `reference_key` gives it for a reference to it."""
    return [node["id"] for node in nodes if isinstance(node, dict) and "id" in node]


def reference_key(node: Any, wanted: str) -> str | None:
    """getReferenceKey(Type): the id that a Reference names, None where it names another type or none."""
    text = node.get("reference") if isinstance(node, dict) else None
    if not isinstance(text, str) or text.startswith("#"):
        return None
    kind, slash, key = text.partition("/")
    if slash and kind == wanted and "/" not in key:
        return key  # nearly always
    if text.startswith("urn:"):
        return text.rpartition(":")[2]
    parts = text.partition("/_history/")[0].rsplit("/", 2)
    if len(parts) < 2 or (wanted and parts[-2] != wanted):
        return None
    return parts[-1]


def _truth(nodes: Nodes) -> bool | None:
    if not nodes:
        return None
    if len(nodes) == 1:
        return nodes[0] if isinstance(nodes[0], bool) else True
    raise BadExpression("A single true or false was expected, and there are several values.")


def _and(left: Nodes, right: Nodes) -> Nodes:
    one, two = _truth(left), _truth(right)
    if one is False or two is False:
        return [False]
    return [True] if one and two else []


def _or(left: Nodes, right: Nodes) -> Nodes:
    one, two = _truth(left), _truth(right)
    if one or two:
        return [True]
    return [False] if one is False and two is False else []


def _xor(left: Nodes, right: Nodes) -> Nodes:
    one, two = _truth(left), _truth(right)
    return [] if one is None or two is None else [one != two]


def _same(one: Any, two: Any) -> bool:
    return isinstance(one, bool) == isinstance(two, bool) and bool(one == two)


def _equal(left: Nodes, right: Nodes) -> Nodes:
    if not left or not right:
        return []
    return [len(left) == len(right) and all(_same(one, two) for one, two in zip(left, right, strict=True))]


def _unequal(left: Nodes, right: Nodes) -> Nodes:
    return [not value for value in _equal(left, right)]


def _singles(apply: Callable[[Any, Any], Any]) -> Callable[[Nodes, Nodes], Nodes]:
    def both(left: Nodes, right: Nodes) -> Nodes:
        if not left or not right:
            return []
        if len(left) > 1 or len(right) > 1:
            raise BadExpression("An operator needs single values, and there are several.")
        try:
            return [apply(left[0], right[0])]
        except (TypeError, ZeroDivisionError):
            return []

    return both


BINARY: dict[str, Callable[[Nodes, Nodes], Nodes]] = {
    "and": _and, "or": _or, "xor": _xor, "=": _equal, "!=": _unequal,
    "implies": lambda left, right: _or([not value for value in left], right),
    "<": _singles(operator.lt), ">": _singles(operator.gt), "<=": _singles(operator.le), ">=": _singles(operator.ge),
    "+": _singles(operator.add), "-": _singles(operator.sub), "*": _singles(operator.mul),
    "/": _singles(operator.truediv), "div": _singles(operator.floordiv), "mod": _singles(operator.mod),
    "&": lambda left, right: ["".join(map(str, left[:1])) + "".join(map(str, right[:1]))],
    "|": lambda left, right: _distinct(left + right),
    "in": lambda left, right: [any(_same(left[0], each) for each in right)] if left else [],
    "contains": lambda left, right: [any(_same(right[0], each) for each in left)] if right else [],
}


def _distinct(nodes: Nodes) -> Nodes:
    found: Nodes = []
    for node in nodes:
        if not any(_same(node, each) for each in found):
            found.append(node)
    return found


def _join(nodes: Nodes, separator: Nodes | None = None) -> Nodes:
    # nothing joined is "", not empty: so the official suite has it
    return [("" if separator is None else str(separator[0])).join(map(str, nodes))]


def _text(apply: Callable[..., Any]) -> Callable[..., Nodes]:
    def each(nodes: Nodes, *arguments: Nodes) -> Nodes:
        if any(not argument for argument in arguments):
            return []
        return [apply(node, *[argument[0] for argument in arguments]) for node in nodes if isinstance(node, str)]

    return each


def _substring(text: str, start: int, length: int | None = None) -> str:
    return text[start:] if length is None else text[start:start + length]


_TIME = ("00:00:00.000", "23:59:59.999")


def _boundary(high: bool) -> Callable[..., Nodes]:
    def boundary(nodes: Nodes, *_precision: Nodes) -> Nodes:
        return [_edge(node, high) for node in nodes]

    return boundary


def _edge(value: Any, high: bool) -> Any:
    """The first or last value that `value` can mean, by its precision (FHIRPath lowBoundary, highBoundary)."""
    if isinstance(value, int | float | Decimal):
        number = Decimal(str(value))
        half = Decimal(5).scaleb(int(number.as_tuple().exponent) - 1)
        return float(number + half if high else number - half)
    text = str(value)
    if ":" in text and "-" not in text.partition(":")[0]:
        return _time_edge(text, high)
    day, _, clock = text.partition("T")
    if not clock:
        day = _day_edge(day, high)
        # a dateTime without a zone can be anywhere on Earth; a date column cuts the time off again
        return f"{day}T{_TIME[high]}{'-12:00' if high else '+14:00'}"
    zone = ""
    for mark in ("Z", "+", "-"):
        if mark in clock:
            clock, zone = clock[:clock.index(mark)], clock[clock.index(mark):]
            break
    return f"{day}T{_time_edge(clock, high)}{zone or ('-12:00' if high else '+14:00')}"


def _time_edge(text: str, high: bool) -> str:
    return text + _TIME[high][len(text):]


def _day_edge(day: str, high: bool) -> str:
    parts = day.split("-")
    if len(parts) == 1:
        parts.append("12" if high else "01")
    if len(parts) == 2:
        last = calendar.monthrange(int(parts[0]), int(parts[1]))[1]
        parts.append(f"{last:02d}" if high else "01")
    return "-".join(parts)


FUNCTIONS: dict[str, Callable[..., Nodes]] = {
    "exists": lambda nodes: [bool(nodes)], "empty": lambda nodes: [not nodes], "count": lambda nodes: [len(nodes)],
    "first": lambda nodes: nodes[:1], "last": lambda nodes: nodes[-1:], "tail": lambda nodes: nodes[1:],
    "distinct": _distinct, "join": _join,
    "not": lambda nodes: [] if (truth := _truth(nodes)) is None else [not truth],
    "lowBoundary": _boundary(False), "highBoundary": _boundary(True),
    "startsWith": _text(str.startswith), "endsWith": _text(str.endswith), "contains": _text(lambda a, b: b in a),
    "lower": _text(str.lower), "upper": _text(str.upper), "substring": _text(_substring), "replace": _text(str.replace),
    "toString": lambda nodes: [str(node) for node in nodes[:1]],
}
