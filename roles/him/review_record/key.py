"""What is right of each chart: made again from the planting when an attempt is judged, and kept nowhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from fixtures.planting.deficiencies import ChartTruth
from fixtures.planting.truth import Place
from sandbox.activity import Resource

from .book import NO_OTHER, Policy, pairs
from .papers import Paper, local, words
from .rows import SHOWS
from .scanning import KEEPER

Answer = Literal["fault", "clean", "open"]
#: Faults that break the regulation and the policy beside it at once: never signed, a report of the third day without a
#: brief note, destroyed before the five years and before the seven.
BOTH = {"verbal-order", "missing-report", "early-purge"}
LONGEST = 220  # characters of a quoted line


@dataclass(frozen=True)
class Spot:
    """One paper that shows the matter: `fields` show it equally well; `passage` stands in one of them."""

    paper: str
    title: str
    when: str
    fields: tuple[str, ...]
    passage: str

    @property
    def dated(self) -> str:
        """The paper's title with its time."""
        return f"{self.title}, {self.when}" if self.when else self.title


@dataclass(frozen=True)
class ChartKey:
    """One chart, with what is accepted of a finding on it.

    `kinds` are those that its rule can be cited as, the first is the answer. `siblings` are other rules that the defect
    breaks as squarely, `wide` general ones that it breaks too, `kin` those further off. `dues` are (rule, ISO date),
    "none" where no date is set; "" stands for any rule, "rule as kind" for a rule cited so; the first is the answer.
    """

    id: str  # of the encounter
    number: int
    name: str
    who: str
    answer: Answer
    rule: str
    spots: tuple[Spot, ...]
    actors: tuple[str, ...]
    actor_words: str
    dues: tuple[tuple[str, str], ...]
    due_words: str
    why: str
    kinds: tuple[str, ...] = ()
    siblings: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()
    kin: tuple[str, ...] = ()

    @property
    def severity(self) -> int:
        """1 to 3; a chart that asks for a question weighs 1."""
        return pairs()[self.name].severity if self.answer == "fault" else 1

    def due(self, rule: str, kind: str) -> set[str]:
        """The dates accepted for a finding under this rule, cited as this kind."""
        return {day for of, day in self.dues if of in ("", rule, f"{rule} as {kind}")}

    @property
    def both(self) -> bool:
        """Whether a policy and the regulation behind it are broken at once."""
        return len(self.kinds) > 1


@dataclass(frozen=True)
class Key:
    """All charts in the order shown, under these policies."""

    charts: tuple[ChartKey, ...]
    policy: Policy

    @property
    def faults(self) -> tuple[ChartKey, ...]:
        """The charts that break a rule."""
        return tuple(chart for chart in self.charts if chart.answer == "fault")

    @property
    def innocent(self) -> tuple[ChartKey, ...]:
        """The charts that break none."""
        return tuple(chart for chart in self.charts if chart.answer == "clean")

    @property
    def needing(self) -> tuple[ChartKey, ...]:
        """The charts where something has to be said: a deficiency, or a question."""
        return tuple(chart for chart in self.charts if chart.answer != "clean")


def chart_key(number: int, truth: ChartTruth, unreadable: bool, papers: list[Paper], resources: list[Resource],
              policy: Policy, who: str) -> ChartKey:
    """The key of one chart from its truth; local policy may make a look-alike a fault."""
    fault, why, due = _judged(truth, resources, policy)
    rule = truth.rule.key if truth.rule else ""
    answer: Answer = "open" if unreadable else "fault" if fault else "clean"
    if unreadable:
        why = ("The paper that decides came out of the scanner black. It may have been in time and in order; nobody "
               "can tell from the record, and the sheet still exists.")
    known = {paper.ref: paper for paper in papers}
    actors, actor_words = _actors(truth, resources, unreadable)
    dues = _dues(truth, resources, due) if answer == "fault" else ()
    by_policy = answer == "fault" and not truth.fault  # only this hospital's policy makes it a fault
    also = pairs().get(truth.name, NO_OTHER) if not by_policy else NO_OTHER
    spots = tuple(spot for place in truth.places if (spot := _spot(truth.name, place, known, resources)))
    first = dues[0][1] if dues else ""
    told = "the rule sets no date" if first == "none" else first
    return ChartKey(truth.encounter, number, truth.name, who, answer, rule, spots, actors, actor_words, dues, told,
                    why, _kinds(truth, by_policy), also.siblings, also.wide, also.kin)


