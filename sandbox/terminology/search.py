"""The coder's search: candidates from the full-text index, put in order by how well one of their lines says the phrase.

Steps: a code typed as such; the project's own phrases with their default codes; then the words, as typed and in the
classification's own terms, the last one as a beginning, unknown ones replaced by the nearest known. Siblings that
differ only in what the phrase does not say (side, severity, stage) are shown as their parent, with what is to choose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.terminology import query as asking
from sandbox.terminology.measures import measured
from sandbox.terminology.model import Hit
from sandbox.terminology.patterns import dotted, flat
from sandbox.terminology.query import SIDES, Query
from sandbox.terminology.ranking import Scored, score
from sandbox.terminology.spelling import FILLER, Spelling
from sandbox.terminology.words import tokens

Rows = Callable[..., list[tuple[Any, ...]]]
_CODE = re.compile(r"(?:[A-Z]\d|QA)[\dA-Z]?(?:\.?[\dA-Z]{0,4})-?", re.IGNORECASE)
_CANDIDATES = 100
_RARER = 4  # so many of the rarest words find entries that lack others
_COMMON = 4_000  # a word in more entries than this does not find candidates of its own


class Search:
    """Finds entries of one opened classification; `rows` runs a SELECT on it."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._spelling = Spelling(lambda: rows("SELECT word, entries FROM word"))

    def find(self, phrase: str, limit: int = 20) -> list[Hit]:
        """The hits, best first, at most `limit`; none for an empty phrase or one without any known word."""
        phrase = phrase.strip("\n\t")[:200]
        typed = self._typed(flat(phrase.strip().rstrip("-")), limit) if _CODE.fullmatch(phrase.strip()) else []
        words = tokens(phrase)
        if typed or not words or limit < 1:
            return typed
        character = asking.encounter(words)
        words = (asking.without_encounter(words) or words) if character else words
        found = self._measured(phrase) or self._said(words)
        query = asking.weigh(words, self._spelling, ended=phrase.endswith(" "))
        known = {scored.n for scored in found}
        found += [scored for scored in self._ranked(words, query) if scored.n not in known]
        hits = self._hits(found[: limit * 3], query, limit)
        return [self._encounter(hit, character) for hit in hits] if character else hits

    def _typed(self, start: str, limit: int) -> list[Hit]:
        key = dotted(start)
        found = self._rows("SELECT code, title, billable, kind FROM code WHERE code >= ? AND code < ? AND level >= 2 "
                           "AND code NOT LIKE '%-%' ORDER BY length(code), n LIMIT ?", (key, key + "~", limit))
        return [Hit(code, title, bool(billable), kind, code) for code, title, billable, kind in found]

    def _measured(self, phrase: str) -> list[Scored]:
        n = measured(phrase, self._rows)
        return [] if n is None else [Scored(n, 3.0, phrase)]

    def _said(self, words: list[str]) -> list[Scored]:
        """What the project's list says to the phrase as typed, else to it without its slips of spelling."""
        found = self._phrases(words)
        if not found:
            right = asking.corrected(words, self._spelling)
            found = self._phrases(right) if right != words else []
        return found

    def _phrases(self, words: Sequence[str]) -> list[Scored]:
        """The default codes of a phrase that the project's list knows whole, or knows but for the side."""
        sql = "SELECT n, place, shown FROM phrase WHERE phrase = ? ORDER BY place"
        found = [Scored(n, 3.0 - place / 10, shown) for n, place, shown in self._rows(sql, (" ".join(words),))]
        sides = [word for word in words if word in SIDES]
        if found or len(sides) != 1:
            return found
        without = " ".join(word for word in words if word not in SIDES)
        sided = (self._sided(n, sides[0], shown) for n, _, shown in self._rows(sql, (without,)))
        return [scored for scored in sided if scored]

    def _sided(self, n: int, side: str, shown: str) -> Scored | None:
        """The entry of that side below this one, else beside it."""
        below = ("WITH RECURSIVE below(n) AS (SELECT ? UNION ALL "
                 "SELECT c.n FROM code c JOIN below ON c.parent = below.n) "
                 "SELECT n FROM below WHERE (SELECT ' ' || differs || ' ' FROM line WHERE line.n = below.n) LIKE ? "
                 "ORDER BY n LIMIT 1")
        beside = ("SELECT line.n FROM code CROSS JOIN line USING (n) "
                  "WHERE parent = (SELECT parent FROM code WHERE n = ?) "
                  "AND ' ' || differs || ' ' LIKE ? ORDER BY n LIMIT 1")
        for sql in (below, beside):
            found = self._rows(sql, (n, f"% {side} %"))
            if found:
                return Scored(found[0][0], 3.0, shown)
        return None

    def _ranked(self, words: Sequence[str], query: Query) -> list[Scored]:
        """The entries that say the words, as typed or in the classification's terms, best first."""
        queries = [query]
        own = asking.in_its_words(asking.corrected(words, self._spelling))
        if own != list(words):
            queries.append(asking.weigh(own, self._spelling, ended=own[-1] != words[-1]))
        best: dict[int, Scored] = {}
        for each in queries:
            for n, text in self._candidates(each).items():
                scored = score(n, *text, each, self._spelling.weights)
                if n not in best or scored.score > best[n].score:
                    best[n] = scored
        return sorted(best.values(), key=lambda each: (-each.score, each.n))

    def _candidates(self, query: Query) -> dict[int, tuple[str, str, str]]:
        """Entries with all words, and where these are few, with any of the rarer ones."""
        terms = {word: f'"{word}"*' if word == query.begun else f'"{word}"' for word in query.weights}
        found = self._matching(" AND ".join(terms.values()), _CANDIDATES)
        if len(found) < 30 and len(terms) > 1:
            rarer = [terms[word] for word in sorted(terms, key=self._spelling.entries)
                     if self._spelling.entries(word) < _COMMON][:_RARER]
            found |= self._matching(" OR ".join(rarer or terms.values()), _CANDIDATES)
        return found

    def _matching(self, terms: str, limit: int) -> dict[int, tuple[str, str, str]]:
        found = self._rows(
            "SELECT line.n, code.code, line.words, line.above FROM (SELECT rowid AS n FROM find WHERE find MATCH ? "
            "ORDER BY bm25(find, 4.0, 3.0, 0.5) LIMIT ?) hit JOIN line USING (n) JOIN code USING (n)", (terms, limit))
        return {n: (code, words, above) for n, code, words, above in found}

    def _hits(self, found: Sequence[Scored], query: Query, limit: int) -> list[Hit]:
        hits: dict[str, Hit] = {}
        for scored in found:
            if len(hits) == limit:
                break
            code, title, billable, kind, n = self._fold(scored, query)
            if code not in hits:
                hits[code] = Hit(code, title, bool(billable), kind, title if n != scored.n else scored.matched)
        return list(hits.values())

    def _fold(self, scored: Scored, query: Query) -> tuple[Any, ...]:
        """The entry, or the one above it while the phrase says nothing of what the siblings differ in."""
        n = scored.n
        while True:
            (row,) = self._rows(
                "SELECT c.code, c.title, c.billable, c.kind, c.n, p.n, p.kind, line.differs FROM code c "
                "JOIN line USING (n) LEFT JOIN code p ON p.n = c.parent WHERE c.n = ?", (n,))
            foldable = row[6] not in (None, "", "choose detail", "choose more") and scored.score < 2
            if not foldable or any(query.has(word) for word in row[7].split() if word not in FILLER):
                return row[:5]
            n = row[5]

    def _encounter(self, hit: Hit, character: str) -> Hit:
        """Where the phrase says which encounter it is, the 7th-character code itself."""
        if hit.kind != "choose encounter":
            return hit
        found = self._rows("SELECT c.code, c.title FROM code c JOIN code p ON p.n = c.parent WHERE p.code = ? "
                           "AND c.code LIKE ? ORDER BY c.n", (hit.code, f"%{character}"))
        return Hit(found[0][0], found[0][1], True, "", hit.matched) if found else hit
