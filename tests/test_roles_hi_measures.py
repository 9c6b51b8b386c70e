"""The two quality measures: a second count patient by patient, other right answers, known mistakes, and their words."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import measures_by_hand
import orjson
import pytest
import report_desk as reports
from table_lab import TableLab
from test_roles_hi_record import Sitting

from roles.hi.build_report import activity
from roles.hi.build_report.hospitals import SOURCES, hidden, planted
from roles.hi.build_report.running import expected, expected_lines, hospitals
from sandbox.fhir import store
from sandbox.house import House

Count = Callable[[Any], dict[str, tuple[str, str | None]]]
MEASURES: dict[str, Count] = {"hi-cms122": measures_by_hand.cms122, "hi-cms165": measures_by_hand.cms165}
READ = ("Patient", "Encounter", "Condition", "Observation", "ServiceRequest", "Procedure")


desk, proofs = reports.desk, reports.proofs


def by_key(task: str, lab: Any) -> dict[str, tuple[str, str | None]]:
    """Patient → the rest of her line, as the exemplar has it."""
    rows = expected_lines(lab, desk(task).planting.key)
    assert max(rows.values(), default=1) == 1
    return {str(p): (str(group), None if said is None else str(said)) for p, group, said in rows}


@pytest.mark.parametrize("task", MEASURES)
def test_a_second_count_agrees_patient_by_patient_on_every_hospital(task: str) -> None:
    """Plain Python over the resources and SQL over the tables name the same patients, groups and outcomes, in the four
    hidden hospitals and in what a learner is given."""
    here, seen = desk(task), 0
    for hospital in hidden(here.params.patterns):
        people = hospital.build()
        by_hand = MEASURES[task](people)
        assert by_key(task, here.labs.hidden(hospital.name, hospital.build, reports.TODAY)) == by_hand, hospital.name
        seen += len(by_hand)
    assert by_key(task, here.labs.shown) == MEASURES[task](here.planting.resources)
    assert seen > 300


def test_a_second_count_agrees_on_the_generated_hospital(house: House) -> None:
    """The hospital that everybody gets, 2025 as it was: the same patients in both measures, some of each outcome."""
    with house.db.reading() as conn:
        base = store.default_hospital(conn)
        assert base is not None
        everything = [r for t in store.texts(conn, base.ws) if (r := orjson.loads(t))["resourceType"] in READ]
    lab = TableLab("generated", everything)
    for task, count in MEASURES.items():
        by_hand = count(everything)
        assert by_key(task, lab) == by_hand, task
        assert len(by_hand) >= 5 and {said is None for _, said in by_hand.values()} == {True, False}


@pytest.mark.parametrize("task", MEASURES)
def test_other_right_answers_come_to_a_hundred(task: str) -> None:
    """The exemplar and three answers of another make, in full; the other proofs are tried in the long run."""
    right = [proof for proof in proofs(task, 11) if proof.score == 100]
    assert len(right) >= 4
    for proof in right:
        assert desk(task).grade(proof.form).score == 100, proof.name


@pytest.mark.long
@pytest.mark.parametrize("task", MEASURES)
def test_every_proof_comes_to_its_points_and_names_its_mistake(task: str) -> None:
    """Each known mistake at its points and by its name, and every point is lost by some proof."""
    found = reports.problems(task, 2)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("task", ["hi-cms122", pytest.param("hi-cms165", marks=pytest.mark.long)])
def test_a_mistake_is_named_and_said_in_words_of_patients(task: str) -> None:
    """Whoever loses the untested, or those without a reading, is told so by name; nothing in the debrief says stay,
    and what is quoted are patients of her own hospital."""
    here = desk(task)
    mistake = here.params.mistakes[0]
    sql = here.planting.key.sql(mistake)
    report = here.grade(here.right(sql_report=sql[0], sql_lines=sql[1]))
    assert {f.mistake for f in report.findings if f.mistake} == {mistake.name}
    own = [f for f in report.findings if f.label in ("lines", "report")]
    assert own and not any("stay" in f"{f.title} {f.why}" for f in own)
    quoted = [q for f in report.findings for q in f.evidence]
    assert quoted and all(q.reference.startswith("Patient/") and "born" in q.passage for q in quoted)


def test_a_reason_with_a_line_and_a_group_with_a_dash_are_read_as_they_are_meant() -> None:
    """“no_test” and “18–44” cost the form of list and report, five points each, and no clause."""
    here = desk("hi-cms122")
    form = here.right()
    dashed = "SELECT * REPLACE (replace(age_group, '-', '–') AS age_group{}) FROM ({})"
    sql = {
        "sql_lines": dashed.format(", replace(reason, 'no ', 'no_') AS reason", form["sql_lines"]),
        "sql_report": dashed.format("", form["sql_report"]),
    }
    report = here.grade({**form, **sql})
    assert report.score == 90 and all(f.met for f in report.findings if f.label == "clause")


@pytest.mark.parametrize("task", MEASURES)
def test_every_pattern_is_asked_by_a_clause_and_every_clause_is_worth_something(task: str) -> None:
    """What the request does not say is not planted; the clauses' weights add up to forty points; each clause that is
    CMS's says the version that it follows."""
    params = desk(task).params
    assert sorted(p for c in params.clauses for p in c.patterns) == sorted(SOURCES[params.patterns].traps)
    report = desk(task).grade(desk(task).right())
    clauses = [f for f in report.findings if f.label == "clause"]
    assert report.score == 100 and sum(f.possible for f in clauses) == pytest.approx(40)
    assert all(c.rule.startswith(f"CMS{task[-3:]}v13") for c in params.clauses if c.rule)
    assert sum(bool(c.rule) for c in params.clauses) >= 12 and len(params.mistakes) >= 9


