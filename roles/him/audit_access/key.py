"""What is right of each lead: made again from the seed whenever an attempt is judged, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fixtures.planting.violations.model import EXPLAINED, VIOLATION

from .menus import last_day


@dataclass(frozen=True)
class LeadKey:
    """The truth of one lead.

    `link` is the first link that holds in the documented order, or "none"; `places` are the resources that decide,
    `facts` all that a factor may rest on. `why` says it in words; `names` who it is about.
    """

    id: str
    story: str
    guilty: bool
    verdict: str
    breach: bool
    pattern: str
    link: str
    places: tuple[str, ...]
    facts: tuple[str, ...]
    why: str
    names: str
    patients: tuple[str, ...]
    quotes: tuple[tuple[str, str], ...] = ()  # (place, what it says) of the first places that decide

    @property
    def innocent(self) -> bool:
        """Whether an accusation would be a wrong."""
        return self.verdict == EXPLAINED


@dataclass(frozen=True)
class Key:
    """All leads in the order shown, and the day on which they were found (the workspace's today)."""

    leads: tuple[LeadKey, ...]
    today: str

    @property
    def violations(self) -> tuple[LeadKey, ...]:
        """Those where the four factors, the breach and the clocks are asked."""
        return tuple(one for one in self.leads if one.verdict == VIOLATION)

    @property
    def last(self) -> str:
        """The last day on which the people may be told."""
        return last_day(date.fromisoformat(self.today)).isoformat()
