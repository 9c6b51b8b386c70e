"""What a search value matches, as a condition on the columns of an index table: FHIR R4 section 3.1.1.4."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from sandbox.errors import BadInput
from sandbox.fhir import values
from sandbox.fhir.definitions import SearchParameter

Condition = sa.ColumnElement[bool]
Test = Callable[[Any], Condition]

_PREFIX = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb)?(?=[\d])")
_DATES = "Write 2026, 2026-05, 2026-05-18 or 2026-05-18T14:00:00Z, after eq, ne, gt, lt, ge, le, sa, eb or nothing."
_LAST = "\U0010ffff"  # sorts after every other character
_MODIFIERS = {"token": ("not",), "string": ("exact", "contains"), "reference": (), "date": ()}


def test(parameter: SearchParameter, modifier: str, value: str, *, narrow: bool = False) -> tuple[Test, bool]:
    """The condition for one parameter as it was asked, and whether it must be absent instead.

    `narrow`: the rows belong to a wider parameter, so only the targets of this one count. BadInput names what cannot
    be used.
    """
    asked = f"{parameter.name}:{modifier}" if modifier else parameter.name
    if modifier == "missing":
        if value not in ("true", "false"):
            raise BadInput(f"{asked} must be true or false, not “{value}”.")
        return (_of_targets(parameter.targets) if narrow else lambda c: sa.true()), value == "true"
    targets = parameter.targets
    if parameter.type == "reference" and modifier in targets:
        targets, modifier = (modifier,), ""
    if modifier and modifier not in _MODIFIERS[parameter.type]:
        good = ", ".join(f":{name}" for name in ("missing", *_MODIFIERS[parameter.type]))
        raise BadInput(f"The modifier of “{asked}” cannot be used here.", hint=f"Use {good}, or none.")
    if parameter.type == "date":
        return date(asked, value, lambda c: (c.low, c.high)), False
    if parameter.type == "reference":
        return _reference(targets, value), False
    if parameter.type == "string":
        return _string(modifier, value), False
    return _token(value), modifier == "not"


def alternatives(value: str) -> list[str]:
    """The values that commas divide, with FHIR's escapes undone."""
    return [_unescape(part) for part in _split(value, ",") if part]


def date(asked: str, value: str, ends: Callable[[Any], tuple[Any, Any]]) -> Test:
    """A condition on dates. `ends` gives the low and high column of the range [low, high) that is compared."""
    wanted = []
    for part in _split(value, ","):
        match = _PREFIX.match(part)
        try:
            span = values.instant_range(part[match.end():] if match else part)
        except (ValueError, OverflowError):
            raise BadInput(f"“{part}” is not a date that {asked} can use.", hint=_DATES) from None
        wanted.append(((match and match[1]) or "eq", span))
    return lambda c: sa.or_(*(_compare(prefix, span, *ends(c)) for prefix, span in wanted))


def _compare(prefix: str, asked: values.Span, low: Any, high: Any) -> Condition:
    inside = sa.and_(low >= asked.low, low < asked.high, high <= asked.high)
    reach: dict[str, Condition] = {
        "eq": inside, "ne": sa.not_(inside), "gt": high > asked.high, "lt": low < asked.low,
        "ge": sa.or_(high > asked.high, inside), "le": sa.or_(low < asked.low, inside),
        "sa": low >= asked.high, "eb": high <= asked.low,
    }
    return reach[prefix]


def _token(value: str) -> Test:
    pairs = []
    for part in _split(value, ","):
        system, bar, code = _split_once(part)
        pairs.append((_unescape(system) if bar else None, _unescape(code if bar else part)[:values.LONGEST]))

    def condition(c: Any) -> Condition:
        return sa.or_(*(
            c.code == code if system is None
            else c.system == values.system_number(system) if not code
            else sa.and_(c.code == code, c.system == values.system_number(system))
            for system, code in pairs
        ))

    return condition


def _string(modifier: str, value: str) -> Test:
    parts = alternatives(value)
    if modifier == "exact":
        exact = [part[:values.LONGEST] for part in parts]
        return lambda c: sa.or_(*(sa.and_(c.value == values.fold(part), c.exact == part) for part in exact))
    folded = [values.fold(part) for part in parts]
    if modifier == "contains":
        return lambda c: sa.or_(*(c.value.contains(part, autoescape=True) for part in folded))
    return lambda c: sa.or_(*(sa.and_(c.value >= part, c.value < part + _LAST) for part in folded))


def _reference(targets: tuple[str, ...], value: str) -> Test:
    wanted: list[str] = []
    for part in alternatives(value):
        kind, slash, _ = part.partition("/")
        if not slash:
            wanted += [f"{target}/{part}" for target in targets]
        elif kind in targets or "://" in part:
            wanted.append(part[:values.LONGEST])
    return lambda c: c.target.in_(wanted)


def _of_targets(targets: tuple[str, ...]) -> Test:
    return lambda c: sa.or_(*(sa.and_(c.target >= f"{kind}/", c.target < f"{kind}0") for kind in targets))


def _split(text: str, mark: str) -> list[str]:
    """Divide at each mark that no backslash stands before; escapes stay."""
    return re.findall(rf"(?:[^\\{mark}]|\\.|\\$)+", text, re.DOTALL)


def _split_once(text: str) -> tuple[str, str, str]:
    match = re.match(r"((?:[^\\|]|\\.)*)\|(.*)", text, re.DOTALL)
    return (match[1], "|", match[2]) if match else ("", "", text)


def _unescape(text: str) -> str:
    return re.sub(r"\\([\\,|$])", r"\1", text).strip()
