"""The classification as opened: complete, inherited rightly, quick to build, and safe to share."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

import pytest
from encoder_room import opened
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import NotFound
from sandbox.terminology import build, codes_in, covers, dotted, flat, open_codes
from sandbox.terminology.choices import choices
from sandbox.terminology.words import american

ROOT = Path(__file__).parents[1]


@cache
def all_codes() -> list[tuple[str, bool]]:
    """Every category and code with whether it is billable, in tabular order."""
    return [(code, bool(billable)) for code, billable in opened().rows(
        "SELECT code, billable FROM code WHERE level >= 2 AND code NOT LIKE '%-%' ORDER BY n")]


def test_every_code_of_the_packages_own_list_is_there_and_no_other() -> None:
    """The package's list of all codes is another reading of the same release: 74,719 of them are billable."""
    listed = (build.source().parent / "code-list-April-2026.txt").read_text().split()
    categories = {line for line in listed if "-" not in line and not line.isdigit()}
    ours = {flat(code) for code, _ in all_codes()}
    assert ours == categories
    assert sum(billable for _, billable in all_codes()) == 74_719


def test_a_billable_code_is_one_with_nothing_below_it() -> None:
    """Billable codes have no children, others have some; each child names its parent."""
    codes = opened()
    for code in ("A00", "S93.4", "S93.402", "S93.402A", "L97.5", "W06", "W06.XXXA", "E11.9", "O36.0110", "M1A.00X0"):
        entry, below = codes.get(code), codes.children(code)
        assert entry
        assert entry.billable is (not below)
        assert all(child.parent == code for child in below)
        assert [leaf.code for leaf in codes.leaves(code)] == sorted(
            c for c, billable in all_codes() if billable and flat(c).startswith(flat(code)))


def test_placeholder_x_keeps_the_7th_character_in_its_place() -> None:
    """W06 has three characters, so three X stand before the A; the bare category is not billable."""
    codes = opened()
    assert [child.code for child in codes.children("W06")] == ["W06.XXXA", "W06.XXXD", "W06.XXXS"]
    entry = codes.get("w06xxxa")
    assert entry and entry.billable and entry.title == "Fall from bed, initial encounter"
    assert codes.seventh("W06.XXXA") == "initial encounter"


def test_who_died_before_regaining_consciousness_has_an_initial_encounter_only() -> None:
    """The note at S06: D and S do not apply with 6th character 7 or 8."""
    assert [leaf.code for leaf in opened().leaves("S06.5X7")] == ["S06.5X7A"]
    assert len(opened().leaves("S06.5X0")) == 3


def test_notes_are_inherited_from_chapter_block_category_and_code() -> None:
    """A code says its own notes first, then its parents', each with the place where it stands."""
    notes = opened().notes("E11.621")
    assert [entry.code for entry in notes.path] == ["E00-E89", "E08-E13", "E11", "E11.6", "E11.62"]
    own = next(note for note in notes.notes if note.kind == "use_additional")
    assert (own.at, own.codes) == ("E11.621", ("L97.4-", "L97.5-"))
    assert ("excludes1", "E11", ("E10.-",)) in {(n.kind, n.at, n.codes) for n in notes.notes}
    assert ("excludes1", "E00-E89", ("P70-P74",)) in {(n.kind, n.at, n.codes) for n in notes.notes}
    places = [note.at for note in notes.notes]
    assert places == sorted(places, key=["E11.621", "E11.62", "E11.6", "E11", "E08-E13", "E00-E89"].index)


def test_blocks_stand_inside_each_other() -> None:
    """C00-C14 stands in C00-C75, which stands in C00-C96; a 7th-character code inherits past its stem."""
    assert [entry.code for entry in opened().path("C00.0")][:4] == ["C00-D49", "C00-C96", "C00-C75", "C00-C14"]
    assert "S93.402" in [entry.code for entry in opened().path("S93.402A")]


@pytest.mark.parametrize("code", ["", "E11.999", "hello", "A00-", "S93.402Q", "Z"])
def test_an_unknown_code_is_not_found(code: str) -> None:
    """`get` says None; what needs an entry says NotFound in words."""
    assert opened().get(code) is None
    with pytest.raises(NotFound, match="is not in ICD-10-CM"):
        opened().notes(code)


