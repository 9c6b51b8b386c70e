"""The analyst's desk: keys that a second count confirms, proofs at their points, and what a fair grader owes."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import NormalDist
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planting import Ward, merged, ward
from pydantic import TypeAdapter
from test_planting_defects import FINDERS

from roles.hi.analyze_data import activity, answering, ledger, proving
from roles.hi.analyze_data.hunting import KAHN
from roles.hi.analyze_data.intervals import Counts, by_log, exact
from roles.hi.analyze_data.view import statistics
from sandbox.activity import BadWork, Form, Report
from sandbox.lab import base
from sandbox.lab.dictionary import shipped

STORIES = Path(__file__).resolve().parent.parent / "scenarios"
FALLS, HUNT = "hi-questions-falls/hi-falls-rising", "hi-questions-clinic/hi-defect-hunt"
TASKS = (FALLS, HUNT)
WORK, REPORT = TypeAdapter(activity.Work), TypeAdapter(Report)

#: A second implementation, in SQL over the lab's tables with its own macros: nothing of the planting's arithmetic.
SECOND = """
WITH m AS (SELECT month, sum(falls) AS k, sum(patient_days) AS n FROM unit_month
           WHERE location_id IN ('loc-4e', 'loc-5w') GROUP BY month),
s AS (SELECT sum(k) FILTER (month >= DATE '2025-04-01') AS k1, sum(n) FILTER (month >= DATE '2025-04-01') AS n1,
             sum(k) FILTER (month < DATE '2025-04-01') AS k0, sum(n) FILTER (month < DATE '2025-04-01') AS n0 FROM m),
c AS (SELECT month, k / n > u_high(k0 / n0, n) AS out, sum((k / n <= k0 / n0)::INT) OVER (ORDER BY month) AS block
      FROM m, s WHERE month >= DATE '2025-04-01'),
r AS (SELECT month, out, block, row_number() OVER (PARTITION BY block ORDER BY month)
             - (first_value(block) OVER (PARTITION BY block) > 0)::INT AS run FROM c)
SELECT rate_ratio(k1, n1, k0, n0), rate_ratio_low(k1, n1, k0, n0), rate_ratio_high(k1, n1, k0, n0), n1,
       (SELECT strftime(min(month), '%Y-%m') FROM r WHERE out OR run >= 8) FROM s
"""


class Desk:
    """A task opened at a seed."""

    def __init__(self, task: str, seed: int) -> None:
        table = tomllib.loads((STORIES / task / "task.toml").read_text(encoding="utf-8"))
        self.params = TypeAdapter(activity.Params).validate_python({**table["params"], **table["key"]})
        here: Any = ward() if self.params.question == "defects" else Ward({})  # questions bring their own people
        self.planting = activity.plant(self.params, seed, here)
        self.key = self.planting.key

    def grade(self, form: Form) -> Report:
        """Through the same doors as a submission: parse, JSON and back, grade."""
        nothing: Any = None
        return activity.grade(WORK.validate_json(WORK.dump_json(activity.parse(form))), self.key, nothing, nothing)

    def right(self, **fields: str) -> dict[str, str]:
        base = proving.question if self.key.truth else proving.hunt
        return {**base(self.key, {"base": "right"}), **fields}


@cache
def desk(task: str, seed: int = 4) -> Desk:
    return Desk(task, seed)


@cache
def lab(task: str, seed: int = 4) -> duckdb.DuckDBPyConnection:
    """The hospital with what was planted, as the lab's own tables, macros and views."""
    planted = desk(task, seed).planting.resources
    con = duckdb.connect(":memory:")
    con.execute("SET TimeZone = 'UTC'")
    with tempfile.TemporaryDirectory() as folder:
        base.build(Path(folder) / "lab.duckdb", merged(planted) if "hunt" in task else planted, shipped())
        con.execute(f"ATTACH '{folder}/lab.duckdb' AS built (READ_ONLY)")
        con.execute("COPY FROM DATABASE built TO memory")
        con.execute("DETACH built")
    for statement in shipped().statements(desk(task, seed).planting.shown.today, "Two Rivers"):
        con.execute(statement)
    return con


