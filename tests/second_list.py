"""The second list of what coders type: its two halves, and how many of a half are answered."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sandbox.terminology import Codes

LIST = Path(__file__).with_name("test_terminology_phrases_second.tsv")
Asked = list[tuple[str, list[str]]]


def halves() -> tuple[Asked, Asked]:
    """The half to tune on and the half held out, by the last digit of each phrase's SHA-256."""
    lines = [line.split("\t") for line in LIST.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    asked = [(phrase, codes.split("|")) for phrase, codes, _ in lines[1:]]
    odd = {phrase for phrase, _ in asked if int(hashlib.sha256(phrase.encode()).hexdigest()[-1], 16) % 2}
    return [one for one in asked if one[0] not in odd], [one for one in asked if one[0] in odd]


def answers(code: str, wanted: list[str]) -> bool:
    """Whether a hit is one of the entries, or stands under one that is written with a dash."""
    return any(code.startswith(one[:-1]) if one.endswith("-") else code == one for one in wanted)


def report(codes: Codes, asked: Asked) -> tuple[float, float, list[str]]:
    """The share answered by the first hit, by the first five, and the phrases with no answer among those."""
    hits = {phrase: [hit.code for hit in codes.search(phrase, 5)] for phrase, _ in asked}
    top = sum(any(answers(code, wanted) for code in hits[phrase][:1]) for phrase, wanted in asked)
    missed = [phrase for phrase, wanted in asked if not any(answers(code, wanted) for code in hits[phrase])]
    return top / len(asked), 1 - len(missed) / len(asked), missed
