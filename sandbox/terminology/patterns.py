"""Codes named in the text of a note, and whether such a pattern covers a code.

A pattern is a code ("E11.621", which covers what stands below it), a stem ("L89.-"), a range ("A00-B99"), or one of
these limited by its last characters ("T36-T50 with fifth or sixth character 1-4", "O00-O07 with .52").
"""

from __future__ import annotations

import re
from functools import lru_cache

_CODE = r"(?:[A-Z][0-9]|QA)[0-9A-Z](?:\.[0-9A-Z]{0,4})?"
_STEM = rf"{_CODE}\.?-?"
_LIMIT = (
    r"(?:,?\s*with\s+(?:(?:[a-z0-9]+(?:\s+(?:or|to)\s+[a-z0-9]+)?)[ -]characters?\s*[-.]?[0-9A-Z]+(?:-[0-9])?"
    r"(?:\s+or\s+[0-9A-Z])?|\.\d+-?(?:[.,]?\s*(?:or\s+)?\.\d+-?)*|\.\d+-\.\d+))?"
)
PATTERN = re.compile(rf"\b({_CODE})\.?(?:-(?={_CODE}\b)({_CODE})(?:\.?-)?|-)?({_LIMIT})")
_ORDINAL = {"fourth": 4, "4th": 4, "fifth": 5, "5th": 5, "sixth": 6, "six": 6, "6th": 6, "seventh": 7, "7th": 7}


def codes_in(text: str) -> tuple[str, ...]:
    """The patterns that a note's text names, in order, each once. A limit at the end of a list binds its last range."""
    return tuple(dict.fromkeys(pattern_of(match) for match in PATTERN.finditer(text)))


def pattern_of(match: re.Match[str]) -> str:
    """One match of `PATTERN` as a pattern: "L89.-", "A00-B99", "T36-T50 with fifth or sixth character 5"."""
    first, last, limit = match.group(1).rstrip("."), match.group(2), match.group(3)
    whole = match.group(0)[: len(match.group(0)) - len(limit)].rstrip()
    pattern = first
    if last:
        pattern = f"{first}-{last.rstrip('.')}"
    elif whole.endswith("-"):
        pattern = f"{first}-" if "." in first else f"{first}.-"
    return pattern + (" " + " ".join(limit.lstrip(", ").split()) if limit else "")


def flat(code: str) -> str:
    """A code without its dot, in capitals: what is compared."""
    return code.replace(".", "").strip().upper()


def dotted(code: str) -> str:
    """A code with its dot, in capitals: what is shown."""
    plain = flat(code)
    return plain if len(plain) <= 3 else f"{plain[:3]}.{plain[3:]}"


@lru_cache(maxsize=20_000)  # a list of codes is held against the same patterns at every check
def covers(pattern: str, code: str) -> bool:
    """Whether the pattern names this code or something above it."""
    low, high, wanted = _read(pattern)
    plain = flat(code)
    if not (plain[: len(low)] >= low and plain[: len(high)] <= high):
        return False
    if low == high and not plain.startswith(low):
        return False
    return not wanted or any(_at(plain, places, ending) for places, ending in wanted)


def letters(pattern: str) -> str:
    """The letters that a code which the pattern names can begin with, A to Z."""
    low, high, _ = _read(pattern)
    return "".join(map(chr, range(ord(low[0]), ord(high[0]) + 1)))


def _at(plain: str, places: tuple[int, ...], ending: str) -> bool:
    """Whether the character at one of the places, or what follows the category's dot, is as the limit says."""
    if not places:
        return plain[3:].startswith(ending)
    if places == (-1,):
        return plain.endswith(ending)
    present = [plain[place - 1] for place in places if len(plain) >= place and plain[place - 1] != "X"]
    return bool(present) and present[-1] in ending


@lru_cache(maxsize=20_000)
def _read(pattern: str) -> tuple[str, str, tuple[tuple[tuple[int, ...], str], ...]]:
    span, _, limit = pattern.partition(" with ")
    span = span.strip()
    match = re.fullmatch(rf"({_CODE})-({_CODE})", span)
    low, high = (match.group(1), match.group(2)) if match else (span, span)
    low, high = flat(low.rstrip("-")), flat(high.rstrip("-"))
    return low, high, _limits(limit)


def _limits(limit: str) -> tuple[tuple[tuple[int, ...], str], ...]:
    if not limit:
        return ()
    if "character" not in limit:
        bounds = re.fullmatch(r"\.(\d+)-\.(\d+)", limit)
        if bounds:
            first, last = bounds.group(1), bounds.group(2)
            return tuple(((), str(number).zfill(len(first))) for number in range(int(first), int(last) + 1))
        return tuple(((), ending) for ending in re.findall(r"\.(\d+)", limit))
    head, _, tail = re.sub(r"characters?", "|", limit).partition("|")
    places = tuple(_ORDINAL[word] for word in re.findall(r"[a-z0-9]+", head) if word in _ORDINAL)
    if "final" in head:
        return (((-1,), tail.strip(" -.")),)
    ending = "".join(_spread(piece) for piece in re.split(r"\s+or\s+", tail.strip(" .-")))
    return ((places, ending),)


def _spread(piece: str) -> str:
    bounds = re.fullmatch(r"(\d)-(\d)", piece.strip())
    return "".join(str(n) for n in range(int(bounds.group(1)), int(bounds.group(2)) + 1)) if bounds else piece.strip()
