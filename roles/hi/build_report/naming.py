"""What the debrief says of a wrong result: one mistake by name, "either … or …", or up to three rows with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from roles.hi.build_report import passages, saying
from roles.hi.build_report.comparing import Compared, people_right
from roles.hi.build_report.definition import Key
from roles.hi.build_report.forms import Cell
from roles.hi.build_report.forms import Rows as Counted
from roles.hi.build_report.mistakes import Fit
from roles.hi.build_report.running import key_as_written
from sandbox.activity import Finding, Labs, Quote


def findings(key: Key, compared: Sequence[Compared], named: Sequence[Fit], plain: float) -> Iterator[Finding]:
    """A remark without points: the mistake, the two or three that it could be, or the rows that differ."""
    if len(named) == 1:
        fit = named[0]
        yield _remark("mistake", fit.mistake.title, fit.mistake.why + _where(fit, compared), fit.mistake.name)
    elif 1 < len(named) <= 3:
        either = " Or: ".join(f.mistake.why for f in named)
        yield _remark(
            "mistake", "One of these happened", f"Your results fit more than one explanation. Either: {either}"
        )
    elif any(not c.lines_same for c in compared) and any(c.mine.lines.rows for c in compared):
        for n, why in enumerate(_rows(key, compared, plain), 1):
            yield _remark(f"row_{n}", "A row that differs", why)


def _where(fit: Fit, compared: Sequence[Compared]) -> str:
    """Which of the two results shows it, where only one does."""
    if fit.in_report and not fit.in_lines:
        given = all(c.lines_same for c in compared)
        return " Your list is right; the report is not." if given else " It is the report that shows it."
    if fit.in_lines and not fit.in_report and all(c.report_same for c in compared):
        return " Your report is right; its list is not."
    return ""


def quotes(key: Key, here: Compared, labs: Labs) -> Mapping[str, tuple[Quote, ...]]:
    """The planted lines of her own hospital that are not right, by pattern, as a chart would say them."""
    wrong = [seen for seen, right in people_right(here, key.asked.lines.shape) if not right]
    ids = [e for s in wrong for e in s.encounters]
    if not ids:
        return {}
    said = passages.of(key.params.unit, labs.shown, ids)
    found: dict[str, tuple[Quote, ...]] = {}
    for seen in wrong:
        passage = "; then ".join(said[e] for e in seen.encounters if e in said)
        if passage:
            kind = key.params.unit.resource
            title = f"{kind}{'s' if len(seen.encounters) > 1 else ''} {', '.join(seen.encounters)}"
            quote = Quote(f"{kind}/{seen.encounters[0]}", title, passage)
            found[seen.pattern] = (*found.get(seen.pattern, ()), quote)
    return found


def _remark(criterion: str, title: str, why: str, mistake: str = "") -> Finding:
    return Finding(
        criterion, "Rows", "analytics", 0.0, 0.0, title, why, "missed", label="what happened", mistake=mistake
    )


def _rows(key: Key, compared: Sequence[Compared], plain: float) -> list[str]:
    """Up to three lines, those of her own hospital first. A clause is named only where all ordinary stays are right:
    a general mistake shows at every planted stay, and that stay's clause is not its reason."""
    shape = key.asked.lines.shape
    clauses = {p: c for c in key.params.clauses for p in c.patterns} if plain >= 1 - 1e-9 else {}
    elsewhere = f"A {key.params.unit.one} in a hospital that you have not seen"
    said: list[str] = []
    for c in compared:
        mine = c.mine.lines.rows or Counter()
        lacking, extra = shape.missing(mine, c.lines), shape.missing(c.lines, mine)
        written = {**key_as_written(c.hospital.lab, key), **c.mine.lines.written}
        patterns = {e: s.pattern for s in c.hospital.seen for e in s.encounters}
        for encounter in sorted({str(r[0]) for r in (*lacking, *extra)}):
            clause = clauses.get(patterns.get(encounter, ""))
            what = _row(encounter, lacking, extra, c.lines, written)
            who = saying.code(encounter) if c.hospital.visible else elsewhere
            why = f" The clause is: {clause.title[0].lower()}{clause.title[1:]}. {clause.why}" if clause else ""
            if (clause or c.hospital.visible) and (sentence := f"{who} {what}.{why}") not in said:
                said.append(sentence)
    return sorted(said, key=lambda s: "The clause is" not in s)[:3]


def _row(encounter: str, lacking: Counted, extra: Counted, right: Counted, written: Mapping[str, str]) -> str:
    want = [r for r in lacking if r[0] == encounter]
    have = [r for r in extra if r[0] == encounter]
    if want and have:
        return f"reads {_values(have[0], written)}; it should read {_values(want[0], written)}"
    if want:
        return "is missing from the list"
    due = sum(n for r, n in right.items() if r[0] == encounter)
    if due:
        return f"is in the list {due + sum(extra[r] for r in have)} times; it should be there once"
    return "should not be in the list"


def _values(row: Sequence[Cell], written: Mapping[str, str]) -> str:
    return ", ".join(saying.value(v, written) for v in row[1:])
