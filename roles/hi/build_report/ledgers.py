"""The account of a planted visit: what was charged to it and when that was posted, and how far its bill has come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from roles.hi.build_report.timeline import Attached, Visit, utc
from sandbox.activity import Resource

_HOUSE = "https://two-rivers.example"
_STATUS = f"{_HOUSE}/fhir/StructureDefinition/billing-status"  # as the lab's table reads it


@dataclass(frozen=True)
class Charge:
    """One charge: dollars of the whole line, when the service was given and when it was posted."""

    gross: int
    given: datetime
    posted: datetime
    quantity: int = 1
    status: Literal["billable", "billed", "entered-in-error"] = "billable"


@dataclass(frozen=True)
class Ledger(Attached):
    """One Account with its ChargeItems. A time that is None has not come."""

    charges: tuple[Charge, ...]
    held_until: datetime | None = None
    final: datetime | None = None
    sent: datetime | None = None

    def fields(self, visit: Visit) -> Resource:
        """Encounter.account."""
        return {"account": [{"reference": f"Account/{visit.id('a')}"}]}

    def resources(self, visit: Visit) -> Iterator[Resource]:
        """The Account, then each charge."""
        dates = (("billHold", self.held_until), ("finalBilled", self.final), ("submitted", self.sent))
        parts: list[dict[str, Any]] = [{"url": name, "valueDateTime": utc(when)} for name, when in dates if when]
        account: Resource = {
            "resourceType": "Account",
            "id": visit.id("a"),
            "status": "inactive" if self.final else "active",
            "subject": [{"reference": f"Patient/{visit.patient}"}],
        }
        if parts:
            account["extension"] = [{"url": _STATUS, "extension": parts}]
        yield account
        for n, charge in enumerate(self.charges):
            yield {
                "resourceType": "ChargeItem",
                "id": visit.id("g", n),
                "status": charge.status,
                "code": {"text": "Service of the hospital"},
                "subject": {"reference": f"Patient/{visit.patient}"},
                "context": {"reference": f"Encounter/{visit.encounter}"},
                "occurrenceDateTime": utc(charge.given),
                "quantity": {"value": charge.quantity},
                "priceOverride": {"value": charge.gross, "currency": "USD"},
                "enteredDate": utc(charge.posted),
                "account": [{"reference": f"Account/{visit.id('a')}"}],
            }
