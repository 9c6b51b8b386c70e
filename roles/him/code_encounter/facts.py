"""What judging needs of the record and the classification, frozen with the attempt."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sandbox.activity import BadWork, Chart, Claim, Codes, NotFound, Resource

from .work import Asked, Coded, Done, Work

FRONT = 4  # codes that might have been the principal: grouping costs half a millisecond
GROWN = 50  # years: no group of an adult depends on the age


@dataclass(frozen=True)
class CodeFact:
    """What the tabular list says of one submitted code. `excludes1` are patterns, its own and inherited."""

    code: str
    title: str
    excludes1: tuple[str, ...]
    manifestation: bool  # "in diseases classified elsewhere": never first


@dataclass(frozen=True)
class OperationFact:
    """What ICD-10-PCS says of one submitted procedure; `axes` are its characters as (name, value, label)."""

    code: str
    title: str
    axes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Grouped:
    """The MS-DRG of the submitted list for a patient of this sex, were this code the first; who is the principal is
    hers to decide, and judging may ask what the list would have come to behind another."""

    first: str
    sex: str  # F, M, or "" for either
    number: str
    title: str
    severity: str  # MCC, CC or ""
    counted: tuple[str, ...]  # the secondary codes by which it came to that


@dataclass(frozen=True)
class Evidence:
    """The classification's release, the facts of each submitted code, the text of each cited document by id."""

    release: str
    codes: tuple[CodeFact, ...]
    texts: dict[str, str]
    operations: tuple[OperationFact, ...] = ()
    groups: tuple[Grouped, ...] = ()

    def fact(self, code: str) -> CodeFact:
        """The fact of a code; an unknown one has only its code."""
        return next((f for f in self.codes if f.code == code), CodeFact(code, "", (), False))

    def operation(self, code: str) -> OperationFact:
        """The fact of a procedure; an unknown one has only its code."""
        return next((f for f in self.operations if f.code == code), OperationFact(code, "", ()))

    def grouped(self, first: str, sex: str) -> Grouped | None:
        """The group of the list with this code in front."""
        return next((g for g in self.groups if g.first == first and g.sex in ("", sex)), None)


def freeze(work: Work, chart: Chart) -> Evidence:
    """The evidence for judging `work`. BadWork on a code that cannot be billed, a citation that does not stand."""
    facts = tuple(_fact(coded.code, chart.codes) for coded in work.codes)
    operations = tuple(_operation(code, chart.codes) for code in dict.fromkeys(d.code for d in work.procedures))
    citing: list[tuple[str, str, Coded | Done | Asked]] = [
        *(("codes", c.code, c) for c in work.codes), *(("procedures", d.code, d) for d in work.procedures),
        *(("queries", f"query {n}", q) for n, q in enumerate(work.queries, 1))]
    texts: dict[str, str] = {}
    for field, named, one in citing:
        for span in one.spans:
            if span.document not in texts:
                texts[span.document] = _text(span.document, chart, field)
            if texts[span.document][span.start : span.end] != span.text:
                raise BadWork(
                    f"A citation of {named} does not stand in its note: “{span.text[:60]}”.", field=field,
                    hint="Remove the citation and mark the passage again.")
        for row in one.rows:
            _stands(row, named, chart, field)
    return Evidence(chart.codes.release, facts, texts, operations, _groups(work, chart.codes))


def _groups(work: Work, codes: Codes) -> tuple[Grouped, ...]:
    """With each of the first codes in front; for either sex where that makes a difference, since the work does not say
    whose it is."""
    def group(first: Coded, sex: str) -> Grouped:
        order = [first, *(c for c in work.codes if c is not first)]
        claim = Claim.of([(c.code, c.poa) for c in order], [d.code for d in work.procedures], sex=sex, age=GROWN,
                         disposition=work.disposition or "01")
        found = codes.group(claim)
        return Grouped(first.code, sex, found.drg, found.title, found.severity,
                       tuple(code for code, level in found.counted if level == found.severity))

    if not work.codes:
        return ()
    woman, man = (group(work.codes[0], sex) for sex in ("F", "M"))
    if replace(woman, sex="M") == man:
        return (replace(woman, sex=""), *(replace(group(first, "F"), sex="") for first in work.codes[1:FRONT]))
    return (woman, man, *(group(first, sex) for first in work.codes[1:FRONT] for sex in ("F", "M")))


def _operation(code: str, codes: Codes) -> OperationFact:
    known = codes.procedures.get(code)
    if known is None:
        raise BadWork(f"{code} is not in ICD-10-PCS of April 2026.", field="procedures",
                      hint="Remove it and build the code by its table.")
    return OperationFact(known.code, known.title, known.axes)


def _stands(row: str, named: str, chart: Chart, field: str) -> None:
    kind, id = row.split("/", 1)
    try:
        chart.read(kind, id)
    except NotFound:
        raise BadWork(f"A citation of {named} names a row that is not in this record.", field=field,
                      hint="Remove the citation and choose the value, drug or order again.") from None


def _fact(code: str, codes: Codes) -> CodeFact:
    entry = codes.get(code)
    if entry is None:
        raise BadWork(f"{code} is not in {codes.release}.", field="codes",
                      hint="Remove it and look the condition up in the encoder.")
    if not entry.billable:
        raise BadWork(f"{code} {entry.title} is a heading, not a billable code.", field="codes",
                      hint="Open it in the encoder and choose one of the codes below it.")
    notes = codes.notes(code)
    excludes = tuple(dict.fromkeys(p for note in notes.notes if note.kind == "excludes1" for p in note.codes))
    titles = [entry.title, *(above.title for above in notes.path[-2:])]
    return CodeFact(entry.code, entry.title, excludes, any("classified elsewhere" in t.lower() for t in titles))


def _text(document: str, chart: Chart, field: str) -> str:
    try:
        return text_of(chart.read("DocumentReference", document))
    except NotFound:
        raise BadWork("A citation names a document that is not in this record.", field=field,
                      hint="Remove the citation and mark the passage again.") from None


def text_of(document: Resource) -> str:
    """The plain text of a DocumentReference: its base64 attachments, one after the other."""
    parts: Iterable[Resource] = (c.get("attachment", {}) for c in document.get("content", []))
    try:
        return "\n".join(base64.b64decode(p["data"]).decode("utf-8", "replace") for p in parts if "data" in p)
    except (binascii.Error, ValueError):
        return ""
