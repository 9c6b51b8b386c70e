"""Judging a report by SQL: rows 55 (15 plain, 40 by pattern), headline 10, chart 15, limits 15, runs elsewhere 5."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from roles.hi.build_report import comparing, naming, presenting
from roles.hi.build_report.comparing import Compared
from roles.hi.build_report.definition import Key
from roles.hi.build_report.evidence import Evidence
from roles.hi.build_report.headline import sums, wilson
from roles.hi.build_report.mistakes import Fit, fits
from roles.hi.build_report.running import expected, hers, hospitals, run
from roles.hi.build_report.work import Work
from sandbox.activity import Cap, Figure, Finding, Labs, Report

AXES = ("Rows", "Headline", "Chart", "Limits", "Runs elsewhere")
_PLAIN_LINES, _PLAIN_REPORT, _PATTERNS, _ELSEWHERE = 10.0, 5.0, 40.0, 5.0


def judge(work: Work, key: Key, evidence: Evidence, labs: Labs) -> Report:
    """The report. The same work, key and evidence give the same bytes; what fails in the key's own SQL is raised."""
    asked = key.asked
    compared: list[Compared] = []
    for hospital in hospitals(key, labs):  # one after the other: a worker keeps only a few labs open
        mine = hers(hospital, (work.sql_report, work.sql_lines), asked, compared[-1].mine if compared else None)
        compared.append(comparing.compare(hospital, mine, expected(hospital.lab, key), asked))
    named = fits(key, compared)
    lines_right = comparing.patterns_right(compared, asked.lines.shape)
    report_right = _by_report(key, compared, named, lines_right)
    plain = _plain(key, compared)
    rows = [
        *_plain_findings(key, compared, plain),
        *_clauses(key, _clause_shares(key, named, lines_right, report_right, plain), lines_right, labs),
    ]
    ground = min(1.0, sum(f.earned for f in rows) / 22) if any(c.mine.report.rows for c in compared) else 0.0
    total = sums(evidence.report, asked.report, asked.headline)
    findings = [
        *naming.findings(key, compared, named),
        *rows,
        *presenting.headline(work, asked.headline, total, ground),
        *presenting.chart(work.chart, asked.chart, ground),
        *presenting.limits(work, key.params, ground),
        _elsewhere(work, key, compared, labs, ground),
    ]
    share = sum(0.5 * lines_right[p] + 0.5 * report_right[p] for p in lines_right) / max(1, len(lines_right))
    caps = (Cap(60.0, "Fewer than half of the patterns in the request came out right."),) if share < 0.5 else ()
    return Report(tuple(findings), caps, tuple(_figures(key, total, compared)), AXES, _next(findings))


def _plain(key: Key, compared: Sequence[Compared]) -> float:
    """The share of ordinary rows that is right, in the hidden hospitals: a share must not depend on the seed."""
    compared = [c for c in compared if not c.hospital.visible]
    traps = dict.fromkeys(p for c in key.params.clauses for p in c.patterns)
    if any(c.mine.lines.rows is not None for c in compared):
        return comparing.plain_share(compared, traps, key.asked.lines.shape)
    return comparing.report_share(compared, key.asked.report.shape)


def _by_report(
    key: Key, compared: Sequence[Compared], named: Sequence[Fit], lines: Mapping[str, bool]
) -> dict[str, float]:
    """How far each pattern is right in `report`, 0 to 1: all if the report is right; what a known mistake leaves if
    one explains it; what the list leaves if the report follows from it; else by its rows."""
    shape = key.asked.report.shape
    if all(c.mine.report.rows is None for c in compared):
        return dict.fromkeys(lines, 0.0)
    if all(c.report_same for c in compared):
        return dict.fromkeys(lines, 1.0)
    explained = [f for f in named if f.in_report]
    if explained:
        return {p: float(all(p not in f.touched for f in explained)) for p in lines}
    compared = [c for c in compared if not c.hospital.visible]
    follows = [c.lines_same for c in compared]
    if any(follows) or all(c.mine.lines.rows is None for c in compared):
        share = comparing.report_share(compared, shape, only=follows if any(follows) else ())
        return {p: share * (lines[p] or all(follows) or not any(follows)) for p in lines}
    return {p: float(ok) for p, ok in lines.items()}


def _plain_findings(key: Key, compared: Sequence[Compared], plain: float) -> Iterator[Finding]:
    """Ten points for the stays that no clause is about, five for a report that follows from its list."""
    problem = next((c.mine.lines.problem for c in compared if c.mine.lines.problem), "")
    given = any(c.mine.lines.rows is not None for c in compared)
    share = f"{100 * plain:.0f} % of the ordinary stays are as they should be, extra rows counted."
    wrong = f"The list behind the report: {problem}" if problem else share
    yield _plain_finding(
        "lines",
        "Lines: the ordinary stays",
        _PLAIN_LINES,
        plain * given,
        wrong,
        "The stays that no special clause is about are all there.",
    )
    unseen = [c for c in compared if not c.hospital.visible]
    base = [c for c in unseen if c.lines_same] or unseen
    problem = next((c.mine.report.problem for c in compared if c.mine.report.problem), "")
    follows = (
        "The report is not what its own list adds up to: a column is computed in another way, or rows are missing."
    )
    yield _plain_finding(
        "report",
        "Report: follows from its list",
        _PLAIN_REPORT,
        sum(c.report_same for c in base) / len(base) * plain,
        problem or follows,
        "Every column asked is there and adds up.",
    )


