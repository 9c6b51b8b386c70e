"""Bills on planted visits: the MS-DRG that a stay was grouped to, on what kind of bill, and whether it still holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from roles.hi.build_report.timeline import Attached, Visit, utc
from sandbox.activity import Resource

_HL7 = "http://terminology.hl7.org/CodeSystem"
_MSDRG = "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software"


@dataclass(frozen=True)
class Bill(Attached):
    """One Claim of the visit. `group` is its MS-DRG, "" where it has none; `n` tells a visit's bills apart."""

    group: str
    made: datetime
    status: Literal["active", "cancelled"] = "active"
    kind: Literal["institutional", "professional"] = "institutional"
    n: int = 0

    def resources(self, visit: Visit) -> Iterator[Resource]:
        """The Claim."""
        claim: Resource = {
            "resourceType": "Claim",
            "id": visit.id("b", self.n),
            "status": self.status,
            "type": {"coding": [{"system": f"{_HL7}/claim-type", "code": self.kind}]},
            "use": "claim",
            "patient": {"reference": f"Patient/{visit.patient}"},
            "created": utc(self.made),
            "provider": {"display": "Two Rivers Medical Center"},
            "priority": {"coding": [{"system": f"{_HL7}/processpriority", "code": "normal"}]},
            "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "Coverage"}}],
            "item": [
                {
                    "sequence": 1,
                    "productOrService": {"text": "All services of the visit"},
                    "encounter": [{"reference": f"Encounter/{visit.encounter}"}],
                }
            ],
        }
        if self.group:
            claim["supportingInfo"] = [
                {
                    "sequence": 1,
                    "category": {"coding": [{"system": f"{_HL7}/claiminformationcategory", "code": "drg"}]},
                    "code": {"coding": [{"system": _MSDRG, "code": self.group}]},
                }
            ]
        yield claim
