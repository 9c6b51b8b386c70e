"""What the debrief says of each check: what was asked, what was seen and in which hospitals, and why it matters."""

from __future__ import annotations

from collections.abc import Sequence

from roles.hi.change_schema.comparing import Verdict
from roles.hi.change_schema.definition import Check, Params

TITLES = {
    "applies": "The forward script runs to its end",
    "again": "A second run changes nothing",
    "rollback": "The rollback script runs to its end",
    "back": "The schema is as it was",
    "reapplies": "It can be applied again after the way back",
}
_WHY = {
    "applies": "A script that stops half-way leaves the floor with half a change.",
    "again": "Deployments are repeated: after a time-out nobody knows how far the first run came. "
             "`IF NOT EXISTS`, and updates that only touch what is not done yet, make a second run harmless.",
    "rollback": "The way back is needed on the night when something else has gone wrong already.",
    "back": "What is left over is met by the next change, or by yesterday's programs.",
    "reapplies": "After the way back the change is tried again, mended: nothing of the first try may stand in its way.",
}
_HOSPITALS = ("the clean hospital", "the first untidy hospital", "the second untidy hospital")


def per_cent(share: float) -> str:
    """A share in whole per cent that never says all or none where it is neither."""
    return f"{min(99, max(1, round(100 * share)))} %" if 0 < share < 1 else f"{100 * share:.0f} %"


def code(text: str) -> str:
    """A message or a value as code, so that its quotes stay straight."""
    return f"`{text.replace('`', chr(39))}`"


def why(name: str, check: Check | None, params: Params, verdicts: Sequence[Verdict], factor: float) -> str:
    """The sentence under a check's title."""
    states = [v.state for v in verdicts]
    reason = check.why if check else _WHY[name]
    everywhere = "" if check and check.kind == "takes" else " in all three hospitals"
    if set(states) == {"right"}:
        if factor <= 0:
            return "It holds, and has nothing to protect: nothing of the request, or of the way back, was done."
        paid = "" if factor >= 1 - 1e-9 else f" It is paid as far as the request was done: {per_cent(factor)}."
        return f"It holds{everywhere}.{paid}"
    if "wrong" not in states:
        return ("Not reached: an earlier step did not come to its end, so this could not be looked at. "
                "It is not counted as right, and nothing is said of it.")
    if check and check.kind == "rows" and any(v.rows for v in verdicts):
        return f"{reason} {_rows(params, verdicts)}"
    seen = next((v.what for v in verdicts if v.state == "wrong" and v.what), "")
    if check and check.kind == "takes" and seen:
        return f"{reason} {seen.rstrip('.')}."
    if check and check.kind == "finds" and seen:
        return f"{reason} Seen in {_where(states)}. {seen.rstrip('.')}."
    return f"{reason} Seen in {_where(states)}{': ' + code(seen.rstrip('.')) if seen else ''}."


def _where(states: Sequence[str]) -> str:
    wrong = [place for place, state in zip(_HOSPITALS, states, strict=True) if state == "wrong"]
    return "all three hospitals" if len(wrong) == 3 else " and ".join(wrong)


def _rows(params: Params, verdicts: Sequence[Verdict]) -> str:
    """Up to three rows, one for each pattern: what it is there for, hers and what is asked."""
    reasons = {pattern.name: pattern.why for pattern in params.patterns}
    rows = {row[0]: row for v in reversed(verdicts) for row in v.rows}
    said = [f"{reasons.get(pattern) or 'An ordinary row.'} Yours: {code(hers)}; asked: {code(asked)}."
            for pattern, hers, asked in list(rows.values())[:3]]
    more = len(rows) - len(said)
    return " ".join(said) + (f" And {more} more kinds of row." if more > 0 else "")
