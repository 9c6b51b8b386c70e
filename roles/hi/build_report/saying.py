"""What the debrief says of rows: sentences that hold for what was found, values as they were written, SQL as code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roles.hi.build_report.comparing import Compared, Lens
from roles.hi.build_report.definition import Clause, Key, Unit
from roles.hi.build_report.forms import Cell, Spelling
from roles.hi.build_report.rollup import differs
from roles.hi.build_report.seeing import Rows


def code(text: object) -> str:
    """A value, a name or a piece of SQL as code, so that its quotes stay straight."""
    return f"`{str(text).replace('`', chr(39))}`"


def value(cell: Cell, written: Mapping[str, str]) -> str:
    """A cell as a reader wrote it: NULL, a figure, or the text with its capitals."""
    if cell is None:
        return code("NULL")
    if isinstance(cell, str):
        return code(written.get(cell, cell) or "''")
    return code(f"{cell:.2f}".rstrip("0").rstrip(".") if isinstance(cell, float) else cell)


def plainly(problem: str) -> str:
    """A problem of the lab as a sentence, its first line; what it quotes from her SQL keeps its quotes."""
    problem = problem.partition("\n")[0]
    return code(problem) if any(mark in problem for mark in "\"'*_") else problem


def share(part: float) -> str:
    """A share in whole per cent that never says all or none where it is neither."""
    return f"{min(99, max(1, round(100 * part)))} %" if 0 < part < 1 else f"{100 * part:.0f} %"


def spelling(spelt: Sequence[Spelling]) -> str:
    """Columns that are written in another form than asked: read as meant, and charged once."""
    each = "; ".join(f"{code(s.field)} reads {code(s.hers)} where {code(s.asked)} is asked" for s in spelt)
    return f"Written in another form: {each}. It was read as you meant it; a program that reads the report would not."


def unlike(key: Key, compared: Sequence[Compared], given: bool) -> str:
    """Where the report is not what its list adds up to, in her own hospital; up to two places."""
    mine = compared[0].mine
    base = "your list gives" if given else "it should read"
    if mine.report.rows is None or compared[0].follows is None:
        return "The list holds no numbers that could be added up to a report."
    written = {**mine.lines.written, **mine.report.written}
    said = []
    for column, group, hers, wanted in differs(mine.report.rows, compared[0].follows, key.asked):
        who = value(group, written)
        if column:
            said.append(f"{code(column)} of {who} reads {value(hers, written)}; {base} {value(wanted, written)}")
        elif wanted is None:
            said.append(f"the row {who} has no lines behind it" if given else f"the row {who} should not be there")
        else:
            said.append(f"the row {who} is missing" if hers is None else f"the row {who} stands more than once")
    if not said:
        return "In your hospital it is; in another one, that you have not seen, it is not."
    more = f"; and {len(said) - 2} more like these" if len(said) > 2 else ""
    text = "; ".join(said[:2])
    return f"{text[0].upper()}{text[1:]}{more}."


def throughout(lens: Lens, unit: Unit) -> str:
    """Why the whole is capped where ordinary stays are wrong throughout: plain words, for beside the score."""
    if lens.once:
        return f"{unit.many.capitalize()} are in the list more than once, so every count on it is too high."
    if lens.column:
        return f"The column {lens.column} is not as asked for most ordinary {unit.many}."
    return f"Fewer than half of the ordinary {unit.many} came out right."


def paid(trust: float, unit: Unit) -> str:
    """Why something that holds is not paid in full: most ordinary stays are wrong."""
    return "" if trust >= 1 else f" It is paid as far as the ordinary {unit.many} are right: {100 * trust:.0f} %."


def clause(clause: Clause, rows: Rows, given: bool, wrong_lines: bool) -> str:
    """What is said of a clause that is not wholly met: its rule, and which half of it failed where that is known."""
    column = rows.lens.column
    report_right = all(rows.report.get(p, 0.0) >= 1 - 1e-9 for p in clause.patterns)
    if rows.about:
        return clause.why
    if column and column in clause.about:
        other = f"{code(column)} is not as asked for ordinary {rows.unit.many} either"
        return f"{clause.why} It cannot be told here: {other}."
    if not given and report_right:
        return f"Right in the report; there is no list to show it. {clause.why}"
    if given and not wrong_lines:
        half = "" if report_right else " Right in your list; the report does not show it."
        return f"{clause.why}{half}{paid(rows.trust, rows.unit)}"
    if given and rows.report_same:
        return f"Right in your report; its list does not show it. {clause.why}"
    return clause.why
