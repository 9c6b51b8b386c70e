"""Judging by axis: weights, caps, the gate, evidence, indicators, order, and words to the learner."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from coding_desk import COUNTED, STARTERS, planted, with_slots

from roles.him.code_encounter.work import Coded
from sandbox.matching import Span

A = "heart-and-kidneys"
SCOLDING = ("you failed", "careless", "obviously", "wrong!", "you should have")
COMPETENCIES = tomllib.loads((Path(__file__).parent.parent / "fixtures" / "competencies.toml").read_text())


def first_a():
    """The worked example: diastolic, stage 3b, stage 2, injury on day 3, pneumonia ruled out."""
    return with_slots(A, hf="diastolic", ckd="3b", wound="two", aki="later", pneumonia="ruled-out")


def points(report, axis):
    """What an axis earned, and what it could."""
    mine = [f for f in report.findings if f.axis == axis]
    return round(sum(f.earned for f in mine), 2), round(sum(f.possible for f in mine), 2)


def finding(report, criterion):
    """The finding of that name."""
    return next(f for f in report.findings if f.criterion == criterion)


def figures(report):
    """The figures beside the score, by name."""
    return {f.name: f for f in report.figures}


def without(case, *codes):
    """The exemplar less some codes."""
    return [c for c in case.exemplar if c.code not in codes]


def cite(case, code, document, words):
    """A code with the passage of exactly these words."""
    paper = next(p for p in case.key.papers if p.name == document)
    start, end = paper.find(words)
    return Coded(code, "Y", (Span(paper.id, start, end, paper.text[start:end]),))


def test_a_stay_without_procedures_gives_their_points_to_secondary_diagnoses_and_indicators():
    """20, 22 + 6, 15, 8, 8 + 4, 10, 3 of 96: query and disposition are not asked; theirs are shared."""
    report = first_a().judge(first_a().exemplar)
    assert [points(report, axis)[1] for axis in report.axes] == [20.83, 29.17, 15.62, 8.33, 12.5, 10.42, 3.12]
    assert report.axes[0] == "Principal diagnosis" and report.axes[-1] == "MS-DRG"
    shared = figures(report)["Points shared"]
    assert shared.value == "14 of 100" and "6 count" in shared.note and "Query and disposition" in shared.note


def test_an_outpatient_case_has_no_indicator_and_says_first_listed():
    """25, 27, 18, 10, 12 of 92, where there is an order to judge."""
    case = with_slots("sugar-and-pressure", kidney="stage3a")
    report = case.judge(case.exemplar)
    assert report.axes == ("First-listed diagnosis", "Secondary diagnoses", "Nothing unsupported", "Order of codes",
                           "Evidence cited")
    assert [points(report, axis)[1] for axis in report.axes] == [27.17, 29.35, 19.57, 10.87, 13.04]


def test_major_secondary_codes_weigh_half_again_and_expected_ones_half():
    """MCC, CC and HCC 1.5; others 1; what a note asks for 0.5."""
    report = first_a().judge(first_a().exemplar)
    unit = finding(report, "code:L89.152").possible
    assert finding(report, "code:N17.9").possible == pytest.approx(1.5 * unit)
    assert finding(report, "code:Z79.4").possible == pytest.approx(0.5 * unit)


def test_a_less_specific_code_earns_half_is_named_and_is_not_debited():
    """One error, one axis; the strict figure counts it against her."""
    case = first_a()
    answer = [replace(c, code="N18.30") if c.code == "N18.32" else c for c in case.exemplar]
    report = case.judge(answer)
    stage = finding(report, "code:N18.32")
    assert stage.earned == pytest.approx(stage.possible / 2) and "N18.30" in stage.title
    assert points(report, "Nothing unsupported")[0] == pytest.approx(15.63 * 7.75 / 8.5, abs=0.01)
    told = figures(report)
    assert (told["Code over code"].value, told["Code over code, strict"].value) == ("5 of 6", "5 of 7")


def test_the_exact_code_and_its_rival_together_earn_half_once():
    """Two stages at once is no answer, and no double debit either."""
    case = first_a()
    report = case.judge([*case.exemplar, Coded("N18.31", "Y")])
    stage = finding(report, "code:N18.32")
    assert stage.earned == pytest.approx(stage.possible / 2)
    assert not [f for f in report.findings if f.criterion == "unsupported:N18.31"]


def test_a_code_first_flip_loses_the_order_and_nothing_else():
    """The right condition leads; neither the principal axis nor a cap falls for it."""
    case = first_a()
    answer = sorted(case.exemplar, key=lambda c: c.code != "I50.33")
    report = case.judge(answer)
    assert not report.caps
    assert points(report, "Order of codes")[0] == 0
    assert points(report, "Principal diagnosis") == (20.83, 20.83)
    assert finding(report, "order:I13.0>I50.33").mistake == "put a code before the one that it must follow"


def test_another_condition_in_the_first_place_caps_at_fifty():
    """Not a less specific code of the right condition: that has no cap."""
    case = first_a()
    assert case.judge(sorted(case.exemplar, key=lambda c: c.code != "L89.152")).score == 50
    milder = [replace(c, code="I11.0") if c.code == "I13.0" else c for c in case.exemplar]
    assert not case.judge(milder).caps


def test_an_external_cause_in_the_first_place_caps_at_forty_and_behind_it_costs_nothing():
    """It is true and optional, but never leads."""
    case = with_slots("ankle", side="left")
    cause = Coded("W10.9XXA")
    assert case.judge([*case.exemplar, cause]).score == 100
    report = case.judge([cause, *case.exemplar])
    assert [c.at for c in report.caps] == [40]


def test_a_manifestation_in_the_first_place_caps_at_forty_by_its_title():
    """By the tabular list, not by a list of the case."""
    case = with_slots("sugar-and-pressure", kidney="stage3a")
    report = case.judge([Coded("F02.80"), *case.exemplar])
    assert 40 in [c.at for c in report.caps]


def test_a_major_code_that_nobody_documented_caps_at_sixty():
    """Crohn's disease stands on a list of 2019 and is excluded in 2021."""
    case = planted("right-lower-pain", 3)
    assert case.judge([*case.exemplar, Coded("K50.90")]).score == 60


