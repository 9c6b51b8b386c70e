"""Present on admission: one indicator for each code of the key, judged at the time of the inpatient order."""

from __future__ import annotations

from sandbox.activity import Finding

from .decisions import Standing
from .judgement import Judgement

_WORDS = {"Y": "Y, present", "N": "N, arose later", "U": "U, not documented", "W": "W, cannot be determined",
          "": "blank, exempt"}


def judge_admission(j: Judgement) -> list[Finding]:
    """Nothing for outpatients. What arose in hospital counts twice, and so does a hospital-acquired condition."""
    if not j.key.inpatient:
        return []
    total = sum(e.poa_weight for e in j.key.entries)
    return [_finding(j, j.decisions.of(e.code), j.points["admission"] * e.poa_weight / total) for e in j.key.entries]


def _finding(j: Judgement, s: Standing, possible: float) -> Finding:
    entry, given = s.entry, s.given
    right = given is not None and given.poa == entry.poa
    if given is None:
        title, why = f"POA of {entry.code}: the code is not on your list", "The indicator comes with the code."
    elif right:
        title, why = f"POA of {entry.code}: {_WORDS[entry.poa]}", _reason(j, s)
    elif not given.poa:
        title, why = f"POA of {entry.code} was left blank; it is {entry.poa}", _reason(j, s)
    elif not entry.poa:
        title, why = f"POA of {entry.code} is blank; you put {given.poa}", _reason(j, s)
    else:
        title, why = f"POA of {entry.code} is {entry.poa}; you put {given.poa}", _reason(j, s)
    facts = (entry.poa_facts or entry.support[0]) if given is not None and not right else ()
    late = given is not None and entry.poa == "N" and given.poa == "Y" and j.decisions.legible
    return Finding(f"poa:{entry.code}", j.axis("admission"), "revenue-cycle", possible if right else 0.0, possible,
                   title, why, "right" if right else "missed", entry.code, "Guidelines, Appendix I",
                   j.quotes(facts, given), "called present what arose after the order" if late else "")


def _reason(j: Judgement, s: Standing) -> str:
    if s.entry.poa_why:
        return s.entry.poa_why
    if not s.entry.poa:
        return ("This code describes a status or a history and is on the exempt list, so its indicator stays blank. "
                "Exempt is not the same as forgotten.")
    return (f"POA asks what was there when the inpatient order was written, {j.key.order}. "
            f"The record says {j.says(s.entry.support[0])}.")
