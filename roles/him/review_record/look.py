"""What the fields of a paper may need besides their own resource: names, signatures, changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.activity import Resource

from .papers import said


@dataclass(frozen=True)
class Look:
    """What a field may need besides its own resource."""

    held: Mapping[str, Resource]
    marks: Mapping[str, list[Resource]]
    names: Mapping[str, str]

    def name(self, reference: Mapping[str, Any] | None) -> str:
        """What a reference points to, said."""
        if not reference:
            return ""
        target = str(reference.get("reference", ""))
        if target in self.names:
            return self.names[target]
        if target in self.held:
            return title_of(self.held[target])
        return str(reference.get("display", ""))

    def signed(self, ref: str) -> str:
        """ "Ngozi Okafor, MD, 12 May 2026 14:05 (stored as 2026-05-12 19:05 UTC)", or "nobody"."""
        found = [(mark["signature"][0]["when"], self.name(mark["signature"][0]["who"]))
                 for mark in self.marks.get(ref, []) if mark.get("signature")]
        return "; ".join(f"{who}, {said(when)} (stored as {when[:10]} {when[11:16]} UTC)"
                         for when, who in sorted(found)) or "nobody"

    def changed(self, ref: str) -> str:
        """Who changed the text and when, or nothing."""
        return "; ".join(f"text replaced by {self.name(mark['agent'][0]['who'])}, {said(mark['recorded'])}"
                         for mark in self.marks.get(ref, []) if mark.get("activity"))


def title_of(one: Resource) -> str:
    """What a paper is called."""
    kind = one["resourceType"]
    if kind == "DocumentReference":
        return f"{one['description']}, {said(one['date'])}"
    if kind == "Consent":
        return str(one["sourceAttachment"]["title"])
    if kind == "Encounter":
        return "Stay"
    concept = one.get("code") or one.get("medicationCodeableConcept") or {}
    return str(concept.get("text") or concept.get("coding", [{}])[0].get("display", kind))
