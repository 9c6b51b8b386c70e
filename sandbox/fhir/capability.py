"""What this server can do, in FHIR's own words: the CapabilityStatement at `/metadata`."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sandbox.fhir import definitions
from sandbox.fhir.index import kept
from sandbox.fhir.parameters import Own
from sandbox.fhir.question import UNREVERSED

_DOES = ("read", "vread", "update", "delete", "history-instance", "history-type", "create", "search-type")


def statement(base: str, today: date, own: Own | None = None) -> dict[str, Any]:
    """The CapabilityStatement of the record at the absolute address `base`, dated the day that it shows.

    `own` are the search parameters of that workspace alone.
    """
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": today.isoformat(),
        "kind": "instance",
        "software": {"name": "Two Seats"},
        "implementation": {"description": "A private hospital for one learner. All people in it are made up.",
                           "url": base},
        "fhirVersion": definitions.FHIR_VERSION,
        "format": ["application/fhir+json", "json"],
        "rest": [{
            "mode": "server",
            "security": {"description": "A bearer token for this workspace, from the page “Use your own tools”."},
            "resource": [_with(kind, list((own or {}).get(kind, {}).values())) for kind in sorted(definitions.kinds())],
            "interaction": [{"code": "transaction"}, {"code": "batch"}],
        }],
    }


def _with(kind: str, own: list[definitions.SearchParameter]) -> dict[str, Any]:
    """The type's part, a workspace's own parameters after FHIR's."""
    if not own:
        return _resource(kind)
    said, includes = _resource(kind), [f"{kind}:{one.name}" for one in own if one.type == "reference"]
    more = {"searchInclude": [*said.get("searchInclude", ()), *includes]} if includes else {}
    asked = [{"name": one.name, "type": one.type, "documentation": f"Of this workspace: {one.expression}"}
             for one in sorted(own, key=lambda one: one.name)]
    return {**said, **more, "searchParam": [*said["searchParam"], *asked]}


@cache
def _resource(kind: str) -> dict[str, Any]:
    always = [{"name": "_id", "type": "token"}, {"name": "_lastUpdated", "type": "date"}]
    asked = always + [{"name": one.name, "type": one.type} for _, one in sorted(kept(kind).items())]
    includes = [f"{kind}:{one['name']}" for one in asked if one["type"] == "reference"]
    reverse = [f"{other}:{name}" for other in sorted(definitions.kinds() - UNREVERSED)
               for name, one in sorted(kept(other).items())
               if one.type == "reference" and (not one.targets or kind in one.targets)]
    return {
        "type": kind,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{kind}",
        "interaction": [{"code": code} for code in _DOES],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "local"],
        **({"searchInclude": includes} if includes else {}),
        **({"searchRevInclude": reverse} if reverse else {}),
        "searchParam": asked,
    }
