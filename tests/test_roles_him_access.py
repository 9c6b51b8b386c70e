"""What every grader owes a learner, asked of the access desk; and what its panel shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from access_desk import TASKS, grade, lead, params, planted, right, tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planting import ward

from fixtures.planting.violations import NAMES
from fixtures.planting.violations.model import EXPLAINED, INTERVIEW, VIOLATION
from roles.him.audit_access import activity, judging, proving, saying
from roles.him.audit_access.menus import FACTORS, LINKS, PATTERNS, VERDICTS
from sandbox.activity import BadPack, BadWork

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
tasks, seeds = st.sampled_from(sorted(TASKS)), st.integers(0, 4)
SEEDS = [0, 1, 2]
LONG = [pytest.param(n, marks=pytest.mark.long) for n in range(3, 50)]


@pytest.mark.parametrize("seed", [*SEEDS, *LONG])
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_comes_to_its_points_and_names_its_mistake(task: str, seed: int) -> None:
    """Checks 1, 6, 14 and 15: the exemplar has 100, and each table what it says."""
    key = planted(task, seed).key
    for table in tables(task).values():
        for proof in proving.proofs(key, table):
            report = activity.grade(activity.parse(proof.form), key, activity.Evidence())
            told = f"{task}, seed {seed}, {proof.name}: {report.score}"
            assert proof.score is None or report.score == proof.score, told
            assert proof.at_most is None or report.score <= proof.at_most, told
            assert proof.at_least is None or report.score >= proof.at_least, told
            assert not proof.mistake or proof.mistake in {one.mistake for one in report.findings}, told
            unmet = {one.criterion for one in report.findings if not one.met}
            assert set(proof.findings) <= unmet, told


@pytest.mark.parametrize("text", ["", " ", "null", "{}", "[]"])
def test_blank_and_missing_fields_score_nothing(text: str) -> None:
    """Check 2, and a trail in which nobody else's chart was opened earns nothing by itself."""
    for form in ({}, {"cases": text}, {"cases": text, "reasons": text}):
        if text == "[]" and form:
            with pytest.raises(BadWork):
                activity.parse(form)
            continue
        for task in TASKS:
            assert activity.grade(activity.parse(form), planted(task).key, activity.Evidence()).score == 0


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
                        ["verdict", "link", "pattern", "cited", "factors", "tell", "by", "breach", "nature", "x"]),
                        inner, max_size=4), max_leaves=12)


@quick
@given(tasks, JSON, st.booleans())
def test_any_json_gets_a_finite_score_or_a_plain_refusal(task: str, value: Any, as_case: bool) -> None:
    """Check 3: never another exception, and every refusal says what to do."""
    key = planted(task).key
    try:
        work = activity.parse({"cases": json.dumps({key.leads[0].id: value} if as_case else value)})
    except BadWork as problem:
        assert str(problem) and problem.hint
        return
    assert 0 <= activity.grade(work, key, activity.Evidence()).score <= 100


def _some(task: str, seed: int, data: st.DataObject) -> dict[str, Any]:
    """The exemplar with some leads, and some parts of others, left out."""
    cases = right(task, seed)
    for name in data.draw(st.lists(st.sampled_from(sorted(cases)), unique=True, max_size=len(cases) - 1)):
        part = data.draw(st.sampled_from(["all", "link", "pattern", "cited", "factors", "breach", "tell"]))
        if part == "all":
            del cases[name]
        else:
            cases[name].pop(part, None)
    return cases


@quick
@given(tasks, seeds, st.data())
def test_adding_what_is_right_never_lowers_and_taking_it_away_never_raises(
        task: str, seed: int, data: st.DataObject) -> None:
    """Check 4, lead by lead and part by part."""
    cases, whole = _some(task, seed, data), right(task, seed)
    name = data.draw(st.sampled_from(sorted(whole)))
    better = {**cases, name: whole[name]}
    assert grade(task, better, seed).score >= grade(task, cases, seed).score - 1e-6


@quick
@given(tasks, seeds, st.data())
def test_a_wrong_verdict_link_or_pattern_never_raises(task: str, seed: int, data: st.DataObject) -> None:
    """Check 5: against the right one, and an accusation of the innocent against saying nothing of them."""
    cases = right(task, seed)
    name = data.draw(st.sampled_from(sorted(cases)))
    part, menu = data.draw(st.sampled_from([("verdict", VERDICTS), ("link", LINKS), ("pattern", PATTERNS)]))
    wrong = {**cases, name: {**cases[name], part: data.draw(st.sampled_from(sorted(menu)))}}
    assert grade(task, wrong, seed).score <= grade(task, cases, seed).score + 1e-6
    innocent = next(one.id for one in planted(task, seed).key.leads if one.verdict == EXPLAINED)
    silent = {one: case for one, case in cases.items() if one != innocent}
    accused = {**silent, innocent: {"verdict": VIOLATION}}
    assert grade(task, accused, seed).score <= grade(task, silent, seed).score + 1e-6


