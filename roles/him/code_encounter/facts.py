"""What judging needs of the record and the classification, frozen with the attempt."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.activity import BadWork, Chart, Codes, NotFound, Resource

from .work import Work


@dataclass(frozen=True)
class CodeFact:
    """What the tabular list says of one submitted code. `excludes1` are patterns, its own and inherited."""

    code: str
    title: str
    excludes1: tuple[str, ...]
    manifestation: bool  # "in diseases classified elsewhere": never first


@dataclass(frozen=True)
class Evidence:
    """The classification's release, the facts of each submitted code, the text of each cited document by id."""

    release: str
    codes: tuple[CodeFact, ...]
    texts: dict[str, str]

    def fact(self, code: str) -> CodeFact:
        """The fact of a code; an unknown one has only its code."""
        return next((f for f in self.codes if f.code == code), CodeFact(code, "", (), False))


def freeze(work: Work, chart: Chart) -> Evidence:
    """The evidence for judging `work`. BadWork on a code that cannot be billed and on a citation outside its note."""
    facts = tuple(_fact(coded.code, chart.codes) for coded in work.codes)
    cited = sorted({span.document for coded in work.codes for span in coded.spans})
    texts = {document: _text(document, chart) for document in cited}
    for coded in work.codes:
        for span in coded.spans:
            if texts[span.document][span.start : span.end] != span.text:
                raise BadWork(
                    f"A citation of {coded.code} does not stand in its note: “{span.text[:60]}”.", field="codes",
                    hint="Remove the citation and mark the passage again.")
    return Evidence(chart.codes.release, facts, texts)


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


def _text(document: str, chart: Chart) -> str:
    try:
        return text_of(chart.read("DocumentReference", document))
    except NotFound:
        raise BadWork("A citation names a document that is not in this record.", field="codes",
                      hint="Remove the citation and mark the passage again.") from None


def text_of(document: Resource) -> str:
    """The plain text of a DocumentReference: its base64 attachments, one after the other."""
    parts: Iterable[Resource] = (c.get("attachment", {}) for c in document.get("content", []))
    try:
        return "\n".join(base64.b64decode(p["data"]).decode("utf-8", "replace") for p in parts if "data" in p)
    except (binascii.Error, ValueError):
        return ""
