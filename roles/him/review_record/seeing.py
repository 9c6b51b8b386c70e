"""Deficiencies found, weighed by what each can do to the patient; and charts that ask for a question."""

from __future__ import annotations

from sandbox.activity import Finding

from .book import book
from .saying import AXES, POINTS, label, places, quotes
from .standing import Review, Standing


def judge_found(review: Review) -> list[Finding]:
    """One finding for each chart where something has to be said, by severity; together the axis's points."""
    needing = [one for one in review.standings if one.chart.answer != "clean"]
    weight = sum(one.chart.severity for one in needing)
    return [_finding(review, one, POINTS["found"] * one.chart.severity / weight) for one in needing]


def _finding(review: Review, one: Standing, possible: float) -> Finding:
    chart = one.chart
    said = one.verdict.verdict if one.verdict else ""
    if chart.answer == "open":
        why = chart.why + places(chart) + " The verdict is to ask, and the scanning desk or the author is who knows."
        if 0 < one.told < 1:
            why = "To ask was right; ask who can know. " + why
        return Finding(f"found:{chart.number}", AXES["found"], "record-governance", possible * one.told, possible,
                       f"{chart.who}: cannot be told from the record", why, "right" if one.told == 1 else "missed",
                       label(chart), "What cannot be read is neither kept nor broken; it is asked for",
                       quotes(chart))
    rule = book(review.key.policy)[chart.rule]
    why = f"{chart.why}{places(chart)} {rule.says}"
    mistake = ""
    if not one.found and said == "none" and one.pair:
        mistake = one.pair.missed
    if said == "ask" and one.told:
        why = f"To ask was half of it: the record itself shows what is lacking. {why}"
    return Finding(f"found:{chart.number}", AXES["found"], "record-governance", possible * one.told, possible,
                   f"{chart.who}: {rule.title.lower()}", why, "right" if one.told == 1 else "missed", label(chart),
                   rule.cited, quotes(chart, one.counted), mistake)