@quick
@given(tasks, st.data())
def test_random_answers_stay_low(task: str, data: st.DataObject) -> None:
    """Check 6 by sampling: menus ticked by chance."""
    leads = planted(task).key.leads
    cases = {one.id: {"verdict": data.draw(st.sampled_from(sorted(VERDICTS))),
                      "link": data.draw(st.sampled_from(sorted(LINKS))),
                      "pattern": data.draw(st.sampled_from(sorted(PATTERNS)))} for one in leads}
    right_ones = sum(cases[one.id]["verdict"] == one.verdict for one in leads)
    if right_ones <= len(leads) / 2:
        assert grade(task, cases).score <= 50


@quick
@given(tasks, seeds, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(task: str, seed: int, chance: Any) -> None:
    """Checks 7 and 9: leads, facts and people to tell in any order, named twice."""
    cases = right(task, seed)
    names = list(cases)
    chance.shuffle(names)
    turned = {name: {key: value * 2 if isinstance(value, list) else value for key, value in
                     reversed(cases[name].items())} for name in names}
    assert grade(task, turned, seed) == grade(task, cases, seed)


def test_the_same_bytes_come_out_in_another_process_hash_seed_and_time_zone() -> None:
    """Check 10."""
    script = ("import sys, json; sys.path.insert(0, 'tests'); from access_desk import *; "
              "from sandbox.report import as_json; from sandbox.activity import Report; "
              "print(as_json(Report).dump_json(grade('him-two-weeks', right('him-two-weeks', 3), 3)).hex())")
    environ = {**os.environ, "PYTHONHASHSEED": "11", "TZ": "Asia/Tokyo", "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True,
                          cwd=Path(__file__).parent.parent).stdout.strip()
    from sandbox.activity import Report
    from sandbox.report import as_json

    assert bytes.fromhex(told) == as_json(Report).dump_json(grade("him-two-weeks", right("him-two-weeks", 3), 3))


@pytest.mark.parametrize("task", TASKS)
def test_nothing_shown_tells_the_guilty_from_the_innocent(task: str) -> None:
    """Checks 11 and 12: no verdict, story or reason in what is shown, and places in the list that tell nothing."""
    first = []
    for seed in range(40 if task != "him-two-weeks" else 8):
        made = planted(task, seed)
        shown = repr(made.shown)
        for one in made.key.leads:
            assert one.story not in shown and one.why[:40] not in shown
        assert not any(word in shown for word in (VIOLATION, EXPLAINED, INTERVIEW, "guilty", "twin"))
        first.append(made.key.leads[0].guilty)
    assert 0.1 < sum(first) / len(first) < 0.9


@pytest.mark.parametrize("axis", list(judging.WEIGHTS))
def test_deleting_any_axis_of_the_rubric_changes_what_some_answer_gets(
        axis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check 14: each weight decides something."""
    task = "him-one-chart-many-eyes"
    key, proofs = planted(task).key, tables(task)
    answers = [proving.answer(key, table) for table in proofs.values()]
    cut = [{name: {**case, axis: ""} if axis in ("link", "pattern", "breach") else {
        k: v for k, v in case.items() if k != {"factors": "factors", "told": "tell"}.get(axis)}
        for name, case in right(task).items()}]
    stranger = ("p0001", "p0002")
    before = [grade(task, one, opened=stranger).score for one in [*answers, *cut]]
    monkeypatch.setitem(judging.WEIGHTS, axis, 0.0)
    assert [grade(task, one, opened=stranger).score for one in [*answers, *cut]] != before


def test_interview_first_earns_seven_tenths_of_guilty_and_innocent_alike() -> None:
    """A privacy officer would ask; where the log cannot tell it is the whole answer."""
    task = "him-one-chart-many-eyes"
    for name, whole in (("mayor:guilty", 0.7), ("mayor:twin", 0.7), ("same-name:guilty", 1.0)):
        one, cases = lead(task, name), right(task)
        cases[one.id] = {**cases[one.id], "verdict": INTERVIEW}
        axis = "spared" if one.innocent else "found"
        finding = next(each for each in grade(task, cases).findings if each.criterion == f"{axis}:{one.id}")
        assert finding.earned == pytest.approx(finding.possible * whole)


def test_one_verdict_for_everybody_and_more_wrongs_than_rights_are_capped() -> None:
    """Twenty; an innocent accused fifty; a breach ruled out without the factors sixty."""
    task = "him-first-flags"
    leads = planted(task).key.leads
    assert grade(task, {one.id: {"verdict": INTERVIEW} for one in leads}).score <= 20
    cases = right(task)
    twin, guilty = lead(task, "neighbor:twin"), lead(task, "neighbor:guilty")
    assert min(cap.at for cap in grade(task, {**cases, twin.id: {"verdict": VIOLATION}}).caps) == 50
    report = grade(task, {**cases, guilty.id: {**cases[guilty.id], "breach": "no", "factors": {}}})
    assert min(cap.at for cap in report.caps) == 60


def test_her_own_trail_costs_five_at_most_and_a_typed_reason_cancels_it() -> None:
    """Charts of leads cost nothing; each other one a quarter of five points, unless she said why."""
    task = "him-first-flags"
    cases, mine = right(task), lead(task, "neighbor:guilty").patients
    assert grade(task, cases, opened=mine).score == 100
    assert grade(task, cases, opened=(*mine, "p0001")).score == pytest.approx(98.75, abs=0.06)
    assert grade(task, cases, opened=tuple(f"p{n:04d}" for n in range(1, 9))).score == 95
    assert grade(task, cases, opened=("p0001",), reasons={"p0001": "Asked by her physician"}).score == 100


def test_whom_and_when_are_judged_by_calendar_days() -> None:
    """The last day is sixty calendar days on; sooner is half, later nothing and named."""
    task = "him-first-flags"
    one, cases = lead(task, "neighbor:guilty"), right(task)
    assert cases[one.id]["by"] == "2026-08-29"
    for by, share, mistake in (("2026-08-29", 1.0, ""), ("2026-07-15", 0.75, ""),
                               ("2026-09-22", 0.5, "The clock counts calendar days from discovery")):
        report = grade(task, {**cases, one.id: {**cases[one.id], "by": by}})
        told = next(each for each in report.findings if each.criterion == f"told:{one.id}")
        assert (told.earned, told.mistake) == (pytest.approx(told.possible * share), mistake)


def test_a_violation_need_not_be_a_breach() -> None:
    """The fax to another practice: four factors that lower, nobody told, and that is the whole of the points."""
    task = "him-two-weeks"
    one, cases = lead(task, "wrong-fax:twin"), right(task)
    assert cases[one.id]["breach"] == "no" and "tell" not in cases[one.id]
    turned = {**cases[one.id], "breach": "yes", "tell": ["patient", "log"], "by": "2026-08-29"}
    missed = {each.criterion for each in grade(task, {**cases, one.id: turned}).findings if not each.met}
    assert {f"breach:{one.id}", f"told:{one.id}", f"factors:{one.id}"} <= missed


@pytest.mark.parametrize(("form", "said"), [
    ({"cases": json.dumps({f"l{n}": {"verdict": VIOLATION} for n in range(10_000)})}, "10,000 cases"),
    ({"cases": '{"a": {"verdict": "guilty"}}'}, "“guilty” is no verdict"),
    ({"cases": '{"a": {"cited": ["<script>"]}}'}, "no place of the record"),
    ({"cases": '{"a": {"by": "tomorrow"}}'}, "“tomorrow” is not a date"),
    ({"cases": '{"a": {"factors": {"luck": {}}}}'}, "four factors cannot be read"),
    ({"cases": "{"}, "did not arrive whole"),
    ({"cases": json.dumps({"a": {"cited": [f"Task/t{n}" for n in range(13)]}})}, "13 facts are cited"),
])
def test_bad_input_says_what_where_and_what_to_do(form: dict[str, str], said: str) -> None:
    """The message names the lead or the field; the hint says how to go on."""
    with pytest.raises(BadWork) as problem:
        activity.parse(form)
    assert said in str(problem.value) and problem.value.hint


def test_a_task_names_stories_that_are_there() -> None:
    """A pack with another is refused, naming it."""
    with pytest.raises(BadPack, match="nobody"):
        activity.plant(type(params("him-first-flags"))(("nobody",)), 0, ward())  # type: ignore[arg-type]


def test_the_tasks_ask_twelve_stories_with_their_twins() -> None:
    """All of them, over the four tasks."""
    assert {one for task in TASKS for one in params(task).stories} == set(NAMES)
    for task in TASKS:
        sides = [(one.story, one.guilty) for one in planted(task).key.leads]
        assert sorted(sides) == sorted((story, side) for story in params(task).stories for side in (True, False))


def test_every_rule_that_is_cited_says_its_kind() -> None:
    """Federal rules by part and section; the hospital's own and custom are called that."""
    rules = {*saying.RULE.values(), saying.RESOLVER, saying.CUSTOM, saying.MINIMUM}
    assert all("45 CFR" in rule or "local policy" in rule or "custom" in rule for rule in rules)


def test_four_factors_rest_on_facts_of_the_case() -> None:
    """A rating without a fact, or with a fact of another case, is not one."""
    task = "him-first-flags"
    one, cases = lead(task, "former-husband:guilty"), right(task)
    for cited, share in (("", 0.2), ("Task/none", 0.2), (one.facts[0], 1.0)):
        factors = {name: {"rating": "raises", "cited": cited} for name in FACTORS}
        report = grade(task, {**cases, one.id: {**cases[one.id], "factors": factors}})
        told = next(each for each in report.findings if each.criterion == f"factors:{one.id}")
        assert told.earned == pytest.approx(told.possible * share)
