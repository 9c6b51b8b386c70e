"""What a coder finds when she types: codes, words, everyday phrases, slips of spelling."""

from __future__ import annotations

from pathlib import Path

import pytest
import second_list
from encoder_room import opened
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.terminology import dotted
from sandbox.terminology.build import rows

PHRASES = Path(__file__).with_name("test_terminology_phrases.tsv")


def phrases() -> tuple[list[tuple[str, set[str]]], list[tuple[str, set[str]]]]:
    """The phrases written before the synonyms, and those written after them, each with the entries that answer it."""
    early, _, late = PHRASES.read_text().partition("# Written after")
    split = [[line.split("\t") for line in part.splitlines()[1:] if "\t" in line] for part in (early, late)]
    return tuple([(phrase, set(codes.split("|"))) for phrase, codes in part if phrase != "phrase"]  # type: ignore
                 for part in split)


def share(asked: list[tuple[str, set[str]]]) -> tuple[float, list[str]]:
    """How many have an answer among the first five, and which have none."""
    missed = [phrase for phrase, codes in asked if not codes & {hit.code for hit in opened().search(phrase, 5)}]
    return 1 - len(missed) / len(asked), missed


def first(phrase: str) -> str:
    """The code of the best hit."""
    return opened().search(phrase)[0].code


def test_a_phrase_leads_to_its_code_among_the_first_five() -> None:
    """The hit rate of the first list, tuned half and held-out half apart; its author also wrote the synonyms."""
    early, _ = phrases()
    assert len(early) == 100
    for name, half in (("tuned", early[::2]), ("held out", early[1::2])):
        found, missed = share(half)
        print(f"{name}: {found:.2f}; missed {missed}")
        assert found >= 0.9, (name, missed)


def test_phrases_outside_the_synonyms_are_found_too() -> None:
    """The first list's late part, without what the synonyms have come to hold since: never tuned on."""
    _, late = phrases()
    known = {phrase.casefold() for phrase, _ in rows("synonyms.tsv")}
    unseen = [one for one in late if one[0].casefold() not in known]
    assert (len(late), len(unseen)) == (50, 26)
    found, missed = share(unseen)
    print(f"unseen: {found:.2f}; missed {missed}")
    assert found >= 0.85, missed


def test_both_halves_of_the_second_list_are_answered_among_the_first_five() -> None:
    """281 phrases, written before their author saw any synonym; the same author then wrote synonyms by subject.

    What the held-out half missed was looked at only after the figure stood. Sides, stages and encounters that a phrase
    names must be in the hit: a category does not answer for its code.
    """
    for name, half, many in zip(("tuned", "held out"), second_list.halves(), (146, 135), strict=True):
        first_hit, five, missed = second_list.report(opened(), half)
        print(f"second list, {name}: {len(half)} phrases, top 1 {first_hit:.2f}, top 5 {five:.2f}; missed {missed}")
        assert len(half) == many
        assert five >= 0.9, (name, missed)


@pytest.mark.parametrize(("typed", "code"), [
    ("bmi 42", "Z68.41"), ("BMI of 19.9", "Z68.1"), ("body mass index 24.95", "Z68.24"), ("bmi 71", "Z68.45"),
    ("bmi 18", "Z68.1"), ("bmi 69.9", "Z68.44"),
])
def test_a_body_mass_index_leads_to_the_range_that_holds_it(typed: str, code: str) -> None:
    """The number is not a word of any title; the range that holds it is what Ada looks for."""
    assert first(typed) == code


def test_a_slip_in_a_known_phrase_still_leads_to_its_code() -> None:
    """Ben mistypes what the synonyms know: the nearest known words are looked up as a phrase."""
    assert first("throwing up blod") == "K92.0"
    assert first("glandulr fever") == "B27.90"


@pytest.mark.parametrize("typed", ["S93.402A", "s93402a", " S93402A ", "s93.402a"])
def test_a_code_typed_as_such_comes_first(typed: str) -> None:
    """Dotted or not, in any case, with spaces around it."""
    assert first(typed) == "S93.402A"


def test_the_start_of_a_code_lists_what_begins_so() -> None:
    """I50 itself, then what stands below it."""
    codes = [hit.code for hit in opened().search("i50")]
    assert codes[0] == "I50"
    assert all(code.startswith("I50") for code in codes)


