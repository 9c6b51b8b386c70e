"""What a learner hands in: diagnosis codes in order, each with its indicator and the passages it rests on."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from sandbox.activity import BadWork, Form, Span, normal_code

MOST_CODES = 40
MOST_SPANS = 8  # for one code
MOST_TEXT = 200_000  # characters of the field `codes`
_CODE = re.compile(r"[A-Z][0-9A-Z][0-9A-Z](\.[0-9A-Z]{1,4})?")  # QA0: two letters, since October 2025
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
INDICATORS = ("", "Y", "N", "U", "W")


@dataclass(frozen=True)
class Coded:
    """One code: `poa` is Y, N, U, W or blank; `spans` are passages of DocumentReferences (their ids)."""

    code: str
    poa: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Work:
    """The code list in the order given; the first is the principal or first-listed diagnosis. No code twice."""

    codes: tuple[Coded, ...] = ()


def read_work(form: Form) -> Work:
    """The form's `codes` (JSON: [{code, poa, spans: [{document, start, end, text}]}]) as Work.

    Nothing, blank or null is an empty list. BadWork says which entry cannot be read.
    """
    text = str(form.get("codes") or "").strip()
    if len(text) > MOST_TEXT:
        raise _bad("The code list is too long to read.", "Cite single passages instead of whole documents.")
    try:
        rows = json.loads(text) if text else []
        json.dumps(rows, ensure_ascii=False).encode()  # half a surrogate pair fits no page and no table
    except (ValueError, RecursionError):
        raise _bad("The code list did not arrive whole.", "Reload the page; your draft is kept.") from None
    rows = [] if rows is None else rows
    if not isinstance(rows, list) or len(rows) > MOST_CODES:
        raise _bad(f"A code list has at most {MOST_CODES} codes.", "Remove codes that the record does not need.")
    merged: dict[str, Coded] = {}
    for number, row in enumerate(rows, 1):
        coded = _coded(row, number)
        first = merged.get(coded.code)
        merged[coded.code] = coded if first is None else _together(first, coded)
    return Work(tuple(merged.values()))


def _coded(row: Any, number: int) -> Coded:
    if isinstance(row, str):
        row = {"code": row}
    if not isinstance(row, dict):
        raise _bad(f"Entry {number} of the code list is not a code.", "Remove it and add the code again.")
    written = str(row.get("code") or "")[:20]
    code = normal_code(written)
    if not _CODE.fullmatch(code):
        raise _bad(f"“{written}” (entry {number}) is not an ICD-10-CM code.", "Remove it, then add one by the encoder.")
    poa = str(row.get("poa") or "").strip().upper()
    if poa not in INDICATORS:
        raise _bad(f"POA for {code} is “{poa[:10]}”; it can be Y, N, U or W.", "An exempt code is left blank.")
    spans = row.get("spans") or []
    if not isinstance(spans, list) or len(spans) > MOST_SPANS:
        raise _bad(f"{code} cites more than {MOST_SPANS} passages.", "Keep the ones that carry the diagnosis.")
    return Coded(code, poa, tuple(dict.fromkeys(_span(span, code) for span in spans)))


def _span(row: Any, code: str) -> Span:
    hint = "Remove the citation and mark the passage again."
    if not isinstance(row, dict):
        raise _bad(f"A citation of {code} cannot be read.", hint)
    document, start, end, text = (row.get(name) for name in ("document", "start", "end", "text"))
    if not isinstance(document, str) or not _ID.fullmatch(document) or not isinstance(text, str):
        raise _bad(f"A citation of {code} names no document.", hint)
    if type(start) is not int or type(end) is not int or not 0 <= start < end or end - start != len(text):
        raise _bad(f"A citation of {code} lies outside its note.", hint)
    return Span(document, start, end, text)


def _together(first: Coded, again: Coded) -> Coded:
    spans = tuple(dict.fromkeys(first.spans + again.spans))[:MOST_SPANS]
    return Coded(first.code, first.poa or again.poa, spans)


def _bad(message: str, hint: str) -> BadWork:
    return BadWork(message, field="codes", hint=hint)
