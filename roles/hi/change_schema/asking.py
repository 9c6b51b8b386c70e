"""What a request asks of the FHIR record: a SearchParameter, or an extension's StructureDefinition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.activity import Resource


@dataclass(frozen=True)
class Search:
    """A SearchParameter is asked for. `asks` are searches shown to try it by; `later` the patterns whose people come
    after the definition was posted, each once more."""

    title: str
    contract: tuple[str, ...]
    asks: tuple[str, ...]
    later: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A resource that is sent to the record: of this `kind`, with the extension, `parts` in it, so many `times`.

    It stands on the resource, or in the element that `inside` names; `more` are the resource's other elements.
    """

    name: str
    title: str
    parts: tuple[Mapping[str, Any], ...] = ()
    kind: str = "Patient"
    inside: str = ""
    times: int = 1
    value: Mapping[str, Any] | None = None  # instead of parts: the extension's own value[x]
    more: Mapping[str, Any] | None = None

    def resource(self, url: str) -> Resource:
        """The resource as it is sent."""
        held = dict(self.value) if self.value else {"extension": [dict(part) for part in self.parts]}
        extension = [{"url": url, **held}] * self.times
        made: Resource = {"resourceType": self.kind, "id": "sent", **(self.more or {})}
        if self.inside:
            first, *others = made[self.inside]
            return {**made, self.inside: [{**first, "extension": extension}, *others]}
        return {**made, "extension": [*made.get("extension", ()), *extension]} if extension else made

    def text(self, url: str) -> str:
        """The resource for the page, as JSON."""
        return json.dumps(self.resource(url), indent=2, ensure_ascii=False)


@dataclass(frozen=True)
class Structure:
    """An extension's StructureDefinition is asked for, of this `url`. `cases` are shown to try it by; `value_set` is in
    the record already; `example` is the definition of another extension, to see the form."""

    title: str
    contract: tuple[str, ...]
    url: str
    value_set: Mapping[str, Any]
    cases: tuple[Case, ...]
    example: str = ""

    def listed(self) -> str:
        """The value set for the page, as JSON."""
        return json.dumps(dict(self.value_set), indent=2, ensure_ascii=False)
