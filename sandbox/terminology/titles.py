"""What a set of titles says in common and others beside it do not: the words of a place that no source labels."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_SMALL = frozenset({"of", "with", "using", "to", "into", "in", "from", "for", "and", "on", "the", "as"})
_ENOUGH = 300  # titles looked at on either side: more do not change the answer
_ELSEWHERE = re.compile(  # said by places of its own: the approach, the group of a new technology
    r",? (Open|Percutaneous|Percutaneous Endoscopic|Via Natural or Artificial Opening|"
    r"Via Natural or Artificial Opening Endoscopic|External) Approach\b"
    r"|, Via Natural or Artificial Opening( Endoscopic)?|, New Technology Group \d+")


def apart(own: Sequence[str], beside: Sequence[str], said: Collection[str]) -> str:
    """The words in all of `own`, in order, without those of `said` and those that all of `beside` have too.

    Where nothing is left, what each of up to three titles says for itself, with a stroke between.
    """
    mine, others = _spread(own), _spread(beside)
    if not mine:
        return ""
    shared = set(said) | (set.intersection(*(set(title) for title in others)) if others else set())
    common = set.intersection(*(set(title) for title in mine))
    words = _kept(mine[0], {word for word in common if word not in shared})
    if words:
        return words
    everywhere = (common if len(mine) > 1 else set()) | set(said)
    each = dict.fromkeys(_kept(title, set(title) - everywhere) for title in mine)
    kinds = [kind for kind in each if kind]
    return " / ".join(kinds[:3]) + (" …" if len(kinds) > 3 else "")


def _spread(titles: Sequence[str]) -> list[list[str]]:
    some = titles[:: len(titles) // _ENOUGH + 1]
    return [_ELSEWHERE.sub("", title).replace(",", "").split() for title in some]


def _kept(title: Sequence[str], wanted: Collection[str]) -> str:
    """The wanted words in their order, with the small words that stand between two of them."""
    found: list[str] = []
    for place, word in enumerate(title):
        small = word.casefold() in _SMALL
        between = 0 < place < len(title) - 1 and title[place - 1] in wanted and title[place + 1] in wanted
        if between if small else word in wanted:
            found.append(word)
    return " ".join(found)
