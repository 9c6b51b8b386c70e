"""Questions for a board: keys that a second count in SQL confirms, proofs at their points, what a fair grader owes."""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_roles_hi_analysis import STORIES, Desk, desk, lab, proofs, unproven

from roles.hi.analyze_data import activity, calls, missed, mortality
from roles.hi.analyze_data.differences import Stratum, mantel_haenszel, newcombe, standardised, wilson
from roles.hi.analyze_data.disclosure import Board, board, gives_away
from roles.hi.analyze_data.publishing import published
from sandbox.activity import BadWork

CALLS = "hi-questions-calls/hi-calls-readmissions"
MORTALITY = "hi-questions-board/hi-ward-mortality"
EQUITY = "hi-questions-board/hi-equity-table"
TASKS = (CALLS, MORTALITY, EQUITY)


def hinted(task: str) -> str:
    """The query of the task's last hint: what a learner who took it would run."""
    text = (STORIES / task / "hints.md").read_text(encoding="utf-8").partition("## Answer")[2]
    query = max(re.findall(r"`([^`]+)`", text, re.S), key=len)
    return query if task != EQUITY else f"""
        WITH t AS ({query}),
        s AS (SELECT race, patients AS n, round(percent * patients / 100) AS k FROM t WHERE site = 'All'),
        g AS (SELECT max(k) FILTER (race LIKE 'Black%') AS k1, max(n) FILTER (race LIKE 'Black%') AS n1,
                     max(k) FILTER (race = 'White') AS k0, max(n) FILTER (race = 'White') AS n0,
                     max(n) FILTER (race = 'All') AS people FROM s)
        SELECT 100 * (k1 / n1 - k0 / n0), 100 * newcombe_low(k1, n1, k0, n0), 100 * newcombe_high(k1, n1, k0, n0),
               people FROM g"""


@pytest.mark.parametrize("seed", [3, 4, 5])
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_comes_to_its_points_and_names_its_mistake(task: str, seed: int) -> None:
    """Exemplar and alternatives 100, blank 0, known mistakes by name; each line of the rubric is lost by some proof."""
    assert unproven(task, seed) == []


@pytest.mark.parametrize("seed", [3, *(pytest.param(seed, marks=pytest.mark.long) for seed in (4, 5, 8))])
@pytest.mark.parametrize("task", TASKS)
def test_the_last_hints_query_comes_to_the_right_answer(task: str, seed: int) -> None:
    """A second count, in SQL over the lab's tables with its macros, shares nothing with the planting's arithmetic."""
    figure, low, high, people = lab(task, seed).execute(hinted(task)).fetchall()[0][:4]
    here = desk(task, seed)
    form = {"figure": f"{figure:.2f}", "low": f"{low:.2f}", "high": f"{high:.2f}", "denominator": f"{people:.0f}"}
    assert here.grade(here.right(**form)).score == 100


@pytest.mark.parametrize("task", TASKS)
def test_what_the_notebook_opens_with_runs_and_gives_no_answer_away(task: str) -> None:
    """A first look at the tables, with rows to see; no figure of the key stands in it."""
    (cell,) = desk(task, 3).params.cells
    rows = lab(task, 3).execute(cell).fetchall()
    figure = desk(task, 3).key.known.by("").figure
    assert 1 < len(rows) < 40
    assert not any(isinstance(value, float) and abs(value - figure) < 0.5 for row in rows for value in row)


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


def wrong(here: Desk) -> list[dict[str, str]]:
    """Caveats that do not hold; cells of a table that show what the house holds back."""
    asked: Any = here.params.answer
    found = [{f"caveat_{name}": "on"} for name in asked.caveats if name not in here.params.right_caveats]
    forms = here.key.known.forms
    return found + [{place: cell} for place, cell in forms.get("small_printed", {}).items()
                    if "*" in forms["right"][place]]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_more_right_never_lowers_and_more_wrong_never_raises(data: st.DataObject) -> None:
    """From any part of the right answer; then with claims that do not hold, and cells that should be held back."""
    here = desk(data.draw(st.sampled_from(TASKS)), 3)
    right, errors = here.right(), st.sampled_from(wrong(here))
    form = {n: right[n] for n in sorted(data.draw(st.sets(st.sampled_from(sorted(right)))))}
    more = data.draw(st.sampled_from(sorted(right)))
    assert here.grade({**form, more: right[more]}).score >= here.grade(form).score
    for each in data.draw(st.lists(errors, max_size=3)):
        worse = {**form, **each}
        if not any(name.startswith("t_") for name in each) or gone(here, form, each):
            assert here.grade(worse).score <= here.grade(form).score
            form = worse


