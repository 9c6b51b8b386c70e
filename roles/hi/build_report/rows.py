"""The fifty-five points for rows: 15 for ordinary stays (the list 10, the report 5) and 40 over the request's clauses.

How they are shared. The list's ten: the share of ordinary stays that is right; half where a column is only written in
another form. The report's five: whether it is what her own list adds up to, in the form asked. A clause: half for the
list, half for the report. Where ordinary stays are wrong throughout in one column, or stand more than once, the clauses
about that are lost, the others are judged on what is left, and the whole is capped (`judging`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from roles.hi.build_report import naming, saying
from roles.hi.build_report.comparing import Compared
from roles.hi.build_report.definition import Clause, Key
from roles.hi.build_report.seeing import Rows
from sandbox.activity import Finding, Labs

LINES, REPORT, CLAUSES = 10.0, 5.0, 40.0


def findings(key: Key, compared: Sequence[Compared], rows: Rows, labs: Labs) -> Iterator[Finding]:
    """The list, the report, and each clause."""
    yield _lines(compared, rows)
    yield _report(key, compared, rows)
    quotes = naming.quotes(key, compared[0], labs)
    given = any(c.mine.lines.rows is not None for c in compared)
    for clause in key.params.clauses:
        share = float(clause.name not in rows.about) if rows.about else _share(clause, rows)
        yield _clause(key, clause, share, rows, given, quotes)


def _share(clause: Clause, rows: Rows) -> float:
    """How far a clause is met: half for the list, half for the report, each only if all its patterns are right."""
    hidden = {rows.lens.column, "once" if rows.lens.once else ""}.intersection(clause.about)
    lines = float(all(rows.lines.get(p, False) for p in clause.patterns) and not hidden)
    report = min(rows.report.get(p, 0.0) for p in clause.patterns)
    if rows.report_same:
        return 0.5 * lines * rows.trust + 0.5
    return rows.trust * (0.5 * lines + 0.5 * (0.0 if hidden else report))


def _lines(compared: Sequence[Compared], rows: Rows) -> Finding:
    problem = next((c.mine.lines.problem for c in compared if c.mine.lines.problem), "")
    spelt = compared[0].mine.lines.spelt or next((c.mine.lines.spelt for c in compared if c.mine.lines.spelt), ())
    given = any(c.mine.lines.rows is not None for c in compared)
    share = rows.plain * given * (0.5 if spelt else 1.0)
    if problem:
        why = f"The list behind the report: {saying.plainly(problem)}"
    elif rows.plain >= 1 - 1e-9 and spelt:
        why = f"The {rows.unit.many} are the right ones. {saying.spelling(spelt)}"
    else:
        said = f" {saying.spelling(spelt)}" if spelt else ""
        part = f"{saying.share(rows.plain)} of the ordinary {rows.unit.many}"
        why = f"{part} are as they should be, rows too many counted.{said}"
    right = f"The {rows.unit.many} that no special clause is about are all there."
    return _plain("lines", f"Lines: the ordinary {rows.unit.many}", LINES, share, why, right)


def _report(key: Key, compared: Sequence[Compared], rows: Rows) -> Finding:
    unseen = [c for c in compared if not c.hospital.visible]
    problem = next((c.mine.report.problem for c in compared if c.mine.report.problem), "")
    spelt = next((c.mine.report.spelt for c in compared if c.mine.report.spelt), ())
    given = any(c.mine.lines.rows is not None for c in compared)
    follows = all(c.follows_same for c in unseen)
    if problem:
        why = saying.plainly(problem)
    elif spelt:
        why = saying.spelling(spelt)
    elif rows.report_same:
        why = "The report is right. Its list is not the one that it comes from, so nobody could trace it to "
        why += f"{rows.unit.many}."
    elif follows:
        why = f"It is what its list adds up to.{saying.paid(rows.trust, rows.unit)}"
    else:
        why = saying.unlike(key, compared, given)
    share = rows.trust * follows * (not spelt) * (not problem)
    right = "The report is what its list adds up to." if given else "Every column asked is there and right."
    return _plain("report", "Report: follows from its list", REPORT, share, why, right)


def _plain(name: str, title: str, possible: float, share: float, wrong: str, right: str) -> Finding:
    met = share >= 1 - 1e-9
    earned, why = (possible, right) if met else (possible * share, wrong)
    group = "right" if met else "missed"
    return Finding(f"plain_{name}", "Rows", "analytics", earned, possible, title, why, group, label=name)  # type: ignore[arg-type]


def _clause(
    key: Key, clause: Clause, share: float, rows: Rows, given: bool, quotes: Mapping[str, Sequence[object]]
) -> Finding:
    each = CLAUSES * clause.weight / sum(c.weight for c in key.params.clauses)
    right = share >= 1 - 1e-9
    wrong_lines = not all(rows.lines.get(p, False) for p in clause.patterns)
    shown = [q for p in clause.patterns if wrong_lines and given for q in quotes.get(p, ())]
    return Finding(
        clause.name,
        "Rows",
        "data-quality" if "missing" in clause.name else "analytics",
        each * share,
        each,
        clause.title,
        clause.why if right else saying.clause(clause, rows, given, wrong_lines),
        "right" if right else "missed",
        rule=clause.rule or "The request, and the data dictionary",
        evidence=() if right else tuple(shown[:2]),  # type: ignore[arg-type]
        label="clause",
    )
