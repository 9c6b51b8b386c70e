"""What FHIR R4 says of each type: shape, codes, search parameters. Read from small files, when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import orjson

from sandbox.errors import NotFound

FHIR_VERSION = "4.0.1"


@dataclass(frozen=True)
class SearchParameter:
    """One search parameter of one type.

    `type` is number, date, string, token, reference, composite, quantity, uri or special; `expression` is the
    FHIRPath that gives its values on this type; `targets` the types that a reference parameter may point to. `number`
    is what its index rows are told by, where that is not the number of its name (0).
    """

    name: str
    type: str
    expression: str
    targets: tuple[str, ...] = ()
    number: int = 0


class Element(NamedTuple):
    """One element of a type: `types` more than one where it is a choice."""

    name: str  # the element's name without [x]
    many: bool
    required: bool
    types: tuple[str, ...]
    value_set: str | None
    targets: frozenset[str] | None  # what a Reference may point to; None where anything
    choice: bool


def kinds() -> frozenset[str]:
    """The resource types that this record knows."""
    return _kinds()


def need_kind(kind: str) -> None:
    """NotFound for a resource type that is not kept here."""
    if kind not in _kinds():
        raise NotFound(f"Resources of type “{kind[:60]}” are not kept here.", hint="/metadata lists those that are.")


@cache
def search_parameters(kind: str) -> tuple[SearchParameter, ...]:
    """Every search parameter of FHIR R4 for the type, in the order of their names; () for an unknown type."""
    rows = _file("search.json").get(kind, ())
    return tuple(SearchParameter(name, type_, path, tuple(targets or ())) for name, type_, path, targets in rows)


@cache
def shape(type_name: str) -> dict[str, Element]:
    """The elements of a type or backbone element (`Observation.component`), by their name on the wire.

    A choice element stands once for each of its types (`valueQuantity`, `valueString`), with that one type.
    """
    found: dict[str, Element] = {}
    for name, (many, required, types, value_set, targets) in shapes()[type_name].items():
        base = name.removesuffix("[x]")
        goal = frozenset(targets) if targets else None
        if base == name:
            found[name] = Element(name, bool(many), bool(required), tuple(types), value_set, goal, False)
        else:
            for one in types:
                key = base + one[0].upper() + one[1:]
                found[key] = Element(base, False, bool(required), (one,), value_set, goal, True)
    return found


@cache
def codes(value_set: str) -> dict[str, frozenset[str]]:
    """The codes of a value set by system; {} where it cannot be listed."""
    return {system: frozenset(listed) for system, listed in _file("codes.json").get(value_set, {}).items()}


def shapes() -> dict[str, Any]:
    """The distilled table itself: {type: {element: [many, required, types, value set, targets]}}."""
    return _file("shapes.json")


@cache
def _kinds() -> frozenset[str]:
    return frozenset(_file("search.json"))


@cache
def _file(name: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(files(__package__).joinpath(name).read_bytes())
    return found
