"""ICD-10-PCS by table, and the side check that needs it."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from encoder_room import opened

from fixtures import hospital
from fixtures.hospital import checks
from fixtures.hospital.codings import ICD10PCS
from sandbox.errors import NotFound
from sandbox.terminology import Claim, open_procedures
from sandbox.terminology.tables import rows


def test_a_code_is_built_place_by_place() -> None:
    """A hip hemiarthroplasty from nothing to a whole code, each place by its name and in words."""
    built, names = "", []
    for wanted in ("Medical and Surgical", "Lower Joints", "Replacement", "Hip Joint, Femoral Surface, Left", "Open",
                   "Synthetic Substitute, Metal", "Cemented"):
        place = open_procedures().choices(built)
        names.append(place.name)
        built += next(choice.value for choice in place.choices if choice.label == wanted)
    assert built == "0SRS019"
    assert names == ["Section", "Body System", "Root Operation", "Body Part", "Approach", "Device", "Qualifier"]
    assert open_procedures().choices(built).choices == ()


def test_a_code_has_its_title_and_its_places_in_words() -> None:
    """In any case; a root operation has its definition."""
    found = open_procedures().get("0srs019")
    assert found is not None
    assert found.title == ("Replacement of Left Hip Joint, Femoral Surface with Metal Synthetic Substitute, Cemented, "
                           "Open Approach")
    assert found.axes[2] == ("Root Operation", "R", "Replacement")
    assert open_procedures().means("0SR").startswith("Putting in or on biological or synthetic material")


@pytest.mark.parametrize(("code", "valid"), [
    ("0SRS019", True), ("0SRR019", True), ("30233N1", True), ("10E0XZZ", True), ("0DTJ4ZZ", True), ("5A1955Z", True),
    ("XW033B3", True), ("0SRR0J7", False), ("0SRS01", False), ("0SRS0190", False), ("", False), ("I13.0", False),
])
def test_a_code_is_valid_or_not(code: str, valid: bool) -> None:
    """Whole codes of April 2026 only."""
    assert open_procedures().valid(code) is valid
    assert (open_procedures().get(code) is not None) is valid


def test_the_code_editor_agrees_on_what_is_valid() -> None:
    """A sample of each table, and each of them with its last character changed."""
    from sandbox.terminology import open_code_editor

    codes = opened().procedures
    sample = list(codes.whole())[::97]
    changed = [code[:6] + ("A" if code[6] != "A" else "B") for code in sample]
    for some in (sample, changed):
        for start in range(0, len(some), 20):
            part = some[start : start + 20]
            found = open_code_editor().edits(Claim.of([("J18.9", "Y")], part, sex="F", age=50))
            assert {e.code for e in found if e.rule == "invalid_code"} == {c for c in part if not codes.valid(c)}


def test_rows_of_a_table_give_its_codes_and_no_others() -> None:
    """For all 917 tables: every combination within a row is a code, and each code stands in a row."""
    codes = open_procedures()
    below: dict[str, set[str]] = {}
    for code in codes.whole():
        below.setdefault(code[:3], set()).add(code)
    assert (len(below), sum(map(len, below.values()))) == (917, 79_193)
    for prefix, wanted in below.items():
        table = codes.table(prefix)
        assert {prefix + "".join(one) for row in table.rows for one in product(*row)} == wanted


def test_a_table_reads_as_a_coder_reads_it() -> None:
    """Its axes, the names of the places that are left, the definition, and few rows."""
    table = open_procedures().table("0SR")
    assert [label for _, _, label in table.axes] == ["Medical and Surgical", "Lower Joints", "Replacement"]
    assert table.names == ("Body Part", "Approach", "Device", "Qualifier")
    assert ("RS", "0", "13J", "9AZ") in table.rows
    assert len(table.rows) < 20
    assert rows(["00Z", "01Z", "10Z"]) == (("0", "01", "Z"), ("1", "0", "Z"))


@pytest.mark.parametrize("prefix", ["9Z", "0SRO", "OSR", "~", "0SRS0190"])
def test_what_begins_no_code_is_not_found(prefix: str) -> None:
    """With words; so is a table of fewer than three characters."""
    with pytest.raises(NotFound):
        open_procedures().choices(prefix) if len(prefix) < 8 else open_procedures().table("0S")


def test_every_place_of_every_table_has_words() -> None:
    """No label is empty; sections, systems and operations always have their names."""
    codes = open_procedures()
    for code in list(codes.whole())[::31]:
        found = codes.get(code)
        assert found and found.title and all(name and label for name, _, label in found.axes), code
        if code[0] != "X":
            assert not any(label.endswith(f" {value}") for _, value, label in found.axes[:3]), found.axes


@pytest.mark.parametrize(("code", "label"), [
    ("30233", "Percutaneous"), ("3E0E", "Products of Conception"), ("B211", "Multiple Coronary Arteries"),
    ("5A1", "Performance"),
    ("2W3PX1", "Splint"), ("GZB", "Electroconvulsive Therapy"),
    ("XW0DXM6", "New Technology Group 6"), ("0SRS01Z", "No Qualifier"),
])
def test_places_without_a_source_are_said_in_the_words_of_their_titles(code: str, label: str) -> None:
    """Outside the surgical sections no source labels the places: what tells their titles apart does."""
    assert open_procedures().label(code) == label


def test_tables_are_found_by_words() -> None:
    """All words must stand in a title; most codes first."""
    assert open_procedures().find("hip joint femoral surface")[0] == ("0SR", "Replacement, Lower Joints", 22)
    assert open_procedures().find("resection appendix")[0][0] == "0DT"
    assert open_procedures().find("  ") == []


def test_the_classification_is_read_on_first_use_only() -> None:
    """Nothing is read at start."""
    says = ("import sandbox.terminology, sandbox.terminology.procedures as p; "
            "print(p.open_procedures.cache_info().currsize)")
    done = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


@pytest.mark.parametrize(("diagnoses", "procedures", "warned"), [
    ("M80.052A D62", "0SRS019", ""), ("M80.052A D62", "0SRR019", "0SRR019"), ("S72.002A", "0QS604Z", "0QS604Z"),
    ("S72.002A", "0QS704Z", ""), ("M17.0", "0SRC0J9 0SRD0J9", ""), ("M17.11 M17.12", "0SRD0J9", ""),
    ("M17.11", "0SRD0J9", "0SRD0J9"), ("C50.412", "0HTU0ZZ", ""), ("C50.412", "0HTT0ZZ", "0HTT0ZZ"),
    ("H25.11", "08RK3JZ", "08RK3JZ"), ("H25.11", "08RJ3JZ", ""), ("I25.10 S52.501A", "06BQ0ZZ", ""),
    ("M17.11", "30233N1 0SRD0J9", "0SRD0J9"), ("M17.9", "0SRD0J9", ""), ("", "0SRD0J9", ""), ("M17.11", "nonsense", ""),
])
def test_an_operation_on_the_other_side_is_a_warning(diagnoses: str, procedures: str, warned: str) -> None:
    """Only where a diagnosis of the same part says the other side and none says this one."""
    claim = Claim.of([(code, "Y") for code in diagnoses.split()], procedures.split(), sex="F", age=70)
    from sandbox.terminology import sides

    found = list(sides.edits(opened(), open_procedures(), claim.codes, claim.procedures))
    assert [edit.code for edit in found] == warned.split()
    assert all(edit.severity == "warning" and edit.rule == "side" for edit in found)


def test_the_side_check_stands_beside_the_code_editor() -> None:
    """One call gives both, errors first."""
    claim = Claim.of([("M80.052A", "Y")], ["0SRR019"], sex="F", age=82)
    assert [edit.rule for edit in opened().claim_edits(claim)] == ["side"]
    assert opened().group(claim).drg == "522"


def test_a_code_without_a_title_says_only_words_that_a_source_gives_it() -> None:
    """370 codes are newer than the titles at hand: no word comes from another table or an older year's substance."""
    codes = open_procedures()
    without = [found for code in codes.whole() if (found := codes.get(code)) and not found.titled]
    assert len(without) == 370
    for found in without:
        assert found.title and "/ " not in found.title and found.axes[2][2] in found.title
    said = {found.code: found.title for found in without}
    assert said["0SRD0KE"] == "Replacement; Knee Joint, Left; Open; Nonautologous Tissue Substitute; Qualifier E"
    assert said["00H033J"].endswith("Infusion Device; Qualifier J")  # J is a nerve in the table of transfers
    assert said["X27439B"].startswith("Dilation; ") and said["XW033BA"].startswith("Introduction; ")
    assert said["XW033BA"].endswith("; New Technology Group 10") and "Cytarabine" not in said["XW033BA"]


def test_every_procedure_that_the_hospital_or_a_case_uses_has_the_title_of_cms() -> None:
    """The words of places are for what a learner meets while she builds a code; what she is asked for is titled."""
    folder = Path(hospital.__file__).parent.parent
    written = " ".join(path.read_text(encoding="utf-8") for part in ("hospital", "notes", "planting")
                       for path in folder.joinpath(part).rglob("*") if path.suffix in (".py", ".toml", ".tsv", ".md"))
    used = {code for code in re.findall(r"\b[0-9BCDFGHX][0-9A-HJ-NP-Z]{6}\b", written)
            if open_procedures().valid(code) and not code.isdigit()}
    built = {part["code"] for one in hospital.build(20260630, 60, opened()) for found in checks.walk(one, "coding")
             if isinstance(found, list) for part in found if part.get("system") == ICD10PCS}
    assert len(used) >= 12 and len(built) >= 10
    for code in used | built:
        done = open_procedures().get(code)
        assert done and done.titled, code
