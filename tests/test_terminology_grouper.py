"""MS-DRG v43.1 by two engines behind one face, and the Medicare Code Editor behind the same claim."""

from __future__ import annotations

import csv
import importlib.util
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest
from encoder_room import opened
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.hospital import build
from sandbox.cli.stats import billed
from sandbox.errors import BadInput
from sandbox.terminology.claim import Claim, Diagnosis
from sandbox.terminology.code_editor import open_code_editor
from sandbox.terminology.grouper import open_grouper
from sandbox.terminology.weights import drgs

TRAPS = Path(__file__).parents[2] / "shared" / "data" / "coding_traps.tsv"
HEART = Claim.of([("I13.0", "Y"), ("I50.33", "Y"), ("E11.22", "Y"), ("N18.32", "Y"), ("N17.9", "N"), ("L89.152", "Y"),
                  "Z79.4", "Z79.85", "Z87.891"], sex="M", age=71, disposition="06")
HIP = Claim.of([("M80.052A", "Y"), ("D62", "N"), ("E87.1", "Y"), ("I48.21", "Y"), ("E03.9", "Y"), "Z79.01"],
               ["0SRS019"], sex="F", age=82, disposition="03")
CHEST = Claim.of([("M94.0", "Y"), ("E11.65", "Y"), ("I25.10", "Y"), ("I10", "Y"), "Z59.01"], sex="M", age=58)
STAYS = {
    "heart failure": (HEART, "291"), "hip": (HIP, "522"), "chest": (CHEST, "206"),
    "no type of heart failure": (Claim.of([("I13.0", "Y"), ("I50.9", "Y"), ("N17.9", "N")], sex="M", age=71), "292"),
    "acquired pressure ulcer": (Claim.of([("I13.0", "Y"), ("I50.9", "Y"), ("L89.153", "N")], sex="M", age=71), "293"),
    "brought pressure ulcer": (Claim.of([("I13.0", "Y"), ("I50.9", "Y"), ("L89.153", "Y")], sex="M", age=71), "291"),
    "fixation": (Claim.of([("S72.002A", "Y"), ("D62", "N")], ["0QS704Z"], sex="F", age=82), "481"),
    "respiratory failure": (Claim.of([("J96.01", "Y"), ("J44.1", "Y")], sex="F", age=66), "189"),
    "dementia": (Claim.of([("F02.80", "Y"), ("G30.9", "Y")], sex="F", age=80), "884"),
    "sepsis": (Claim.of([("A41.51", "Y"), ("N39.0", "Y")], sex="F", age=70), "872"),
    "delivery": (Claim.of(["O80", "Z37.0", "Z3A.39"], ["10E0XZZ"], sex="F", age=29), "807"),
    "died": (Claim.of([("I21.4", "Y"), ("I46.9", "N")], sex="M", age=80, disposition="20"), "285"),
}


@pytest.mark.parametrize("name", STAYS)
def test_two_engines_put_a_stay_into_the_same_group(name: str) -> None:
    """The worked cases and a few of the traps; the second engine is a cross-check and need not be installed."""
    claim, drg = STAYS[name]
    found = open_grouper().group(claim)
    assert (found.drg, found.return_code, found.version) == (drg, "OK", "43.1")
    assert found.weight == drgs()[drg].weight
    pytest.importorskip("drgpy")
    assert open_grouper("drgpy").group(claim).drg == drg


def test_a_grouping_says_what_moved_it() -> None:
    """Title, MDC, weight, and the diagnoses that counted; a group without a CC step counts none."""
    found = open_grouper().group(HEART)
    assert (found.title, found.mdc, found.weight) == ("Heart Failure and Shock with MCC", "05", 1.2838)
    assert (found.severity, found.counted, found.engine) == ("MCC", (("I50.33", "MCC"),), "msdrg")
    assert open_grouper().group(HIP).counted == ()


def test_what_was_acquired_in_hospital_is_named_and_does_not_count() -> None:
    """A stage 3 pressure ulcer is an MCC only where it was brought along."""
    found = open_grouper().group(STAYS["acquired pressure ulcer"][0])
    assert [code for code, _ in found.acquired] == ["L89.153"]
    assert found.counted == ()


@pytest.mark.parametrize("engine", ["msdrg", "drgpy"])
def test_a_blank_indicator_is_a_finding_and_never_a_wrong_group(engine: str) -> None:
    """Left to themselves one engine says 999 and the other 291: both are asked as if it had been present."""
    pytest.importorskip(engine)
    claim = Claim.of([("I13.0", "Y"), ("I50.9", "Y"), "L89.153", "Z79.4"], sex="M", age=71)
    found = open_grouper(engine).group(claim)  # type: ignore[arg-type]
    assert (found.drg, found.return_code) == ("291", "OK")
    assert [(edit.code, edit.severity, edit.rule) for edit in found.poa] == [("L89.153", "error", "poa_missing")]


