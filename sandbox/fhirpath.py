"""FHIRPath, compiled once: plain paths are walked directly, the rest goes to fhirpathpy.

Nearly all search expressions and most ViewDefinition columns are plain paths, which a walk answers some fifty times
faster than an evaluator. What the walk knows: names (choice elements too: `Observation.value` finds `valueQuantity`),
`ofType(T)`, `as T`, `first()`, `[n]`, `extension('url')`, `where(path = 'text')`, `where(path != 'text')` and
`where(resolve() is T)`. Source: FHIRPath N1 and FHIR R4, section 2.9 (FHIRPath).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

Resource = dict[str, Any]
Extract = Callable[[Resource], list[Any]]
Step = Callable[[list[Any], Resource], list[Any]]

_CHOICE_TYPES = (
    "Base64Binary Boolean Canonical Code Date DateTime Decimal Id Instant Integer Markdown Oid PositiveInt String Time "
    "UnsignedInt Uri Url Uuid Address Age Annotation Attachment CodeableConcept Coding ContactPoint Count Distance "
    "Duration HumanName Identifier Money Period Quantity Range Ratio Reference SampledData Signature Timing "
    "ContactDetail Contributor DataRequirement Expression ParameterDefinition RelatedArtifact TriggerDefinition "
    "UsageContext Dosage Meta"
)
#: Data types that can end the name of a choice element (`valueQuantity`), FHIR R4 section 2.24.0.1.
CHOICE_TYPES = frozenset(_CHOICE_TYPES.split())

_TOKEN = re.compile(
    r"""(?P<dot>\.)? (?:
        (?:ofType|as)\( \s* (?:(?:FHIR|System)\.)? (?P<cast>\w+) \s* \)
      | where\( \s* resolve\(\) \s+ is \s+ (?P<target>\w+) \s* \)
      | where\( \s* (?P<left>[a-z]\w*(?:\.[a-z]\w*)*) \s* (?P<op>!?=) \s* '(?P<right>[^'\\]*)' \s* \)
      | extension\( \s* '(?P<url>[^'\\]*)' \s* \)
      | (?P<first>first)\(\)
      | \[ (?P<index>\d+) \]
      | (?P<name>[A-Za-z]\w*) (?!\w*\()
    )""",
    re.VERBOSE,
)
_AS = re.compile(r"\s+as\s+(?:FHIR\.)?(\w+)")
_evaluating = threading.Lock()  # fhirpathpy keeps its constants in a global


@lru_cache(maxsize=4096)
def compile(expression: str, kind: str = "", element: str = "") -> Extract:
    """A function from a resource (or element) to the list of values that `expression` gives on it.

    `kind` is the resource's type: the parts of a union that speak of another type are dropped. `element` is the type of
    what it is run on where that is no resource, so that `value` finds `valueQuantity` there too. Raises ValueError when
    the expression cannot be parsed.
    """
    parts = parts_of(expression, kind)
    walks = [_steps(part) for part in parts]
    if None in walks:
        return _evaluate(" | ".join(parts), element)
    paths = [_walked(walk) for walk in walks if walk is not None]
    if len(paths) == 1:
        return paths[0]
    return lambda resource: [value for walk in paths for value in walk(resource)]


def parts_of(expression: str, kind: str) -> list[str]:
    """The parts of a union that can concern a type; [] where it speaks of others only. ValueError as `compile`."""
    return [part for part in _union(expression) if _concerns(part, kind)]


def _walked(steps: list[Step]) -> Extract:
    if len(steps) == 1:
        only = steps[0]
        return lambda resource: only([resource], resource)

    def walk(resource: Resource) -> list[Any]:
        values: list[Any] = [resource]
        for step in steps:
            values = step(values, resource)
            if not values:
                break
        return values

    return walk


def is_plain(expression: str, kind: str = "") -> bool:
    """Whether every part of the expression that concerns `kind` is walked, not evaluated."""
    return all(_steps(part) is not None for part in _union(expression) if _concerns(part, kind))


def heads(expression: str, kind: str) -> frozenset[str] | None:
    """The elements of a `kind` that the expression begins with: without any of them it gives nothing.

    Choice elements in each of their spellings; None where the expression is evaluated, and may begin anywhere.
    """
    found: set[str] = set()
    for part in _union(expression):
        if _concerns(part, kind):
            head = re.match(r"\(*\s*(?:[A-Z]\w*\.)?([a-z]\w*)(?!\w*\()", part)
            if head is None or _steps(part) is None:
                return None
            found |= {head[1], *_choices(head[1])}
    return frozenset(found)


def reference_kind(reference: Resource, root: Resource) -> str:
    """The resource type that a Reference points to, or "": by its `reference`, else its `type`.

    Relative, absolute, versioned and conditional references are read; `#id` is looked up in `root`'s `contained`.
    """
    text = reference.get("reference")
    if isinstance(text, str):
        if text.startswith("#"):
            inner = (c for c in root.get("contained", ()) if isinstance(c, dict) and c.get("id") == text[1:])
            return str(next(inner, {}).get("resourceType", ""))
        kind = _kind_of(text)
        if kind:
            return kind
    return str(reference.get("type", ""))


@lru_cache(maxsize=4096)
def _kind_of(text: str) -> str:
    match = re.search(r"(?:^|/)([A-Z][A-Za-z]+)(?:\?|/[A-Za-z0-9.-]{1,64}(?:/_history/[^/]+)?$)", text)
    return match[1] if match else ""


def _union(expression: str) -> list[str]:
    parts, depth, start, quoted = [], 0, 0, False
    for at, char in enumerate(expression):
        quoted ^= char == "'"
        if quoted:
            continue
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            parts.append(expression[start:at])
            start = at + 1
    parts.append(expression[start:])
    if not all(part.strip() for part in parts):
        raise ValueError(f"FHIRPath cannot be read: {expression}")
    return [part.strip() for part in parts]


def _concerns(part: str, kind: str) -> bool:
    head = re.match(r"\(*\s*([A-Z]\w+)\.", part)
    return head is None or not kind or head[1] in {kind, "Resource", "DomainResource"}


def _steps(part: str) -> list[Step] | None:
    """The part as steps to walk, or None when it holds more than the walk knows."""
    text = _AS.sub(r".ofType(\1)", part)
    if "'" not in text and "resolve" not in text:
        text = re.sub(r"\((?=[A-Za-z.]+\w*\.)|(?<=\))\)(?=\.|$)", "", text)  # (A.b.ofType(T)).c
    steps: list[Step] = []
    name, at = "", 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if not token or bool(token["dot"]) != (at > 0 and token["index"] is None):
            return None
        if name and token["cast"] is None:
            steps.append(_named(name))
        elif name:
            steps.append(_cast(name, token["cast"]))
        elif token["cast"]:
            return None
        name = token["name"] or ""
        if at == 0 and name[:1].isupper():
            name = ""
        elif not name and not token["cast"]:
            steps.append(_function(token))
        at = token.end()
    if name:
        steps.append(_named(name))
    return steps


def _function(token: re.Match[str]) -> Step:
    if token["target"]:
        kind = token["target"]
        return lambda values, root: [v for v in values if isinstance(v, dict) and reference_kind(v, root) == kind]
    if token["left"]:
        path, wanted, same = token["left"].split("."), token["right"], token["op"] == "="
        return lambda values, _root: [v for v in values if _compares(v, path, wanted, same)]
    if token["url"] is not None:
        url = token["url"]
        return lambda values, _root: [e for e in _children(values, "extension") if e.get("url") == url]
    index = int(token["index"] or 0)
    return lambda values, _root: values[index : index + 1]


def _compares(value: Any, path: list[str], wanted: str, same: bool) -> bool:
    values = [value]
    for name in path:
        values = _children(values, name)
    return len(values) == 1 and (values[0] == wanted) is same


def _children(values: list[Any], name: str) -> list[Any]:
    choices = _choices(name)
    found: list[Any] = []
    for value in values:
        if isinstance(value, dict):
            child = value.get(name)
            if child is None:
                if choices.isdisjoint(value):
                    continue  # nearly always: most elements are not there
                child = next(value[key] for key in value if key in choices)
            if isinstance(child, list):
                found += [item for item in child if item is not None] if None in child else child
            elif child is not None:
                found.append(child)
    return found


@cache
def _choices(name: str) -> frozenset[str]:
    """How `value` may stand in JSON: valueQuantity, valueString …"""
    return frozenset(name + kind for kind in CHOICE_TYPES)


def _named(name: str) -> Step:
    def step(values: list[Any], _root: Resource) -> list[Any]:
        if len(values) == 1 and type(values[0]) is dict:  # nearly always one object is asked for what it has
            child = values[0].get(name)
            if type(child) is dict or type(child) is str:
                return [child]
        return _children(values, name)

    return step


def _cast(name: str, kind: str) -> Step:
    key = name + kind[0].upper() + kind[1:]

    def step(values: list[Any], _root: Resource) -> list[Any]:
        found = [value[key] for value in values if isinstance(value, dict) and key in value]
        return found or [c for c in _children(values, name) if isinstance(c, dict) and c.get("resourceType") == kind]

    return step


def _resolve(values: list[Any]) -> list[Any]:
    """Stand-ins for what References point to: enough for `resolve() is Patient`."""
    found = []
    for node in values:
        data = getattr(node, "data", node)
        data = {"reference": data} if isinstance(data, str) else data
        kind = reference_kind(data, {}) if isinstance(data, dict) else ""
        if kind:
            found.append({"resourceType": kind, "id": str(data.get("reference", "")).rpartition("/")[2]})
    return found


def _without_decimals(value: Any) -> Any:
    """fhirpathpy reads floats as Decimals: give back what JSON has."""
    if isinstance(value, dict):
        return {key: _without_decimals(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_without_decimals(child) for child in value]
    return float(value) if isinstance(value, Decimal) else value


def _check(expression: str) -> None:
    """ValueError unless the whole expression is FHIRPath: fhirpathpy itself reads on past what it cannot parse."""
    from antlr4 import CommonTokenStream, InputStream  # type: ignore[import-untyped]
    from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
    from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

    lexer = FHIRPathLexer(InputStream(expression))
    parser = FHIRPathParser(CommonTokenStream(lexer))
    lexer.removeErrorListeners()
    parser.removeErrorListeners()
    parser.entireExpression()
    if parser.getNumberOfSyntaxErrors():
        raise ValueError(f"FHIRPath cannot be read: {expression}")


def _evaluate(expression: str, element: str = "") -> Extract:
    import fhirpathpy
    from fhirpathpy.engine.nodes import ResourceNode
    from fhirpathpy.models import models

    _check(expression)
    options = {"userInvocationTable": {"resolve": {"fn": _resolve, "arity": {0: []}}}}
    try:
        run = fhirpathpy.compile(_AS.sub(r".ofType(\1)", expression), models["r4"], options)
    except Exception as error:  # its parser raises whatever it likes
        raise ValueError(f"FHIRPath cannot be read: {expression}") from error

    def extract(resource: Resource) -> list[Any]:
        bare = element and isinstance(resource, dict) and "resourceType" not in resource
        with _evaluating:
            found = run(ResourceNode.create_node(resource, element) if bare else resource, {})
            return [_without_decimals(value) for value in found]

    return extract
