"""LOINC, RxNorm and HCPCS Level II as far as the hospital uses them: a code's words, and the way back."""

from __future__ import annotations

import json

import pytest
from encoder_room import opened
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.cli import codes as command
from sandbox.cli import main
from sandbox.terminology import SYSTEMS, Term, open_terms
from sandbox.terminology.build import rows


def test_a_code_is_known_by_its_system_however_the_system_is_named() -> None:
    """By short name and by its address in FHIR; another system's code is not found."""
    term = Term("loinc", "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood")
    assert open_terms().get("loinc", "4548-4") == opened().terms.get(SYSTEMS["loinc"], " 4548-4 ") == term
    assert open_terms().get("rxnorm", "4548-4") is None and open_terms().get("snomed", "4548-4") is None
    assert open_terms().get("hcpcs", "g0439") == open_terms().get("hcpcs", "G0439") is not None


def test_each_term_stands_once_and_is_found_by_its_code_and_its_own_words() -> None:
    """The list has no double, no empty title, no code of another system's shape; each leads back to itself."""
    listed = open_terms().all()
    assert len(listed) == len(rows("terms.tsv")) == len({(term.system, term.code) for term in listed})
    for term in listed:
        assert term.title.strip() == term.title != ""
        assert open_terms().search(term.code, term.system)[0] == term
        assert term in open_terms().search(term.title, term.system), term


def test_loinc_codes_carry_a_right_check_digit() -> None:
    """A slip in a number would break it: modulus 10, every second digit doubled, from the right. LA: made otherwise."""
    for term in (term for term in open_terms().all("loinc") if not term.code.startswith("LA")):
        digits, _, check = term.code.partition("-")
        doubled = "".join(str(int(d) * (2 if place % 2 == 0 else 1)) for place, d in enumerate(reversed(digits)))
        assert (10 - sum(map(int, doubled)) % 10) % 10 == int(check), term


@pytest.mark.parametrize(("phrase", "system", "code"), [
    ("white cells", "loinc", "6690-2"), ("a1c", "loinc", "4548-4"), ("BP", "loinc", "85354-9"),
    ("troponin", "loinc", "89579-7"), ("discharge summ", "loinc", "18842-5"), ("tylenol", "rxnorm", "161"),
    ("insulin glargine", "rxnorm", "274783"), ("water pill", "rxnorm", "4603"), ("wellness", "hcpcs", "G0438"),
    ("oedema", "", ""), ("", "", ""), ("kidney tylenol", "", ""),
])
def test_words_lead_to_what_the_hospital_uses_and_to_nothing_else(phrase: str, system: str, code: str) -> None:
    """Its own words or everyday ones; every word must be said; what the hospital does not use is not found."""
    found = [term.code for term in open_terms().search(phrase, system)]
    assert code in found[:3] if code else found == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["", "loinc", "rxnorm", "hcpcs", "other"]))
def test_anything_typed_gets_terms_of_the_system_asked_for(typed: str, system: str) -> None:
    """No text breaks the search; no term twice; none of another system; no more than asked for."""
    found = open_terms().search(typed, system, 5)
    assert len(found) == len(set(found)) <= 5 and all(system in ("", term.system) for term in found)


def test_the_command_shows_and_searches_the_other_systems(
        capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`--system loinc`; an unknown code is said plainly, with what to do, and ends with a status."""
    monkeypatch.setattr(command, "opened", opened)
    assert main(["codes", "show", "2160-0", "--system", "loinc", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Creatinine [Mass/volume] in Serum or Plasma"
    assert main(["codes", "search", "blood thin", "--system", "rxnorm", "--json"]) == 0
    assert {term["title"] for term in json.loads(capsys.readouterr().out)} == {"apixaban", "enoxaparin", "heparin"}
    assert main(["codes", "show", "9-9", "--system", "loinc"]) != 0
    assert "The hospital uses no loinc code" in capsys.readouterr().err
    assert main(["codes", "search", "zzz", "--system", "hcpcs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
