"""What is still to be chosen below a code that is not billable: the side, the severity, the stage, the encounter …"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sandbox.terminology.tabular import Entry
from sandbox.terminology.words import tokens

_SIDES = frozenset({"right", "left", "bilateral"})
_WORDS = (  # looked for where the children's titles differ; the first that applies wins
    ("stage", "stage"), ("trimester", "trimester"), ("severity", "severity"), ("necrosis", "severity"),
    ("mild", "severity"), ("severe", "severity"), ("consciousness", "loss of consciousness"),
    ("fetus", "fetus"), ("accidental", "intent"), ("assault", "intent"),
)


def kinds(entries: Sequence[Entry]) -> dict[str, str]:
    """For each entry with children, "choose …"; entries without children are absent. Blocks and chapters list, only."""
    return {code: "choose " + ("detail" if "-" in code else _difference(below))
            for code, below in _families(entries).items()}


def differing(entries: Sequence[Entry]) -> dict[str, str]:
    """For each entry with siblings, the words in which its title differs from theirs."""
    found: dict[str, str] = {}
    for below in _families(entries).values():
        words = [set(tokens(entry.title)) for entry in below]
        common = set.intersection(*words)
        found.update({entry.code: " ".join(sorted(own - common)) for entry, own in zip(below, words, strict=True)})
    return found


def _families(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    children: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.parent:
            children[entry.parent].append(entry)
    return children


def _difference(below: Sequence[Entry]) -> str:
    if below[0].seventh:
        return _seventh([entry.seventh.casefold() for entry in below])
    labels = [set(label.casefold().replace(",", " ").split()) for label in differences([e.title for e in below])]
    said = set().union(*labels)
    if {"right", "left"} <= said and sum(bool(label & _SIDES) for label in labels) >= 2:
        return "side"
    for word, kind in _WORDS:
        if sum(word in label for label in labels) >= 2 or (word == "severity" and word in said):
            return kind
    if len(below) > 1 and all("stage" in entry.title.casefold() for entry in below):
        return "stage"
    return "detail" if len(below) > 1 else "more"


def _seventh(meanings: Sequence[str]) -> str:
    for word, kind in (("encounter", "encounter"), ("stage", "stage"), ("fetus", "fetus"), ("eye", "side"),
                       ("side", "side"), ("tophus", "tophus"), ("macular edema", "severity")):
        if any(word in meaning for meaning in meanings):
            return kind
    return "7th character"


def differences(titles: Sequence[str]) -> list[str]:
    """Each title without the words that all of them begin and end with; a whole title where nothing would be left."""
    split = [title.split() for title in titles]
    if len(split) < 2:
        return list(titles)
    shortest = min(len(words) for words in split)
    start = 0
    while start < shortest and len({words[start] for words in split}) == 1:
        start += 1
    end = 0
    while end < shortest - start and len({words[-1 - end] for words in split}) == 1:
        end += 1
    cut = [" ".join(words[start : len(words) - end]) for words in split]
    return cut if all(cut) else [" ".join(words[start:]) or title for words, title in zip(split, titles, strict=True)]
