"""LOINC, RxNorm and HCPCS Level II as far as the hospital uses them: one look-up, and records that keep to it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hospital_rounds import default_hospital

from fixtures.hospital.library import table
from fixtures.notes import cases, variants
from sandbox.cli import main
from sandbox.cli.stats import _others
from sandbox.errors import NotFound
from sandbox.terminology import used


def test_a_code_has_its_name_and_words_find_it():
    """Spelling of the case and order of the words do not matter; another system's code is none."""
    found = used.get("loinc", "2160-0")
    assert found and found.title == "Creatinine [Mass/volume] in Serum or Plasma"
    assert found in used.search("loinc", "SERUM creatinine") and found in used.search("loinc", "2160")
    assert [one.code for one in used.search("rxnorm", "metformin")] == ["6809"]
    assert used.get("hcpcs", "g0438") and used.get("rxnorm", "2160-0") is None
    assert used.search("loinc", "  ") == []


def test_what_the_hospital_does_not_use_is_said():
    """The error names the system and where to look."""
    with pytest.raises(NotFound, match="99999-9 is not among the LOINC codes that this hospital uses"):
        used.known("loinc", "99999-9")


def test_every_coding_of_a_hospital_is_in_the_table_under_the_same_name():
    """And a name that differs, or a code that is missing, is found."""
    looked, faults = _others(default_hospital())
    assert looked > 10_000 and not faults
    broken = {"resourceType": "Observation", "id": "x", "code": {"coding": [
        {"system": used.ADDRESS["loinc"], "code": "2160-0", "display": "Creatine"}]}}
    assert _others([broken]) == (1, ["Observation/x: 2160-0 “Creatine”"])


def _drugs() -> Iterator[tuple[str, str]]:
    for row in table("drugs"):
        yield "rxnorm", row["rxcui"]
    for row in table("labs"):
        yield "loinc", row["loinc"]
    for case in cases():
        for one in variants(case):
            yield from (("rxnorm", drug["rxnorm"]) for drug in one.table.get("drug", ()))
            yield from (("loinc", row["loinc"]) for key in ("lab", "document") for row in one.table.get(key, ()))
            break


def test_the_tables_of_the_generator_and_the_cases_use_no_other_codes():
    """A drug or test that somebody adds has to be named here."""
    assert not {pair for pair in _drugs() if used.get(*pair) is None}


def test_each_code_stands_once():
    """Two names for one code would leave one of them unused."""
    rows = used.rows("used.tsv")
    assert len({(system, code) for system, code, _ in rows}) == len(rows) > 110


def test_the_command_line_asks_the_same_table(capsys):
    """show and search take --system; the default is unchanged."""
    assert main(["codes", "show", "6809", "--system", "rxnorm", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"system": "rxnorm", "code": "6809", "title": "metformin"}
    assert main(["codes", "search", "hemoglobin a1c", "--system", "loinc"]) == 0
    assert "4548-4" in capsys.readouterr().out
    assert main(["codes", "search", "zzz", "--system", "loinc"]) == 1
