"""The case format refuses what an author did not mean, and says what to mend."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from fixtures import notes
from fixtures.notes import shape

ROOT = Path(__file__).parent.parent


def hip() -> dict:
    """One variant of the hip as a table that may be spoiled."""
    return {name: part for name, part in _made().table.items() if name != "slots"}


@cache
def _made() -> notes.Variant:
    return next(v for v in notes.variants("hip", leave=("who",)) if v.slots["anaemia"] == "vague"
                and v.slots["af"] == "permanent")


def spoiled(place: str, at: int | None, /, **changes: object) -> dict:
    """The hip with some columns of one row changed; None takes a column away."""
    table = hip()
    row = table[place] if at is None else table[place][at]
    changed = {k: v for k, v in (row | changes).items() if v is not None}
    table[place] = changed if at is None else [
        changed if n == at else one for n, one in enumerate(table[place])]
    return table


def test_a_whole_case_has_no_fault():
    """Neither spelled wrongly nor held together badly."""
    assert list(shape.misspelled(hip())) == [] and list(shape.faults(hip())) == []


@pytest.mark.parametrize(("table", "said"), [
    (lambda: hip() | {"procedures": []}, "[procedures] is no table"),
    (lambda: spoiled("query", 0, topic=["anaemia"]), "topic is no column"),
    (lambda: spoiled("procedure", 0, date=None), "has no date"),
    (lambda: spoiled("code", 1, near="D64.9"), "near is not a list"),
    (lambda: {k: v for k, v in hip().items() if k != "encounter"}, "encounter is missing"),
    (lambda: spoiled("policy", None, weather="expected"), "weather is no column"),
])
def test_a_table_or_column_that_nobody_knows_is_named(table, said):
    """A misspelled column would silently judge nothing."""
    told = list(shape.misspelled(table()))
    assert any(said in line for line in told), told


@pytest.mark.parametrize(("table", "said"), [
    (lambda: hip() | {"setting": "ward"}, "setting is 'ward'"),
    (lambda: spoiled("code", 1, **{"class": "X"}), "class of [[code]]"),
    (lambda: spoiled("query", 0, kind=["hunch"]), "kind of the query anaemia is 'hunch'"),
    (lambda: spoiled("procedure", 0, code="0SRO019"), "no ICD-10-PCS code"),
    (lambda: spoiled("procedure", 0, date="4 June"), "write it as"),
    (lambda: spoiled("procedure", 0, principal=False), "one [[procedure]] has principal"),
    (lambda: spoiled("disposition", None, code="3"), "disposition (two)"),
    (lambda: spoiled("drg", 0, number="22"), "DRG (three digits)"),
    (lambda: spoiled("drg", 0, led_by=["J96.21"]), "no accepted principal"),
    (lambda: spoiled("code", 0, principal=False), "one [[code]] has principal"),
    (lambda: hip() | {"code": [*hip()["code"], hip()["code"][1]]}, "stands twice"),
    (lambda: hip() | {"alternate": [{"principal": "A41.9", "why": "", "rule": ""}]}, "is no [[code]]"),
    (lambda: spoiled("code", 2, support=[]), "has no support"),
    (lambda: spoiled("code", 2, support=[[["row:sodium", "128"]]]), "a provider's words decide"),
    (lambda: spoiled("code", 2, support=[[["nowhere", "Hyponatraemia"]]]), "no document or row 'nowhere'"),
    (lambda: spoiled("code", 2, support=[[["hp", "low sodium of old"]]]), "stands in none of hp"),
    (lambda: spoiled("query", 0, support=[[["row:haemoglobin", "3.3"]]]), "'3.3' stands in none"),
    (lambda: hip() | {"setting": "office"}, "belong to inpatient stays"),
    (lambda: spoiled("policy", None, transfusion="always"), "[policy] transfusion is 'always'"),
])
def test_what_does_not_hold_in_a_variant_is_said_with_its_name(table, said):
    """One sentence for each fault."""
    told = list(shape.faults(table()))
    assert any(said in line for line in told), told


def test_the_command_says_the_faults_of_a_case_and_ends_accordingly():
    """An author reads them without a test run."""
    done = [subprocess.run([sys.executable, "-m", "fixtures.notes", name], capture_output=True, text=True, cwd=ROOT,
                           check=False) for name in ("ankle", "nowhere")]
    assert [d.returncode for d in done] == [0, 1] and "there is no case" in done[1].stdout and not done[0].stdout


def test_the_guide_names_every_table_and_every_column():
    """What the loader takes, an author can read of."""
    guide = (notes.FOLDER / "README.md").read_text(encoding="utf-8")
    for name, columns in (shape.LISTS | shape.TABLES).items():
        assert f"[[{name}]]" in guide or f"[{name}]" in guide, name
        missing = [c for c in columns.replace("|", " ").split() if c not in guide]
        assert not missing, (name, missing)
    for word in (*shape.QUERY_KINDS, *shape.POLICIES, *shape.STANDS):
        assert word in guide
    assert tomllib.loads((notes.FOLDER / "hip" / "case.toml").read_text(encoding="utf-8"))
