"""Fifteen checks on every grader, for him.review_record: shipped tasks, known mistakes, generated answers."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from review_desk import TASKS, Desk, adding, drawn, made, proofs_of, rows_of, with_sides, without

from roles.him.review_record import proving, saying
from roles.him.review_record.book import KINDS, Policy, book
from roles.him.review_record.work import Filed, Verdict, Work
from sandbox.errors import BadWork

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = st.sampled_from(sorted(TASKS))
SEEDS = st.integers(0, 11)


def check_proofs(task: str, seeds: range) -> set[str]:
    """Every proof of a task at these seeds holds; the names of those that fitted."""
    seen = set()
    for seed, proof, desk in proofs_of(task, seeds):
        report = desk.form(proof.form)
        where = (task, proof.name, seed, report.score)
        seen.add(proof.name)
        assert proof.score is None or abs(report.score - proof.score) <= 0.05, where
        assert proof.at_most is None or report.score <= proof.at_most + 0.05, where
        assert proof.at_least is None or report.score >= proof.at_least - 0.05, where
        assert not proof.mistake or proof.mistake in {f.mistake for f in report.findings}, where
        by_name = {f.criterion: f for f in report.findings}
        assert all(name in by_name and not by_name[name].met for name in proof.findings), (where, proof.findings)
        assert abs(sum(f.possible for f in report.findings) - 100) < 1e-6, where
        assert len(by_name) == len(report.findings), "a criterion is named once"
    return seen


@pytest.mark.parametrize("task", TASKS)
def test_every_proof_of_every_task_holds_over_three_seeds(task: str) -> None:
    """Checks 1, 2, 6 and 15: exemplars 100, blank 0, mistakes and shotgun as written, hand-scored within two."""
    assert {"exemplar", "blank", "shotgun", "one-verdict"} <= check_proofs(task, range(3))


@pytest.mark.long
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_of_every_task_holds_over_fifty_seeds(task: str) -> None:
    """The same, and every proof fits some seed; each task names at least five known mistakes."""
    seen = check_proofs(task, range(50))
    assert seen == {path.stem for path in (TASKS[task].parent / "proofs").glob("*.toml")}
    assert sum(name.startswith("mistake-") for name in seen) >= 5
    assert {"hand-good", "hand-partial", "hand-plausible-wrong"} <= seen


@pytest.mark.parametrize("form", [{}, {"verdicts": "", "findings": ""}, {"verdicts": "  ", "findings": "null"},
                                  {"verdicts": "null"}, {"verdicts": "{}", "findings": "[]", "pencil": "{}"}])
def test_blank_null_and_missing_fields_score_nothing(form: dict[str, str]) -> None:
    """Check 2: no exception, no points, whatever the task."""
    for task in TASKS:
        assert drawn(task).form(form).score == 0.0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5000) | st.floats(allow_nan=True) | st.text(max_size=12)
    | st.sampled_from(["none", "ask", "deficiency", "history-24h", "2026-05-12", "DocumentReference/x", "text"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["chart", "rule", "document", "field", "kind", "actor", "due", "verdict", "ask", "en-1"]),
        inner, max_size=5))


@FEW
@given(JSON, JSON)
def test_any_json_gets_a_finite_score_or_a_plain_refusal(verdicts: object, findings: object) -> None:
    """Check 3: never an exception that is not a message to her."""
    try:
        report = drawn("him-first-review").form({"verdicts": json.dumps(verdicts), "findings": json.dumps(findings)})
    except BadWork as refusal:
        assert refusal.message and refusal.hint
    else:
        assert 0.0 <= report.score <= 100.0


def some(desk: Desk, data: st.DataObject) -> Work:
    """A part of the right answer, with some look-alikes accused and some faults closed."""
    work = desk.exemplar
    for chart in desk.key.charts:
        what = data.draw(st.sampled_from(["right", "right", "right", "nothing", "wrong"]))
        if what != "right":
            work = without(work, chart.id)
        if what == "wrong" and chart.answer == "fault":
            work = adding(work, Verdict(chart.id, "none"))
        if what == "wrong" and chart.answer == "clean" and chart.rule:
            work = adding(work, proving.finding(chart, desk.key))
    return work


@FEW
@given(NAMES, SEEDS, st.data())
def test_a_right_verdict_or_finding_never_lowers_the_score(name: str, seed: int, data: st.DataObject) -> None:
    """Check 4: whatever else is said; and taking a right one away never raises it."""
    desk = drawn(name, seed)
    work = some(desk, data)
    before = desk.judge(work).score
    for chart in desk.key.charts:
        if work.verdict(chart.id) is None:
            right = [one for one in (*desk.exemplar.verdicts, *desk.exemplar.findings) if one.chart == chart.id]
            assert desk.judge(adding(work, *right)).score >= before - 0.051


@FEW
@given(NAMES, SEEDS, st.data())
def test_a_wrong_accusation_or_verdict_never_raises_the_score(name: str, seed: int, data: st.DataObject) -> None:
    """Check 5: a rule that is kept, filed anywhere with any paper; a fault closed."""
    desk = drawn(name, seed)
    work = some(desk, data)
    before = desk.judge(work).score
    chart = data.draw(st.sampled_from(desk.key.charts))
    rule = data.draw(st.sampled_from(sorted(book(desk.key.policy))))
    standing = {chart.rule, *(rule for rule, _ in chart.dues)}
    if chart.answer != "fault" or (rule not in standing and not _kin(chart.name, rule)):
        wrong = Filed(chart.id, rule, "", "", data.draw(st.sampled_from(["", *KINDS])), "", "none")
        assert desk.judge(adding(work, wrong)).score <= before + 1e-9
    if chart.answer == "fault" and work.verdict(chart.id) is None:
        assert desk.judge(adding(work, Verdict(chart.id, "none"))).score <= before + 1e-9


def _kin(name: str, rule: str) -> bool:
    from roles.him.review_record.book import pairs

    return rule in (*pairs()[name].siblings, *pairs()[name].wide, *pairs()[name].kin)


def thrown(desk: Desk, chance: random.Random) -> Work:
    """A review by chance: any verdict for each chart, any rule, paper, field, kind and person."""
    rules, said = list(book(desk.key.policy)), Work()
    for file in desk.planting.shown.files:
        verdict, who = chance.choice(["none", "deficiency", "ask", ""]), chance.choice(file.people).ref
        paper = chance.choice(file.papers)
        if verdict == "deficiency":
            said = adding(said, Filed(file.encounter, chance.choice(rules), paper.ref, chance.choice(paper.rows)[0],
                                      chance.choice([*KINDS]), who, "none"))
        elif verdict:
            said = adding(said, Verdict(file.encounter, verdict, who if verdict == "ask" else ""))
    return said


@pytest.mark.parametrize("task", TASKS)
def test_reviews_thrown_together_by_chance_stay_low(task: str) -> None:
    """Check 6: over twelve draws the 99th percentile is at most 30; one verdict for every chart earns at most 20."""
    chance = random.Random(7)
    scores = sorted(drawn(task, n % 12).judge(thrown(drawn(task, n % 12), chance)).score for n in range(1200))
    assert scores[1188] <= 30, scores[-12:]
    desk = drawn(task)
    for said in ("none", "deficiency", "ask"):
        every = Work(tuple(Verdict(one.id, said, next(iter(one.actors), "")) for one in desk.key.charts))
        assert desk.judge(every).score <= 20


def test_ten_rules_at_the_right_place_of_each_chart_are_a_shotgun_too() -> None:
    """Check 6: knowing where something is and naming every rule for it earns at most 20."""
    desk = drawn("him-first-review")
    findings = [replace(proving.finding(chart, desk.key), rule=rule) for chart in desk.key.charts if chart.rule
                for rule in list(book(desk.key.policy))[:10]]
    assert desk.judge(Work((), tuple(findings))).score <= 20


@FEW
@given(NAMES, SEEDS, st.randoms(use_true_random=False))
def test_order_and_repetition_of_what_she_says_do_not_matter(name: str, seed: int, chance: random.Random) -> None:
    """Checks 7, 8 and 9: shuffled, said twice, with blanks around words: the same report."""
    desk = drawn(name, seed)
    verdicts, findings = rows_of(desk.exemplar)
    right = desk.judge(desk.exemplar)
    again = [*findings, *findings]
    chance.shuffle(again)
    spelled = [{part: f" {value} " for part, value in row.items()} for row in again]
    keys = list(verdicts)
    chance.shuffle(keys)
    shuffled = {key: dict(reversed(verdicts[key].items())) for key in keys}
    assert desk.form({"verdicts": json.dumps(shuffled), "findings": json.dumps(spelled)}) == right
    assert right.score == 100.0 and not right.caps


def test_another_day_paper_person_or_kind_is_another_score() -> None:
    """Check 8: each particular is felt, and each by its own axis alone."""
    desk = made(pairs=("late-summary", "late-history"), faults=1, clean=("clean-stay",), seed=3)
    [right] = desk.exemplar.findings
    others = {"clock": {"due": "2026-01-01"}, "actor": {"actor": "Practitioner/x"}, "evidence": {"field": "about"},
              "citation": {"kind": "accreditor"}}
    for axis, change in others.items():
        report = desk.judge(replace(desk.exemplar, findings=(replace(right, **change),)))
        assert {f.axis for f in report.findings if not f.met} == {saying.AXES[axis]}, axis


def test_the_same_bytes_come_out_in_another_process_hash_seed_and_time_zone() -> None:
    """Check 10: a regrade equals the stored grade; planting too."""
    line = ("import sys, hashlib; sys.path[:0] = ['tests', '.']\n"
            "from review_desk import drawn\nfrom sandbox.report import Report, as_json\n"
            "desk = drawn('him-surgical-charts', 5)\nreport = desk.judge(desk.exemplar)\n"
            "text = as_json(Report).dump_json(report) + repr(desk.planting).encode()\n"
            "print(hashlib.sha256(text).hexdigest())")
    found = {subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True, env={
        **os.environ, "PYTHONHASHSEED": seed, "TZ": zone}).stdout for seed, zone in (("1", "UTC"), ("7", "Asia/Tokyo"))}
    assert len(found) == 1


def test_every_line_of_the_rubric_is_felt_by_some_proof() -> None:
    """Check 14: with an axis's points given away, some known answer of the tasks comes out otherwise."""
    forms = [(proof, desk) for task in ("him-first-review", "him-surgical-charts")
             for _, proof, desk in proofs_of(task, range(3))]
    reports = [desk.form(proof.form) for proof, desk in forms]
    for axis in saying.AXES.values():
        kept = [round(sum(f.possible if f.axis == axis else f.earned for f in report.findings), 1)
                for report in reports]
        assert any(abs(with_it - report.points) > 0.5 for with_it, report in zip(kept, reports, strict=True)), axis


