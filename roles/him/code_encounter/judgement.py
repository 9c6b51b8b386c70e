"""One attempt being judged: what the axes share, and how many points each axis has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sandbox.activity import Quote

from .citing import Citing
from .decisions import Decisions
from .facts import Evidence
from .key import Entry, Fact, Key, matches
from .paper import Paper, listed, locate
from .work import Work

# Axis → the name that a learner reads, in the order shown.
INPATIENT = {
    "principal": "Principal diagnosis", "secondary": "Secondary diagnoses", "restraint": "Nothing unsupported",
    "sequence": "Order of codes", "admission": "Present on admission", "procedures": "Procedures",
    "support": "Evidence cited", "outcome": "Query and disposition", "group": "MS-DRG",
}
OUTPATIENT = INPATIENT | {"principal": "First-listed diagnosis"}
# Points of 100. What a case does not ask is shared: see `Judgement.points`.
WEIGHTS_IN = {"principal": 20, "secondary": 22, "restraint": 15, "sequence": 8, "admission": 8, "procedures": 10,
              "support": 10, "outcome": 4, "group": 3}
WEIGHTS_OUT = {"principal": 25, "secondary": 27, "restraint": 18, "sequence": 10, "support": 12, "outcome": 8}
WITHOUT_PROCEDURES = {"secondary": 6, "admission": 4}  # where the ten points of procedures go


@dataclass(frozen=True)
class Judgement:
    """Work against one accepted solution. The first entry of `key` is its principal or first-listed diagnosis."""

    work: Work
    key: Key
    evidence: Evidence
    decisions: Decisions

    @property
    def principal(self) -> Entry:
        """The code that leads."""
        return self.key.entries[0]

    @cached_property
    def asked(self) -> dict[str, float]:
        """The weights of the axes that this case asks, before what is left of 100 is shared."""
        key = self.key
        weights: dict[str, float] = dict(WEIGHTS_IN if key.inpatient else WEIGHTS_OUT)
        if key.inpatient and not key.operations:
            for name, more in WITHOUT_PROCEDURES.items():
                weights[name] += more
        asks = {"secondary": len(key.entries) > 1, "sequence": bool(key.pairs), "procedures": bool(key.operations),
                "outcome": key.disposition is not None or any(q.required for q in key.questions),
                # An attempt of before the group was judged has none frozen: it is not held against it.
                "group": key.group is not None and (bool(self.evidence.groups) or not self.work.codes)}
        return {name: weight for name, weight in weights.items() if asks.get(name, True)}

    @cached_property
    def points(self) -> dict[str, float]:
        """Points of each axis that this case asks; they come to 100. A stay without procedures gives their ten to
        secondary diagnoses (6) and POA (4); what else is not asked is shared over the rest in proportion."""
        total = sum(self.asked.values())
        return {name: 100.0 * weight / total for name, weight in self.asked.items()}

    @property
    def shared(self) -> str:
        """In words, what of the 100 points this case does not ask and where they went; empty where it asks all."""
        told = []
        if self.key.inpatient and not self.key.operations:
            told.append("This stay has no procedure to code: of its 10 points, 6 count with the secondary diagnoses, "
                        "4 with present on admission.")
        weights = WEIGHTS_IN if self.key.inpatient else WEIGHTS_OUT
        names = [self.axis(name) for name in weights if name not in self.asked and name != "procedures"]
        if names:
            left = 100 - sum(self.asked.values())
            told.append(f"Not asked here: {listed(names)}; the {left:g} points are shared over the rest in proportion.")
        return " ".join(told)

    def axis(self, name: str) -> str:
        """The axis's name as this case's setting has it."""
        return (INPATIENT if self.key.inpatient else OUTPATIENT)[name]

    @cached_property
    def flipped(self) -> bool:
        """The first place went to a code that the book puts behind the principal, which is on the list too."""
        first, lead = self.decisions.first, self.decisions.of(self.principal.code)
        if first is None or lead.coded is None:
            return False
        behind = {p.then for p in self.key.pairs if p.first == self.principal.code}
        given = {s.given.code for s in self.decisions.standings if s.entry.code in behind and s.given}
        return first.code in given

    @cached_property
    def right_condition(self) -> bool:
        """Whether the first code is of the principal's condition: itself, less specific, flipped, or its kin."""
        first = self.decisions.first
        if first is None:
            return False
        entry = self.principal
        return first.code == entry.code or self.flipped or matches(first.code, (*entry.near, *entry.same))

    def quotes(self, facts: tuple[Fact, ...], coded: Citing | None = None) -> tuple[Quote, ...]:
        """Each fact quoted from its document: from one that the learner cited where there is one, else the first."""
        found = []
        for fact in facts:
            places = [(p, at) for p in map(self.key.paper, fact.papers) if p and (at := p.find(fact.words))]
            hers = [(p, at) for p, at in places if coded and self.cites(coded, p, at)]
            for paper, at in (hers or places)[:1]:
                found.append(paper.quote(*at, cited=bool(hers)))
        return tuple(dict.fromkeys(found))

    def cites(self, coded: Citing, paper: Paper, at: tuple[int, int]) -> bool:
        """Whether one of the code's own passages, as it stands in the planted note, covers this place."""
        return paper.id in coded.rows or any(s.document == paper.id and s.start <= at[0] and at[1] <= s.end
                   and paper.text[s.start : s.end] == s.text for s in coded.spans)

    def says(self, facts: tuple[Fact, ...]) -> str:
        """The facts as sentences of the record with their sources, for a why: `“…” (History and physical, …)`."""
        said = []
        for fact in facts:
            places = [(p, at) for p in map(self.key.paper, fact.papers) if p and (at := locate(p.text, fact.words))]
            said += [f"“{paper.sentence(*at).rstrip('.')}” ({paper.title})" for paper, at in places[:1]]
        return listed(list(dict.fromkeys(said)))

