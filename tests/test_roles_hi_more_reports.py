"""Four further reports: right answers, known mistakes, a second count, and what their hospitals are for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import report_counts
from report_desk import Desk, desk, problems

from roles.hi.build_report.hospitals import SOURCES, hidden, planted
from roles.hi.build_report.running import expected, hospitals
from sandbox.activity import rows_as_multiset

COUNTS: dict[str, Callable[[Any], tuple[report_counts.Rows, report_counts.Rows]]] = {
    "hi-case-mix-index": report_counts.case_mix,
    "hi-emergency-stay": report_counts.emergency,
    "hi-unbilled-days": report_counts.unbilled,
    "hi-delinquent-records": report_counts.delinquent,
}
TASKS = tuple(COUNTS)


@pytest.mark.parametrize("seed", [2, *(pytest.param(seed, marks=pytest.mark.long) for seed in (7, 19))])
@pytest.mark.parametrize("task", TASKS)
def test_every_proof_comes_to_its_points_and_names_its_mistake(task: str, seed: int) -> None:
    """Exemplar and three other answers 100, each known mistake at its points and by its name, no rubric line idle."""
    found = problems(task, seed)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("task", TASKS)
def test_a_second_count_in_plain_python_comes_to_the_same_rows(task: str) -> None:
    """The key against a count that knows no SQL and no view, in the shown and in every hidden hospital."""
    here = desk(task, 2)
    asked = here.planting.key.asked
    for h in hospitals(here.planting.key, here.labs):
        counted = COUNTS[task](h.lab.resources)
        for rows, result, right in zip(
            counted, (asked.report, asked.lines), expected(h.lab, here.planting.key), strict=True
        ):
            mine = rows_as_multiset([f.name for f in result.fields], rows, result.shape)
            assert mine is not None and result.shape.same(mine, right), (h.name, right - mine, mine - right)
        assert counted[1], h.name


@pytest.mark.parametrize("task", TASKS)
def test_a_blank_comes_to_nothing_and_a_report_to_a_hundred_in_its_axes(task: str) -> None:
    """Every point is asked once; nothing said earns nothing, also where spaces were typed."""
    here = desk(task, 2)
    report = here.grade(here.right())
    by_axis: dict[str, float] = {}
    for finding in report.findings:
        by_axis[finding.axis] = by_axis.get(finding.axis, 0) + finding.possible
    assert {a: round(p, 6) for a, p in by_axis.items()} == dict(
        zip(("Rows", "Headline", "Chart", "Limits", "Runs elsewhere"), (55, 10, 15, 15, 5), strict=True)
    )
    assert report.score == 100
    for form in ({}, dict.fromkeys(here.right(), "  \n ")):
        assert here.grade(form).score == 0


@pytest.mark.parametrize("task", TASKS)
def test_every_pattern_is_asked_by_a_clause_and_every_mistake_is_told_apart(task: str) -> None:
    """What the request does not say is not planted; each known mistake differs from the key and from every other on
    the two hospitals with unequal multiplicities, and from the key on two hospitals at least."""
    here = desk(task, 2)
    params, key = here.params, here.planting.key
    assert sorted(p for c in params.clauses for p in c.patterns) == sorted(SOURCES[params.patterns].traps)
    assert len(params.mistakes) >= 8
    labs = [h.lab for h in hospitals(key, here.labs)]
    seen: dict[str, str] = {}
    for mistake in (None, *params.mistakes):
        prints = [json.dumps([sorted(map(str, rows.items())) for rows in expected(lab, key, mistake)]) for lab in labs]
        right = [json.dumps([sorted(map(str, rows.items())) for rows in expected(lab, key)]) for lab in labs]
        name = mistake.name if mistake else "the key"
        assert mistake is None or sum(a != b for a, b in zip(prints, right, strict=True)) >= 2, name
        both = "".join(prints[2:4])
        assert both not in seen, f"{name} looks like {seen.get(both)}"
        seen[both] = name


@pytest.mark.parametrize("task", TASKS)
def test_what_two_learners_are_given_differs_and_one_learner_gets_the_same_again(task: str) -> None:
    """Ids and days follow from the seed alone, and a workspace gets few resources; every limit has its reason."""
    one, again, other = Desk(task, 3), Desk(task, 3), desk(task, 2)
    assert one.planting == again.planting and one.planting.resources != other.planting.resources
    assert len(one.planting.resources) <= 150
    assert {r["id"] for r in one.planting.resources}.isdisjoint(r["id"] for r in other.planting.resources)
    assert len(hidden(one.params.patterns)) == 4


def test_no_month_of_a_hidden_hospital_is_without_a_coded_stay() -> None:
    """The request does not say what an index of nothing is, so no hospital asks it."""
    for hospital in hidden("groups"):
        report, _ = report_counts.case_mix(hospital.build())
        assert all(row[2] for row in report), hospital.name


@pytest.mark.parametrize("source", ["groups", "emergency", "unbilled", "records"])
def test_every_seed_plants_something_and_not_too_much(source: str) -> None:
    """Days and clocks hold on every spread of days, and a workspace gets a hundred and fifty resources at most."""
    for seed in range(97):
        assert 20 <= len(planted(source, seed).build()) <= 150, seed