@pytest.mark.parametrize(("text", "patterns"), [
    ("pressure ulcer (L89.-)", ("L89.-",)), ("diabetes mellitus (E08-E13)", ("E08-E13",)),
    ("(O10-O11, O13-O16)", ("O10-O11", "O13-O16")),
    ("code to identify site of ulcer (L97.4-, L97.5-)", ("L97.4-", "L97.5-")),
    ("drug (T36-T50 with fifth or sixth character 5)", ("T36-T50 with fifth or sixth character 5",)),
    ("gastroduodenitis (C7A.-, M1A.0-, O9A.1)", ("C7A.-", "M1A.0-", "O9A.1")), ("no code here, STAT5b or IGF1", ()),
    ("(N18.1-N18.4, N18.9)", ("N18.1-N18.4", "N18.9")),
    ("diabetic angiopathy (E08-E13 with .51-.52)", ("E08-E13 with .51-.52",)),
])
def test_codes_are_read_out_of_a_notes_text(text: str, patterns: tuple[str, ...]) -> None:
    """Codes, stems, ranges, and ranges limited by their last characters."""
    assert codes_in(text) == patterns


@pytest.mark.parametrize(("pattern", "yes", "no"), [
    ("L89.-", "L89.152", "L88"), ("E11.621", "E11.621", "E11.622"), ("A00-B99", "B95.62", "C00.0"),
    ("O00-O9A", "O9A.211", "P00.0"), ("I11-I13", "I13.0", "I15.0"), ("N18.1-N18.4", "N18.32", "N18.5"),
    ("T36-T50 with fifth or sixth character 5", "T45.1X5A", "T45.1X1A"),
    ("T36-T65 with fifth or sixth character 1-4", "T39.012A", "T39.015A"),
    ("T36-T50 with fifth or sixth character 5", "T36.95XA", "T36.91XA"),
    ("E08-E13 with .51-.52", "E11.52", "E11.59"), ("O00-O07 with .52", "O03.52", "O03.51"),
    ("I69 with final characters -28", "I69.328", "I69.320"), ("S42.- with 7th character B", "S42.001B", "S42.001A"),
    ("R65.2-", "R65.21", "R65.10"), ("C7A-C7B", "C7B.00", "C76.0"), ("Q00-QA0", "QA0.0101", "R00.0"),
])
def test_a_pattern_covers_what_it_names_and_no_neighbour(pattern: str, yes: str, no: str) -> None:
    """Dotted or not, at any depth."""
    assert covers(pattern, yes)
    assert covers(pattern, flat(yes).lower())
    assert not covers(pattern, no)


def test_codes_named_in_notes_exist_in_the_release() -> None:
    """Every code and stem that a note names can be opened, but for a few slips of the source itself."""
    patterns = {pattern for (text,) in opened().rows("SELECT codes FROM note") for pattern in json.loads(text)}
    single = [p for p in patterns if " " not in p and "-" not in p.rstrip("-")]
    unknown = [p for p in single if opened().get(p.rstrip("-.")) is None]
    assert len(single) > 3_000
    assert len(unknown) <= 60, sorted(unknown)


@given(st.sampled_from(["A00.0", "S93.402A", "W06.XXXA", "QA0.0101", "C7A.00", "Z3A.20", "U07.1"]))
def test_a_code_covers_itself_however_it_is_written(code: str) -> None:
    """`dotted` and `flat` undo each other."""
    assert dotted(flat(code)) == code
    assert covers(code, code) and covers(f"{code[:3]}.-", code)


def test_the_database_is_made_once_by_several_processes_at_once(tmp_path: Path) -> None:
    """Two processes and then a thread each read the same file; what a killed build left is not read."""
    (tmp_path / f"icd10cm-{build.digest()}.99999.part").write_bytes(b"SQLite format 3 torn by a kill")
    line = "from pathlib import Path; from sandbox.terminology import open_codes; " \
           f"print(open_codes(Path({str(tmp_path)!r})).search('cough')[0].code)"
    running = [subprocess.Popen([sys.executable, "-c", line], cwd=ROOT, stdout=subprocess.PIPE, text=True)
               for _ in range(2)]
    assert [process.communicate()[0].strip() for process in running] == ["R05.9", "R05.9"]
    codes, seen = open_codes(tmp_path), []
    threads = [threading.Thread(target=lambda: seen.append(codes.search("left ankle sprain")[0].code))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["S93.402"] * 8
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".lock", ".part", ".sqlite"]


