"""What comparing found, put together once for judging: which patterns are right, and seen through which lens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roles.hi.build_report import comparing
from roles.hi.build_report.comparing import Compared, Lens
from roles.hi.build_report.definition import Key, Unit
from roles.hi.build_report.mistakes import Fit
from roles.hi.build_report.rollup import cells_right


@dataclass(frozen=True)
class Rows:
    """What comparing found, put together once: which patterns are right, seen through which lens."""

    lens: Lens
    plain: float  # the share of ordinary stays that is right as they stand
    trust: float  # how far the rest may be judged: 1 from half of the ordinary stays on, through the lens
    lines: Mapping[str, bool]
    report: Mapping[str, float]
    report_same: bool
    unit: Unit
    about: tuple[str, ...]  # one mistake surely explains everything: the clauses that it is about

    @property
    def patterns(self) -> float:
        """The share of patterns that came out right, the list and the report half each; 1 for a named mistake that is
        about some clauses and spoils the rest only by the way."""
        if self.about:
            return 1.0
        return sum(0.5 * self.lines[p] + 0.5 * self.report[p] for p in self.lines) / max(1, len(self.lines))


def seen(key: Key, compared: Sequence[Compared], named: Sequence[Fit]) -> Rows:
    """The comparison summed up; ordinary stays are those of the hidden hospitals, the same for every learner."""
    shape, unseen = key.asked.lines.shape, [c for c in compared if not c.hospital.visible]
    report_same = all(c.report_same for c in compared)
    if any(c.mine.lines.rows is not None for c in compared):
        traps = frozenset(p for c in key.params.clauses for p in c.patterns)
        plain = comparing.plain_share(unseen, traps, shape)
        lens, share = comparing.lens_of(unseen, traps, shape)
    else:
        plain = share = comparing.report_share(unseen, key.asked.report.shape)
        lens = comparing.PLAIN
    lines = comparing.patterns_right(compared, shape, lens)
    trust = min(1.0, 2 * share)
    about = named[0].mistake.clauses if len(named) == 1 and named[0].in_lines else ()
    return Rows(lens, plain, trust, lines, _by_report(key, compared, named, lines), report_same, key.params.unit, about)


def _by_report(
    key: Key, compared: Sequence[Compared], named: Sequence[Fit], lines: Mapping[str, bool]
) -> dict[str, float]:
    """How far each pattern is right in `report`, 0 to 1: all if the report is right; what a known mistake leaves if
    one explains it; else what the list leaves, as far as the report's cells follow from it."""
    if all(c.mine.report.rows is None for c in compared):
        return dict.fromkeys(lines, 0.0)
    if all(c.report_same for c in compared):
        return dict.fromkeys(lines, 1.0)
    explained = [f for f in named if f.in_report]
    if explained:
        return {p: float(all(p not in f.touched for f in explained)) for p in lines}
    given = any(c.mine.lines.rows is not None for c in compared)
    base = {p: float(ok) for p, ok in lines.items()} if given else dict.fromkeys(lines, 1.0)
    unseen = [c for c in compared if not c.hospital.visible]
    if all(c.follows_same for c in unseen):
        return base
    right = total = 0.0
    for c in unseen:  # a nearly empty hospital weighs little
        total += c.report.total()
        if c.mine.report.rows and c.follows is not None:
            right += c.report.total() * cells_right(c.mine.report.rows, c.follows, key.asked)
    alone = comparing.groups_alone(compared, key)
    share = min(1.0, 2 * right / max(1.0, total))
    return {p: share * ok * alone.get(p, True) for p, ok in base.items()}
