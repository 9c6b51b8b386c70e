"""What the comparison may say: every sentence read, each earned by counts, none a verdict, a rank or advice."""

from __future__ import annotations

import re
import string
from pathlib import Path

import classmates
import pytest
from flask import Flask
from houses import Person
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.comparison import (
    SENTENCES,
    Tally,
    Tried,
    between,
    compare,
    confidence,
    difficulty,
    interest,
    newcombe,
    paragraph,
    seat_sentence,
)
from sandbox.house import House
from sandbox.report import Finding, Report

TEMPLATES = Path(__file__).resolve().parent.parent / "sandbox" / "web" / "templates"
PAGE = ("compare.html", "compare_parts.html", "compare_counts.html", "compare_against.html", "compare_beside.html")
NEVER = re.compile(
    r"\b(better|best|worse|worst|suit(s|ed|able)?|rank(s|ed|ing)?|strong(er|est)?|weak(er|est)?|winner|ahead|behind|"
    r"talent(ed)?|aptitude|gifted|fail(ed|ure)?|excellent|poor|(above|below) (the )?average|should|must|"
    r"percentile|significan\w*|ready for)\b", re.IGNORECASE)
ALLOWED = {"Whether you are ready for a job, a licence or a certificate."}  # under "What this page cannot tell"
PLAIN = ("Nobody else sees", "Choose one", "You have opened no chart", "These are different tasks")
TALLIES = st.lists(st.integers(1, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=9)


def shape(name: str) -> re.Pattern[str]:
    """A sentence of the list as a pattern: its own words, and anything in its places."""
    parts = string.Formatter().parse(SENTENCES[name])
    return re.compile("".join(re.escape(words) + (".+?" if field else "") for words, field, _, _ in parts))


def said_by(name: str, words: str) -> bool:
    """Whether these words are that sentence, filled in."""
    return shape(name).fullmatch(words) is not None


def test_every_sentence_of_the_list_is_free_of_verdicts_ranks_and_advice() -> None:
    """All that the functions below can say stands in one list; a person can read it in a minute."""
    assert len(SENTENCES) == 28
    assert {name: words for name, words in SENTENCES.items() if NEVER.search(words)} == {}
    assert {name for name, words in SENTENCES.items() if "arder" in words or "HI" in words} == {"more"}


def test_the_words_of_the_page_itself_are_free_of_them_too() -> None:
    """Templates without their tags; what is said beside "cannot tell" is the one exception."""
    for name in PAGE:
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]+>", " ", (TEMPLATES / name).read_text(), flags=re.DOTALL)
        lists = re.findall(r'"([A-Z][^"]+\.)"', (TEMPLATES / name).read_text())
        for words in (text, *(each for each in lists if each not in ALLOWED)):
            assert not NEVER.search(words), (name, NEVER.search(words))
            assert "%" not in words or name == "compare_parts.html", "in 100; widths of pictures apart"


@settings(max_examples=30)
@given(TALLIES)
def test_a_seat_says_one_of_four_things_and_a_band_only_from_three_tasks(rows: list[tuple[int, int]]) -> None:
    """Never the other seat's name, and never a band too early."""
    words = seat_sentence("him", Tally(tuple(rows)))
    assert said_by(("none", "one", "two", "seat")[min(len(rows), 3)], words)
    assert "HI:" not in words and ("perhaps" in words) == (len(rows) >= 3)


