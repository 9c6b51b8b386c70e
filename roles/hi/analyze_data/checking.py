"""The format check: what is still blank, and what cannot be. Never right or wrong."""

from __future__ import annotations

from collections.abc import Iterator

from roles.hi.analyze_data.definition import Answer, Shown
from roles.hi.analyze_data.hunting import KAHN
from roles.hi.analyze_data.work import Find, Work
from sandbox.activity import Lab

Message = dict[str, str]


def check(work: Work, shown: Shown, lab: Lab) -> list[Message]:
    """One message for each thing looked at: severity ok, warning or error, and a sentence."""
    return list(_answer(work, shown.answer, bool(shown.grid)) if shown.answer else _finds(work.finds, lab))


def _say(severity: str, text: str) -> Message:
    return {"severity": severity, "text": text}


def _answer(work: Work, asked: Answer, asked_grid: bool) -> Iterator[Message]:
    blank = [label for label, given in (
        (asked.figure, work.figure), (asked.denominator, work.denominator), ("the interval's lower end", work.low),
        ("the interval's upper end", work.high)) if given is None]
    if asked.bounds and None in (work.least, work.most):
        blank.append("the bounds")
    blank += [label for label, chosen in (
        ("the answer", work.verdict), *(((asked.signal, work.signal),) if asked.signal else ()),
        ("how the interval was made", work.interval),
        *((p.title, work.methods.get(p.name, "")) for p in asked.methods)) if not chosen]
    yield _say("warning", f"Still open: {'; '.join(blank)}.") if blank else _say("ok", "Every field is filled in.")
    if work.low is not None and work.high is not None and work.low >= work.high:
        yield _say("error", "The interval's lower end is not below its upper end.")
    elif None not in (work.low, work.high, work.figure) and not work.low <= work.figure <= work.high:  # type: ignore[operator]
        yield _say("warning", "The figure lies outside its own interval.")
    if asked_grid:
        shown = sum(part is not None for cell in work.table.values() for part in cell)
        yield _say("ok" if shown else "warning", f"The table shows {shown} numbers; a star and a blank are held back.")
    if not work.caveats:
        yield _say("warning", "No caveat is ticked yet.")
    if work.least is not None and work.most is not None and work.least > work.most:
        yield _say("error", "The lower bound is above the upper one.")


def _finds(finds: tuple[Find, ...], lab: Lab) -> Iterator[Message]:
    if not finds:
        yield _say("warning", "Nothing is listed yet.")
        return
    columns = {f"{table.name}.{column.name}" for table in lab.schema() for column in table.columns}
    unknown = sorted({f.column for f in finds if f.column and f.column not in columns})
    if unknown:
        yield _say("error", f"No table has the column {', '.join(unknown[:3])}: write it as table.column.")
    bare = sum(not f.column for f in finds), sum(f.kahn not in KAHN for f in finds)
    for count, what in zip(bare, ("column", "class"), strict=True):
        if count:
            yield _say("warning", f"{count} {'line has' if count == 1 else 'lines have'} no {what} yet.")
    rows = len({f.row for f in finds})
    yield _say("ok", f"{rows} {'row is' if rows == 1 else 'rows are'} listed. A row that is listed twice counts once.")
