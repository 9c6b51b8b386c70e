"""Four further reports: right answers, known mistakes, a second count, and what their hospitals are for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import report_counts
import report_draws
from hypothesis import given
from hypothesis import strategies as st
from report_desk import desk, problems

from roles.hi.build_report import rollup
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


@pytest.mark.parametrize(
    ("task", "seed", "every"),
    [
        *((task, 2, 0) for task in TASKS),
        (TASKS[0], 2, 6),
        *(pytest.param(task, seed, 1, marks=pytest.mark.long) for task in TASKS for seed in (2, 7, 19)),
    ],
)
def test_every_proof_comes_to_its_points_and_names_its_mistake(task: str, seed: int, every: int) -> None:
    """Exemplar and three other answers 100 in every report; hand-scored ones within two, known mistakes at their points
    and by their names. In the long tier each of them, in every report, and no line of the rubric is idle."""
    found = problems(task, seed, every)
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
def test_a_report_comes_to_a_hundred_in_its_axes(task: str) -> None:
    """Every point is asked once."""
    here = desk(task, 2)
    report = here.grade(here.right())
    by_axis: dict[str, float] = {}
    for finding in report.findings:
        by_axis[finding.axis] = by_axis.get(finding.axis, 0) + finding.possible
    assert {a: round(p, 6) for a, p in by_axis.items()} == dict(
        zip(("Rows", "Headline", "Chart", "Limits", "Runs elsewhere"), (55, 10, 15, 15, 5), strict=True)
    )
    assert report.score == 100


@pytest.mark.parametrize("task", [TASKS[0], *(pytest.param(task, marks=pytest.mark.long) for task in TASKS[1:])])
def test_a_blank_comes_to_nothing(task: str) -> None:
    """Nothing said earns nothing, also where spaces were typed."""
    here = desk(task, 2)
    for form in ({}, dict.fromkeys(here.right(), "  \n ")):
        assert here.grade(form).score == 0


@pytest.mark.parametrize("answers", [25, pytest.param(500, marks=pytest.mark.long)])
@pytest.mark.parametrize("task", TASKS)
def test_of_many_random_answers_ninety_nine_in_a_hundred_stay_at_thirty(task: str, answers: int) -> None:
    """Check 6: some filter, some period, the right labels at best, by somebody who has not read the request."""
    report_draws.low(desk(task, 2), answers)


@pytest.mark.parametrize("task", TASKS)
def test_another_number_scores_less_and_rows_given_twice_do(task: str) -> None:
    """A count that is off by one or missing in the report is another answer; the grain of the list counts."""
    here = desk(task, 2)
    form, fields = here.right(), here.planting.key.asked.report.fields
    name = here.params.headline.denominator.field
    for change in (f"{name} + 1", f"nullif({name}, {name})"):
        columns = ", ".join(f"{change} AS {f.name}" if f.name == name else f.name for f in fields)
        assert here.grade({**form, "sql_report": f"SELECT {columns} FROM ({form['sql_report']})"}).score < 80, change
    twice = f"FROM ({form['sql_lines']}) UNION ALL FROM ({form['sql_lines']})"
    assert here.grade({**form, "sql_lines": twice}).score < 80


@pytest.mark.parametrize("task", TASKS)
def test_every_point_is_lost_by_a_blank_and_earned_by_the_right_answer(task: str) -> None:
    """Check 14: no criterion is a gift, and none is out of reach."""
    here = desk(task, 2)
    blank, right = here.grade({}), here.grade(here.right())
    assert {f.criterion for f in blank.findings if f.met} == set()
    assert {f.criterion for f in right.findings if f.possible} == {f.criterion for f in right.findings if f.met}


@pytest.mark.parametrize("task", TASKS)
def test_every_pattern_is_asked_by_a_clause_and_every_mistake_is_told_apart(task: str) -> None:
    """What the request does not say is not planted; each known mistake differs from the key on both hospitals with
    unequal multiplicities, and from every other on the two together."""
    here = desk(task, 2)
    params, key = here.params, here.planting.key
    assert sorted(p for c in params.clauses for p in c.patterns) == sorted(SOURCES[params.patterns].traps)
    assert len(params.mistakes) >= 8
    labs = [h.lab for h in hospitals(key, here.labs)][2:4]
    right = [_print(expected(lab, key)) for lab in labs]
    seen: dict[str, str] = {}
    for mistake in (None, *params.mistakes):
        prints = [_print(expected(lab, key, mistake)) for lab in labs]
        name = mistake.name if mistake else "the key"
        assert mistake is None or all(a != b for a, b in zip(prints, right, strict=True)), name
        both = "".join(prints)
        assert both not in seen, f"{name} looks like {seen.get(both)}"
        seen[both] = name


def _print(results: tuple[Any, ...]) -> str:
    return json.dumps([sorted(map(str, rows.items())) for rows in results])


@pytest.mark.parametrize("task", TASKS)
def test_what_two_learners_are_given_differs_and_one_learner_gets_the_same_again(task: str) -> None:
    """Ids and days follow from the seed alone; five hospitals have five names."""
    source = desk(task, 2).params.patterns
    one, again, other = (planted(source, seed).build() for seed in (3, 3, 4))
    assert one == again and one != other
    assert {r["id"] for r in one}.isdisjoint(r["id"] for r in other)
    assert len(hidden(source)) == 4 and len({h.name for h in (*hidden(source), planted(source, 3))}) == 5


def test_no_month_of_a_hidden_hospital_is_without_a_coded_stay() -> None:
    """The request does not say what an index of nothing is, so no hospital asks it."""
    for hospital in hidden("groups"):
        report, _ = report_counts.case_mix(hospital.build())
        assert all(row[2] for row in report), hospital.name


@pytest.mark.parametrize("source", ["groups", "emergency", "unbilled", "records"])
def test_every_seed_plants_something_and_not_too_much(source: str) -> None:
    """Days and clocks hold on every spread of days, and a workspace gets a hundred and fifty resources at most."""
    for seed in range(0, 97, 4):
        assert 20 <= len(planted(source, seed).build()) <= 150, seed


@given(st.lists(st.integers(0, 2000), min_size=1, max_size=40), st.lists(st.none(), max_size=5))
def test_what_a_list_adds_up_to_is_what_its_rule_says(minutes: list[int], unknown: list[None]) -> None:
    """Each rule over values and NULLs, in any order; the 90th percentile has nine in ten at or below it."""
    rows = [(value,) for value in (*unknown, *minutes)]
    got = {
        rule: rollup.value(rule, ["m"], rows)
        for rule in ("count", "count m", "none m", "lacking m", "above m 480", "upto m 480", "sum m", "p90 m")
    }
    assert got["count"] == got["count m"] + got["none m"] and got["count m"] == got["above m 480"] + got["upto m 480"]
    assert got["lacking m"] == pytest.approx(100 * len(unknown) / len(rows)) and got["sum m"] == sum(minutes)
    assert min(minutes) <= got["p90 m"] <= max(minutes)
    assert sum(m <= got["p90 m"] + 1e-9 for m in minutes) >= 0.9 * (len(minutes) - 1)
    assert rollup.value("sum m", ["m"], [(None,)]) == 0 and rollup.value("p90 m", ["m"], [(None,)]) is None


@pytest.mark.parametrize("task", TASKS)
def test_the_same_rows_in_other_words_score_the_same(task: str) -> None:
    """Capitals, numbers as text, an extra column and another order of rows change nothing."""
    here = desk(task, 2)
    form = here.right()
    name = here.planting.key.asked.report.fields[0].name
    first, *more = [f.name for f in here.planting.key.asked.report.fields[1:]]
    columns = ", ".join(("'x' AS remark", f"{first}::VARCHAR AS {first}", *more, f"upper({name}) AS {name}"))
    sql = f"SELECT {columns} FROM ({form['sql_report']}) ORDER BY hash({name})"
    assert here.grade({**form, "sql_report": sql}).score == 100
