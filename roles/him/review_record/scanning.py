"""A paper that came out of the scanner black: whether it was in time, nobody can tell from the record."""

from __future__ import annotations

import base64
import json
from datetime import UTC, timedelta

from fixtures.hospital.staff import everyone
from fixtures.planting.deficiencies import ChartTruth
from sandbox.activity import Resource

from .papers import local, said

#: Pair → which of its truth's places is the paper that would clear it.
UNREADABLE = {"old-history": 1, "late-consent": 0, "missing-report": 0}
_WHO = next(one for one in everyone() if one.role == "health information manager")
KEEPER: Resource = {"reference": f"Practitioner/{_WHO.id}", "display": _WHO.name}


def blacken(truth: ChartTruth, resources: list[Resource]) -> list[Resource]:
    """The resources with the clearing paper unreadable: its time, author and words are those of the scanning desk."""
    target = truth.places[UNREADABLE[truth.name]].resource
    stay = next(one for one in resources if one["resourceType"] == "Encounter" and one["id"] == truth.encounter)
    scanned = (local(stay["period"]["end"]) + timedelta(days=1)).replace(hour=9, minute=20)
    when = scanned.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = []
    for one in resources:
        ref = f"{one['resourceType']}/{one['id']}"
        if ref == target:
            one = _paper(json.loads(json.dumps(one)), when)
        elif one["resourceType"] == "Provenance" and one["target"][0]["reference"] == target:
            one = _mark(json.loads(json.dumps(one)), when)
        made.append(one)
    return made


def _paper(one: Resource, when: str) -> Resource:
    form = one.get("sourceAttachment") or one["content"][0]["attachment"]
    form["data"] = base64.b64encode(
        (f"SCANNING DESK, {said(when)}\n\nOne sheet, “{form['title']}”, came with the paper part of this chart. The "
         "scan is black and cannot be read: no date, no name. The sheet waits at the desk to be scanned again.\n\n"
         f"{KEEPER['display']}").encode()).decode()
    form["creation"] = when
    if one["resourceType"] == "Consent":
        for name in ("dateTime", "performer"):
            one.pop(name, None)
        return one
    one |= {"date": when, "author": [dict(KEEPER)], "authenticator": dict(KEEPER)}
    return one


def _mark(one: Resource, when: str) -> Resource:
    one["recorded"] = when
    one["agent"][0]["who"] = dict(KEEPER)
    for signature in one.get("signature", []):
        signature |= {"when": when, "who": dict(KEEPER)}
    return one
