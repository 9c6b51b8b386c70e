"""The coder's search: candidates from the full-text index, put in order by how well one line of an entry says the phrase.

Steps: a code typed as such; the project's own phrases with their default codes; then the words, with American
spelling, the last one as a beginning, and unknown ones replaced by the nearest known. Siblings that differ only in what
the phrase does not say (side, severity, stage) are shown as their parent, with what is to be chosen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from sandbox.terminology.model import Hit
from sandbox.terminology.patterns import dotted, flat
from sandbox.terminology.spelling import Spelling
from sandbox.terminology.words import plain_words, tokens

Rows = Callable[..., list[tuple[Any, ...]]]
_CODE = re.compile(r"[A-Z]\d[\dA-Z]?(?:\.?[\dA-Z]{0,4})-?", re.IGNORECASE)
_CANDIDATES = 160
_FILLER = frozenset({"unspecified", "other", "nos", "specified", "nec", "elsewhere", "classified", "type", "site"})
_ENTRIES = 47_000.0
_ENCOUNTER = {"initial": "A", "subsequent": "D", "sequela": "S"}
_UNASKED = {"O": 0.12, "P": 0.12, "Q": 0.06, "V": 0.1, "W": 0.06, "X": 0.08, "Y": 0.1, "Z": 0.03}


@dataclass(frozen=True)
class _Query:
    """What is looked for: each word with its weight (rarer words weigh more); `begun` is the word still being typed."""

    weights: dict[str, float]
    begun: str

    @property
    def total(self) -> float:
        return sum(self.weights.values()) or 1.0


@dataclass
class _Scored:
    n: int
    score: float
    matched: str


class Search:
    """Finds entries of one opened classification; `rows` runs a SELECT on it."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._spelling = Spelling(lambda: rows("SELECT word, entries FROM word"))

    def find(self, phrase: str, limit: int = 20) -> list[Hit]:
        """The hits, best first, at most `limit`; none for an empty phrase or one without any known word."""
        phrase = phrase.strip()[:200]
        if _CODE.fullmatch(phrase):
            typed = self._typed(flat(phrase.rstrip("-")), limit)
            if typed:
                return typed
        words = tokens(phrase)
        if not words or limit < 1:
            return []
        found = self._phrases(words)
        known = {scored.n for scored in found}
        query = self._query(words, ended=phrase.endswith(" "))
        found += [scored for scored in self._words(query) if scored.n not in known]
        hits = self._hits(found[: limit * 2], query, limit)
        return self._encounters(hits, phrase)

    def _typed(self, start: str, limit: int) -> list[Hit]:
        key = dotted(start)
        found = self._rows("SELECT code, title, billable, kind FROM code WHERE code >= ? AND code < ? AND level >= 2 "
                           "AND code NOT LIKE '%-%' ORDER BY length(code), n LIMIT ?", (key, key + "~", limit))
        return [Hit(code, title, bool(billable), kind, code) for code, title, billable, kind in found]

    def _phrases(self, words: Sequence[str]) -> list[_Scored]:
        """The default codes of a phrase that the project's list knows whole, in the list's order."""
        found = self._rows("SELECT n, place, shown FROM phrase WHERE phrase = ? ORDER BY place", (" ".join(words),))
        return [_Scored(n, 3.0 - place / 10, shown) for n, place, shown in found]

    def _query(self, words: Sequence[str], *, ended: bool) -> _Query:
        weights: dict[str, float] = {}
        begun = "" if ended or len(words[-1]) < 3 else words[-1]
        for word in dict.fromkeys(words):
            entries = self._spelling.entries(word)
            if not entries and not (word == begun and self._spelling.begins(word)):
                word = self._spelling.nearest(word) or word
                entries = self._spelling.entries(word)
                begun = "" if begun == words[-1] and word != begun else begun
            rarity = log(_ENTRIES / (entries or 40))
            weights[word] = max(0.4, rarity) * (0.3 if word in _FILLER else 1.0)
        return _Query(weights, begun)

    def _words(self, query: _Query) -> list[_Scored]:
        terms = [f'"{word}"*' if word == query.begun else f'"{word}"' for word in query.weights]
        found = self._candidates(" AND ".join(terms), _CANDIDATES)
        if len(found) < 40 and len(terms) > 1:
            found = {**self._candidates(" OR ".join(terms), _CANDIDATES), **found}
        scored = [self._score(n, *text, query) for n, text in found.items()]
        return sorted(scored, key=lambda each: (-each.score, each.n))

    def _candidates(self, terms: str, limit: int) -> dict[int, tuple[str, str, str]]:
        found = self._rows(
            "SELECT line.n, code.code, line.words, line.above FROM (SELECT rowid AS n FROM find WHERE find MATCH ? "
            "ORDER BY bm25(find, 4.0, 3.0, 1.0) LIMIT ?) hit JOIN line USING (n) JOIN code USING (n)", (terms, limit))
        return {n: (code, words, above) for n, code, words, above in found}

    def _score(self, n: int, code: str, lines: str, above: str, query: _Query) -> _Scored:
        split = [line.partition("\t") for line in lines.split("\n")]
        said = [words.split() for words, _, _ in split]
        anywhere = {word for words in said for word in words}
        higher = set(above.split())
        best, matched = 0.0, split[0][2]
        for words, (_, _, shown) in zip(said, split, strict=True):
            covered = sum(weight * self._met(word, words, anywhere, higher, query)
                          for word, weight in query.weights.items())
            here = [word for word in words if _in(word, query)]
            weigh = sum(self._weight(word) for word in dict.fromkeys(words)) or 1.0
            exact = sum(self._weight(word) for word in dict.fromkeys(here)) / weigh
            score = covered / query.total * (0.72 + 0.28 * exact)
            if score > best + 1e-9:
                best, matched = score, shown
        if "unspecified" in said[0] or matched.endswith("NOS"):
            best += 0.03
        asked = {"O": "pregnan", "P": "newborn", "Q": "congenit"}.get(code[0], "~")
        if not any(word.startswith(asked) for word in query.weights):
            best -= _UNASKED.get(code[0], 0.0)
        return _Scored(n, best, matched)

    @staticmethod
    def _met(word: str, line: list[str], anywhere: set[str], above: set[str], query: _Query) -> float:
        for words, worth in ((line, 1.0), (anywhere, 0.82), (above, 0.6)):
            if word in words:
                return worth
            if word == query.begun and any(other.startswith(word) for other in words):
                return worth * 0.92
        return 0.0

    def _weight(self, word: str) -> float:
        return 0.5 if word in _FILLER else max(0.4, log(_ENTRIES / (self._spelling.entries(word) or 1)))

    def _hits(self, found: Sequence[_Scored], query: _Query, limit: int) -> list[Hit]:
        hits: dict[str, Hit] = {}
        for scored in found:
            code, title, billable, kind, n = self._fold(scored, query)
            if code not in hits and len(hits) < limit:
                hits[code] = Hit(code, title, bool(billable), kind, title if n != scored.n else scored.matched)
        return list(hits.values())

    def _fold(self, scored: _Scored, query: _Query) -> tuple[Any, ...]:
        """The entry, or the one above it while the phrase says nothing of what the siblings differ in."""
        n = scored.n
        while True:
            (row,) = self._rows(
                "SELECT c.code, c.title, c.billable, c.kind, c.n, p.n, p.kind, line.differs FROM code c "
                "JOIN line USING (n) LEFT JOIN code p ON p.n = c.parent WHERE c.n = ?", (n,))
            foldable = row[6] not in (None, "", "choose detail", "choose more") and scored.score < 2
            if not foldable or any(_in(word, query) for word in row[7].split() if word not in _FILLER):
                return row[:5]
            n = row[5]

    def _encounters(self, hits: list[Hit], phrase: str) -> list[Hit]:
        """Where the phrase says which encounter it is, the 7th-character code itself."""
        asked = [char for word, char in _ENCOUNTER.items() if word in plain_words(phrase)]
        if len(asked) != 1:
            return hits
        changed = []
        for hit in hits:
            if hit.kind == "choose encounter":
                found = self._rows("SELECT c.code, c.title FROM code c JOIN code p ON p.n = c.parent WHERE p.code = ? "
                                   "AND c.code LIKE ? ORDER BY c.n", (hit.code, f"%{asked[0]}"))
                hit = Hit(found[0][0], found[0][1], True, "", hit.matched) if found else hit
            changed.append(hit)
        return changed


def _in(word: str, query: _Query) -> bool:
    return word in query.weights or bool(query.begun and word.startswith(query.begun))
