"""The record of two readers' agreement: its figures follow from its table, and its table from the keys."""

from __future__ import annotations

import re

import pytest
from coding_desk import COUNTED, STARTERS, with_slots

from fixtures import notes

PAGE = (notes.FOLDER / "AGREEMENT.md").read_text(encoding="utf-8")


def read_rows() -> list[tuple[str, dict[str, str], list[str], list[str], list[str]]]:
    """(case, slots, author, second reader, key) of each record; codes as “N17.9/U”."""
    found = []
    for line in PAGE.splitlines():
        case, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and case in notes.cases() and len(cells) == 4:
            slots = dict(pair.split(" ", 1) for pair in cells[0].split(", ")) if cells[0] != "–" else {}
            author = cells[1].split()
            second, key = (author + cell.lstrip("=+ ").split() for cell in cells[2:])
            found.append((case, slots, author, second, key))
    return found


ROWS = read_rows()


def test_four_records_of_every_case_were_read_twice():
    """Starters and counted cases alike; a case that waits for its second reader is named on the page."""
    cases = [row[0] for row in ROWS]
    [waiting] = re.findall(r"^Not yet read twice: (.+)\.$", PAGE, re.MULTILINE)
    read = sorted({*STARTERS, *COUNTED} - set(waiting.split(", ")))
    assert {case: cases.count(case) for case in sorted(set(cases))} == dict.fromkeys(read, 4)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {' '.join(row[1].values())}")
def test_the_key_after_adjudication_is_the_key_in_force(row):
    """Codes and indicators; a key that changes must change here, with the reason."""
    case, slots, _, _, adjudicated = row
    key = with_slots(case, **slots).key
    assert sorted(adjudicated) == sorted(f"{e.code}/{e.poa}".rstrip("/") if key.inpatient else e.code
                                         for e in key.entries)
    assert adjudicated[0].partition("/")[0] == key.principals[0]


def test_the_figures_are_those_of_the_table():
    """Principal, code over code, whole lists, indicators: counted again from the two lists."""
    plain = [([c.partition("/")[0] for c in a], [c.partition("/")[0] for c in b]) for _, _, a, b, _ in ROWS]
    both = sum(len({*a} & {*b}) for a, b in plain)
    either = sum(len({*a} | {*b}) for a, b in plain)
    stays = [(dict(c.partition("/")[::2] for c in a), dict(c.partition("/")[::2] for c in b))
             for _, _, a, b, _ in ROWS if any("/" in code for code in a)]
    pairs = [(a[code], b[code]) for a, b in stays for code in a if code in b]
    counted = [(sum(a[0] == b[0] for a, b in plain), len(plain)), (both, either),
               (sum({*a} == {*b} for a, b in plain), len(plain)), (sum(a == b for a, b in pairs), len(pairs))]
    said = re.findall(r"\| (\d+) \| (\d+) \| (\d+) % \|", PAGE)
    assert [(int(a), int(b)) for a, b, _ in said] == counted
    assert [int(percent) for *_, percent in said] == [round(100 * a / b) for a, b in counted]
