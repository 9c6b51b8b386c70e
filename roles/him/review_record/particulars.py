"""The particulars of each deficiency found: rule and kind, evidence, who must act, clock and due date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sandbox.activity import Finding

from .book import book
from .papers import day_said
from .saying import AXES, POINTS, label, listed, quotes, shown
from .standing import HALF, Review, Standing
from .work import Filed

_KINDS = {"regulation": "a regulation", "accreditor": "a rule of the accreditor",
          "localPolicy": "a policy of this hospital"}
COMPETENCY = {"citation": "record-governance", "evidence": "documentation", "actor": "communication",
              "clock": "record-governance"}
#: Days off → how somebody gets there, for a clock of whole days: 30 working days are 42 calendar days.
SLIPS = {-1: "counted the first day as day one", 12: "counted working days instead of calendar days"}
Judge = Callable[[Review, Standing], tuple[float, str, str]]  # share earned, why, known mistake


def judge_particulars(review: Review) -> list[Finding]:
    """Four findings for each chart that breaks a rule, alike in weight; of several on one defect, their mean."""
    found = []
    for name, judge in _JUDGES.items():
        possible = POINTS[name] / len(review.faults)
        for one in review.faults:
            share, why, mistake = judge(review, one)
            if not one.found:
                why, mistake = f"This goes with the deficiency in chart {one.chart.number}. {why}", ""
            rule = book(review.key.policy)[one.chart.rule]
            found.append(Finding(
                f"{name}:{one.chart.number}", AXES[name], COMPETENCY[name], possible * share, possible,
                f"{one.chart.who}: {AXES[name].lower()}", why, "right" if share >= 1 else "missed", label(one.chart),
                rule.cited, quotes(one.chart, one.counted) if name == "evidence" else (), mistake))
    return found


def _mean(one: Standing, value: Callable[[Filed], float]) -> float:
    filed = one.counted
    return sum(value(each) for each in filed) / len(filed) if filed else 0.0


def _citation(review: Review, one: Standing) -> tuple[float, str, str]:
    entries = book(review.key.policy)
    rule = entries[one.chart.rule]

    def value(filed: Filed) -> float:
        return one.rule_fits(filed.rule) * (1.0 if filed.kind in one.kinds(filed.rule, entries[filed.rule].kind)
                                            else HALF)

    why = f"{rule.title}: {rule.citation}, which is {_KINDS[one.chart.kinds[0]]}."
    if one.chart.both:
        why += " Regulation and policy are broken at once here, and either may be cited."
    if one.chart.siblings:
        why += f" {listed([entries[key].title for key in one.chart.siblings])} would be cited for it as well."
    as_law = any(one.as_law(filed, entries[filed.rule].kind) for filed in one.counted)
    if as_law:
        why += " A policy binds here because the hospital adopted it; the regulation itself names no such figure."
    return _mean(one, value), why, "cited a policy of the hospital as federal law" if as_law else ""


def _evidence(review: Review, one: Standing) -> tuple[float, str, str]:
    why = f"What shows it: {shown(one.chart)}. One of these is enough."
    near = [filed for filed in one.counted if one.place_fits(filed) == HALF]
    if near:
        why += " You have the right paper; another field of it carries the matter."
    return _mean(one, one.place_fits), why, ""


def _actor(review: Review, one: Standing) -> tuple[float, str, str]:
    why = f"Who can mend it is the {one.chart.actor_words}."
    return _mean(one, lambda filed: 1.0 if filed.actor in one.chart.actors else 0.0), why, ""


def _clock(review: Review, one: Standing) -> tuple[float, str, str]:
    rule = book(review.key.policy)[one.chart.rule]
    right = one.chart.dues[0][1]
    due = "there is no date to set" if right == "none" else f"due {day_said(date.fromisoformat(right))}"
    why = f"{rule.clock} Here: {due}. Days are calendar days of the hospital's own time, America/Chicago."
    return _mean(one, lambda filed: 1.0 if filed.due in one.chart.due(filed.rule, filed.kind) else 0.0), why, _slip(one)


def _slip(one: Standing) -> str:
    """A known way to miss a date, where every finding on the defect misses it so."""
    right = one.chart.dues[0][1]
    given = {filed.due for filed in one.counted}
    if right == "none" or len(given) != 1 or not (only := given.pop()) or only == "none":
        return ""
    days = (date.fromisoformat(only) - date.fromisoformat(right)).days
    if one.chart.rule in ("record-complete", "access-clock", "amendment", "accounting", "summary-content"):
        return SLIPS.get(days, "")
    return ""


_JUDGES: dict[str, Judge] = {"citation": _citation, "evidence": _evidence, "actor": _actor, "clock": _clock}
