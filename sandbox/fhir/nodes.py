"""A resource as nodes: each element with its type, its place, and what stands beside a primitive (`_birthDate`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.fhir import definitions


@dataclass(frozen=True)
class Node:
    """One element. `type` is its type's name, that of a backbone element being its path; `at` its place with indexes,
    `path` the same without, `typed` the path from the data type that it is part of."""

    value: Any
    beside: Any
    type: str
    at: str
    path: str
    typed: str

    @property
    def parts(self) -> dict[str, Any]:
        """What holds this node's own elements: the object itself, or what stands beside a primitive."""
        held = self.value if isinstance(self.value, dict) else self.beside
        return held if isinstance(held, dict) else {}


def root(value: dict[str, Any], type_name: str, at: str = "") -> Node:
    """A resource, or an element of a known type that is looked at by itself."""
    return Node(value, None, type_name, at or type_name, type_name, type_name)


def children(node: Node, name: str) -> list[Node]:
    """The elements of that name, in their order; `value[x]` in whichever type it has."""
    shape = definitions.shape(node.type) if node.type in definitions.shapes() else {}
    base = name.removesuffix("[x]")
    keys = [key for key in shape if shape[key].name == base] if base != name else [name]
    found: list[Node] = []
    for key in keys:
        value, beside = node.parts.get(key), node.parts.get(f"_{key}")
        if value is None and beside is None:
            continue
        kind = shape[key].types[0] if key in shape else "Extension" if key == "extension" else ""
        found += _listed(node, key, value, beside, kind)
    return found


def _listed(node: Node, key: str, value: Any, beside: Any, kind: str) -> Iterator[Node]:
    if not isinstance(value, list) and not isinstance(beside, list):
        yield _node(node, key, f"{node.at}.{key}", value, beside, kind)
        return
    values = value if isinstance(value, list) else []
    others = beside if isinstance(beside, list) else []
    for n in range(max(len(values), len(others))):
        one, other = (each[n] if n < len(each) else None for each in (values, others))
        yield _node(node, key, f"{node.at}.{key}[{n}]", one, other, kind)


def _node(node: Node, key: str, at: str, value: Any, beside: Any, kind: str) -> Node:
    if kind == "Resource":
        kind = str(value.get("resourceType", "")) if isinstance(value, dict) else ""
    known = kind in definitions.shapes() and "." not in kind
    return Node(value, beside, kind, at, f"{node.path}.{key}", kind if known else f"{node.typed}.{key}")


def step_types(type_name: str, names: Sequence[str]) -> set[str]:
    """The types that an element at this path may have; empty where there is no such element."""
    types = {type_name}
    for name in names:
        base, found = name.removesuffix("[x]"), set()
        for each in types:
            if each not in definitions.shapes():  # a primitive, or anything at all
                found |= {"Extension"} if base in ("extension", "id") else set()
                continue
            shape = definitions.shape(each)
            choice = base != name
            found |= {e.types[0] for key, e in shape.items() if (e.name == base if choice else key == name)}
        types = found
    return types


def every(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    names = {key.removeprefix("_") for key in node.parts if key != "resourceType"}
    for name in sorted(names):
        for child in children(node, name):
            yield from every(child)
