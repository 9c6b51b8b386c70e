"""What people and organizations of a planting are called, by reference."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.activity import Resource


def names_of(resources: Iterable[Resource]) -> dict[str, str]:
    """ "Patient/x": "Rosa Lind, MRN TR9123456"; kin by what they are to the patient."""
    found = {}
    for one in resources:
        ref = f"{one['resourceType']}/{one['id']}"
        if one["resourceType"] == "Organization":
            kind = next((part["text"] for part in one.get("type", []) if part.get("text")), "")
            found[ref] = f"{one['name']}: {kind[0].lower()}{kind[1:]}" if kind else str(one["name"])
        elif one["resourceType"] in ("Patient", "Practitioner", "RelatedPerson"):
            found[ref] = _person(one)
    return found


def _person(one: Resource) -> str:
    name = one["name"][0]
    full = f"{' '.join(name.get('given', []))} {name['family']}".strip()
    if one["resourceType"] == "Patient":
        return f"{full}, MRN {one['identifier'][0]['value']}"
    if one["resourceType"] == "RelatedPerson":
        return f"{full}, {one['relationship'][0]['text']}"
    return full + (f", {name['suffix'][0]}" if name.get("suffix") else "")
