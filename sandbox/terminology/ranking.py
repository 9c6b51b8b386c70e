"""How well one line of an entry (its title, an inclusion term, an everyday phrase) says what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sandbox.terminology.query import Query

# Chapters that a phrase means only when it says so: pregnancy, newborn, congenital, external causes, status.
_UNASKED = {"O": 0.14, "P": 0.14, "Q": 0.08, "V": 0.12, "W": 0.06, "X": 0.08, "Y": 0.12, "Z": 0.03, "T": 0.02}
_ASKED = {"O": ("pregnan", "labor", "gestation"), "P": ("newborn", "neonat"), "Q": ("congenit",)}
_TITLE, _LINE, _ELSEWHERE, _ABOVE, _BEGUN = 1.0, 1.0, 0.82, 0.6, 0.92


@dataclass(frozen=True)
class Scored:
    """An entry by its number in the tabular list, how well it answers (1 = word for word), and the line that did."""

    n: int
    score: float
    matched: str


def score(n: int, code: str, lines: str, above: str, query: Query, weights: Mapping[str, float]) -> Scored:
    """`lines` holds "words<TAB>as written" on each line, the title first; `above` the words of what stands above."""
    split = _split(lines)
    anywhere = frozenset[str]().union(*(words for words, _ in split))
    higher = set(above.split())
    # What the entry says of each word at all: a line must only make up the difference.
    worth = {word: _ELSEWHERE if word in anywhere else _ABOVE if word in higher else 0.0 for word in query.weights}
    if query.begun and worth.get(query.begun) == 0.0:
        worth[query.begun] = _started(query.begun, anywhere, higher)
    best, matched, start = 0.0, split[0][1], query.begun
    at_all = sum(weight * worth[word] for word, weight in query.weights.items())
    for words, shown in split:
        begun = [word for word in words if word.startswith(start) and word not in query.weights] if start else []
        if best and not begun and words.isdisjoint(query.weights):
            continue
        met = [word for word in query.weights if word in words]
        covered = at_all + sum(query.weights[word] * (_LINE - worth[word]) for word in met)
        if begun and start not in words:
            covered += query.weights[start] * (_BEGUN - worth[start])
        whole = sum(map(weights.__getitem__, words)) or 1.0
        exact = sum(map(weights.__getitem__, (*met, *begun))) / whole
        value = covered / query.total * (0.7 + 0.3 * exact)
        if value > best + 1e-9:
            best, matched = value, shown
    return Scored(n, best + _leaning(code, split[0][1], matched, query), matched)


@lru_cache(maxsize=6_000)
def _split(lines: str) -> list[tuple[frozenset[str], str]]:
    return [(frozenset(words.split()), shown)
            for words, _, shown in (line.partition("\t") for line in lines.split("\n"))]


def _started(begun: str, anywhere: frozenset[str], higher: set[str]) -> float:
    if any(word.startswith(begun) for word in anywhere):
        return _ELSEWHERE * _BEGUN
    return _ABOVE * _BEGUN if any(word.startswith(begun) for word in higher) else 0.0


def _leaning(code: str, title: str, matched: str, query: Query) -> float:
    """A little for the default of its family; less for chapters and manifestations that a phrase must ask for."""
    leaning = 0.03 if "unspecified" in title.casefold() or matched.endswith("NOS") else 0.0
    if "diseases classified elsewhere" in title:
        leaning -= 0.06
    asked = _ASKED.get(code[0], ())
    if not any(word.startswith(asked) for word in query.weights if asked):
        leaning -= _UNASKED.get(code[0], 0.0)
    return leaning
