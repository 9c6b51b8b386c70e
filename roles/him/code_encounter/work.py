"""What a learner hands in. The form's fields, each a string; one that is missing, blank or "null" is empty:

    codes        JSON [{"code": "I50.33", "poa": "Y", "spans": [CITATION, …]}, …]      the first: principal diagnosis
    procedures   JSON [{"code": "0SRS019", "date": "2026-06-04", "spans": [CITATION, …]}, …]     the first: principal
    disposition  "03": the two digits of the patient discharge status
    queries      JSON [{"kind": "cause", "about": "the anaemia after surgery", "spans": [CITATION, …]}, …]

    CITATION     {"document": "note-ab-3", "start": 10, "end": 14, "text": "four"}, of a DocumentReference's text, or
                 {"row": "Observation/ob-ab-2"} (also MedicationRequest, MedicationAdministration, ServiceRequest)
    kind         one of `fixtures.notes.shape.QUERY_KINDS`; `about` is her own line of at most 200 characters
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from fixtures.notes.shape import QUERY_KINDS
from sandbox.activity import BadWork, Form, Span, normal_code

from .citing import MOST_SPANS, read_citations
from .dispositions import DISPOSITIONS

MOST_CODES = 40
MOST_PROCEDURES = 25
MOST_QUERIES = 8
MOST_ABOUT = 200  # characters
MOST_TEXT = 200_000  # characters of one field
_CODE = re.compile(r"[A-Z][0-9A-Z][0-9A-Z](\.[0-9A-Z]{1,4})?")  # QA0: two letters, since October 2025
_PCS = re.compile(r"[0-9A-HJ-NP-Z]{7}")
INDICATORS = ("", "Y", "N", "U", "W")


@dataclass(frozen=True)
class Coded:
    """One code: `poa` is Y, N, U, W or blank; `spans` are passages of DocumentReferences, `rows` values and orders."""

    code: str
    poa: str = ""
    spans: tuple[Span, ...] = ()
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Done:
    """One procedure: its ICD-10-PCS code, the day it was done ("2026-06-04" or blank), what it rests on."""

    code: str
    date: str = ""
    spans: tuple[Span, ...] = ()
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """One query to the provider: what kind it is, what it is about in her words, the indicators that it names."""

    kind: str
    about: str = ""
    spans: tuple[Span, ...] = ()
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """The code list in the order given; the first is the principal or first-listed diagnosis. No code twice."""

    codes: tuple[Coded, ...] = ()
    procedures: tuple[Done, ...] = ()
    disposition: str = ""
    queries: tuple[Asked, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was handed in."""
        return not (self.codes or self.procedures or self.disposition or self.queries)


def read_work(form: Form) -> Work:
    """The form as Work. BadWork says which entry of which field cannot be read."""
    codes: dict[str, Coded] = {}
    for number, row in enumerate(_rows(form, "codes", "code list", MOST_CODES), 1):
        coded = _coded(row, number)
        codes[coded.code] = _together(codes[coded.code], coded) if coded.code in codes else coded
    done: dict[tuple[str, str], Done] = {}
    for number, row in enumerate(_rows(form, "procedures", "procedure list", MOST_PROCEDURES), 1):
        one = _done(row, number)
        done.setdefault((one.code, one.date), one)
    questions = _rows(form, "queries", "list of queries", MOST_QUERIES)
    asked = [_asked(row, number) for number, row in enumerate(questions, 1)]
    disposition = str(form.get("disposition") or "").strip()
    disposition = "" if disposition == "null" else disposition
    if disposition and disposition not in DISPOSITIONS:
        raise BadWork(f"“{disposition[:10]}” is not a discharge disposition.", field="disposition",
                      hint="Choose one of the list; each has two digits, as 01 for home.")
    return Work(tuple(codes.values()), tuple(done.values()), disposition, tuple(dict.fromkeys(asked)))


