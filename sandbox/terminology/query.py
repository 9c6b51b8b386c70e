"""What a phrase asks for: its words, what they are called in the classification, a side, an encounter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sandbox.terminology.build import rows
from sandbox.terminology.spelling import Spelling, weight
from sandbox.terminology.words import tokens

SIDES = frozenset({"left", "right", "bilateral"})
_ENCOUNTERS = {"initial": "A", "subsequent": "D", "sequela": "S"}


@dataclass(frozen=True)
class Query:
    """Each word with its weight (rarer words weigh more); `begun` is the last word, which may still be being typed."""

    weights: dict[str, float]
    begun: str

    @property
    def total(self) -> float:
        """The weight of all words."""
        return sum(self.weights.values()) or 1.0

    def has(self, word: str) -> bool:
        """Whether an entry's word is asked for."""
        return word in self.weights or bool(self.begun and word.startswith(self.begun))


def encounter(words: Sequence[str]) -> str:
    """The 7th character that a phrase names ("initial encounter" gives "A"); "" where it names none, or several."""
    asked = {character for word, character in _ENCOUNTERS.items() if word in words}
    named = len(asked) == 1 and ("encounter" in words or "sequela" in words)
    return asked.pop() if named else ""


def without_encounter(words: Sequence[str]) -> list[str]:
    """The words without those that only say which encounter it is."""
    return [word for word in words if word not in _ENCOUNTERS and word != "encounter"]


@lru_cache(maxsize=1)
def _meanings() -> dict[tuple[str, ...], tuple[str, ...]]:
    return {tuple(tokens(said)): tuple(tokens(meant)) for said, meant in rows("words.tsv")}


@lru_cache(maxsize=1)
def _sayings() -> frozenset[str]:
    return frozenset(word for said in _meanings() for word in said)


def corrected(words: Sequence[str], spelling: Spelling) -> list[str]:
    """The words with each that neither the classification nor the project's lists know as the nearest known one."""
    return [word if spelling.entries(word) or word in _sayings() else spelling.nearest(word) or word
            for word in words]


def in_its_words(words: Sequence[str]) -> list[str]:
    """The same in the words of the tabular list ("broken" is a fracture), longest phrases first."""
    meanings, found, place = _meanings(), list[str](), 0
    while place < len(words):
        for length in (4, 3, 2, 1):
            meant = meanings.get(tuple(words[place : place + length]))
            if meant and place + length <= len(words):
                found += meant
                place += length
                break
        else:
            found.append(words[place])
            place += 1
    return found


def weigh(words: Sequence[str], spelling: Spelling, *, ended: bool) -> Query:
    """The words with their weights; one that the classification does not know becomes the nearest that it does."""
    weights: dict[str, float] = {}
    begun = "" if ended or len(words[-1]) < 3 else words[-1]
    for word in dict.fromkeys(words):
        entries = spelling.entries(word)
        if not entries and not (word == begun and spelling.begins(word)):
            nearest = spelling.nearest(word)
            begun = "" if nearest and begun == word else begun
            word = nearest or word
            entries = spelling.entries(word)
        weights[word] = weight(word, entries or 40)
    return Query(weights, begun)
