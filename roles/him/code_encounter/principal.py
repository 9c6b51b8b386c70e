"""The principal (inpatient) or first-listed diagnosis: half for the code, half for putting it first."""

from __future__ import annotations

from sandbox.activity import Finding

from .judgement import Judgement


def judge_principal(j: Judgement) -> list[Finding]:
    """Two findings: the code is on the list; its condition leads. A code-first flip loses the order's points.

    A right code of the right condition in the first place, where another one leads it, earns half of the place.
    """
    points = j.points["principal"]
    return [_code(j, points / 2), _place(j, points / 2)]


def _code(j: Judgement, possible: float) -> Finding:
    s = j.decisions.of(j.principal.code)
    entry, facts = s.entry, s.entry.support[0]
    says, rival = j.says(facts), s.rival.code if s.rival else ""
    opening = {
        "made": "", "missed": f"The record says {says}. ",
        "near": f"{rival} says part of it; the record says more: {says}. ",
        "both": f"{rival} and {entry.code} cannot both be the answer; the record says {says}. ",
        "instead": f"{rival} is close, and the record says {says}. ",
    }[s.state]
    return Finding(
        f"code:{entry.code}", j.axis("principal"), "classification", possible * s.fraction, possible,
        entry.words if s.fraction == 1 else f"{entry.words}: {_STATE[s.state]}", opening + entry.why,
        "right" if s.fraction == 1 else "missed", entry.code, entry.rule, j.quotes(facts, s.given))


_STATE = {"missed": "not on your list", "near": "coded less specifically", "both": "coded twice, differently",
          "instead": "another code in its place"}


def _place(j: Judgement, possible: float) -> Finding:
    entry, first = j.principal, j.decisions.first
    what = "principal" if j.key.inpatient else "first-listed"
    named = f"{what.capitalize()} diagnosis"
    rule = "Guidelines Section II" if j.key.inpatient else "Guidelines IV.A and IV.G"
    meaning = ("The principal diagnosis is the condition that study showed to be the main reason for the admission."
               if j.key.inpatient else "The first-listed diagnosis is the main reason for the visit, as far as known.")
    if first is None:
        return Finding("first", j.axis("principal"), "classification", 0.0, possible, f"{named}: none yet",
                       f"{meaning} Here it is {entry.code}, {entry.words}.", "missed", entry.code, rule)
    if first.code == entry.code:
        why = f"{meaning} {j.key.alternate_why}".strip()
        return Finding("first", j.axis("principal"), "classification", possible, possible,
                       f"{named}: {entry.code} leads the list", why, "right", entry.code, rule)
    if j.flipped:
        why = (f"{meaning} You have the right condition; only the order of two codes that belong together is turned, "
               "and that counts under the order of codes.")
        return Finding("first", j.axis("principal"), "classification", possible, possible,
                       f"{named}: the right condition leads", why, "right", first.code, rule)
    if j.right_condition:
        right = any(s.fraction and s.given == first for s in j.decisions.standings)
        return Finding("first", j.axis("principal"), "classification", possible * 0.5 * right, possible,
                       f"{named}: {first.code} leads, the right condition by another code",
                       f"{meaning} {first.code} is about the same condition; {entry.code} is the code that leads it.",
                       "missed", first.code, rule, j.quotes(entry.support[0]))
    return Finding("first", j.axis("principal"), "classification", 0.0, possible,
                   f"{named}: it is {entry.code}, and {first.code} leads your list",
                   f"{meaning} The record says {j.says(entry.support[0])}.", "missed", first.code, rule,
                   j.quotes(entry.support[0]))
