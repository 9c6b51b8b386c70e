"""What every grader owes a learner, asked of the report desk: the checks that hold whatever she sends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import report_draws
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_desk import REPORTS, params_of
from test_roles_hi_reports import TASKS, desk

from roles.hi.build_report import activity, naming, presenting, running
from roles.hi.build_report.headline import Sums, agrees, wilson
from roles.hi.build_report.mistakes import Fit
from roles.hi.build_report.work import ChartWork, Work, read
from sandbox.activity import BadWork, SqlProblem

ROOT = Path(__file__).resolve().parent.parent
PARAMS = {task: params_of(task) for task in REPORTS}
tasks = st.sampled_from(REPORTS)
quick = settings(max_examples=150, deadline=None)
FIELDS = [
    "sql_report",
    "sql_lines",
    "figure",
    "numerator",
    "denominator",
    "mark",
    "x",
    "y",
    "unit",
    "zero",
    "title",
    "sentence",
    "limit_crude",
    "limit_small",
    "measure",
    "visits",
    "reason",
    "by",
    "answer",
    "anything_else",
]


def points(findings: Any) -> float:
    return sum(f.earned for f in findings)


@quick
@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=60), max_size=12))
def test_any_form_is_work_or_a_plain_refusal(form: dict[str, str]) -> None:
    """Whatever text a page sends, parse gives Work or BadWork with a sentence; never anything else."""
    try:
        work = read(form)
    except BadWork as problem:
        assert problem.message and problem.field in FIELDS
    else:
        assert isinstance(work, Work)
        assert activity.summary(work)


@quick
@given(tasks, st.sets(st.integers(0, 9)), st.integers(0, 9))
def test_naming_one_more_limit_pays_if_it_holds_and_never_if_it_does_not(
    task: str, chosen: set[int], more: int
) -> None:
    """Adding a right limit never lowers the points, adding a wrong claim never raises them."""
    params = PARAMS[task]
    names = list(params.limits)
    more %= len(names)
    before = tuple(names[i] for i in sorted({n % len(names) for n in chosen} - {more}))
    after = (*before, names[more])
    low, high = (points(presenting.limits(Work(limits=w), params, 1.0)) for w in (before, after))
    assert high >= low if names[more] in params.right_limits else high <= low
    assert 0 <= high <= 15 + 1e-9


@quick
@given(tasks, st.permutations(range(10)))
def test_the_order_of_limits_is_irrelevant_and_repeating_one_counts_once(task: str, order: list[int]) -> None:
    """Limits are a set."""
    params = PARAMS[task]
    names = list(params.limits)
    straight = presenting.limits(Work(limits=tuple(names[:6])), params, 1.0)
    shuffled = presenting.limits(Work(limits=tuple(names[i] for i in order if i < min(6, len(names)))), params, 1.0)
    assert points(straight) == points(shuffled)
    assert read({f"limit_{n}": "on" for n in names}).limits == tuple(sorted(names))


def test_every_limit_ticked_earns_nothing_for_limits() -> None:
    """As many claims fail as hold."""
    for params in PARAMS.values():
        assert points(presenting.limits(Work(limits=tuple(params.limits)), params, 1.0)) == 0


@quick
@given(tasks, st.data())
def test_a_chart_is_paid_by_its_choices_alone(task: str, data: st.DataObject) -> None:
    """Fifteen at most, none for nothing, and the right choice of each never pays less than another."""
    params = PARAMS[task]
    rule, offers = params.chart_key, params.chart
    assert rule is not None and offers is not None
    mark = data.draw(st.sampled_from(["", "bar", "line", "point", "area", "arc"]))
    x, y = (data.draw(st.sampled_from(["", *offers.x, *offers.y])) for _ in range(2))
    got = points(presenting.chart(ChartWork(mark, x, y, "", "", data.draw(st.booleans())), rule, 1.0))
    best = points(presenting.chart(ChartWork(rule.marks[0], rule.x, rule.y[0], rule.unit, "", True), rule, 1.0))
    assert 0 <= got <= best == 15
    assert points(presenting.chart(ChartWork(title="A title", zero=True), rule, 1.0)) == 0


@quick
@given(
    st.integers(0, 500), st.integers(1, 500), st.sampled_from(["{:.1f}", "{:.1f} %", " {:.1f}%", "{:.2f}", "{:.6f}"])
)
def test_a_figure_may_be_spelled_as_people_spell_it(up: int, down: int, spelling: str) -> None:
    """With or without a per cent sign, rounded as asked or not at all: the same figure."""
    exact = 100 * up / down
    work = read({"figure": spelling.format(exact)})
    assert agrees(work.figure, exact, 1)
    assert not agrees(round(exact, 1) + 0.2, exact, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,378", 1378), ("12,3", 12.3), ("12.3 %", 12.3), ("1 378", 1378), ("5.2 days", 5.2), ("", None)],
)
def test_numbers_are_read_as_they_are_written(text: str, value: float | None) -> None:
    """Thousands and decimal commas, units and spaces."""
    assert read({"figure": text}).figure == value


@quick
@given(st.integers(0, 400), st.integers(1, 400))
def test_the_interval_holds_the_share_and_stays_between_nothing_and_all(up: int, down: int) -> None:
    """Wilson's interval contains the share it is about."""
    up = min(up, down)
    low, high = wilson(up, down)
    assert 0 <= low <= up / down + 1e-12 and up / down - 1e-12 <= high <= 1