@pytest.mark.parametrize("axis", saying.POINTS)
def test_a_line_of_the_rubric_that_is_deleted_is_missed_by_the_hand_scores(axis: str, monkeypatch) -> None:
    """Check 14, the other way: with an axis worth nothing, an answer scored by hand is no longer within two."""
    hand = [(proof, desk) for _, proof, desk in proofs_of("him-first-review", range(1)) if "hand" in proof.name]
    assert len(hand) == 3
    assert all(proof.at_least <= desk.form(proof.form).score <= proof.at_most for proof, desk in hand)
    monkeypatch.setitem(saying.POINTS, axis, 0.0)
    assert not all(proof.at_least <= desk.form(proof.form).score <= proof.at_most for proof, desk in hand)


def test_each_cap_holds_some_known_answer_down() -> None:
    """Check 14 for the caps: shotgun, one verdict, a release that needed more, a policy cited as law."""
    held = set()
    for task in ("him-first-review", "him-protected-records"):
        for _, proof, desk in proofs_of(task, range(4)):
            report = desk.form(proof.form)
            if len(report.caps) == 1 and report.caps[0].at < report.points:
                held.add((report.caps[0].at, report.caps[0].why.split(": ")[-1].split(".")[0]))
    assert {why for at, why in held if at == 60} == {"what went out there needed a consent or an order of its own",
                                                     "a policy of this hospital is cited as federal law"}
    desk = drawn("him-requests", 1)
    found = replace(desk.exemplar, findings=desk.exemplar.findings[:1], verdicts=())
    wrong = [Filed(desk.key.faults[0].id, rule) for rule in ("retention", "do-not-use", "copy-forward")]
    assert [cap.at for cap in desk.judge(adding(found, *wrong[:1])).caps] == []
    assert [cap.at for cap in desk.judge(adding(found, *wrong)).caps] == [20.0]
    closed = Work(tuple(Verdict(one.id, "none") for one in desk.key.charts))
    assert 20.0 in [cap.at for cap in desk.judge(closed).caps]


