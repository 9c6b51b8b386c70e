"""StructureDefinitions as rules: what of a profile or an extension's definition is checked, and what is not.

Checked, of the differential (or, without one, the snapshot): min and max, types of a choice and of what a Reference
points to, fixed and pattern values, required bindings, maxLength, constraints whose FHIRPath is run here, slices of
extensions by url, and of a choice by type. Whatever else a definition says becomes a remark: it is kept, and nothing
is checked of it. Source: FHIR R4, sections 5.1 (Profiling) and 5.3 (StructureDefinition).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from sandbox.errors import Issue
from sandbox.fhir import definitions, expressions
from sandbox.fhir.nodes import step_types

Resource = dict[str, Any]
KIND = "StructureDefinition"
CORE = "http://hl7.org/fhir/StructureDefinition/"
_NAMELESS = re.compile(r"(fixed|pattern)[A-Z]\w*")
#: What an element may say that asks nothing of a resource, or that is read elsewhere.
_WORDS = (
    "id path sliceName label code short definition comment requirements alias min max base type binding constraint "
    "maxLength mustSupport isModifier isModifierReason isSummary mapping example condition meaningWhenMissing "
    "orderMeaning extension representation slicing sliceIsConstraining"
)
_SILENT = frozenset(_WORDS.split())


@dataclass(frozen=True)
class Step:
    """One step of a path: a name (`value[x]` for a choice in any of its types), of extensions those with this url."""

    name: str
    url: str = ""


@dataclass(frozen=True)
class Constraint:
    """A rule in FHIRPath, true or broken; a warning forbids nothing."""

    key: str
    human: str
    expression: str
    severity: str


@dataclass(frozen=True)
class Rule:
    """What one element of a definition asks of the elements at its path."""

    steps: tuple[Step, ...]
    low: int = 0
    high: int | None = None
    types: tuple[str, ...] = ()
    targets: frozenset[str] = frozenset()
    value: Any = None  # fixed or pattern
    exact: bool = False
    value_set: str = ""
    longest: int = 0
    constraints: tuple[Constraint, ...] = ()


@dataclass
class Profile:
    """A definition read: its rules, and what is to be said of the definition itself."""

    url: str
    version: str
    type: str
    base: str
    retired: bool
    contexts: tuple[tuple[str, str], ...] = ()
    rules: list[Rule] = field(default_factory=list)
    said: list[Issue] = field(default_factory=list)


@lru_cache(maxsize=128)
def read(text: str) -> Profile:
    """A StructureDefinition's text as a profile. What is not honoured is in `said`, what is wrong too, as an error."""
    resource = orjson.loads(text)
    contexts = tuple((each.get("type", ""), each.get("expression", "")) for each in resource.get("context", ()))
    made = Profile(resource["url"], resource.get("version", ""), resource["type"], resource.get("baseDefinition", ""),
                   resource.get("status") == "retired", contexts)
    for type_ in sorted({type_ for type_, _ in contexts} - {"element", "extension"}):
        _remark(made, f"{KIND}.context", f"a context of type {type_} is not checked")
    kind = resource["type"]
    if kind not in definitions.shapes():
        _remark(made, f"{KIND}.type", f"{kind} is not a type that is kept here, so nothing of it is checked")
    elif resource.get("derivation") != "constraint":
        _remark(made, f"{KIND}.derivation", "only constraints on FHIR's own types are honoured")
    else:
        _Reading(made, resource).read()
    return made


