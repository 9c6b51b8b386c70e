"""How pages say things: dates in the facility's zone, Markdown that cannot harm, counted nouns, terms."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.web import words


def test_an_instant_is_said_in_the_facilitys_zone_with_and_without_summer_time() -> None:
    """14 Jun 2026 19:05 UTC is 14:05 in Chicago; in January it would be 13:05."""
    assert words.when("2026-06-14T19:05:00Z") == "14 Jun 2026 14:05"
    assert words.when(datetime(2026, 1, 14, 19, 5, tzinfo=UTC)) == "14 Jan 2026 13:05"
    assert words.when("2026-06-14T00:30:00+00:00") == "13 Jun 2026 19:30"


def test_a_date_without_a_time_stays_a_date_and_a_part_of_a_date_stays_as_it_is() -> None:
    """FHIR dates may be a year or a month: nothing is made up."""
    assert words.when("2026-06-14") == words.day(date(2026, 6, 14)) == "14 Jun 2026"
    assert words.day("2026-06") == "2026-06"
    assert words.day(None) == words.when("") == ""


def test_last_seen_is_said_in_few_words() -> None:
    """Now, minutes, hours, days, never."""
    moment = datetime.now(UTC)
    said = [words.ago(moment - timedelta(**gap)) for gap in ({"seconds": 5}, {"minutes": 8}, {"hours": 3}, {"days": 4})]
    assert said == ["now", "8 min", "3 h", "4 days"]
    assert words.ago(None) == "never"


@pytest.mark.parametrize(("number", "said"), [
    (33.0, "33"), (7.5, "7.5"), (3184, "3,184"), ("8 of 10", "8 of 10"), (None, "")])
def test_a_figure_is_written_as_people_write_it(number: object, said: str) -> None:
    """No 33.0, a comma in thousands, words untouched."""
    assert words.figure(number) == said


def test_nouns_are_counted_in_words() -> None:
    """One hint, two hints, two queries."""
    assert [words.counted(1, "hint"), words.counted(2, "hint"), words.counted(2, "query", "queries")] == [
        "1 hint", "2 hints", "2 queries"]


@given(st.text(alphabet=st.sampled_from("<>[]()!*_`#'\"=:/ scriptonabjv\n&"), max_size=80))
def test_markdown_never_lets_markup_or_a_script_through(text: str) -> None:
    """Whatever is written: no element that runs, no handler, no javascript address."""
    html = str(words.markdown(text)).lower()
    assert "<script" not in html and "<img" not in html and "<iframe" not in html
    assert 'href="javascript' not in html and " on" not in "".join(p.split(">")[0] for p in html.split("<")[1:])


def test_what_done_means_reads_on_after_its_first_words() -> None:
    """However an author wrote it: a small letter in front, no stop behind, acronyms left alone."""
    said = [words.clause(s) for s in ("You have read it.", "the code names the side", "POA is given.")]
    assert said == ["you have read it", "the code names the side", "POA is given"]


def test_a_paragraph_of_a_rule_is_no_copyright_sign() -> None:
    """Citations stay as they are written, where quotes and apostrophes are set."""
    said = words.markdown("42 CFR 482.24(c)(4) and (r) or (tm), as it's \"said\"")
    assert "482.24(c)(4) and (r) or (tm), as it’s “said”" in said


def test_markdown_headings_start_below_the_pages_own() -> None:
    """A brief's # is not a second h1."""
    assert "<h3>" in words.markdown("# Place") and "<h2>" in words.markdown("# Place", 2)


def test_a_term_in_markdown_explains_itself_and_an_unknown_one_is_plain_words() -> None:
    """`[POA](term:POA)` is a button that terms.js reads; what the glossary lacks is only text."""
    html = words.markdown(
        "Give its [indicator](term:POA) and [what](term:No%20such-word), [first](term:first-listed%20diagnosis).")
    assert 'data-term="Present on admission' in html and ">indicator</button>" in html
    assert '>first</button>.</span>' in html  # a full stop never begins a line of its own
    assert "what," in html and ">first</button>" in html


def test_every_term_of_the_glossary_is_one_plain_sentence_or_two() -> None:
    """Short enough to read while hovering, and closed by a full stop."""
    for name, meaning in words.glossary().items():
        assert 15 < len(meaning) <= 160, name
        assert meaning.endswith("."), name
