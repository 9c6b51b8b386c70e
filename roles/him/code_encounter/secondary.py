"""The other diagnoses: recall, weighted; a less specific code earns half."""

from __future__ import annotations

from sandbox.activity import Finding

from .decisions import Standing
from .judgement import Judgement


def judge_secondary(j: Judgement) -> list[Finding]:
    """One finding for each code of the key but the first."""
    others = j.key.entries[1:]
    total = sum(e.weight for e in others)
    return [_finding(j, j.decisions.of(e.code), j.points["secondary"] * e.weight / total) for e in others]


def _finding(j: Judgement, s: Standing, possible: float) -> Finding:
    entry = s.entry
    return Finding(
        f"code:{entry.code}", j.axis("secondary"), "classification" if entry.required else "terminology",
        possible * s.fraction, possible, _title(s), _why(j, s), "right" if s.fraction == 1 else "missed",
        entry.code, entry.rule, j.quotes(entry.support[0], s.given))


def _title(s: Standing) -> str:
    rival = s.rival.code if s.rival else ""
    return {
        "made": s.entry.words, "missed": s.entry.words, "near": f"{s.entry.words}; {rival} is less specific",
        "both": f"{s.entry.words}; {rival} beside it says otherwise", "instead": f"{s.entry.words}; you have {rival}",
    }[s.state]


def _why(j: Judgement, s: Standing) -> str:
    says, rival = j.says(s.entry.support[0]), s.rival.code if s.rival else ""
    advisory = "" if s.entry.required else " A note asks for this code; it weighs half and stays outside the figure."
    opening = {
        "made": "", "missed": f"The record says {says}. ",
        "near": f"{rival} leaves out a detail that the record gives: {says}. It earns half. ",
        "both": f"{rival} contradicts {s.entry.code}; the record says {says}. ",
        "instead": f"You have {rival}; the record says {says}. ",
    }[s.state]
    return f"{opening}{s.entry.why}{advisory}"
