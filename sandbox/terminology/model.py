"""What the classification says, as plain values. Codes are dotted; blocks and chapters are ranges ("A00-B99")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

NoteKind = Literal[
    "includes", "inclusion", "excludes1", "excludes2", "code_first", "use_additional", "code_also", "seventh", "note"
]
Severity = Literal["error", "warning", "info"]
Setting = Literal["inpatient", "outpatient"]


@dataclass(frozen=True)
class Code:
    """One entry of the tabular list; `parent` is the entry above it, None for a chapter."""

    code: str
    title: str
    billable: bool
    parent: str | None


@dataclass(frozen=True)
class Hit:
    """One search result. `kind` says what is still to be chosen below a code that is not billable."""

    code: str
    title: str
    billable: bool
    kind: str  # "", "choose side", "choose severity", "choose stage", "choose encounter", "choose detail", …
    matched: str  # the title, inclusion term or everyday phrase that matched


@dataclass(frozen=True)
class Note:
    """One instruction of the tabular list, where it stands, and the codes that its text names, as patterns."""

    kind: NoteKind
    at: str
    text: str
    codes: tuple[str, ...]  # "E11.621", "L89.-", "A00-B99", "T36-T50 with fifth or sixth character 5"


@dataclass(frozen=True)
class Notes:
    """All that the tabular list says about one code: its own notes first, then those inherited, nearest first."""

    code: str
    path: tuple[Code, ...]  # chapter, block(s), category … parent
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Edit:
    """One thing a coder must correct (error), look at (warning) or may add (info), with the rule's source."""

    code: str
    severity: Severity
    rule: str
    why: str
    source: str


class Classification(Protocol):
    """What the rules look up, and no more: `Codes` answers it, and need not be known by those it asks."""

    @property
    def release(self) -> str:
        """Which edition of the code set this is."""
        ...

    def get(self, code: str) -> Code | None:
        """The entry for a code, or None."""
        ...

    def notes(self, code: str) -> Notes:
        """All notes that hold for a code."""
        ...

    def children(self, code: str) -> Sequence[Code]:
        """The entries right below."""
        ...

    def choice(self, code: str) -> str:
        """What is to be chosen right below."""
        ...

    def seventh(self, code: str) -> str:
        """What the 7th character of a code means."""
        ...
