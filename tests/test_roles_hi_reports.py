"""The two reports: exemplars, other right answers, known mistakes, and what a fair grader owes."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import TypeAdapter
from small_lab import TODAY, SmallLab, SmallLabs

from roles.hi.build_report import activity, proving
from roles.hi.build_report.hospitals import SOURCES, hidden, planted
from sandbox.activity import Form, Report

STORY = Path(__file__).resolve().parent.parent / "scenarios" / "hi-first-reports"
TASKS = ("hi-readmission", "hi-length-of-stay")


class Desk:
    """A task opened at a seed: what it planted, her chart, and labs to judge with."""

    def __init__(self, task: str, seed: int, story: Path = STORY) -> None:
        table = tomllib.loads((story / task / "task.toml").read_text(encoding="utf-8"))
        self.params = TypeAdapter(activity.Params).validate_python({**table["params"], **table["key"]})
        base: Any = SimpleNamespace(today=TODAY)
        self.planting = activity.plant(self.params, seed, base)
        lab = SmallLab(f"{task}-{seed}", self.planting.resources)
        self.chart: Any = SimpleNamespace(lab=lab, today=TODAY, trail=lambda: [])
        self.labs = SmallLabs(lab)

    def grade(self, form: Form) -> Report:
        """Through the same doors as a submission: parse, evidence, JSON and back, grade."""
        work = activity.parse(activity.completed(form, self.params, self.chart))
        evidence = activity.evidence(work, self.chart)
        stored = [
            TypeAdapter(k).validate_json(TypeAdapter(k).dump_json(v))
            for k, v in ((activity.Work, work), (activity.Evidence, evidence))
        ]
        return activity.grade(stored[0], self.planting.key, stored[1], self.labs)

    def right(self, **fields: str) -> dict[str, str]:
        return {**proving.right(self.params, self.planting.key), **fields}


@cache
def desk(task: str, seed: int = 11) -> Desk:
    return Desk(task, seed)


def proofs(here: Desk, folder: Path) -> list[Any]:
    found = []
    for path in sorted((folder / "proofs").glob("*.toml")):
        table = {"name": path.stem, **tomllib.loads(path.read_text(encoding="utf-8"))}
        found += activity.proofs(here.params, here.planting, table)
    return found


@pytest.mark.parametrize("seed", [2, 7])
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_comes_to_its_points_and_names_its_mistake(task: str, seed: int) -> None:
    """Exemplar and three other answers 100, each known mistake at its points and by its name, hand-scored ones ± 2.

    Check 14: no line of the rubric is idle. Each criterion is lost by some proof that is not blank, so that deleting it
    would change that proof's points.
    """
    whole_proofs(desk(task, seed), STORY / task)


def whole_proofs(here: Desk, folder: Path) -> None:
    """Every proof of a task's folder at its points; AssertionError names all that are not."""
    problems = []
    idle = {f.criterion for f in here.grade(here.right()).findings if f.possible}
    for proof in proofs(here, folder):
        report = here.grade(proof.form)
        named = {f.mistake for f in report.findings if f.mistake}
        lost = [f"{f.criterion} {f.earned:g}/{f.possible:g}" for f in report.findings if f.possible and not f.met]
        idle -= {f.split()[0] for f in lost} if not proof.name.startswith(("hard-coded", "shotgun")) else set()
        low = proof.score if proof.score is not None else proof.at_least if proof.at_least is not None else 0
        high = proof.score if proof.score is not None else proof.at_most if proof.at_most is not None else 100
        if not low - 0.051 <= report.score <= high + 0.051:
            problems.append(f"{proof.name}: {report.score}, not {low} to {high}: {lost[:8]}")
        if proof.mistake and named != {proof.mistake}:
            problems.append(f"{proof.name}: named {named}")
        problems += [f"{proof.name}: {c} is met" for c in proof.findings if c not in {f.split()[0] for f in lost}]
    problems += [f"no proof loses {criterion}" for criterion in sorted(idle)]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("task", TASKS)
def test_the_blank_and_the_white_space_come_to_nothing(task: str) -> None:
    """Nothing said earns nothing, also where spaces were typed."""
    fields = desk(task).right()
    for form in ({}, dict.fromkeys(fields, ""), dict.fromkeys(fields, "  \n ")):
        assert desk(task).grade(form).score == 0


@pytest.mark.parametrize("task", TASKS)
def test_a_report_sums_to_a_hundred_points_in_its_axes(task: str) -> None:
    """Every point is asked once: 55 rows, 10 headline, 15 chart, 15 limits, 5 elsewhere."""
    report = desk(task).grade(desk(task).right())
    by_axis: dict[str, float] = {}
    for finding in report.findings:
        by_axis[finding.axis] = by_axis.get(finding.axis, 0) + finding.possible
    assert {a: round(p, 6) for a, p in by_axis.items()} == {
        "Rows": 55,
        "Headline": 10,
        "Chart": 15,
        "Limits": 15,
        "Runs elsewhere": 5,
    }
    assert report.score == 100 and all(f.title and f.why for f in report.findings)


@pytest.mark.parametrize("task", TASKS)
def test_every_pattern_is_asked_by_a_clause_and_every_clause_has_patterns(task: str) -> None:
    """What the request does not say is not planted, and what it says is."""
    params = desk(task).params
    asked = [p for c in params.clauses for p in c.patterns]
    assert sorted(asked) == sorted(SOURCES[params.patterns].traps)
    assert len(params.mistakes) >= 8