def test_building_tells_of_each_step(tmp_path: Path) -> None:
    """Each step is told, and the same lists make the same file."""
    told: list[tuple[int, int]] = []
    codes = open_codes(tmp_path, lambda done, total: told.append((done, total)))
    assert told == [(n, 4) for n in range(5)]
    assert codes.digest == opened().digest
    assert codes.digest in next(tmp_path.glob("*.sqlite")).name


def test_choices_name_what_is_open_and_mark_what_is_made() -> None:
    """One set for a severity; a side and an encounter together; none for a code that stands alone."""
    (severity,) = choices(opened(), "L97.512")
    assert (severity.name, severity.part) == ("severity", "code")
    assert [option.label for option in severity.options][:2] == ["breakdown of skin", "fat layer exposed"]
    assert [option.code for option in severity.options if option.chosen] == ["L97.512"]
    side, encounter = choices(opened(), "S93.402A")
    assert [option.value for option in side.options if option.chosen] == ["S93.402"]
    assert [option.code for option in encounter.options if option.chosen] == ["A"]
    (fall,) = choices(opened(), "W06")
    assert [option.value for option in fall.options] == ["W06.XXXA", "W06.XXXD", "W06.XXXS"]
    assert choices(opened(), "J02.0") == choices(opened(), "E11.621") == ()


def test_two_sets_of_choices_always_make_a_billable_code() -> None:
    """Any stem with any 7th character of its page exists."""
    for code in ("S93.40", "S72.00", "S52.53", "T23.20", "S42.30"):
        stem, seventh = choices(opened(), code)
        for one in stem.options:
            for other in seventh.options:
                entry = opened().get(one.value + other.code)
                assert entry and entry.billable
                assert entry.title == f"{one.title}, {other.title}"


@pytest.mark.parametrize(("code", "exempt"), [
    ("Z79.4", True), ("Z87.891", True), ("Z85.3", True), ("Z90.11", True), ("Z59.01", True), ("Y92.010", True),
    ("S72.001D", True), ("S72.001Q", True), ("V43.52XA", True), ("I69.351", True), ("Q21.0", True), ("z794", True),
    ("J18.9", False), ("N17.9", False), ("L89.153", False), ("S72.001A", False), ("S72.001C", False),
    ("W01.0XXA", False), ("W01.0XXD", False), ("W19.XXXA", False), ("Z66", False), ("Z60.2", False), ("Z16.11", False),
    ("Z96.641", False), ("Z96.82", True), ("Y93.01", False), ("Y93.12", True), ("Y92.230", False), ("I69.910", False),
    ("M80.052D", True), ("M84.48XD", False), ("W22.042D", False), ("W22.042S", True), ("Z72.0", True),
    ("Z72.823", False),
])
def test_the_list_says_which_codes_need_no_poa(code: str, exempt: bool) -> None:
    """By category and by 7th character, with the oddities of CMS's own list."""
    assert opened().poa_exempt(code) is exempt


def test_each_pattern_of_the_exempt_list_covers_codes_of_the_release() -> None:
    """Each row says whether its codes were read in CMS's list one by one or by samples; 38,372 codes are covered."""
    by_category: dict[str, list[str]] = {}
    for code, _ in all_codes():
        by_category.setdefault(code[:1], []).append(code)
    for pattern, _, read in build.rows("poa_exempt.tsv"):
        assert read in ("whole", "sampled")
        assert any(covers(pattern, code) for code in by_category[pattern[:1]]), pattern
    billable = [code for (code,) in opened().rows("SELECT code FROM code WHERE billable = 1")]
    assert sum(map(opened().poa_exempt, billable)) == 38_372


def test_american_spelling_leaves_american_words_alone() -> None:
    """Words that only look British stay as they are."""
    for word in ("aerosol", "israel", "four", "hour", "exercise", "caesium", "michael", "course", "raise", "wise"):
        assert american(word) in (word, "cesium"), word
