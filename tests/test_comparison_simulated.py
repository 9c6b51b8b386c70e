"""Simulated learners: the bands hold what they promise, and equal learners are rarely told of a difference.

`docs/comparison/simulate.py` is the world; its figures and pictures stand beside it.
"""

from __future__ import annotations

import runpy
from math import sqrt
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest

HERE = Path(__file__).resolve().parent.parent / "docs" / "comparison"
SEED = 20260615


def world() -> SimpleNamespace:
    """The script's functions."""
    return SimpleNamespace(**runpy.run_path(str(HERE / "simulate.py")))


def bars(learners: int, slack: float) -> dict[str, list[str]]:
    """Which cells break the promises by more than `slack` standard errors; the ICC names the row."""
    sim, rng, broken = world(), Random(SEED), []
    for icc in sim.ICCS:
        for tasks in sim.CHECKS:
            held, _ = sim.coverage(rng, tasks, sim.World(icc), learners)
            if not 0.88 - slack * sqrt(0.88 * 0.12 / learners) <= held <= 0.99 + slack * sqrt(0.99 * 0.01 / learners):
                broken.append(f"ICC {icc}, {tasks} tasks: the band held {held:.3f}")
        told = sim.told(rng, 0.0, sim.World(icc), learners)
        if told > 0.08 + slack * sqrt(0.08 * 0.92 / learners):
            broken.append(f"ICC {icc}: equal learners were told {told:.3f}")
    return {"broken": broken}


def test_bands_hold_the_truth_and_equal_learners_are_rarely_told_of_a_difference() -> None:
    """A few hundred learners, seeded, within two standard errors of the bars."""
    assert bars(250, 2.0) == {"broken": []}


@pytest.mark.long
def test_the_promises_hold_over_thousands_of_learners() -> None:
    """The full simulation, at the bars themselves."""
    assert bars(6000, 0.0) == {"broken": []}


def test_the_rule_can_still_see_a_large_difference() -> None:
    """Power is low by design, and not nothing: 2.5 logits are told to most."""
    sim = world()
    assert sim.told(Random(SEED), 2.5, sim.World(0.15), 300) > 0.5


def test_a_world_without_the_rules_would_tell_too_often() -> None:
    """What the page protects from: raw totals of equal learners lie ten points apart in half of all cases."""
    sim = world()
    assert sim.raw(Random(SEED), 3, sim.World(0.15), 300) > 0.5


def test_the_figures_beside_the_script_are_of_this_seed_and_their_pictures_are_there() -> None:
    """Anybody can make them again; each table has a line for each ICC and each picture its table."""
    figures = (HERE / "figures.md").read_text(encoding="utf-8")
    assert f" {SEED}`" in figures and figures.count("| ICC 0.07 |") == 4
    for name in ("coverage.svg", "told.svg", "raw.svg"):
        assert f"![]({name})" in figures
        assert (HERE / name).read_text(encoding="utf-8").count("<polyline") == 4