def test_a_major_code_that_the_case_does_not_foresee_caps_an_inpatient_at_sixty_by_the_grouper_lists():
    """Sepsis is an MCC; reflux is nothing; outside an inpatient stay severity plays no part."""
    case = first_a()
    assert case.judge([*case.exemplar, Coded("A41.9", "Y")]).score == 60
    assert not case.judge([*case.exemplar, Coded("K21.9", "Y")]).caps
    office = planted("sugar-and-pressure")
    assert not office.judge([*office.exemplar, Coded("A41.9")]).caps


def test_what_should_have_been_asked_caps_at_sixty():
    """No provider gives the type of failure."""
    case = with_slots(A, hf="untyped")
    answer = [replace(c, code="I50.23") if c.code == "I50.9" else c for c in case.exemplar]
    assert [c.at for c in case.judge(answer).caps] == [60]


def test_restraint_is_paid_in_the_share_of_what_was_found():
    """Saying nothing earns nothing for having said nothing wrong."""
    case = first_a()
    assert points(case.judge([]), "Nothing unsupported")[0] == 0
    half = case.judge(without(case, "N17.9", "L89.152", "N18.32"))
    assert points(half, "Nothing unsupported")[0] == pytest.approx(15.625 * (8.5 - 4) / 8.5, abs=0.01)


def test_more_unsupported_than_supported_codes_cap_at_twenty_and_name_no_mistake():
    """Nothing can be read from a shotgun."""
    case = planted("cough", 1)
    strays = [Coded(c) for c in ("J18.9", "J20.9", "J06.9", "R50.9")]
    report = case.judge([*case.exemplar, *strays])
    assert report.score == 20 and not [f for f in report.findings if f.mistake]


def test_optional_and_neutral_codes_earn_and_cost_nothing():
    """History, long-term drugs, resuscitation status."""
    case = first_a()
    assert case.judge([*case.exemplar, Coded("Z79.899"), Coded("Z66", "Y"), Coded("Z86.73")]).score == 100


def test_what_the_cases_call_optional_is_not_debited_by_a_wider_pattern():
    """Crackles are optional beside the cough (R09.89), and their neighbours, which nobody writes, are not."""
    case = planted("cough")
    assert case.judge([*case.exemplar, Coded("R09.89")]).score == 100
    assert case.judge([*case.exemplar, Coded("R09.3")]).score < 100


def test_an_alternate_principal_is_judged_as_a_whole_solution():
    """Where two conditions were treated equally either may lead, and the other is then not missing."""
    case = with_slots(A, pneumonia="equal")
    report = case.judge(sorted(case.exemplar, key=lambda c: c.code != "J18.9"))
    assert report.score == 100
    assert "treated equally" in finding(report, "first").why


def test_a_stage_of_an_ulcer_needs_two_passages_and_a_missing_one_is_named():
    """The diagnosis is the provider's, the stage the nurse's (I.B.14)."""
    case = with_slots(A, wound="unstageable")
    one = cite(case, "L89.150", "hp", "Sacral pressure injury noted on arrival")
    report = case.judge([one if c.code == "L89.150" else c for c in case.exemplar])
    told = finding(report, "evidence:L89.150")
    assert told.earned == 0 and "one more passage" in told.title and "unstageable" in told.why


