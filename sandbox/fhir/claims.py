"""What a resource claims and uses, against the definitions that its workspace was given.

A profile that `meta.profile` names is checked on the resource; an extension's definition wherever its url is used.
What nobody here can check is said as information, never passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.errors import Issue
from sandbox.fhir import expressions, nodes, value_sets
from sandbox.fhir.nodes import Node
from sandbox.fhir.profiles import CORE, Profile, Rule, Step
from sandbox.fhirpath import reference_kind

Resource = dict[str, Any]
_CHAIN = 5


@dataclass(frozen=True)
class Known:
    """The definitions of a workspace by their canonical url, those that are retired left out."""

    profiles: Mapping[str, Profile]
    sets: Mapping[str, Resource]


def check(resource: Resource, known: Known) -> list[Issue]:
    """Errors and remarks on what the resource claims and on the extensions in it."""
    said: list[Issue] = []
    kind = resource["resourceType"]
    top = nodes.root(resource, kind)
    for n, claim in enumerate((resource.get("meta") or {}).get("profile", ())):
        said += _claim(top, str(claim), f"{kind}.meta.profile[{n}]", known)
    if any(profile.type == "Extension" for profile in known.profiles.values()):
        for node in nodes.every(top):
            said += _extensions(node, known)
    return list(dict.fromkeys(said))


def unknown_sets(profile: Profile, known: Known) -> Iterator[Issue]:
    """A remark on each required binding whose value set is not here, and on those that take a system whole."""
    for rule in profile.rules:
        if not rule.value_set:
            continue
        found = value_sets.members(rule.value_set, known.sets)
        at = ".".join([profile.type, *(step.name for step in rule.steps)])
        if found is None:
            yield _information(at, f"its value set {rule.value_set} is not listed here, so its codes are not checked")
        elif None in found.values():
            yield _information(at, f"{rule.value_set} takes in a whole system: any code of it is accepted")


def _claim(top: Node, claim: str, at: str, known: Known) -> Iterator[Issue]:
    url, _, version = claim.partition("|")
    profile = known.profiles.get(url)
    if profile is None:
        if url != CORE + top.type:
            yield _information(at, f"{url} is not known in this workspace: nothing of it was checked")
        return
    if version and version != profile.version:
        yield _information(at, f"version {version} is not here: {profile.version or 'what is here'} was checked")
    if profile.type != top.type:
        yield Issue(at, f"{url} is about {profile.type}, not {top.type}", "invalid")
        return
    yield from _against(top, profile, known)


def _against(top: Node, profile: Profile, known: Known) -> Iterator[Issue]:
    """The profile's rules, and those of the definitions that it builds on."""
    for _ in range(_CHAIN):
        for rule in profile.rules:
            yield from _rule(top, rule, known)
        yield from unknown_sets(profile, known)
        base = known.profiles.get(profile.base)
        if base is None:
            if not profile.base.startswith(CORE) or "/" in profile.base.removeprefix(CORE):
                yield _information(top.at, f"{profile.base}, which {profile.url} builds on, is not known here")
            return
        profile = base


def _extensions(node: Node, known: Known) -> Iterator[Issue]:
    """Every extension at a node whose definition is here: its place, how often it stands there, and its inside."""
    seen: dict[str, int] = {}
    for name in ("extension", "modifierExtension"):
        for child in nodes.children(node, name):
            url = child.parts.get("url", "")
            profile = known.profiles.get(url)
            if profile is None or profile.type != "Extension":
                continue
            seen[url] = seen.get(url, 0) + 1
            most = next((rule.high for rule in profile.rules if not rule.steps), None)
            if most is not None and seen[url] > most:
                yield Issue(child.at, f"{url} may not stand here more than {most}×", "structure")
            if profile.contexts and not any(_fits(node, *context) for context in profile.contexts):
                where = ", ".join(expression for _, expression in profile.contexts)
                yield Issue(child.at, f"{url} does not belong here, but on {where}", "extension")
            yield from _against(child, profile, known)


