"""The comparison: counts from first attempts on counted tasks, and intervals that say how much they can say."""

from __future__ import annotations

import ast
import random
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import proofs
from sandbox.comparison import (
    RHO,
    Tally,
    Tried,
    between,
    clustering,
    compare,
    effective,
    newcombe,
    seat_sentence,
    twenty,
    wilson,
)
from sandbox.house import House
from sandbox.report import Finding, Report
from sandbox.scenario import competencies

ROOT = Path(__file__).resolve().parent.parent
SEATS = {"him": "Health information management", "hi": "Health informatics"}
COUNTS = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=12)


def report(*met: bool, competency: str = "terminology") -> Report:
    """A report whose criteria were met or not."""
    each = 100 / max(len(met), 1)
    return Report(tuple(Finding(f"c{i}", "axis", competency, each * m, each, "t", "w") for i, m in enumerate(met)))


def tried(seat: str, *met: bool, counted: bool = True, number: int = 1, task: str = "t",
          competency: str = "terminology") -> Tried:
    """One attempt."""
    return Tried(seat, "story", task, "Task", counted, number, 60, 0, report(*met, competency=competency))


def test_only_first_attempts_on_counted_tasks_enter() -> None:
    """The starter, practice and second tries stand beside, not inside."""
    both = compare([tried("him", True, False), tried("him", True, True, number=2), tried("him", True, counted=False),
                    tried("hi", True, True, False)], SEATS)
    him, hi = both.sides
    assert (him.tasks, him.tally.met, him.tally.asked, len(him.practice)) == (1, 1, 2, 2)
    assert (hi.tasks, hi.tally.met, hi.tally.asked) == (1, 2, 3)


def test_a_remark_without_points_is_never_counted() -> None:
    """A finding that asks nothing stands in the debrief alone."""
    remark = Finding("note", "axis", "ethics", 0.0, 0.0, "t", "w")
    both = compare([Tried("him", "s", "t", "T", True, 1, 0, 0, Report((*report(True, False).findings, remark)))], SEATS)
    assert (both.sides[0].tally.tasks, [c.competency.id for c in both.sides[0].counts]) == (((1, 2),), ["terminology"])


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["him", "hi"]), st.lists(st.booleans(), max_size=8), st.booleans(),
                          st.integers(1, 3)), max_size=12))
def test_the_counts_of_the_competencies_add_up_to_the_seats(rows: list[tuple[str, list[bool], bool, int]]) -> None:
    """Whatever was tried: no finding is counted twice, and none is lost."""
    kinds = list(competencies())
    both = compare([tried(s, *m, counted=c, number=n, competency=kinds[i % len(kinds)])
                    for i, (s, m, c, n) in enumerate(rows)], SEATS)
    for side in both.sides:
        assert 0 <= side.tally.met <= side.tally.asked
        assert sum(c.asked for c in side.counts) == side.tally.asked
        assert sum(c.met for c in side.counts) == side.tally.met


def test_every_competency_says_which_seats_ask_for_it_and_where_the_professions_speak_of_it() -> None:
    """Five are shared; each is mapped to a framework's domain that exists, in our words."""
    found = competencies()
    assert [c.id for c in found.values() if c.shared] == [
        "terminology", "privacy", "data-quality", "ethics", "communication"]
    for each in found.values():
        assert each.about and each.frameworks
        for domain in each.frameworks:
            assert re.fullmatch(r"HIM domain (I|II|III|IV|V|VI)|AMIA F([1-9]|10)", domain), domain


def test_every_competency_that_an_activity_names_is_known_and_is_asked_in_its_seat() -> None:
    """Read in the seats' sources: each word given for a competency; a test over all proofs (long) reads reports."""
    known = competencies()
    for seat in SEATS:
        named = {node.value for path in sorted((ROOT / "roles" / seat).rglob("*.py"))
                 for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                 if isinstance(node, ast.Constant) and node.value in known}
        assert len(named) >= 4
        assert {name for name in named if seat not in known[name].seats} == set()


