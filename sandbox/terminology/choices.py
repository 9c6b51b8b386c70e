"""What is still to be chosen for a code: one set of choices, or two at once where a side and an encounter are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.terminology.folding import differences
from sandbox.terminology.model import Code

if TYPE_CHECKING:
    from sandbox.terminology.codes import Codes

_LISTED = frozenset({"", "choose detail", "choose more"})  # kinds whose members are hits of their own


@dataclass(frozen=True)
class Option:
    """One choice. `value` is a whole code, a code to go on with, or what a 7th character is put behind ("W06.XXX")."""

    code: str  # as shown: "L97.512", "S93.402-", or a 7th character
    label: str
    value: str
    title: str
    billable: bool
    chosen: bool = False


@dataclass(frozen=True)
class Choices:
    """One set. `part` is "code" for whole codes, "stem" and "seventh" for two sets that make a code together."""

    name: str  # "severity", "side", "encounter" …
    part: str
    options: tuple[Option, ...]


def choices(codes: Codes, code: str) -> tuple[Choices, ...]:
    """The sets for a code that is open, the ones already made marked; () where nothing is to be chosen.

    NotFound where there is no such code.
    """
    entry = codes.known(code)
    character = entry.code[-1] if codes.seventh(entry.code) else ""
    base = codes.known(entry.parent) if character and entry.parent else entry
    if base.billable:
        return _siblings(codes, codes.known(base.parent or base.code), base.code)
    return _below(codes, base, character)


def _siblings(codes: Codes, parent: Code, chosen: str) -> tuple[Choices, ...]:
    kind = codes.choice(parent.code)
    return () if kind in _LISTED else (_plain(codes, parent, chosen),)


def _below(codes: Codes, base: Code, character: str) -> tuple[Choices, ...]:
    children = codes.children(base.code)
    if children and codes.seventh(children[0].code):
        parent = codes.get(base.parent or "")
        beside = _stems(codes, parent, base.code) if parent and codes.choice(parent.code) == "choose side" else None
        seventh = _seventh(codes, base, character)
        return (beside, seventh) if beside else (seventh,)
    stems = _stems(codes, base, "")
    if stems:
        return stems, _seventh(codes, children[0], character)
    return (_plain(codes, base, ""),)


def _plain(codes: Codes, parent: Code, chosen: str) -> Choices:
    children = codes.children(parent.code)
    labels = _labels([child.title for child in children])
    return Choices(_name(codes, parent), "code", tuple(
        Option(child.code if child.billable else f"{child.code}-", label, child.code, child.title,
               child.billable, child.code == chosen) for child, label in zip(children, labels, strict=True)))


def _stems(codes: Codes, parent: Code, chosen: str) -> Choices | None:
    """The entries below as first half of a code, if all of them take the same 7th characters."""
    children = codes.children(parent.code)
    if not 1 < len(children) <= 12:
        return None
    ends = [tuple((leaf.code[-1], codes.seventh(leaf.code)) for leaf in codes.children(child.code))
            for child in children]
    if not ends[0] or len(set(ends)) != 1 or not ends[0][0][1]:
        return None
    labels = _labels([child.title for child in children])
    return Choices(_name(codes, parent), "stem", tuple(
        Option(f"{child.code}-", label, codes.children(child.code)[0].code[:-1], child.title, False,
               child.code == chosen)
        for child, label in zip(children, labels, strict=True)))


def _seventh(codes: Codes, base: Code, chosen: str) -> Choices:
    children = codes.children(base.code)
    meanings = [codes.seventh(child.code) for child in children]
    return Choices(_name(codes, base), "seventh", tuple(
        Option(child.code[-1], meaning, child.code, meaning, True, child.code[-1] == chosen)
        for child, meaning in zip(children, meanings, strict=True)))


def _name(codes: Codes, parent: Code) -> str:
    name = codes.choice(parent.code).removeprefix("choose ")
    return "code" if name in ("detail", "more") else name


def _labels(titles: list[str]) -> list[str]:
    """What tells the choices apart ("fat layer exposed"), without leading small words."""
    cut = []
    for label in differences(titles):
        for small in ("with ", "limited to ", ", "):
            label = label.removeprefix(small)
        cut.append(label.strip(" ,") or label)
    return cut