def test_a_whole_document_earns_half_where_it_is_much_longer_than_the_fact():
    """More than sixty words beyond the nucleus; a sentence on each side is free."""
    case = first_a()
    paper = next(p for p in case.key.papers if p.name == "summary")
    whole = replace(case.exemplar[4], spans=(Span(paper.id, 0, len(paper.text), paper.text),))
    told = finding(case.judge([whole if c.code == "N17.9" else c for c in case.exemplar]), "evidence:N17.9")
    assert told.earned == pytest.approx(told.possible / 2) if len(paper.text.split()) > 63 else told.met


def test_a_copied_or_early_mention_alone_is_no_evidence_and_the_finding_says_why():
    """In the starter, the nurse's line tells why he came, not what it was."""
    case = planted("cough", 2)
    told = finding(case.judge([cite(case, "R05.9", "nurse", "here with a cough")]), "evidence:R05.9")
    assert told.earned == 0 and "does not decide" in told.title and "Assessment" in told.why


def test_a_wrong_code_with_good_evidence_earns_nothing_on_evidence():
    """Evidence is for right codes; a right code without it keeps its code points."""
    case = planted("cough", 2)
    wrong = [replace(case.exemplar[0], code="J18.9")]
    assert points(case.judge(wrong), "Evidence cited")[0] == 0
    bare = case.judge([replace(case.exemplar[0], spans=())])
    assert points(bare, "First-listed diagnosis")[0] == pytest.approx(45.45, abs=0.01)


def test_what_arose_in_hospital_counts_twice_among_the_indicators():
    """N17.9 is N: the order of 12 May came first."""
    case = first_a()
    wrong = [replace(c, poa="Y") if c.code == "N17.9" else c for c in case.exemplar]
    told = finding(case.judge(wrong), "poa:N17.9")
    assert told.earned == 0 and told.possible == pytest.approx(2 * finding(case.judge(wrong), "poa:E11.22").possible)
    assert "you put Y" in told.title and "baseline" in told.why


def test_a_blank_indicator_is_a_finding_of_its_own_and_an_exempt_one_is_right():
    """A blank is not a wrong DRG; exempt is not forgotten."""
    case = first_a()
    report = case.judge([replace(c, poa="") for c in case.exemplar])
    assert "left blank" in finding(report, "poa:I13.0").title
    assert finding(report, "poa:Z79.4").met


def test_an_unforeseen_code_is_explained_by_a_rule():
    """Excludes1 where a note says so, a twin of the same category, symptoms, else the record."""
    case = with_slots("right-lower-pain", sugar="metformin")
    told = {c: finding(case.judge([*case.exemplar, Coded(c)]), f"unsupported:{c}") for c in ("E10.65", "R55", "G47.33")}
    assert "Excludes1" in told["E10.65"].why and "I.A.12" in told["E10.65"].rule
    assert "symptom" in told["R55"].why
    assert "No provider of this encounter" in told["G47.33"].why


@pytest.mark.parametrize("name", (*COUNTED, *STARTERS))
def test_every_finding_explains_itself_with_a_rule_and_a_known_competency(name):
    """To the learner, with the evidence, without scolding; each criterion once."""
    case = planted(name, 5)
    bare = [replace(c, spans=()) for c in case.exemplar]
    for answer in (case.exemplar, [], [Coded("A41.9"), *case.exemplar[1:]], bare):
        report = case.judge(answer)
        assert len({f.criterion for f in report.findings}) == len(report.findings)
        for f in report.findings:
            assert f.why and f.rule and f.title and f.competency in COMPETENCIES
            assert not any(word in f.why.lower() for word in SCOLDING)
            assert f.group in ("right", "missed", "unsupported") and (f.group == "right") == f.met
            for quote in f.evidence:
                paper = case.key.paper(quote.reference.removeprefix("DocumentReference/"))
                assert quote.passage in paper.text and quote.title == paper.title
        assert report.next_time


def test_what_she_cited_herself_is_marked_so():
    """The debrief says which passage was hers."""
    case = first_a()
    report = case.judge(case.exemplar)
    assert all(q.cited for q in finding(report, "code:N18.32").evidence)
    assert not any(q.cited for q in finding(case.judge([]), "code:N18.32").evidence)


def test_a_code_without_title_is_counted_as_missed_in_a_regrade():
    """A later release may have dropped a code that was valid on its day."""
    from coding_desk import MemoryChart

    from roles.him.code_encounter import activity, proving
    case = planted("cough", 1)
    work = activity.parse(proving.form_of(case.exemplar))
    evidence = activity.evidence(work, MemoryChart(case.planting.resources))
    gone = replace(evidence, codes=())
    assert finding(activity.grade(work, case.key, gone), "code:R05.9").earned == 0
