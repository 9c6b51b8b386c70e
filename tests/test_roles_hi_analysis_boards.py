"""Questions for a board: keys that a second count in SQL confirms, proofs at their points, what a fair grader owes."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_roles_hi_analysis import STORIES, Desk, desk, lab, proofs

from roles.hi.analyze_data import activity, calls, mortality
from roles.hi.analyze_data.differences import Stratum, mantel_haenszel, newcombe, standardised, wilson

CALLS = "hi-questions-calls/hi-calls-readmissions"
MORTALITY = "hi-questions-board/hi-ward-mortality"
TASKS = (CALLS, MORTALITY)


def hinted(task: str) -> str:
    """The query of the task's last hint: what a learner who took it would run."""
    text = (STORIES / task / "hints.md").read_text(encoding="utf-8").partition("## Answer")[2]
    return max(re.findall(r"`([^`]+)`", text, re.S), key=len)


@pytest.mark.parametrize("seed", [3, 4, 5])
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_comes_to_its_points_and_names_its_mistake(task: str, seed: int) -> None:
    """Exemplar and alternatives 100, blank 0, known mistakes by name; each line of the rubric is lost by some proof."""
    here, problems = desk(task, seed), []
    assert here.grade(activity.blank()).score == 0
    idle = {f.criterion for f in here.grade(here.right()).findings if f.possible}
    for proof in proofs(task, seed):
        report = here.grade(proof.form)
        if proof.name not in ("shotgun", "no-figure"):
            idle -= {f.criterion for f in report.findings if f.possible and not f.met}
        low = proof.score if proof.score is not None else 0
        high = proof.score if proof.score is not None else proof.at_most
        named = {f.mistake for f in report.findings if f.mistake}
        if not low - 0.051 <= report.score <= high + 0.051 or named != ({proof.mistake} if proof.mistake else set()):
            problems.append((proof.name, report.score, proof.score, named))
    assert problems == []
    assert idle == set()


@pytest.mark.parametrize("seed", [3, 4, 5])
@pytest.mark.parametrize("task", TASKS)
def test_the_last_hints_query_comes_to_the_right_answer(task: str, seed: int) -> None:
    """A second count, in SQL over the lab's tables with its macros, shares nothing with the planting's arithmetic."""
    figure, low, high, people = lab(task, seed).execute(hinted(task)).fetchall()[0][:4]
    here = desk(task, seed)
    form = {"figure": f"{figure:.2f}", "low": f"{low:.2f}", "high": f"{high:.2f}", "denominator": f"{people:.0f}"}
    assert here.grade(here.right(**form)).score == 100


def test_each_variant_of_the_calls_answers_by_its_rule() -> None:
    """Fewer, cannot tell, no sign: by the interval and the −5 points of the policy, whichever method is chosen."""
    for seed in (3, 4, 5):
        truth = desk(CALLS, seed).key.known
        assert truth.verdict == list(calls.VARIANTS)[seed % 3]
        for e in truth.estimates.values():
            assert truth.verdict == ("fewer" if e.high < 0 else "cannot-tell" if e.low <= -5 else "no-sign")


def test_the_obvious_comparisons_of_the_calls_mislead_in_two_directions() -> None:
    """Where calls help, the shares as they are hide a good part of it, and completed against the rest shows more."""
    truth = desk(CALLS, 3).key.known
    told = {r.name: r.figure for r in truth.readings}
    assert told["done_against_rest"] < truth.by("mh").figure < told["crude"] - 2


def test_each_variant_of_the_wards_answers_by_its_rule_and_2_north_always_looks_worse() -> None:
    """Lower, cannot tell, higher: by the interval, by either method; where it is lower, the reversal is there."""
    for seed in (3, 4, 5):
        truth = desk(MORTALITY, seed).key.known
        assert truth.verdict == list(mortality.VARIANTS)[seed % 3]
        for e in truth.estimates.values():
            assert truth.verdict == ("lower" if e.high < 0 else "higher" if e.low > 0 else "cannot-tell")
        told = {r.name: r.figure for r in truth.readings}
        assert told["crude"] > 2
        if truth.verdict == "lower":  # Simpson: every stratum says the opposite of the whole
            assert told["severe_alone"] < 0 > told["weighted_as_south"]


STRATA = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 60), st.integers(1, 60), st.integers(0, 60)).map(
    lambda t: Stratum(t[0], t[0] + t[1], t[2], t[2] + t[3])), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(STRATA)
