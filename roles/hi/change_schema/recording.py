"""The record's part of a request. A SearchParameter is posted to a hospital of its own, old people before it and new
ones after, and what the searches then find is compared; an extension's definition is another module's (`extending`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from roles.hi.change_schema import extending
from roles.hi.change_schema.comparing import RIGHT, Verdict
from roles.hi.change_schema.definition import Check, Key, Params
from roles.hi.change_schema.people import Hospital
from sandbox.activity import Rehearsal, Resource, rehearse

_NEW = "-later"  # what the id of somebody who came after the definition ends in
_KEPT: dict[tuple[str, str, tuple[str, ...], tuple[str, ...]], Rehearsal] = {}
_MOST = 200


def compare(key: Key, hospital: Hospital, definition: str) -> dict[str, Verdict]:
    """The verdict of each check of the record by name; {} where the request asks nothing of the record."""
    checks = [check for check in key.params.checks if check.when == "record"]
    if not checks:
        return {}
    if key.params.structure:
        return extending.compare(key, key.params.structure, checks, definition)
    right = _rehearsed(key.params.definition.strip(), hospital, key)
    hers = _rehearsed(definition, hospital, key) if definition else Rehearsal("There is no definition.")
    return {check.name: _one(check, hers, right, key.params, hospital) for check in checks}


def asked(params: Params) -> tuple[str, ...]:
    """Every search of every check, each once."""
    lines = [line for check in params.checks if check.when == "record" for line in _lines(check)]
    return tuple(dict.fromkeys(lines))


def _lines(check: Check) -> list[str]:
    return [line.strip() for line in check.sql.splitlines() if line.strip()]


def _rehearsed(definition: str, hospital: Hospital, key: Key) -> Rehearsal:
    """What the definition does on a hospital, run once: nothing in it depends on who asks, or when."""
    later = key.params.search.later if key.params.search else ()
    place = (definition, hospital.name, asked(key.params), later)
    if place not in _KEPT:
        patients = [one for one in hospital.build() if one["resourceType"] == "Patient"]
        new = [_later(one) for one in patients if hospital.pattern_of[one["id"]] in later]
        if len(_KEPT) >= _MOST:
            _KEPT.clear()
        _KEPT[place] = rehearse(definition, patients, new, asked(key.params), key.today)
    return _KEPT[place]


def _later(patient: Resource) -> Resource:
    return {**patient, "id": patient["id"] + _NEW}


def _one(check: Check, hers: Rehearsal, right: Rehearsal, params: Params, hospital: Hospital) -> Verdict:
    if hers.refused:
        return Verdict("wrong", hers.refused, hers.refused)
    places = [asked(params).index(line) for line in _lines(check)]
    wrong = [n for n in places if hers.found[n] != right.found[n]]
    if not wrong:
        return RIGHT
    n = wrong[0]
    said = _said(asked(params)[n], hers.found[n], right.found[n], params, hospital)
    return Verdict("wrong", said, (hers.code, hers.bases, hers.type, *(hers.found[n] for n in places)))


def _said(line: str, mine: tuple[str, ...] | str, asked: tuple[str, ...] | str, params: Params,
          hospital: Hospital) -> str:
    """What a search found too little or too much, in a few words."""
    if isinstance(mine, str) or isinstance(asked, str):
        return f"{line}: {mine if isinstance(mine, str) else asked}"
    missed, more = set(asked) - set(mine), set(mine) - set(asked)
    reasons: Mapping[str, str] = {p.name: p.why for p in params.patterns}
    first = min(missed or more)
    why = reasons.get(hospital.pattern_of.get(first.removesuffix(_NEW), ""), "")
    when = "who came later" if first.endswith(_NEW) else "who was there before"
    what = f"misses {len(missed)}" if missed else f"finds {len(more)} too many"
    return f"{line} {what}, one of them a patient {when}. {why}".strip()


def trial(text: str, patients: list[Resource], asks: tuple[str, ...], today: date) -> list[dict[str, str]]:
    """For the page: what her record says of the definition, and how many each search finds; never right or wrong."""
    if unread := extending.unread(text):
        return unread
    found = rehearse(text, patients, [], asks, today)
    if found.refused:
        return [{"severity": "error", "text": f"The record refuses it. {found.refused}."}]
    return [{"severity": "ok" if isinstance(each, tuple) else "error", "text": f"{ask}: {_count(each)}"}
            for ask, each in zip(asks, found.found, strict=True)]


def _count(found: tuple[str, ...] | str) -> str:
    return found if isinstance(found, str) else f"{len(found):,} found"
