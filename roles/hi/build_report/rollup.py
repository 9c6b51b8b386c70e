"""What her own list adds up to: the report's columns computed from its lines, as the task's `rollup` says.

A rule is "count" (of rows), or one of these and a column of the list: count, none (rows with and without a value),
percent, lacking (the same of a hundred), sum, mean, median, p90; "above" and "upto" take a limit too, "ratio" the
column below the line and a scale. NULL is left out, as in SQL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from statistics import mean, median

from roles.hi.build_report.definition import Asked
from roles.hi.build_report.forms import Cell, Rows


def p90(values: Sequence[float]) -> float:
    """The 90th percentile, interpolated between neighbors as `quantile_cont` does."""
    ranked, place = sorted(values), 0.9 * (len(values) - 1)
    low = int(place)
    return ranked[low] + (place - low) * (ranked[min(low + 1, len(ranked) - 1)] - ranked[low])


_OF: Mapping[str, Callable[[Sequence[float]], float]] = {"sum": sum, "mean": mean, "median": median, "p90": p90}


def rolled(lines: Rows, asked: Asked, rules: Mapping[str, str]) -> Rows | None:
    """The report that follows from these lines; None where they hold no numbers to add up."""
    names = [f.name for f in asked.lines.fields]
    first, *others = asked.report.fields
    groups: dict[Cell, list[tuple[Cell, ...]]] = {}
    for row in lines.elements():
        groups.setdefault(row[names.index(first.name)], []).append(row)
    try:
        return Counter(
            (group, *(f.cell(value(rules[f.name], names, rows)) for f in others)) for group, rows in groups.items()
        )
    except (TypeError, ValueError):
        return None


def value(rule: str, names: Sequence[str], rows: Sequence[tuple[Cell, ...]]) -> float | None:
    """One rule over the rows of one group; ValueError where the column holds no numbers."""
    what, column, *more = (*rule.split(), "")
    if not column:
        return len(rows)
    given = [v for row in rows if (v := row[names.index(column)]) is not None]
    if what in ("count", "percent"):
        return len(given) if what == "count" else 100.0 * len(given) / len(rows)
    if what in ("none", "lacking"):
        return len(rows) - len(given) if what == "none" else 100.0 - 100.0 * len(given) / len(rows)
    numbers = [float(v) for v in given if not isinstance(v, str)]
    if len(numbers) != len(given):
        raise ValueError(f"{column} holds no numbers")
    if what in ("above", "upto"):
        return sum((v > float(more[0])) is (what == "above") for v in numbers)
    if what == "ratio":
        below = value(f"sum {more[0]}", names, rows)
        return round(float(more[1]) * sum(numbers) / below, 9) if below else None
    if not numbers:  # a month in which nothing has a value
        return 0 if what == "sum" else None
    return round(float(_OF[what](numbers)), 9)


def differs(mine: Rows, follows: Rows, asked: Asked) -> list[tuple[str, Cell, Cell, Cell]]:
    """Where a report is not what its list adds up to: (column, group, hers, what the list gives), in order; for a row
    too many the column is "" and what the list gives None, for one too few hers is None."""
    fields = asked.report.fields
    hers = {row[0]: row for row in mine}
    lists = {row[0]: row for row in follows}
    found: list[tuple[str, Cell, Cell, Cell]] = []
    for group in sorted({*hers, *lists}, key=str):
        if group not in lists or group not in hers or mine[hers[group]] != 1:
            found.append(("", group, group if group in hers else None, group if group in lists else None))
            continue
        for n, field in enumerate(fields[1:], 1):
            if not _same(hers[group][n], lists[group][n], field.digits if field.kind == "number" else None):
                found.append((field.name, group, hers[group][n], lists[group][n]))
    return found


def cells_right(mine: Rows, follows: Rows, asked: Asked) -> float:
    """Of the cells of both reports, rows too many included, the share that agrees (0 to 1); none where a column of
    the headline is wrong in a third of the rows, for then no figure of the report can be trusted."""
    wide = len(asked.report.fields) - 1
    rows = len({r[0] for r in mine} | {r[0] for r in follows}) + mine.total() - len({r[0] for r in mine})
    unlike = [column for column, _, _, _ in differs(mine, follows, asked)]
    counts = asked.headline.numerator.field, asked.headline.denominator.field
    if any(3 * unlike.count(column) >= max(1, rows) for column in counts):
        return 0.0
    wrong = sum(1 if column else wide for column in unlike)
    return max(0.0, 1 - wrong / (wide * rows)) if rows else 0.0


def _same(x: Cell, y: Cell, digits: int | None) -> bool:
    if isinstance(x, int | float) and isinstance(y, int | float):
        half = 0.0 if digits is None and float(y).is_integer() else 0.5 * 10.0 ** -(digits or 0)
        return abs(x - y) <= half + 1e-6
    return x == y
