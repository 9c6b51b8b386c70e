"""A surgical stay judged whole: procedures, disposition, queries, group, rows as evidence, local policy, solutions."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from coding_desk import Case, MemoryChart, codes, planted, stored, with_slots
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.notes import shape
from roles.him.code_encounter import activity, planting, proving, reading
from roles.him.code_encounter.outcomes import KINDS
from roles.him.code_encounter.work import Asked, Coded, Done, Work
from sandbox.errors import BadPack, BadWork
from sandbox.matching import Span

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
ACUTE = {"side": "left", "bone": "brittle", "stem": "cemented", "anaemia": "acute", "af": "permanent",
         "leave": "nursing"}
STRAY = ("0QS704Z", "0QB70ZZ", "0DTJ4ZZ", "5A1955Z", "4A023N7", "0W9G3ZZ")


def hip(**slots: str) -> Case:
    """The worked example of the case, or a variant of it."""
    return with_slots("hip", **(ACUTE | slots))


def finding(report, criterion):
    """The finding of that name."""
    return next(f for f in report.findings if f.criterion == criterion)


def points(report, axis):
    """What an axis earned."""
    return sum(f.earned for f in report.findings if f.axis == axis)


def figures(report):
    """The figures beside the score, by name."""
    return {f.name: f for f in report.figures}


def passage(case: Case, document: str, words: str) -> Span:
    """The passage of exactly these words."""
    paper = next(p for p in case.key.papers if p.name == document)
    start, end = paper.find(words)
    return Span(paper.id, start, end, paper.text[start:end])


def row(case: Case, name: str, words: str) -> str:
    """The reference of a row that says so."""
    return next(p.id for p in case.key.rows if p.name == f"row:{name}" and p.find(words))


# ------------------------------------------------------------------ axes
def test_a_surgical_stay_has_the_axes_and_weights_of_the_table():
    """20, 22, 15, 8 (no code-first pair here), 8, 10, 10, 4, 3: the 8 are shared in proportion, and it says so."""
    report = hip().judge(hip().whole)
    possible = {axis: sum(f.possible for f in report.findings if f.axis == axis) for axis in report.axes}
    weights = [20, 22, 15, 8, 10, 10, 4, 3]
    assert list(possible.values()) == pytest.approx([100 * w / 92 for w in weights])
    assert figures(report)["Points shared"].value == "8 of 100"
    assert "Order of codes" in figures(report)["Points shared"].note


def test_the_figures_count_procedures_exactly_and_show_both_groups():
    """One wrong character is wrong in the audit figure; the group stands beside the record's."""
    case = hip()
    wrong = replace(case.whole, procedures=(replace(case.whole.procedures[0], code="0SRS01A"),))
    told = figures(case.judge(wrong))
    assert (told["Code over code"].value, told["Code over code, strict"].value) == ("5 of 6", "5 of 7")
    assert told["MS-DRG"].value == "522; the record supports 522"


# ------------------------------------------------------------------ procedures
def test_a_procedure_is_compared_character_by_character():
    """The side is the fourth character; six of seven earn half of six sevenths, and the finding says which differs."""
    case = hip()
    done = replace(case.whole.procedures[0], code="0SRR019")
    told = finding(case.judge(replace(case.whole, procedures=(done,))), "procedure:0SRS019")
    assert told.earned == pytest.approx(told.possible * 0.5 * 6 / 7)
    assert "Character 4, body part" in told.why and "Right" in told.why and "Left" in told.why
    assert told.mistake == "coded the other side" and "6 of 7" in told.title


def test_another_root_operation_earns_nothing_and_is_not_debited_twice():
    """It stands in the place of the right one: one error, one axis."""
    case = hip()
    report = case.judge(replace(case.whole, procedures=(Done("0QS704Z", "2026-06-04"),)))
    assert finding(report, "procedure:0SRS019").earned == 0
    assert not [f for f in report.findings if f.criterion.startswith("unsupported:0")]


