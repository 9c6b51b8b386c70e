"""The words of the classification, and the nearest one to a word that it does not know."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from math import log

FILLER = frozenset({"unspecified", "other", "nos", "specified", "nec", "elsewhere", "classified", "type", "site"})
_ENTRIES = 47_000.0  # categories and codes without 7th character, about


def weight(word: str, entries: int) -> float:
    """How much a word says: the rarer, the more; little for words as "unspecified"."""
    return max(0.4, log(_ENTRIES / max(entries, 1))) * (0.25 if word in FILLER else 1.0)


class Spelling:
    """Reads the words once, when first asked. Nearest means: most shared trigrams, then at most two slips apart."""

    def __init__(self, read: Callable[[], Iterable[tuple[str, int]]]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._entries: dict[str, int] = {}
        self._weights: dict[str, float] = {}
        self._sorted: list[str] = []
        self._with: dict[str, list[str]] = {}
        self.nearest = lru_cache(maxsize=4_000)(self._nearest)  # one phrase asks for the same word several times

    def entries(self, word: str) -> int:
        """In how many entries of the tabular list a word stands; 0 for an unknown one."""
        return self._known().get(word, 0)

    @property
    def weights(self) -> Mapping[str, float]:
        """How much each word says, the rarer the more."""
        self._known()
        return self._weights

    def begins(self, start: str) -> bool:
        """Whether some word begins so."""
        self._known()
        place = bisect_left(self._sorted, start)
        return place < len(self._sorted) and self._sorted[place].startswith(start)

    def _nearest(self, word: str) -> str:
        """The word most likely meant ("pnuemonia" gives "pneumonia"); "" where none is near or the word is short."""
        slips = 0 if len(word) < 4 or word.isdigit() else 1 if len(word) < 8 else 2
        if not slips:
            return ""
        shared = Counter(other for part in trigrams(word) for other in self._trigrams().get(part, ()))
        near = [(distance(word, other, slips), -self.entries(other), other)
                for other, _ in shared.most_common(80) if abs(len(other) - len(word)) <= slips]
        best = min((each for each in near if each[0] <= slips), default=None)
        return best[2] if best else ""

    def _known(self) -> dict[str, int]:
        if not self._entries:
            with self._lock:
                if not self._entries:
                    entries = dict(self._read())
                    self._sorted = sorted(entries)
                    self._weights = {word: weight(word, many) for word, many in entries.items()}
                    self._entries = entries
        return self._entries

    def _trigrams(self) -> dict[str, list[str]]:
        if not self._with:
            words = self._known()
            with self._lock:
                if not self._with:
                    index: dict[str, list[str]] = defaultdict(list)
                    for word in words:
                        if len(word) >= 4 and not word.isdigit():
                            for part in trigrams(word):
                                index[part].append(word)
                    self._with = dict(index)
        return self._with


def trigrams(word: str) -> set[str]:
    """The overlapping threes of a word, its ends marked, so that a slip spoils few of them."""
    marked = f"^{word}$"
    return {marked[place : place + 3] for place in range(len(marked) - 2)}


def distance(one: str, other: str, limit: int) -> int:
    """Slips between two words: letters left out, added, changed, or two exchanged; limit + 1 once it is passed."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        previous, row, older = row, [i], before
        for j, against in enumerate(other, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        before = previous
        if min(row) > limit:
            return limit + 1
    return row[-1]