def test_indicators_on_exempt_codes_and_unknown_ones_are_findings() -> None:
    """Exempt is blank in 5010: neither Y nor the older 1; X is nothing at all."""
    found = open_grouper().group(Claim.of([("I10", "x"), ("Z79.4", "Y"), ("Z87.891", "1")]))
    assert [(edit.code, edit.rule) for edit in found.poa] == [
        ("I10", "poa_missing"), ("Z79.4", "poa_exempt"), ("Z87.891", "poa_exempt")]


@pytest.mark.parametrize(("code", "reason"), [("XXX", "INVALID_PDX"), ("W06.XXXA", "DX_CANNOT_BE_PDX")])
def test_what_cannot_be_grouped_says_why(code: str, reason: str) -> None:
    """Group 999 without a weight, with the engine's reason."""
    found = open_grouper().group(Claim.of([(code, "Y")]))
    assert (found.drg, found.weight, found.return_code, found.grouped) == ("999", None, reason, False)


def test_a_claim_is_read_kindly() -> None:
    """Dots, case, spaces, repeats and FHIR's words for sex; nothing at all is refused in words."""
    claim = Claim.of([("i13.0 ", "y"), "I130", ("i5033", None)], ["0sr.s019"], sex="female", age=None)  # type: ignore[list-item]
    assert claim.diagnoses == (Diagnosis("I13.0", "Y"), Diagnosis("I50.33", ""))
    assert (claim.procedures, claim.sex, claim.age) == (("0SRS019",), "F", 0)
    for ask in (open_grouper().group, open_code_editor().edits):
        with pytest.raises(BadInput):
            ask(Claim(()))


def test_every_group_has_a_title_and_all_but_two_a_weight() -> None:
    """Table 5 of fiscal year 2026: 772 groups, 998 and 999 unpaid."""
    assert len(drgs()) == 772
    assert [drg.drg for drg in drgs().values() if drg.weight is None] == ["998", "999"]
    assert all(drg.title for drg in drgs().values())
    assert (drgs()["522"].post_acute, drgs()["807"].post_acute) == (True, False)


EDITS: dict[str, tuple[Claim, list[tuple[str, str]]]] = {
    "heart failure": (HEART, []), "hip": (HIP, []), "chest": (CHEST, []),
    "manifestation": (Claim.of(["F02.80", "G30.9"], sex="F", age=80), [("manifestation_as_pdx", "F02.80")]),
    "external cause": (Claim.of(["W06.XXXA", "S72.009A"], sex="F", age=80),
                       [("e_code_as_pdx", "W06.XXXA"), ("unspecified", "S72.009A")]),
    "invalid": (Claim.of(["R65.20", "A41.9", "S72.001"], ["0SRR0J7"], sex="M", age=70), [
        ("invalid_code", "S72.001"), ("invalid_code", "0SRR0J7"), ("unacceptable_pdx", "R65.20")]),
    "age": (Claim.of(["O80", "Z37.0"], ["10E0XZZ"], sex="F", age=71),
            [("age_conflict", "O80"), ("age_conflict", "Z37.0")]),
    "alone": (Claim.of(["Z51.89"], sex="F", age=71), [("requires_sdx", "Z51.89")]),
    "not alone": (Claim.of(["Z51.89", "I10"], sex="F", age=71), []),
    "twice": (Claim((Diagnosis("J18.9"), Diagnosis("I10"), Diagnosis("J18.9")), sex="F", age=71),
              [("duplicate_of_pdx", "J18.9")]),
    "nobody": (Claim.of(["J18.9"], sex="F", age=171, disposition="99"),
               [("invalid_age", ""), ("invalid_discharge_status", "")]),
    "organ": (Claim.of(["N18.6"], ["0TY00Z0"], sex="F", age=50), [("limited_coverage", "0TY00Z0")]),
}


@pytest.mark.parametrize("name", EDITS)
def test_the_code_editor_names_the_code_that_each_edit_is_about(name: str) -> None:
    """It counts codes only; asking about one at a time names them. The worked cases meet no edit."""
    claim, expected = EDITS[name]
    found = open_code_editor().edits(claim)
    assert [(edit.rule, edit.code) for edit in found] == expected
    assert all(edit.why and edit.source.startswith("Medicare Code Editor") for edit in found)
    assert [edit.severity for edit in found] == sorted(edit.severity for edit in found)


