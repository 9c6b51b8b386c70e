"""Evidence cited: do the marked passages carry the diagnosis? Sufficiency counts, not length."""

from __future__ import annotations

from sandbox.activity import Finding, Quote, Span, contains_nucleus

from .citing import Citing
from .decisions import Carried, Standing
from .judgement import Judgement
from .key import Entry, Fact, Key, Operation
from .paper import words_in

SPARE_WORDS = 60  # beyond the words that carry the fact: about one sentence on each side


def judge_support(j: Judgement) -> list[Finding]:
    """One finding for each code and procedure of the key: full where its passages hold a sufficient set of facts."""
    parts: list[tuple[Standing | Carried, Entry | Operation]] = [
        *((s, s.entry) for s in j.decisions.standings), *((c, c.operation) for c in j.decisions.carried)]
    total = sum(_weight(about) for _, about in parts)
    return [_finding(j, part, about, j.points["support"] * _weight(about) / total) for part, about in parts]


def _weight(about: Entry | Operation) -> float:
    return 1.0 if about.kind == "R" else 0.5


def _finding(j: Judgement, part: Standing | Carried, about: Entry | Operation, possible: float) -> Finding:
    given: Citing | None = part.given if isinstance(part, Standing) else part.done or (
        part.rival if part.fraction else None)
    best = max(about.support, key=lambda facts: held(j.key, given, facts))
    share = held(j.key, given, best)
    less = share * (0.5 if given is not None and _less(part) else 1.0)
    title, why = _words(j, part, about, given, share, best)
    full = less == 1
    return Finding(f"evidence:{about.code}", j.axis("support"), "documentation", possible * less, possible, title, why,
                   "right" if full else "missed", about.code, _RULE,
                   (*_hers(j, given, full), *(j.quotes(best, given) if given else ())))


def _less(part: Standing | Carried) -> bool:
    """Whether what was given for it is only a part of it."""
    return part.state == "near" if isinstance(part, Standing) else part.done is None


_RULE = "Guidelines I.A.19 and I.B.14: a code rests on the provider's words"


def held(key: Key, citing: Citing | None, facts: tuple[Fact, ...]) -> float:
    """1 where every fact stands in a passage of its own size, ½ where one stands only in a much longer one, else 0."""
    return min((holds(key, citing, fact) for fact in facts), default=0.0) if citing else 0.0


def holds(key: Key, citing: Citing, fact: Fact) -> float:
    """As `held`, for one fact. A row counts as it was planted, whatever her record says of it now."""
    best = 0.0
    for span in standing_spans(key, citing):
        if span.document in fact.papers and contains_nucleus(span.text, fact.words):
            long = words_in(span.text) - words_in(fact.words) > SPARE_WORDS
            best = max(best, 0.5 if long else 1.0)
    cited = [row for row in key.rows if row.id in citing.rows and row.id in fact.papers]
    return 1.0 if any(contains_nucleus(row.text, fact.words) for row in cited) else best


def standing_spans(key: Key, citing: Citing) -> list[Span]:
    """Her passages that stand in the planted notes as they were written."""
    papers = {p.id: p for p in key.papers}
    return [s for s in citing.spans if s.document in papers and papers[s.document].text[s.start : s.end] == s.text]


def _words(j: Judgement, part: Standing | Carried, about: Entry | Operation, given: Citing | None, share: float,
           facts: tuple[Fact, ...]) -> tuple[str, str]:
    code, says = about.code, j.says(facts)
    if given is None:
        return f"Evidence for {code}: the code is not on your list", "The passage to mark stands with the missing code."
    if share == 1 and not _less(part):
        return f"Evidence for {code} carries it", "Your passage holds the words on which the code rests."
    if share == 1:
        other = part.rival.code if part.rival else ""
        kind = "less specific" if isinstance(part, Standing) else "different"
        return f"Evidence for {code}, under a {kind} code", f"The passage says more than {other}: {says}."
    if share == 0.5:
        return (f"Evidence for {code}: right place, too much of it",
                f"The words that carry it are few: {says}. A reader should see them without searching.")
    if not given.spans and not given.rows:
        return f"No passage cited for {code}", f"The passage to mark: {says}."
    if not given.spans:
        return (f"Evidence for {code}: a value or an order supports, and does not decide",
                f"A code rests on a provider's words; a value goes well beside them. The passage to mark: {says}.")
    return _misplaced(j, about, given, facts)


def _misplaced(j: Judgement, about: Entry | Operation, given: Citing, facts: tuple[Fact, ...]) -> tuple[str, str]:
    code, says = about.code, j.says(facts)
    for weak in about.weak if isinstance(about, Entry) else ():
        if holds(j.key, given, weak.fact):
            return f"Evidence for {code}: a mention that does not decide", f"{weak.why} The passage to mark: {says}."
    missing = tuple(f for f in facts if not holds(j.key, given, f))
    if len(missing) < len(facts):
        return (f"Evidence for {code}: one more passage is needed",
                f"Your passage carries a part of it; the code also rests on {j.says(missing)}.")
    return (f"Evidence for {code}: another passage carries it",
            f"Your passage does not hold the words on which the code rests: {says}.")


def _hers(j: Judgement, given: Citing | None, full: bool) -> tuple[Quote, ...]:
    """What she cited, where it is not the passage that carries the code."""
    if given is None or full:
        return ()
    papers = {p.id: p for p in j.key.papers}
    spans = [s for s in standing_spans(j.key, given) if words_in(s.text) <= SPARE_WORDS * 2]
    return tuple(papers[s.document].quote(s.start, s.end, cited=True) for s in spans[:2])
