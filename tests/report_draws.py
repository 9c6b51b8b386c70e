"""Answers to a report's task that were put together by chance: queries by somebody who has not read the request."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from roles.hi.build_report.definition import Params
from roles.hi.build_report.running import expected_report
from sandbox.activity import Form

QUERIES = [
    "",
    "SELECT 1",
    "SELECT nothing",
    "SELECT * FROM encounter",
    "SELECT '2026-01' AS month, 10 AS index_discharges, 1 AS readmitted, 10.0 AS rate_pct",
    "SELECT encounter_id, '2026-03' AS month, NULL AS r FROM encounter WHERE class = 'IMP'",
    "SELECT service, count(*) AS discharges, 5 AS days, 5 AS mean_days, 5 AS median_days FROM encounter GROUP BY 1",
]
WHERE = (
    ("class = 'EMER'", "class = 'IMP'", "class <> 'AMB'", "true"),
    ("status = 'finished'", "status <> 'cancelled'", "true"),
    ("end_at >= TIMESTAMP '2026-01-01'", "end_at >= TIMESTAMP '2026-05-01'", "end_at IS NOT NULL"),
)
PATIENTS = (("true", "replaced_by IS NULL", "sex = 'female'"), ("true", "birth_date < '1970-01-01'"))
GROUPS = ("'18-44'", "'45-64'", "CASE WHEN birth_date < '1961-01-01' THEN '65-75' ELSE '45-64' END")
NUMBERS = ("1", "3", "day(end_at)", "date_diff('hour', start_at, end_at)", "date_diff('minute', start_at, end_at)")
WORDS = ("service", "service_type", "class", "status", "priority", "disposition", "NULL")
LINKS = ("NULL", "encounter_id", "patient_id", "lead(encounter_id) OVER (ORDER BY start_at)")
SAID = ("NULL", "'no test'", "'above 9'", "DATE '2025-06-30'", "nullif(sex, 'female')")
#: A column of the report as SQL over the list's column x, by the first word of its rule.
RULES = {
    "count": "count({x})", "none": "count(*) - count({x})", "percent": "100.0 * count({x}) / count(*)",
    "lacking": "100.0 - 100.0 * count({x}) / count(*)", "sum": "sum({x})", "mean": "avg({x})",
    "median": "median({x})", "p90": "quantile_cont({x}, 0.9)", "above": "count(*) FILTER ({x} > {a})",
    "upto": "count(*) FILTER ({x} <= {a})", "ratio": "{b} * sum({x}) / nullif(sum({a}), 0)",
}  # fmt: skip


def lines_of(params: Params, dice: random.Random, labels: Sequence[str] = ()) -> str:
    """A list with the columns that are asked: some filter, some period, each column filled with something, that of the
    groups also with their `labels`."""
    assert params.lines
    first, *others = params.lines.fields
    of_patients = params.unit.resource == "Patient"
    filled = [f"{'patient_id' if of_patients else 'encounter_id'} AS {first.name}"]
    for field in others:
        if of_patients:
            offers = GROUPS if field is others[0] else SAID
        elif field.kind == "month":
            offers = tuple(f"strftime({at}, '%Y-%m')" for at in ("start_at", "end_at"))
        else:
            known = tuple(f"'{label}'" for label in labels) if field is others[0] else ()
            offers = LINKS if field.name.endswith("_id") else NUMBERS if field.kind in ("count", "number") else WORDS
            offers = (*known, *offers)
        filled.append(f"{dice.choice(offers)} AS {field.name}")
    where = " AND ".join(dice.choice(offers) for offers in (PATIENTS if of_patients else WHERE))
    return f"SELECT {', '.join(filled)} FROM {'patient' if of_patients else 'encounter'} WHERE {where}"


def report_of(params: Params, lines: str) -> str:
    """The report that follows from a list, by the task's own rules."""
    assert params.report
    group, *columns = params.report.fields
    sums = []
    for field in columns:
        what, x, a, b = (*params.rollup[field.name].split(), "", "", "")[:4]
        sums.append(f"{RULES[what].format(x=x or '*', a=a, b=b)} AS {field.name}")
    return f"SELECT {group.name}, {', '.join(sums)} FROM ({lines}) GROUP BY 1"


def answer(params: Params, dice: random.Random, labels: Sequence[str] = ()) -> Form:
    """A whole form by chance: half of the lists are drawn, half of their reports follow from them."""
    assert params.chart
    drawn = dice.random() < 0.5
    lines = lines_of(params, dice, labels) if drawn else dice.choice(QUERIES)
    report = report_of(params, lines) if drawn and dice.random() < 0.5 else dice.choice(QUERIES)
    return {
        "sql_report": report, "sql_lines": lines,
        "mark": dice.choice(["bar", "line", "arc"]), "x": dice.choice(params.chart.x),
        "y": dice.choice(params.chart.y), "unit": dice.choice(params.chart.units),
        "figure": str(dice.randint(1, 30)), "numerator": str(dice.randint(1, 30)),
        "denominator": str(dice.randint(30, 90)),
        **{f"limit_{name}": "on" for name in params.limits if dice.random() < 0.5},
    }  # fmt: skip


def low(here: Any, answers: int) -> None:
    """Of so many answers by chance, ninety-nine in a hundred come to thirty points at most; and some ran at all."""
    dice = random.Random(7)
    labels = sorted({str(row[0]) for row in expected_report(here.labs.shown, here.planting.key)})
    forms = [answer(here.params, dice, labels) for _ in range(answers)]
    scores = sorted(here.grade(form).score for form in forms)
    assert scores[answers * 99 // 100 - 1] <= 30, scores[-5:]
    tables = [here.labs.shown.run(form["sql_lines"]) for form in forms if "WHERE" in form["sql_lines"]]
    assert len(tables) >= answers // 4 and any(table.rows for table in tables)