def proofs(task: str, seed: int) -> Iterator[Any]:
    for path in sorted((STORIES / task / "proofs").glob("*.toml")):
        table = {"name": path.stem, **tomllib.loads(path.read_text(encoding="utf-8"))}
        yield from activity.proofs(desk(task, seed).params, desk(task, seed).planting, table)


def unproven(task: str, seed: int) -> list[Any]:
    """Proofs that do not come to their points or are not named as they should be, and lines that no proof loses."""
    here, found = desk(task, seed), []
    assert here.grade(activity.blank()).score == 0
    idle = {f.criterion for f in here.grade(here.right()).findings if f.possible}
    for proof in proofs(task, seed):
        report = here.grade(proof.form)
        if proof.name not in ("shotgun", "no-figure"):
            idle -= {f.criterion for f in report.findings if f.possible and not f.met}
        low = proof.score if proof.score is not None else 0
        high = proof.score if proof.score is not None else proof.at_most
        named = {f.mistake for f in report.findings if f.mistake}
        hunted = not here.key.truth and proof.mistake in named | {""}  # a false alarm may be named beside it
        if not low - 0.051 <= report.score <= high + 0.051 or not (hunted or named == {proof.mistake} - {""}):
            found.append((proof.name, report.score, proof.score, named))
    return found + sorted(idle)


@pytest.mark.parametrize("seed", [3, 4, 5])
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_comes_to_its_points_and_names_its_mistake(task: str, seed: int) -> None:
    """Exemplar and alternative 100, blank 0, known mistakes by name; each line of the rubric is lost by some proof."""
    assert unproven(task, seed) == []


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_second_count_in_sql_comes_to_the_same_answer(seed: int) -> None:
    """Figure, interval, denominator and signal by the lab's tables and macros; each variant by its rule."""
    ratio, low, high, days, signal = lab(FALLS, seed).execute(SECOND).fetchall()[0]
    form = {"figure": f"{ratio:.2f}", "low": f"{low:.2f}", "high": f"{high:.2f}", "denominator": str(days),
            "signal": signal or "none"}
    form["verdict"] = "rising" if signal else "cannot-tell" if high >= 1.75 else "no-sign"
    assert desk(FALLS, seed).grade(desk(FALLS, seed).right(**form)).score == 100
    assert form["verdict"] == list(ledger.VARIANTS)[seed % 3]


@pytest.mark.parametrize("seed", [4, pytest.param(9, marks=pytest.mark.long)])
def test_the_queries_of_a_careful_reader_find_the_eight_defects_and_nothing_else(seed: int) -> None:
    """What independent SQL gives, listed as it comes, is paid in full: a key that only its author finds is none."""
    here, form, n = desk(HUNT, seed), {}, 0
    for fault in here.key.faults:
        rows = {row for (row,) in lab(HUNT, seed).execute(FINDERS[fault.name]).fetchall()}
        assert rows
        for row in sorted(rows):
            n += 1
            table = {"Observation": "observation", "Patient": "patient", "Condition": "condition", "Basic": "feed_row"}
            where = table[row.partition("/")[0]]
            if fault.name == "impossible-physiology" and not any(
                    row.endswith(i) and "observation.value_number" in r.columns for r in fault.rows for i in r.ids):
                where = "observation_component"
            column = next(c for r in fault.rows for c in r.columns if c.startswith(f"{where}."))
            form |= {f"find{n}_row": row, f"find{n}_column": column, f"find{n}_kahn": fault.kahn[0]}
            form |= {f"find{n}_matters": "on"} if fault.name in here.params.matters else {}
    assert n <= 24
    assert here.grade(form).score == 100


def test_the_defects_that_matter_are_those_that_change_the_report() -> None:
    """The report's own SQL, run before and after each defect's rows are taken out, says which."""
    here, con = desk(HUNT), lab(HUNT)
    sql = here.params.hunt.sql if here.params.hunt else ""
    before, matters = con.execute(sql + " ORDER BY 1").fetchall(), set()
    for fault in here.key.faults:
        ids = [i for row in fault.rows for i in row.ids if not i.startswith("pt-")]
        con.execute("BEGIN")
        con.execute("""UPDATE observation SET value_number = value_number / 2
                       WHERE list_contains(?, observation_id)""", [ids])
        if con.execute(sql + " ORDER BY 1").fetchall() != before:
            matters.add(fault.name)
        con.execute("ROLLBACK")
    assert len(before) == 2
    assert matters == set(here.params.matters)


