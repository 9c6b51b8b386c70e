"""The format check: do both queries run, are the columns there, does the headline agree with her own table. Never
right or wrong."""

from __future__ import annotations

from collections.abc import Iterator

from roles.hi.build_report.definition import Result, Shown
from roles.hi.build_report.headline import Sums, agrees, sums, wilson
from roles.hi.build_report.running import Frozen
from roles.hi.build_report.work import Work

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