def test_two_rules_for_one_defect_are_one_finding_and_siblings_are_as_good() -> None:
    """The update by either paragraph, or by both; an order as an incomplete record; further off, half the citation."""
    desk = with_sides("him-surgical-charts", late_update="fault", verbal_order="fault")
    chart = desk.chart("late-update")
    right = proving.finding(chart, desk.key)
    sibling = replace(right, rule="history-update")
    rest = without(desk.exemplar, chart.id)
    assert desk.judge(adding(rest, Verdict(chart.id, "deficiency"), sibling)).score == 100
    assert desk.judge(adding(desk.exemplar, sibling)).score == 100
    order = desk.chart("verbal-order")
    wide = replace(proving.finding(order, desk.key), rule="record-complete", kind="regulation", due=_complete(order))
    assert desk.judge(adding(without(desk.exemplar, order.id), wide)).score == 100
    far = replace(wide, rule="delinquency-count", kind="localPolicy")
    report = desk.judge(adding(without(desk.exemplar, order.id), far))
    assert {f.criterion for f in report.findings if not f.met} == {f"citation:{order.number}"}
    assert report.score == pytest.approx(100 - 10 / 3 / 2, abs=0.06)


def _complete(chart: object) -> str:
    return next(day for rule, day in chart.dues if rule == "record-complete")  # type: ignore[attr-defined]


