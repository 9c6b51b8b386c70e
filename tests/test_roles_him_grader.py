"""Fifteen checks on every grader, for him.code_encounter: shipped cases, known mistakes, generated answers."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from coding_desk import COUNTED, STARTERS, TASKS, Case, MemoryChart, codes, planted, stored
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roles.him.code_encounter import activity, planting, proving
from roles.him.code_encounter.decisions import NEUTRAL
from roles.him.code_encounter.key import matches
from roles.him.code_encounter.work import Coded
from sandbox.errors import BadWork
from sandbox.matching import Span

CASES = (*COUNTED, *STARTERS)
SEEDS = range(50)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
# Codes that no case carries, of many chapters: what somebody might add without reading.
NAMES = st.sampled_from(["code", "poa", "spans", "document", "start", "end", "text", "row", "kind", "about", "date"])
STRAY = ("A41.9", "B34.9", "C50.911", "D64.9", "E03.9", "F41.1", "G47.33", "H26.9", "I48.91", "K21.9", "L03.90",
         "M54.50", "N39.0", "R55", "J96.01", "I63.9", "M19.90", "H91.90", "L40.9", "C61")


def proofs_of(task: Path, most: int):
    """(seed, proof, case) of one task over fifty seeds, each proof at the first `most` that it fits."""
    params = tomllib.loads(task.read_text())["params"]
    tables = [{"name": p.stem, **tomllib.loads(p.read_text())} for p in sorted((task.parent / "proofs").glob("*.toml"))]
    typed = planting.Params(params["case"], params.get("mode", "alone"), tuple(params.get("offered", ())))
    found: Counter[str] = Counter()
    for seed in SEEDS:
        case = planted(params["case"], seed)
        for table in tables:
            for proof in activity.proofs(typed, case.planting, table) if found[table["name"]] < most else ():
                found[proof.name] += 1
                yield seed, proof, case


def wrong_codes(case: Case) -> list[str]:
    """Stray codes, and what the case itself calls wrong, each a billable code."""
    gold = {e.code for e in case.key.entries}
    found = list(STRAY)
    for wrong in case.key.wrongs:
        stem = wrong.codes[0].split("*")[0].rstrip(".[")
        entry = codes().get(stem)
        if entry and not (wrong.beside and wrong.beside not in gold):
            found.append(codes().leaves(entry.code)[0].code)
    near = [p for e in case.key.entries for p in (*e.near, *e.instead)]
    return [c for c in dict.fromkeys(found) if c not in gold and not matches(c, (*near, *NEUTRAL, *case.key.optional))]


@pytest.mark.parametrize("most", [4, pytest.param(50, marks=pytest.mark.long)])
@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.parent.name)
def test_every_proof_of_every_task_holds_over_fifty_seeds(task, most):
    """Checks 1, 2, 6 and 15: exemplars 100, blank 0, mistakes and shotgun as written, hand-scored within two.

    Each proof at the first four of fifty seeds that it fits; the long tier at all of them.
    """
    seen: set[str] = set()
    for seed, proof, case in proofs_of(task, most):
        report = case.form(proof.form)
        where = (task.parent.name, proof.name, seed, report.score)
        seen.add(proof.name)
        assert proof.score is None or abs(report.score - proof.score) <= 0.05, where
        assert proof.at_most is None or report.score <= proof.at_most + 0.05, where
        assert proof.at_least is None or report.score >= proof.at_least - 0.05, where
        assert not proof.mistake or proof.mistake in {f.mistake for f in report.findings}, where
        by_name = {f.criterion: f for f in report.findings}
        assert all(name in by_name and not by_name[name].met for name in proof.findings), (where, proof.findings)
    assert seen == {p.stem for p in (task.parent / "proofs").glob("*.toml")}, "some proof fits no seed"


@pytest.mark.parametrize("seeds", [SEEDS[:10], pytest.param(SEEDS, marks=pytest.mark.long)], ids=["ten", "fifty"])
@pytest.mark.parametrize("case", CASES)
def test_the_points_of_an_exemplar_come_to_exactly_one_hundred_on_every_seed(case, seeds):
    """Check 1: and what is possible comes to 100 for any answer."""
    for seed in seeds:
        report = planted(case, seed).judge(planted(case, seed).exemplar)
        assert report.score == 100.0 and not report.caps
        for answer in (report, planted(case, seed).form({"codes": "[]"})):
            assert abs(sum(f.possible for f in answer.findings) - 100) < 1e-6


@pytest.mark.parametrize("codes_field", ["", "   ", "null", "[]", None])
def test_blank_and_missing_fields_score_nothing(codes_field):
    """Check 2: no exception, no points."""
    for case in CASES:
        form = {} if codes_field is None else dict.fromkeys(("codes", "procedures", "queries"), codes_field)
        assert planted(case).form(form).score == 0.0


@FEW
@given(st.recursive(st.none() | st.booleans() | st.integers(-5, 5000) | st.floats(allow_nan=True) | st.text(max_size=12)
                    | st.sampled_from(["J18.9", "0SRS019", "cause", "note-x-1"]),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5)))
def test_any_json_gets_a_finite_score_or_a_plain_refusal(value):
    """Check 3: never an exception that is not a message to her."""
    for field, name in (("codes", "cough"), ("procedures", "hip"), ("queries", "hip")):
        _judged_or_refused(planted(name), {field: json.dumps(value), "disposition": json.dumps(value)[:3]})


def _judged_or_refused(case, form):
    try:
        report = case.form(form)
    except BadWork as refusal:
        assert refusal.message and refusal.hint
    else:
        assert 0.0 <= report.score <= 100.0


@FEW
@given(st.sampled_from(CASES), st.integers(0, 30), st.data())
def test_adding_a_right_code_in_its_place_never_lowers_and_removing_one_never_raises_the_score(name, seed, data):
    """Check 4: with any wrong codes behind the right ones."""
    case = planted(name, seed)
    gold = case.exemplar
    kept = data.draw(st.lists(st.sampled_from(gold), unique_by=lambda c: c.code))
    strays = data.draw(st.lists(st.sampled_from(wrong_codes(case)), unique=True, max_size=4))
    order = [c.code for c in gold]
    if any(c.code in case.key.principals[1:] for c in kept) and not any(c.code == order[0] for c in kept):
        order.sort(key=lambda c: c not in case.key.principals[1:])  # an accepted alternate keeps the first place
    less = sorted(kept, key=lambda c: order.index(c.code)) + [Coded(c, "Y") for c in strays]
    for missing in gold:
        if missing not in kept:
            more = sorted([*kept, missing], key=lambda c: order.index(c.code)) + [Coded(c, "Y") for c in strays]
            assert case.judge(more).score >= case.judge(less).score - 0.051


@FEW
@given(st.sampled_from(CASES), st.integers(0, 30), st.data())
def test_adding_a_wrong_code_never_raises_the_score(name, seed, data):
    """Check 5: neither at the end nor, behind a right first code, anywhere."""
    case = planted(name, seed)
    gold = case.exemplar
    kept = data.draw(st.lists(st.sampled_from(gold), unique_by=lambda c: c.code))
    kept = sorted(kept, key=lambda c: gold.index(c))
    wrong = data.draw(st.lists(st.sampled_from(wrong_codes(case)), unique=True, min_size=1, max_size=6))
    before = case.judge(replace(case.whole, codes=(*kept, *(Coded(c) for c in wrong[:-1])))).score
    after = case.judge(replace(case.whole, codes=(*kept, *(Coded(c) for c in wrong)))).score
    assert after <= before + 1e-9


@FEW
@given(st.sampled_from(COUNTED), st.integers(0, 30), st.data())
def test_a_right_passage_never_lowers_and_a_wrong_one_never_raises_the_score(name, seed, data):
    """Checks 4 and 5 for evidence: passages are added, one at a time."""
    case = planted(name, seed)
    target = data.draw(st.sampled_from(case.exemplar))
    bare = [replace(c, spans=()) if c.code == target.code else c for c in case.exemplar]
    some = [replace(c, spans=target.spans[:1]) if c.code == target.code else c for c in case.exemplar]
    assert case.judge(bare).score <= case.judge(some).score <= case.judge(case.exemplar).score
    paper = case.key.papers[0]
    stray = Span(paper.id, 0, 8, paper.text[:8])
    strayed = [replace(c, spans=(*c.spans, stray)) if c.code == target.code else c for c in some]
    assert case.judge(strayed).score == case.judge(some).score


@pytest.mark.parametrize("answers", [100, pytest.param(300, marks=pytest.mark.long)])
@pytest.mark.parametrize("case", CASES)
def test_a_shotgun_scores_at_most_twenty_and_random_answers_stay_low(case, answers):
    """Check 6: everything in sight with whole documents cited; and the 99th percentile of random answers."""
    chance = random.Random(7)
    held = planted(case)
    pool = list(dict.fromkeys([e.code for e in held.key.entries] + wrong_codes(held)))
    whole = tuple(Span(p.id, 0, len(p.text), p.text) for p in held.key.papers[:8])
    assert held.judge([Coded(c, "Y", whole) for c in pool[:40]]).score <= 20
    pool += [leaf.code for stem in ("I50", "N18", "E11", "J12", "R10", "S93.4", "K50") for leaf in codes().leaves(stem)]
    scores = sorted(held.judge([Coded(c, chance.choice("YNU"), (chance.choice(whole),)) for c in
                                chance.sample(pool, chance.randint(1, 12))]).score for _ in range(answers))
    beyond = sum(score > 30 for score in scores)  # of a hundred draws chance may bring two; of three hundred, three
    assert beyond <= max(2, answers // 100), scores[-5:]


@FEW
@given(st.sampled_from(COUNTED), st.integers(0, 30), st.randoms(use_true_random=False))
def test_order_counts_only_where_order_is_the_question(name, seed, chance):
    """Check 7: any order that keeps the first code and the code-first pairs earns everything; spans in any order."""
    case = planted(name, seed)
    gold = case.exemplar
    rest = gold[1:]
    chance.shuffle(rest)
    behind = {p.then for p in case.key.pairs}
    ordered = [gold[0], *sorted(rest, key=lambda c: c.code in behind)]
    shuffled = [replace(c, spans=tuple(reversed(c.spans))) for c in ordered]
    assert case.judge(shuffled).score == 100.0


@FEW
@given(st.sampled_from(CASES), st.integers(0, 30), st.sampled_from([str.lower, lambda c: c.replace(".", ""),
                                                                     lambda c: f" {c} "]))
def test_case_dots_and_spaces_do_not_matter_in_a_code_but_another_side_or_stage_does(name, seed, spelled):
    """Check 8: spelling is free, facts are not."""
    case = planted(name, seed)
    form = dict(proving.form_of(case.whole))
    for field in ("codes", "procedures"):
        rows = json.loads(form[field])
        for row in rows:
            row["code"] = spelled(row["code"])
            row |= {"poa": row["poa"].lower()} if "poa" in row else {}
        form[field] = json.dumps(rows)
    form["disposition"] = f" {form['disposition']} "
    assert case.form(form).score == 100.0


@pytest.mark.parametrize("case", CASES)
def test_repeating_a_code_or_a_passage_counts_once(case):
    """Check 9: the list twice is the list once."""
    held = planted(case)
    form = dict(proving.form_of(held.whole))
    for field in ("codes", "procedures", "queries"):
        form[field] = json.dumps(json.loads(form[field]) * 2)
    assert held.form(form) == held.judge(held.whole)
    right = held.exemplar[0]
    assert held.judge([right, right]) == held.judge([right])


def test_the_same_bytes_come_out_in_another_process_hash_seed_and_time_zone():
    """Check 10: a regrade equals the stored grade."""
    line = ("import sys, json; sys.path[:0] = ['tests', '.']\n"
            "from coding_desk import COUNTED, planted\n"
            "out = []\n"
            "for name in COUNTED:\n"
            "    for seed in range(3):\n"
            "        case = planted(name, seed)\n"
            "        out.append(repr(case.judge(case.exemplar[1:])))\n"
            "print(hash_of := __import__('hashlib').sha256('\\n'.join(out).encode()).hexdigest())")
    told = set()
    for hash_seed, zone in (("0", "UTC"), ("4711", "Asia/Tokyo")):
        done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True,
                              cwd=Path(__file__).parent.parent,
                              env=os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": zone})
        told.add(done.stdout.strip())
    assert len(told) == 1 and told.pop()


@pytest.mark.parametrize("case", CASES)
def test_nothing_shown_or_planted_holds_text_of_the_key(case):
    """Checks 11 and 12: reasons, rules and tempting codes stay where learners do not read."""
    held = planted(case)
    shown = json.dumps(stored(activity.Shown, held.planting.shown).__dict__) + json.dumps(held.planting.resources)
    for entry in held.key.entries:
        assert entry.why[:40] not in shown and entry.rule not in shown
        assert f'"{entry.code}"' not in json.dumps(held.planting.resources)
    for wrong in held.key.wrongs:
        assert wrong.why[:40] not in shown and (not wrong.mistake or wrong.mistake not in shown)


def test_two_plantings_that_differ_only_in_their_key_look_the_same():
    """Check 12: what a learner can read does not depend on why, rule, near or weight."""
    case = planted("heart-and-kidneys")
    variant = case.key.variant
    table = json.loads(json.dumps(variant.table))
    for row in table["code"]:
        row |= {"why": "canary", "rule": "canary", "near": [], "support": row["support"][:1]}
    table["wrong"] = []
    other = replace(variant, table=table)
    assert planting.plant_case(other, "abc123") == planting.plant_case(variant, "abc123")


def test_grading_neither_reads_nor_changes_the_chart():
    """Check 13: what is judged was frozen; the same evidence gives the same report when the record is gone."""
    case = planted("heart-and-kidneys")
    chart = MemoryChart(case.planting.resources)
    work = activity.parse(proving.form_of(case.exemplar))
    before = json.dumps(case.planting.resources, sort_keys=True)
    evidence = activity.evidence(work, chart)
    chart.held.clear()
    assert activity.grade(work, case.key, evidence).score == 100.0
    assert json.dumps(case.planting.resources, sort_keys=True) == before


@pytest.mark.parametrize("case", COUNTED)
def test_deleting_any_code_of_the_key_changes_the_exemplars_points(case):
    """Check 14: no line of the rubric is idle."""
    held = planted(case)
    for entry in held.key.entries[1:]:
        thinner = replace(held.key, entries=tuple(e for e in held.key.entries if e.code != entry.code),
                          pairs=tuple(p for p in held.key.pairs if entry.code not in (p.first, p.then)))
        chart = MemoryChart(held.planting.resources)
        work = activity.parse(proving.form_of([c for c in held.exemplar if c.code != entry.code]))
        evidence = activity.evidence(work, chart)
        assert activity.grade(work, thinner, evidence).score != activity.grade(work, held.key, evidence).score