def _rows(form: Form, field: str, named: str, most: int) -> list[Any]:
    text = str(form.get(field) or "").strip()
    if len(text) > MOST_TEXT:
        raise BadWork(f"The {named} is too long to read.", field=field,
                      hint="Cite single passages instead of whole documents.")
    try:
        rows = json.loads(text) if text else []
        json.dumps(rows, ensure_ascii=False).encode()  # half a surrogate pair fits no page and no table
    except (ValueError, RecursionError):
        raise BadWork(f"The {named} did not arrive whole.", field=field,
                      hint="Reload the page; your draft is kept.") from None
    rows = [] if rows is None else rows
    if not isinstance(rows, list) or len(rows) > most:
        raise BadWork(f"A {named} has at most {most} entries.", field=field,
                      hint="Remove what the record does not need.")
    return rows


def _coded(row: Any, number: int) -> Coded:
    row = _entry(row, number, "codes", "code list", "code")
    written = str(row.get("code") or "")[:20]
    code = normal_code(written)
    if not _CODE.fullmatch(code):
        raise BadWork(f"“{written}” (entry {number}) is not an ICD-10-CM code.", field="codes",
                      hint="Remove it, then add one by the encoder.")
    poa = str(row.get("poa") or "").strip().upper()
    if poa not in INDICATORS:
        raise BadWork(f"POA for {code} is “{poa[:10]}”; it can be Y, N, U or W.", field="codes",
                      hint="An exempt code is left blank.")
    cited = read_citations(row.get("spans"), code, "codes")
    return Coded(code, poa, cited.spans, cited.rows)


def _done(row: Any, number: int) -> Done:
    row = _entry(row, number, "procedures", "procedure list", "procedure")
    written = str(row.get("code") or "")[:20]
    code = re.sub(r"[\s.]", "", written).upper()
    if not _PCS.fullmatch(code):
        raise BadWork(f"“{written}” (entry {number}) is not an ICD-10-PCS code.", field="procedures",
                      hint="It has seven characters and no dot; build it by its table.")
    day = str(row.get("date") or "").strip()[:20]
    try:
        day = date.fromisoformat(day).isoformat() if day else ""
    except ValueError:
        raise BadWork(f"The date of {code} is “{day}”.", field="procedures",
                      hint="Write it as year, month, day: 2026-06-04.") from None
    cited = read_citations(row.get("spans"), code, "procedures")
    return Done(code, day, cited.spans, cited.rows)


def _asked(row: Any, number: int) -> Asked:
    row = _entry(row, number, "queries", "list of queries", "query")
    kind = str(row.get("kind") or "").strip().lower()
    if kind not in QUERY_KINDS:
        raise BadWork(f"Query {number} has no kind that the desk knows.", field="queries",
                      hint=f"Choose what the question is: {', '.join(QUERY_KINDS)}.")
    about = " ".join(str(row.get("about") or "").split())
    if len(about) > MOST_ABOUT:
        raise BadWork(f"Query {number} is longer than {MOST_ABOUT} characters.", field="queries",
                      hint="Say in a few words what it is about; the passages carry the rest.")
    cited = read_citations(row.get("spans"), f"Query {number}", "queries")
    return Asked(kind, about, cited.spans, cited.rows)


def _entry(row: Any, number: int, field: str, named: str, what: str) -> dict[str, Any]:
    if isinstance(row, str) and field != "queries":
        return {"code": row}
    if not isinstance(row, dict):
        raise BadWork(f"Entry {number} of the {named} is not a {what}.", field=field,
                      hint="Remove it and add it again.")
    return row


def _together(first: Coded, again: Coded) -> Coded:
    spans = tuple(dict.fromkeys(first.spans + again.spans))[:MOST_SPANS]
    rows = tuple(dict.fromkeys(first.rows + again.rows))[:MOST_SPANS]
    return Coded(first.code, first.poa or again.poa, spans, rows)
