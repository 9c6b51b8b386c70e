"""What the record leaves to be asked, and where the patient went: queries to the provider, discharge disposition."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.activity import Finding, contains_nucleus

from .judgement import Judgement
from .key import Disposition, Key, Needless, Question
from .support import held, holds
from .work import Asked, Work

ABOUT, KIND, SHOWN = 0.5, 0.25, 0.25  # of a query's points: the right question, its kind, the indicators that it names
SPARE = 2  # queries that nobody foresaw and that name their indicators; more of them cost


@dataclass(frozen=True)
class Answered:
    """A query of the key and what was asked for it, if anything was."""

    question: Question
    asked: Asked | None = None
    shown: float = 0.0  # how far its indicators are named

    @property
    def fraction(self) -> float:
        """The share of its points."""
        if self.asked is None:
            return 0.0
        return ABOUT + KIND * (self.asked.kind in self.question.kinds) + SHOWN * self.shown


@dataclass(frozen=True)
class Extra:
    """A query that the key does not have: needless by the case (`wrong`), or for the reason `why`; or harmless."""

    asked: Asked
    wrong: Needless | None
    why: str  # empty where it is not held against her


def judge_outcomes(j: Judgement) -> list[Finding]:
    """The disposition where it is asked, each query of the key, and restraint: no query without need.

    Restraint is paid in the share of the outcomes found, so that silence earns nothing.
    """
    answered, extras = asked_and_extra(j.work, j.key)
    required = [a for a in answered if a.question.required]
    parts = len(required) + (j.key.disposition is not None)
    possible = j.points.get("outcome", 0.0) / (parts + 1)
    found, share = [], 0.0
    if j.key.disposition is not None:
        found.append(_disposition(j, j.key.disposition, possible))
        share += found[-1].met
    found += [_required(j, a, possible) for a in required]
    share += sum(a.fraction for a in required)
    found += [_welcome(j, a) for a in answered if not a.question.required and a.asked is not None]
    if not parts:
        return [*found, *(_extra(j, n, e, 0.0) for n, e in enumerate(extras, 1))]
    costing = [e for e in extras if e.wrong or e.why]
    unit = possible / max(2, len(costing))
    found += [_extra(j, n, e, unit if e in costing else 0.0) for n, e in enumerate(extras, 1)]
    rest = possible - unit * len(costing)
    return [*found, _rest(j, rest, share / parts, bool(costing))] if rest > 1e-9 else found


def asked_and_extra(work: Work, key: Key) -> tuple[tuple[Answered, ...], tuple[Extra, ...]]:
    """Each query of the key with the best that was asked for it, and the others. Order plays no part."""
    left = sorted(work.queries, key=lambda q: (q.kind, q.about, q.rows, tuple(s.start for s in q.spans)))
    answered = []
    for question in key.questions:
        fit = [Answered(question, q, shown) for q in left if (shown := _meant(q, question, key)) is not None]
        best = max(fit, key=lambda a: a.fraction, default=Answered(question))
        left = [q for q in left if q is not best.asked]
        answered.append(best)
    # What is asked twice is asked once: a second query for the same question is neither right nor needless.
    again = [q for q in left if any(a.asked and _meant(q, a.question, key) is not None for a in answered)]
    return tuple(answered), tuple(_extras([q for q in left if q not in again], key))


def _meant(asked: Asked, question: Question, key: Key) -> float | None:
    """How far the query names the indicators of this question, or None where it is about something else."""
    shown = max(held(key, asked, facts) for facts in question.support)
    touched = any(holds(key, asked, fact) for facts in question.support for fact in facts)
    return shown if touched or _named(asked, question.topics) else None


def _named(asked: Asked, topics: tuple[str, ...]) -> bool:
    return any(contains_nucleus(asked.about, topic) for topic in topics)


def _extras(left: list[Asked], key: Key) -> list[Extra]:
    found, unforeseen = [], 0
    for asked in left:
        wrong = next((w for w in key.needless if (not w.kinds or asked.kind in w.kinds) and (
            _named(asked, w.topics) or any(holds(key, asked, f) for f in w.against))), None)
        why = "" if wrong else _needless(asked, key)
        unforeseen += not wrong and not why
        if unforeseen > SPARE and not wrong and not why:
            why = "Each query takes a provider's time. One that no reader of this record would send is not neutral."
        found.append(Extra(asked, wrong, why))
    return found


def _needless(asked: Asked, key: Key) -> str:
    """Why nobody needs to ask this, by general rule; empty where it may be asked."""
    if not asked.spans and not asked.rows:
        return "A compliant query names its clinical indicators: cite the passages or values that raise the question."
    said = next((e for e in key.entries if e.required and any(held(key, asked, facts) for facts in e.support)), None)
    if said and asked.kind in ("indicators", "specificity", "cause"):
        return f"The record already says it: {said.code}, {said.words}. What is documented need not be asked."
    return ""


def _disposition(j: Judgement, right: Disposition, possible: float) -> Finding:
    given, facts = j.work.disposition, right.support[0]
    met = given == right.code
    title = f"Disposition {right.code}, {right.words}"
    if not met:
        title += f"; you put {given}" if given else "; none given"
    why = right.why if met else f"The record says {j.says(facts)}. {right.why}"
    return Finding("disposition", j.axis("outcome"), "revenue-cycle", possible if met else 0.0, possible, title, why,
                   "right" if met else "missed", right.code, right.rule, j.quotes(facts))


def _required(j: Judgement, a: Answered, possible: float) -> Finding:
    question, facts = a.question, a.question.support[0]
    parts = []
    if a.asked is None:
        parts.append(f"The record says {j.says(facts)}, and leaves open {question.about}.")
    else:
        if a.asked.kind not in question.kinds:
            parts.append(f"You asked as {KINDS[a.asked.kind]}; it is {KINDS[question.kinds[0]]}.")
        if a.shown < 1:
            parts.append(f"Name the indicators in the query: {j.says(facts)}.")
    wording = f"A compliant wording: “{question.compliant}” A leading one names the answer: “{question.leading}”"
    why = " ".join([*parts, question.why, wording])
    title = f"Query: {question.about}"
    if a.fraction < 1:
        title += ", not asked" if a.asked is None else ", asked in part"
    return Finding(f"query:{question.id}", j.axis("outcome"), "documentation", possible * a.fraction, possible, title,
                   why, "right" if a.fraction == 1 else "missed", "Query", question.rule, j.quotes(facts, a.asked))


def _welcome(j: Judgement, a: Answered) -> Finding:
    question = a.question
    return Finding(f"query:{question.id}", j.axis("outcome"), "documentation", 0.0, 0.0, f"Query: {question.about}",
                   f"A fair question, which nothing in the key needs; it earns and costs nothing. {question.why}",
                   "right", "Query", question.rule, j.quotes(question.support[0], a.asked))


def _extra(j: Judgement, number: int, extra: Extra, possible: float) -> Finding:
    wrong, asked = extra.wrong, extra.asked
    title = f"Query about {wrong.about if wrong else asked.about or 'nothing named'}"
    rule = wrong.rule if wrong else "ACDIS/AHIMA, Guidelines for Achieving a Compliant Query Practice"
    if wrong or extra.why:
        return Finding(f"query-extra:{number}", j.axis("outcome"), "documentation", 0.0, possible,
                       f"{title}: not needed", wrong.why if wrong else extra.why, "unsupported", "Query", rule,
                       j.quotes(wrong.against, asked) if wrong else (), wrong.mistake if wrong else "")
    return Finding(f"query-extra:{number}", j.axis("outcome"), "documentation", 0.0, 0.0, title,
                   "Nobody foresaw this question; it names its indicators, and it earns and costs nothing.", "right",
                   "Query", rule)


def _rest(j: Judgement, possible: float, share: float, some: bool) -> Finding:
    why = f"You asked nothing {'else ' if some else ''}that the record already answers."
    if share < 1:
        why += " These points are paid in the share of the outcomes that you found."
    return Finding("query:rest", j.axis("outcome"), "ethics", possible * share, possible,
                   "No further query without need" if some else "No query without need", why,
                   "right" if share == 1 else "missed", "",
                   "ACDIS/AHIMA, Guidelines for Achieving a Compliant Query Practice")


KINDS = {"indicators": "indicators without a diagnosis", "conflict": "a conflict between providers",
         "specificity": "specificity or type", "cause": "cause and effect", "admission": "present on admission",
         "validation": "clinical validation"}