def _fits(node: Node, type_: str, expression: str) -> bool:
    if type_ == "extension":
        return bool(node.parts.get("url") == expression)
    if type_ != "element":
        return True  # a remark on the definition says that it is not looked at
    if expression in ("Resource", "DomainResource"):
        return "." not in node.path
    backbone = expression == "BackboneElement" and "." in node.type
    return backbone or expression in (node.path, node.type, node.typed, "Element")


def _rule(top: Node, rule: Rule, known: Known) -> Iterator[Issue]:
    if not rule.steps:
        yield from _constraints(top, rule)
        return
    parents = [top]
    for step in rule.steps[:-1]:
        parents = [child for parent in parents for child in _at(parent, step)]
    last = rule.steps[-1]
    for parent in parents:
        found = _at(parent, last)
        name = f"{last.name} ({last.url})" if last.url else last.name
        if len(found) < rule.low:
            yield Issue(f"{parent.at}.{last.name}", f"{name} is required, {rule.low} at least", "required")
        if rule.high is not None and len(found) > rule.high:
            many = "is not used" if rule.high == 0 else f"may stand there {rule.high} at most, not {len(found)}"
            yield Issue(f"{parent.at}.{last.name}", f"{name} {many}", "structure")
        for node in found:
            yield from _value(node, rule, last, known)


def _at(node: Node, step: Step) -> list[Node]:
    found = nodes.children(node, step.name)
    return [each for each in found if each.parts.get("url") == step.url] if step.url else found


def _value(node: Node, rule: Rule, step: Step, known: Known) -> Iterator[Issue]:
    if step.name.endswith("[x]") and rule.types and node.type not in rule.types:
        yield Issue(node.at, f"must be {' or '.join(rule.types)}, not {node.type}", "value")
    if rule.value is not None and not (node.value == rule.value if rule.exact else _has(node.value, rule.value)):
        yield Issue(node.at, f"must {'be' if rule.exact else 'have'} {_short(rule.value)}", "value")
    if rule.longest and isinstance(node.value, str) and len(node.value) > rule.longest:
        yield Issue(node.at, f"is longer than {rule.longest} characters", "too-long")
    if rule.targets and isinstance(node.value, dict):
        kind = reference_kind(node.value, {})
        if kind and kind not in rule.targets:
            yield Issue(node.at, f"points to a {kind}; it may point to {', '.join(sorted(rule.targets))}", "value")
    if rule.value_set and (found := value_sets.members(rule.value_set, known.sets)) is not None:
        yield from _bound(node, rule.value_set, found)
    yield from _constraints(node, rule)


def _bound(node: Node, url: str, found: value_sets.Members) -> Iterator[Issue]:
    value = node.value
    if isinstance(value, str):
        good = any(value_sets.holds(found, system, value) for system in found)
    else:
        codings = value.get("coding", ()) if "coding" in value or node.type == "CodeableConcept" else (value,)
        good = any(value_sets.holds(found, str(c.get("system", "")), str(c.get("code", ""))) for c in codings)
    if not good:
        yield Issue(node.at, f"needs a code of {url}, with its system", "code-invalid")


def _constraints(node: Node, rule: Rule) -> Iterator[Issue]:
    for each in rule.constraints:
        try:
            result = expressions.bounded(each.expression, element=node.type)(node.value)
        except Exception:  # the evaluator raises whatever it likes
            yield _information(node.at, f"{each.key} could not be run on this: {each.human}")
            continue
        if result != [True]:
            severity = "warning" if each.severity == "warning" else "error"
            yield Issue(node.at, f"{each.human} ({each.key})", "invariant", severity)


def _has(value: Any, pattern: Any) -> bool:
    """Whether a value has all that a pattern has; of a list, each item somewhere."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(key in value and _has(value[key], part) for key, part in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(_has(item, part) for item in value) for part in pattern)
    return bool(value == pattern)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _information(at: str, reason: str) -> Issue:
    return Issue(at, reason, "not-supported", "information")
