"""FHIRPath that others write: what of it may be run here, and what is said where it may not.

Only functions that read and compare, over what they are given, in time that its size bounds: no patterns (a pattern
can be made to run for hours), no clock, no terminology server.
"""

from __future__ import annotations

import re
from typing import Any

from sandbox import fhirpath
from sandbox.fhir import definitions
from sandbox.fhir.text import check_depth
from sandbox.fhirpath import Extract

#: How long an expression may be, and how deep its brackets.
LONGEST, DEEPEST = 800, 10
#: What is not a plain path is run on no more than so many objects and lists.
MOST_PARTS = 2_000
_FUNCTIONS = (
    "all allTrue anyFalse anyTrue as children combine contains count distinct empty endsWith exists extension "
    "first iif indexOf is join last length lower not ofType resolve select "
    "single skip startsWith substring tail take toInteger toString trim union upper where"
)
#: Words that may stand before a bracket and are no functions.
_WORDS = "and or xor implies in div mod"
_ALLOWED = frozenset(f"{_FUNCTIONS} {_WORDS}".split())
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")


def trouble(expression: str, kind: str) -> str:
    """Why this expression is not run on resources (or elements) of this type; "" where it is."""
    bare = _QUOTED.sub("''", expression)
    if len(expression) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if _depth(bare) > DEEPEST:
        return f"has brackets more than {DEEPEST} deep"
    if strange := [name for name in re.findall(r"(\w+)\s*\(", bare) if name not in _ALLOWED]:
        return f"uses {strange[0]}(), which is not run here"
    if "%" in bare:
        return "uses a % variable, which nothing stands for here"
    try:
        fhirpath.compile(expression, kind)
    except ValueError:
        return "cannot be read as FHIRPath"
    return ""


def of_type(expression: str, kind: str) -> str:
    """Why a search expression can never give a value on resources of this type; "" where it may."""
    if not fhirpath.parts_of(expression, kind):
        return f"says nothing of a {kind}: begin it with “{kind}.”"
    heads = fhirpath.heads(expression, kind)
    if heads is not None and heads.isdisjoint(definitions.shape(kind)):
        return f"begins with an element that a {kind} does not have"
    return ""


def compiled(expression: str, kind: str) -> Extract:
    """The expression as a function that gives [] where it fails on what it meets."""
    find = bounded(expression, kind)

    def extract(value: Any) -> list[Any]:
        try:
            return find(value)
        except Exception:  # the evaluator raises whatever it likes
            return []

    return extract


def bounded(expression: str, kind: str = "", element: str = "") -> Extract:
    """The same, raising what the evaluator raises, and ValueError where there is too much to evaluate on.

    `element` is the type of what it is run on where that is no resource.
    """
    find = fhirpath.compile(expression, kind, element)
    if fhirpath.is_plain(expression, kind):
        return find

    def extract(value: Any) -> list[Any]:
        if isinstance(value, dict) and check_depth(value) > MOST_PARTS:
            raise ValueError(f"more than {MOST_PARTS:,} parts")
        return find(value)

    return extract


def _depth(text: str) -> int:
    deepest = depth = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    return deepest