def test_neither_grouper_nor_editor_sees_the_wrong_hip() -> None:
    """The reason why the house has a side check of its own."""
    wrong = Claim.of([("M80.052A", "Y"), ("D62", "N")], ["0SRR019"], sex="F", age=82, disposition="03")
    assert open_grouper().group(wrong).drg == "522"
    assert open_code_editor().edits(wrong) == []


def test_nothing_of_the_groupers_is_loaded_at_start() -> None:
    """Opening the house and the classification loads neither engine."""
    says = ("import sys, sandbox.house, sandbox.terminology, sandbox.terminology.grouper, "
            "sandbox.terminology.code_editor; print([m for m in ('msdrg', 'drgpy') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_one_grouper_serves_all_threads() -> None:
    """Eight threads, the same answer each."""
    answers: list[str] = []
    grouper = open_grouper()
    threads = [threading.Thread(target=lambda: answers.extend(grouper.group(HIP).drg for _ in range(50)))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["522"] * 400


def test_the_day_of_discharge_decides_which_codes_are_valid() -> None:
    """Obesity by class came on 2024-10-01."""
    edits = open_code_editor().edits(Claim.of(["J18.9", "E66.812"], sex="F", age=40, discharged=date(2024, 9, 30)))
    assert [(edit.rule, edit.code) for edit in edits] == [("invalid_code", "E66.812")]


def test_both_engines_agree_on_the_generated_hospital_and_nothing_stands_against_its_claims() -> None:
    """The bar is 97 of 100 stays; every difference is printed. POA, code editor and side check are silent."""
    stays = [bill.claim for bill in billed(build(seed=7, patients=80, codes=opened()))]
    assert len(stays) > 60
    differing = []
    for claim in stays:
        found = opened().group(claim)
        assert found.grouped and not found.poa, (claim, found)
        assert not opened().claim_edits(claim), claim
        assert all(opened().procedures.valid(code) for code in claim.procedures), claim
        if importable("drgpy") and opened().group(claim, "drgpy").drg != found.drg:
            differing.append((claim, found.drg))
    print(f"{len(stays)} stays, {len(differing)} differ: {differing}")
    assert len(differing) <= 0.03 * len(stays)


ANY = st.one_of(st.text(max_size=12), st.sampled_from(["I13.0", "I50.33", "S72.001A", "O80", "W06.XXXA", "0SRS019"]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(ANY, ANY), min_size=1, max_size=5), st.lists(ANY, max_size=3), ANY, st.integers(), ANY)
def test_any_claim_gets_an_answer(diagnoses: list[tuple[str, str]], procedures: list[str], sex: str, age: int,
                                  disposition: str) -> None:
    """Nonsense is ungroupable, or met by an edit; nothing makes an engine fail."""
    claim = Claim.of(diagnoses, procedures, sex=sex, age=age, disposition=disposition)
    assert opened().group(claim).drg in drgs()
    assert all(edit.why for edit in opened().claim_edits(claim))
    if importable("drgpy"):
        assert opened().group(claim, "drgpy").drg in drgs()



def importable(name: str) -> bool:
    """Whether the second engine is installed."""
    return importlib.util.find_spec(name) is not None


def traps() -> list[tuple[str, str, str]]:
    """The facts of the given traps that an engine decides: (trap, its first codes, "MCE …" or "MS-DRG v43.1 …")."""
    if not TRAPS.exists():
        return []
    with TRAPS.open(newline="", encoding="utf-8") as file:
        return [(row["id"], row["codes"], check.strip()) for row in csv.DictReader(file, delimiter="\t")
                for check in row["machine_check"].split(";") if check.strip().startswith(("MCE", "MS-DRG"))]


# Where the fact is about the wrong answer that a trap's words name, and not about the codes that it lists.
MEANT = {"T13": "B96.20", "T15": "F02.80|G30.9", "T21": "S72.001"}


@pytest.mark.parametrize(("trap", "listed", "check"), traps())
def test_what_an_engine_decides_of_a_given_trap_holds(trap: str, listed: str, check: str) -> None:
    """The trap's codes in sequence fall into the group named; some code of it alone meets the edit named."""
    codes = MEANT.get(trap, listed).split("|")
    if check.startswith("MS-DRG"):
        found = opened().group(Claim.of([(code, "Y") for code in codes], sex="F", age=70))
        assert found.drg == check.split()[-1]
        return
    met = {edit.rule for code in codes
           for edit in open_code_editor().edits(Claim.of([code, "B34.9"], sex="F", age=70))}
    assert check == "MCE accepts" or check.removeprefix("MCE ").casefold() in met, met
