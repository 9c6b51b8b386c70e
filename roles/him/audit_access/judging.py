"""The report on an audit: found, spared, explained, named, weighed, told, and her own trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from fixtures.planting.violations.model import INTERVIEW, VIOLATION
from sandbox.activity import Cap, Figure, Finding, Quote, Report

from . import saying
from .factors import judge_breach, judge_factors, judge_told
from .facts import Evidence
from .key import Key, LeadKey
from .menus import LINKS, PATTERNS, VERDICTS
from .work import Case, Work

AXES = {"found": "Cases found", "spared": "Innocent people not accused", "link": "Explanation found",
        "pattern": "Pattern named", "factors": "Four factors", "breach": "Breach or not",
        "told": "Who is told, by when", "own": "Your own minimum necessary"}
WEIGHTS = {"found": 25.0, "spared": 25.0, "link": 15.0, "pattern": 5.0, "factors": 10.0, "breach": 8.0, "told": 7.0,
           "own": 5.0}
Group = Literal["right", "missed", "unsupported", "next"]
INTERVIEWED = 0.7  # what “interview first” earns where the record says more than that
ONE_VERDICT, MORE_WRONG, ACCUSED, UNREASONED = 20.0, 20.0, 50.0, 60.0


@dataclass(frozen=True)
class Asked:
    """One question of an axis about one lead: its share earned (0 to 1), and what is said of it."""

    lead: LeadKey
    share: float
    title: str
    why: str
    rule: str = ""
    mistake: str = ""


def grade(work: Work, key: Key, evidence: Evidence) -> Report:
    """The same bytes for the same arguments: pure functions of the work, the key and the trail."""
    axes: dict[str, list[Asked]] = {
        "found": [_verdict(one, work) for one in key.leads if not one.innocent],
        "spared": [_verdict(one, work) for one in key.leads if one.innocent],
        "link": [_link(one, work.case(one.id)) for one in key.leads],
        "pattern": [_pattern(one, work.case(one.id)) for one in key.leads if one.guilty],
        "factors": [Asked(one, *judge_factors(one, work.case(one.id))) for one in key.violations],
        "breach": [Asked(one, *judge_breach(one, work.case(one.id))) for one in key.violations],
        "told": [Asked(one, *judge_told(one, work.case(one.id), key.last)) for one in key.violations],
    }
    said = sum(bool(work.case(one.id).verdict) for one in key.leads) / len(key.leads)
    weights = _weights(axes)
    findings = [finding for name, rows in axes.items()
                for finding in _findings(name, rows, weights, said if name == "spared" else 1.0)]
    findings.append(_own(work, key, evidence, weights["own"] * said, weights["own"]))
    used = {finding.axis for finding in findings}
    return Report(tuple(findings), tuple(_caps(work, key)), tuple(_figures(work, key)),
                  tuple(title for title in AXES.values() if title in used), _next(findings))


def _weights(axes: dict[str, list[Asked]]) -> dict[str, float]:
    """The table's weights; what a task does not ask goes to the axes that it does, in proportion."""
    asked = {name: weight for name, weight in WEIGHTS.items() if name == "own" or axes[name]}
    return {name: weight * 100 / sum(asked.values()) for name, weight in asked.items()}


def _findings(name: str, rows: list[Asked], weights: dict[str, float], gate: float) -> Iterable[Finding]:
    for row in rows:
        possible = weights[name] / len(rows)
        earned = possible * row.share * gate
        group: Group = "unsupported" if row.mistake and row.share == 0 else "missed"
        group = "right" if earned >= possible - 1e-9 else group
        yield Finding(f"{name}:{row.lead.id}", AXES[name], _COMPETENCY[name], earned, possible, row.title, row.why,
                      group, row.lead.names, row.rule, _quotes(row.lead) if name in ("found", "spared") else (),
                      row.mistake)


_COMPETENCY = {"found": "privacy", "spared": "ethics", "link": "privacy", "pattern": "privacy", "factors": "ethics",
               "breach": "record-governance", "told": "communication", "own": "ethics"}


def _quotes(lead: LeadKey) -> tuple[Quote, ...]:
    return tuple(Quote(place, saying.place(place)[:1].upper() + saying.place(place)[1:], words)
                 for place, words in lead.quotes)