def test_an_order_that_nobody_ever_signed_may_be_cited_as_law_or_as_policy() -> None:
    """42 CFR 482.24(c)(2) asks for the signature, promptly; only the hours are policy, and law sets no day. A signature
    after the hours is another matter: there the law is kept, and to cite it caps."""
    desk = with_sides("him-first-review", verbal_order="fault")
    order = desk.chart("verbal-order")
    right, rest = proving.finding(order, desk.key), without(desk.exemplar, order.id)
    for change in ({}, {"kind": "regulation"}, {"kind": "regulation", "due": "none"}):
        report = desk.judge(adding(rest, Verdict(order.id, "deficiency"), replace(right, **change)))
        assert report.score == 100 and not report.caps, change
    assert desk.judge(adding(rest, replace(right, due="none"))).score < 100, "by policy there is a day"
    pairs_ = ("verbal-order", "late-history")
    draws = (made(seed, pairs=pairs_, faults=1, clean=("clean-stay",), policy=Policy(25)) for seed in range(60))
    late = next(desk for desk in draws if len(desk.key.faults) == 2)
    order = late.chart("verbal-order")
    assert order.why.startswith("Signed ")
    rest, right = without(late.exemplar, order.id), proving.finding(order, late.key)
    assert [cap.at for cap in late.judge(adding(rest, replace(right, kind="regulation"))).caps] == [60.0]
    for rule in ("entry-authenticated", "record-complete"):  # it is signed
        named = late.judge(adding(late.exemplar, Filed(order.id, rule, kind="regulation")))
        assert f"accused:{order.number}:{rule}" in {f.criterion for f in named.findings}


@pytest.mark.parametrize("rule", ["", "record-complete", "delinquency-count"])
def test_an_unsigned_note_has_no_date_of_its_own_and_an_incomplete_record_has(rule: str) -> None:
    """By 482.24(c)(1) the thirtieth day, the note's day or none; by (c)(4)(viii) and policy the thirtieth day alone."""
    desk = made(pairs=("unsigned-note", "late-history"), faults=2, clean=("clean-stay",))
    note = desk.chart("unsigned-note")
    right, kind = proving.finding(note, desk.key), "localPolicy" if rule == "delinquency-count" else "regulation"
    filed = replace(right, rule=rule or right.rule, kind=kind)
    written = next(day for of, day in note.dues if of == "entry-authenticated" and day != "none")
    for due, good in ((right.due, True), (written, not rule), ("none", not rule)):
        report = desk.judge(adding(without(desk.exemplar, note.id), replace(filed, due=due)))
        clock = next(f for f in report.findings if f.criterion == f"clock:{note.number}")
        assert clock.met == good, (rule, due)


