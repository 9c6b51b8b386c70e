"""An LMS's own gradebook file, one column filled and every other byte left as it was.

Canvas, Moodle, Blackboard and Brightspace export CSV in dialects of their own: commas or tabs, quoted or not, UTF-8
with or without a mark, UTF-16. So the file is not written anew: cells are found where they stand, and only the chosen
ones are replaced.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sandbox.errors import BadInput

LARGEST = 5_000_000  # bytes
MOST = 5_000  # lines
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Cell:
    """One cell: where it stands in the text (with its quotes), and what it says."""

    start: int
    end: int
    said: str
    quoted: bool


@dataclass(frozen=True)
class Sheet:
    """A file as it was read: `text` without its byte-order mark, and the cells of each line that has any."""

    text: str
    mark: bytes
    codec: str
    delimiter: str
    lines: tuple[tuple[Cell, ...], ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """What the columns are called."""
        return tuple(cell.said.strip() for cell in self.lines[0])


@dataclass(frozen=True)
class Line:
    """What becomes of one line of the file: who it is about, and what would stand in the column."""

    number: int
    key: str
    before: str
    value: str
    state: Literal["fill", "same", "kept", "nobody"]


def read(data: bytes) -> Sheet:
    """The cells of an exported file. BadInput names what is wrong and on which line."""
    if not data.strip():
        raise BadInput("The file is empty.", hint="Export the gradebook from your LMS and choose that file.")
    if len(data) > LARGEST:
        raise BadInput("The file is larger than 5 MB: no gradebook is.")
    mark, codec = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", ""))
    text, codec = _decoded(data[len(mark):], codec)
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    lines = _lines(text, delimiter)
    if len(lines) < 2:
        raise BadInput("The file has headings at most, and nobody under them.")
    if len(lines) > MOST:
        raise BadInput(f"The file has {len(lines):,} lines; {MOST:,} are the most.")
    return Sheet(text, mark, codec, delimiter, lines)


def plan(sheet: Sheet, match: int, column: int, values: Mapping[str, str], *, over: bool = False) -> list[Line]:
    """What filling `column` would do, where the cell in `match` says who a line is about (case and spaces aside).

    A cell that is filled already is kept, unless `over`. BadInput where a column is not there or two lines are about
    one person.
    """
    width = len(sheet.headings)
    if not (0 <= match < width and 0 <= column < width) or match == column:
        raise BadInput("Choose a column to fill and another that says who each line is about.")
    wanted = {_key(key): value for key, value in values.items() if _key(key)}
    seen: dict[str, int] = {}
    found = []
    for number, cells in enumerate(sheet.lines[1:], 2):
        key = _key(cells[match].said) if match < len(cells) else ""
        if key in wanted and (first := seen.setdefault(key, number)) != number:
            raise BadInput(f"Lines {first} and {number} are both about “{cells[match].said.strip()}”.",
                           hint="Choose a column that tells people apart, as their ID does.")
        found.append(_line(number, cells, match, column, wanted.get(key), over))
    return found


def fill(sheet: Sheet, column: int, lines: list[Line]) -> bytes:
    """The file with those cells replaced; what is not in one of them is the same, byte for byte."""
    text, at, parts = sheet.text, 0, []
    for line in lines:
        if line.state == "fill":
            cell = sheet.lines[line.number - 1][column]
            parts += [text[at:cell.start], f'"{line.value}"' if cell.quoted else line.value]
            at = cell.end
    return sheet.mark + "".join([*parts, text[at:]]).encode(sheet.codec)


def _line(number: int, cells: tuple[Cell, ...], match: int, column: int, value: str | None, over: bool) -> Line:
    key = cells[match].said.strip() if match < len(cells) else ""
    if value is None or column >= len(cells):
        return Line(number, key, "", "", "nobody")
    before = cells[column].said.strip()
    if before == value:
        return Line(number, key, before, value, "same")
    return Line(number, key, before, value, "kept" if before and not over else "fill")


def _decoded(body: bytes, codec: str) -> tuple[str, str]:
    for name in (codec,) if codec else ("utf-8", "cp1252"):
        try:
            text = body.decode(name)
        except UnicodeDecodeError:
            continue
        if text.encode(name) == body and "\x00" not in text:
            return text, name
    raise BadInput("The file’s letters cannot be read: it is neither UTF-8 nor UTF-16.",
                   hint="Export it again, as CSV.")


def _lines(text: str, delimiter: str) -> tuple[tuple[Cell, ...], ...]:
    lines: list[tuple[Cell, ...]] = []
    cells: list[Cell] = []
    at = 0
    while at < len(text):
        cell = _cell(text, at, delimiter, len(lines) + 1)
        cells.append(cell)
        at = cell.end
        if at < len(text) and text[at] == delimiter:
            at += 1
            if at < len(text):
                continue
            cells.append(Cell(at, at, "", False))  # the file ends with a delimiter: one more, empty
        at += 2 if text.startswith("\r\n", at) else 1
        if len(cells) > 1 or cells[0].said.strip():
            lines.append(tuple(cells))
        cells = []
    return tuple(lines)


def _cell(text: str, at: int, delimiter: str, line: int) -> Cell:
    if text[at] != '"':
        end = at
        while end < len(text) and text[end] not in (delimiter, "\r", "\n"):
            end += 1
        return Cell(at, end, text[at:end], False)
    end = at + 1
    while True:
        end = text.find('"', end)
        if end < 0:
            raise BadInput(f"Line {line}: a quotation mark is opened and never closed.")
        if text[end + 1:end + 2] != '"':
            break
        end += 2
    if text[end + 1:end + 2] not in ("", delimiter, "\r", "\n"):
        raise BadInput(f"Line {line}: something follows a closing quotation mark.")
    return Cell(at, end + 1, text[at + 1:end].replace('""', '"'), True)


def _key(said: str) -> str:
    return " ".join(said.split()).casefold()
