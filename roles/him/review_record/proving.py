"""A task's proofs as forms, for one draw.

    when = { "late-history" = "fault", total = 6, faults = 3 }    sides of pairs (fault, clean, open); sum of
                                           severities, an open chart with 1; number of faults
    start = "exemplar" | "blank" | "closed" (no deficiency everywhere) | "shotgun"
    pass = ["late-history", "fault:1"]     no deficiency on a faulty chart
    skip = ["fault:2"]                     nothing said of it
    accuse = ["late-summary", "sound:1"]   a look-alike filed under its own rule
    ask = ["fault:1"]                      cannot determine, ask who is right to ask
    change = { "verbal-order" = { kind = "regulation", due = "-1", field = "", document = "", actor = "", rule = "…" } }
    score | at_least | at_most | hand (± 2)  mistake = "…"  findings = ["found:late-history"] (not met)

A chart is named by its pair, or as the first, second … faulty, sound or open one in the order shown ("fault:1"), or
as the first fault of a severity ("severity:2"). A number in `due` is added to the right date.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from sandbox.activity import BadPack, Form, Proof

from .book import book
from .desk import Shown
from .key import ChartKey, Key
from .work import Filed, Verdict, Work

HAND = 2.0  # how far a hand-scored answer may be off
Said = dict[str, Verdict]
Held = dict[str, Filed]


def proofs(key: Key, shown: Shown, table: Mapping[str, Any]) -> list[Proof]:
    """The proof of one table for this draw; empty where its `when` does not fit."""
    if not _fits(key, table.get("when", {})):
        return []
    low, high = table.get("at_least"), table.get("at_most")
    if "hand" in table:
        low, high = table["hand"] - HAND, table["hand"] + HAND
    missed = []
    for name in table.get("findings", ()):
        what, _, chart = name.partition(":")
        number = _named(key, chart)[0].number
        missed.append(f"{what}:{number}")
    return [Proof(table["name"], form_of(_answer(key, shown, table)), table.get("score"), high, low,
                  table.get("mistake", ""), tuple(missed))]


def form_of(work: Work) -> Form:
    """The review as the page would send it."""
    return {"verdicts": json.dumps({one.chart: {"verdict": one.verdict, "ask": one.ask} for one in work.verdicts}),
            "findings": json.dumps([asdict(one) for one in work.findings])}


def exemplar(key: Key) -> Work:
    """The key as an answer."""
    verdicts = tuple(_right(chart) for chart in key.charts)
    return Work(verdicts, tuple(finding(chart, key) for chart in key.faults))


def _right(chart: ChartKey) -> Verdict:
    said = {"fault": "deficiency", "clean": "none", "open": "ask"}[chart.answer]
    return Verdict(chart.id, said, chart.actors[0] if said == "ask" else "")


def finding(chart: ChartKey, key: Key) -> Filed:
    """The deficiency of a chart, filed as well as it can be; of a look-alike, as somebody would who was taken in."""
    spot = chart.spots[0] if chart.spots else None
    return Filed(chart.id, chart.rule, spot.paper if spot else "", spot.fields[0] if spot else "",
                 chart.kinds[0], chart.actors[0] if chart.actors else "",
                 chart.dues[0][1] if chart.dues else "none")


def _fits(key: Key, when: Mapping[str, Any]) -> bool:
    sides = {chart.name: chart.answer for chart in key.charts}
    counted: dict[str, object] = {"total": sum(chart.severity for chart in key.needing), "faults": len(key.faults)}
    return all((counted | sides)[name] == value for name, value in when.items())


def _named(key: Key, name: str) -> list[ChartKey]:
    what, _, number = name.partition(":")
    if what == "severity":
        found = [chart for chart in key.faults if chart.severity == int(number)][:1]
    elif number:
        side = {"fault": "fault", "sound": "clean", "open": "open"}[what]
        found = [chart for chart in key.charts if chart.answer == side and (side != "clean" or chart.rule)]
        found = found[int(number) - 1 : int(number)]
    else:
        found = [chart for chart in key.charts if chart.name == name]
    if not found:
        raise BadPack(f"A proof names “{name}”, which is not in this draw.")
    return found


def _answer(key: Key, shown: Shown, table: Mapping[str, Any]) -> Work:
    start = table.get("start", "exemplar")
    if start == "shotgun":
        return _shotgun(key, shown)
    if start == "closed":
        return Work(tuple(Verdict(chart.id, "none") for chart in key.charts))
    work = exemplar(key) if start == "exemplar" else Work()
    said = {one.chart: one for one in work.verdicts}
    filed = {one.chart: one for one in work.findings}
    for verb, names in table.items():
        for chart in [chart for name in names for chart in _named(key, name)] if verb in _VERBS else []:
            _VERBS[verb](key, chart, said, filed)
    for name, changes in table.get("change", {}).items():
        chart = _named(key, name)[0]
        filed[chart.id] = _changed(filed[chart.id], changes)
    return Work(tuple(sorted(said.values())), tuple(sorted(filed.values())))


def _pass(key: Key, chart: ChartKey, said: Said, filed: Held) -> None:
    said[chart.id] = Verdict(chart.id, "none")
    filed.pop(chart.id, None)


def _skip(key: Key, chart: ChartKey, said: Said, filed: Held) -> None:
    said.pop(chart.id, None)
    filed.pop(chart.id, None)


def _file(key: Key, chart: ChartKey, said: Said, filed: Held) -> None:
    said[chart.id] = Verdict(chart.id, "deficiency")
    filed[chart.id] = finding(chart, key)


def _ask(key: Key, chart: ChartKey, said: Said, filed: Held) -> None:
    said[chart.id] = Verdict(chart.id, "ask", chart.actors[0] if chart.actors else "")
    filed.pop(chart.id, None)


_VERBS = {"pass": _pass, "skip": _skip, "accuse": _file, "file": _file, "ask": _ask, "close": _pass}


def _changed(filed: Filed, changes: Mapping[str, Any]) -> Filed:
    more = dict(changes)
    if str(more.get("due", "")).lstrip("+-").isdigit() and filed.due != "none":
        more["due"] = (date.fromisoformat(filed.due) + timedelta(days=int(more["due"]))).isoformat()
    if more.get("document") == "":
        more["field"] = ""
    return replace(filed, **more)


def _shotgun(key: Key, shown: Shown) -> Work:
    """Four rules of the book against every chart, each pointing to the first papers there are."""
    names, found = list(book(key.policy)), []
    for number, file in enumerate(shown.files):
        for step in range(4):
            paper = file.papers[step % len(file.papers)]
            found.append(Filed(file.encounter, names[(number + 7 * step) % len(names)], paper.ref, paper.rows[0][0],
                               "regulation", file.people[0].ref, "none"))
    return Work((), tuple(sorted(found)))
