"""Procedures: each of the key, character by character; the principal one; the day it was done."""

from __future__ import annotations

from sandbox.activity import Finding

from .decisions import Carried
from .judgement import Judgement
from .key import matches

DAY = 0.2  # of a procedure's points, for its date
PLACE = 0.5  # of a procedure's weight, for putting the principal one first


def judge_operations(j: Judgement) -> list[Finding]:
    """Two findings for each procedure (code, day), one for the first place; nothing where the key has none.

    Another code of the same table earns half of the share of characters that are right, and says which are not.
    """
    carried = j.decisions.carried
    if not carried:
        return []
    total = PLACE + sum(c.operation.weight for c in carried)
    found = []
    for one in carried:
        possible = j.points["procedures"] * one.operation.weight / total
        found += [_code(j, one, possible * (1 - DAY)), _day(j, one, possible * DAY)]
    return [*found, _place(j, j.points["procedures"] * PLACE / total)]


def _code(j: Judgement, one: Carried, possible: float) -> Finding:
    operation, facts = one.operation, one.operation.support[0]
    local = f" {local_words(operation.policy)}" if operation.policy else ""
    mistake = ""
    if one.done is not None:
        title, why = operation.words, operation.why
    elif one.rival is None:
        title, why = f"{operation.words}: not on your list", f"The record says {j.says(facts)}. {operation.why}"
    else:
        title = f"{operation.words}; you have {one.rival.code}, {one.alike} of 7 characters alike"
        wrong = next((u for u in j.key.wrong_operations if matches(one.rival.code, u.codes)), None)
        said = f"{wrong.why} " if wrong else ""
        why = f"{said}{characters(j, one)} The record says {j.says(facts)}. {operation.why}"
        mistake = wrong.mistake if wrong and j.decisions.legible else ""
    return Finding(f"procedure:{operation.code}", j.axis("procedures"), "classification", possible * one.fraction,
                   possible, title, why + local, "right" if one.fraction == 1 else "missed", operation.code,
                   operation.rule, j.quotes(facts, one.done or one.rival), mistake)


def characters(j: Judgement, one: Carried) -> str:
    """Which characters of the code given differ, and what each says: "Character 4, body part: hers, the record's."."""
    assert one.rival is not None
    hers, right = j.evidence.operation(one.rival.code).axes, one.operation.axes
    told = [f"Character {n}, {name.lower()}: {value} is {label}; the record carries {wanted}, {meant}."
            for n, ((name, value, label), (_, wanted, meant)) in enumerate(zip(hers, right, strict=False), 1)
            if value != wanted]
    if one.rival.code[:3] != one.operation.code[:3]:
        told = told[:3]  # behind another root operation the places mean other things
    return " ".join(told)


def _day(j: Judgement, one: Carried, possible: float) -> Finding:
    given = one.done or (one.rival if one.fraction else None)
    right = given is not None and given.date == one.operation.date
    code, day = one.operation.code, one.operation.date
    if given is None:
        title, why = f"Date of {code}: the procedure is not on your list", "The date comes with the procedure."
    elif right:
        title, why = f"Date of {code}: {day}", "The day on which it was done, as its report says."
    else:
        title = f"Date of {code} is {day}; you put {given.date}" if given.date else f"Date of {code} was left blank"
        why = f"A procedure carries the day on which it was done, {day}, as its own report says."
    return Finding(f"procedure-date:{code}", j.axis("procedures"), "classification", possible if right else 0.0,
                   possible, title, why, "right" if right else "missed", code, "UHDDS: procedures and dates",
                   j.quotes(one.operation.support[0]))


def _place(j: Judgement, possible: float) -> Finding:
    principal = next((c for c in j.decisions.carried if c.operation.principal), j.decisions.carried[0])
    operation = principal.operation
    first = j.work.procedures[0] if j.work.procedures else None
    right = first is not None and principal.fraction > 0 and first.code in {
        g.code for g in (principal.done, principal.rival) if g}
    why = (f"The principal procedure is the one done for the treatment itself, most closely related to the principal "
           f"diagnosis; here it is {operation.code}.")
    title = f"Principal procedure: {operation.code}"
    if first is None:
        title = "Principal procedure: none yet"
    elif not right:
        title += f", and {first.code} leads your list"
    return Finding("procedure-first", j.axis("procedures"), "classification", possible if right else 0.0, possible,
                   title, why, "right" if right else "missed", operation.code, "UHDDS: principal procedure",
                   j.quotes(operation.support[0]))


def local_words(policy: str) -> str:
    """What makes an open code expected here; never said as a regulation."""
    return f"The book leaves it open; this hospital's policy ({policy.replace('_', ' ')}) expects it. It weighs half."