def test_a_further_procedure_without_support_is_over_coding_and_a_transfusion_is_not():
    """A step of the operation costs restraint; what the facility decides costs nothing."""
    case = hip()

    def more(code):
        return case.judge(replace(case.whole, procedures=(*case.whole.procedures, Done(code, "2026-06-04"))))

    assert finding(more("0QB70ZZ"), "unsupported:0QB70ZZ").mistake == "coded a step of the operation as a procedure"
    assert "B3.1b" in finding(more("0JQL0ZZ"), "unsupported:0JQL0ZZ").rule
    assert "describes it" in finding(more("0DTJ4ZZ"), "unsupported:0DTJ4ZZ").why
    assert more("30233N1").score == 100


def test_the_principal_procedure_stands_first_and_the_day_is_asked():
    """An optional transfusion in front loses the place; a blank or another day loses the day."""
    case = hip()
    led = (Done("30233N1", "2026-06-05"), *case.whole.procedures)
    report = case.judge(replace(case.whole, procedures=led))
    assert not finding(report, "procedure-first").met and finding(report, "procedure:0SRS019").met
    for day in ("", "2026-06-05"):
        told = case.judge(replace(case.whole, procedures=(replace(case.whole.procedures[0], date=day),)))
        assert not finding(told, "procedure-date:0SRS019").met and finding(told, "procedure:0SRS019").met


def test_a_procedure_in_an_office_visit_is_over_coding():
    """ICD-10-PCS is for inpatient stays."""
    case = planted("cough", 1)
    report = case.judge(replace(case.whole, procedures=(Done("0SRS019"),)))
    assert "inpatient" in finding(report, "unsupported:0SRS019").why and report.score < 100


@FEW
@given(st.integers(0, 40), st.data())
def test_right_procedures_never_lower_and_wrong_ones_never_raise_the_score(seed, data):
    """Checks 4 and 5, behind any codes."""
    case = planted("hip", seed)
    kept = data.draw(st.lists(st.sampled_from(case.exemplar), unique_by=lambda c: c.code))
    strays = data.draw(st.lists(st.sampled_from(STRAY), unique=True, max_size=4))
    base = replace(case.whole, codes=tuple(sorted(kept, key=lambda c: case.exemplar.index(c))))
    wrong = [Done(code) for code in strays]
    without, having = (replace(base, procedures=tuple(first + wrong)) for first in ([], list(base.procedures)))
    assert case.judge(having).score >= case.judge(without).score - 0.051
    if wrong:
        assert case.judge(having).score <= case.judge(replace(base, procedures=(*base.procedures, *wrong[:-1]))).score


# ------------------------------------------------------------------ evidence by rows
def test_a_value_beside_a_providers_words_counts_and_alone_does_not():
    """The sodium of 128 supports hyponatraemia; the provider's word decides."""
    case = hip()
    sodium = row(case, "sodium", "128")
    only = [replace(c, spans=(), rows=(sodium,)) if c.code == "E87.1" else c for c in case.exemplar]
    beside = [replace(c, rows=(sodium,)) if c.code == "E87.1" else c for c in case.exemplar]
    told = finding(case.judge(only), "evidence:E87.1")
    assert told.earned == 0 and "supports, and does not decide" in told.title
    assert case.judge(beside).score == 100


def test_a_value_that_she_changes_in_her_record_is_not_the_value_that_is_judged():
    """A query's indicator is the row as it was planted."""
    case = hip(anaemia="vague")
    chart = MemoryChart(case.planting.resources)
    other = row(case, "haemoglobin", "11.9")
    observation = chart.read("Observation", other.removeprefix("Observation/"))
    observation["valueQuantity"]["value"] = 8.2
    chart.held["Observation", observation["id"]] = observation
    asked = replace(case.whole.queries[0], spans=(), rows=(other,), about="something else")
    work = activity.parse(proving.form_of(replace(case.whole, queries=(asked,))))
    report = activity.grade(work, case.key, activity.evidence(work, chart))
    assert finding(report, "query:anaemia").earned == 0