@pytest.mark.parametrize("task", TASKS)
def test_no_two_mistakes_look_alike_on_the_unequal_hospitals(task: str) -> None:
    """Totals alone tell every pair of known mistakes apart on the hospitals with unequal multiplicities."""
    from roles.hi.build_report.running import expected, hospitals

    here = desk(task)
    labs = [h.lab for h in hospitals(here.planting.key, here.labs)][2:4]
    seen: dict[str, str] = {}
    for mistake in (None, *here.params.mistakes):
        print_ = json.dumps([sorted(map(str, expected(lab, here.planting.key, mistake)[0].items())) for lab in labs])
        assert print_ not in seen, f"{mistake and mistake.name} looks like {seen.get(print_)}"
        seen[print_] = mistake.name if mistake else "the key"


@pytest.mark.parametrize("task", TASKS)
def test_two_learners_get_different_hospitals_and_the_same_learner_the_same(task: str) -> None:
    """Variants: ids and days follow from the seed alone."""
    one, again, other = Desk(task, 3), Desk(task, 3), Desk(task, 4)
    assert one.planting == again.planting
    assert one.planting.resources != other.planting.resources
    assert len(one.planting.resources) <= 150
    assert {r["id"] for r in one.planting.resources}.isdisjoint(r["id"] for r in other.planting.resources)


@pytest.mark.parametrize("source", list(SOURCES))
def test_hidden_hospitals_have_ids_of_their_own_and_say_what_they_are(source: str) -> None:
    """Four hospitals under four names; no resource id stands twice in one, and references lead to resources in it."""
    names = set()
    for hospital in (*hidden(source), planted(source, 5)):
        resources = hospital.build()
        ids = [f"{r['resourceType']}/{r['id']}" for r in resources]
        assert len(ids) == len(set(ids))
        text = json.dumps(resources)
        references = {part.split('"')[0] for part in text.split('"reference": "')[1:]}
        assert references <= set(ids)
        names.add(hospital.name)
    assert len(names) == 5


def test_a_mistake_in_the_report_alone_is_named_and_the_list_keeps_its_points() -> None:
    """Her list is right; only the aggregate fans out: the clause loses half, and the debrief says where."""
    here = desk("hi-readmission")
    fan_out = next(m for m in here.params.mistakes if m.name == "diagnosis_fan_out")
    report = here.grade(here.right(sql_report=here.planting.key.sql(fan_out)[0]))
    named = [f for f in report.findings if f.mistake]
    assert [f.mistake for f in named] == ["diagnosis_fan_out"] and "Your list is right" in named[0].why
    clause = next(f for f in report.findings if f.criterion == "one_row_a_stay")
    assert clause.earned == pytest.approx(clause.possible / 2)
    assert report.score == 60 and "a quarter more" in report.caps[0].why


def test_two_mistakes_together_are_never_named_as_a_third() -> None:
    """A pair that no single mistake explains gets rows with reasons, and no name."""
    from itertools import combinations

    from roles.hi.build_report.definition import Mistake

    here = desk("hi-length-of-stay")
    tried = 0
    for one, two in combinations(here.params.mistakes[:8], 2):
        both = Mistake("both", "", "", (*one.edits, *two.edits))
        try:
            sql = here.planting.key.sql(both)
        except Exception:
            continue
        report = here.grade(here.right(sql_report=sql[0], sql_lines=sql[1]))
        named = {f.mistake for f in report.findings if f.mistake}
        assert named <= {one.name, two.name}, f"{one.name} and {two.name} read as {named}"
        tried += 1
    assert tried >= 15


def test_wrong_rows_are_shown_with_the_clause_they_break() -> None:
    """An unknown mistake gets up to three rows, each with its reason; none where ordinary stays are wrong as well."""
    here = desk("hi-readmission")
    for old, new, told in (("<> 'EL'", "= 'UR'", True), ("discharge_date <= 30", "discharge_date <= 7", False)):
        sql = [s.replace(old, new) for s in here.planting.key.sql()]
        report = here.grade(here.right(sql_report=sql[0], sql_lines=sql[1]))
        rows = [f for f in report.findings if f.criterion.startswith("row_")]
        assert 1 <= len(rows) <= 3 and not any(f.mistake for f in report.findings)
        assert all(("The clause is" in f.why) == told for f in rows)


def test_bad_sql_is_a_finding_and_not_an_error() -> None:
    """What fails in her query is said in its words; the rest is judged."""
    here = desk("hi-readmission")
    report = here.grade(here.right(sql_report="SELEC nothing"))
    assert report.score < 70
    assert any("SELEC" in f.why or "syntax" in f.why for f in report.findings)


def test_a_broken_key_is_raised_so_that_nobody_is_marked_for_it() -> None:
    """The author's fault leaves the attempt ungraded."""
    from dataclasses import replace

    from sandbox.activity import SqlProblem

    here = desk("hi-readmission")
    broken = replace(
        here.params,
        steps=tuple(replace(s, sql="SELECT nothing_there") if s.name == "report" else s for s in here.params.steps),
    )
    work = activity.parse(here.right(figure="1", numerator="1", denominator="1"))
    with pytest.raises(SqlProblem):
        activity.grade(work, replace(here.planting.key, params=broken), activity.evidence(work, here.chart), here.labs)
