"""Simulated learners before the comparison: python docs/comparison/simulate.py [learners] [seed]

How often a seat's 90 % band holds the truth after 3, 5 and 8 tasks; how often learners of equal ability in both seats
are ever told of a difference, looking after 5, 6, 7 and 8 tasks; and how often a real difference is told. Writes
figures.md, coverage.svg, told.svg and raw.svg beside it. Only the standard library; the rules are the product's own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from math import exp, log, sqrt
from pathlib import Path
from random import Random
from typing import NamedTuple

from sandbox.comparison import Tally, between

HERE = Path(__file__).parent
ICCS = (0.07, 0.15, 0.22)
LOOKS, CHECKS = (5, 6, 7, 8), (3, 5, 8)
GAPS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)  # logits between the seats; 1 is about 69 against 86 in 100
TOLD = "you met more"


class World(NamedTuple):
    """What a learner meets. All spreads are standard deviations in logits."""

    icc: float  # of findings within a task, the chain's part in it; with `on_top` the chain comes in addition
    chain: float = 0.2  # a finding goes as the one before it did, this often
    hidden: float = 0.4  # how much a seat's tasks are harder or easier than anybody knows
    practice: float = 0.4  # gained from the first task to the last, over both seats
    level: float = 0.8  # the learners' middle
    spread: float = 0.8  # … and how much they differ
    on_top: bool = False


def chance(logit: float) -> float:
    """A logit as a probability."""
    return 1 / (1 + exp(-logit))


def task(rng: Random, logit: float, size: int, world: World) -> tuple[int, int]:
    """(met, asked) of one task: a level of its own around the learner's, findings that go as the one before."""
    p = min(0.999, max(0.001, chance(logit)))
    both = 1 / own(world, size) - 1
    here = rng.betavariate(p * both, (1 - p) * both)
    met, last = 0, rng.random() < here
    for place in range(size):
        if place and rng.random() >= world.chain:
            last = rng.random() < here
        met += last
    return met, size


def own(world: World, size: int) -> float:
    """The ICC left for a task's own level when the chain has had its part: the mean correlation of its findings."""
    if world.on_top or size < 2:
        return world.icc
    part = 2 * sum((size - d) * world.chain ** d for d in range(1, size)) / (size * (size - 1))
    return max(0.005, (world.icc - part) / (1 - part))


def seat(rng: Random, level: float, sizes: Sequence[int], first: int, of: int, world: World) -> list[tuple[int, int]]:
    """A seat's tasks in order; `first` tasks were done before them, `of` are done in all."""
    return [task(rng, level + gained(first + n, of, world), size, world) for n, size in enumerate(sizes)]


def gained(done: float, of: int, world: World) -> float:
    """What practice has added after so many tasks."""
    return world.practice * (done / max(of - 1, 1) - 0.5)


def coverage(rng: Random, tasks: int, world: World, learners: int) -> tuple[float, float]:
    """How often the band of a seat holds the truth: what she would meet on more tasks like these, as she was over them,
    and as she is after the last (practice went on, of which the band knows nothing)."""
    held = after = 0
    for _ in range(learners):
        level = rng.gauss(world.level, world.spread) + rng.gauss(0, world.hidden)
        rows = seat(rng, level, [rng.randint(4, 24) for _ in range(tasks)], 0, 16, world)
        band = Tally(tuple(rows)).band
        assert band
        truths = [chance(level + gained(n, 16, world)) for n in range(tasks)]
        held += band[0] <= sum(truths) / tasks <= band[1]
        after += band[0] <= truths[-1] <= band[1]
    return held / learners, after / learners


def told(rng: Random, gap: float, world: World, learners: int) -> float:
    """How often a learner is ever told of a difference in her looks after 5 to 8 tasks in each seat.

    `gap` logits lie between her seats (0: equal, so telling is an error). Tasks carry 2 to 8 shared findings. One seat
    comes wholly before the other, whichever; practice and hidden difficulty work against the rule.
    """
    ever = 0
    for _ in range(learners):
        level = rng.gauss(world.level, world.spread)
        ends = [level + gap / 2 + rng.gauss(0, world.hidden), level - gap / 2 + rng.gauss(0, world.hidden)]
        before = rng.choice([(0, 8), (8, 0)])
        rows = [seat(rng, ends[i], [rng.randint(2, 8) for _ in range(8)], before[i], 16, world) for i in (0, 1)]
        ever += any(TOLD in between(("him", Tally(tuple(rows[0][:look]))), ("hi", Tally(tuple(rows[1][:look]))))
                    for look in LOOKS)
    return ever / learners


def raw(rng: Random, tasks: int, world: World, learners: int) -> float:
    """How often equal learners' raw totals differ by ten points or more: what a plain comparison would show."""
    apart = 0
    for _ in range(learners):
        level = rng.gauss(world.level, world.spread)
        shares = []
        for before in (0, tasks):
            rows = seat(rng, level + rng.gauss(0, world.hidden), [rng.randint(4, 24) for _ in range(tasks)], before,
                        2 * tasks, world)
            shares.append(sum(met for met, _ in rows) / sum(asked for _, asked in rows))
        apart += abs(shares[0] - shares[1]) >= 0.10
    return apart / learners


def give_or_take(share: float, n: int) -> float:
    """1.96 standard errors of a simulated share."""
    return 1.96 * sqrt(max(share * (1 - share), 1 / n) / n)


