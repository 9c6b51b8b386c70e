"""Plain words from findings: what went well in a seat, and what to practise next. Counts, no verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.comparison.evidence import Tried
from sandbox.comparison.saying import counted_tasks, say
from sandbox.report import Finding

_NAMED = 2  # axes in one sentence


@dataclass(frozen=True)
class Paragraph:
    """`well` and `missed` are sentences; `practise` is a debrief's own advice (Markdown), `task` where it was given."""

    well: str
    missed: str
    practise: str = ""
    task: str = ""


def paragraph(entries: Sequence[Tried]) -> Paragraph | None:
    """What these attempts show, in words; None without any."""
    found = [f for entry in entries for f in entry.report.findings if f.possible > 0]
    if not found:
        return None
    asked, met = Counter(f.axis for f in found), Counter(f.axis for f in found if f.met)
    poorest = max(entries, key=_lost)  # of equals the earliest
    return Paragraph(_well(asked, met), " ".join([_missed(asked, met), *_slips(entries)]),
                     poorest.report.next_time if _lost(poorest) else "", poorest.title)


def _well(asked: Counter[str], met: Counter[str]) -> str:
    whole = [axis for axis, n in asked.most_common() if n > 1 and met[axis] == n]
    most = [axis for axis, n in asked.most_common() if n > 1 and n > met[axis] > n / 2]
    if whole or most:
        return say("well_all" if whole else "well_most", axes=_listed((whole or most)[:_NAMED], met, asked))
    return say("well_start", met=met.total(), asked=asked.total())


def _missed(asked: Counter[str], met: Counter[str]) -> str:
    missed = Counter({axis: n - met[axis] for axis, n in asked.items() if n > met[axis]})
    axes = [axis for axis, _ in missed.most_common(1)]
    return say("missed_most", axes=_listed(axes, missed, asked)) if axes else say("missed_none")


def _slips(entries: Sequence[Tried]) -> list[str]:
    """The known mistake that stands in most tasks; a name with a small letter in front can stand after "you"."""
    named = Counter(name for entry in entries
                    for name in {f.mistake for f in entry.report.findings if " " in f.mistake})
    most = sorted(named.items(), key=lambda item: (-item[1], item[0]))[:1]
    return [say("slip" if name[0].islower() else "slip_named", tasks=counted_tasks(n),
                mistake=name if name[0].islower() else name[0].lower() + name[1:]) for name, n in most]


def _listed(axes: Sequence[str], counts: Counter[str], asked: Counter[str]) -> str:
    return " and ".join(f"“{axis}” ({counts[axis]} of {asked[axis]})" for axis in axes)


def _lost(entry: Tried) -> float:
    return sum(f.possible - f.earned for f in entry.report.findings)


def missed(entry: Tried) -> list[Finding]:
    """What this attempt did not meet and an exemplar does, what weighs most first."""
    return sorted((f for f in entry.report.findings if f.possible > 0 and not f.met),
                  key=lambda f: (f.earned - f.possible, f.criterion))
