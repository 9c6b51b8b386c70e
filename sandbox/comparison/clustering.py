"""How much findings of one task hang together in a class: the one figure that a large class may raise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sandbox.comparison.interval import RHO

LEARNERS, TASKS = 30, 3

Learner = Sequence[tuple[int, int]]  # (met, asked) for each of her counted first attempts


def clustering(learners: Iterable[Learner]) -> float:
    """ρ: 0.2, or what ≥ 30 learners with ≥ 3 tasks each show where that is more; never less.

    The estimate is that of an analysis of variance: tasks within learners against findings within tasks (Donner and
    Koval 1980, Biometrics 36:19, for 0/1 answers), so that a learner's own level does not count as clustering.
    """
    whole = [rows for rows in ([(met, asked) for met, asked in one if asked] for one in learners) if len(rows) >= TASKS]
    return max(RHO, _estimate(whole)) if len(whole) >= LEARNERS else RHO


def _estimate(learners: Sequence[Learner]) -> float:
    between = within = typical = 0.0
    tasks = findings = 0
    for rows in learners:
        asked = sum(m for _, m in rows)
        level = sum(k for k, _ in rows) / asked
        between += sum(m * (k / m - level) ** 2 for k, m in rows)
        within += sum(k * (m - k) / m for k, m in rows)
        typical += asked - sum(m * m for _, m in rows) / asked
        tasks += len(rows) - 1
        findings += asked - len(rows)
    if not findings or not within + between:
        return 0.0
    each, across, inside = typical / tasks, between / tasks, within / findings
    return min(1.0, (across - inside) / (across + (each - 1) * inside))
