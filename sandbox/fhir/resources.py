"""One resource: read, spelled, and judged against FHIR R4 before it may be stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.errors import BadInput, BadResource, Issue
from sandbox.fhir import definitions, opinion, rules, structure
from sandbox.fhir.text import DEPTH, SIZE, Resource, check_depth, edit_text, parse, rewrite_references

__all__ = [
    "DEPTH", "SIZE", "Judged", "Resource", "edit_text", "judge", "parse", "problems", "rewrite_references", "validate",
]

#: No more than so many problems are told at once.
MOST = 25
#: How many objects and lists one resource may hold, and up to how many the typed models are asked (50 µs each).
PARTS, TYPED_PARTS = 50_000, 2_000


@dataclass(frozen=True)
class Judged:
    """A resource that keeps every rule, with its text. Only `judge` makes one."""

    resource: Resource
    text: str


def judge(data: str | bytes) -> Judged:
    """Read and validate what was received, before the database is asked for anything. Raises as those two do."""
    value, text = parse(data)
    validate(value)
    return Judged(value, text)


def validate(resource: Any, *, typed: bool = True) -> None:
    """BadResource names each broken rule with its path; BadInput when it is too deep or too large to look at.

    Structure first; when that is sound, choices, required elements and codes, reference targets, invariants and the
    narrative; when those hold and `typed` is set, the slower second opinion of typed models. A bulk load leaves that
    last step out (1 to 3 ms a resource, and 0.7 s for the first of each type).
    """
    found = problems(resource, typed=typed)
    if found:
        raise BadResource(found[:MOST])


def problems(resource: Any, *, typed: bool = True) -> list[Issue]:
    """The same as a list, empty when the resource may be stored."""
    if not isinstance(resource, dict):
        return [Issue("", "A resource is a JSON object.", "structure")]
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or kind not in definitions.kinds():
        shown = f"“{kind[:60]}” is not a resource type that is kept here" if isinstance(kind, str) else "is required"
        return [Issue("resourceType", shown, "structure")]
    parts = check_depth(resource)
    if parts > PARTS:
        raise BadInput(f"This resource holds more than {PARTS:,} parts.", hint="Split it into several resources.")
    try:
        found = structure.issues(resource, kind, MOST) or rules.issues(resource, most=MOST)
        return found or (opinion.issues(resource) if typed and parts <= TYPED_PARTS else [])
    except RecursionError as error:
        raise BadInput("This resource is nested too deeply.") from error
