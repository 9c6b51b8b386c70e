"""A task's proofs as forms: written in codes and nuclei, so that they hold for every variant.

    name = "codes a ruled-out pneumonia"     when = { pneumonia = "ruled-out" }   (only for such variants)
    start = "exemplar" (or "blank", "other": the exemplar citing other documents)
    drop = ["N17.9"]                         replace = { "N18.32" = "N18.30" }     poa = { "N17.9" = "Y" } ("*" for all)
    add = [{ code = "J18.9", poa = "Y", cite = [["ed", "possible pneumonia"]] }]   first = ["J18.9"] (to the front)
    cite = "none" | "whole"                  recite = { "N17.9" = [["summary", "Acute kidney injury"]] }
    score | at_least | at_most | hand (± 2)  mistake = "…"                         findings = ["code:N17.9"] (not met)

Placeholders of the case (`{aki.poa}`) may stand in every text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.activity import BadPack, Form, Proof, Span

from .key import Entry, Fact, Key
from .paper import Paper
from .work import Coded

HAND = 2.0  # how far a hand-scored answer may be off


def proofs(key: Key, table: Mapping[str, Any]) -> list[Proof]:
    """The proof of one table for this variant; empty where its `when` does not fit."""
    if not key.variant.fits(table.get("when", {})):
        return []
    said = _said(table, key)
    low, high = said.get("at_least"), said.get("at_most")
    if "hand" in said:
        low, high = said["hand"] - HAND, said["hand"] + HAND
    return [Proof(said["name"], form_of(_answer(said, key)), said.get("score"), high, low, said.get("mistake", ""),
                  tuple(said.get("findings", ())))]


def form_of(codes: list[Coded]) -> Form:
    """The list as the page would send it."""
    rows = [{"code": c.code, "poa": c.poa, "spans": [vars(s) for s in c.spans]} for c in codes]
    return {"codes": json.dumps(rows)}


def exemplar(key: Key, *, other: bool = False) -> list[Coded]:
    """The key as an answer: each fact cited by its sentence, from the last document that carries it where `other`."""
    return [Coded(e.code, e.poa, _cited(e, key, other)) for e in key.entries]


def _cited(entry: Entry, key: Key, other: bool) -> tuple[Span, ...]:
    facts = entry.support[-1 if other else 0]
    return tuple(dict.fromkeys(_sentence(fact, key, other) for fact in facts))


def _sentence(fact: Fact, key: Key, other: bool = False) -> Span:
    held = [p for id in fact.papers if (p := key.paper(id)) and p.find(fact.words)]
    if not held:
        raise BadPack(f"{key.variant.case}: “{fact.words}” stands in none of its documents.")
    return _span(held[-1 if other else 0], fact.words)


def _span(paper: Paper, words: str) -> Span:
    at = paper.find(words)
    if at is None:
        raise BadPack(f"“{words}” is not in {paper.title}.")
    start, end = paper.around(*at)
    return Span(paper.id, start, end, paper.text[start:end])


def _said(table: Any, key: Key) -> Any:
    """The table with the variant's words in every text, keys of tables included."""
    if isinstance(table, str):
        return key.variant.words(table)
    if isinstance(table, list):
        return [_said(item, key) for item in table]
    if isinstance(table, dict):
        return {key.variant.words(name): _said(value, key) for name, value in table.items()}
    return table


def _answer(said: Mapping[str, Any], key: Key) -> list[Coded]:
    start = said.get("start", "exemplar")
    codes = [] if start == "blank" else exemplar(key, other=start == "other")
    codes = [c for c in codes if c.code not in said.get("drop", [])]
    codes = [replace(c, code=said.get("replace", {}).get(c.code, c.code)) for c in codes]
    codes += [Coded(row["code"], row.get("poa", ""), _cites(row.get("cite", []), key)) for row in said.get("add", [])]
    poa = said.get("poa", {})
    codes = [replace(c, poa=poa.get(c.code, poa.get("*", c.poa))) for c in codes]
    codes = [replace(c, spans=_cites(said["recite"][c.code], key)) if c.code in said.get("recite", {}) else c
             for c in codes]
    if said.get("cite") == "none":
        codes = [replace(c, spans=()) for c in codes]
    if said.get("cite") == "whole":
        codes = [replace(c, spans=tuple(_whole(key, s.document) for s in c.spans)) for c in codes]
    front = said.get("first", [])
    return sorted(codes, key=lambda c: front.index(c.code) if c.code in front else len(front))


def _cites(rows: list[list[str]], key: Key) -> tuple[Span, ...]:
    return tuple(_span(next(p for p in key.papers if p.name == name), words) for name, words in rows)


def _whole(key: Key, document: str) -> Span:
    paper = key.paper(document)
    assert paper is not None
    return Span(document, 0, len(paper.text), paper.text)
