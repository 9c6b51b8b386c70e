"""What the comparison may say: every sentence is one of `SENTENCES`, and each is earned by counts.

Never two seats' totals in one sentence, never a verdict on a competency, never an order of people or seats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sandbox.comparison.evidence import ENOUGH_TASKS, Tally
from sandbox.comparison.interval import Band, newcombe

SHARED_TASKS, SHARED_FINDINGS, APART_BY = 5, 20, 0.10
CONFIDENCE_TASKS, CONFIDENCE_GAP = 8, 15
INTEREST_TASKS, INTEREST_KINDS = 3, 2

SENTENCES: Mapping[str, str] = {
    "none": "{seat}: no counted task yet.",
    "one": "{seat}: you met {met} of {asked} in 1 task. One task cannot say how you would do here.",
    "two": "{seat}: you met {met} of {asked} in 2 tasks. Two tasks cannot say how you would do here.",
    "seat": "{seat}: you met {met} of {asked} in {tasks} tasks; on more like these, perhaps {band} in 100.",
    "band": "perhaps {band} in 100",
    "few": "too few for a band",
    "apart": "These are different tasks; the two numbers cannot be compared.",
    "early": "On skills both seats use: nothing is said before 5 tasks and 20 such findings in each seat.",
    "close": "On skills both seats use: too close to call.",
    "more": "On skills both seats use, you met more in the {one} tasks ({met} of {asked}; {other_met} of "
            "{other_asked}). Harder tasks or the order of seats may explain part.",
    "level": "The author’s word: level {level} of 3.",
    "class": "The author’s word: level {level} of 3; about {share} in 100 of the class met this.",
    "no_expectation": "You have not said yet what you expect of a task.",
    "few_expectations": "You said what you expect for {answers}: you expected {expected} in 100 and met {met} in 100. "
                        "From 8 such tasks on, this says more.",
    "expected": "Over {answers} you expected {expected} in 100 and met {met} in 100.",
    "expected_more": "You expected more than you met: {expected} in 100 expected, {met} in 100 met, over {answers}.",
    "expected_less": "You met more than you expected: {expected} in 100 expected, {met} in 100 met, over {answers}.",
    "no_interest": "{seat}: you have not said yet whether you would like more of this work.",
    "few_interest": "{seat}: {answers} so far; a middle is said from 3 tasks of 2 kinds.",
    "interest": "{seat}: over {answers}, your middle answer to “more work like this” is {middle} of 5.",
    "well_all": "You met everything asked under {axes}.",
    "well_most": "You met most of what was asked under {axes}.",
    "well_start": "You have begun: {met} of {asked} met so far.",
    "missed_most": "Most of what was missed stands under {axes}.",
    "missed_none": "Nothing was missed.",
    "slip": "In {tasks} you {mistake}.",
    "slip_named": "A known slip in {tasks}: {mistake}.",
    "hoped": "Before you began, you expected {hoped} of 5.",
}


def say(name: str, **facts: object) -> str:
    """One of the sentences, filled in."""
    return SENTENCES[name].format(**facts)


def in_100(band: Band) -> str:
    """A band as people read it: "44 to 86"."""
    return f"{round(100 * band[0])} to {round(100 * band[1])}"


def seat_sentence(seat: str, tally: Tally) -> str:
    """What one seat's counts can say."""
    facts = {"seat": seat.upper(), "met": tally.met, "asked": tally.asked}
    if (tasks := len(tally.tasks)) < ENOUGH_TASKS:
        return say(("none", "one", "two")[tasks], **facts)
    assert tally.band
    return say("seat", **facts, tasks=tasks, band=in_100(tally.band))


def between(one: tuple[str, Tally], other: tuple[str, Tally]) -> str:
    """What two seats' pooled shared findings can say: nothing early, then "too close to call", rarely more."""
    if any(len(t.tasks) < SHARED_TASKS or t.asked < SHARED_FINDINGS for _, t in (one, other)):
        return say("early")
    side = _apart(one[1], other[1])
    if not side or any(_apart(*pair) != side for pair in _without_one(one[1], other[1])):
        return say("close")
    (name, first), (_, second) = (one, other) if side > 0 else (other, one)
    return say("more", one=name.upper(), met=first.met, asked=first.asked,
               other_met=second.met, other_asked=second.asked)


def _apart(one: Tally, other: Tally) -> int:
    """1 or -1 where the interval of the difference lies wholly beyond 10 points, else 0."""
    low, high = newcombe(one.share, one.worth, other.share, other.worth)
    return 1 if low > APART_BY else -1 if high < -APART_BY else 0


def _without_one(one: Tally, other: Tally) -> Iterator[tuple[Tally, Tally]]:
    """The two with one task less, each in turn: no single task may carry what is said of a seat.

    Without this rule one in eight of simulated equal learners was told of a difference sooner or later; with it one in
    twenty (docs/comparison).
    """
    for n in range(len(one.tasks)):
        yield Tally(one.tasks[:n] + one.tasks[n + 1:], one.rho), other
    for n in range(len(other.tasks)):
        yield one, Tally(other.tasks[:n] + other.tasks[n + 1:], other.rho)


def difficulty(level: int, share: float | None) -> str:
    """The author's word, and the class's share (None: fewer than 15 learners did it)."""
    return say("level", level=level) if share is None else say("class", level=level, share=round(100 * share))


def confidence(answers: int, expected: float, met: float) -> str:
    """What she expected beside what she met, both shares from 0 to 1 over the same tasks."""
    if not answers:
        return say("no_expectation")
    facts = {"answers": counted_tasks(answers), "expected": round(100 * expected), "met": round(100 * met)}
    if answers < CONFIDENCE_TASKS:
        return say("few_expectations", **facts)
    gap = 100 * (expected - met)
    if abs(gap) < CONFIDENCE_GAP - 1e-9:
        return say("expected", **facts)
    return say("expected_more" if gap > 0 else "expected_less", **facts)


def interest(seat: str, answers: int, kinds: int, middle: float | None) -> str:
    """Her middle answer to "more work like this" in one seat, from 3 tasks of 2 kinds."""
    if not answers or middle is None:
        return say("no_interest", seat=seat.upper())
    if answers < INTEREST_TASKS or kinds < INTEREST_KINDS:
        return say("few_interest", seat=seat.upper(), answers=counted_tasks(answers))
    return say("interest", seat=seat.upper(), answers=counted_tasks(answers), middle=f"{middle:g}")


def counted_tasks(number: int) -> str:
    """ "1 task", "3 tasks"."""
    return f"{number} task{'s' if number != 1 else ''}"
