"""An extension's StructureDefinition, posted to a workspace that has the value set; then resources are sent to it, and
what it takes and refuses is compared with what the exemplar does. What it does counts, never how it is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from roles.hi.change_schema.asking import Case, Structure
from roles.hi.change_schema.comparing import RIGHT, Verdict
from roles.hi.change_schema.definition import Check, Key
from roles.hi.change_schema.saying import code
from sandbox.activity import BadPack, Conformance, rehearse_structure


def compare(key: Key, structure: Structure, checks: Sequence[Check], definition: str) -> dict[str, Verdict]:
    """The verdict of each check of the record by name."""
    cases = {case.name: case for case in (*structure.cases, *key.params.cases)}
    right = _tried(key.params.definition.strip(), key, structure)
    if right.refused:
        raise BadPack(f"The record refuses the exemplar's own definition: {right.refused}")
    hers = _tried(definition, key, structure) if definition else Conformance("There is no definition.")
    return {check.name: _one([cases[name] for name in check.sql.split()], list(cases), hers, right)
            for check in checks}


def _tried(definition: str, key: Key, structure: Structure) -> Conformance:
    cases = (*structure.cases, *key.params.cases)
    sent = [case.resource(structure.url) for case in cases]
    return _kept(definition, json.dumps(structure.value_set), json.dumps(sent), key.today)


@lru_cache(maxsize=200)
def _kept(definition: str, value_set: str, sent: str, today: date) -> Conformance:
    """What the definition does, run once: nothing in it depends on who asks, or when."""
    return rehearse_structure(definition, [json.loads(value_set)], json.loads(sent), today)


def _one(cases: Sequence[Case], order: Sequence[str], hers: Conformance, right: Conformance) -> Verdict:
    """Right where each case is taken or refused as by the exemplar."""
    if hers.refused:
        return Verdict("wrong", f"The record refuses the definition: {code(hers.refused)}", hers.refused)
    mine, asked = ([bool(tried.answers[order.index(case.name)]) for case in cases] for tried in (hers, right))
    wrong = [n for n, refused in enumerate(mine) if refused != asked[n]]
    if not wrong:
        return RIGHT
    said = _said(cases[wrong[0]], hers.answers[order.index(cases[wrong[0]].name)])
    more = f". And {len(wrong) - 1} more like it" if len(wrong) > 1 else ""
    return Verdict("wrong", said + more, (hers.url == right.url, hers.checks, tuple(mine)))


def _said(case: Case, reason: str) -> str:
    title = _small(case)
    return f"Refused, and must be taken: {title} ({code(reason)})" if reason else f"Taken, and must be refused: {title}"


def _small(case: Case) -> str:
    return case.title[0].lower() + case.title[1:]


def trial(text: str, structure: Structure, today: date) -> list[dict[str, str]]:
    """For the page: what the record says of the definition, and what becomes of each case; never right or wrong."""
    if problem := unread(text):
        return problem
    sent = [case.resource(structure.url) for case in structure.cases]
    found = rehearse_structure(text, [dict(structure.value_set)], sent, today)
    if found.refused:
        return [{"severity": "error", "text": f"The record refuses the definition. {found.refused}."}]
    about = [{"severity": "ok", "text": f"The record says: {each}."} for each in found.said]
    if found.url != structure.url:
        about.append({"severity": "ok", "text": f"It is of {found.url}; the portal sends {structure.url}."})
    return about + [{"severity": "ok", "text": f"Refused: {_small(case)}. {answer}." if answer else
                     f"Taken: {_small(case)}."}
                    for case, answer in zip(structure.cases, found.answers, strict=True)]


def unread(text: str) -> list[dict[str, str]]:
    """A message where a definition is no JSON; empty where it is."""
    try:
        json.loads(text)
    except ValueError as problem:
        return [{"severity": "error", "text": f"It cannot be read as JSON: {problem}"}]
    except RecursionError:
        return [{"severity": "error", "text": "It is nested too deeply to be read."}]
    return []
