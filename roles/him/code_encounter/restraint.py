"""Nothing unsupported: each code that nothing in the record carries takes its part of the axis."""

from __future__ import annotations

from sandbox.activity import Finding

from .decisions import Unsupported, conflict
from .judgement import Judgement
from .work import Done


def judge_restraint(j: Judgement) -> list[Finding]:
    """One finding for each unsupported code, and one for the rest of the axis, paid in the share of findings made.

    A code takes a fifth of the axis; in a case with few codes up to half. The axis is never below nothing.
    """
    points = j.points["restraint"]
    unit = points / max(2, min(5, len(j.key.entries)))
    costs = [unit * item.cost for item in j.decisions.unsupported]
    scale = min(1.0, points / sum(costs)) if costs else 1.0
    found = [_finding(j, item, cost * scale) for item, cost in zip(j.decisions.unsupported, costs, strict=True)]
    rest = points - sum(f.possible for f in found)
    return [*found, _rest(j, rest)] if rest > 1e-9 else found


def _rest(j: Judgement, possible: float) -> Finding:
    share = j.decisions.share
    required = [s for s in j.decisions.standings if s.entry.required]
    made = sum(s.fraction == 1 for s in required)
    what = "Nothing else without support" if j.decisions.unsupported else "Nothing without support"
    why = "Each code on your list is one that this record carries, or one that is never held against you."
    if share < 1:
        what += f", in the {made} of {len(required)} diagnoses that you have"
        why = ("Leaving out what is not there counts as much as putting in what is. These points are paid in the share "
               f"of the required diagnoses that you found, {made} of {len(required)}, because an empty list leaves "
               "out everything.")
    return Finding("unsupported:rest", j.axis("restraint"), "ethics", possible * share, possible, what, why,
                   "right" if share == 1 else "missed", "", "Standards of Ethical Coding: code what is documented")


def _finding(j: Judgement, item: Unsupported, possible: float) -> Finding:
    code, wrong, done = item.coded.code, item.wrong, isinstance(item.coded, Done)
    title = j.evidence.operation(code).title if done else j.evidence.fact(code).title
    hers = _cited(j, item)
    mistake = wrong.mistake if wrong and j.decisions.legible else ""
    if wrong is not None:
        return Finding(f"unsupported:{code}", j.axis("restraint"), "ethics", 0.0, possible, title, hers + wrong.why,
                       "unsupported", code, wrong.rule, j.quotes(wrong.against, item.coded), mistake)
    why, rule = _undone(j, code) if done else _general(j, code)
    return Finding(f"unsupported:{code}", j.axis("restraint"), "ethics", 0.0, possible, title, hers + why,
                   "unsupported", code, rule)


def _cited(j: Judgement, item: Unsupported) -> str:
    for span in item.coded.spans:
        paper = j.key.paper(span.document)
        if paper and paper.text[span.start : span.end] == span.text:
            return f"You cited “{' '.join(span.text.split())[:120]}” ({paper.title}). "
    return ""


def _undone(j: Judgement, code: str) -> tuple[str, str]:
    """A reason by rule, for a procedure that the case does not foresee."""
    if not j.key.inpatient:
        return "ICD-10-PCS is for inpatient stays; this encounter has none.", "HIPAA code sets, 45 CFR 162.1002"
    return ("No report of this stay describes it as a procedure of its own. Opening, closing and other steps of an "
            "operation are part of its code.", "ICD-10-PCS Guideline B3.1b")


def _general(j: Judgement, code: str) -> tuple[str, str]:
    """A reason by rule, for a code that the case does not foresee."""
    title = j.evidence.fact(code).title
    made = [s.entry for s in j.decisions.standings if s.coded]
    other = conflict(code, [e.code for e in made], j.evidence)
    if other:
        return (f"An Excludes1 note keeps {code} and {other} apart: they are not used together for the same thing, and "
                f"the record carries {other}.", "Guidelines I.A.12.a; Excludes1 note of the tabular list")
    twin = next((e for e in made if e.code[:3] == code[:3]), None)
    if twin:
        return (f"{twin.code} already says what the record says of this condition; nothing in the notes adds "
                f"“{title}”.", twin.rule)
    if code.startswith("R"):
        return ("A symptom, sign or abnormal value that belongs to a diagnosis on the list is not coded beside it, and "
                "one that no provider named is not a diagnosis.", "Guidelines I.B.5" + _reportable(j))
    severe = next((u.severity for u in j.decisions.unsupported if u.coded.code == code and u.severity), "")
    extra = f" It counts as {severe} and would make the stay look more severe than it was." if severe else ""
    return (f"No provider of this encounter writes “{title}” as something that was evaluated, treated or affected the "
            "care. What is only on an old list, in a result or in another clinician's note is not yet a diagnosis."
            + extra, "Guidelines" + _reportable(j)[1:])


def _reportable(j: Judgement) -> str:
    return "; Section III" if j.key.inpatient else "; IV.J"
