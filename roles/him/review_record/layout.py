"""A chart laid out: its resources as papers in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sandbox.activity import Resource

from .look import Look, title_of
from .papers import Paper, said
from .rows import ROWS

HEADS = {"Encounter": "Stay", "Procedure": "Operation", "AuditEvent": "Disclosure log",
         "Patient": "Another patient of the house"}


def lay_out(resources: Iterable[Resource], names: Mapping[str, str]) -> list[Paper]:
    """The papers of one chart in order of time, without their words; `names` are people and organizations by reference.

    Signatures and changes (Provenance) stand as fields of what they are about; who is named nowhere else stays away.
    """
    held = {f"{one['resourceType']}/{one['id']}": one for one in resources}
    marks: dict[str, list[Resource]] = {}
    for one in held.values():
        if one["resourceType"] == "Provenance":
            marks.setdefault(one["target"][0]["reference"], []).append(one)
    look = Look(held, marks, names)
    found = [paper for ref, one in held.items() if (paper := _paper(ref, one, look))]
    return sorted(found, key=lambda paper: (paper.order, paper.ref))


def _paper(ref: str, one: Resource, look: Look) -> Paper | None:
    kind = one["resourceType"]
    if kind not in ROWS:
        return None
    read, instant = ROWS[kind]
    rows = tuple((key, value) for key, value in read(ref, one, look) if value)
    when = instant(one)
    title = one["description"] if kind == "DocumentReference" else HEADS.get(kind) or title_of(one)
    title = f"Order: {title}" if kind == "MedicationRequest" else title
    return Paper(ref, title, said(when) if when else "", when, rows)