@pytest.mark.parametrize(("k1", "n1", "k0", "n0"), [(56, 11383, 55, 19381), (3, 400, 9, 1500), (120, 9000, 101, 9500)])
def test_the_macros_and_intervals_agree_with_their_definitions(k1: int, n1: int, k0: int, n0: int) -> None:
    """Each against its defining equation, by other arithmetic: tails of 2.5 %, Wilson's quadratic, exact Poisson."""
    con, z = lab(FALLS, 3), NormalDist().inv_cdf(0.975)

    def ask(sql: str) -> tuple[Any, ...]:
        return tuple(con.execute(f"SELECT {sql}").fetchall()[0])

    for p in ask(f"wilson_low({k1}, {n1}), wilson_high({k1}, {n1})"):
        assert math.isclose((k1 / n1 - p) ** 2, z * z * p * (1 - p) / n1, rel_tol=1e-4)
    low, high = ask(f"poisson_low({k1}), poisson_high({k1})")
    tails = (1 - poisson(k1 - 1, low), poisson(k1, high))
    assert all(abs(tail - 0.025) < 0.003 for tail in tails), tails
    low, high = ask(f"rate_ratio_low({k1}, {n1}, {k0}, {n0}), rate_ratio_high({k1}, {n1}, {k0}, {n0})")
    assert math.isclose(math.log(high / low), 2 * z * math.sqrt(1 / k1 + 1 / k0), rel_tol=1e-6)
    assert by_log(Counts(k1, n1, k0, n0)) == pytest.approx((low, high))
    low, high = exact(Counts(k1, n1, k0, n0))
    for ratio, tail in ((low, lambda p: 1 - binomial(k1 - 1, k1 + k0, p)), (high, lambda p: binomial(k1, k1 + k0, p))):
        assert math.isclose(tail(ratio * n1 / (ratio * n1 + n0)), 0.025, rel_tol=1e-6)
    low, high = ask(f"newcombe_low({k1}, {n1}, {k0}, {n0}), newcombe_high({k1}, {n1}, {k0}, {n0})")
    assert low < k1 / n1 - k0 / n0 < high
    assert ask("u_low(0.003, 900)") == (0,) and ask("u_high(0.04, 100)")[0] == pytest.approx(0.1)


def poisson(k: int, mean: float) -> float:
    return sum(math.exp(i * math.log(mean) - mean - math.lgamma(i + 1)) for i in range(k + 1))


def binomial(k: int, n: int, p: float) -> float:
    return math.fsum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))


def test_newcombes_interval_is_that_of_its_paper() -> None:
    """56 of 70 less 48 of 80: 0.0524 to 0.3339 in Newcombe's own table (1998, method 10)."""
    sql = "SELECT newcombe_low(56, 70, 48, 80), newcombe_high(56, 70, 48, 80)"
    low, high = lab(FALLS, 3).execute(sql).fetchall()[0]
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def test_each_statistic_of_the_lab_is_told_on_the_desk() -> None:
    """Every macro with a parameter that is not one of the calendar's stands in the list that the page shows."""
    told = " ".join(call for call, _ in statistics())
    for name in ("u_low", "u_high", "poisson_low", "poisson_high", "wilson_low", "wilson_high", "newcombe_low",
                 "newcombe_high", "rate_ratio", "rate_ratio_low", "rate_ratio_high"):
        assert f"{name}(" in told


def test_other_spellings_of_the_same_answer_earn_the_same() -> None:
    """Commas, signs and spaces in figures; the prefix of a type, case and order in a list; a message by its number."""
    here, truth = desk(FALLS), desk(FALLS).key.known
    said = here.right(figure=f" × {truth.counts.ratio:.2f}", denominator=f"{truth.counts.n1:,.0f} days",
                      low=f"{truth.interval('log')[0]:.2f}".replace(".", ","))
    assert here.grade(said).score == 100
    hunt = desk(HUNT)
    right = hunt.right().items()
    lines = [{k.partition("_")[2]: v for k, v in right if k.startswith(f"find{n}_")} for n in range(24, 0, -1)]
    lines = [line for line in lines if line]
    message = next(f for f in hunt.key.faults if f.name == "orphan-reference").rows[0].ids
    form = {}
    for n, line in enumerate([*lines, lines[0]], 1):
        row = message[1] if line["row"] == message[0] else f"Observation/{line['row']}"
        form |= {f"find{n}_{k}": v for k, v in {**line, "row": row, "column": line["column"].upper()}.items()}
    assert hunt.grade(form).score == 100