def test_a_row_that_is_not_in_the_record_is_refused():
    """As a passage outside its note is."""
    case = hip()
    form = proving.form_of(replace(case.whole, queries=(Asked("cause", "x", (), ("Observation/nowhere",)),)))
    with pytest.raises(BadWork, match="not in this record") as refusal:
        case.form(form)
    assert refusal.value.field == "queries"


# ------------------------------------------------------------------ queries and disposition
def test_the_right_query_earns_by_question_kind_and_indicators():
    """Half for asking it, a quarter for its kind, a quarter for what it names."""
    case = hip(anaemia="vague")
    full = case.whole.queries[0]
    for asked, share in ((full, 1.0), (replace(full, kind="admission"), 0.75), (replace(full, spans=(), rows=()), 0.75),
                         (Asked("admission", "the anaemia"), 0.5)):
        told = finding(case.judge(replace(case.whole, queries=(asked,))), "query:anaemia")
        assert told.earned == pytest.approx(told.possible * share), asked
        assert "compliant wording" in told.why and "leading one" in told.why


def test_asking_what_is_documented_costs_and_a_fair_extra_does_not():
    """By the case's own reason, by general rule, or not at all."""
    case = hip()

    def ask(*asked):
        return case.judge(replace(case.whole, queries=asked))

    letter = passage(case, "letter", "Paroxysmal atrial fibrillation")
    assert ask(Asked("conflict", "AF", (letter,))).score == pytest.approx(100 - 100 * 4 / 92 / 4, abs=0.06)
    said = ask(Asked("specificity", "thyroid", (passage(case, "hp", "Hypothyroidism, continue levothyroxine"),)))
    assert "already says it" in finding(said, "query-extra:1").why and said.score < 100
    bare = ask(Asked("indicators", "weight"))
    assert "names its clinical indicators" in finding(bare, "query-extra:1").why and bare.score < 100
    assert ask(Asked("indicators", "the night", (passage(case, "night", "CAM positive"),))).score == 100
    assert ask(Asked("indicators", "stairs", (passage(case, "physio", "fourteen steps"),))).score == 100


def test_the_same_query_twice_is_one_query():
    """In other words, with other passages."""
    case = hip(anaemia="vague")
    full = case.whole.queries[0]
    assert case.judge(replace(case.whole, queries=(full, replace(full, about="blood loss, anaemia")))).score == 100


def test_every_query_at_once_earns_less_than_the_right_one():
    """Asking everything is no answer."""
    case = hip(anaemia="vague")
    every = tuple(Asked(kind, "anaemia sodium fracture AF night") for kind in shape.QUERY_KINDS)
    more = tuple(Asked(kind, about) for kind, about in (("cause", "fracture"), ("conflict", "AF")))
    report = case.judge(replace(case.whole, queries=every + more))
    assert points(report, "Query and disposition") < points(case.judge(case.whole), "Query and disposition")


def test_silence_earns_nothing_for_asking_nothing():
    """Restraint in asking is paid in the share of the outcomes."""
    case = hip(anaemia="vague")
    assert points(case.judge(replace(case.whole, queries=(), disposition="")), "Query and disposition") == 0


def test_the_disposition_is_the_record_s_last_line():
    """Another is named beside it; the Encounter does not tell."""
    case = hip(leave="rehabilitation")
    told = finding(case.judge(replace(case.whole, disposition="03")), "disposition")
    assert told.earned == 0 and "62" in told.title and "you put 03" in told.title
    [visit] = [r for r in case.planting.resources if r["resourceType"] == "Encounter"]
    assert "hospitalization" not in visit


# ------------------------------------------------------------------ the group
def test_the_group_is_not_earned_by_a_code_that_the_record_does_not_carry():
    """Without the type of failure an MCC that nobody wrote brings the group back, and not the points."""
    case = with_slots("heart-and-kidneys", hf="diastolic", wound="two", pneumonia="ruled-out", aki="later")
    thin = [c for c in case.exemplar if c.code != "I50.33"]
    report = case.judge([*thin, Coded("A41.9", "Y")])
    assert figures(report)["MS-DRG"].value == "291; the record supports 291" and not finding(report, "drg").met
    assert "does not carry" in finding(report, "drg").why


