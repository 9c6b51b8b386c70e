"""Where a planted visit was: the places of the house's own building, and the order that sent it on to a ward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fixtures.hospital.places import HOSPITAL, locations, organizations
from roles.hi.build_report.timeline import Attached, Visit, utc
from sandbox.activity import Resource

_HOUSE = "https://two-rivers.example/CodeSystem"
_PHYSICAL = "http://terminology.hl7.org/CodeSystem/location-physical-type"


def building() -> list[Resource]:
    """The hospital and every Location of it, for one that is nobody's workspace: a workspace has them already."""
    return [*(one for one in organizations() if one["id"] == HOSPITAL), *locations()]


@dataclass(frozen=True)
class Place:
    """A place by its Location id, from and until; `until` is None where nobody wrote it down, or while it goes on."""

    location: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Places(Attached):
    """The places of a visit, in order."""

    places: tuple[Place, ...]

    def fields(self, visit: Visit) -> Resource:
        """Encounter.location."""
        return {"location": [_location(place) for place in self.places]}


@dataclass(frozen=True)
class Order(Attached):
    """The order to admit or to observe, with the time of its signature."""

    code: str  # admit-inpatient or place-observation
    signed: datetime

    def resources(self, visit: Visit) -> Iterator[Resource]:
        """The ServiceRequest."""
        yield {
            "resourceType": "ServiceRequest",
            "id": visit.id("o"),
            "status": "completed",
            "intent": "order",
            "code": {"coding": [{"system": f"{_HOUSE}/order", "code": self.code}]},
            "subject": {"reference": f"Patient/{visit.patient}"},
            "encounter": {"reference": f"Encounter/{visit.encounter}"},
            "authoredOn": utc(self.signed),
        }


def _location(place: Place) -> dict[str, Any]:
    period = {"start": utc(place.since)} | ({"end": utc(place.until)} if place.until else {})
    kind = ("area", "Area") if place.location.endswith("waiting") else ("ro", "Room")
    return {
        "location": {"reference": f"Location/{place.location}"},
        "status": "completed" if place.until else "active",
        "physicalType": {"coding": [{"system": _PHYSICAL, "code": kind[0], "display": kind[1]}]},
        "period": period,
    }