def _verdict(lead: LeadKey, work: Work) -> Asked:
    given = work.case(lead.id).verdict
    share = 1.0 if given == lead.verdict else INTERVIEWED if given == INTERVIEW else 0.0
    title, why, mistake = saying.verdict(lead, given)
    return Asked(lead, share, title, why, saying.RULE[lead.verdict], mistake)


def _link(lead: LeadKey, case: Case) -> Asked:
    """Three fifths for the first link that holds, two fifths for a fact that decides."""
    right, shown = case.link == lead.link, bool(set(case.cited) & set(lead.places))
    told = f"The first link that holds: {LINKS[lead.link].lower()}." if lead.link != "none" else \
        "None of the ten links holds at that moment."
    fact = "You cited what decides." if shown else f"What decides stands in {saying.places(lead)}."
    return Asked(lead, 0.6 * right + 0.4 * shown, "What links them", f"{told} {fact}", saying.RESOLVER)


def _pattern(lead: LeadKey, case: Case) -> Asked:
    return Asked(lead, float(case.pattern == lead.pattern), "The pattern",
                 f"{PATTERNS[lead.pattern]}: that is how a log of this kind is read.", saying.CUSTOM)


def _own(work: Work, key: Key, evidence: Evidence, paid: float, possible: float) -> Finding:
    needed = {patient for one in key.leads for patient in one.patients} | {patient for patient, _ in work.reasons}
    beyond = [one for one in evidence.opened if one not in needed]
    share = max(0.0, 1.0 - 0.25 * len(beyond))
    why = ("You opened the charts of your leads and no others without a reason." if not beyond else
           f"{len(beyond)} chart{'s' if len(beyond) > 1 else ''} opened that no lead names, and no reason typed. An "
           "auditor's own reads stand in the log too.")
    return Finding("own", AXES["own"], _COMPETENCY["own"], paid * share, possible, "Your own trail", why,
                   "right" if paid * share >= possible - 1e-9 else "missed", "you", saying.MINIMUM)


def _caps(work: Work, key: Key) -> Iterable[Cap]:
    given = [(one, work.case(one.id)) for one in key.leads]
    said = [case.verdict for _, case in given if case.verdict]
    accused = [one for one, case in given if case.verdict == VIOLATION and one.innocent]
    right = [one for one, case in given if case.verdict == VIOLATION and one.verdict == VIOLATION]
    if len(said) > 2 and len(set(said)) == 1 and len({one.verdict for one in key.leads}) > 1:
        yield Cap(ONE_VERDICT, "One verdict was given to every case. That is a habit, not a judgement.")
    if len(accused) > len(right):
        yield Cap(MORE_WRONG, "More innocent people were accused than violations found.")
    if accused:
        yield Cap(ACCUSED, f"{saying.listed(one.names for one in accused)}: accused, and the record explains what they "
                           "did. Whoever is told of a breach, or sanctioned, cannot be untold.")
    unreasoned = [one for one, case in given if one.verdict == VIOLATION and case.verdict == VIOLATION
                  and case.breach == "no" and len(case.factors) < 4]
    if unreasoned:
        yield Cap(UNREASONED, "A breach was ruled out without the four factors. The rule presumes a breach until they "
                              "show a low probability (45 CFR 164.402).")


def _figures(work: Work, key: Key) -> Iterable[Figure]:
    given = [work.case(one.id).verdict for one in key.leads]
    counted = ", ".join(f"{given.count(name)} {words.split(':')[0].lower()}" for name, words in VERDICTS.items())
    yield Figure("Your verdicts", counted, f"Of {len(key.leads)} leads.")
    yield Figure("Base rate", saying.BASE, saying.BASE_NOTE)


def _next(findings: list[Finding]) -> str:
    lost: dict[str, float] = {}
    for finding in findings:
        lost[finding.axis] = lost.get(finding.axis, 0.0) + finding.possible - finding.earned
    worst = max(lost, key=lambda axis: lost[axis])
    return saying.ADVICE[next(name for name, title in AXES.items() if title == worst)] if lost[worst] > 0.05 else \
        saying.PRACTICE


