"""What hints cost: a place is free, a rule leaves three quarters of the points it helped to earn, an answer none.

Whoever opened one did the rest herself, so the finding stays on her debrief, under “with help”; it counts as asked and
not as met.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from sandbox.report import Finding, Report
from sandbox.scenario import Hint

LEAVES = {"place": 1.0, "rule": 0.75, "answer": 0.0}


def helped(report: Report, opened: Iterable[Hint]) -> Report:
    """The report with what these hints cost taken from the findings that they are about."""
    costly = [each for each in opened if LEAVES[each.kind] < 1]
    return replace(report, findings=tuple(_helped(each, costly) for each in report.findings)) if costly else report


def concerns(hint: Hint, finding: Finding) -> bool:
    """Whether a hint is about a finding that asks for something."""
    return finding.possible > 0 and any(
        each == "*" or each == finding.axis or (each[:1] == "=" and fnmatchcase(finding.criterion, each[1:]))
        for each in hint.about)


def cost(hint: Hint) -> str:
    """What it costs, in words, before it is opened; empty where it is free. Criteria stay unnamed."""
    if LEAVES[hint.kind] == 1 or not hint.about:
        return ""
    axes = [each for each in hint.about if each != "*" and each[:1] != "="]
    which = _listed(axes) if len(axes) == len(hint.about) else "what it helps with"
    which = "everything here" if "*" in hint.about else which
    if hint.kind == "rule":
        return f"The next hint says which rule holds. Of the points for {which} it leaves three quarters."
    return f"The next hint gives an answer. Of the points for {which} it leaves none."


def _helped(finding: Finding, hints: list[Hint]) -> Finding:
    left = min((LEAVES[each.kind] for each in hints if concerns(each, finding)), default=1.0)
    if left == 1 or not finding.earned:
        return finding
    return replace(finding, earned=round(finding.earned * left, 4), group="helped" if finding.met else finding.group)


def _listed(axes: list[str]) -> str:
    return " and ".join(f"“{each}”" for each in axes)