def test_a_headline_is_judged_against_her_own_table_and_not_against_the_key() -> None:
    """Figures that follow from a wrong table earn their points; those of the right answer beside it do not."""
    asked = PARAMS["hi-readmission"].headline
    assert asked is not None
    mine = Sums(8, 50, 16.0)
    assert points(presenting.headline(Work(figure=16.0, numerator=8, denominator=50), asked, mine, 1.0)) == 10
    assert points(presenting.headline(Work(figure=15.6, numerator=7, denominator=45), asked, mine, 1.0)) == 0
    assert points(presenting.headline(Work(figure=16.0, numerator=8, denominator=50), asked, None, 1.0)) == 0


RESPELLED = (
    ("in capitals", lambda sql: f"SELECT upper(a) AS MONTH, b, c, d FROM ({sql}) t(a, b, c, d)"),
    (
        "as text with spaces",
        lambda sql: f"SELECT ' ' || a || ' ', b::VARCHAR, c::DOUBLE, d::VARCHAR FROM ({sql}) t(a, b, c, d)",
    ),
    ("as dates", lambda sql: f"SELECT (a || '-01')::DATE, b::DECIMAL(9, 3), c, d FROM ({sql}) t(a, b, c, d)"),
    ("in another order", lambda sql: f"SELECT * FROM ({sql}) t ORDER BY hash(month)"),
    ("with more columns", lambda sql: f"SELECT *, 'x' AS remark FROM ({sql}) t"),
)


@pytest.mark.parametrize(("how", "respell"), RESPELLED)
def test_the_same_rows_in_other_words_score_the_same(how: str, respell: Any) -> None:
    """Case, spaces, form of dates, types of numbers, order of rows and extra columns change nothing."""
    here = desk("hi-readmission")
    form = here.right()
    assert here.grade({**form, "sql_report": respell(form["sql_report"])}).score == 100, how


@pytest.mark.parametrize("change", ["c + 1", "nullif(c, c)", "c * 1.5"])
def test_another_number_scores_less(change: str) -> None:
    """A count that is off by one, missing, or scaled is another answer."""
    here = desk("hi-readmission")
    form = here.right()
    names = f"a AS month, b AS index_discharges, {change} AS readmitted, d AS rate_pct"
    sql = f"SELECT {names} FROM ({form['sql_report']}) t(a, b, c, d)"
    assert here.grade({**form, "sql_report": sql}).score < 80


def test_rows_given_twice_are_another_answer() -> None:
    """The grain counts: each row twice is wrong, where ticking a box twice is not."""
    here = desk("hi-length-of-stay")
    form = here.right()
    twice = here.grade({**form, "sql_lines": f"FROM ({form['sql_lines']}) UNION ALL FROM ({form['sql_lines']})"})
    assert twice.score < 80


def test_what_depends_on_the_order_of_rows_is_told() -> None:
    """A LIMIT or first() without an order holds on one hospital and not on the same one reversed."""
    here = desk("hi-length-of-stay")
    form = here.right()
    sql = form["sql_report"].replace("avg(days) AS mean_days", "first(days) AS mean_days")
    report = here.grade({**form, "sql_report": sql})
    found = next(f for f in report.findings if f.criterion == "runs_elsewhere")
    assert not found.met and "order" in found.why


