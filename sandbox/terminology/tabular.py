"""Reads the NCHS tabular list (ICD-10-CM XML) into entries, from chapters to 7th-character codes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.terminology.model import NoteKind

KINDS: dict[str, NoteKind] = {
    "inclusionTerm": "inclusion", "includes": "includes", "codeFirst": "code_first",
    "useAdditionalCode": "use_additional", "codeAlso": "code_also", "excludes1": "excludes1",
    "excludes2": "excludes2", "sevenChrNote": "seventh", "notes": "note",
}
Seventh = tuple[tuple[str, str], ...]  # (character, what it means)


@dataclass
class Entry:
    """One entry of the tabular list on its way into the database; `level` 0 is a chapter, 1 a block, 2 a category …"""

    code: str
    title: str
    level: int
    parent: str | None
    billable: bool = False
    seventh: str = ""  # on a 7th-character code: what the character means
    notes: list[tuple[NoteKind, str]] = field(default_factory=list)


def read(path: Path) -> Iterator[Entry]:
    """Every entry in tabular order, parents before children; 7th-character codes are made, padded with X."""
    # The file comes with an installed package, not from a user.
    root = ET.parse(path).getroot()  # noqa: S314
    for chapter in root.findall("chapter"):
        title = _text(chapter, "desc")
        span = re.search(r"\(([A-Z0-9]+-[A-Z0-9]+)\)\s*$", title)
        code = span.group(1) if span else _text(chapter, "name")
        yield Entry(code, _bare(title), 0, None, notes=_notes(chapter))
        yield from _blocks(chapter, code)


def _blocks(chapter: ET.Element, parent: str) -> Iterator[Entry]:
    """The blocks of a chapter. Nested blocks (C00-C96 > C00-C75 > C00-C14) stand side by side in the file."""
    above: list[str] = []
    for section in chapter.findall("section"):
        span = section.get("id", "")
        code = span if "-" in span else f"{span}-{span}"
        while above and not _inside(code, above[-1]):
            above.pop()
        yield Entry(code, _bare(_text(section, "desc")), 1 + len(above), above[-1] if above else parent,
                    notes=_notes(section))
        above.append(code)
        for category in section.findall("diag"):
            yield from _codes(category, code, 2 + len(above), ())


def _inside(inner: str, outer: str) -> bool:
    low, high = inner.split("-")
    first, last = outer.split("-")
    return first <= low and high <= last and inner != outer


def _codes(element: ET.Element, parent: str, level: int, seventh: Seventh) -> Iterator[Entry]:
    code = _text(element, "name")
    title = _text(element, "desc")
    own = element.find("sevenChrDef")
    if own is not None:
        seventh = tuple((part.get("char", ""), _squeeze(part.text)) for part in own.findall("extension"))
    children = element.findall("diag")
    characters = () if children or len(code.replace(".", "")) == 7 else _allowed(code, seventh)
    yield Entry(code, title, level, parent, billable=not children and not characters, notes=_notes(element))
    for child in children:
        yield from _codes(child, code, level + 1, seventh)
    stem = code.replace(".", "").ljust(6, "X")
    for character, meaning in characters:
        yield Entry(f"{stem[:3]}.{stem[3:]}{character}", f"{title}, {meaning}", level + 1, code, True, meaning)


def _allowed(code: str, seventh: Seventh) -> Seventh:
    """Who died before regaining consciousness (S06.---7 and 8) has an initial encounter only."""
    died = code.startswith("S06") and code.replace(".", "").ljust(6, "X")[5] in "78"
    return seventh[:1] if died else seventh


def _notes(element: ET.Element) -> list[tuple[NoteKind, str]]:
    found: list[tuple[NoteKind, str]] = []
    for child in element:
        kind = KINDS.get(child.tag)
        if kind:
            found += [(kind, _squeeze(note.text)) for note in child.findall("note") if _squeeze(note.text)]
    return found


def _text(element: ET.Element, name: str) -> str:
    return _squeeze(element.findtext(name))


def _squeeze(text: str | None) -> str:
    return " ".join((text or "").split())


def _bare(title: str) -> str:
    """A chapter's or block's title without the range that ends it."""
    return re.sub(r"\s*\([A-Z0-9]+(-[A-Z0-9]+)?\)\s*$", "", title)
