"""What judging needs of the record as it stood at submission."""

from __future__ import annotations

from dataclasses import dataclass, field

from roles.hi.build_report.running import Frozen


@dataclass(frozen=True)
class Evidence:
    """Her own report, for the headline; for the starter, what her own codes did (`coded`: her diagnosis codes)."""

    report: Frozen = field(default_factory=Frozen)
    coded: tuple[str, ...] = ()