def test_every_task_names_only_competencies_that_there_are() -> None:
    """What a task says it is about is in the same list."""
    tasks = sorted((ROOT / "scenarios").glob("*/*/task.toml"))
    assert len(tasks) > 40
    for path in tasks:
        assert set(tomllib.loads(path.read_text(encoding="utf-8")).get("competencies", ())) <= set(competencies()), path


def test_check_names_a_finding_that_the_comparison_could_not_place() -> None:
    """An unknown competency, and one of another seat, fail the proof by name; a school's own seat may borrow any."""
    strange, foreign = report(True, competency="charm"), report(True, competency="classification")
    assert "charm" in next(proofs.unmapped(strange, "hi"))
    assert "hi seat does not ask" in next(proofs.unmapped(foreign, "hi"))
    assert list(proofs.unmapped(foreign, "him")) == list(proofs.unmapped(foreign, "nursing")) == []


@pytest.mark.parametrize("story", ["him-office-mornings", "him-record-review", "him-access-morning",
                                   "hi-questions-clinic"])
def test_every_finding_of_a_storys_proofs_carries_a_competency_of_its_seat(house: House, story: str) -> None:
    """Exemplars, blanks and known mistakes, judged: no finding is unmapped (every story: the long tier)."""
    unplaced(house, story)


@pytest.mark.long
def test_every_finding_of_every_proof_carries_a_competency_of_its_seat(house: House) -> None:
    """All tasks of all stories."""
    unplaced(house)


def unplaced(house: House, story: str = "") -> None:
    """Judge the proofs; none may fail, least of all for a finding without a place."""
    with house.db.reading() as conn:
        found = list(proofs.check(conn, house, story=story))
    assert len(found) > 10
    assert [f"{o.task} {o.proof}: {o.problem}" for o in found if o.problem] == []


@pytest.fixture(scope="module")
def oracle() -> Any:
    """statsmodels' intervals and scipy's beta; seconds to import, and whoever only collects this file need not wait."""
    from scipy.stats import beta
    from statsmodels.stats import proportion

    return SimpleNamespace(shares=proportion, beta=beta)


@given(counts=COUNTS)
def test_the_interval_of_a_share_is_wilsons(oracle: Any, counts: tuple[int, int]) -> None:
    """statsmodels is the oracle."""
    met, n = counts
    asked = oracle.shares.proportion_confint(met, n, alpha=0.10, method="wilson")
    assert wilson(met / n, n) == pytest.approx(asked, abs=1e-12)


@given(one=COUNTS, other=COUNTS)
def test_the_interval_of_a_difference_is_newcombes(oracle: Any, one: tuple[int, int], other: tuple[int, int]) -> None:
    """statsmodels is the oracle, without a continuity correction."""
    asked = oracle.shares.confint_proportions_2indep(*one, *other, compare="diff", method="newcomb", alpha=0.10)
    assert newcombe(one[0] / one[1], one[1], other[0] / other[1], other[1]) == pytest.approx(asked, abs=1e-9)


def test_the_effective_count_is_what_the_formula_says() -> None:
    """29 findings in tasks of 10, 10 and 9 are worth about 10.6; the words of the example follow."""
    tally = Tally(((7, 10), (7, 10), (6, 9)))
    assert tally.worth == pytest.approx(29 / (1 + (281 / 29 - 1) * 0.2)) == pytest.approx(10.592, abs=0.001)
    assert seat_sentence("him", tally) == (
        "HIM: you met 20 of 29 in 3 tasks; on more like these, perhaps 44 to 86 in 100.")


@given(SIZES, st.floats(0, 1))
def test_findings_that_hang_together_count_as_fewer_but_never_as_less_than_one_task(sizes: list[int],
                                                                                   rho: float) -> None:
    """Between one for all and one for each; singles are worth themselves."""
    assert 1 - 1e-9 <= effective(sizes, rho) <= sum(sizes) + 1e-9
    assert effective([1] * len(sizes), rho) == pytest.approx(len(sizes))
    assert effective(sizes, 0) == pytest.approx(sum(sizes))
    assert effective(sizes, min(1.0, rho + 0.1)) <= effective(sizes, rho) + 1e-9


