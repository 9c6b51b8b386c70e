"""A task's proofs as forms: written in codes and nuclei, so that they hold for every variant.

    name = "codes a ruled-out pneumonia"     when = { pneumonia = "ruled-out" }   (only for such variants)
    start = "exemplar" (or "blank", "other": the exemplar citing other documents)
    drop = ["N17.9"]                         replace = { "N18.32" = "N18.30" }     poa = { "N17.9" = "Y" } ("*" for all)
    add = [{ code = "J18.9", poa = "Y", cite = [["ed", "possible pneumonia"]] }]   first = ["J18.9"] (to the front)
    cite = "none" | "whole"                  recite = { "N17.9" = [["summary", "Acute kidney injury"]] }
    led_by = "J96.21" (the solution that another accepted principal leads)
    procedures = { drop = […], replace = { … }, add = [{ code = "30233N1", date = "2026-06-05", cite = […] }],
                   first = […], date = { "0SRS019" = "2026-06-05" } }
    disposition = "06"                       queries = { drop = ["anaemia"], add = [{ kind, about, cite = […] }] }
    score | at_least | at_most | hand (± 2)  mistake = "…"                         findings = ["code:N17.9"] (not met)

`cite` names documents and rows of the case: ["ed", "Sodium 128"], ["row:sodium", "128"]. Placeholders of the case
(`{aki.poa}`) may stand in every text. `start = "other"` and `"blank"` hold for all parts of an answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.activity import BadPack, Form, Proof, Span

from .citing import Cited, written
from .key import Fact, Key
from .paper import Paper
from .work import Asked, Coded, Done, Work

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


def form_of(answer: Work | list[Coded]) -> Form:
    """The answer as the page would send it; a list of codes alone leaves the other fields out."""
    work = answer if isinstance(answer, Work) else Work(tuple(answer))
    form = {"codes": json.dumps([{"code": c.code, "poa": c.poa, "spans": written(c.spans, c.rows)}
                                 for c in work.codes])}
    if isinstance(answer, Work):
        form["procedures"] = json.dumps([{"code": d.code, "date": d.date, "spans": written(d.spans, d.rows)}
                                         for d in work.procedures])
        form["disposition"] = work.disposition
        form["queries"] = json.dumps([{"kind": q.kind, "about": q.about, "spans": written(q.spans, q.rows)}
                                      for q in work.queries])
    return form


def exemplar(key: Key, *, other: bool = False) -> list[Coded]:
    """The key's codes: each fact cited by its sentence, from the last document that carries it where `other`."""
    found = []
    for entry in key.entries:
        cited = _held(entry.support, key, other)
        found.append(Coded(entry.code, entry.poa, cited.spans, cited.rows))
    return found


def whole(key: Key, *, other: bool = False) -> Work:
    """The key as a whole answer: codes, procedures, disposition, the queries that are required."""
    done, asked = [], []
    for operation in sorted(key.operations, key=lambda o: not o.principal):
        cited = _held(operation.support, key, other)
        done.append(Done(operation.code, operation.date, cited.spans, cited.rows))
    for question in key.questions:
        if question.required:
            cited = _held(question.support, key, other)
            asked.append(Asked(question.kinds[0], question.about, cited.spans, cited.rows))
    where = key.disposition.code if key.disposition else ""
    return Work(tuple(exemplar(key, other=other)), tuple(done), where, tuple(asked))


def _held(support: tuple[tuple[Fact, ...], ...], key: Key, other: bool) -> Cited:
    facts = support[-1 if other else 0]
    return _together([_sentence(fact, key, other) for fact in facts])


def _together(cited: list[Cited]) -> Cited:
    return Cited(tuple(dict.fromkeys(s for c in cited for s in c.spans)),
                 tuple(dict.fromkeys(r for c in cited for r in c.rows)))


def _sentence(fact: Fact, key: Key, other: bool = False) -> Cited:
    held = [p for id in fact.papers if (p := key.paper(id)) and p.find(fact.words)]
    if not held:
        raise BadPack(f"{key.variant.case}: “{fact.words}” stands in none of its documents.")
    return _span(held[-1 if other else 0], fact.words)


