"""The codes under check, with what the tabular list says of each; and notes gathered into instructions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox.terminology.model import Classification, Code, Note, NoteKind, Setting
from sandbox.terminology.patterns import covers


@dataclass(frozen=True)
class Listed:
    """One valid code in its place (0 = principal or first-listed)."""

    place: int
    entry: Code
    path: tuple[Code, ...]
    notes: tuple[Note, ...]

    @property
    def code(self) -> str:
        """Dotted."""
        return self.entry.code

    def of_kind(self, kind: NoteKind) -> list[Note]:
        """Its notes of one kind, own first, then inherited."""
        return [note for note in self.notes if note.kind == kind]


@dataclass(frozen=True)
class Instruction:
    """Notes that stand together: a heading ("any associated underlying condition, such as:") with what it lists."""

    at: str
    heading: str
    notes: tuple[Note, ...]

    @property
    def text(self) -> str:
        """What it says, on one line; long lists are cut."""
        named = [note.text for note in self.notes]
        said = f"{self.heading} {'; '.join(named[:4])}{' …' if len(named) > 4 else ''}" if self.heading else named[0]
        return said.strip().lstrip(", ")

    @property
    def optional(self) -> bool:
        """Whether its own words leave it open ("if applicable", "any associated", "if known")."""
        said = self.heading or " ".join(note.text for note in self.notes)
        return bool(re.search(r"if applicable|if known|where applicable|\bany\b|if present|as applicable", said))

    def covers(self, code: str) -> bool:
        """Whether one of its patterns names the code."""
        return any(covers(pattern, code) for note in self.notes for pattern in note.codes)


def listed(codes: Classification, given: Sequence[str]) -> list[Listed]:
    """Those of the given codes that are billable, in order; repeats left out."""
    found: dict[str, Listed] = {}
    for place, code in enumerate(given):
        entry = codes.get(code)
        if entry and entry.billable and entry.code not in found:
            notes = codes.notes(entry.code)
            found[entry.code] = Listed(place, entry, notes.path, notes.notes)
    return list(found.values())


def instructions(one: Listed, kind: NoteKind) -> list[Instruction]:
    """Its notes of a kind: one instruction for each place with a heading, else one for each note."""
    places: dict[str, list[Note]] = {}
    for note in one.of_kind(kind):
        places.setdefault(note.at, []).append(note)
    return [instruction for at, notes in places.items() for instruction in _gathered(at, notes)]


def _gathered(at: str, notes: list[Note]) -> Iterable[Instruction]:
    heading = next((note for note in notes if note.text.endswith(":")), None)
    if heading is None:
        return [Instruction(at, "", (note,)) for note in notes]
    return [Instruction(at, heading.text, tuple(note for note in notes if note is not heading))]


def first_word(setting: Setting) -> str:
    """How the first code is called in this setting."""
    return "principal" if setting == "inpatient" else "first-listed"