def test_a_turned_first_place_does_not_lose_the_group_again():
    """I50.33 first comes to another group; behind I13.0 it is the record's."""
    case = with_slots("heart-and-kidneys", hf="diastolic", wound="two", pneumonia="ruled-out", aki="later")
    report = case.judge(sorted(case.exemplar, key=lambda c: c.code != "I50.33"))
    assert figures(report)["MS-DRG"].value.startswith("292") and finding(report, "drg").met
    assert "nothing is lost twice" in finding(report, "drg").why


def test_an_attempt_from_before_the_group_was_judged_is_not_held_against_her():
    """Its evidence has none frozen: the points are shared."""
    case = hip()
    work = activity.parse(proving.form_of(case.whole))
    evidence = replace(activity.evidence(work, MemoryChart(case.planting.resources)), groups=())
    assert activity.grade(work, case.key, evidence).score == 100
    old = {"release": evidence.release, "codes": [], "texts": {}}
    assert activity.Evidence(**old).groups == () and Work(codes=()).procedures == ()


# ------------------------------------------------------------------ local policy
def test_a_policy_of_the_task_turns_what_is_open_into_what_is_expected():
    """Half weight, in the learner's axis, outside the figure; the debrief and the desk say which policy held."""
    chart = MemoryChart()
    seed = next(s for s in range(500) if ACUTE.items() <= planted("hip", s).key.variant.slots.items())
    params = planting.Params("hip", policy={"external_cause": "expected", "transfusion": "expected"})
    case = Case(activity.plant(params, seed, chart))
    assert case.judge(case.whole).score == 100
    assert {"W01.0XXA", "Y92.010"} < {c.code for c in case.exemplar}
    assert "30233N1" in [d.code for d in case.whole.procedures]
    less = case.judge(planted("hip", seed).whole)
    told = finding(less, "code:W01.0XXA")
    assert told.possible == pytest.approx(finding(less, "code:E03.9").possible / 2) and not told.met
    assert figures(less)["Local policy: external cause"].value == "expected"
    assert "own choice" in figures(less)["Local policy: external cause"].note
    assert figures(planted("hip", seed).judge(case.whole))["Local policy: external cause"].value == "optional"
    assert any("expected" in line for line in case.planting.shown.policies)


@pytest.mark.parametrize("policy", [{"weather": "expected"}, {"sdoh": "forbidden"}])
def test_a_policy_that_does_not_exist_is_refused_by_name(policy):
    """The author reads which there are."""
    with pytest.raises(BadPack, match="external_cause"):
        activity.plant(planting.Params("hip", policy=policy), 0, MemoryChart())


# ------------------------------------------------------------------ solutions
def two_solutions() -> Case:
    """The hip again, as if hyponatraemia might lead as well: then the anaemia falls away and the group is another."""
    case = hip()
    table = json.loads(json.dumps(case.key.variant.table))
    first = case.key.principals[0]
    next(r for r in table["code"] if r["code"] == "D62")["led_by"] = [first]
    extra = next(r for r in table["code"] if r["code"] == "E03.9") | {
        "code": "E03.8", "led_by": ["E87.1"], "words": "Other hypothyroidism"}
    next(r for r in table["code"] if r["code"] == "E03.9")["led_by"] = [first]
    table["code"].append(extra)
    table["alternate"] = [{"principal": "E87.1", "rule": "Guidelines II.C", "why": "Both were treated equally."}]
    table["drg"] = [{"number": "981", "why": "x", "led_by": ["E87.1"]}, *table["drg"]]
    assert not list(shape.misspelled(table)) and not list(shape.faults(table))
    variant = replace(case.key.variant, table=table)
    mark = case.planting.shown.encounter.removeprefix("en-")
    made = reading.make_key(variant, planting.papers(variant, mark), codes(), planting.rows(variant, mark))
    return Case(replace(case.planting, key=made))


