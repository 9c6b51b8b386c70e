"""The report: points by axis, caps, figures. Deterministic: the same work, key and evidence give the same bytes."""

from __future__ import annotations

from sandbox.activity import Cap, Figure, Finding, Report

from .book import book
from .facts import Evidence
from .key import Key
from .particulars import judge_particulars
from .restraint import judge_restraint
from .saying import AXES, numbered
from .seeing import judge_found
from .standing import Review
from .work import Work

SHOTGUN, RELEASED, POLICY_AS_LAW = 20.0, 60.0, 60.0


def grade(work: Work, key: Key, evidence: Evidence) -> Report:
    """The report on one review."""
    review = Review(work, key, evidence)
    findings = [*judge_found(review), *judge_restraint(review), *judge_particulars(review)]
    return Report(tuple(findings), tuple(_caps(review)), _figures(review), tuple(AXES.values()),
                  _next_time(review, findings))


def _caps(review: Review) -> list[Cap]:
    caps = []
    if len(review.accusations) > sum(one.told > 0 for one in review.standings):
        caps.append(Cap(SHOTGUN, "More of what you filed has no support than has it. Every deficiency goes to a "
                                 "person, who has to be able to rely on it."))
    given = [one.verdict.verdict for one in review.standings if one.verdict]
    everywhere = len(given) == len(review.standings)
    if given and len(set(given)) == 1 and (everywhere or given[0] != "deficiency"):
        caps.append(Cap(SHOTGUN, "Every chart has the same verdict: that tells none of them apart."))
    released = [one for one in review.faults if one.pair and one.pair.sensitive and one.verdict
                and one.verdict.verdict != "ask" and one.told <= 0]  # filed under a rule that is kept stops nothing
    if released:
        caps.append(Cap(RELEASED, f"{numbered(released)}: what went out there needed a consent or an order of its own. "
                                  "“No deficiency” lets the next one go out too, and so "
                                  "does a rule that was kept."))
    entries = book(review.key.policy)
    as_law = [one for one in review.standings if any(
        one.as_law(filed, entries[filed.rule].kind) for filed in one.filed)]
    if as_law:
        caps.append(Cap(POLICY_AS_LAW, f"{numbered(as_law)}: a policy of this hospital is cited as federal law."))
    return caps


def _figures(review: Review) -> tuple[Figure, ...]:
    right = sum(one.stands == 1 for one in review.standings)
    found = sum(one.found for one in review.faults)
    wrong = len(review.accusations)
    return (Figure("Verdicts that stand", f"{right} of {len(review.standings)}", "Over all charts."),
            Figure("Deficiencies found", f"{found} of {len(review.faults)}", "Whatever they weigh."),
            Figure("Findings without support", str(wrong), "A colleague would have got each of them on her desk."))


def _next_time(review: Review, findings: list[Finding]) -> str:
    if review.accusations and len(review.accusations) >= sum(not one.found for one in review.faults):
        return ("Before you file, look once for the paper that would clear the chart: an update, a co-signature, a "
                "letter, a policy.")
    missed = [one for one in review.faults if not one.found]
    if missed:
        rules = book(review.key.policy)
        return (f"Go through a chart with the rule book open, rule by rule. {rules[missed[0].chart.rule].title} "
                f"in chart {missed[0].chart.number} is the one to look at again.")
    lost = {axis: sum(f.possible - f.earned for f in findings if f.axis == axis) for axis in AXES.values()}
    worst = max(lost, key=lambda axis: lost[axis])
    return _ADVICE.get(worst, _PRACTISE) if lost[worst] > 0.05 else _PRACTISE


_PRACTISE = "Take the next set of charts, and say for each sound one which paper clears it."
_ADVICE = {
    AXES["citation"]: "Read the kind of each rule aloud before you cite it: law, accreditor, or this hospital.",
    AXES["evidence"]: "Point to the field that a stranger would need to see, not to the page it stands on.",
    AXES["actor"]: "Ask of each deficiency: whose hand can mend it? It goes there, not to who found it.",
    AXES["clock"]: "Write down when the clock starts, then count calendar days in the hospital's own time.",
}

