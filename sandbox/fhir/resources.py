"""One resource: read, spelled, and judged against FHIR R4 before it may be stored."""

from __future__ import annotations

from sandbox.fhir.text import DEPTH, SIZE, Resource, edit_text, parse, rewrite_references

__all__ = ["DEPTH", "SIZE", "Resource", "edit_text", "parse", "rewrite_references", "validate"]


def validate(resource: Resource, *, typed: bool = True) -> None:
    """BadResource names each broken rule with its path. `typed` adds the slower second opinion of typed models."""
