"""Answers are compared as a fair reader would: spelling may differ, facts may not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sandbox.matching import contains_nucleus, normal_code, normal_text


def test_a_code_is_the_same_with_and_without_dot_case_and_spaces():
    """Ada may type e1122, E11.22 or " e11 22 "; all are one code."""
    assert {normal_code(t) for t in ("e1122", "E11.22", " e11 22 ", "E11-22")} == {"E11.22"}
    assert normal_code("i10") == "I10"
    assert normal_code("") == ""


@given(st.text(alphabet="abcEISZ0123456789. ", max_size=10))
def test_normalising_a_code_twice_changes_nothing(text):
    """One spelling is final."""
    assert normal_code(normal_code(text)) == normal_code(text)


def test_a_nucleus_is_found_whatever_the_case_the_spaces_and_the_quotes():
    """A passage that wraps over lines still carries its words."""
    assert contains_nucleus("Impression:\n  ACUTE on  chronic diastolic heart failure.", "acute on chronic diastolic")
    assert contains_nucleus("a “sprain” of the ankle", '"sprain" of the ankle')
    assert contains_nucleus("Continue: home insulin – nightly", "insulin - nightly")


def test_another_stage_another_side_and_a_part_of_a_word_are_not_the_nucleus():
    """Fair is not lax: stage 3 is not stage 3b, left is not right, and 1.9 is not 11.9."""
    assert not contains_nucleus("CKD stage 3b", "CKD stage 3")
    assert not contains_nucleus("right ankle sprain", "left ankle sprain")
    assert not contains_nucleus("creatinine 11.9", "1.9")
    assert not contains_nucleus("anything", "  ")


@given(st.text(max_size=60))
def test_normal_text_is_final_and_has_single_spaces(text):
    """Normalising twice changes nothing but what casefolding itself leaves open."""
    once = normal_text(text)
    assert "  " not in once
    assert normal_text(once).split() == normal_text(normal_text(once)).split()
