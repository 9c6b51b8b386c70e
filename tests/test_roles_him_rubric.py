"""Check 14, for him.code_encounter: no line of a rubric is idle. Take one away, and some answer is judged otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from coding_desk import COUNTED, STARTERS, Case, MemoryChart, codes, planted

from roles.him.code_encounter import activity, proving
from roles.him.code_encounter.key import Entry, Key, matches
from roles.him.code_encounter.work import Asked, Coded, Done, Work
from sandbox.report import Report

CASES = (*COUNTED, *STARTERS)
SEEDS = range(16)
Line = tuple[str, Key, "list[Coded] | Work"]  # what it says, the key without it, an answer that it decides about


def leaves(pattern: str) -> list[str]:
    """The billable codes that a pattern of a case names."""
    entry = codes().get(re.split(r"[*\[]", pattern)[0].rstrip("."))
    found = codes().leaves(entry.code) if entry else []
    return [c.code for c in found if matches(c.code, (pattern,))] or ([entry.code] if entry and entry.billable else [])


def swap(answer: list[Coded], old: str, new: str) -> list[Coded]:
    """The answer with one code for another, indicator and passages kept."""
    return [replace(c, code=new) if c.code == old else c for c in answer]


def with_entry(key: Key, entry: Entry, **changed: Any) -> Key:
    """The key with one entry changed."""
    return replace(key, entries=tuple(replace(e, **changed) if e is entry else e for e in key.entries))


def entries(case: Case) -> Iterator[Line]:
    """Each code, each less specific one, each set of passages, each mention that does not decide."""
    key, gold = case.key, case.exemplar
    for e in key.entries:
        others = tuple(x for x in key.entries if x is not e)
        if others:
            pairs = tuple(p for p in key.pairs if e.code not in (p.first, p.then))
            yield e.code, replace(key, entries=others, pairs=pairs), [c for c in gold if c.code != e.code]
        for near in filter(None, e.near):
            less = tuple(n for n in e.near if n != near)
            yield f"{near} near {e.code}", with_entry(key, e, near=less), swap(gold, e.code, near)
        for n, facts in enumerate(e.support[: len(e.support) if len(e.support) > 1 else 0]):
            only = replace(e, support=(facts,))
            cited = next(c for c in proving.exemplar(replace(key, entries=(only,))) if c.code == e.code)
            less_facts = tuple(f for m, f in enumerate(e.support) if m != n)
            answer = [cited if c.code == e.code else c for c in gold]
            yield f"{e.code} by {facts}", with_entry(key, e, support=less_facts), answer
        for weak in e.weak:
            shown = replace(e, support=((weak.fact,),))
            cited = next(c for c in proving.exemplar(replace(key, entries=(shown,))) if c.code == e.code)
            less_weak = tuple(w for w in e.weak if w is not weak)
            answer = [cited if c.code == e.code else c for c in gold]
            yield f"{e.code} not by {weak.fact.words}", with_entry(key, e, weak=less_weak), answer


def others(case: Case) -> Iterator[Line]:
    """Each tempting code, each optional one, each order, each other principal."""
    key, gold = case.key, case.exemplar
    for wrong in key.wrongs:
        less = tuple(w for w in key.wrongs if w is not wrong)
        for pattern in wrong.codes:
            fit = [c for c in leaves(pattern) if not matches(c, [e.code for e in key.entries])]
            answer = [*gold, Coded(fit[0])] if fit else gold
            yield f"wrong {pattern}", replace(key, wrongs=less), answer
    for pattern in key.optional:
        optional = tuple(o for o in key.optional if o != pattern)
        yield f"optional {pattern}", replace(key, optional=optional), [*gold, *map(Coded, leaves(pattern)[:1])]
    for pair in key.pairs:
        thinner = replace(key, pairs=tuple(p for p in key.pairs if p != pair))
        for code in {c for p in key.pairs for c in (p.first, p.then)}:
            yield f"{pair.first} before {pair.then}", thinner, [c for c in gold if c.code != code]
    for principal in key.principals[1:]:
        led = sorted(gold, key=lambda c, first=principal: c.code != first)
        yield f"{principal} may lead", replace(key, principals=key.principals[:1]), led


def further(case: Case) -> Iterator[Line]:
    """Each procedure, its tempting rivals, the disposition, each query, each needless one, the group."""
    key, gold = case.key, case.whole
    for operation in key.operations:
        less = tuple(o for o in key.operations if o is not operation)
        yield operation.code, replace(key, operations=less), replace(gold, procedures=())
    for wrong in key.wrong_operations:
        less_wrongs = tuple(w for w in key.wrong_operations if w is not wrong)
        for pattern in wrong.codes:
            stem = pattern.rstrip("*")
            code = next(c for c in codes().procedures.whole() if c.startswith(stem))
            thinner = replace(key, wrong_operations=less_wrongs)
            yield f"wrong {pattern}", thinner, replace(gold, procedures=(Done(code),))
    if key.disposition:
        yield "disposition", replace(key, disposition=None), replace(gold, disposition="")
    for question in key.questions:
        less_asked = tuple(q for q in key.questions if q is not question)
        asked = Asked(question.kinds[0], question.about)
        yield f"query {question.id}", replace(key, questions=less_asked), replace(gold, queries=(asked,))
    for needless in key.needless:
        asked = Asked("cause" if not needless.kinds else needless.kinds[0], needless.topics[0])
        thinner = replace(key, needless=tuple(n for n in key.needless if n is not needless))
        yield f"wrong query {needless.about}", thinner, replace(gold, queries=(asked,))
    for group in key.groups:
        ungrouped = replace(key, groups=tuple(g for g in key.groups if g is not group))
        one_less = replace(gold, procedures=(), codes=gold.codes[:-1])
        yield f"group {group.number}", ungrouped, gold if len(key.groups) > 1 else one_less  # else the next one fits


@pytest.mark.parametrize("name", [n for n in CASES if planted(n).key.operations])
def test_deleting_a_procedure_a_query_or_an_outcome_changes_what_some_answer_gets(name: str) -> None:
    """The lines of a stay beyond its diagnoses."""
    test_deleting_any_line_of_the_rubric_changes_what_some_answer_gets(name, further)


def judged(case: Case, key: Key, answer: list[Coded] | Work) -> Report:
    """The answer by that key, through the doors of a submission."""
    answer = replace(case.whole, codes=tuple(answer)) if isinstance(answer, list) else answer
    work = activity.parse(proving.form_of(answer))
    return activity.grade(work, key, activity.evidence(work, MemoryChart(case.planting.resources)))


@pytest.mark.parametrize("lines", [entries, others])
@pytest.mark.parametrize("name", CASES)
def test_deleting_any_line_of_the_rubric_changes_what_some_answer_gets(name: str, lines: Callable[..., Any]) -> None:
    """Points, or, for a tempting code that costs what any unforeseen one does, the reason and the mistake's name."""
    idle: set[str] = set()
    alive: set[str] = set()
    for seed in SEEDS:
        case = planted(name, seed)
        for line, thinner, answer in lines(case):
            if line not in alive:
                told = line.startswith("wrong") or " not by " in line
                before, after = judged(case, case.key, answer), judged(case, thinner, answer)
                (alive if before.score != after.score or (told and before != after) else idle).add(line)
    assert alive and not idle - alive, sorted(idle - alive)
