"""Documents as judging reads them: where words stand, the sentence around them, passages to quote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sandbox.activity import Quote

_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“\"])|\n+")
_ABBREVIATED = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|vs|approx|No)|\b[A-Z])\.$")
_AROUND = 160


@dataclass(frozen=True)
class Paper:
    """One document: `id` of its DocumentReference, `name` in its case, `title` with day and time.

    Or one row of the record (a value, a drug, an order): `id` is then its whole reference, "Observation/ob-1".
    """

    id: str
    name: str
    title: str
    text: str

    def find(self, words: str) -> tuple[int, int] | None:
        """Where the words stand, whole, whatever the case and the line breaks."""
        return locate(self.text, words)

    def quote(self, start: int, end: int, *, cited: bool = False) -> Quote:
        """The passage with what surrounds it, cut at words."""
        before, after = self.text[max(0, start - _AROUND) : start], self.text[end : end + _AROUND]
        if start > _AROUND:
            before = "… " + before.split(" ", 1)[-1]
        if end + _AROUND < len(self.text):
            after = after.rsplit(" ", 1)[0] + " …"
        reference = self.id if "/" in self.id else f"DocumentReference/{self.id}"
        return Quote(reference, self.title, self.text[start:end], before, after, cited)

    def around(self, start: int, end: int) -> tuple[int, int]:
        """Where the sentence or sentences that hold the passage begin and end."""
        held = [(a, b) for a, b in _sentences(self.text) if a < end and b > start]
        return (held[0][0], held[-1][1]) if held else (start, end)

    def sentence(self, start: int, end: int) -> str:
        """The sentence or sentences that hold the passage, on one line."""
        start, end = self.around(start, end)
        return " ".join(self.text[start:end].split())


@lru_cache(maxsize=20_000)
def locate(text: str, words: str) -> tuple[int, int] | None:
    """Where the words stand in the text as whole words, or None."""
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    found = re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE) if pattern else None
    return found.span() if found else None


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of a note as (start, end), in order; a line of its own is a sentence."""
    return list(_sentences(text))


@lru_cache(maxsize=2_000)
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    start = 0
    for gap in [*_END.finditer(text), None]:
        end = gap.start() if gap else len(text)
        if gap and "\n" not in gap.group() and _ABBREVIATED.search(text[start:end]):
            continue
        if text[start:end].strip():
            spans.append((start, end))
        start = gap.end() if gap else end
    return tuple(spans)


def words_in(passage: str) -> int:
    """How many words a passage has."""
    return len(passage.split())


def listed(names: Sequence[str], word: str = "and") -> str:
    """Names as a sentence says them: "a, b and c"."""
    return f" {word} ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
