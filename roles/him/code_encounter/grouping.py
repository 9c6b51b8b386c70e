"""MS-DRG right or wrong: a consequence, weighed small."""

from __future__ import annotations

from sandbox.activity import Finding

from .facts import Grouped
from .judgement import Judgement
from .key import Group


def judge_group(j: Judgement) -> list[Finding]:
    """One finding where the case asks the group. It does not fall again because the first place did: what counts is
    the group of her list behind the right principal, where she has it; and it is not earned by unsupported codes."""
    right, hers = j.key.group, submitted(j)
    if right is None or "group" not in j.points:
        return []
    met = agrees(j, right)
    possible = j.points["group"]
    title = f"MS-DRG {right.number}"
    if hers is None:
        why = f"Without a principal diagnosis there is no group. {right.why}"
    elif met and hers.number != right.number:
        why = (f"As the list stands it comes to {hers.number}, {hers.title}: the first place decides. Behind the right "
               f"principal it would be {right.number}, so nothing is lost twice. {right.why}")
    elif met:
        why = right.why
    elif hers.number == right.number:
        why = f"Your list comes to the same group, by codes that the record does not carry. {right.why}"
    else:
        title += f"; your list comes to {hers.number}"
        why = f"Your list comes to {hers.number}, {hers.title}. {right.why} The group follows from the codes above."
    return [Finding("drg", j.axis("group"), "revenue-cycle", possible if met else 0.0, possible, title, why,
                    "right" if met else "missed", right.number, "MS-DRG definitions v43.1 (CMS)")]


def submitted(j: Judgement) -> Grouped | None:
    """The group of the list as it was handed in."""
    first = j.decisions.first
    return j.evidence.grouped(first.code, j.key.sex) if first else None


def agrees(j: Judgement, right: Group) -> bool:
    """Whether the list, behind the right principal where it is there, comes to the group of the record."""
    given = j.decisions.of(j.principal.code).given
    group = j.evidence.grouped(given.code, j.key.sex) if given else None
    if group is None or group.number != right.number:
        return False
    carried = {s.given.code for s in j.decisions.standings if s.given}
    return not group.counted or bool(carried & set(group.counted))