@pytest.mark.parametrize(("british", "american"), [
    ("oedema", "edema"), ("anaemia", "anemia"), ("haemorrhage of throat", "hemorrhage of throat"),
    ("diarrhoea", "diarrhea"), ("oesophagitis", "esophagitis"), ("ischaemic stroke", "ischemic stroke"),
    ("hyperlipidaemia", "hyperlipidemia"), ("leukaemia", "leukemia"), ("tumour of brain", "tumor of brain"),
    ("paraesthesia", "paresthesia"), ("foetal distress", "fetal distress"), ("gonorrhoea", "gonorrhea"),
])
def test_british_and_american_spelling_find_the_same(british: str, american: str) -> None:
    """The classification is written in American spelling; the notes are not always."""
    codes = opened()
    assert [hit.code for hit in codes.search(british)] == [hit.code for hit in codes.search(american)] != []


@pytest.mark.parametrize(("typed", "code"), [
    ("pnuemonia", "J18.9"), ("costocondritis", "M94.0"), ("hypokalemai", "E87.6"), ("atrial fibrilation", "I48.91"),
    ("osteoperosis", "M81.0"), ("celulitis", "L03.90"), ("apendicitis", "K37"), ("migrane", "G43.909"),
])
def test_a_slip_of_spelling_is_forgiven(typed: str, code: str) -> None:
    """A letter left out, doubled or exchanged: the right entry is still among the first five."""
    assert code in {hit.code for hit in opened().search(typed, 5)}


@pytest.mark.parametrize(("phrase", "code", "kind"), [
    ("ankle sprain", "S93.40", "choose side"), ("left ankle sprain", "S93.402", "choose encounter"),
    ("left ankle sprain initial encounter", "S93.402A", ""), ("foot ulcer", "L97.5", "choose side"),
    ("right foot ulcer", "L97.51", "choose severity"), ("ulcer right foot fat layer", "L97.512", ""),
    ("sacral pressure ulcer", "L89.15", "choose stage"), ("sacral pressure ulcer stage 2", "L89.152", ""),
    ("fall from bed", "W06", "choose encounter"), ("cough", "R05.9", ""), ("strep throat", "J02.0", ""),
])
def test_what_the_phrase_leaves_open_is_still_to_choose(phrase: str, code: str, kind: str) -> None:
    """Siblings that differ in what was not said stand under their parent; what was said chooses among them."""
    hit = opened().search(phrase)[0]
    assert (hit.code, hit.kind, hit.billable) == (code, kind, kind == "")


def test_every_7th_character_code_is_folded_unless_typed() -> None:
    """No hit of a search by words is a 7th-character code, unless the phrase names the encounter."""
    codes = opened()
    for phrase in ("fracture of femur", "sprain of wrist", "poisoning by aspirin", "fall on stairs"):
        assert all(not codes.seventh(hit.code) for hit in codes.search(phrase, 50))


def test_every_synonym_leads_to_its_code() -> None:
    """At least 300 phrases of the project's own, each with its first code first and codes that exist."""
    known = rows("synonyms.tsv")
    assert len(known) >= 300
    assert len({phrase.casefold() for phrase, _ in known}) == len(known)
    for phrase, listed in known:
        wanted = listed.split()
        assert all(opened().get(code) for code in wanted)
        if dotted(phrase)[:3] not in {code[:3] for code in wanted}:
            hits = [hit.code for hit in opened().search(phrase, len(wanted) + 2)]
            assert set(wanted) <= set(hits), (phrase, hits)


def test_no_hit_is_a_block_or_a_chapter() -> None:
    """Categories are the highest that can be opened from a search, whatever their neighbours differ in."""
    kinds = {kind for (kind,) in opened().rows("SELECT DISTINCT kind FROM code WHERE code LIKE '%-%'")}
    assert kinds == {"choose detail"}
    for phrase in ("G", "nephrotic", "disorders of choroid", "injury"):
        assert all("-" not in hit.code for hit in opened().search(phrase, 50))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_anything_typed_gets_an_answer(typed: str) -> None:
    """No text breaks the search; hits are distinct, known, and no more than asked for."""
    hits = opened().search(typed, 7)
    assert len({hit.code for hit in hits}) == len(hits) <= 7
    assert all(opened().get(hit.code) for hit in hits)


@pytest.mark.parametrize("typed", ["", "   ", "the of and", '"', "* OR NOT", "qqqzzzxxw", "'; DROP TABLE code"])
def test_what_says_nothing_finds_nothing_or_only_words(typed: str) -> None:
    """Empty, punctuation and the index's own operators are plain text."""
    assert isinstance(opened().search(typed), list)
    if typed.strip() in ("", "the of and", '"', "qqqzzzxxw"):
        assert opened().search(typed) == []
