"""A row's columns as straight-line Python: what a table of a hundred thousand rows is laid out by.

Nearly every column of a view walks along two or three members to one value. As a closure each costs calls and loops;
written out, with what turns its value into DuckDB's, some three look-ups. Wherever a step gives several values, or
something that is no object, the closure of `sandbox.lab.firsts` answers, so both always say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.lab.expressions import Nodes
from sandbox.lab.firsts import First, Path
from sandbox.lab.functions import reference_key
from sandbox.lab.values import text

Convert = Callable[[Any], Any]
Row = Callable[[Nodes], tuple[Any, ...]]

_SEVERAL = object()


def compile_row(columns: Sequence[tuple[Path, Convert | None]]) -> Row:
    """A function from a focus to its row: of each column the first node, converted; None where there is none."""
    known: dict[str, Any] = {"several": _SEVERAL, "key_of": reference_key, "others": _others(columns)}
    lines = ["def row(nodes):", " if len(nodes) != 1 or nodes[0].__class__ is not dict: return others(nodes)",
             " node = nodes[0]"]
    for number, (path, convert) in enumerate(columns):
        value, first = f"v{number}", f"first{number}"
        known[first], known[f"convert{number}"] = path.first, convert
        lines += _walk(value, first, path) if path.members else [f" {value} = {first}(nodes)"]
        lines += _converted(value, f"convert{number}", convert)
    lines.append(f" return ({''.join(f'v{number}, ' for number in range(len(columns)))})")
    exec("\n".join(lines), known)  # noqa: S102 - names of FHIR elements, which `_walk` writes as literals
    row: Row = known["row"]
    return row


def _others(columns: Sequence[tuple[Path, Convert | None]]) -> Row:
    each: list[tuple[First, Convert]] = [(path.first, convert or (lambda value: value)) for path, convert in columns]
    return lambda nodes: tuple([None if (found := first(nodes)) is None else convert(found) for first, convert in each])


def _walk(value: str, first: str, path: Path) -> list[str]:
    """The look-ups, one within the other: an object leads on, nothing is nothing, and all else is `first`'s."""
    lines: list[str] = []
    ends: list[str] = []
    pad, of, otherwise = " ", "node", f"{value} = {first}(nodes)"
    for step, (name, choice, only) in enumerate(path.members, 1):
        some = value if only else f"len({value}) == 1"
        lines += [f"{pad}{value} = {of}.get({name!r})",
                  f"{pad}if {value}.__class__ is list: "
                  f"{value} = {value}[0] if {some} and {value}[0] is not None else several"]
        if step < len(path.members):
            lines.append(f"{pad}if {value}.__class__ is dict:")
            ends.insert(0, f"{pad}else: {otherwise}" if choice else f"{pad}elif {value} is not None: {otherwise}")
            pad, of = pad + " ", value
            continue
        lines.append(f"{pad}if {value} is several{f' or {value} is None' if choice else ''}: {otherwise}")
        if path.key_of is not None:
            lines.append(f"{pad}elif {value} is not None: {value} = key_of({value}, {path.key_of!r})")
    return lines + ends


def _converted(value: str, name: str, convert: Convert | None) -> list[str]:
    if convert is None:
        return []
    if convert is text:  # most of them are: a text is itself, and the empty one nothing
        return [f" if {value}.__class__ is str: {value} = {value} or None",
                f" elif {value} is not None: {value} = {name}({value})"]
    return [f" if {value} is not None: {value} = {name}({value})"]
