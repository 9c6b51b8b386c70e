"""Findings set against the charts: which carry the defect, which accuse wrongly, and how far each verdict stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from .book import Pair, pairs
from .facts import Evidence
from .key import ChartKey, Key
from .work import Filed, Verdict, Work

HALF = 0.5


@dataclass(frozen=True)
class Standing:
    """One chart with what she says of it."""

    chart: ChartKey
    verdict: Verdict | None
    filed: tuple[Filed, ...]

    @property
    def pair(self) -> Pair | None:
        """What is known of its pair; a clean chart has none."""
        return pairs().get(self.chart.name)

    def rule_fits(self, rule: str) -> float:
        """1 for the rule, a sibling or a general rule, a half for one that the defect breaks further off, else 0."""
        if self.chart.answer != "fault":
            return 0.0
        if rule == self.chart.rule or rule in (*self.chart.siblings, *self.chart.wide):
            return 1.0
        return HALF if rule in self.chart.kin else 0.0

    def as_law(self, filed: Filed, kind: str) -> bool:
        """Whether a policy is cited as federal law, by a finding under a rule of this kind."""
        return filed.kind == "regulation" and "regulation" not in self.kinds(filed.rule, kind)

    def kinds(self, rule: str, kind: str) -> tuple[str, ...]:
        """How a rule of this kind can be cited here: the chart's own as its key says."""
        return self.chart.kinds if rule == self.chart.rule and self.chart.answer == "fault" else (kind,)

    def place_fits(self, filed: Filed) -> float:
        """1 for a field that shows the matter, a half for another field of such a paper, else 0."""
        spots = [spot for spot in self.chart.spots if spot.paper == filed.document]
        return 1.0 if any(filed.field in spot.fields for spot in spots) else HALF if spots else 0.0

    @cached_property
    def carrying(self) -> tuple[Filed, ...]:
        """Findings under a rule that fits the defect; one that is not its own has to point to a paper that shows it."""
        own = (self.chart.rule, *self.chart.siblings)
        return tuple(filed for filed in self.filed if self.rule_fits(filed.rule)
                     and (filed.rule in own or self.place_fits(filed)))

    @cached_property
    def confused(self) -> tuple[str, ...]:
        """Other rules under which she points to the very place: one such is the defect under a wrong name."""
        if self.chart.answer != "fault":
            return ()
        return tuple(sorted({filed.rule for filed in self.filed
                             if not self.rule_fits(filed.rule) and self.place_fits(filed) == 1.0}))

    @cached_property
    def found(self) -> bool:
        """Whether a finding carries the defect."""
        return bool(self.carrying or self.confused)

    @cached_property
    def counted(self) -> tuple[Filed, ...]:
        """The findings whose particulars count."""
        return self.carrying or tuple(filed for filed in self.filed if filed.rule in self.confused)

    @cached_property
    def accusations(self) -> tuple[str, ...]:
        """Rules that she says are broken and are not; "" for a bare verdict of deficiency on a sound chart."""
        wrong = {filed.rule for filed in self.filed if not self.rule_fits(filed.rule)}
        if self.confused:
            wrong.discard(self.confused[0])
        if not self.filed and self.verdict and self.verdict.verdict == "deficiency" and self.chart.answer != "fault":
            wrong.add("")
        return tuple(sorted(wrong))

    @cached_property
    def told(self) -> float:
        """How far the thing to be said of a faulty or open chart was said, 0 to 1."""
        said = self.verdict.verdict if self.verdict else ""
        if self.chart.answer == "fault":
            missing = self.pair is not None and self.pair.missing
            return 1.0 if self.found else HALF if said == "ask" and missing and self.asks_well else 0.0
        if self.chart.answer == "open" and said == "ask":
            return 1.0 if self.asks_well else HALF
        return 0.0

    @property
    def asks_well(self) -> bool:
        """Whether she asks somebody who can know."""
        return self.verdict is not None and self.verdict.ask in self.chart.actors

    @cached_property
    def stands(self) -> float:
        """How far her verdict stands, 0 to 1: what the restraint points are paid by."""
        if self.chart.answer != "clean":
            return self.told
        said = self.verdict.verdict if self.verdict else ""
        return {"none": 1.0, "ask": HALF}.get(said, 0.0)


@dataclass(frozen=True)
class Review:
    """A whole review set against its key."""

    work: Work
    key: Key
    evidence: Evidence

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """Every chart, in the order shown."""
        return tuple(Standing(chart, self.work.verdict(chart.id),
                              tuple(filed for filed in self.work.findings if filed.chart == chart.id))
                     for chart in self.key.charts)

    @cached_property
    def faults(self) -> tuple[Standing, ...]:
        """The charts that break a rule."""
        return tuple(one for one in self.standings if one.chart.answer == "fault")

    @cached_property
    def sound(self) -> tuple[Standing, ...]:
        """The charts that break none."""
        return tuple(one for one in self.standings if one.chart.answer == "clean")

    @cached_property
    def accusations(self) -> tuple[tuple[Standing, str], ...]:
        """Every wrong accusation: the chart, and the rule it is accused under."""
        return tuple((one, rule) for one in self.standings for rule in one.accusations)

    @cached_property
    def share(self) -> float:
        """The share of all charts whose verdict stands."""
        return sum(one.stands for one in self.standings) / len(self.standings)