def test_two_readings_that_come_to_one_figure_are_named_as_either() -> None:
    """A figure that fits more than one mistake names none for sure; one that fits none names none at all."""
    here = desk(FALLS)
    one = next(r for r in here.key.known.readings if r.name == "whole_house")
    both = answering.stands(activity.parse(here.right(figure=f"{one.figure:.2f}", denominator="")), here.key)
    assert [m.name for m in both.named] == ["whole_house"]
    report = here.grade(here.right(figure=f"{one.figure:.2f}"))  # its figure, and another reading's denominator
    assert not [f for f in report.findings if f.mistake]
    pair = here.grade(here.right(figure="77.31", denominator="5"))
    assert not [f for f in pair.findings if f.mistake or f.label == "reading"]


WORDS = st.text(alphabet="abcdefgh-._/ 0123456789%×,\x00é", max_size=20)
NAMES = ["verdict", "figure", "low", "high", "interval", "denominator", "signal", "method_chart", "method_centre",
         "method_limits", "caveat_together", "caveat_harm", "caveat_none", "find1_row", "find1_column", "find1_kahn",
         "find2_row", "cell1_sql", "cell1_note", "cell1_mark", "sentence"]


@settings(max_examples=120, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), WORDS, max_size=12), st.sampled_from(TASKS))
def test_whatever_is_sent_is_judged_or_refused_with_a_reason(form: dict[str, str], task: str) -> None:
    """A finite score in range, the same bytes twice, or a BadWork with a message; never another exception."""
    try:
        report = desk(task).grade(form)
    except BadWork as refused:
        assert refused.message
        return
    assert 0 <= report.score <= 100
    assert REPORT.dump_json(report) == REPORT.dump_json(desk(task).grade(form))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_more_right_never_lowers_and_more_wrong_never_raises(data: st.DataObject) -> None:
    """From any part of the right answer, with any wrong ones beside it."""
    task = data.draw(st.sampled_from(TASKS))
    here = desk(task)
    right = here.right()
    groups = sorted({name.partition("_")[0] if name.startswith("find") else name for name in right})
    kept = data.draw(st.sets(st.sampled_from(groups)))
    form = {n: v for n, v in right.items() if (n.partition("_")[0] if n.startswith("find") else n) in kept}
    wrong = ["caveat_harm", "caveat_beds", "caveat_proof"] if task == FALLS else [
        i.ids[0] for i in here.key.innocents if i.ids] + list(here.key.clinic[:3])
    for n, each in enumerate(data.draw(st.lists(st.sampled_from(wrong), max_size=4, unique=True)), 20):
        form |= {each: "on"} if task == FALLS else {f"find{n}_row": each, f"find{n}_kahn": "completeness"}
    before = here.grade(form).score
    more = data.draw(st.sampled_from(groups))
    added = {n: v for n, v in right.items() if n == more or n.startswith(f"{more}_")}
    assert here.grade({**form, **added}).score >= before
    extra = data.draw(st.sampled_from(wrong))
    worse = {extra: "on"} if task == FALLS else {"find19_row": extra}
    assert here.grade({**form, **worse}).score <= before


@pytest.mark.parametrize("task", TASKS)
def test_random_answers_and_a_shotgun_stay_low(task: str) -> None:
    """Of 1,000 answers picked blindly from what the page offers, the 99th in 100 stays at 30 or less."""
    here, dice, scores = desk(task, 3), random.Random(7), []
    asked = here.params.answer
    rows = here.key.clinic
    columns = sorted({c for f in here.key.faults for r in f.rows for c in r.columns})
    for _ in range(1000):
        if asked:
            form = {"verdict": dice.choice(asked.verdicts).value, "figure": f"{dice.uniform(0.5, 3):.2f}",
                    "low": f"{dice.uniform(0.5, 1.5):.2f}", "high": f"{dice.uniform(1, 3):.2f}",
                    "interval": dice.choice(asked.intervals).value, "denominator": str(dice.randrange(5000, 40000)),
                    "signal": dice.choice((*here.key.known.months, "none")),
                    **{f"method_{p.name}": dice.choice(p.offers).value for p in asked.methods},
                    **{f"caveat_{name}": "on" for name in asked.caveats if dice.random() < 0.5}}
        else:
            form = {f"find{n}_{part}": value for n in range(1, 25) for part, value in (
                ("row", dice.choice(rows)), ("column", dice.choice(columns)), ("kahn", dice.choice(list(KAHN))),
                ("matters", dice.choice(("", "on"))))}
        scores.append(here.grade(form).score)
    scores.sort()
    assert scores[989] <= 30, scores[980:]


