"""A task's proofs as forms, for one seed.

    start = "exemplar" | "blank" | "verdicts" (right verdicts, nothing else)
    all = "violation" | "explained" | "interview"      this verdict on every lead
    change = { "mayor:guilty" = { verdict = "explained", link = "ward" }, "street:twin" = { … } }
             fields of the form; `by` may be a number of days added to the right day; "*" is every lead,
             "*:violation" and the like every lead of that right verdict
    score | at_least | at_most | hand (± 2)   mistake = "…"   findings = ["found:mayor:guilty"] (not met)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fixtures.planting.violations.model import VIOLATION
from sandbox.activity import BadPack, Form, Proof

from .key import Key, LeadKey
from .menus import FACTORS

HAND = 2.0  # how far a hand-scored answer may be off


def proofs(key: Key, table: Mapping[str, Any]) -> list[Proof]:
    """The proof of one table."""
    low, high = table.get("at_least"), table.get("at_most")
    if "hand" in table:
        low, high = table["hand"] - HAND, table["hand"] + HAND
    missed = []
    for name in table.get("findings", ()):
        axis, _, lead = name.partition(":")
        missed += [f"{axis}:{one.id}" for one in _named(key, lead)] if lead else [axis]
    return [Proof(table["name"], form_of(answer(key, table)), table.get("score"), high, low, table.get("mistake", ""),
                  tuple(missed))]


def form_of(cases: Mapping[str, Any]) -> Form:
    """The audit as the page would send it."""
    return {"cases": json.dumps(cases), "reasons": "{}"}


def answer(key: Key, table: Mapping[str, Any]) -> dict[str, Any]:
    """What the table says, as the field `cases`."""
    start = table.get("start", "exemplar")
    cases: dict[str, dict[str, Any]] = {}
    for lead in key.leads:
        whole = right(lead, key)
        cases[lead.id] = {"exemplar": whole, "verdicts": {"verdict": whole["verdict"]}, "blank": {}}[start]
        if "all" in table:
            cases[lead.id] = {"verdict": table["all"]}
    for name, fields in table.get("change", {}).items():
        for lead in _named(key, name):
            cases[lead.id] = {**cases[lead.id], **_dated(fields, key)}
    return cases


def right(lead: LeadKey, key: Key) -> dict[str, Any]:
    """The key as an answer to one lead."""
    found: dict[str, Any] = {"verdict": lead.verdict, "link": lead.link, "pattern": lead.pattern,
                             "cited": list(lead.places[:1])}
    if lead.verdict == VIOLATION:
        rating = "raises" if lead.breach else "lowers"
        found["factors"] = {name: {"rating": rating, "cited": lead.facts[0]} for name in FACTORS}
        found["breach"] = "yes" if lead.breach else "no"
        found |= {"tell": ["patient", "log"], "by": key.last} if lead.breach else {}
    return found


def _dated(fields: Mapping[str, Any], key: Key) -> dict[str, Any]:
    by = fields.get("by")
    moved = {"by": (date.fromisoformat(key.last) + timedelta(days=by)).isoformat()} if isinstance(by, int) else {}
    return {**fields, **moved}


def _named(key: Key, name: str) -> list[LeadKey]:
    story, _, side = name.partition(":")
    found = [one for one in key.leads if story in ("*", one.story) and (
        side in ("", one.verdict) or (side == "guilty" and one.guilty) or (side == "twin" and not one.guilty))]
    if not found:
        raise BadPack(f"no lead is called “{name}”.")
    return found