def test_a_fault_of_law_and_policy_at_once_may_be_cited_as_either() -> None:
    """A report of the third day without a brief note; a record destroyed before five years, and so before seven."""
    desk = made(pairs=("missing-report", "early-purge"), faults=2, clean=("clean-stay",))
    for kind in ("regulation", "localPolicy"):
        findings = tuple(replace(one, kind=kind) for one in desk.exemplar.findings)
        assert desk.judge(replace(desk.exemplar, findings=findings)).score == 100, kind


def test_one_wrong_name_for_the_right_place_is_found_and_loses_the_citation_alone() -> None:
    """Rule and evidence are two axes: whoever points to the very field has found the defect."""
    desk = with_sides("him-first-review", late_history="fault")
    chart = desk.chart("late-history")
    named = replace(proving.finding(chart, desk.key), rule="history-update")
    report = desk.judge(adding(without(desk.exemplar, chart.id), named))
    assert {f.criterion for f in report.findings if not f.met} == {f"citation:{chart.number}"}


def test_cannot_determine_is_right_for_a_black_scan_and_half_where_a_paper_is_missing() -> None:
    """Whom to ask matters; on a sound chart to ask is half; on a fault that the record shows it is nothing."""
    desk = with_sides("him-surgical-charts", verbal_order="fault", late_consent="fault", late_update="clean")
    scan = desk.chart("missing-report")
    nurse = Verdict(scan.id, "ask", "Practitioner/somebody")
    found = {f.criterion: f for f in desk.judge(adding(without(desk.exemplar, scan.id), nurse)).findings}
    assert found[f"found:{scan.number}"].earned == pytest.approx(0.5 * found[f"found:{scan.number}"].possible)
    for name, share in (("verbal-order", 0.5), ("late-consent", 0.0)):
        chart = desk.chart(name)
        asked = adding(without(desk.exemplar, chart.id), Verdict(chart.id, "ask", chart.actors[0]))
        by_name = {f.criterion: f for f in desk.judge(asked).findings}
        assert by_name[f"found:{chart.number}"].earned == share * by_name[f"found:{chart.number}"].possible
    sound = desk.chart("late-update")
    asked = adding(without(desk.exemplar, sound.id), Verdict(sound.id, "ask", sound.actors[0]))
    by_name = {f.criterion: f for f in desk.judge(asked).findings}
    assert 0 < by_name[f"sound:{sound.number}"].earned < by_name[f"sound:{sound.number}"].possible


def test_a_deficiency_weighs_what_it_can_do_to_the_patient() -> None:
    """An update after the incision weighs half as much again as an unsigned order, three times an unsigned note."""
    desk = made(pairs=("late-update", "verbal-order", "unsigned-note"), faults=3, clean=("clean-stay",))
    points = {f.criterion: f.possible for f in desk.judge(desk.exemplar).findings}
    weigh = {one.name: points[f"found:{one.number}"] for one in desk.key.faults}
    assert weigh["late-update"] == pytest.approx(1.5 * weigh["verbal-order"])
    assert weigh["late-update"] == pytest.approx(3 * weigh["unsigned-note"])


def test_whoever_says_nothing_accuses_nobody_and_earns_nothing_for_it() -> None:
    """The gate of restraint: the sound charts alone are paid in the share of verdicts that stand."""
    desk = drawn("him-first-review")
    sound = Work(tuple(Verdict(one.id, "none") for one in desk.key.innocent))
    report = desk.judge(sound)
    assert report.points == pytest.approx(25 * 3 / 6)
    faults = Work((), desk.exemplar.findings)
    assert desk.judge(faults).points == pytest.approx(75.0)


def test_day_thirty_ends_at_a_minute_before_midnight_in_the_facilitys_own_time() -> None:
    """The look-alike is signed on day 31 in UTC; the due date of the fault is the 30th calendar day."""
    desk = made(pairs=("late-summary", "late-history"), faults=1, clean=("clean-stay",), seed=3)
    late = desk.chart("late-summary")
    other = made(pairs=("late-summary", "late-history"), faults=1, clean=("clean-stay",), seed=1)
    assert {late.answer, other.chart("late-summary").answer} == {"fault", "clean"}
    for each in (late, other.chart("late-summary")):
        signed = next(spot.passage for spot in each.spots if "signed" in spot.fields)
        assert ("23:59" in signed) == (each.answer == "clean"), signed
