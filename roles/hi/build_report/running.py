"""Running queries on labs and reading what comes back: hers each time, the key's and the mistakes' once a hospital."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from roles.hi.build_report.definition import Asked, Key, Mistake, Result
from roles.hi.build_report.forms import Rows, Spelling, as_written, read
from roles.hi.build_report.hospitals import hidden
from roles.hi.build_report.timeline import Seen
from sandbox.activity import Lab, Labs, SqlProblem, rows_as_multiset

_KEPT: dict[tuple[str, str, str], tuple[Rows, dict[str, str]]] = {}  # the key's and the mistakes'
_MOST = 6000


@dataclass(frozen=True)
class Outcome:
    """What one query gave: `rows` or None, and then `problem` says why in a sentence. `spelt`: columns written in
    another form than asked, which `rows` has as they are meant; `written`: texts as they stood before comparing."""

    rows: Rows | None
    problem: str = ""
    spelt: tuple[Spelling, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)
    endless: bool = False  # stopped for time or memory: it is not run again elsewhere


@dataclass(frozen=True)
class Pair:
    """The outcomes of both queries on one hospital."""

    report: Outcome
    lines: Outcome


@dataclass(frozen=True)
class Frozen:
    """A result as it stood at submission: plain values, at most 500 rows, or the problem."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | int | float | None, ...], ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Hospital:
    """A hospital to judge on: its lab, whether a learner can see it, and what was planted in it."""

    name: str
    lab: Lab
    seen: tuple[Seen, ...]
    visible: bool = False


def hospitals(key: Key, labs: Labs) -> list[Hospital]:
    """The shown hospital, then the hidden ones, the nearly empty one last."""
    found = [Hospital("shown", labs.shown, key.seen, visible=True)]
    for h in hidden(key.params.patterns):
        found.append(Hospital(h.name, labs.hidden(h.name, h.build, key.today), h.seen))
    return found


def run(lab: Lab, sql: str, result: Result) -> Outcome:
    """Her query on one hospital. What is wrong with it is an outcome, not an exception."""
    if not sql:
        return Outcome(None, "There is no query.")
    try:
        table = lab.run(sql)
    except SqlProblem as problem:
        _hers(problem)
        return Outcome(None, problem.message, endless=problem.kind in ("time", "memory"))
    if table.truncated:
        return Outcome(None, f"It gives more than {len(table.rows):,} rows.")
    rows = rows_as_multiset(table.columns, table.rows, result.shape)
    if rows is None:
        return Outcome(
            None, f"It has {len(table.columns)} columns; asked were {', '.join(f.name for f in result.fields)}."
        )
    written = as_written(table.rows)
    meant, spelt = read(_steady(rows), result, written)
    return Outcome(meant, spelt=spelt, written=written)


def frozen(lab: Lab, sql: str) -> Frozen:
    """Her query's result as it stands, for the headline and for the record."""
    if not sql:
        return Frozen(problem="There is no query.")
    try:
        table = lab.run(sql, rows=500, seconds=3)
    except SqlProblem as problem:
        _hers(problem)
        return Frozen(problem=problem.message)
    return Frozen(table.columns, tuple(tuple(_plain(v) for v in row) for row in table.rows))


def hers(hospital: Hospital, sql: tuple[str, str], asked: Asked, before: Pair | None) -> Pair:
    """Both of her queries on one hospital; one that was stopped for time or memory `before` is not tried again."""
    report = before.report if before and before.report.endless else run(hospital.lab, sql[0], asked.report)
    lines = before.lines if before and before.lines.endless else run(hospital.lab, sql[1], asked.lines)
    return Pair(report, lines)


def expected(lab: Lab, key: Key, mistake: Mistake | None = None) -> tuple[Rows, Rows]:
    """What the exemplar, or a known mistake, gives on one hospital. SqlProblem is the author's fault and is raised."""
    return expected_report(lab, key, mistake), expected_lines(lab, key, mistake)


def expected_report(lab: Lab, key: Key, mistake: Mistake | None = None) -> Rows:
    """The report of it alone."""
    return _kept(lab, key.sql(mistake)[0], key.asked.report)[0]


def expected_lines(lab: Lab, key: Key, mistake: Mistake | None = None) -> Rows:
    """The list of it alone."""
    return _kept(lab, key.sql(mistake)[1], key.asked.lines)[0]


def key_as_written(lab: Lab, key: Key) -> Mapping[str, str]:
    """The key's texts on one hospital as a reader should see them."""
    asked, (report, lines) = key.asked, key.sql()
    return {**_kept(lab, report, asked.report)[1], **_kept(lab, lines, asked.lines)[1]}


def _hers(problem: SqlProblem) -> None:
    """Raise what is not her query's doing (a lab that is busy, off or broken): nobody is marked for it."""
    if problem.kind not in ("error", "refused", "rows", "time", "memory"):
        raise problem


def _kept(lab: Lab, sql: str, result: Result) -> tuple[Rows, dict[str, str]]:
    place = (lab.name, sql, repr(result.fields))
    if place not in _KEPT:
        table = lab.run(sql)
        rows = rows_as_multiset(table.columns, table.rows, result.shape)
        if rows is None or table.truncated:
            raise ValueError(f"The key's query gives {table.columns}, cut short: {table.truncated}.")
        if len(_KEPT) >= _MOST:
            _KEPT.clear()
        _KEPT[place] = _steady(rows), as_written(table.rows)
    return _KEPT[place]


def _steady(rows: Rows) -> Rows:
    """Fractions to nine decimals: a sum of them differs in its last bits with the order of the rows."""
    if not any(isinstance(v, float) for row in rows for v in row):
        return rows
    steady: Rows = Counter()
    for row, times in rows.items():
        steady[tuple(round(v, 9) if isinstance(v, float) else v for v in row)] += times
    return steady


def _plain(value: Any) -> str | int | float | None:
    if value is None or isinstance(value, int | str):
        return value
    if isinstance(value, Decimal | float):
        return float(value)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
