"""A roster as a school's system writes it, read line by line; every fault is told with the line that it is about."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

from sandbox.errors import BadInput
from sandbox.people import visible

#: How a column may be headed, in whatever case.
HEADINGS = {
    "id": ("id", "student id", "learner id", "school id", "sis id", "sis user id", "student number", "user id"),
    "name": ("name", "full name", "student", "student name", "learner", "learner name"),
    "first": ("first name", "given name", "first"),
    "last": ("last name", "family name", "surname", "last"),
    "section": ("section", "group", "section name"),
}
LONGEST = {"ID": 60, "name": 80, "section": 40}
MOST = 2_000  # people of one file
LARGEST = 1_000_000  # bytes
_SAVE = "Save it from the spreadsheet as “CSV UTF-8 (comma delimited)” and choose it again."
_SIGNS = "=+-@\t\r"


@dataclass(frozen=True)
class Row:
    """One person of the file: where she stands in it, the school's ID for her, her name and section."""

    line: int
    id: str
    name: str
    section: str = ""

    @property
    def key(self) -> str:
        """The ID as it is compared: `S-17` is `s-17`."""
        return self.id.casefold()


@dataclass(frozen=True)
class Listing:
    """A file as it was read: its people, the columns left aside, and what was made plain on the way."""

    rows: tuple[Row, ...]
    aside: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def read(data: bytes) -> Listing:
    """The people of a CSV file (comma, semicolon or tab; with or without a byte-order mark).

    BadInput names the encoding, the columns or the lines that are wrong, up to five at once.
    """
    if len(data) > LARGEST:
        raise BadInput("The file is larger than 1 MB: no roster is.", hint="Keep the columns ID, Name and Section.")
    lines = [(number, cells) for number, cells in _cells(_decoded(data)) if any(cell.strip() for cell in cells)]
    if not lines:
        raise BadInput("The file is empty.",
                       hint="It needs a line of headings, “ID, Name, Section”, and a line a person.")
    places, aside = _columns(*lines[0])
    if len(lines) - 1 > MOST:
        raise BadInput(f"The file has {len(lines) - 1:,} people; a class has at most {MOST:,}.")
    rows, faults, remarks, seen = [], [], [], dict[str, int]()
    for number, cells in lines[1:]:
        row, wrong, told = _row(number, cells, places)
        first = seen.setdefault(row.key, number)
        if row.id and first != number:
            wrong.append(f"Line {number}: the ID “{row.id}” stands on line {first} already.")
        rows.append(row)
        faults += wrong
        remarks += told
    if not rows and not faults:
        raise BadInput("Line 1 has the headings, and nobody stands under them.")
    if faults:
        more = f" And {len(faults) - 5} more." if len(faults) > 5 else ""
        raise BadInput(" ".join(faults[:5]) + more, hint="Nothing was changed.")
    return Listing(tuple(rows), aside, tuple(remarks))


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:4]:
        raise BadInput("Line 1: the file is UTF-16 (“Unicode text”), or no text at all; it has to be UTF-8.",
                       hint=_SAVE)
    if (at := data.find(b"\0")) >= 0:
        raise BadInput(f"Line {_line(data, at)}: there is a zero byte, which no text has; the file is damaged or is "
                       "no CSV.", hint=_SAVE)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        number = _line(data, problem.start)
        line = data.splitlines()[number - 1].decode("latin-1")
        raise BadInput(f"Line {number}: “{visible(line)[:60]}” is written in Latin-1 or another older encoding; "
                       "it has to be UTF-8.", hint=_SAVE) from None


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _cells(text: str) -> list[tuple[int, list[str]]]:
    head = text.partition("\n")[0]
    comma = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
    found, begins = [], 1
    try:
        for cells in reader:
            found.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error:
        raise BadInput(f"Line {begins}: a quotation mark is opened and not closed, or stands in the middle of a cell.",
                       hint="Nothing was changed.") from None
    return found


def _columns(number: int, headings: list[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    places: dict[str, int] = {}
    aside = []
    for at, heading in enumerate(headings):
        said = " ".join(heading.replace("_", " ").lower().split())
        kind = next((kind for kind, names in HEADINGS.items() if said in names), "")
        if kind in places:
            raise BadInput(f"Line {number}: two columns are the {kind}: “{visible(headings[places[kind]])}” and "
                           f"“{visible(heading)}”.", hint="Leave one of them.")
        if kind:
            places[kind] = at
        elif visible(heading):
            aside.append(visible(heading)[:40])
    if "id" not in places or not ("name" in places or {"first", "last"} <= set(places)):
        read_as = ", ".join(f"“{visible(heading)[:30]}”" for heading in headings[:8])
        raise BadInput(f"Line {number} should have the headings ID and Name (or First name and Last name); it has "
                       f"{read_as}.", hint="A third, Section, may be there. Nothing was changed.")
    return places, tuple(aside)


def _row(number: int, cells: list[str], places: dict[str, int]) -> tuple[Row, list[str], list[str]]:
    found: dict[str, str] = {}
    remarks = []
    for kind, at in places.items():
        raw = cells[at] if at < len(cells) else ""
        found[kind] = unformula(raw)
        if raw.strip()[:1] in tuple(_SIGNS) and found[kind] != visible(raw):
            remarks.append(f"Line {number}: “{visible(raw)[:40]}” begins as a formula does; it is read as "
                           f"“{found[kind][:40]}”.")
    name = found.get("name") or " ".join(filter(None, (found.get("first"), found.get("last"))))
    row = Row(number, found["id"], name, found.get("section", ""))
    parts = {"ID": row.id, "name": row.name, "section": row.section}
    faults = [f"Line {number}: there is no {what}." for what in ("ID", "name") if not parts[what]]
    faults += [f"Line {number}: the {what} is longer than {LONGEST[what]} characters."
               for what, value in parts.items() if len(value) > LONGEST[what]]
    return row, faults, remarks


def unformula(cell: str) -> str:
    """A cell as plain text: `="0017"` is 0017, the apostrophe before a formula goes, and so do a formula's signs."""
    text = visible(cell)
    if text.startswith('="') and text.endswith('"') and len(text) > 3:
        text = text[2:-1]
    if text.startswith("'") and text[1:2] in tuple(_SIGNS):
        text = text[1:]
    return visible(text.lstrip(_SIGNS))
