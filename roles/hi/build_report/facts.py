"""What a chart can say of a patient of the practice, briefly: a visit, a diagnosis, a result, where she lives.

Days and moments are the hospital's own. A fact belongs to the person's n-th record (`record`); the last one survived
all merges.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True)
class Visit:
    """One visit, half an hour long unless `end` says otherwise, with the codes given at it."""

    start: datetime
    codes: tuple[str, ...] = ()
    kind: str = "AMB"
    status: str = "finished"
    end: datetime | None = None
    disposition: str = ""
    record: int = 0


@dataclass(frozen=True)
class Problem:
    """A diagnosis on the problem list, or (`listed` false) one that was written down at no visit of ours."""

    code: str
    recorded: date
    onset: date | None = None
    ended: date | None = None
    certain: Literal["confirmed", "provisional", "refuted", "entered-in-error"] = "confirmed"
    listed: bool = True
    record: int = 0


@dataclass(frozen=True)
class Assay:
    """One result of the laboratory, in per cent; None is a test that gave no value."""

    taken: datetime
    value: float | None
    code: str = "4548-4"
    status: str = "final"
    record: int = 0


@dataclass(frozen=True)
class Pressure:
    """One reading, in mm Hg; `visit` is the place of its visit among the person's facts, None: taken at home."""

    taken: datetime
    systolic: int | None
    diastolic: int | None
    visit: int | None = 0
    status: str = "final"
    record: int = 0


@dataclass(frozen=True)
class Order:
    """A referral to hospice."""

    day: date
    status: str = "active"
    record: int = 0


@dataclass(frozen=True)
class Home:
    """Where she lives, as asked that day."""

    day: date
    where: Literal["nursing-home", "own-home"] = "nursing-home"
    record: int = 0


@dataclass(frozen=True)
class Done:
    """A procedure by its ICD-10-PCS code."""

    day: date
    code: str
    record: int = 0


Fact = Visit | Problem | Assay | Pressure | Order | Home | Done
