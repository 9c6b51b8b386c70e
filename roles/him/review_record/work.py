"""What a reviewer hands in: a verdict for each chart, and the deficiencies that she files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fixtures.planting.deficiencies import rules
from sandbox.activity import BadWork, Form

from .book import KINDS
from .papers import LABELS

MOST_FINDINGS, MOST_VERDICTS, MOST_TEXT = 60, 40, 1_000_000
VERDICTS = {"none": "no deficiency", "deficiency": "deficiency", "ask": "cannot determine"}
PARTS = ("chart", "rule", "document", "field", "kind", "actor", "due")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_REF = re.compile(r"[A-Z][A-Za-z]{1,40}/[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, order=True)
class Filed:
    """One deficiency: `chart` an Encounter's id, `document` and `actor` references, `due` an ISO date or "none".

    What she left open is an empty string.
    """

    chart: str
    rule: str
    document: str = ""
    field: str = ""
    kind: str = ""
    actor: str = ""
    due: str = ""


@dataclass(frozen=True, order=True)
class Verdict:
    """What she says of one chart: none, deficiency or ask; `ask` is whom (a reference), with the verdict ask."""

    chart: str
    verdict: str
    ask: str = ""


@dataclass(frozen=True)
class Work:
    """Verdicts and findings, each once, in an order of their own: hers does not matter."""

    verdicts: tuple[Verdict, ...] = ()
    findings: tuple[Filed, ...] = ()

    @property
    def charts(self) -> set[str]:
        """The charts of which anything is said."""
        return {one.chart for one in self.verdicts} | {one.chart for one in self.findings}

    def verdict(self, chart: str) -> Verdict | None:
        """Her verdict on a chart; a deficiency that she filed is one."""
        if any(filed.chart == chart for filed in self.findings):
            return Verdict(chart, "deficiency")
        return next((given for given in self.verdicts if given.chart == chart), None)


def read_work(form: Form) -> Work:
    """The form's `verdicts` ({chart: {verdict, ask}}) and `findings` ([{chart, rule, …}]), both JSON, as Work.

    Nothing, blank or null is nothing. BadWork says which entry cannot be read, and what to do.
    """
    verdicts, findings = _json(form, "verdicts", {}), _json(form, "findings", [])
    if not isinstance(verdicts, dict) or len(verdicts) > MOST_VERDICTS:
        raise _bad("The verdicts did not arrive as they should.", "Reload the page; your draft is kept.", "verdicts")
    if not isinstance(findings, list):
        raise _bad("The findings did not arrive as they should.", "Reload the page; your draft is kept.")
    if len(findings) > MOST_FINDINGS:
        raise _bad(f"{len(findings):,} findings are more than a review holds; at most {MOST_FINDINGS}.",
                   "File one finding for each defect, and remove the others.")
    read = [_filed(row, number) for number, row in enumerate(findings, 1)]
    given = [_verdict(chart, row) for chart, row in verdicts.items()]
    return Work(tuple(sorted(one for one in given if one)), tuple(sorted(set(read))))


def _json(form: Form, name: str, empty: Any) -> Any:
    text = str(form.get(name) or "").strip()
    if len(text) > MOST_TEXT:
        raise _bad(f"{len(text):,} characters of {name} are too much to read.",
                   f"A review holds at most {MOST_FINDINGS} findings: file one for each defect.", name)
    try:
        found = json.loads(text) if text else None
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair fits no page and no table
    except (ValueError, RecursionError):
        raise _bad(f"The {name} did not arrive whole.", "Reload the page; your draft is kept.", name) from None
    return empty if found is None else found


def _verdict(chart: str, row: Any) -> Verdict | None:
    if isinstance(row, str):
        row = {"verdict": row}
    if not isinstance(row, Mapping) or not _ID.fullmatch(chart):
        raise _bad("A verdict cannot be read.", "Choose it again at the head of its chart.", "verdicts")
    said, whom = str(row.get("verdict") or "").strip(), str(row.get("ask") or "").strip()
    if not said:
        return None
    if said not in VERDICTS:
        raise _bad(f"“{said[:30]}” is no verdict.", "It is no deficiency, deficiency, or cannot determine.", "verdicts")
    if whom and not _REF.fullmatch(whom):
        raise _bad("Whom to ask cannot be read.", "Choose somebody of the chart.", "verdicts")
    return Verdict(chart, said, whom if said == "ask" else "")


def _filed(row: Any, number: int) -> Filed:
    where = f"Finding {number}"
    if not isinstance(row, Mapping):
        raise _bad(f"{where} cannot be read.", "Remove it and file it again.")
    chart, rule, document, field, kind, actor, due = (str(row.get(name) or "").strip()[:100] for name in PARTS)
    if not _ID.fullmatch(chart):
        raise _bad(f"{where} names no chart.", "Remove it and file it from the chart.")
    if rule not in rules():
        raise _bad(f"{where}: there is no rule “{rule}” in the book." if rule else f"{where} names no rule.",
                   "Choose a rule of the book.")
    for name, value in (("document", document), ("person", actor)):
        if value and not _REF.fullmatch(value):
            raise _bad(f"{where}: the {name} “{value[:40]}” cannot be read.", "Choose it again.")
    if field and (field not in LABELS or not document):
        raise _bad(f"{where}: there is no field “{field[:30]}” to point to.", "Choose the document, then its field.")
    if kind and kind not in KINDS:
        raise _bad(f"{where}: “{kind[:30]}” is no kind of rule.", f"It is one of {', '.join(KINDS.values())}.")
    return Filed(chart, rule, document, field, kind, actor, _due(due, where))


def _due(text: str, where: str) -> str:
    if text in ("", "none"):
        return text
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _bad(f"{where}: “{text[:30]}” is not a date.",
                   "Choose a day, or say that the rule sets no date.") from None


def _bad(message: str, hint: str, field: str = "findings") -> BadWork:
    return BadWork(message, field=field, hint=hint)