def test_another_principal_brings_its_own_secondaries_and_its_own_group():
    """Each solution whole; a mixture of the two is neither."""
    case = two_solutions()
    other = case.key.led_by("E87.1")
    assert {e.code for e in case.key.entries} ^ {e.code for e in other.entries} == {"D62", "E03.9", "E03.8"}
    assert "M80.052A" in {e.code for e in other.entries}, "what belongs to both is required in both"
    assert case.judge(case.whole).score == 100
    assert other.group is not None and other.group.number == "981" and case.key.group.number == "522"
    answer = proving.whole(other)
    report = case.judge(answer)
    assert [f for f in report.findings if not f.met and f.possible] == [
        f for f in report.findings if f.criterion == "drg" and not f.met], "all but the made-up group"
    assert "D62" not in [f.label for f in report.findings]
    assert case.judge(replace(answer, codes=(*answer.codes, Coded("D62", "N")))).score < report.score


# ------------------------------------------------------------------ the form
@pytest.mark.parametrize(("field", "value", "said"), [
    ("procedures", "{", "did not arrive whole"), ("procedures", "[3]", "Entry 1"),
    ("procedures", '["0SR"]', "ICD-10-PCS"), ("procedures", '["0SRO019"]', "ICD-10-PCS"),
    ("procedures", '[{"code": "0SRS019", "date": "4 June"}]', "date of 0SRS019"),
    ("procedures", '[{"code": "0SRS019", "spans": [{"row": "Patient/1"}]}]', "no row"),
    ("procedures", json.dumps(["0SRS019"] * 26), "at most"), ("queries", '["cause"]', "not a query"),
    ("queries", '[{"kind": "hunch"}]', "no kind"),
    ("queries", json.dumps([{"kind": "cause", "about": "x" * 201}]), "longer"),
    ("disposition", "99", "not a discharge disposition"), ("disposition", "home", "not a discharge disposition"),
])
def test_a_field_that_cannot_be_read_is_refused_saying_what_where_and_what_to_do(field, value, said):
    """Her words stay on the page."""
    with pytest.raises(BadWork) as refusal:
        activity.parse({field: value})
    assert said in refusal.value.message and refusal.value.hint and refusal.value.field == field


def test_a_procedure_that_does_not_exist_is_refused_before_it_is_judged():
    """Seven characters that no table holds."""
    with pytest.raises(BadWork, match="0SRR0J7") as refusal:
        hip().form({"codes": "[]", "procedures": '["0SRR0J7"]'})
    assert refusal.value.field == "procedures"


def test_a_form_of_before_still_reads_and_a_whole_one_comes_back_as_it_was():
    """Old drafts and stored work keep their meaning."""
    assert activity.parse({"codes": '["J02.0"]'}) == Work((Coded("J02.0"),))
    work = hip(anaemia="vague").whole
    assert activity.parse(proving.form_of(work)) == work == stored(activity.Work, work)
    assert activity.summary(work) == "6 codes, 1 procedure, 1 query"


def test_the_desk_says_what_it_asks():
    """Procedures and disposition where they are asked; the kinds of query in words; every row by its reference."""
    from test_roles_him_desk import task_of
    case = hip()
    view = activity.show(task_of(case), MemoryChart(case.planting.resources))
    assert view.asks_procedures and view.asks_disposition and view.dispositions["03"] and view.query_kinds == KINDS
    assert set(KINDS) == set(shape.QUERY_KINDS) and view.order == "3 Jun 11:50"
    assert all(len(s.references) == len(s.rows) for s in view.sheets) and len(view.sheets) == 3
    held = MemoryChart(case.planting.resources).held
    assert all(tuple(r.split("/", 1)) in held for s in view.sheets for r in s.references)
    office = activity.show(task_of(planted("cough")), MemoryChart(planted("cough").planting.resources))
    assert not office.asks_procedures and not office.asks_disposition and office.dispositions == {}