@given(share=st.floats(0, 1), n=st.floats(3, 120))
@settings(max_examples=25)
def test_the_twenty_dots_are_equally_likely_and_tell_what_the_band_tells(oracle: Any, share: float, n: float) -> None:
    """In order, at the points that scipy gives, and about eighteen of them within the band."""
    dots, (low, high) = twenty(share, n), wilson(share, n)
    wanted = oracle.beta.ppf([(i + 0.5) / 20 for i in range(20)], share * n + 0.5, (1 - share) * n + 0.5)
    assert list(dots) == pytest.approx(list(wanted), abs=0.002)
    assert list(dots) == sorted(dots)
    assert sum(low - 0.01 <= dot <= high + 0.01 for dot in dots) >= 17


def grown(learners: int, tasks: int, spread: float, seed: int = 1) -> list[list[tuple[int, int]]]:
    """A class whose findings hang together: each task has a level of its own for each learner, `spread` wide."""
    rng = random.Random(seed)
    rows = []
    for _ in range(learners):
        levels = [min(1.0, max(0.0, 0.6 + rng.uniform(-spread, spread))) for _ in range(tasks)]
        rows.append([(sum(rng.random() < level for _ in range(10)), 10) for level in levels])
    return rows


def test_a_large_class_raises_rho_and_never_lowers_it() -> None:
    """Under 30 learners or 3 tasks nothing is learnt; findings that do not hang together leave 0.2 as it is."""
    tight = grown(40, 4, 0.6)
    assert clustering(tight) > 0.3
    assert clustering(tight[:29]) == clustering([rows[:2] for rows in tight]) == clustering([]) == RHO
    assert clustering(grown(40, 4, 0.0)) == RHO
    assert clustering([[(5, 5)] * 3] * 40) == RHO, "nothing varies"
    assert clustering([[(5, 5), (0, 5), (5, 5), (0, 5)]] * 40) == pytest.approx(1.0), "all or nothing"


@given(st.lists(st.lists(st.sampled_from([(0, 0), (0, 1), (1, 1), (0, 4), (2, 4), (4, 4), (9, 9)]), max_size=5),
                min_size=1, max_size=4))
def test_rho_is_always_a_number_from_a_fifth_to_one(learners: list[list[tuple[int, int]]]) -> None:
    """Whatever a class did, empty tasks and single findings among it."""
    assert RHO <= clustering(learners * 30) <= 1.0


def test_only_pooled_shared_findings_of_both_seats_are_ever_set_side_by_side() -> None:
    """What one seat alone asks changes nothing that is said between the seats."""
    def both(competency: str) -> str:
        rows = [tried("him", *[True] * 10, competency=competency, task=f"a{i}") for i in range(8)]
        rows += [tried("hi", *[False] * 10, competency="data-quality", task=f"b{i}") for i in range(8)]
        return compare(rows, SEATS).between[0]

    assert both("ethics").startswith("On skills both seats use, you met more in the HIM tasks (80 of 80; 0 of 80).")
    assert both("classification").startswith("On skills both seats use: nothing is said")


@settings(max_examples=40)
@given(st.lists(COUNTS, max_size=9), st.lists(COUNTS, max_size=9))
def test_what_is_said_between_the_seats_does_not_depend_on_which_is_named_first(
        one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    """The same words either way, and never before both have 5 tasks and 20 findings."""
    a, b = ("him", Tally(tuple(one))), ("hi", Tally(tuple(other)))
    assert between(a, b) == between(b, a)
    if min(len(one), len(other)) < 5 or min(a[1].asked, b[1].asked) < 20:
        assert "nothing is said" in between(a, b)