def test_the_macros_of_strata_agree_with_the_house_and_with_their_definitions(strata: list[Stratum]) -> None:
    """Differences and intervals in SQL and in Python; in one stratum both are the plain difference."""
    rows = ", ".join(f"({s.k1}, {s.n1}, {s.k0}, {s.n0})" for s in strata)
    ends = ("", "_low", "_high")
    asked = [f"mh_{name}(k1, n1, k0, n0)" for name in ("difference", "low", "high")]
    asked += [f"standard_difference{end}(k1, n1, k0, n0, n1 + n0)" for end in ends]
    asked += [f"standard_share{end}(k1, n1, n1 + n0)" for end in ends]
    sql = f"SELECT {', '.join(asked)} FROM (VALUES {rows}) AS s(k1, n1, k0, n0)"
    told = lab(CALLS, 3).execute(sql).fetchall()[0]
    for e, three in ((mantel_haenszel(strata), told[:3]), (standardised(strata), told[3:6])):
        assert (e.figure, e.low, e.high) == pytest.approx(tuple(100 * t for t in three), abs=1e-6)
    total = sum(s.n for s in strata)
    share, error = sum(s.n * s.k1 / s.n1 for s in strata) / total, math.sqrt(sum(
        (s.n / total) ** 2 * s.k1 / s.n1 * (1 - s.k1 / s.n1) / s.n1 for s in strata))
    assert told[6:] == pytest.approx((share, share - 1.959964 * error, share + 1.959964 * error))
    if len(strata) == 1:
        assert mantel_haenszel(strata).figure == pytest.approx(strata[0].difference)
        assert mantel_haenszel(strata).low == pytest.approx(standardised(strata).low)


def test_published_figures_come_out() -> None:
    """Newcombe's own example (1998, 56/70 and 48/80), and Wilson's 81 of 263 (0.2553 to 0.3662), to four decimals."""
    e = newcombe(Stratum(56, 70, 48, 80))
    assert (round(e.low, 2), round(e.high, 2)) == (5.24, 33.39)
    assert tuple(round(end, 4) for end in wilson(81, 263)) == (0.2553, 0.3662)


def wrong(here: Desk) -> list[str]:
    """Caveats that do not hold."""
    asked = here.params.answer
    return [f"caveat_{name}" for name in asked.caveats if name not in here.params.right_caveats] if asked else []


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_more_right_never_lowers_and_more_wrong_never_raises(data: st.DataObject) -> None:
    """From any part of the right answer, with any claim beside it that does not hold."""
    here = desk(data.draw(st.sampled_from(TASKS)), 3)
    right = here.right()
    kept = data.draw(st.sets(st.sampled_from(sorted(right))))
    form = {n: v for n, v in right.items() if n in kept}
    form |= dict.fromkeys(data.draw(st.lists(st.sampled_from(wrong(here)), max_size=3, unique=True)), "on")
    before = here.grade(form).score
    more = data.draw(st.sampled_from(sorted(right)))
    assert here.grade({**form, more: right[more]}).score >= before
    assert here.grade({**form, data.draw(st.sampled_from(wrong(here))): "on"}).score <= before


@pytest.mark.parametrize("task", TASKS)
def test_random_answers_stay_low(task: str) -> None:
    """Of 600 answers picked blindly from what the page offers, the 99th in 100 stays at 30 or less."""
    here, dice = desk(task, 3), random.Random(7)
    scores = sorted(here.grade(form).score for form in blindly(here, dice, 600))
    assert scores[593] <= 30, scores[590:]


def blindly(here: Desk, dice: random.Random, count: int) -> Iterator[dict[str, str]]:
    asked: Any = here.params.answer
    for _ in range(count):
        yield {"verdict": dice.choice(asked.verdicts).value, "figure": f"{dice.uniform(-30, 30):.2f}",
               "low": f"{dice.uniform(-20, 0):.2f}", "high": f"{dice.uniform(-2, 12):.2f}",
               "interval": dice.choice(asked.intervals).value, "denominator": str(dice.randrange(300, 2000)),
               **{f"method_{p.name}": dice.choice(p.offers).value for p in asked.methods},
               **{f"caveat_{name}": "on" for name in asked.caveats if dice.random() < 0.5}}


@pytest.mark.parametrize("task", TASKS)
def test_figures_may_be_written_as_people_write_them(task: str) -> None:
    """A real minus sign, a comma, the unit behind; an adjusted figure within two in a hundred."""
    here = desk(task, 3)
    right = here.right()
    said = {n: right[n].replace("-", "−").replace(".", ",") + " points" for n in ("figure", "low", "high")}
    assert here.grade({**right, **said, "denominator": f"{right['denominator']} patients"}).score == 100
    figure = float(right["figure"])
    assert here.grade({**right, "figure": f"{figure * 1.015:.2f}"}).score == 100
    assert here.grade({**right, "figure": f"{figure * 1.03 + math.copysign(0.01, figure):.2f}"}).score < 100


@pytest.mark.parametrize("task", TASKS)
def test_two_learners_have_different_figures_and_nothing_of_the_key_is_shown(task: str) -> None:
    """A neighbour's figure is not hers; what the page may know is the same whatever the key says."""
    figures = {round(desk(task, seed).key.known.by("").figure, 2) for seed in (3, 4, 5, 6)}
    assert len(figures) == 4
    shown = repr(desk(task, 3).planting.shown)
    assert not [why for why in desk(task, 3).params.whys.values() if why in shown]
    assert not [m for m in desk(task, 3).params.mistakes if m.why in shown]
    assert "right_" not in shown


@pytest.mark.long
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_holds_at_twenty_seeds(task: str) -> None:
    """The whole table of proofs, as `check` runs it."""
    for seed in range(20):
        for proof in proofs(task, seed):
            report = desk(task, seed).grade(proof.form)
            if proof.score is not None:
                assert abs(report.score - proof.score) <= 0.051, (seed, proof.name, report.score)