def chart(title: str, lines: dict[str, list[float]], ticks: Sequence[str], under: str, low: float, high: float,
          marks: Iterable[float]) -> str:
    """One line for each ICC, its name at its end, as an SVG; `marks` are the limits that must hold."""
    colours = ("#0b6467", "#4347a6", "#b4690e", "#7d8b97")
    def x(n: int) -> float:
        return 64 + n * (400 / max(len(ticks) - 1, 1))

    def y(value: float) -> float:
        return 250 - (value - low) / (high - low) * 200

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 590 310" font-family="system-ui, sans-serif" '
           f'font-size="12" role="img" aria-label="{title}"><rect width="590" height="310" fill="#fff"/>'
           f'<text x="20" y="26" font-size="14" font-weight="600">{title}</text>']
    step = 0.05 if high - low <= 0.3 else 0.2
    for n in range(round((high - low) / step) + 1):
        value = low + n * step
        out.append(f'<line x1="56" x2="472" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#e4e9ed"/>'
                   f'<text x="50" y="{y(value) + 4:.1f}" text-anchor="end" fill="#3f4c58">{100 * value:.0f}</text>')
    out += [f'<line x1="56" x2="472" y1="{y(m):.1f}" y2="{y(m):.1f}" stroke="#a0271f" stroke-dasharray="4 4"/>'
            for m in marks]
    out += [f'<text x="{x(n):.1f}" y="270" text-anchor="middle" fill="#3f4c58">{t}</text>' for n, t in enumerate(ticks)]
    out.append(f'<text x="264" y="294" text-anchor="middle" fill="#3f4c58">{under}</text>')
    ends: list[float] = []
    paint = dict(zip(lines, colours, strict=True))
    for name, values in sorted(lines.items(), key=lambda item: -item[1][-1]):
        colour = paint[name]
        path = " ".join(f"{x(n):.1f},{y(v):.1f}" for n, v in enumerate(values))
        ends.append(max(y(values[-1]) + 4, (ends[-1] if ends else 0) + 14))
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>' + "".join(
            f'<circle cx="{x(n):.1f}" cy="{y(v):.1f}" r="3.5" fill="{colour}"/>' for n, v in enumerate(values))
            + f'<text x="478" y="{ends[-1]:.1f}" fill="{colour}" font-weight="600">{name}</text>')
    return "\n".join([*out, "</svg>\n"])


def table(title: str, head: Sequence[str], lines: dict[str, list[float]], n: int) -> list[str]:
    """A picture's figures, in 100, each give or take."""
    rows = [f"| {name} | " + " | ".join(f"{100 * v:.1f} ± {100 * give_or_take(v, n):.1f}" for v in values) + " |"
            for name, values in lines.items()]
    return [f"## {title}", "", f"| in 100 | {' | '.join(head)} |", "|---" * (len(head) + 1) + "|", *rows, ""]


def main(learners: int = 20_000, seed: int = 20260615) -> None:
    """Run everything and write it beside this file."""
    rng = Random(seed)  # noqa: S311 - a simulation, to be repeated
    worlds = {f"ICC {icc:.2f}": World(icc) for icc in ICCS}
    worlds["0.22 + chain"] = World(0.22, on_top=True)
    both = {name: [coverage(rng, k, w, learners) for k in CHECKS] for name, w in worlds.items()}
    held, after = ({name: [cell[n] for cell in cells] for name, cells in both.items()} for n in (0, 1))
    ever = {name: [told(rng, gap, w, learners) for gap in GAPS] for name, w in worlds.items()}
    apart = {name: [raw(rng, k, w, learners) for k in CHECKS] for name, w in worlds.items()}
    tasks, gaps = [f"{k} tasks" for k in CHECKS], [f"{gap:g}" for gap in GAPS]
    (HERE / "coverage.svg").write_text(chart("The 90 % band holds the truth, in 100 learners", held, tasks,
                                             "between the red lines: 88 to 99", 0.8, 1.0, (0.88, 0.99)))
    (HERE / "told.svg").write_text(chart("Ever told of a difference, in 100 learners", ever, gaps,
                                         "true difference in logits; at 0 the red line, 8, must hold", 0, 1.0, (0.08,)))
    (HERE / "raw.svg").write_text(chart("Equal learners whose raw totals lie ten points apart, in 100", apart, tasks,
                                        "what a plain comparison of totals would show", 0, 1.0, ()))
    lines = [
        f"# What the comparison does to {learners:,} simulated learners", "",
        f"Made by `python docs/comparison/simulate.py {learners} {seed}`; each figure with 1.96 standard errors.", "",
        "A learner's findings in one task hang together (ICC), a part of it because one in five goes as the one before",
        "it; in the last line of each table that comes on top. Each seat's hidden difficulty has a standard deviation",
        "of 0.4 logits, practice adds 0.4 from the first task to the last, one seat comes wholly before the other.", "",
        *table("The 90 % band of a seat holds what she would meet on more like these", tasks, held, learners),
        "Wanted: 88 to 99. With the chain on top of the largest ICC 0.2 is too little; a class of thirty may raise it.",
        "", "![](coverage.svg)", "",
        *table("… and as she is after the last of them, practice gained", tasks, after, learners),
        "No bar stands here: what practice adds later, the band does not claim to know.", "",
        *table("Ever told of a difference, by the true difference in logits", gaps, ever, learners),
        "At 0 every telling is an error: wanted at most 8. Further right it is power. From 69 in 100, one logit more",
        f"is {100 * chance(log(0.69 / 0.31) + 1):.0f}. The rule is deaf to small differences, and meant to be.", "",
        "![](told.svg)", "",
        *table("Raw totals of equal learners, ten points apart or more", tasks, apart, learners),
        "What a plain comparison of two totals would have shown.", "", "![](raw.svg)", ""]
    (HERE / "figures.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3]))