class _Reading:
    def __init__(self, made: Profile, resource: Resource) -> None:
        self.made = made
        self.elements = (resource.get("differential") or resource.get("snapshot") or {}).get("element", [])
        self.urls = dict(self._slices())
        self.passed: list[str] = []  # ids of slices that are not honoured

    def read(self) -> None:
        for n, element in enumerate(self.elements):
            at, id = f"{KIND}.element[{n}]", _id_of(element)
            if any(id == each or id.startswith(f"{each}.") for each in self.passed):
                continue
            steps = self._steps(id, at)
            if steps is None:
                continue
            if not steps or step_types(self.made.type, [s.name for s in steps]):
                self.made.rules.append(_rule(element, steps, at, self.made))
            else:
                self._wrong(at, f"{self.made.type} has no element at {element.get('path')}")

    def _slices(self) -> Iterator[tuple[str, str]]:
        """The url of each slice of extensions, by the slice's id: its profile's, or what its `url` is fixed to."""
        for element in self.elements:
            id = _id_of(element)
            types = element.get("type") or [{}]
            if ":" in id.rpartition(".")[2] and types[0].get("profile"):
                yield id, str(types[0]["profile"][0]).partition("|")[0]
            if id.endswith(".url") and "fixedUri" in element:
                yield id.removesuffix(".url"), str(element["fixedUri"])

    def _steps(self, id: str, at: str) -> tuple[Step, ...] | None:
        """The element's path as steps; None where it runs through a slice that is not honoured, which is said once."""
        steps: list[Step] = []
        parts = id.split(".")
        for n, part in enumerate(parts[1:], 2):
            name, _, piece = part.partition(":")
            if not piece:
                steps.append(Step(name))
            elif name.endswith("[x]"):
                steps.append(Step(piece if piece.startswith(name[:-3]) else name))
            elif name in ("extension", "modifierExtension") and (url := self.urls.get(".".join(parts[:n]))):
                steps.append(Step(name, url))
            else:
                self.passed.append(".".join(parts[:n]))
                _remark(self.made, at, f"the slice “{piece}” of {name} is not told apart here, nor checked")
                return None
        return tuple(steps)

    def _wrong(self, at: str, reason: str) -> None:
        self.made.said.append(Issue(at, reason, "invalid"))


def _id_of(element: Resource) -> str:
    """The element's id; without one, its path, with its own slice's name."""
    slice_name = element.get("sliceName")
    return str(element.get("id") or element.get("path", "") + (f":{slice_name}" if slice_name else ""))


def _rule(element: Resource, steps: tuple[Step, ...], at: str, made: Profile) -> Rule:
    low, high = int(element.get("min", 0)), str(element.get("max", "*"))
    if high != "*" and (not high.isdecimal() or int(high) < low):
        made.said.append(Issue(f"{at}.max", f"“{high}” is no number that min {low} leaves room for", "invalid"))
        high = "*"
    values = [name for name in element if _NAMELESS.fullmatch(name)]
    unread = {name for name in element if name.lstrip("_") not in _SILENT and name not in values}
    slicing = element.get("slicing", {})
    if slicing.get("rules") in ("closed", "openAtEnd") or slicing.get("ordered"):
        unread.add(f"slicing that is {'ordered' if slicing.get('ordered') else slicing['rules']}")
    for name in sorted(unread):
        _remark(made, f"{at}", f"{name} is not checked here")
    binding = element.get("binding", {})
    if binding.get("strength") == "extensible":
        _remark(made, f"{at}.binding", "an extensible binding is not checked: another code may be right")
    required = str(binding.get("valueSet", "")) if binding.get("strength") == "required" else ""
    return Rule(steps, low, None if high == "*" else int(high), tuple(_types(element)), _targets(element, at, made),
                element[values[0]] if values else None, bool(values) and values[0].startswith("fixed"), required,
                int(element.get("maxLength", 0)), tuple(_constraints(element, at, made)))


def _types(element: Resource) -> Iterator[str]:
    for each in element.get("type", ()):
        yield "string" if "fhirpath/System" in str(each.get("code")) else str(each.get("code"))


def _targets(element: Resource, at: str, made: Profile) -> frozenset[str]:
    """The types that a Reference may point to; empty where anything, or where profiles would have to be followed."""
    profiles = [str(p) for each in element.get("type", ()) for p in each.get("targetProfile", ())]
    names = {p.removeprefix(CORE) for p in profiles}
    if any("/" in name for name in names):
        _remark(made, f"{at}.type", "what a target's own profile asks is not followed")
        return frozenset()
    return frozenset() if "Resource" in names else frozenset(names)


def _constraints(element: Resource, at: str, made: Profile) -> Iterator[Constraint]:
    for each in element.get("constraint", ()):
        key, expression = str(each.get("key")), str(each.get("expression", ""))
        if str(each.get("source", "")).startswith(CORE):
            continue  # R4's own, in a snapshot
        reason = expressions.trouble(expression, "") if expression else "has no expression"
        if reason:
            _remark(made, f"{at}.constraint", f"{key} is not checked: it {reason}")
        else:
            yield Constraint(key, str(each.get("human", key)), expression, str(each.get("severity")))


def _remark(made: Profile, at: str, reason: str) -> None:
    made.said.append(Issue(at, reason, "not-supported", "information"))
