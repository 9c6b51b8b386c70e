"""Edits on a list of codes in its order: what the tabular notes and the Guidelines forbid, ask or suggest."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from encoder_room import opened
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.terminology import Claim, Edit, covers

TRAPS = Path(__file__).parents[2] / "shared" / "data" / "coding_traps.tsv"
SETTING = "inpatient"


def edits(*codes: str, **known: object) -> list[Edit]:
    """All edits for an inpatient list."""
    return opened().check(codes, setting=SETTING, **known)  # type: ignore[arg-type]


def faults(*codes: str, **known: object) -> set[tuple[str, str]]:
    """The errors and warnings, as (rule, code)."""
    return {(edit.rule, edit.code) for edit in edits(*codes, **known) if edit.severity != "info"}


def asked(*codes: str) -> set[tuple[str, str]]:
    """The infos, as (rule, where the note stands)."""
    return {(edit.rule, edit.source.split(" at ")[-1].split(";")[0])
            for edit in edits(*codes) if edit.severity == "info"}


def traps() -> list[dict[str, str]]:
    """The traps that the project was given, where they are at hand."""
    if not TRAPS.exists():
        return []
    with TRAPS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


# What each trap must come to: codes as coded, and the errors and warnings that must and must not stand there.
EXPECTED: dict[str, list[tuple[str, set[tuple[str, str]]]]] = {
    "T01": [("E11.22 N18.30", set()), ("N18.30 E11.22", {("code_first", "N18.30")})],
    "T02": [("E11.621 L97.511", set()), ("L97.511 E11.621", {("code_first", "L97.511")})],
    "T03": [("E11.9 E10.9", {("excludes1", "E11.9"), ("excludes1", "E10.9")}),
            ("E10.9 E11.9", {("excludes1", "E11.9"), ("excludes1", "E10.9")})],
    "T04": [("E11.65 R73.9", {("excludes1", "R73.9")}), ("R73.9 E11.65", {("excludes1", "R73.9")})],
    "T05": [("E11.9 Z79.4 Z79.84", set()), ("E11.9 Z79.84 Z79.4", set()), ("E11.9 Z79.85 Z79.4", set()),
            ("E10.9", set())],
    "T06": [("O24.414 Z79.4", {("combination", "Z79.4")}), ("Z79.4 O24.414", {("combination", "Z79.4")}),
            ("O24.415 Z79.84", {("combination", "Z79.84")}), ("O24.414 Z3A.20", set())],
    "T07": [("I13.0 I50.23 N18.31", set()), ("I50.23 I13.0 N18.31", {("code_first", "I50.23")}),
            ("I13.0 I10 I50.23 N18.31", {("combination", "I10")}),
            ("I11.0 I50.23 N18.31", {("combination", "I11.0")}), ("I12.9 N18.31 I50.23", {("combination", "I12.9")}),
            ("I13.0 I50.23 N18.6", {("combination", "I13.0")}), ("I13.10 N18.31 I50.9", {("combination", "I13.10")})],
    "T08": [("I11.0 I50.9", set()), ("I50.9 I11.0", {("code_first", "I50.9")}),
            ("I50.9 I10", {("combination", "I10")})],
    "T09": [("I12.0 N18.6 Z99.2", set()), ("N18.6 I12.0 Z99.2", {("code_first", "N18.6")}),
            ("I12.9 N18.6 Z99.2", {("combination", "I12.9")}), ("I12.9 N18.31", set()),
            ("I12.0 N18.31", {("combination", "I12.0")})],
    "T10": [("A41.9 R65.20 N17.9", set()),
            ("R65.20 A41.9 N17.9", {("severe_sepsis_first", "R65.20"), ("code_first", "R65.20")})],
    "T11": [("A41.9 R65.21", set()), ("R65.21 A41.9", {("severe_sepsis_first", "R65.21"), ("code_first", "R65.21")}),
            ("A41.9 R65.20 R65.21", {("combination", "R65.20")}), ("A41.9 R65.21 R57.0", set()),
            ("A41.9 R57.0 R65.21", set()), ("R57.0 A41.9 R65.21", set())],
    "T12": [("T81.44XA A41.9 R65.20", set()), ("A41.9 T81.44XA R65.20", {("code_first", "A41.9")}),
            ("T81.44XA A41.9 R65.21", {("combination", "R65.21")}), ("T81.41XA T81.44XA A41.9 R65.20", set()),
            ("T81.44XA A41.9 T81.12XA", set()),
            ("T81.44XA A41.9 T81.12XA R65.21", {("excludes1", "R65.21"), ("combination", "R65.21")}),
            ("T81.44XA A41.9 R65.21 T81.12XA", {("excludes1", "R65.21"), ("combination", "R65.21")})],
    "T13": [("N39.0 B96.20", set()), ("A41.51", set()), ("A41.51 N39.0", set()),
            ("N39.0 A41.51", {("sepsis_first", "N39.0")}), ("A41.51 B96.20", {("combination", "B96.20")}),
            ("B96.20 N39.0", {("agent_first", "B96.20"), ("use_additional_order", "B96.20")})],
    "T14": [("B95.62 A41.02", {("agent_first", "B95.62"), ("combination", "B95.62")}), ("A41.02", set()),
            ("A41.02 B95.62", {("combination", "B95.62")}), ("A41.02 Z16.11", {("excludes1", "Z16.11")}),
            ("Z16.11 A41.02", {("excludes1", "Z16.11")})],
    "T15": [("G30.9 F02.80", set()), ("F02.80 G30.9", {("manifestation_first", "F02.80"), ("code_first", "F02.80")})],
    "T16": [("N18.4 D63.1", set()), ("D63.1 N18.4", {("code_first", "D63.1")}), ("D63.1", {("code_first", "D63.1")})],
    "T17": [("C18.9 D63.0", set()), ("D63.0 C18.9", {("code_first", "D63.0")}), ("D64.81 C18.9 T45.1X5A", set()),
            ("T45.1X5A D64.81 C18.9", {("code_first", "T45.1X5A")}), ("D64.81 C18.9 T45.AX5A", set()),
            ("D64.81 T45.1X5A T45.AX5A", {("excludes1", "T45.1X5A")})],
    "T18": [("Z51.11 C50.412", set()), ("C50.412 Z51.11", {("only_first", "Z51.11")}),
            ("Z51.11 Z51.12 C50.412", set())],
    "T19": [("J44.0 J44.1 J18.9", set()), ("J18.9 J44.0", set()), ("J44.1 J44.0 J18.9", set()),
            ("J44.9 J44.1", {("said_twice", "J44.9")})],
    "T20": [("J96.01 J44.1", set()), ("J44.1 J96.01", set()), ("J96.01 J80", {("excludes1", "J96.01")}),
            ("J80 J96.01", {("excludes1", "J96.01")}), ("J96.01 J95.821", {("excludes1", "J96.01")}),
            ("J95.821 J96.01", {("excludes1", "J96.01")}), ("J96.01 R09.2", {("excludes1", "J96.01")}),
            ("R09.2 J96.01", {("excludes1", "J96.01"), ("excludes1", "R09.2")})],
    "T21": [("S72.001A", set()), ("S72.001D", set()), ("S72.001", {("not_billable", "S72.001")}),
            ("M25.551 S72.001S", set()), ("S72.001S M25.551", {("sequela_first", "S72.001S")})],
    "T22": [("W06.XXXA S72.001A", {("external_cause_first", "W06.XXXA")}), ("W06", {("not_billable", "W06")}),
            ("S72.001A W06.XXXA", set())],
}


@pytest.mark.parametrize("number", sorted(EXPECTED))
def test_a_coders_trap_is_caught_and_its_right_answer_is_not(number: str) -> None:
    """Each trap, its right answer without fault, its wrong ones each with the fault that a coder would name."""
    for codes, expected in EXPECTED[number]:
        found = faults(*codes.split())
        unclear = {each for each in found if each[0] == "excludes1"} if not expected else set()
        assert not unclear
        assert expected <= found, (number, codes, found)
        assert expected or not found, (number, codes, found)


@pytest.mark.skipif(not traps(), reason="the list of traps is not here")
@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap["id"])
def test_a_given_trap_is_known_and_its_machine_check_holds(trap: dict[str, str]) -> None:
    """Each row is among those above; its codes are as valid as it says; the notes that it names stand there."""
    codes = opened()
    listed = trap["codes"].split("|")
    assert trap["id"] in EXPECTED
    whole = [code for code in listed if (entry := codes.get(code)) and entry.billable]
    assert len(whole) == len(listed) - ("W06" in listed)
    kinds = {"useAdditionalCode": "use_additional", "codeFirst": "code_first", "codeAlso": "code_also",
             "excludes1": "excludes1", "excludes2": "excludes2"}
    for check in trap["machine_check"].replace(",", ";").split(";"):
        name, _, place = check.strip().rpartition("@")
        kind = kinds.get(name.split(" ")[-1])
        if kind:
            assert any(note.kind == kind and (note.at == place or covers(place, note.at) or covers(note.at, place))
                       for code in listed for note in codes.notes(code).notes), check


def test_an_unknown_code_says_what_it_is_not_and_a_short_one_what_it_needs() -> None:
    """Both are errors; the second names the first of its children."""
    unknown, short = edits("Q99.99"), edits("S93.40")
    assert [(edit.severity, edit.rule) for edit in unknown] == [("error", "invalid")]
    assert short[0].rule == "not_billable" and "needs its side (S93.401" in short[0].why


def test_undotted_codes_in_any_case_are_the_same_codes() -> None:
    """What comes from a claim has no dots."""
    assert edits("n1830", "E1122") == edits("N18.30", "E11.22")


def test_a_repeated_code_is_named_once() -> None:
    """However it is written."""
    assert [edit.code for edit in edits("J02.0", "j020") if edit.rule == "duplicate"] == ["J02.0"]


def test_each_code_first_note_counts_for_each_code_that_it_names() -> None:
    """A stage of kidney disease stands after both the hypertension and the diabetes."""
    assert not faults("I13.0", "E11.22", "N18.32")
    found = [edit for edit in edits("I13.0", "N18.32", "E11.22") if edit.severity == "error"]
    assert [(edit.rule, edit.code) for edit in found] == [("code_first", "N18.32")] and "E11.22" in found[0].why


def test_a_missing_code_is_asked_for_until_it_is_there() -> None:
    """Use additional, code also: an info that goes when it is answered."""
    assert ("use_additional", "E11.22") in asked("E11.22")
    assert ("use_additional", "E11.22") not in asked("E11.22", "N18.30")
    assert ("use_additional", "E11") not in asked("E11.9", "Z79.4")
    assert ("code_also", "J44") in asked("J44.0")
    assert ("code_also", "J44") not in asked("J44.0", "J45.909")


def test_a_note_of_a_block_is_said_once_for_the_list() -> None:
    """Tobacco at I10-I1A, however many hypertensive codes there are."""
    said = [edit for edit in edits("I13.0", "I16.0") if "I10-I1A" in edit.source]
    assert len(said) == 1
    assert not [edit for edit in edits("I13.0", "I16.0", "Z87.891") if "I10-I1A" in edit.source]


@pytest.mark.parametrize(("code", "open_side"), [
    ("S93.409A", True), ("S93.402A", False), ("M25.569", True), ("H66.90", True), ("C34.90", True), ("J18.9", False),
    ("S72.009A", True), ("L97.519", False), ("L89.159", False),
])
def test_a_side_left_open_is_a_warning(code: str, open_side: bool) -> None:
    """Only where the classification offers right and left."""
    assert (("unspecified_side", code) in faults(code)) is open_side


@pytest.mark.parametrize(("code", "known", "rule"), [
    ("N40.0", {"sex": "F"}, "sex"), ("O80", {"sex": "male"}, "sex"), ("C61", {"sex": "female"}, "sex"),
    ("N83.202", {"sex": "M"}, "sex"), ("O80", {"sex": "F", "age": 70}, "age"), ("P59.9", {"age": 3}, "age"),
    ("Z00.129", {"age": 40}, "age"), ("Z68.36", {"age": 12}, "age"), ("M81.0", {"age": 9}, "age"),
])
def test_a_code_for_somebody_else_is_a_warning(code: str, known: dict[str, object], rule: str) -> None:
    """By chapter, block or title, with the place where that is said; silent where nothing is known."""
    assert (rule, code) in faults(code, **known)
    assert not {each for each in faults(code) if each[0] in ("sex", "age")}


def test_breast_cancer_of_a_man_has_codes_of_its_own() -> None:
    """C50 names female and male breast in its titles; the block names neither."""
    assert not faults("C50.122", sex="M")
    assert ("sex", "C50.412") in faults("C50.412", sex="M")


def test_the_day_must_lie_in_the_release() -> None:
    """April to September 2026."""
    assert not faults("J02.0", on=date(2026, 6, 30))
    assert ("release", "J02.0") in faults("J02.0", on=date(2025, 12, 1))


def test_errors_come_first_and_each_edit_gives_its_source() -> None:
    """Whoever reads only the top reads what must be mended."""
    found = edits("L97.511", "E11.621", "S93.409A", "I13.0")
    order = [edit.severity for edit in found]
    assert order == sorted(order, key=["error", "warning", "info"].index)
    assert all(edit.why.strip() and edit.source.strip() for edit in found)
    assert edits() == []


def test_outpatient_wording_says_first_listed() -> None:
    """The first code is principal only in an inpatient stay."""
    (edit,) = (e for e in opened().check(["W06.XXXA"], setting="outpatient") if e.severity == "error")
    assert "first-listed" in edit.why


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["E11.22", "N18.30", "I13.0", "I50.23", "A41.9", "R65.20", "J44.0", "J18.9", "E10.9",
                                 "W06.XXXA", "S72.001A", "Z79.4", "nonsense", "S93.40", "F02.80", "G30.9"]),
                max_size=8))
def test_checking_never_fails_and_names_only_codes_of_the_list(codes: list[str]) -> None:
    """Any list, in any order, with repeats and nonsense."""
    named = {edit.code for edit in edits(*codes)}
    assert named <= {code if code != "nonsense" else "NON.SENSE" for code in codes}
    assert edits(*codes) == edits(*codes)


@pytest.mark.parametrize(("number", "codes", "rule"), [
    ("T10", "R65.20 A41.9", "unacceptable_pdx"), ("T11", "R65.21 A41.9", "unacceptable_pdx"),
    ("T13", "B96.20 N39.0", "unacceptable_pdx"), ("T14", "B95.62 A41.02", "unacceptable_pdx"),
    ("T15", "F02.80 G30.9", "manifestation_as_pdx"), ("T16", "D63.1 N18.4", "manifestation_as_pdx"),
    ("T17", "D63.0 C18.9", "manifestation_as_pdx"), ("T21", "S72.001 I10", "invalid_code"),
    ("T22", "W06.XXXA S72.001A", "e_code_as_pdx"),
])
def test_the_code_editor_refuses_what_the_trap_says_it_refuses(number: str, codes: str, rule: str) -> None:
    """The Medicare Code Editor, asked apart, and silent on the same codes in the right order."""
    wrong, right = (Claim.of([(code, "Y") for code in listed], sex="F", age=70)
                    for listed in (codes.split(), codes.split()[::-1]))
    said = {edit.rule for edit in opened().claim_edits(wrong)}
    assert any(rule in each.casefold() for each in said), (number, said)
    assert rule == "invalid_code" or not any(rule in each.rule.casefold() for each in opened().claim_edits(right))


def pairs(kind: str, every: int) -> list[tuple[str, str, str]]:
    """Notes of a kind over the whole list, each as (where, a code it holds for, a code it names)."""
    codes, found = opened(), []
    for at, named in codes.rows("SELECT c.code, note.codes FROM note JOIN code c USING (n) WHERE note.kind = ? "
                                "ORDER BY note.rowid", (kind,))[::every]:
        patterns = [each for each in json.loads(named) if " with " not in each and "-" not in each.rstrip("-")]
        known = [each.rstrip("-").rstrip(".") for each in patterns if codes.get(each.rstrip("-").rstrip("."))]
        if known and "-" not in at:
            found.append((at, codes.leaves(at)[0].code, codes.leaves(known[0])[-1].code))
    return found


def test_an_exclusion_holds_in_whichever_order_the_codes_stand() -> None:
    """Every seventh Excludes1 note of the tabular list: the two codes exclude each other, first and second alike."""
    asked_of = pairs("excludes1", 7)
    assert len(asked_of) > 200
    for at, one, other in asked_of:
        if covers_itself(at, one, other):
            continue
        ways = [{(edit.rule, edit.code) for edit in edits(*listed) if edit.rule == "excludes1"}
                for listed in ((one, other), (other, one))]
        assert ways[0] == ways[1] != set(), (at, one, other)


def covers_itself(at: str, one: str, other: str) -> bool:
    """A note that names its own place ("NOS") forbids nothing between two codes there."""
    return one == other or covers(other, one) or any(
        covers(pattern, one) for note in opened().notes(one).notes if note.at == at and note.kind == "excludes1"
        for pattern in note.codes if covers(pattern, other))


def test_what_may_stand_together_is_no_fault_in_either_order() -> None:
    """Every twentieth Excludes2 note: unless some Excludes1 note of either code says otherwise, nothing excludes."""
    asked_of = pairs("excludes2", 20)
    assert len(asked_of) > 60
    for at, one, other in asked_of:
        forbidden = any(covers(pattern, b) for a, b in ((one, other), (other, one))
                        for note in opened().notes(a).notes if note.kind == "excludes1" for pattern in note.codes)
        said = [edit for listed in ((one, other), (other, one)) for edit in edits(*listed) if edit.rule == "excludes1"]
        assert forbidden or not said, (at, one, other)


@pytest.mark.parametrize(("codes", "rule", "code"), [
    ("E11.9 N18.30", "combination", "E11.9"), ("E10.9 L97.511", "combination", "E10.9"),
    ("E11.9 E11.65", "combination", "E11.9"), ("M81.0 S72.001A", "combination", "M81.0"),
    ("M80.051A S72.002A", "combination", "S72.002A"), ("I21.9 I21.4", "said_twice", "I21.9"),
    ("I50.9 I50.23", "said_twice", "I50.9"), ("P59.9 Z38.00", "only_first", "Z38.00"),
    ("J12.82", "code_first", "J12.82"), ("O80 O72.1 Z37.0", "combination", "O80"),
    ("T38.3X6A E11.65", "underdosing_first", "T38.3X6A"), ("T38.3X5A E16.0", "code_first", "T38.3X5A"),
    ("J96.01 T40.2X1A", "poisoning_first", "T40.2X1A"), ("I10 F02.80", "code_first_missing", "F02.80"),
    ("I11.9 I50.9", "combination", "I11.9"), ("I13.2 I50.9 N18.31", "combination", "I13.2"),
])
def test_what_a_coder_would_question_is_questioned(codes: str, rule: str, code: str) -> None:
    """Beyond the traps: presumed links left out, things said twice, a first place taken by another."""
    assert (rule, code) in faults(*codes.split())


@pytest.mark.parametrize("codes", [
    "E11.22 N18.30", "E11.9 I10", "I50.9 J96.00", "S82.899A S82.61XA", "Z00.129 Z23", "J18.9 J44.9",
    "Z51.0 Z51.11 C34.11", "N39.0 R33.9", "L03.116 I87.2", "E11.621 L97.511 E11.65", "Z38.00 P59.9",
    "O80 Z37.0 Z3A.39", "E11.65 T38.3X6A Z91.120", "E16.0 T38.3X5A",
    "T40.2X1A J96.01", "K25.4 T39.395A", "T40.2X1A", "A41.9 R65.20",
])
def test_what_may_stand_so_is_not_questioned(codes: str) -> None:
    """Lists that look like the ones above and are right: no rule of order or combination speaks."""
    spoken = {rule for rule, _ in faults(*codes.split())} - {"unspecified_side", "age"}
    assert spoken == set()
