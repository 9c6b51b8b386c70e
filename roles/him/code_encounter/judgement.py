"""One attempt being judged: what the axes share, and how many points each axis has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sandbox.activity import Quote

from .decisions import Decisions
from .facts import Evidence
from .key import Entry, Fact, Key, matches
from .paper import Paper, listed, locate
from .work import Coded, Work

# Axis → the name that a learner reads, in the order shown.
INPATIENT = {
    "principal": "Principal diagnosis", "secondary": "Secondary diagnoses", "restraint": "Nothing unsupported",
    "sequence": "Order of codes", "admission": "Present on admission", "support": "Evidence cited",
}
OUTPATIENT = INPATIENT | {"principal": "First-listed diagnosis"}
# Points of 100. Procedures, DRG, query and disposition are not asked; theirs are shared in proportion.
WEIGHTS_IN = {"principal": 20, "secondary": 22, "restraint": 15, "sequence": 8, "admission": 8, "support": 10}
WEIGHTS_OUT = {"principal": 25, "secondary": 27, "restraint": 18, "sequence": 10, "support": 12}


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
    def points(self) -> dict[str, float]:
        """Points of each axis that this case asks; they come to 100."""
        weights = WEIGHTS_IN if self.key.inpatient else WEIGHTS_OUT
        silent = {name for name, asked in (("secondary", len(self.key.entries) > 1), ("sequence", self.key.pairs))
                  if not asked}
        total = sum(w for name, w in weights.items() if name not in silent)
        return {name: 100.0 * w / total for name, w in weights.items() if name not in silent}

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

    def quotes(self, facts: tuple[Fact, ...], coded: Coded | None = None) -> tuple[Quote, ...]:
        """Each fact quoted from its document: from one that the learner cited where there is one, else the first."""
        found = []
        for fact in facts:
            places = [(p, at) for p in map(self.key.paper, fact.papers) if p and (at := p.find(fact.words))]
            hers = [(p, at) for p, at in places if coded and self.cites(coded, p, at)]
            for paper, at in (hers or places)[:1]:
                found.append(paper.quote(*at, cited=bool(hers)))
        return tuple(dict.fromkeys(found))

    def cites(self, coded: Coded, paper: Paper, at: tuple[int, int]) -> bool:
        """Whether one of the code's own passages, as it stands in the planted note, covers this place."""
        return any(s.document == paper.id and s.start <= at[0] and at[1] <= s.end
                   and paper.text[s.start : s.end] == s.text for s in coded.spans)

    def says(self, facts: tuple[Fact, ...]) -> str:
        """The facts as sentences of the record with their sources, for a why: `“…” (History and physical, …)`."""
        said = []
        for fact in facts:
            places = [(p, at) for p in map(self.key.paper, fact.papers) if p and (at := locate(p.text, fact.words))]
            said += [f"“{paper.sentence(*at).rstrip('.')}” ({paper.title})" for paper, at in places[:1]]
        return listed(list(dict.fromkeys(said)))