def _judged(truth: ChartTruth, resources: list[Resource], policy: Policy) -> tuple[bool, str, str]:
    if truth.name == "verbal-order":
        order = next(one for one in resources if one["resourceType"] == "MedicationRequest")
        given, hours = local(order["authoredOn"]), timedelta(hours=policy.verbal_order_hours)
        due = (given + hours).replace(tzinfo=None).isoformat()
        marks = [local(one["signature"][0]["when"]) for one in resources if one["resourceType"] == "Provenance"
                 and one.get("signature") and one["target"][0]["reference"].endswith(str(order["id"]))]
        if marks and min(marks) > given + hours:
            late = int((min(marks) - given).total_seconds() // 3600)
            return True, (f"Signed {late} hours after it was given; the policy of this hospital allows "
                          f"{policy.verbal_order_hours}."), due
        return truth.fault, truth.why.replace("72 hours", f"{policy.verbal_order_hours} hours"), due
    if truth.name == "missing-report" and not truth.fault and not policy.brief_note:
        return True, ("The report was dictated at once, as the regulation asks, and typed the next morning. The policy "
                      "of this hospital accepts no brief note in its place."), truth.due or _incision(resources)
    return truth.fault, truth.why, truth.due


def _kinds(truth: ChartTruth, by_policy: bool) -> tuple[str, ...]:
    """How the chart's rule can be cited, the kind that the book gives it first."""
    if truth.rule is None:
        return ()
    if by_policy:
        return ("localPolicy",)
    own = truth.rule.kind
    return (own, *({"regulation", "localPolicy"} - {own})) if truth.fault and truth.name in BOTH else (own,)


def _incision(resources: list[Resource]) -> str:
    operation = next(one for one in resources if one["resourceType"] == "Procedure")
    return local(operation["performedPeriod"]["start"]).replace(tzinfo=None).isoformat()


def _dues(truth: ChartTruth, resources: list[Resource], due: str) -> tuple[tuple[str, str], ...]:
    """Accepted dates by rule, as ChartKey has them."""
    stay = next(one for one in resources if one["resourceType"] == "Encounter")
    end = stay["period"].get("end")
    complete = (local(end).date() + timedelta(days=30)).isoformat() if end else ""
    later = [(rule, complete) for rule in ("record-complete", "delinquency-count", "entry-authenticated") if complete]
    day = datetime.fromisoformat(due).date().isoformat() if due else "none"
    if truth.name == "unsigned-note":  # the rule has no hours of its own: the record's 30 days hold, or none
        return ("", complete), ("entry-authenticated", day), ("entry-authenticated", "none")
    if truth.name == "verbal-order":  # as law "promptly", which is no date
        return ("", day), *later, ("entry-authenticated", "none"), ("order-authenticated as regulation", "none")
    if truth.name == "missing-report":
        return ("", day), ("", (date.fromisoformat(day) + timedelta(days=1)).isoformat())
    return ("", day), *later


def _actors(truth: ChartTruth, resources: list[Resource], unreadable: bool) -> tuple[tuple[str, ...], str]:
    """Who may be asked to act, as references, and what they are."""
    stay = next(one for one in resources if one["resourceType"] == "Encounter")
    attending = stay["participant"][0]["individual"]
    role = truth.rule.actor if truth.rule else ""
    pointed = {place.resource for place in truth.places}
    wrote = [one["author"][0] for one in resources if one["resourceType"] == "DocumentReference"
             and f"DocumentReference/{one['id']}" in pointed]
    owns = [one["owner"] for one in resources if one["resourceType"] == "Task"]
    if unreadable:
        found, role = [KEEPER, attending], "the scanning desk, or who wrote the paper"
    elif role in ("attending", "surgeon", "orderer", "author"):
        found = [*(wrote if role == "author" else ()), attending, *(owns if truth.name == "held-result" else ())]
    else:
        found = owns or wrote
    name = next((one.get("display", "") for one in found if one.get("display")), "")
    return tuple(dict.fromkeys(one["reference"] for one in found)), f"{role}: {name}" if name else role


def _spot(name: str, place: Place, known: dict[str, Paper], resources: list[Resource]) -> Spot | None:
    kind, _, id = place.resource.partition("/")
    fields = SHOWS[kind, place.field]
    ref = place.resource
    if kind == "Provenance":
        mark = next(one for one in resources if one["resourceType"] == kind and one["id"] == id)
        ref = mark["target"][0]["reference"]
    paper = known.get(ref)
    if not fields or paper is None:
        return None
    shown = next((paper.value(field) for field in fields if field != "text" and paper.value(field)), "")
    if fields[0] == "text":
        shown = _line(words(next(one for one in resources if f"{one['resourceType']}/{one['id']}" == ref)), name)
    return Spot(ref, paper.title, paper.when, tuple(field for field in fields if field in paper.fields), shown)


def _line(text: str, name: str) -> str:
    """The line of a text that carries the matter: the one that the pair's `quote` finds, else the longest."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    wanted = pairs()[name].quote
    found = next((line for line in lines if wanted and re.search(wanted, line)), "") or max(lines, key=len)
    return found if len(found) <= LONGEST else found[:LONGEST].rpartition(" ")[0]
