"""Rules that no schema says: choices, required elements and codes, what references may point to, real dates.

The walk knows the type of every element it stands on, so each rule is asked once, where it belongs.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sandbox.errors import Issue
from sandbox.fhir import definitions, invariants, narrative, structure
from sandbox.fhir.definitions import Element
from sandbox.fhirpath import reference_kind

Resource = dict[str, Any]

_REFERENCE = re.compile(
    r"#.*|urn:\S+|https?://\S+|[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}(/_history/[A-Za-z0-9.\-]{1,64})?|[A-Z][A-Za-z]+\?\S+"
)


def issues(
    resource: Resource, *, prefix: str = "", root: Resource | None = None, most: int = 25,
) -> list[Issue]:
    """The broken rules of a resource whose structure is sound, `most` of them; contained ones are judged with it."""
    walk = _Walk(resource if root is None else root, most)
    kind = resource["resourceType"]
    walk.element(resource, kind, prefix or kind)
    return walk.found


class _Walk:
    def __init__(self, root: Resource, most: int) -> None:
        self.root = root
        self.most = most
        self.found: list[Issue] = []

    def element(self, value: Resource, type_name: str, at: str) -> None:
        """One object of a known type, and all below it."""
        if len(self.found) >= self.most:
            return
        shape = definitions.shape(type_name)
        chosen: dict[str, str] = {}
        for key, child in value.items():
            name = key.removeprefix("_")
            element = shape.get(name)
            if element is None:
                continue
            if chosen.setdefault(element.name, name) != name:
                self._say(f"{at}.{element.name}[x]", f"has two values: {chosen[element.name]} and {name}", "structure")
            if key == name:
                self._children(child, element, value.get(f"_{name}"), f"{at}.{name}")
            else:
                self._beside(child, f"{at}.{name}")
        for element in shape.values():
            if element.required and element.name not in chosen:
                chosen[element.name] = ""
                self._say(f"{at}.{element.name}", "is required", "required")
        for key, human in invariants.broken(value, type_name, self.root):
            self._say(at, f"{human} ({key})", "invariant")

    def _children(self, child: Any, element: Element, beside: Any, at: str) -> None:
        if not element.many:
            return self._one(child, element, at)
        for n, item in enumerate(child):
            if item is None:
                others = beside if isinstance(beside, list) else []
                if n >= len(others) or others[n] is None:
                    self._say(f"{at}[{n}]", "is null with no extension beside it", "structure")
            else:
                self._one(item, element, f"{at}[{n}]")

    def _beside(self, child: Any, at: str) -> None:
        for item in child if isinstance(child, list) else [child]:
            for n, extension in enumerate((item or {}).get("extension", ())):
                self.element(extension, "Extension", f"{at}.extension[{n}]")

    def _one(self, value: Any, element: Element, at: str) -> None:
        if len(self.found) >= self.most:
            return
        kind = element.types[0]
        if element.value_set:
            self._code(value, kind, element.value_set, at)
        if kind == "Resource":
            self.found += inner(value, at, self.root)
        elif isinstance(value, dict):
            if kind == "Reference":
                self._reference(value, element, at)
            self.element(value, kind, at)
        else:
            reason = _primitive_problem(value, kind)
            if reason:
                self._say(at, reason, "value")

    def _code(self, value: Any, kind: str, value_set: str, at: str) -> None:
        listed = definitions.codes(value_set)
        if not listed:
            return
        short = value_set.rpartition("/")[2]
        if isinstance(value, str):
            if not any(value in codes for codes in listed.values()):
                known = sorted({code for codes in listed.values() for code in codes})
                offer = f": {', '.join(known)}" if len(known) <= 12 else ""
                self._say(at, f"“{value[:60]}” is not a code of {short}{offer}", "code-invalid")
            return
        codings = value.get("coding", ()) if kind == "CodeableConcept" else (value,)
        if not any(coding.get("code") in listed.get(coding.get("system", ""), ()) for coding in codings):
            self._say(at, f"needs a code of {short}, with its system", "code-invalid")

    def _reference(self, value: Resource, element: Element, at: str) -> None:
        text = value.get("reference")
        if text is not None and not _REFERENCE.fullmatch(text):
            self._say(f"{at}.reference", f"“{text[:80]}” is not a reference: write Type/id, a URL or #id", "value")
            return
        kind = reference_kind(value, self.root)
        if text and text.startswith("#") and len(text) > 1 and not kind:
            self._say(f"{at}.reference", f"there is no contained resource {text[:80]} (ref-1)", "invariant")
        if element.targets and kind and kind not in element.targets:
            allowed = ", ".join(sorted(element.targets))
            self._say(f"{at}.reference", f"points to a {kind}; it may point to {allowed}", "value")

    def _say(self, at: str, reason: str, code: str) -> None:
        self.found.append(Issue(at, reason, code))


def inner(value: Resource, at: str, root: Resource) -> list[Issue]:
    """A resource within a resource (contained, entry, parameter), judged by its own type; paths start with `at`."""
    kind = value.get("resourceType", "")
    if kind not in definitions.kinds():
        reason = f"“{str(kind)[:60]}” is not a resource type that is kept here"
        return [Issue(f"{at}.resourceType", reason, "structure")]
    found = [Issue(at + i.path.removeprefix(kind), i.reason, i.code) for i in structure.issues(value, kind)]
    contained = ".contained[" in at
    return found or issues(value, prefix=at, root=root if contained else value)


def _primitive_problem(value: Any, kind: str) -> str:
    if isinstance(value, float) and kind in {"integer", "positiveInt", "unsignedInt"}:
        return "must be written as a whole number"
    if kind in {"date", "dateTime", "instant"} and len(value) >= 10:
        try:
            date.fromisoformat(value[:10])
        except ValueError:
            return f"there is no day {value[:10]}"
    return narrative.problem(value) if kind == "xhtml" else ""