def gone(here: Desk, form: dict[str, str], cell: dict[str, str]) -> bool:
    """Whether showing this cell lets a number from one to ten be read or worked out that was safe before."""
    def told(fields: dict[str, str]) -> bool:
        return not published(activity.parse(fields), here.key.known).safe
    return told({**form, **cell}) and not told(form) and published(activity.parse(form), here.key.known).reach == 1


@pytest.mark.parametrize("task", TASKS)
def test_random_answers_stay_low(task: str) -> None:
    """Of answers picked blindly from what the page offers, the 99th in 100 stays at 30 or less."""
    here, count = desk(task, 3), 100 if task == EQUITY else 600  # a table takes longer to solve
    scores = sorted(here.grade(form).score for form in blindly(here, random.Random(7), count))
    assert scores[count * 99 // 100 - 1] <= 30, scores[-10:]


def blindly(here: Desk, dice: random.Random, count: int) -> Iterator[dict[str, str]]:
    asked: Any = here.params.answer
    for _ in range(count):
        yield {"verdict": dice.choice(asked.verdicts).value, "figure": f"{dice.uniform(-30, 30):.2f}",
               "low": f"{dice.uniform(-20, 0):.2f}", "high": f"{dice.uniform(-2, 12):.2f}",
               "interval": dice.choice(asked.intervals).value, "denominator": str(dice.randrange(300, 2000)),
               **{f"t_{r}_{c}": dice.choice(("*", str(dice.randrange(400)), f"{dice.randrange(400)} (20.0)"))
                  for r in range(8) for c in range(4) if here.params.grid},
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
    if not here.key.known.relative:
        assert here.grade({**right, "figure": f"{figure * 1.015:.2f}"}).score < 100  # a crude one is exact
        return
    assert here.grade({**right, "figure": f"{figure * 1.015:.2f}"}).score == 100
    assert here.grade({**right, "figure": f"{figure * 1.03 + math.copysign(0.01, figure):.2f}"}).score < 100


@pytest.mark.parametrize("task", TASKS)
def test_two_learners_have_different_figures_and_nothing_of_the_key_is_shown(task: str) -> None:
    """A neighbour's figure is not hers; what the page may know is the same whatever the key says."""
    figures = {round(desk(task, seed).key.known.by("").figure, 2) for seed in (3, 4, 5)}
    assert len(figures) == 3
    shown = repr(desk(task, 3).planting.shown)
    assert not [why for why in desk(task, 3).params.whys.values() if why in shown]
    assert not [m for m in desk(task, 3).params.mistakes if m.why in shown]
    assert "right_" not in shown


def tables(data: st.DataObject) -> Board:
    """A small table, with numbers that can all be tried out."""
    rows, columns = data.draw(st.integers(2, 3)), data.draw(st.integers(2, 3 if data.draw(st.booleans()) else 2))
    people = [[data.draw(st.integers(0, 3)) for _ in range(columns)] for _ in range(rows)]
    return board(people, [[data.draw(st.integers(0, n)) for n in row] for row in people])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_a_table_gives_away_is_what_trying_every_table_out_leaves(data: st.DataObject) -> None:
    """People alone: a number is told just where every table that prints the same has that number there."""
    table = tables(data)
    shown = frozenset(data.draw(st.sets(st.sampled_from(table.places))))
    every = frozenset(p for p in table.places if p[0] == table.rows - 1 or p[1] == table.columns - 1)
    shown = shown | every if data.draw(st.booleans()) else shown | {table.places[-1]}
    inner = [p for p in table.places if p[0] < table.rows - 1 and p[1] < table.columns - 1]
    most, same = table.n[table.places[-1]], []
    if (most + 1) ** len(inner) > 20_000:
        most = 2
    for values in itertools.product(range(most + 1), repeat=len(inner)) if len(inner) <= 6 else ():
        grid = [list(values[r * (table.columns - 1):(r + 1) * (table.columns - 1)]) for r in range(table.rows - 1)]
        other = board(grid, grid).n
        if all(other[p] == table.n[p] for p in shown):
            same.append(other)
    told, _ = gives_away(table, shown, frozenset())
    if most < table.n[table.places[-1]] or not same:
        return
    assert told == {p for p in table.places if table.n[p] in range(1, 11) and len({o[p] for o in same}) == 1}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_said_to_be_told_is_so_in_every_table_with_the_same_print(data: st.DataObject) -> None:
    """People and percentages together: whoever tries all tables of two by two finds no other number there."""
    people = [[data.draw(st.integers(0, 3)) for _ in range(2)] for _ in range(2)]
    table = board(people, [[data.draw(st.integers(0, n)) for n in row] for row in people])
    shown = frozenset(data.draw(st.sets(st.sampled_from(table.places)))) | {(2, 2)}
    shares = frozenset(p for p in data.draw(st.sets(st.sampled_from(table.places))) if table.n[p])
    told_n, told_k = gives_away(table, shown, shares)
    for n in itertools.product(range(table.n[2, 2] + 1), repeat=4):
        if sum(n) != table.n[2, 2] or any(board([n[:2], n[2:]], [[0, 0], [0, 0]]).n[p] != table.n[p] for p in shown):
            continue
        for k in itertools.product(*(range(each + 1) for each in n)):
            other = board([n[:2], n[2:]], [k[:2], k[2:]])
            if all(other.share(p) == table.share(p) for p in shares):
                assert all(other.n[p] == table.n[p] for p in told_n)
                assert all(other.k[p] == table.k[p] for p in told_k)


def test_three_of_eleven_is_read_from_a_percentage_and_two_circles_joined_by_a_bridge_are_seen_through() -> None:
    """What taking the only gap of a row or column from its total would not find."""
    table = board([[11, 40], [60, 80]], [[3, 15], [20, 30]])
    people = frozenset(table.places) - {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert not any(gives_away(table, people, frozenset()))
    told = gives_away(table, frozenset(table.places), frozenset({(0, 0)}))
    assert told == (frozenset(), frozenset({(0, 0)}))
    # Rows 0 and 1 with columns 0 and 1, rows 2 and 3 with columns 2 and 3, and one cell that ties the two together.
    grid = [[20, 30, 0, 0], [25, 35, 7, 0], [0, 0, 40, 22], [0, 0, 33, 21]]
    joined = board(grid, [[0] * 4 for _ in range(4)])
    held = {(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 2), (2, 3), (3, 2), (3, 3)}
    assert gives_away(joined, frozenset(joined.places) - held, frozenset())[0] == {(1, 2)}


@pytest.mark.parametrize("seed", [3, pytest.param(4, marks=pytest.mark.long)])
def test_the_hints_table_fills_the_grid_and_the_houses_stars_keep_it_safe(seed: int) -> None:
    """Every cell with somebody in it, from SQL, by the page's labels; nothing is told, and forty numbers are shown."""
    here = desk(EQUITY, seed)
    truth, grid = here.key.known, here.params.grid
    text = (STORIES / EQUITY / "hints.md").read_text(encoding="utf-8").partition("## Answer")[2]
    rows = lab(EQUITY, seed).execute(re.findall(r"`([^`]+)`", text, re.S)[0]).fetchall()
    found = {(grid.rows.index(race), grid.columns.index(site.removesuffix(" Clinic"))): (n, per_cent)
             for race, site, n, per_cent in rows}
    assert found == {p: (truth.board.n[p], pytest.approx(truth.board.share(p), abs=0.0501))
                     for p in truth.board.places if truth.board.n[p]}
    assert grid.rows == (*missed.ROWS, "All")
    assert not any(gives_away(truth.board, *truth.shown))
    assert sum(map(len, truth.shown)) == 40
    assert here.grade({**here.right(), **truth.forms["right"], "t_0_0": "–", "t_0_1": ""}).score >= 99


def test_a_cell_may_be_written_as_people_write_it_and_nonsense_is_asked_back() -> None:
    """Commas, per cent signs, dashes for what is held back; words are refused with the cell's name."""
    form = {"t_0_0": "1,203 (12,5 %)", "t_0_1": "120 (*)", "t_0_2": "* (0.0)", "t_1_0": "–", "t_1_1": "*", "t_9_x": "7"}
    assert activity.parse(form).table == {"0_0": (1203, 12.5), "0_1": (120, None), "0_2": (None, 0.0)}
    for text in ("few", "12 (3", "12 (3) 4", "(("):
        with pytest.raises(BadWork) as refused:
            activity.parse({"t_2_3": text})
        assert refused.value.field == "t_2_3"


@pytest.mark.long
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_holds_at_twenty_seeds(task: str) -> None:
    """The whole table of proofs, as `check` runs it."""
    for seed in range(20):
        for proof in proofs(task, seed):
            report = desk(task, seed).grade(proof.form)
            if proof.score is not None:
                assert abs(report.score - proof.score) <= 0.051, (seed, proof.name, report.score)
