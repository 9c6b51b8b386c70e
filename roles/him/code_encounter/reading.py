"""The key, read from the table of one variant, with what the classification says of its codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fixtures.notes import Variant, shape
from sandbox.activity import BadPack, Codes, normal_code

from .key import (
    WEIGHTS,
    Disposition,
    Entry,
    Fact,
    Group,
    Key,
    Needless,
    Operation,
    Pair,
    Policy,
    Question,
    Weak,
    Wrong,
    fits,
    names,
)
from .paper import Paper
from .planting import moment, short

Places = Mapping[str, tuple[Paper, ...]]  # the documents and rows of a case by their names in it


def make_key(variant: Variant, papers: Mapping[str, Paper], codes: Codes,
             rows: Places | None = None, policy: Mapping[str, str] | None = None) -> Key:
    """The key of a variant; `papers` and `rows` are what was planted, by name; `policy` is what the task sets.

    BadPack where the task names a policy or a stand that does not exist.
    """
    table, visit = variant.table, variant.table["encounter"]
    places: Places = {name: (paper,) for name, paper in papers.items()} | dict(rows or {})
    policies = _policies(table, policy or {})
    everything = tuple(_entry(row, places, policies) for row in table["code"])
    main = next(normal_code(row["code"]) for row in table["code"] if row.get("principal"))
    counted = sorted((e for e in everything if e.kind != "O"), key=lambda e: e.code != main)
    operations = tuple(_operation(row, places, codes, policies) for row in table.get("procedure", []))
    alternates = table.get("alternate", [])
    groups = tuple(Group(row["number"], row["why"], tuple(row.get("led_by", ()))) for row in table.get("drg", []))
    return Key(
        variant, table["setting"] == "inpatient", short(moment(visit["order"])) if visit.get("order") else "",
        tuple(papers.values()), tuple(e for e in counted if fits(e, main)),
        (main, *(normal_code(row["principal"]) for row in alternates)),
        " ".join(f"{row['why']} ({row['rule']})" for row in alternates),
        tuple(_wrong(row, places) for row in table.get("wrong", [])),
        tuple(code for row in table.get("optional", []) for code in row["codes"]),
        _pairs([e.code for e in counted], codes), table.get("practice", ""),
        tuple(paper for made in (rows or {}).values() for paper in made),
        tuple(e for e in counted if not fits(e, main)), tuple(e for e in everything if e.kind == "O"),
        tuple(o for o in operations if o.kind != "O"), tuple(o for o in operations if o.kind == "O"),
        tuple(_wrong(row, places) for row in table.get("wrong_procedure", [])), _disposition(table, places),
        tuple(_question(row, places) for row in table.get("query", [])),
        tuple(_needless(row, places) for row in table.get("wrong_query", [])), groups, policies,
        {"male": "M", "female": "F"}.get(table["patient"]["sex"], ""))


def _policies(table: Mapping[str, Any], asked: Mapping[str, str]) -> tuple[Policy, ...]:
    unknown = [f"{name} = {stand!r}" for name, stand in asked.items()
               if name not in shape.POLICIES or stand not in shape.STANDS]
    if unknown:
        raise BadPack(f"policy: {', '.join(unknown)} cannot be; there are {', '.join(shape.POLICIES)}, "
                      f"each {' or '.join(shape.STANDS)}.")
    named = {row["policy"] for kind in ("code", "procedure") for row in table.get(kind, []) if row.get("policy")}
    stands = table.get("policy", {}) | dict(asked)
    return tuple(Policy(name, stands.get(name) == "expected", name in asked) for name in sorted(named))


def _kind(row: Mapping[str, Any], policies: tuple[Policy, ...]) -> str:
    """The class of a code, with what the hospital expects beyond the book."""
    expected = any(p.expected and p.name == row.get("policy") for p in policies)
    return "E" if row["class"] == "O" and expected else str(row["class"])


def _entry(row: Mapping[str, Any], places: Places, policies: tuple[Policy, ...]) -> Entry:
    carries, poa, kind = row.get("carries", ""), row.get("poa", ""), _kind(row, policies)
    return Entry(
        normal_code(row["code"]), row["words"], kind,
        WEIGHTS[carries] if kind == "R" else 0.5, poa, 2.0 if poa == "N" or row.get("hac") else 1.0,
        _support(row, places), tuple(Weak(_fact(weak[:2], places), weak[2]) for weak in row.get("weak", [])),
        tuple(row.get("near", ())), (*row.get("instead", ()), _stem(normal_code(row["code"]))),
        tuple(row.get("same", ())), row["rule"], row["why"], row.get("poa_why", ""),
        tuple(_fact(fact, places) for fact in row.get("poa_facts", [])), row.get("next", ""),
        row.get("policy", "") if kind == "E" and row["class"] == "O" else "", tuple(row.get("led_by", ())))


def _operation(row: Mapping[str, Any], places: Places, codes: Codes, policies: tuple[Policy, ...]) -> Operation:
    kind, known = _kind(row, policies), codes.procedures.get(row["code"])
    return Operation(
        row["code"], row["words"], kind, row["date"], bool(row.get("principal")), _support(row, places), row["rule"],
        row["why"], row.get("next", ""), known.axes if known else (),
        row.get("policy", "") if kind == "E" and row["class"] == "O" else "", tuple(row.get("led_by", ())))


def _question(row: Mapping[str, Any], places: Places) -> Question:
    return Question(
        row["id"], row["class"] == "R", tuple(shape.listed(row["kind"])), row["about"], tuple(row.get("topics", ())),
        _support(row, places), row["rule"], row["why"], row["compliant"], row["leading"], row.get("next", ""))


def _needless(row: Mapping[str, Any], places: Places) -> Needless:
    return Needless(
        row["about"], tuple(shape.listed(row.get("kind", []))), tuple(row.get("topics", ())), _against(row, places),
        row["why"], row["rule"], row.get("mistake", ""), row.get("next", ""))


def _disposition(table: Mapping[str, Any], places: Places) -> Disposition | None:
    row = table.get("disposition")
    if row is None:
        return None
    return Disposition(row["code"], row["words"], _support(row, places), row["rule"], row["why"])


def _wrong(row: Mapping[str, Any], places: Places) -> Wrong:
    return Wrong(
        tuple(row["codes"]), row["why"], row["rule"], _against(row, places),
        row.get("mistake", ""), float(row.get("cost", 1)) * WEIGHTS[row.get("carries", "")],
        row.get("beside", ""), row.get("cap", ""), row.get("next", ""), tuple(row.get("led_by", ())))


def _support(row: Mapping[str, Any], places: Places) -> tuple[tuple[Fact, ...], ...]:
    return tuple(tuple(_fact(fact, places) for fact in facts) for facts in row["support"])


def _against(row: Mapping[str, Any], places: Places) -> tuple[Fact, ...]:
    return tuple(_fact(fact, places) for fact in row.get("against", []))


def _fact(row: list[str], places: Places) -> Fact:
    return Fact(tuple(paper.id for name in row[0].split("|") for paper in places.get(name, ())), row[1])


def _stem(code: str) -> str:
    """The codes that differ from this one in one character: another side, stage or type."""
    plain = code.replace(".", "")
    keep = plain[:5] if len(plain) == 7 else plain[: max(3, len(plain) - 1)]
    return f"{normal_code(keep)}*" if len(keep) > 3 else f"{keep}.*"


def _pairs(listed: list[str], codes: Codes) -> tuple[Pair, ...]:
    """Each pair of the key's codes that a code-first note of the tabular list puts in order."""
    found = []
    for then in listed:
        for note in codes.notes(then).notes:
            if note.kind == "code_first":
                named = [f for f in listed if f != then and any(names(pattern, f) for pattern in note.codes)]
                found += [Pair(first, then, f"Code first note at {note.at}") for first in named]
    return tuple(sorted(set(found), key=lambda p: (listed.index(p.first), listed.index(p.then))))


