"""A grade is the fold of what happened: tries, and what instructors decided about them. Nothing here reads or writes.

The first judged try counts whole. A later one, on a new variant, can only add: half of what the best of three stands
above the first. Time never enters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Kind = Literal["override", "excuse", "drop", "undo", "opened", "comment", "ask", "answer", "resolve"]
Status = Literal["none", "ungraded", "graded", "excused"]

LATER = 3  # so many later tries count; practice beyond them is unlimited
SHARE = 0.5  # of what the best of them stands above the first
_DROPPED = "Every try so far was dropped: the next one counts as the first."


@dataclass(frozen=True)
class Try:
    """One submission: on which variant, and its points of 100, None while it is not judged.

    `judged` numbers it in the order in which tries were first judged: the order in which she learned of them.
    """

    attempt: str
    seed: int
    score: float | None
    at: datetime
    judged: int = 0


@dataclass(frozen=True)
class Event:
    """One line of the ledger about a learner's task; which of its fields matter is a matter of its `kind`.

    override  the grade is `value` (0 to 100) from here on, whatever the tries came to
    excuse    the task asks nothing of her
    drop      `attempt` consumes nothing, as if it had never been sent
    undo      the event numbered `undoes` holds no longer
    opened    she has opened the finding `criterion` of `attempt`
    ask       she asks about that finding; `answer` is said to it, `resolve` closes it
    comment   `words` about the task, to her
    """

    seq: int
    kind: Kind
    by: str
    at: datetime
    attempt: str = ""
    criterion: str = ""
    value: float | None = None
    words: str = ""
    undoes: int = 0


@dataclass(frozen=True)
class Standing:
    """What a task counts for a learner: `score` 0 to 100 or None, with what it is made of.

    `first` and `best` are points of the first judged try and of the best later one that counts; `later` is how many of
    those there were, `attempts` how many submissions in all; `why` says it in words.
    """

    status: Status = "none"
    score: float | None = None
    first: float | None = None
    best: float | None = None
    later: int = 0
    attempts: int = 0
    why: str = ""


def standing(events: Iterable[Event]) -> list[Event]:
    """The events that hold, in order: an undo takes its event away, and can itself be undone."""
    void: set[int] = set()
    holding = []
    for event in sorted(events, key=lambda each: -each.seq):
        if event.seq in void:
            continue
        if event.kind == "undo":
            void.add(event.undoes)
        else:
            holding.append(event)
    return holding[::-1]


def counted(tries: Sequence[Try], dropped: Iterable[str] = ()) -> tuple[Try | None, list[Try]]:
    """The first judged try, and the later ones that count: each the first on its variant, three at most.

    What is not judged, or was dropped, is not there: it takes no variant and none of the three. They come in the order
    of judging: what the house failed to judge in its turn does not push out later what she sent in the meantime.
    """
    gone = set(dropped)
    fresh: dict[int, Try] = {}
    for each in sorted(tries, key=lambda one: one.judged):
        if each.score is not None and each.attempt not in gone:
            fresh.setdefault(each.seed, each)
    counting = list(fresh.values())
    return (counting[0], counting[1:LATER + 1]) if counting else (None, [])


def fold(tries: Sequence[Try], events: Iterable[Event]) -> Standing:
    """What a task counts, from its tries, oldest first, and its events in any order."""
    holding = standing(events)
    gone = {each.attempt for each in holding if each.kind == "drop"}
    first, later = counted(tries, gone)
    points = first.score if first else None
    best = max((each.score for each in later if each.score is not None), default=None)
    told = Standing("ungraded" if tries else "none", None, points, best, len(later), len(tries))
    if any(each.kind == "excuse" for each in holding):
        return replace(told, status="excused", why="Excused: this task counts nothing.")
    decided = [each for each in holding if each.kind == "override"]
    if decided:
        last = decided[-1]
        return replace(told, status="graded", score=last.value, why=f"Set by the instructor: {last.words}")
    if points is None:
        return replace(told, why=_DROPPED) if tries and all(each.attempt in gone for each in tries) else told
    gain = max(0.0, best - points) if best is not None else 0.0
    return replace(told, status="graded", score=round(points + SHARE * gain, 1), why=_why(points, best, gain))


def _why(points: float, best: float | None, gain: float) -> str:
    if best is None:
        return f"The first try: {points:g}."
    if not gain:
        return f"The first try: {points:g}. A later one takes nothing from it."
    return f"The first try: {points:g}, and half of the {round(gain, 1):g} that the best later one stands above it."