def _span(paper: Paper, words: str) -> Cited:
    at = paper.find(words)
    if at is None:
        raise BadPack(f"“{words}” is not in {paper.title}.")
    if "/" in paper.id:
        return Cited((), (paper.id,))
    start, end = paper.around(*at)
    return Cited((Span(paper.id, start, end, paper.text[start:end]),))


def _said(table: Any, key: Key) -> Any:
    """The table with the variant's words in every text, keys of tables included."""
    if isinstance(table, str):
        return key.variant.words(table)
    if isinstance(table, list):
        return [_said(item, key) for item in table]
    if isinstance(table, dict):
        return {key.variant.words(name): _said(value, key) for name, value in table.items()}
    return table


def _answer(said: Mapping[str, Any], key: Key) -> Work:
    start = said.get("start", "exemplar")
    key = key.led_by(said["led_by"]) if "led_by" in said else key
    base = Work() if start == "blank" else whole(key, other=start == "other")
    cite = said.get("cite", "")
    codes = [_cut(c, key, cite) for c in _codes(said, base.codes, key)]
    done = [_cut(d, key, cite) for d in _operations(said.get("procedures", {}), base.procedures, key)]
    asked = [_cut(q, key, cite) for q in _queries(said.get("queries", {}), base.queries, key)]
    return Work(tuple(codes), tuple(done), said.get("disposition", base.disposition), tuple(asked))


def _codes(said: Mapping[str, Any], base: tuple[Coded, ...], key: Key) -> list[Coded]:
    codes = [c for c in base if c.code not in said.get("drop", [])]
    codes = [replace(c, code=said.get("replace", {}).get(c.code, c.code)) for c in codes]
    for row in said.get("add", []):
        cited = _cites(row.get("cite", []), key)
        codes.append(Coded(row["code"], row.get("poa", ""), cited.spans, cited.rows))
    poa = said.get("poa", {})
    codes = [replace(c, poa=poa.get(c.code, poa.get("*", c.poa))) for c in codes]
    for code, rows in said.get("recite", {}).items():
        cited = _cites(rows, key)
        codes = [replace(c, spans=cited.spans, rows=cited.rows) if c.code == code else c for c in codes]
    front = said.get("first", [])
    return sorted(codes, key=lambda c: front.index(c.code) if c.code in front else len(front))


def _operations(said: Mapping[str, Any], base: tuple[Done, ...], key: Key) -> list[Done]:
    done = [d for d in base if d.code not in said.get("drop", [])]
    done = [replace(d, code=said.get("replace", {}).get(d.code, d.code)) for d in done]
    for row in said.get("add", []):
        cited = _cites(row.get("cite", []), key)
        done.append(Done(row["code"], row.get("date", ""), cited.spans, cited.rows))
    done = [replace(d, date=said.get("date", {}).get(d.code, d.date)) for d in done]
    front = said.get("first", [])
    return sorted(done, key=lambda d: front.index(d.code) if d.code in front else len(front))


def _queries(said: Mapping[str, Any], base: tuple[Asked, ...], key: Key) -> list[Asked]:
    dropped = [q.about for q in key.questions if q.id in said.get("drop", [])]
    asked = [q for q in base if q.about not in dropped]
    for row in said.get("add", []):
        cited = _cites(row.get("cite", []), key)
        asked.append(Asked(row["kind"], row.get("about", ""), cited.spans, cited.rows))
    return asked


def _cut(part: Any, key: Key, cite: str) -> Any:
    if cite == "none":
        return replace(part, spans=(), rows=())
    if cite == "whole":
        return replace(part, spans=tuple(_document(key, s.document) for s in part.spans))
    return part


def _cites(rows: list[list[str]], key: Key) -> Cited:
    found = []
    for name, words in rows:
        papers = [p for p in (*key.papers, *key.rows) if p.name == name]
        found.append(_span(next((p for p in papers if p.find(words)), papers[0]), words))
    return _together(found)


def _document(key: Key, document: str) -> Span:
    paper = key.paper(document)
    assert paper is not None
    return Span(document, 0, len(paper.text), paper.text)