def test_a_finding_says_where_the_fault_stands_by_a_row_and_a_column_that_has_it() -> None:
    """The column that the debrief names belongs to the table of that row, and is not one of another resource."""
    kinds = {"pt": ("patient", "patient_identifier"), "ob": ("observation", "observation_component"),
             "co": ("condition",), "c": ("condition",), "o": ("observation", "observation_component"),
             "b": ("feed_row",)}
    here = desk(HUNT)
    for fault in here.key.faults:
        why = next(f.why for f in here.grade({}).findings if f.criterion == f"found_{fault.name}")
        for row in fault.rows:
            table = row.columns[0].partition(".")[0]
            assert table in kinds[row.ids[0].partition("-")[0]], (fault.name, row)
            assert f"`{row.ids[0]}`, `{row.columns[0]}`" in why


def test_two_learners_have_different_keys_and_one_seed_always_the_same() -> None:
    """A neighbour's figure is not hers; planting again gives the same resources and the same key."""
    figures = {round(desk(FALLS, seed).key.known.counts.ratio, 4) for seed in range(3, 9)}
    assert len(figures) == 6
    ledger.plant.cache_clear()
    assert Desk(FALLS, 4).planting == desk(FALLS, 4).planting
    assert Desk(HUNT, 4).planting == desk(HUNT, 4).planting


@pytest.mark.parametrize("task", TASKS)
def test_what_is_shown_holds_nothing_of_the_key(task: str) -> None:
    """Shown is the same whatever the key says; its words are those of [params], with the months of the year watched."""
    here = desk(task)
    shown = TypeAdapter(activity.Shown).dump_json(here.planting.shown).decode()
    table = tomllib.loads((STORIES / task / "task.toml").read_text(encoding="utf-8"))
    params = TypeAdapter(activity.Params).validate_python({**table["params"], **table["key"], "whys": {"u": "canary"}})
    again: Any = ward()
    assert TypeAdapter(activity.Shown).dump_json(activity.plant(params, 4, again).shown).decode() == shown
    for why in table["key"].get("whys", {}).values():
        assert why not in shown
    for fault in here.key.faults:
        assert fault.why not in shown and not any(i in shown for row in fault.rows for i in row.ids)


@pytest.mark.long
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_holds_at_twenty_seeds(task: str) -> None:
    """The whole table of proofs, as `check` runs it."""
    for seed in range(20):
        for proof in proofs(task, seed):
            report = desk(task, seed).grade(proof.form)
            if proof.score is not None:
                assert abs(report.score - proof.score) <= 0.051, (seed, proof.name, report.score)


DIGEST = """
import hashlib
from test_roles_hi_analysis import FALLS, HUNT, REPORT, desk
other = dict(figure="1.11", find1_kahn="completeness")
found = [REPORT.dump_json(desk(t, 5).grade(desk(t, 5).right(**other))) for t in (FALLS, HUNT)]
print(hashlib.sha256(b"".join(found) + repr([desk(t, 5).planting for t in (FALLS, HUNT)]).encode()).hexdigest())
"""


@pytest.mark.long
def test_planting_and_judging_are_the_same_over_hash_seeds_and_time_zones() -> None:
    """The same bytes in processes that order their sets and read their clocks differently."""
    here = Path(__file__).resolve().parent
    digests = {
        subprocess.run([sys.executable, "-c", DIGEST], cwd=here, capture_output=True, text=True, check=True,
                       env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone,
                            "PYTHONPATH": f"{here}{os.pathsep}{here.parent}"}).stdout
        for seed, zone in (("0", "UTC"), ("7", "Asia/Tokyo"), ("99", "America/Chicago"))}
    assert len(digests) == 1