def _plain_finding(name: str, title: str, possible: float, share: float, wrong: str, right: str) -> Finding:
    met = share >= 1 - 1e-9
    earned = possible if met else possible * share
    return Finding(
        f"plain_{name}",
        "Rows",
        "analytics",
        earned,
        possible,
        title,
        right if met else wrong,
        "right" if met else "missed",
        label=name,
    )


def _clause_shares(
    key: Key, named: Sequence[Fit], lines: Mapping[str, bool], report: Mapping[str, float], plain: float
) -> dict[str, float]:
    """How far each clause is met, 0 to 1: half for the list, half for the report, each only if all its patterns are
    right. When one mistake surely explains rows that are all wrong, the clauses it is not about are met."""
    about = named[0].mistake.clauses if len(named) == 1 and named[0].in_lines else ()
    if about:
        return {c.name: float(c.name not in about) for c in key.params.clauses}
    return {
        c.name: plain
        * (0.5 * all(lines.get(p, False) for p in c.patterns) + 0.5 * min(report.get(p, 0.0) for p in c.patterns))
        for c in key.params.clauses
    }


def _clauses(key: Key, shares: Mapping[str, float], lines: Mapping[str, bool], labs: Labs) -> Iterator[Finding]:
    """Forty points over the request's clauses."""
    each = _PATTERNS / len(key.params.clauses)
    quotes = naming.quotes(key, labs)
    for clause in key.params.clauses:
        right = shares[clause.name] >= 1 - 1e-9
        shown = [q for p in clause.patterns if not lines.get(p, False) for q in quotes.get(p, ())]
        yield Finding(
            clause.name,
            "Rows",
            "data-quality" if "missing" in clause.name else "analytics",
            each * shares[clause.name],
            each,
            clause.title,
            clause.why,
            "right" if right else "missed",
            rule="The request, and the data dictionary",
            evidence=() if right else tuple(shown[:2]),
            label="clause",
        )


def _elsewhere(work: Work, key: Key, compared: Sequence[Compared], labs: Labs, ground: float) -> Finding:
    """Five points: both queries run unedited in hospitals she has not seen, whatever the order of the rows."""
    asked, problem = key.asked, ""
    broken = next((o.problem for c in compared for o in (c.mine.report, c.mine.lines) if o.rows is None), "")
    if broken:
        problem = f"In some hospital a query gives no table: {broken}"
    elif len({frozenset(c.mine.lines.rows or ()) for c in compared}) == 1:
        problem = "The same rows come out in every hospital: they are written into the query, not read from the record."
    else:
        back = labs.reversed(compared[2].hospital.lab)
        for sql, result, mine in (
            (work.sql_report, asked.report, compared[2].mine.report),
            (work.sql_lines, asked.lines, compared[2].mine.lines),
        ):
            again = run(back, sql, result)
            if again.rows is None or mine.rows is None or not result.shape.same(again.rows, mine.rows):
                problem = (
                    "With the tables' rows in another order the result changes: something depends on the order of rows."
                )
    return Finding(
        "runs_elsewhere",
        "Runs elsewhere",
        "data-quality",
        0.0 if problem else _ELSEWHERE * ground,
        _ELSEWHERE,
        "Runs unedited in hospitals you have not seen",
        problem or "Both queries ran as they are in four other hospitals, one of them nearly empty.",
        "missed" if problem or ground < 1 else "right",
        label="elsewhere",
    )


def _figures(key: Key, total: object, compared: Sequence[Compared]) -> Iterator[Figure]:
    right = sum(c.report_same and c.lines_same for c in compared)
    yield Figure("Hospitals that agree", f"{right} of {len(compared)}", "yours, and four that were hidden")
    numerator, denominator = getattr(total, "numerator", 0), getattr(total, "denominator", 0)
    if key.asked.headline.scale == 100 and denominator and 0 <= numerator <= denominator:
        low, high = wilson(numerator, denominator)
        yield Figure("95 % interval of your rate", f"{100 * low:.1f} to {100 * high:.1f} %", "Wilson")


def _next(findings: Sequence[Finding]) -> str:
    lost = [f for f in findings if f.possible and not f.met]
    if not lost:
        return "Take the same definition to another period, and say before you run it what you expect."
    first = max(lost, key=lambda f: f.possible - f.earned)
    return f"Before the next report, write one stay by hand that tests this: {first.title[0].lower()}{first.title[1:]}."
