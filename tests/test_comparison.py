"""The comparison: counts from first attempts on counted tasks, in words that never weigh one seat against the other."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sandbox.comparison import APART, Tried, compare, competencies, sentence
from sandbox.report import Finding, Report

SEATS = {"him": "Health information management", "hi": "Health informatics"}


def report(*met: bool, competency: str = "terminology") -> Report:
    """A report whose criteria were met or not."""
    each = 100 / max(len(met), 1)
    return Report(tuple(Finding(f"c{i}", "axis", competency, each * m, each, "t", "w") for i, m in enumerate(met)))


def tried(seat: str, *met: bool, counted: bool = True, number: int = 1, task: str = "t") -> Tried:
    """One attempt."""
    return Tried(seat, "story", task, "Task", counted, number, 60, 0, report(*met))


def test_only_first_attempts_on_counted_tasks_enter() -> None:
    """The starter, practice and second tries stand beside, not inside."""
    both = compare([tried("him", True, False), tried("him", True, True, number=2), tried("him", True, counted=False),
                    tried("hi", True, True, False)], SEATS)
    him, hi = both.sides
    assert (him.tasks, him.met, him.asked, len(him.practice)) == (1, 1, 2, 2)
    assert (hi.tasks, hi.met, hi.asked) == (1, 2, 3)


def test_each_seats_counts_stand_in_a_sentence_of_their_own() -> None:
    """The wording of the domain sheet, section 9."""
    assert sentence("him", 6, 41, 50) == "HIM, 6 tasks: met 41 of 50."
    assert sentence("hi", 1, 3, 5) == "HI, 1 task: met 3 of 5."
    assert sentence("hi", 0, 0, 0) == "HI: no counted task yet."


@given(st.lists(st.tuples(st.sampled_from(["him", "hi"]), st.lists(st.booleans(), max_size=8), st.booleans(),
                          st.integers(1, 3)), max_size=12))
def test_no_sentence_names_both_seats_or_a_verdict(rows: list[tuple[str, list[bool], bool, int]]) -> None:
    """Whatever was tried, nothing on the page ranks, suits or weighs the seats."""
    both = compare([tried(s, *m, counted=c, number=n) for s, m, c, n in rows], SEATS)
    for text in (*(side.sentence for side in both.sides), both.caution):
        assert not re.search(r"better|best|worse|suit|should|harder|aptitude", text)
        assert not ("HIM" in text and "HI," in text)
    assert both.caution == APART
    for side in both.sides:
        assert 0 <= side.met <= side.asked
        assert sum(c.asked for c in side.counts) == side.asked


def test_every_competency_says_which_seats_ask_for_it() -> None:
    """Five are shared; each is mapped to a framework in our words."""
    found = competencies()
    assert [c.id for c in found.values() if len(c.seats) == 2] == [
        "terminology", "privacy", "data-quality", "ethics", "communication"]
    assert all(c.frameworks and c.about for c in found.values())
