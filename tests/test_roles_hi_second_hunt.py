"""The second hunt at Cedar Bend: found by independent SQL, proven at its points, fair to who points beside a fault."""

from __future__ import annotations

import random

import pytest
from test_planting_defects import FINDERS
from test_roles_hi_analysis import desk, lab, proofs

from roles.hi.analyze_data import activity
from roles.hi.analyze_data.hunting import KAHN

HUNT = "hi-questions-hunt/hi-second-hunt"
#: What would mend each defect's rows, given their keys.
MENDED = {
    "bad-date": "UPDATE observation SET effective_at = issued WHERE list_contains($ids, observation_id)",
    "wrong-system": "UPDATE condition SET system = 'http://hl7.org/fhir/sid/icd-10-cm' "
                    "WHERE list_contains($ids, condition_id)",
    "total-mismatch": "UPDATE claim SET total = total - 100 WHERE list_contains($ids, claim_id)",
    "closed-encounter-without-diagnosis": """INSERT INTO encounter_diagnosis (encounter_id, n, condition_id)
        SELECT unnest($ids), 1, (SELECT min(condition_id) FROM condition WHERE code = 'I10' AND system LIKE '%icd%')""",
    "unmapped-lab": "UPDATE observation SET code = '2345-7', system = 'http://loinc.org' "
                    "WHERE list_contains($ids, observation_id)",
    "insulin-without-diabetes": "DELETE FROM medication_request WHERE list_contains($ids, medication_request_id)",
    "end-before-start": "DELETE FROM location_stay WHERE list_contains($ids, encounter_id)",
    "one-patient-twice": "UPDATE patient SET replaced_by = 'x' WHERE list_contains($ids, patient_id)",
}


@pytest.mark.parametrize("seed", [4, 5])
def test_every_proof_comes_to_its_points_and_names_its_mistake(seed: int) -> None:
    """Exemplar 100, blank 0, each look-alike by its name; some proof loses each line of the rubric."""
    here, wrong = desk(HUNT, seed), []
    assert here.grade(activity.blank()).score == 0
    idle = {f.criterion for f in here.grade(here.right()).findings if f.possible}
    for proof in proofs(HUNT, seed):
        report = here.grade(proof.form)
        if proof.name != "shotgun":
            idle -= {f.criterion for f in report.findings if f.possible and not f.met}
        named = {f.mistake for f in report.findings if f.mistake}
        if abs(report.score - (proof.score or 0)) > 0.051 or (proof.mistake and proof.mistake not in named):
            wrong.append((proof.name, report.score, proof.score, named))
    assert wrong == []
    assert idle == set()


@pytest.mark.parametrize("seed", [4, pytest.param(9, marks=pytest.mark.long)])
def test_the_queries_of_a_careful_reader_find_the_eight_defects_and_nothing_else(seed: int) -> None:
    """What independent SQL gives, listed as it comes, is paid in full."""
    here, form, n = desk(HUNT, seed), {}, 0
    for fault in here.key.faults:
        rows = {row.rpartition("/")[2] for (row,) in lab(HUNT, seed).execute(FINDERS[fault.name]).fetchall()}
        assert rows
        for row in sorted(rows):
            n += 1
            column = next(r.columns[-1] for r in fault.rows if row in r.ids)  # the least likely of those that count
            form |= {f"find{n}_row": row, f"find{n}_column": column, f"find{n}_kahn": fault.kahn[-1]}
            form |= {f"find{n}_matters": "on"} if fault.name in here.params.matters else {}
    assert n <= 24
    assert here.grade(form).score == 100


def test_the_defects_that_matter_are_those_that_change_the_report() -> None:
    """The report's own SQL, run before and after each defect is mended, says which."""
    here, con = desk(HUNT), lab(HUNT)
    sql = (here.params.hunt.sql if here.params.hunt else "") + " ORDER BY 1"
    before, matters = con.execute(sql).fetchall(), set()
    for fault in here.key.faults:
        con.execute("BEGIN")
        con.execute(MENDED[fault.name], {"ids": [i for row in fault.rows for i in row.ids]})
        if con.execute(sql).fetchall() != before:
            matters.add(fault.name)
        con.execute("ROLLBACK")
    assert len(before) >= 4
    assert matters == set(here.params.matters)


def test_the_hunts_share_no_defect_and_together_take_sixteen_of_the_twenty_three() -> None:
    """Who did the first has not done the second."""
    first, second = desk("hi-questions-clinic/hi-defect-hunt").params, desk(HUNT).params
    assert len(set(first.defects) | set(second.defects)) == 16
    assert {f.kahn[0] for f in desk(HUNT).key.faults} >= {
        "conformance/value", "conformance/computational", "completeness", "plausibility/uniqueness",
        "plausibility/atemporal", "plausibility/temporal"}


def test_pointing_at_the_visit_or_the_person_of_a_fault_costs_nothing() -> None:
    """The visit of a wrong bill, the patient of an order: seen, and not which row; no false alarm."""
    here, right = desk(HUNT), desk(HUNT).right()
    for fault in here.key.faults:
        for n, near in enumerate(sorted(fault.near)[:3]):
            report = here.grade({**right, f"find{20 + n}_row": near})
            assert report.score == 100, (fault.name, near)


def test_a_list_of_everything_and_lists_drawn_blindly_stay_low() -> None:
    """Of 300 lists of 24 rows, the 99th in 100 stays at 30 or less."""
    here, dice, scores = desk(HUNT), random.Random(5), []
    columns = sorted({c for f in here.key.faults for r in f.rows for c in r.columns})
    for _ in range(300):
        form = {f"find{n}_{part}": value for n in range(1, 25) for part, value in (
            ("row", dice.choice(here.key.clinic)), ("column", dice.choice(columns)), ("kahn", dice.choice(list(KAHN))),
            ("matters", dice.choice(("", "on"))))}
        scores.append(here.grade(form).score)
    assert sorted(scores)[296] <= 30


@pytest.mark.long
def test_every_proof_holds_at_twenty_seeds() -> None:
    """The whole table of proofs, as `check` runs it."""
    for seed in range(20):
        for proof in proofs(HUNT, seed):
            report = desk(HUNT, seed).grade(proof.form)
            assert abs(report.score - (proof.score or 0)) <= 0.051, (seed, proof.name, report.score)
