"""Evidence cited: do the marked passages carry the diagnosis? Sufficiency counts, not length."""

from __future__ import annotations

from sandbox.activity import Finding, Quote, Span, contains_nucleus

from .decisions import Standing
from .judgement import Judgement
from .key import Fact
from .paper import words_in
from .work import Coded

SPARE_WORDS = 60  # beyond the words that carry the fact: about one sentence on each side


def judge_support(j: Judgement) -> list[Finding]:
    """One finding for each code of the key: full where its passages hold a sufficient set of facts."""
    weights = {e.code: 1.0 if e.required else 0.5 for e in j.key.entries}
    unit = j.points["support"] / sum(weights.values())
    return [_finding(j, j.decisions.of(code), unit * weight) for code, weight in weights.items()]


def _finding(j: Judgement, s: Standing, possible: float) -> Finding:
    held = max((_held(j, s.given, facts) for facts in s.entry.support), default=0.0) if s.given else 0.0
    earned = possible * held * (0.5 if s.state == "near" else 1.0)
    best = max(s.entry.support, key=lambda facts: _held(j, s.given, facts) if s.given else 0.0)
    title, why = _words(j, s, held, best)
    full = earned >= possible - 1e-9
    return Finding(f"evidence:{s.entry.code}", j.axis("support"), "documentation", possible if full else earned,
                   possible, title, why, "right" if full else "missed", s.entry.code, _RULE,
                   (*_hers(j, s.given, full), *(j.quotes(best, s.given) if s.given else ())))


_RULE = "Guidelines I.A.19 and I.B.14: a code rests on the provider's words"


def _held(j: Judgement, coded: Coded | None, facts: tuple[Fact, ...]) -> float:
    """1 where every fact stands in a passage of its own size, ½ where one stands only in a much longer one, else 0."""
    return min((_fact(j, coded, fact) for fact in facts), default=0.0) if coded else 0.0


def _fact(j: Judgement, coded: Coded, fact: Fact) -> float:
    best = 0.0
    for span in _standing_spans(j, coded):
        if span.document in fact.papers and contains_nucleus(span.text, fact.words):
            long = words_in(span.text) - words_in(fact.words) > SPARE_WORDS
            best = max(best, 0.5 if long else 1.0)
    return best


def _standing_spans(j: Judgement, coded: Coded) -> list[Span]:
    """Her passages that stand in the planted notes as they were written."""
    papers = {p.id: p for p in j.key.papers}
    return [s for s in coded.spans if s.document in papers and papers[s.document].text[s.start : s.end] == s.text]


def _words(j: Judgement, s: Standing, held: float, facts: tuple[Fact, ...]) -> tuple[str, str]:
    code, says = s.entry.code, j.says(facts)
    if s.given is None:
        return f"Evidence for {code}: the code is not on your list", "The passage to mark stands with the missing code."
    if held == 1 and s.state != "near":
        return f"Evidence for {code} carries it", "Your passage holds the words on which the code rests."
    if held == 1:
        return f"Evidence for {code}, under a less specific code", f"The passage says more than {s.given.code}: {says}."
    if held == 0.5:
        return (f"Evidence for {code}: right place, too much of it",
                f"The words that carry it are few: {says}. A reader should see them without searching.")
    if not s.given.spans:
        return f"No passage cited for {code}", f"The passage to mark: {says}."
    for weak in s.entry.weak:
        if _fact(j, s.given, weak.fact):
            return f"Evidence for {code}: a mention that does not decide", f"{weak.why} The passage to mark: {says}."
    missing = tuple(f for f in facts if not _fact(j, s.given, f))
    if len(missing) < len(facts):
        return (f"Evidence for {code}: one more passage is needed",
                f"Your passage carries a part of it; the code also rests on {j.says(missing)}.")
    return (f"Evidence for {code}: another passage carries it",
            f"Your passage does not hold the words on which the code rests: {says}.")


def _hers(j: Judgement, coded: Coded | None, full: bool) -> tuple[Quote, ...]:
    """What she cited, where it is not the passage that carries the code."""
    if coded is None or full:
        return ()
    papers = {p.id: p for p in j.key.papers}
    spans = [s for s in _standing_spans(j, coded) if words_in(s.text) <= SPARE_WORDS * 2]
    return tuple(papers[s.document].quote(s.start, s.end, cited=True) for s in spans[:2])
