"""Slips of form, reports beside their lists, and sentences of the debrief that must hold for what was sent."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_roles_hi_reports import desk

from roles.hi.build_report import activity, checking, forms, presenting, rollup
from roles.hi.build_report.headline import Sums
from roles.hi.build_report.running import frozen
from roles.hi.build_report.work import Work, read
from sandbox.activity import BadWork, Report
from sandbox.lab import readings

STAYS, RETURNS = "hi-length-of-stay", "hi-readmission"


def graded(task: str, report: str = "{}", lines: str = "{}", **fields: str) -> Report:
    """The right answer with its queries wrapped."""
    here = desk(task)
    form = here.right(**fields)
    sql = {"sql_report": report.format(form["sql_report"]), "sql_lines": lines.format(form["sql_lines"])}
    return here.grade({**form, **sql})


def why(report: Report, criterion: str) -> str:
    return next(f.why for f in report.findings if f.criterion == criterion)


@given(st.integers(2000, 2099), st.integers(1, 12))
def test_a_month_is_read_in_any_usual_spelling(year: int, number: int) -> None:
    """Words, slashes, one digit: the same month; what is no month stays as it is."""
    asked, name = f"{year}-{number:02d}", forms._MONTHS[number - 1]
    for spelt in (asked, f"{name} {year}", f"{name.title()}. {year}", f"{number}/{year}", f"{year}/{number}"):
        assert forms.month(spelt) == asked
    for other in ("spring", f"{year}-13", str(number), ""):
        assert forms.month(other) == other


@pytest.mark.parametrize(
    ("task", "report", "lines", "points", "told"),
    [
        (RETURNS, "SELECT * REPLACE (strftime((month || '-01')::DATE, '%b %Y') AS month) FROM ({})",
         "SELECT * REPLACE (strftime((month || '-01')::DATE, '%b %Y') AS month) FROM ({})", 90, "2026'` where"),
        (RETURNS, "{}", "SELECT * REPLACE (coalesce(return_encounter_id, '') AS return_encounter_id) FROM ({})", 95,
         "`''` where `NULL` is asked"),
        (STAYS, "SELECT * REPLACE (replace(lower(service), ' ', '-') AS service) FROM ({})",
         "SELECT * REPLACE (replace(lower(service), ' ', '-') AS service) FROM ({})", 90, "-"),
    ],
)  # fmt: skip
def test_another_form_throughout_costs_its_criterion_and_nothing_else(
    task: str, report: str, lines: str, points: float, told: str
) -> None:
    """It is read as meant, all clauses are met, and the debrief shows how it was written."""
    got = graded(task, report, lines)
    assert got.score == points and not got.caps
    assert told in why(got, "plain_lines") and "Written in another form" in why(got, "plain_lines")
    assert all(f.met for f in got.findings if f.label == "clause")


def test_a_missing_service_left_null_is_a_wrong_row_and_no_form() -> None:
    """NULL where words are asked costs its clause."""
    got = graded(STAYS, *["SELECT * REPLACE (nullif(service, 'Not recorded') AS service) FROM ({})"] * 2)
    assert [f.criterion for f in got.findings if f.possible and not f.met] == ["no_service"] and got.score == 96


def test_the_report_is_held_against_its_own_list_and_the_column_is_named() -> None:
    """Right list, one wrong column: five points, and figures of her own hospital; a row too many is said to be one."""
    got = graded(STAYS, "SELECT * REPLACE (median_days + 2 AS median_days) FROM ({})")
    assert got.score == 95 and "`median_days` of" in why(got, "plain_report")
    assert "your list gives" in why(got, "plain_report")
    got = graded(STAYS, "FROM ({}) UNION ALL SELECT 'All services', 9, 9, 1, 1")
    assert got.score == 95 and why(got, "plain_report") == "The row `All services` has no lines behind it."


@pytest.mark.parametrize("mistake", ["both_days_counted", "hours_up", "hours"])
def test_wrong_days_in_every_stay_leave_the_list_the_chart_and_the_limits_their_points(mistake: str) -> None:
    """Sixty at most, with a reason that holds; the report does add up and is not said not to."""
    here = desk(STAYS)
    wrong = next(m for m in here.params.mistakes if m.name == mistake)
    sql = here.planting.key.sql(wrong)
    got = here.grade(here.right(sql_report=sql[0], sql_lines=sql[1]))
    assert got.score == 60 and "column days is not as asked" in got.caps[0].why
    assert next(f for f in got.findings if f.criterion == "plain_report").met
    lost = {f.criterion for f in got.findings if f.possible and not f.met}
    assert lost <= {"plain_lines", "calendar_days", "same_day"}


def test_a_column_wrong_throughout_by_a_mistake_without_a_name_costs_its_clauses() -> None:
    """Three days too many in every row: nobody's mistake, and no clause is blamed for a row."""
    got = graded(STAYS, lines="SELECT * REPLACE (days + 3 AS days) FROM ({})", report="SELECT 1")
    assert {"calendar_days", "same_day", "local_days"} <= {f.criterion for f in got.findings if not f.met}
    rows = [f.why for f in got.findings if f.criterion.startswith("row_")]
    assert rows and not any("The clause is" in text for text in rows)


