"""Order of codes: the pairs that the tabular list puts in order, paid where both codes are on the list."""

from __future__ import annotations

from sandbox.activity import Finding

from .judgement import Judgement
from .key import Pair


def judge_sequence(j: Judgement) -> list[Finding]:
    """One finding for each pair; none where the key has no pairs. A flip of the first place loses the whole axis."""
    if not j.key.pairs:
        return []
    possible = j.points["sequence"] / len(j.key.pairs)
    return [_finding(j, pair, possible) for pair in j.key.pairs]


def _finding(j: Judgement, pair: Pair, possible: float) -> Finding:
    places = {c.code: n for n, c in enumerate(j.work.codes)}
    given = [j.decisions.of(code).given for code in (pair.first, pair.then)]
    first, then = (places[g.code] if g else None for g in given)
    named = f"{pair.first} before {pair.then}"
    at = pair.rule.removeprefix("Code first note at ")
    mistake, why = "", f"The tabular list says code first at {at}: what comes from something else follows it."
    if first is None or then is None:
        earned, title = 0.0, f"{named}: not both on your list"
        why += " The order can be paid when both codes are there."
    elif first > then:
        earned, title = 0.0, f"{named}: turned round"
        if j.flipped and pair.first == j.principal.code and j.decisions.legible:
            mistake = "put a code before the one that it must follow"
            why += " Here the turned pair holds the first place, which decides how the whole stay is counted."
    elif j.flipped:
        earned, title = 0.0, f"{named}: in order, behind a first place that is not"
        why += " While the first place is turned round, the order as a whole is not yet right."
    else:
        earned, title = possible, named
    return Finding(f"order:{pair.first}>{pair.then}", j.axis("sequence"), "classification", earned, possible, title,
                   why, "right" if earned else "missed", pair.then, f"Guidelines I.A.13; {pair.rule}", (), mistake)
