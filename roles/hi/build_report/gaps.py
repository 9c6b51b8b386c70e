"""What a record lacks after a stay: a piece of work about the stay itself or about one of its documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from roles.hi.build_report.timeline import Attached, Visit, utc
from sandbox.activity import Resource

_HOUSE = "https://two-rivers.example/CodeSystem"


@dataclass(frozen=True)
class Gap(Attached):
    """One Task. `done` is None while it is open; `about` a document writes that document too; `n` tells a stay's
    gaps apart; `withdrawn`: the analyst was mistaken."""

    found: datetime
    done: datetime | None
    about: Literal["stay", "document"] = "stay"
    withdrawn: bool = False
    kind: str = "deficiency"
    n: int = 0

    def resources(self, visit: Visit) -> Iterator[Resource]:
        """The document where it is about one, then the Task."""
        focus = f"Encounter/{visit.encounter}"
        if self.about == "document":
            focus = f"DocumentReference/{visit.id('n', self.n)}"
            yield self._document(visit)
        task: Resource = {
            "resourceType": "Task",
            "id": visit.id("t", self.n),
            "status": "cancelled" if self.withdrawn else "completed" if self.done else "accepted",
            "intent": "order",
            "code": {"coding": [{"system": f"{_HOUSE}/work", "code": self.kind}]},
            "focus": {"reference": focus},
            "for": {"reference": f"Patient/{visit.patient}"},
            "encounter": {"reference": f"Encounter/{visit.encounter}"},
            "authoredOn": utc(self.found),
        }
        if self.done:
            task["executionPeriod"] = {"end": utc(self.done)}
        yield task

    def _document(self, visit: Visit) -> Resource:
        return {
            "resourceType": "DocumentReference",
            "id": visit.id("n", self.n),
            "status": "current",
            "docStatus": "final" if self.done else "preliminary",
            "type": {"coding": [{"system": "http://loinc.org", "code": "18842-5"}], "text": "Discharge summary"},
            "subject": {"reference": f"Patient/{visit.patient}"},
            "date": utc(self.found),
            "content": [{"attachment": {"contentType": "text/plain", "title": "Discharge summary"}}],
            "context": {"encounter": [{"reference": f"Encounter/{visit.encounter}"}]},
        }