@settings(max_examples=60)
@given(TALLIES, TALLIES)
def test_between_the_seats_more_is_said_only_when_the_interval_lies_beyond_ten_points(
        one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    """Three sentences; the third from 5 tasks and 20 findings in each, and a Newcombe interval wholly beyond."""
    a, b = Tally(tuple(one)), Tally(tuple(other))
    words = between(("him", a), ("hi", b))
    assert any(said_by(name, words) for name in ("early", "close", "more"))
    early = min(len(one), len(other)) < 5 or min(a.asked, b.asked) < 20
    assert said_by("early", words) == early
    if said_by("more", words):
        low, high = newcombe(a.share, a.worth, b.share, b.worth)
        assert low > 0.10 or high < -0.10
        more = "HIM" if a.share > b.share else "HI"
        assert f"more in the {more} tasks" in words


def test_the_sentence_between_the_seats_reads_as_it_was_agreed() -> None:
    """Counts of both, the one that met more first, and what may explain it."""
    words = between(("him", Tally(((5, 5),) * 8)), ("hi", Tally(((1, 5),) * 8)))
    assert words == ("On skills both seats use, you met more in the HIM tasks (40 of 40; 8 of 40). "
                     "Harder tasks or the order of seats may explain part.")
    assert between(("him", Tally(((4, 5),) * 8)), ("hi", Tally(((3, 5),) * 8))).endswith("too close to call.")


def test_no_single_task_carries_what_is_said_between_the_seats() -> None:
    """One task of 60 findings, all missed, would: without it the seats are close."""
    even = ((4, 5),) * 5
    heavy = Tally((*even, (0, 60)))
    low, _ = newcombe(0.8, Tally(((16, 20),) * 6).worth, heavy.share, heavy.worth)
    assert low > 0.10, "the interval alone would speak"
    assert between(("him", Tally(((16, 20),) * 6)), ("hi", heavy)).endswith("too close to call.")


@given(st.integers(0, 30), st.floats(0, 1), st.floats(0, 1))
def test_expecting_more_than_was_met_is_said_from_eight_tasks_and_fifteen_points(n: int, e: float, m: float) -> None:
    """Both ways alike; until then the two figures stand alone."""
    words = confidence(n, e, m)
    assert any(said_by(name, words) for name in (
        "no_expectation", "few_expectations", "expected", "expected_more", "expected_less"))
    told = words.startswith(("You expected more than you met", "You met more than you expected"))
    assert told == (n >= 8 and abs(100 * (e - m)) >= 15 - 1e-9)


@given(st.integers(0, 9), st.integers(0, 4), st.floats(1, 5))
def test_a_middle_of_liking_is_said_from_three_tasks_of_two_kinds(n: int, kinds: int, middle: float) -> None:
    """Before that only how many answers there are."""
    words = interest("hi", n, kinds, middle if n else None)
    assert said_by("interest" if n >= 3 and kinds >= 2 else "few_interest" if n else "no_interest", words)


@pytest.mark.parametrize(("share", "words"), [
    (None, "The author’s word: level 2 of 3."),
    (0.614, "The author’s word: level 2 of 3; about 61 in 100 of the class met this.")])
def test_difficulty_is_the_authors_word_beside_the_classs_share(share: float | None, words: str) -> None:
    """The share only where a class is large enough (the caller gives None until then)."""
    assert difficulty(2, share) == words


AXES = st.sampled_from(["Rows", "Chart", "Limits"])
FOUND = st.lists(st.tuples(AXES, st.booleans(), st.sampled_from(["", "split a code", "A link that is none", "slip"])),
                 max_size=12)


@settings(max_examples=40)
@given(st.lists(FOUND, max_size=4))
def test_plain_words_are_sentences_of_the_list_with_counts_that_are_hers(tasks: list) -> None:  # type: ignore[type-arg]
    """Built from findings; what is said to be met in full was; nothing is said of nothing."""
    entries = [Tried("hi", "s", f"t{i}", f"Task {i}", True, 1, 0, 0, Report(tuple(
        Finding(str(n), axis, "analytics", float(met), 1.0, "t", "w", mistake=mistake if not met else "")
        for n, (axis, met, mistake) in enumerate(rows)), next_time="Look first.")) for i, rows in enumerate(tasks)]
    words = paragraph(entries)
    if words is None:
        assert not any(tasks)
        return
    assert any(said_by(name, words.well) for name in ("well_all", "well_most", "well_start"))
    for axis, met, asked in re.findall(r"“(\w+)” \((\d+) of (\d+)\)", words.well):
        flat = [ok for rows in tasks for a, ok, _ in rows if a == axis]
        assert (int(met), int(asked)) == (sum(flat), len(flat))
        assert not said_by("well_all", words.well) or met == asked
    lost = any(not ok for rows in tasks for _, ok, _ in rows)
    assert words.missed.startswith("Most of what was missed" if lost else "Nothing was missed")
    assert bool(words.practise) == lost
    assert not NEVER.search(words.well + words.missed)


def test_the_page_says_nothing_that_is_not_on_the_list(app: Flask, house: House) -> None:
    """In a house, with evidence in both seats: each sentence about her is of the list, and no word is a verdict."""
    ada = Person(app).sit_down()
    with house.db.writing() as conn:
        person = house_person(conn)
        for place, met in (("him-office-mornings/him-wrist", 8), ("him-office-mornings/him-yearly-check", 9),
                           ("him-record-review/him-first-review", 7), ("hi-questions-clinic/hi-defect-hunt", 4)):
            story, task = place.split("/")
            classmates.file(conn, person, story, task, classmates.report(met, 10), expected=9, more=4)
    page = ada.get("/compare")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>|&nbsp;", " ", page[page.index("<main"):page.index("</main>")]))
    assert "HIM: you met 24 of 30 in 3 tasks; on more like these, perhaps" in text
    assert "HI: you met 4 of 10 in 1 task. One task cannot say how you would do here." in text
    for exception in ALLOWED:
        text = text.replace(exception, "")
    assert not NEVER.search(text), NEVER.search(text)
    for line in re.findall(r'<p class="(?:between[^"]*|m0)">(.*?)</p>', page, flags=re.DOTALL):
        words = re.sub(r"\s+", " ", re.sub(r"<span>.*?</span>|<[^>]+>", " ", line)).strip()
        assert any(said_by(name, words) for name in SENTENCES) or words.startswith(PLAIN), words
    assert page.count('class="dot-plot"') == 1 == page.count("dot-table"), "the picture has its table"
    both = compare([], {"him": "HIM", "hi": "HI"})
    assert not both.evidence


def house_person(conn) -> str:  # type: ignore[no-untyped-def]
    """The id of whoever came last."""
    import sqlalchemy as sa

    from sandbox.people import person

    return str(conn.execute(sa.select(person.c.id).order_by(person.c.created.desc())).scalars().first())
