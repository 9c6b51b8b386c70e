"""Texts as pieces to show: a title with the words that were asked for, a note with the codes that it names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.terminology.patterns import PATTERN, pattern_of
from sandbox.terminology.query import in_its_words
from sandbox.terminology.words import tokens


@dataclass(frozen=True)
class Piece:
    """A stretch of text. `pattern` is set where it names codes, `hit` where it was asked for."""

    text: str
    pattern: str = ""
    hit: bool = False


def marked(title: str, phrase: str) -> list[Piece]:
    """The title in pieces, those that the phrase asks for marked; the last word of the phrase may be a beginning."""
    words = tokens(phrase)
    asked = {*words, *in_its_words(words)}
    begun = words[-1] if words and not phrase.endswith(" ") and len(words[-1]) > 2 else ""
    pieces: list[Piece] = []
    for part in re.split(r"(\W+)", title):
        own = tokens(part)
        hit = bool(own) and all(word in asked or (begun and word.startswith(begun)) for word in own)
        pieces.append(Piece(part, hit=hit))
    return [piece for piece in pieces if piece.text]


def named(text: str) -> list[Piece]:
    """A note's text in pieces, those that name codes with their pattern."""
    pieces: list[Piece] = []
    done = 0
    for match in PATTERN.finditer(text):
        pieces += [Piece(text[done : match.start()]), Piece(match.group(0), pattern_of(match))]
        done = match.end()
    return [piece for piece in (*pieces, Piece(text[done:].lstrip(",") if not done else text[done:])) if piece.text]