@pytest.mark.parametrize("task", TASKS)
def test_a_query_without_rows_is_not_told_that_its_rows_are_typed_in(task: str) -> None:
    """Nothing in every hospital is the same everywhere, and still nobody wrote it into the query."""
    here = desk(task)
    form = here.right()
    empty = {name: f"SELECT * FROM ({form[name]}) WHERE false" for name in ("sql_report", "sql_lines")}
    for sent in (empty, {"sql_lines": empty["sql_lines"]}):
        found = next(f for f in here.grade({**form, **sent}).findings if f.criterion == "runs_elsewhere")
        assert found.earned == 0 and "no rows" in found.why and "written into" not in found.why


@pytest.mark.parametrize("answers", [100, pytest.param(1000, marks=pytest.mark.long)])
@pytest.mark.parametrize("task", TASKS)
def test_of_many_random_answers_ninety_nine_in_a_hundred_stay_at_thirty(task: str, answers: int) -> None:
    """Check 6: queries put together by chance, some with the report of their own list; choices and ticks too."""
    report_draws.low(desk(task), answers)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(FIELDS[:12]), st.text(max_size=30) | st.sampled_from(report_draws.QUERIES), max_size=8
    )
)
def test_any_work_gets_a_score_in_range(form: dict[str, str]) -> None:
    """No answer, however odd, breaks the grader or leaves 0 to 100."""
    here = desk("hi-length-of-stay")
    try:
        report = here.grade(form)
    except BadWork:
        return
    assert 0 <= report.score <= 100


def test_the_same_bytes_in_another_process_with_another_hash_seed_and_time_zone() -> None:
    """A report does not depend on the process that makes it."""
    script = (
        "import sys, hashlib; sys.path.insert(0, 'tests')\n"
        "from pydantic import TypeAdapter\n"
        "from test_roles_hi_reports import desk\n"
        "from sandbox.activity import Report\n"
        "here = desk('hi-length-of-stay'); params = here.params\n"
        "sql = here.planting.key.sql(params.mistakes[0])\n"
        "report = here.grade(here.right(sql_report=sql[0], sql_lines=sql[1], limit_trend='on'))\n"
        "print(hashlib.sha256(TypeAdapter(Report).dump_json(report)).hexdigest())"
    )
    seen = set()
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=True
        )
        seen.add(done.stdout.strip())
    assert len(seen) == 1


@pytest.mark.parametrize("task", TASKS)
def test_every_point_is_lost_by_some_answer(task: str) -> None:
    """No criterion is a gift: a blank misses each, and each known mistake misses one of its own clauses."""
    here = desk(task)
    blank = here.grade({})
    right = here.grade(here.right())
    assert {f.criterion for f in blank.findings if f.met} == set()
    assert {f.criterion for f in right.findings if f.possible} == {f.criterion for f in right.findings if f.met}
    text = json.dumps([f.why for f in blank.findings])
    assert "wrong" not in text.casefold().split() and "should have" not in text


class StoppedLab:
    """A lab that refuses with one kind of problem, and counts how often it was asked."""

    name = "stopped"

    def __init__(self, kind: str) -> None:
        self.kind, self.asked = kind, 0

    def run(self, sql: str, *, rows: int = 5000, seconds: float = 5.0) -> Any:
        self.asked += 1
        raise SqlProblem("The query was stopped.", kind=self.kind)

    def schema(self) -> tuple[Any, ...]:
        return ()


def test_a_query_without_end_is_stopped_once_and_not_tried_in_every_hospital() -> None:
    """Time and memory are hers: one finding, and no further waiting."""
    lab = StoppedLab("time")
    hospital = running.Hospital("stopped", lab, ())
    asked = desk("hi-readmission").planting.key.asked
    pair = running.hers(hospital, ("SELECT 1", "SELECT 1"), asked, None)
    again = running.hers(hospital, ("SELECT 1", "SELECT 1"), asked, pair)
    assert lab.asked == 2 and again == pair and pair.report.problem


def test_a_lab_that_is_broken_marks_nobody() -> None:
    """What is not her query's doing is raised: the attempt stays ungraded."""
    hospital = running.Hospital("broken", StoppedLab("broken"), ())
    with pytest.raises(SqlProblem):
        running.hers(hospital, ("SELECT 1", ""), desk("hi-readmission").planting.key.asked, None)


def test_two_mistakes_that_both_fit_are_said_as_either_or() -> None:
    """No name is given where two would do; both sentences are."""
    here = desk("hi-length-of-stay")
    one, two = here.params.mistakes[:2]
    both = [Fit(m, True, True, frozenset()) for m in (one, two)]
    [said] = list(naming.findings(here.planting.key, [], both, 1.0))
    assert (
        said.mistake == "" and one.why in said.why and two.why in said.why and said.why.startswith("Your results fit")
    )
