"""Judging a report by SQL: rows 55 (`rows`), headline 10, chart 15, limits 15, runs elsewhere 5.

Headline, chart, limits and the run elsewhere speak of her table: they are paid in full from 22 points of rows on, and
in proportion below. Sixty is the most where fewer than half of the patterns, or of the ordinary stays, came out right,
and where the report of a right list counts a quarter more than there are. A ceiling that does not bind is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roles.hi.build_report import comparing, naming, presenting, rows, saying, seeing
from roles.hi.build_report.comparing import Compared
from roles.hi.build_report.definition import Key
from roles.hi.build_report.evidence import Evidence
from roles.hi.build_report.headline import sums, wilson
from roles.hi.build_report.mistakes import fits
from roles.hi.build_report.running import expected, hers, hospitals, run
from roles.hi.build_report.work import Work
from sandbox.activity import Cap, Figure, Finding, Labs, Report

AXES = ("Rows", "Headline", "Chart", "Limits", "Runs elsewhere")
_ELSEWHERE, _GROUND, _CAP = 5.0, 22.0, 60.0


def judge(work: Work, key: Key, evidence: Evidence, labs: Labs) -> Report:
    """The report. The same work, key and evidence give the same bytes; what fails in the key's own SQL is raised."""
    asked = key.asked
    compared: list[Compared] = []
    for hospital in hospitals(key, labs):  # one after the other: a worker keeps only a few labs open
        mine = hers(hospital, (work.sql_report, work.sql_lines), asked, compared[-1].mine if compared else None)
        compared.append(comparing.compare(hospital, mine, expected(hospital.lab, key), key))
    named = fits(key, compared)
    seen = seeing.seen(key, compared, named)
    found = list(rows.findings(key, compared, seen, labs))
    ground = min(1.0, sum(f.earned for f in found) / _GROUND) if _about_it(compared) else 0.0
    total = sums(evidence.report, asked.report, asked.headline)
    findings = (
        *naming.findings(key, compared, named, seen.plain),
        *found,
        *presenting.headline(work, asked.headline, total, 0.0 if _typed(compared, "report") else ground),
        *presenting.chart(work.chart, asked.chart, ground),
        *presenting.limits(work, key.params, ground),
        _elsewhere(work, key, compared, labs, ground),
    )
    points = sum(f.earned for f in findings)
    caps = tuple(c for c in _caps(key, compared, seen) if points > c.at)
    return Report(findings, caps, tuple(_figures(key, total, compared)), AXES, _next(findings, key.params.unit.one))


def _caps(key: Key, compared: Sequence[Compared], seen: seeing.Rows) -> Iterator[Cap]:
    if seen.plain < 0.5:
        yield Cap(_CAP, saying.throughout(seen.lens, seen.unit))
    elif seen.patterns < 0.5:
        yield Cap(_CAP, "Fewer than half of the patterns in the request came out right.")
    part = key.asked.headline.denominator
    place = [f.name for f in key.asked.report.fields].index(part.field)
    mine = right = 0.0
    for c in compared:
        if c.hospital.visible or c.mine.report.rows is None:
            continue
        groups = {row[0] for row in c.report}
        numbers = [row[place] for row in c.mine.report.rows.elements() if row[0] in groups]
        mine += sum(v for v in numbers if isinstance(v, int | float))
        right += sum(v for row in c.report if isinstance(v := row[place], int | float))
    lines_right = all(c.lines_same or c.mine.lines.rows is None for c in compared)
    if lines_right and mine >= 1.25 * right > 0:
        yield Cap(_CAP, f"{part.label} in the report are a quarter more than there are, or more still.")


def _about_it(compared: Sequence[Compared]) -> bool:
    """Whether the report has any row that is asked: a month, a service."""
    return any(
        {row[0] for row in c.mine.report.rows or ()}.intersection(row[0] for row in c.report) for c in compared
    )


def _typed(compared: Sequence[Compared], result: str) -> bool:
    """Whether the same rows come out in every hospital, where the right ones differ."""
    return len({frozenset(getattr(c.mine, result).rows or ()) for c in compared}) == 1


def _elsewhere(work: Work, key: Key, compared: Sequence[Compared], labs: Labs, ground: float) -> Finding:
    """Five points: both queries run unedited in hospitals she has not seen, whatever the order of the rows."""
    broken = next((o.problem for c in compared for o in (c.mine.report, c.mine.lines) if o.rows is None), "")
    if broken:
        problem = f"In some hospital a query gives no table: {saying.plainly(broken)}"
    elif any(not any(getattr(c.mine, result).rows for c in compared) for result in ("report", "lines")):
        problem = "A query gives no rows in any hospital, so nobody can tell how it runs elsewhere."
    elif _typed(compared, "lines") or _typed(compared, "report"):
        problem = "The same rows come out in every hospital: they are written into the query, not read from the record."
    else:
        problem = _unordered(work, key, compared[2], labs)
    run_well = "Both queries run as they are in four other hospitals, one of them nearly empty."
    return Finding(
        "runs_elsewhere",
        "Runs elsewhere",
        "data-quality",
        0.0 if problem else _ELSEWHERE * ground,
        _ELSEWHERE,
        "Runs unedited in hospitals you have not seen",
        problem or run_well + presenting.paid(ground),
        "missed" if problem or ground < 1 else "right",
        label="elsewhere",
    )


def _unordered(work: Work, key: Key, there: Compared, labs: Labs) -> str:
    """What is wrong when the same hospital has its rows in reverse order; "" when nothing is."""
    back = labs.reversed(there.hospital.lab)
    for sql, result, mine in (
        (work.sql_report, key.asked.report, there.mine.report),
        (work.sql_lines, key.asked.lines, there.mine.lines),
    ):
        again = run(back, sql, result)
        if again.rows is None or mine.rows is None or not result.shape.same(again.rows, mine.rows):
            return "With the tables' rows in another order the result changes: something depends on the order of rows."
    return ""


def _figures(key: Key, total: object, compared: Sequence[Compared]) -> Iterator[Figure]:
    right = sum(c.report_same and c.lines_same for c in compared)
    yield Figure("Hospitals that agree", f"{right} of {len(compared)}", "yours, and four that were hidden")
    numerator, denominator = getattr(total, "numerator", 0), getattr(total, "denominator", 0)
    if key.asked.headline.scale == 100 and denominator and 0 <= numerator <= denominator:
        low, high = wilson(numerator, denominator)
        yield Figure("95 % interval of your rate", f"{100 * low:.1f} to {100 * high:.1f} %", "Wilson")


def _next(findings: Sequence[Finding], unit: str) -> str:
    lost = [f for f in findings if f.possible and not f.met]
    if not lost:
        return "Take the same definition to another period, and say before you run it what you expect."
    first = max(lost, key=lambda f: f.possible - f.earned)
    if first.label != "clause":
        return f"Next time, look first at this: {first.title[0].lower()}{first.title[1:]}."
    tests = f"{first.title[0].lower()}{first.title[1:]}"
    return f"Before the next report, write one {unit} by hand that tests this: {tests}."
