"""What judging says: findings that explain themselves, caps, and the score they come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

_written: dict[type[Any], TypeAdapter[Any]] = {}


def as_json(kind: type[Any]) -> TypeAdapter[Any]:
    """How a dataclass is written to JSON and read back, worked out once for each (it takes 20 ms)."""
    if kind not in _written:
        _written[kind] = TypeAdapter(kind)
    return _written[kind]


Group = Literal["right", "helped", "missed", "unsupported", "next"]  # helped: by the house, for an opened hint


@dataclass(frozen=True)
class Quote:
    """A passage of the record under a finding: `passage` is verbatim, `before` and `after` its surroundings."""

    reference: str  # "DocumentReference/abc"
    title: str  # "Discharge summary, 18 May 12:30"
    passage: str
    before: str = ""
    after: str = ""
    cited: bool = False  # the learner cited it herself


@dataclass(frozen=True)
class Finding:
    """One decision, judged.

    `criterion` names it uniquely within the task; `axis` the row of the score it counts in; `competency` an id of
    `fixtures/competencies.toml`. `earned` and `possible` are points of 100. `why` is written to the learner: the
    evidence, the rule, and never a scolding. `rule` is the citation (guideline section, tabular note, policy).
    `mistake` names a known mistake that all evidence fits, or is empty. `label` is a code or short name for the list.
    """

    criterion: str
    axis: str
    competency: str
    earned: float
    possible: float
    title: str
    why: str
    group: Group = "right"
    label: str = ""
    rule: str = ""
    evidence: tuple[Quote, ...] = ()
    mistake: str = ""

    @property
    def met(self) -> bool:
        """Whether all its points were earned (a finding without points is a remark and is never counted)."""
        return self.possible > 0 and self.earned >= self.possible - 1e-9


@dataclass(frozen=True)
class Cap:
    """A ceiling on the whole score, with the reason a learner reads."""

    at: float
    why: str


@dataclass(frozen=True)
class Figure:
    """A figure shown beside the score and never inside it: code-over-code, an interval, a run time."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Report:
    """A judged attempt. `score` is 0 to 100: the findings' points, under the lowest cap."""

    findings: tuple[Finding, ...]
    caps: tuple[Cap, ...] = ()
    figures: tuple[Figure, ...] = ()
    axes: tuple[str, ...] = field(default=())  # in the order they are shown
    next_time: str = ""  # one thing to practise

    @property
    def points(self) -> float:
        """The findings' points before caps, 0 to 100."""
        return sum(f.earned for f in self.findings)

    @property
    def score(self) -> float:
        """Points under the lowest cap, rounded to one decimal."""
        ceiling = min((cap.at for cap in self.caps), default=100.0)
        return round(max(0.0, min(self.points, ceiling, 100.0)), 1)

    @property
    def met(self) -> int:
        """How many criteria were met."""
        return sum(f.met for f in self.findings)

    @property
    def asked(self) -> int:
        """How many criteria were asked."""
        return sum(f.possible > 0 for f in self.findings)