def test_a_row_given_twice_is_said_to_stand_twice_and_values_keep_their_capitals() -> None:
    """Not "should not be in the list"; and a service's name as it is written."""
    got = graded(STAYS, lines="FROM ({0}) UNION ALL (FROM ({0}) WHERE days > 30)")
    told = [f.why for f in got.findings if f.criterion.startswith("row_")]
    assert told and all("2 times; it should be there once" in text for text in told)
    got = graded(STAYS, lines="SELECT * REPLACE (if(days > 30, 30, days) AS days) FROM ({})")
    told = [f.why for f in got.findings if f.criterion.startswith("row_")]
    values = [text.partition(" reads `")[2] for text in told]
    assert values and all("`30`; it should read `" in text and text[0].isupper() for text in values)


def test_a_typed_report_earns_less_than_none_that_is_missing_its_list() -> None:
    """One row by hand: the list keeps its half, and there is no headline to a table of her own making."""
    typed = graded(STAYS, report="SELECT 'Cardiology' AS service, 8 AS discharges, 38 AS days, 4.8 AS m, 5 AS n")
    assert typed.score == 60 and "written into the query" in why(typed, "runs_elsewhere")
    assert graded(STAYS, sql_lines="", lines="").score == 65


def test_a_ceiling_that_does_not_bind_is_not_shown_and_nothing_right_is_called_missed_without_a_reason() -> None:
    """No "not above 60" beside a low score; what holds and is not paid says why."""
    got = graded(RETURNS, "SELECT * FROM encounter WHERE '{{}}' = ''", "SELECT 'e' AS a, '2026-01' AS b, NULL AS c")
    assert got.score < 20 and not got.caps
    for finding in got.findings:
        if finding.axis in ("Chart", "Limits", "Runs elsewhere") and "suits" in finding.why + finding.title:
            assert finding.met or "paid as far as" in finding.why


@pytest.mark.parametrize(
    ("figure", "told"), [(0.17, "fraction"), (25.0, "mean of the rows"), (9.0, "sum of the one column")]
)
def test_a_wrong_figure_gets_the_reason_that_holds(figure: float, told: str) -> None:
    """A fraction, a mean of rates, or neither."""
    asked = desk(RETURNS).params.headline
    assert asked is not None
    mine = Sums(17, 102, 100 * 17 / 102, 25.0)
    said = list(presenting.headline(Work(figure=figure, numerator=17, denominator=102), asked, mine, 1.0))
    assert told in said[0].why


def test_the_format_check_warns_of_months_in_words_and_of_fractions() -> None:
    """Before submitting, and without saying right or wrong."""
    here = desk(RETURNS)
    form = here.right(figure="", numerator="", denominator="")
    changed = "strftime((month || '-01')::DATE, '%b %Y') AS month, rate_pct / 100 AS rate_pct"
    sql = f"SELECT * REPLACE ({changed})"
    form["sql_report"] = f"{sql} FROM ({form['sql_report']})"
    tables: Any = (frozen(here.chart.lab, form["sql_report"]), frozen(here.chart.lab, form["sql_lines"]))
    said = [m["text"] for m in checking.check(read(form), here.planting.shown, *tables) if m["severity"] == "warning"]
    assert any("Report: month reads" in text and "form asked" in text for text in said)
    assert any("is asked in per cent" in text for text in said)


@pytest.mark.parametrize(("sql", "hinted"), [("SELECT sum(1) days", True), ("SELECT days FRM t", False)])
def test_a_name_that_is_a_word_of_sql_gets_the_hint_to_write_as(sql: str, hinted: bool) -> None:
    """DuckDB says "syntax error at or near", and a beginner needs AS."""
    word = sql.split()[2]
    said = readings.problem({"message": f'Parser Error: syntax error at or near "{word}"'}, sql, 5.0)
    assert ("AS days" in said.hint) == hinted


def test_a_choice_that_no_menu_offers_is_refused() -> None:
    """A plain 400 with the field, whatever a client sends."""
    with pytest.raises(BadWork) as refused:
        activity.parse({"measure": "number", "visits": "all", "reason": "any", "by": "service"})
    assert refused.value.field == "measure" and "“number”" in refused.value.message


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40)), min_size=1, max_size=30))
def test_a_list_adds_up_to_its_counts_sums_means_and_medians(stays: list[tuple[str, int]]) -> None:
    """The roll-up holds what the list holds, and a report differs from it only where a cell was changed."""
    asked = desk(STAYS).planting.key.asked
    lines = Counter((f"e{n}", service, days) for n, (service, days) in enumerate(stays))
    rolled = rollup.rolled(lines, asked, desk(STAYS).params.rollup)
    assert rolled is not None
    assert sum(float(row[1] or 0) for row in rolled) == len(stays)
    assert sum(float(row[2] or 0) for row in rolled) == sum(d for _, d in stays)
    assert not rollup.differs(rolled, rolled, asked) and rollup.cells_right(rolled, rolled, asked) == 1
    first, *rest = sorted(rolled, key=str)
    other = Counter([(*first[:3], float(first[3] or 0) + 1, first[4]), *rest])
    assert [d[:2] for d in rollup.differs(other, rolled, asked)] == [("mean_days", first[0])]
