"""The format check: do both queries run, are the columns there, does the headline agree with her own table. Never
right or wrong; a form that was not asked is warned of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from roles.hi.build_report.definition import Result, Shown
from roles.hi.build_report.forms import as_written, month, read
from roles.hi.build_report.headline import Sums, agrees, sums, wilson
from roles.hi.build_report.running import Frozen
from roles.hi.build_report.work import Work
from sandbox.activity import rows_as_multiset

_MONTH = re.compile(r"\d{4}-\d{2}")
Message = dict[str, str]


def check(work: Work, shown: Shown, report: Frozen, lines: Frozen) -> list[Message]:
    """One message for each thing looked at: severity ok, warning or error, and a sentence."""
    messages: list[Message] = []
    for result, table, name in ((shown.report, report, "Report"), (shown.lines, lines, "Lines")):
        if result is not None:
            messages += _table(name, result, table)
    if shown.headline and shown.report:
        messages += _headline(work, shown, sums(report, shown.report, shown.headline))
    missing = [
        label
        for label, value in (
            ("a mark", work.chart.mark),
            ("what goes across", work.chart.x),
            ("what goes up", work.chart.y),
            ("a unit", work.chart.unit),
        )
        if not value
    ]
    messages.append(
        _say("warning", f"The chart still needs {', '.join(missing)}.")
        if missing
        else _say("ok", "The chart is chosen.")
    )
    if not work.limits:
        messages.append(_say("warning", "No limit is ticked yet."))
    return messages


def interval(total: Sums | None, scale: int) -> str:
    """Wilson's 95 % interval of a percentage in words, or ""."""
    if total is None or scale != 100 or not total.denominator or not 0 <= total.numerator <= total.denominator:
        return ""
    low, high = wilson(total.numerator, total.denominator)
    return f"95 % interval {100 * low:.1f} to {100 * high:.1f} %"


def _say(severity: str, text: str) -> Message:
    return {"severity": severity, "text": text}


def _table(name: str, result: Result, table: Frozen) -> Iterator[Message]:
    wanted = [f.name for f in result.fields]
    if table.problem:
        yield _say("error", f"{name}: {table.problem}")
        return
    if result.shape.places(table.columns) is None:
        yield _say("error", f"{name}: {len(table.columns)} columns came, {len(wanted)} are asked: {', '.join(wanted)}.")
        return
    have = {c.casefold() for c in table.columns}
    lacking = [w for w in wanted if w not in have]
    if lacking:
        yield _say(
            "warning",
            f"{name}: no column is called {', '.join(lacking)}, so columns are read by position: "
            f"{', '.join(f'{c} as {w}' for c, w in zip(table.columns, wanted, strict=False))}.",
        )
    else:
        yield _say("ok", f"{name}: the columns are there, {len(table.rows)} rows.")
    if not table.rows:
        yield _say("warning", f"{name}: no rows came.")
    yield from _spelling(name, result, table)


def _spelling(name: str, result: Result, table: Frozen) -> Iterator[Message]:
    """Months that are not YYYY-MM, columns in another form than asked, fractions where per cent is asked."""
    rows = rows_as_multiset(table.columns, table.rows, result.shape)
    if not rows:
        return
    written = as_written(table.rows)
    _, spelt = read(rows, result, written)
    for other in spelt:
        yield _say("warning", f"{name}: {other.field} reads {other.hers}; the form asked is {other.asked}.")
    for n, field in enumerate(result.fields):
        values = [row[n] for row in rows]
        months = [str(v) for v in values if field.kind == "month" and not _MONTH.fullmatch(month(str(v)))]
        if months:
            shown = written.get(months[0], months[0])
            yield _say("warning", f"{name}: {field.name} is asked as YYYY-MM; “{shown}” is not.")
        numbers = [v for v in values if isinstance(v, int | float)]
        if field.name.endswith("_pct") and any(numbers) and all(0 <= v <= 1 for v in numbers):
            yield _say("warning", f"{name}: {field.name} is asked in per cent; yours is 1 at most: is it a fraction?")


def _headline(work: Work, shown: Shown, total: Sums | None) -> Iterator[Message]:
    asked = shown.headline
    if asked is None or total is None:
        yield _say("warning", "The headline cannot be compared: the report gives no numbers to add up.")
        return
    parts = (
        (asked.figure, work.figure, total.figure, asked.digits),
        (asked.numerator.label, work.numerator, total.numerator, 2),
        (asked.denominator.label, work.denominator, total.denominator, 2),
    )
    blank = [label for label, given, _, _ in parts if given is None]
    off = [label for label, given, wanted, digits in parts if given is not None and not agrees(given, wanted, digits)]
    if blank:
        yield _say("warning", f"Headline: {', '.join(blank)} still blank.")
    if off:
        yield _say("warning", f"Headline: {', '.join(off)} does not agree with your own table.")
    if not blank and not off:
        yield _say("ok", f"The headline agrees with your own table. {interval(total, asked.scale)}".strip())