# ------------------------------------------------------------------ walls
def test_nothing_shown_or_planted_tells_a_procedure_a_query_or_a_group():
    """Checks 11 and 12: what a learner can read does not depend on the key."""
    for seed in range(4):
        case = planted("hip", seed)
        seen = json.dumps(stored(activity.Shown, case.planting.shown).__dict__) + json.dumps(case.planting.resources)
        told = [*(o.code for o in case.key.operations), *(q.compliant for q in case.key.questions),
                *(q.why for q in case.key.questions), *(n.why for n in case.key.needless),
                *(g.why for g in case.key.groups), *(w.why for w in case.key.wrong_operations),
                case.key.disposition.why, f'"{case.key.disposition.code}"']
        assert not [text for text in told if text in seen]
    table = json.loads(json.dumps(case.key.variant.table))
    for name in ("procedure", "query", "drg", "wrong_procedure", "wrong_query", "code", "wrong"):
        for line in table[name]:
            line |= {"why": "canary", "rule": "canary"}
    table["disposition"] |= {"code": "01", "why": "canary"}
    other = replace(case.key.variant, table=table)
    assert planting.plant_case(other, "abc123") == planting.plant_case(case.key.variant, "abc123")


def changed(name: str, **parts: object) -> Case:
    """A case of the library with some of its tables replaced."""
    held = planted(name)
    mark = held.planting.shown.encounter.removeprefix("en-")
    variant = replace(held.key.variant, table={**held.key.variant.table, **parts})
    made = reading.make_key(variant, planting.papers(variant, mark), codes(), planting.rows(variant, mark))
    return Case(replace(held.planting, key=made, resources=planting.plant_case(variant, mark)))


def test_an_outpatient_who_is_asked_where_the_patient_went_has_eight_points_for_it():
    """25, 27, 18, 10, 12, 8: with a disposition nothing is left to share but what the case does not have."""
    document = planted("sugar-and-pressure").key.papers[0].name
    case = changed("sugar-and-pressure", disposition={
        "code": "01", "words": "home", "rule": "UB-04, field 17", "why": "She went home.",
        "support": [[[document, planted("sugar-and-pressure").key.papers[0].text.split()[0]]]]})
    report = case.judge(case.whole)
    assert report.score == 100
    weights = {f.axis: 0.0 for f in report.findings}
    for f in report.findings:
        weights[f.axis] += f.possible
    asked = {"First-listed diagnosis": 25, "Secondary diagnoses": 27, "Nothing unsupported": 18, "Order of codes": 10,
             "Evidence cited": 12, "Query and disposition": 8}
    total = sum(asked[axis] for axis in weights)
    assert weights == pytest.approx({axis: 100 * asked[axis] / total for axis in weights})
    assert case.judge(replace(case.whole, disposition="")).score == pytest.approx(100 - 800 / total, abs=0.06)


def test_an_observation_stay_is_an_outpatient_with_an_order_of_its_own():
    """No POA, no procedures, no group; the order to observe stands in the record and is no admission."""
    visit = planted("cough").key.variant.table["encounter"]
    case = changed("cough", setting="observation", encounter={**visit, "watch": visit["start"]})
    order = next(r for r in case.planting.resources if r["resourceType"] == "ServiceRequest")
    [stay] = [r for r in case.planting.resources if r["resourceType"] == "Encounter"]
    assert order["code"]["coding"][0]["code"] == "place-in-observation" and stay["class"]["code"] == "OBSENC"
    report = case.judge(case.whole)
    assert not case.key.inpatient and report.score == 100
    assert not {"Present on admission", "Procedures", "MS-DRG"} & set(report.axes)


def test_a_task_sets_its_policy_in_its_params():
    """As a scenario folder writes it."""
    params = stored(planting.Params, planting.Params("hip", policy={"external_cause": "expected"}))
    assert params.policy == {"external_cause": "expected"} and planting.Params("hip").policy == {}
