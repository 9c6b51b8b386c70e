"""Six office cases: which codes each fork of a record asks for, written down a second time, apart from the cases."""

from __future__ import annotations

from datetime import date

import pytest
from coding_desk import all_keys, codes, with_slots

from fixtures import notes

CASES = ("yearly-check", "wrist-nine-weeks-on", "screening-polyp", "foot-ulcer", "before-the-new-knee",
         "tired-between-cycles")

CLINICAL = ("34746-8", "11506-3", "34117-2")  # nursing note, progress note, history and physical

# case, what the record says, the codes in the key's order: required, and behind the bar those that a note asks for
KEYS = [
    ("yearly-check", "ear=right pressure=stable sugar=named", "Z00.01 H61.21 I10 R73.03 E78.5 |"),
    ("yearly-check", "ear=both pressure=once-high sugar=value", "Z00.01 H61.23 E78.5 |"),
    ("yearly-check", "ear=clear pressure=worse sugar=normal", "Z00.01 I10 E78.5 |"),
    ("yearly-check", "ear=clear pressure=stable sugar=named", "Z00.01 I10 R73.03 E78.5 |"),
    ("yearly-check", "ear=clear pressure=stable sugar=value", "Z00.00 I10 E78.5 |"),
    ("yearly-check", "ear=clear pressure=once-high sugar=normal", "Z00.00 E78.5 |"),
    ("wrist-nine-weeks-on", "side=right kind=colles healing=routine styloid=still smoke=never",
     "S52.531D S52.614D E55.9 |"),
    ("wrist-nine-weeks-on", "side=left kind=joint healing=malunion styloid=unsaid smoke=dependence",
     "S52.572P S52.612D F17.210 E55.9 |"),
    ("wrist-nine-weeks-on", "side=left kind=plain healing=delayed styloid=none smoke=never", "S52.502G E55.9 |"),
    ("screening-polyp", "why=screening site=sigmoid path=adenoma family=father breath=apnoea",
     "Z12.11 D12.5 E11.9 G47.33 | Z79.84 Z80.0"),
    ("screening-polyp", "why=screening site=rectum path=hyperplastic family=nobody breath=score",
     "Z12.11 K62.1 E11.9 | Z79.84"),
    ("screening-polyp", "why=bleeding site=transverse path=pending family=father breath=quiet",
     "K62.5 K63.5 E11.9 | Z79.84"),
    ("screening-polyp", "why=bleeding site=rectum path=adenoma family=nobody breath=quiet",
     "K62.5 D12.8 E11.9 | Z79.84"),
    ("foot-ulcer", "side=right site=heel depth=fat leg=nerves skin=infected",
     "E11.621 L97.412 E11.42 L03.115 | Z79.84 Z79.4"),
    ("foot-ulcer", "side=left site=ball depth=muscle leg=vessels skin=clean",
     "E11.621 L97.525 E11.51 | Z79.84 Z79.4"),
    ("foot-ulcer", "side=left site=heel depth=unstated leg=value skin=clean", "E11.621 L97.429 | Z79.84 Z79.4"),
    ("before-the-new-knee", "desk=medical knee=right heart=normal pressure=plain breath=apnoea",
     "Z01.818 M17.11 I10 G47.33 E66.812 | Z68.36"),
    ("before-the-new-knee", "desk=heart knee=both heart=bundle pressure=kidney breath=quiet",
     "Z01.810 M17.0 I44.7 I12.9 N18.31 E66.812 | Z68.36"),
    ("before-the-new-knee", "desk=medical knee=left heart=murmur pressure=plain breath=suspected",
     "Z01.818 M17.12 R01.1 I10 R06.83 E66.812 | Z68.36"),
    ("tired-between-cycles", "cause=chemo breast=left-outer pressure=treated",
     "D64.81 C50.412 T45.1X5A I10 |"),
    ("tired-between-cycles", "cause=cancer breast=right-outer pressure=stopped", "C50.411 D63.0 |"),
    ("tired-between-cycles", "cause=both-today breast=right-inner pressure=stopped",
     "Z51.11 D64.81 C50.311 T45.1X5A |"),
    ("tired-between-cycles", "cause=checkpoint breast=left-outer pressure=treated",
     "D59.0 C50.412 T45.AX5A I10 |"),
]


@pytest.mark.parametrize(("case", "slots", "asked"), KEYS, ids=[f"{case} {slots}" for case, slots, _ in KEYS])
def test_each_fork_of_a_record_asks_for_the_codes_that_stand_here(case, slots, asked):
    """Ines reads this table beside the record: a key that changes has to change here too, knowingly."""
    key = with_slots(case, **dict(pair.split("=") for pair in slots.split())).key
    required, by_note = (part.split() for part in asked.split("|"))
    assert key.principals == (required[0],)
    assert sorted(e.code for e in key.entries if e.required) == sorted(required)
    assert sorted(e.code for e in key.entries if not e.required) == sorted(by_note)


def test_every_fork_of_every_slot_stands_in_the_table():
    """A value that no row has would be a key that nobody wrote down twice; the ear's other side is the same rule."""
    told = {(case, *pair.split("=")) for case, slots, _ in KEYS for pair in slots.split()}
    for case in CASES:
        for variant in notes.variants(case, leave=("who",)):
            missing = {(case, slot, value) for slot, value in variant.slots.items() if slot != "who"} - told
            assert missing <= {("yearly-check", "ear", "left"), ("foot-ulcer", "depth", "skin")}, missing


@pytest.mark.parametrize("case", CASES)
def test_the_first_code_is_never_the_only_one_so_that_one_slip_does_not_empty_the_score(case):
    """Each variant asks for at least two required codes."""
    assert all(sum(e.required for e in key.entries) >= 2 for key in all_keys(case))


@pytest.mark.parametrize("case", CASES)
def test_clinics_are_open_when_these_visits_take_place(case):
    """Monday to Friday, by daylight; and what a nurse or a provider writes that day falls within the visit."""
    variant = notes.variant(case, 0)
    start, end = variant.table["encounter"]["start"], variant.table["encounter"]["end"]
    assert date.fromisoformat(start[:10]).weekday() < 5 and "07:00" < start[11:] < end[11:] < "18:00"
    today = [row for row in variant.table["document"] if row["at"][:10] == start[:10] and row["loinc"] in CLINICAL]
    assert len(today) >= 3 and all(start <= row["at"] <= end for row in today)


def test_both_codes_for_an_adverse_drug_exclude_each_other_and_each_case_has_the_right_one():
    """T45.1 and T45.A name each other under Excludes1: chemotherapy is no checkpoint inhibitor."""
    notes_there = [n for n in codes().notes("T45.AX5A").notes if n.kind == "excludes1" and n.at == "T45.A"]
    assert [tuple(n.codes) for n in notes_there] == [("T45.1",)]
    for key in all_keys("tired-between-cycles"):
        drugs = {e.code for e in key.entries if e.code.startswith("T45")}
        cause = key.variant.slots["cause"]
        assert drugs == {"checkpoint": {"T45.AX5A"}, "cancer": set()}.get(cause, {"T45.1X5A"})
