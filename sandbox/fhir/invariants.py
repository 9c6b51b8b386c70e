"""Invariants of FHIR R4 that are worth refusing a resource for: each a small question of one element.

`key` is the specification's own. Chosen are those that a learner's or a client's slip really breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

Element = dict[str, Any]
Holds = Callable[[Element, Element], bool]  # the element, and the resource it stands in


class Invariant(NamedTuple):
    """A rule: its key, what it says to a person, and the question that must be answered yes."""

    key: str
    human: str
    holds: Holds


def broken(element: Element, type_name: str, root: Element) -> Iterable[tuple[str, str]]:
    """The key and the words of each invariant of the type that the element breaks."""
    for rule in _RULES.get(type_name, ()):
        if not rule.holds(element, root):
            yield rule.key, rule.human
    if "resourceType" in element:
        for rule in _EVERY_RESOURCE:
            if not rule.holds(element, root):
                yield rule.key, rule.human


def in_order(first: str | None, second: str | None) -> bool:
    """Whether one FHIR date or time does not lie after another, as far as both are precise (or one is missing)."""
    if not first or not second:
        return True
    if "T" in first and "T" in second:
        return _instant(first) <= _instant(second)
    shared = min(len(first), len(second), 10)
    return first[:shared] <= second[:shared]


def _instant(text: str) -> datetime:
    head, _, fraction = text.replace("Z", "+00:00").replace(":60", ":59").partition(".")
    if not fraction:
        return datetime.fromisoformat(head)
    digits = fraction[: fraction.index("+") if "+" in fraction else fraction.index("-")]
    return datetime.fromisoformat(f"{head}.{digits[:6]:0<6}{fraction[len(digits):]}")


def _has(element: Element, *names: str) -> bool:
    return any(name in element or f"_{name}" in element for name in names)


def _value(element: Element, base: str = "value") -> bool:
    """Whether a choice element has a value: `valueString` for `value` (and `_valueString`)."""
    return any(key.removeprefix("_").startswith(base) for key in element)


def _codes(concept: Any) -> set[str]:
    concepts = concept if isinstance(concept, list) else [concept or {}]
    return {coding.get("code", "") for one in concepts for coding in one.get("coding", ())}


def _pairs(concept: Element) -> set[tuple[Any, Any]]:
    return {(c.get("system"), c.get("code")) for c in concept.get("coding", ())}


def _obs_7(o: Element, _root: Element) -> bool:
    own = _pairs(o.get("code", {}))
    return not _value(o) or not any(own & _pairs(c.get("code", {})) for c in o.get("component", ()))


def _con_3(c: Element, _root: Element) -> bool:
    problem = "problem-list-item" in _codes(c.get("category"))
    return "clinicalStatus" in c or not problem or "entered-in-error" in _codes(c.get("verificationStatus"))


def _con_4(c: Element, _root: Element) -> bool:
    return not _value(c, "abatement") or bool(_codes(c.get("clinicalStatus")) & {"inactive", "resolved", "remission"})


def _entered_in_error(e: Element) -> bool:
    return "entered-in-error" in _codes(e.get("verificationStatus"))


def _sdf_5(s: Element, _root: Element) -> bool:
    return "context" in s or s.get("type") != "Extension" or s.get("derivation") == "specialization"


def _sdf_14(s: Element, _root: Element) -> bool:
    views = [s.get(name, {}) for name in ("snapshot", "differential")]
    return all("id" in each for view in views for each in view.get("element", ()))


def _rng_2(r: Element, _root: Element) -> bool:
    low, high = r.get("low", {}), r.get("high", {})
    if "value" not in low or "value" not in high or low.get("code") != high.get("code"):
        return True
    return bool(low["value"] <= high["value"])


def _contained_used(resource: Element, _root: Element) -> bool:
    inside = resource.get("contained", ())
    if not inside:
        return True
    used = _local_references({k: v for k, v in resource.items() if k != "contained"}) | _local_references(inside)
    return all(f"#{c.get('id')}" in used or "#" in _local_references(c) for c in inside)


def _local_references(tree: Any) -> set[str]:
    found, pending = set(), [tree]
    while pending:
        node = pending.pop()
        pending += node if isinstance(node, list | tuple) else node.values() if isinstance(node, dict) else ()
        if isinstance(node, dict):
            found |= {v for v in node.values() if isinstance(v, str) and v.startswith("#")}
    return found


_VERSIONED = ("versionId", "lastUpdated")
_RATIO = ("numerator", "extension")
_BOOKED = {"proposed", "cancelled", "waitlist"}
_EVERY_RESOURCE = (
    Invariant("dom-2", "A contained resource must not contain others.",
              lambda r, _: not any("contained" in c for c in r.get("contained", ()))),
    Invariant("dom-3", "A contained resource must have an id and be referred to.", _contained_used),
    Invariant("dom-4", "A contained resource has no version or time of its own.",
              lambda r, _: not any(_has(c.get("meta", {}), *_VERSIONED) for c in r.get("contained", ()))),
    Invariant("dom-5", "A contained resource has no security label of its own.",
              lambda r, _: not any("security" in c.get("meta", {}) for c in r.get("contained", ()))),
)
_QUANTITY = (Invariant("qty-3", "A unit's code needs its system.", lambda q, _: "code" not in q or _has(q, "system")),)
_RULES: dict[str, tuple[Invariant, ...]] = {
    **dict.fromkeys(("Quantity", "Age", "Duration", "Count", "Distance"), _QUANTITY),
    "Extension": (Invariant("ext-1", "An extension holds either a value or extensions, not both.",
                            lambda e, _: _value(e) != ("extension" in e)),),
    "Period": (Invariant("per-1", "The start must not be later than the end.",
                         lambda p, _: in_order(p.get("start"), p.get("end"))),),
    "Range": (Invariant("rng-2", "The low end must not be above the high end.", _rng_2),),
    "Ratio": (Invariant("rat-1", "A ratio has both numerator and denominator, or neither and an extension.",
                        lambda r, _: ("numerator" in r) == ("denominator" in r) and _has(r, *_RATIO)),),
    "Attachment": (Invariant("att-1", "Data needs its content type.",
                             lambda a, _: "data" not in a or _has(a, "contentType")),),
    "ContactPoint": (Invariant("cpt-2", "A contact's value needs its system (phone, email, …).",
                               lambda c, _: "value" not in c or _has(c, "system")),),
    "Patient.contact": (Invariant("pat-1", "A contact needs a name, a telecom, an address or an organization.",
                                  lambda c, _: _has(c, "name", "telecom", "address", "organization")),),
    "Organization": (Invariant("org-1", "An organization needs a name or an identifier.",
                               lambda o, _: _has(o, "name", "identifier")),),
    "Observation": (
        Invariant("obs-6", "A reason for missing data must not stand beside a value.",
                  lambda o, _: "dataAbsentReason" not in o or not _value(o)),
        Invariant("obs-7", "A component must not repeat the code of an observation that has a value.", _obs_7),
    ),
    "Observation.referenceRange": (Invariant("obs-3", "A reference range needs a low, a high or a text.",
                                             lambda r, _: _has(r, "low", "high", "text")),),
    "Condition": (
        Invariant("con-3", "A problem on the list needs a clinical status, unless it was entered in error.", _con_3),
        Invariant("con-4", "What has abated is inactive, resolved or in remission.", _con_4),
        Invariant("con-5", "What was entered in error has no clinical status.",
                  lambda c, _: "clinicalStatus" not in c or not _entered_in_error(c)),
    ),
    "Condition.stage": (Invariant("con-1", "A stage needs a summary or an assessment.",
                                  lambda s, _: _has(s, "summary", "assessment")),),
    "Condition.evidence": (Invariant("con-2", "Evidence needs a code or a detail.",
                                     lambda e, _: _has(e, "code", "detail")),),
    "AllergyIntolerance": (
        Invariant("ait-1", "An allergy needs a clinical status, unless it was entered in error.",
                  lambda a, _: "clinicalStatus" in a or _entered_in_error(a)),
        Invariant("ait-2", "What was entered in error has no clinical status.",
                  lambda a, _: "clinicalStatus" not in a or not _entered_in_error(a)),
    ),
    "Appointment": (
        Invariant("app-2", "Give both start and end, or neither.", lambda a, _: _has(a, "start") == _has(a, "end")),
        Invariant("app-3", "Only what is proposed, cancelled or on the waiting list may lack start and end.",
                  lambda a, _: _has(a, "start") or a.get("status") in _BOOKED),
        Invariant("app-4", "Only what is cancelled or missed has a reason for cancelling.",
                  lambda a, _: "cancelationReason" not in a or a.get("status") in {"cancelled", "noshow"}),
    ),
    "Appointment.participant": (Invariant("app-1", "A participant needs a type or an actor.",
                                          lambda p, _: _has(p, "type", "actor")),),
    "AuditEvent.entity": (Invariant("sev-1", "An entity has a name or a query, not both.",
                                    lambda e, _: not ("name" in e and "query" in e)),),
    "Goal.target": (Invariant("gol-1", "A target's detail needs its measure.",
                              lambda t, _: not _value(t, "detail") or "measure" in t),),
    "CarePlan.activity": (Invariant("cpl-3", "An activity has a detail or a reference, not both.",
                                    lambda a, _: not ("detail" in a and "reference" in a)),),
    "ServiceRequest": (Invariant("prr-1", "Order detail needs a code.",
                                 lambda s, _: "orderDetail" not in s or "code" in s),),
    "StructureDefinition": (
        Invariant("sdf-5", "The definition of an extension says in its context where the extension belongs.", _sdf_5),
        Invariant("sdf-14", "Each element of a definition needs an id: its path, with the names of slices.", _sdf_14),
    ),
    "Task": (Invariant("inv-1", "The last change must not lie before the authoring.",
                       lambda t, _: in_order(t.get("authoredOn"), t.get("lastModified"))),),
    "List": (
        Invariant("lst-1", "Only a list of changes may mark an entry deleted.",
                  lambda x, _: x.get("mode") == "changes" or not any(_has(e, "deleted") for e in x.get("entry", ()))),
        Invariant("lst-2", "An empty reason stands only where there are no entries.",
                  lambda x, _: not ("emptyReason" in x and "entry" in x)),
    ),
    "FamilyMemberHistory": (
        Invariant("fhs-1", "Give an age or a birth, not both.",
                  lambda f, _: not (_value(f, "age") and _value(f, "born"))),
    ),
    "Composition.section": (
        Invariant("cmp-1", "A section needs text, entries or sections.",
                  lambda s, _: _has(s, "text", "entry", "section")),
        Invariant("cmp-2", "An empty reason stands only where there are no entries.",
                  lambda s, _: not ("emptyReason" in s and "entry" in s)),
    ),
    "Immunization.education": (Invariant("imm-1", "Education needs a document type or a reference.",
                                         lambda e, _: _has(e, "documentType", "reference")),),
}
