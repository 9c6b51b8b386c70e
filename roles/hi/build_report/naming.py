"""What the debrief says of a wrong result: one mistake by name, "either … or …", or up to three rows with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from roles.hi.build_report.comparing import Compared
from roles.hi.build_report.definition import Clause, Key
from roles.hi.build_report.mistakes import Fit
from roles.hi.build_report.running import Rows
from sandbox.activity import Finding, Labs, Quote

_ZONE = ZoneInfo("America/Chicago")
_VISITS = """SELECT encounter_id, class, status, priority, disposition, start_at, end_at FROM encounter
WHERE encounter_id IN ({}) ORDER BY start_at, encounter_id"""


def findings(key: Key, compared: Sequence[Compared], named: Sequence[Fit]) -> Iterator[Finding]:
    """A remark without points: the mistake, the two or three that it could be, or the rows that differ."""
    if len(named) == 1:
        fit = named[0]
        where = "" if fit.in_lines else " Your list is right; the report is not." if fit.in_report else ""
        yield _remark("mistake", fit.mistake.title, fit.mistake.why + where, fit.mistake.name)
    elif 1 < len(named) <= 3:
        either = " Or: ".join(f.mistake.why for f in named)
        yield _remark(
            "mistake", "One of these happened", f"Your results fit more than one explanation. Either: {either}"
        )
    elif any(not (c.report_same and c.lines_same) for c in compared) and any(c.mine.lines.rows for c in compared):
        for n, why in enumerate(_rows(key, compared), 1):
            yield _remark(f"row_{n}", "A row that differs", why)


def quotes(key: Key, labs: Labs) -> Mapping[str, tuple[Quote, ...]]:
    """The planted visits of her own hospital, by pattern, as a chart would say them."""
    ids = [e for s in key.seen for e in s.encounters]
    if not ids:
        return {}
    table = labs.shown.run(_VISITS.format(", ".join(f"'{i}'" for i in ids)))
    said = {str(row[0]): _visit(row) for row in table.rows}
    found: dict[str, tuple[Quote, ...]] = {}
    for seen in key.seen:
        passage = "; then ".join(said[e] for e in seen.encounters if e in said)
        if passage:
            quote = Quote(f"Encounter/{seen.encounters[0]}", f"Encounters {', '.join(seen.encounters)}", passage)
            found[seen.pattern] = (*found.get(seen.pattern, ()), quote)
    return found


def _remark(criterion: str, title: str, why: str, mistake: str = "") -> Finding:
    return Finding(
        criterion, "Rows", "analytics", 0.0, 0.0, title, why, "missed", label="what happened", mistake=mistake
    )


def _rows(key: Key, compared: Sequence[Compared]) -> list[str]:
    """Up to three lines, those of her own hospital first, each with the clause that it breaks."""
    shape = key.asked.lines.shape
    clauses = {p: c for c in key.params.clauses for p in c.patterns}
    said: list[str] = []
    for c in compared:
        mine: Rows = c.mine.lines.rows or Counter()
        lacking, extra = shape.missing(mine, c.lines), shape.missing(c.lines, mine)
        patterns = {e: s.pattern for s in c.hospital.seen for e in s.encounters}
        for encounter in sorted({str(r[0]) for r in (*lacking, *extra)}):
            clause = clauses.get(patterns.get(encounter, ""))
            sentence = _row(encounter, lacking, extra, clause, c.hospital.visible)
            if sentence not in said and (clause or c.hospital.visible):
                said.append(sentence)
    return sorted(said, key=lambda s: "clause" not in s)[:3]


def _row(encounter: str, lacking: Rows, extra: Rows, clause: Clause | None, visible: bool) -> str:
    want = [r for r in lacking if r[0] == encounter]
    have = [r for r in extra if r[0] == encounter]
    who = encounter if visible else "A stay in a hospital that you have not seen"
    what = (
        "should not be in the list"
        if not want
        else "is missing from the list"
        if not have
        else f"reads {_values(have[0])}; it should read {_values(want[0])}"
    )
    return f"{who} {what}. " + (
        f"The clause is: {clause.title[0].lower()}{clause.title[1:]}. {clause.why}" if clause else ""
    )


def _values(row: Sequence[object]) -> str:
    return ", ".join("null" if v is None else str(v) for v in row[1:])


def _visit(row: Sequence[object]) -> str:
    _, kind, status, priority, disposition, start, end = row
    return (
        f"class {kind}, {status}, priority {priority}, {_clock(start)} to {_clock(end) if end else 'still here'}"
        f"{f', disposition {disposition}' if disposition else ', no disposition' if end else ''}"
    )


def _clock(moment: object) -> str:
    if not isinstance(moment, datetime):
        return str(moment)
    local = moment.astimezone(_ZONE)
    return f"{local.day} {local:%b %Y %H:%M}"
