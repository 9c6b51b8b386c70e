"""What a code, a procedure or a query rests on, as the form says it: passages of documents, and rows of the record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.activity import BadWork, Span

MOST_SPANS = 8  # for one code, procedure or query, rows included
ROWS = ("Observation", "MedicationRequest", "MedicationAdministration", "ServiceRequest", "Procedure")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_ROW = re.compile(rf"(?:{'|'.join(ROWS)})/{_ID.pattern}")


class Citing(Protocol):
    """Whatever cites: a code, a procedure, a query."""

    @property
    def spans(self) -> tuple[Span, ...]:
        """Passages of documents."""

    @property
    def rows(self) -> tuple[str, ...]:
        """References of values, drugs and orders."""


@dataclass(frozen=True)
class Cited:
    """Passages (of DocumentReferences, by id) and rows (references: "Observation/ob-1"), each once."""

    spans: tuple[Span, ...] = ()
    rows: tuple[str, ...] = ()


def read_citations(given: Any, of: str, field: str) -> Cited:
    """A form's `spans` as Cited; `of` is what cites ("N17.9"). BadWork where one cannot be read."""
    given = given or []
    if not isinstance(given, list) or len(given) > MOST_SPANS:
        raise BadWork(f"{of} cites more than {MOST_SPANS} passages.", field=field,
                      hint="Keep the ones that carry the diagnosis.")
    rows = [one["row"] for one in given if isinstance(one, dict) and "row" in one]
    for row in rows:
        if not isinstance(row, str) or not _ROW.fullmatch(row):
            raise BadWork(f"A citation of {of} names no row of the record.", field=field,
                          hint="Remove the citation and choose the value, drug or order again.")
    spans = [_span(one, of, field) for one in given if not (isinstance(one, dict) and "row" in one)]
    return Cited(tuple(dict.fromkeys(spans)), tuple(dict.fromkeys(rows)))


def _span(row: Any, of: str, field: str) -> Span:
    hint = "Remove the citation and mark the passage again."
    if not isinstance(row, dict):
        raise BadWork(f"A citation of {of} cannot be read.", field=field, hint=hint)
    document, start, end, text = (row.get(name) for name in ("document", "start", "end", "text"))
    if not isinstance(document, str) or not _ID.fullmatch(document) or not isinstance(text, str):
        raise BadWork(f"A citation of {of} names no document.", field=field, hint=hint)
    if type(start) is not int or type(end) is not int or not 0 <= start < end or end - start != len(text):
        raise BadWork(f"A citation of {of} lies outside its note.", field=field, hint=hint)
    return Span(document, start, end, text)


def written(spans: tuple[Span, ...], rows: tuple[str, ...]) -> list[dict[str, Any]]:
    """Citations as a form has them."""
    return [*(dict(vars(span)) for span in spans), *({"row": row} for row in rows)]