@pytest.mark.long
@pytest.mark.parametrize("task", MEASURES)
def test_no_two_mistakes_look_alike_on_the_unequal_hospitals(task: str) -> None:
    """Totals alone tell every pair of known mistakes apart on the hospitals with unequal multiplicities."""
    here = desk(task)
    labs = [h.lab for h in hospitals(here.planting.key, here.labs)][2:4]
    seen: dict[str, str] = {}
    for mistake in (None, *here.params.mistakes):
        print_ = json.dumps([sorted(map(str, expected(lab, here.planting.key, mistake)[0].items())) for lab in labs])
        assert print_ not in seen, f"{mistake and mistake.name} looks like {seen.get(print_)}"
        seen[print_] = mistake.name if mistake else "the key"


@pytest.mark.parametrize("source", ["sugars", "pressures"])
def test_two_learners_get_different_patients_and_not_too_many(source: str) -> None:
    """What is planted follows from the seed alone, and a workspace stays small."""
    one, again, other = (planted(source, seed).build() for seed in (3, 3, 4))
    assert one == again != other
    assert len(one) <= 260
    assert {r["id"] for r in one}.isdisjoint(r["id"] for r in other)


def test_the_request_names_version_year_exclusions_and_what_it_is_not() -> None:
    """Both say which version they follow, for 2025, whom they leave out, and what they are not."""
    for task in MEASURES:
        ask = (reports.FOLDERS[task] / "ask.md").read_text(encoding="utf-8")
        number = task[-3:]
        for words in (f"CMS{number}v13", "2025", "Left out", "hospice", "who has died stays in", "not that measure"):
            assert words in ask, (task, words)
        assert "CPT" in ask and activity.version


@pytest.mark.long
@pytest.mark.parametrize("task", MEASURES)
def test_of_many_random_answers_ninety_nine_in_a_hundred_stay_at_thirty(task: str) -> None:
    """Check 6: patients by some filter, in some group, with some outcome, by somebody who has not read the request."""
    here, dice = desk(task), random.Random(7)
    name = here.params.report.fields[2].name if here.params.report else ""
    last = here.params.lines.fields[2].name if here.params.lines else ""
    scores = []
    for _ in range(200):
        where = dice.choice(["true", "replaced_by IS NULL", "sex = 'female'", "birth_date < '1970-01-01'"])
        group = dice.choice(["'18-44'", "'45-64'", "CASE WHEN birth_date < '1961-01-01' THEN '65-75' ELSE '45-64' END"])
        said = dice.choice(["NULL", "'no test'", "'above 9'", "DATE '2025-06-30'", "nullif(sex, 'female')"])
        lines = f"SELECT patient_id, {group} AS age_group, {said} AS {last} FROM patient WHERE {where}"
        counts = f"count({last}) AS {name}, 100.0 * count({last}) / count(*) AS rate_pct"
        report = f"SELECT age_group, count(*) AS patients, {counts} FROM ({lines}) GROUP BY 1"
        ticks = {f"limit_{limit}": "on" for limit in here.params.limits if dice.random() < 0.5}
        chart = {"mark": dice.choice(["bar", "arc"]), "x": "age_group"}
        scores.append(here.grade({"sql_lines": lines, "sql_report": report, **chart, **ticks}).score)
    assert sorted(scores)[197] <= 30


@pytest.mark.long
def test_a_diagnosis_coded_at_a_visit_of_2025_puts_a_patient_into_the_measure(house: House) -> None:
    """The tables are her own record: what somebody codes at an office visit, in whichever seat, changes the next
    figure; what she is quoted can be read in it."""
    with house.db.writing() as conn:
        ada = Sitting(house, conn, "hi-quality-measures", "hi-cms122")
        sql = ada.planting.key.sql()[1]
        before = {row[0] for row in ada.chart.lab.run(sql).rows}
        patient, visit = ada.chart.lab.run(
            """SELECT patient_id, encounter_id FROM encounter JOIN encounter_dx USING (encounter_id, patient_id)
            WHERE class = 'AMB' AND status = 'finished' AND year(local_date(start_at)) = 2025 AND code = 'M54.50'
            ORDER BY ALL LIMIT 1"""
        ).rows[0]
        assert patient not in before
        coding = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.9"}
        ada.chart.create(
            {
                "resourceType": "Condition",
                "subject": {"reference": f"Patient/{patient}"},
                "encounter": {"reference": f"Encounter/{visit}"},
                "code": {"coding": [coding], "text": "Type 2 diabetes"},
                "onsetDateTime": "2025-01-15",
            }
        )
        after = {row[0]: row[2] for row in ada.chart.lab.run(sql).rows}
        assert set(after) - before == {patient} and after[patient] == "no test"
        assert ada.grade("exemplar").score == 100
        report = ada.grade("mistake untested_lost")
        assert {f.mistake for f in report.findings if f.mistake} == {"untested_lost"}
        for quote in (q for f in report.findings for q in f.evidence):
            assert ada.chart.read(*quote.reference.split("/"))["resourceType"] == "Patient"
