"""Every citation that a learner is shown is listed once in `fixtures/citations.toml`, with where it was confirmed."""

from __future__ import annotations

import tomllib
from collections import Counter

import pytest
from citing import HOUSE, citations, notes, shown, texts
from encoder_room import opened

from sandbox.terminology.patterns import covers

KINDS = {"regulation", "accreditor", "localPolicy", "classification", "professional", "measure", "standard"}
STATUS = {"read", "secondary", "knowledge", "own"}
NOTE_KINDS = {"Excludes1": "excludes1", "Excludes2": "excludes2", "Code first": "code_first", "Note": "note",
              "Use additional code": "use_additional", "Code also": "code_also", "Inclusion": "inclusion"}


def listed() -> list[dict[str, str]]:
    """The table's entries."""
    return tomllib.loads((HOUSE / "fixtures" / "citations.toml").read_text(encoding="utf-8"))["citation"]


def test_every_citation_that_is_shown_is_listed_and_every_listed_one_is_shown() -> None:
    """In scenarios, roles, fixtures and sandbox; what is missing is named with the file that shows it."""
    known = Counter(entry["cite"] for entry in listed())
    found = shown()
    assert len(found) > 90
    assert {cite: sorted(files) for cite, files in found.items() if cite not in known} == {}
    assert set(known) - set(found) == set()
    assert max(known.values()) == 1


def test_each_entry_says_kind_edition_and_where_it_was_confirmed() -> None:
    """What is known to nobody but its writer says how it is worded; local policy is the project's own."""
    for entry in listed():
        assert set(entry) <= {"cite", "kind", "edition", "status", "confirmed", "note"}, entry
        assert entry["kind"] in KINDS and entry["status"] in STATUS and entry["confirmed"].strip(), entry
        assert entry["edition"].strip() or entry["status"] == "own", entry
        assert entry["status"] != "knowledge" or entry["note"].strip(), entry
        assert (entry["kind"] == "localPolicy") == entry["cite"].startswith("Policy "), entry
        assert (entry["kind"] == "regulation") == (" CFR " in entry["cite"]), entry
    unread = sorted(entry["cite"] for entry in listed() if entry["status"] == "knowledge")
    print(f"{len(listed())} citations; from knowledge only: {unread}")


def test_the_rule_book_calls_each_rule_what_its_citation_is() -> None:
    """Regulation, accreditor and local policy are kept apart: a rule's kind is that of what it cites first."""
    kinds = {entry["cite"]: entry["kind"] for entry in listed()}
    lines = (HOUSE / "fixtures" / "planting" / "deficiencies" / "rules.tsv").read_text(encoding="utf-8").splitlines()
    rules = [line.split("\t") for line in lines if line and not line.startswith("#")][1:]
    assert len(rules) >= 30
    for key, _, kind, cited, *_ in rules:
        policies = [each for each in citations(cited) if each.startswith("Policy")]
        first = policies[0] if cited.startswith("Policy") else next(citations(cited))
        assert kinds[first] == kind, (key, cited)


def test_a_note_of_the_tabular_list_that_is_named_stands_there() -> None:
    """Notes are not listed: the classification itself confirms them, at the place named or above what stands below."""
    named = {(kind, at, name) for name, text in texts() for kind, at in notes(text)}
    assert named
    for kind, at, name in named:
        entry = opened().get(at)
        assert entry, (name, at)
        there = opened().notes(entry.code).notes
        assert any(note.kind == NOTE_KINDS[kind] and (note.at == entry.code or covers(note.at, entry.code))
                   for note in there), (name, kind, at)


@pytest.mark.parametrize(("text", "found"), [
    ("see Guidelines I.C.9.a.3, and IV.H.", ["Guidelines I.C.9.a.3", "Guidelines IV.H"]),
    ("42 CFR 482.51(b)(2), 482.24(c)(4)(v)", ["42 CFR 482.51(b)(2)", "42 CFR 482.24(c)(4)(v)"]),
    ("45 CFR 164.508(a)(2), (b)(3)(ii)", ["45 CFR 164.508(a)(2)", "45 CFR 164.508(b)(3)(ii)"]),
    ("42 CFR 2.31, 2.61", ["42 CFR 2.31", "42 CFR 2.61"]), ("45 CFR part 171", ["45 CFR part 171"]),
    ("Policy HIM-12: verbal orders", ["Policy HIM-12"]), ("Section II", ["Guidelines Section II"]),
    ("by Appendix I", ["Appendix I"]), ("The Joint Commission asks", ["Joint Commission"]),
    ("a visit of 2.5 hours, section two, I. A. Smith, type I.", []), ("chapter II.", []),
])
def test_a_citation_is_found_however_it_is_written(text: str, found: list[str]) -> None:
    """What Ines writes into a case is found, so that it cannot be shown without being listed."""
    assert list(citations(text)) == found


@pytest.mark.parametrize("unlisted", ["42 CFR 482.13(d)", "Guidelines I.C.6.b", "Policy HIM-99", "99 FR 12345"])
def test_a_new_citation_would_be_missed_in_the_table(unlisted: str) -> None:
    """A citation that nobody listed is not among those known: the first test would name it."""
    assert list(citations(f"because of {unlisted}.")) == [unlisted]
    assert unlisted not in {entry["cite"] for entry in listed()}
