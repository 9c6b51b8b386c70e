"""Rules of order: what may not come first, what must come before something else, and what should be added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sandbox.terminology.listed import Instruction, Listed, first_word, instructions
from sandbox.terminology.model import Edit, NoteKind, Setting
from sandbox.terminology.patterns import covers

_MANIFESTATION = "diseases classified elsewhere"
_NEVER_FIRST = (  # pattern, rule, reason, source
    ("V00-Y99", "external_cause_first", "an external cause says how it happened, never what the condition is",
     "Guidelines I.C.20.a.6"),
    ("R65.2-", "severe_sepsis_first", "severe sepsis follows the code of the infection behind it",
     "Code first at R65.2; Guidelines I.C.1.d.1.b"),
    ("T36-T50 with fifth or sixth character 6", "underdosing_first", "the condition that came back or grew worse is "
     "what is treated; underdosing says why", "Guidelines I.C.19.e.5.c"),
    ("B95-B97", "agent_first", "these codes only add the organism to an infection coded elsewhere", "Note at B95-B97"),
)


def edits(valid: Sequence[Listed], setting: Setting) -> Iterator[Edit]:
    """All edits of order and completeness for valid codes in their order."""
    for one in valid:
        if one is valid[0]:
            yield from _first(one, setting)
        yield from _code_first(one, valid, setting)
        yield from _additional(one, valid)
    yield from _wide(valid)


def _first(one: Listed, setting: Setting) -> Iterator[Edit]:
    where = first_word(setting)
    for pattern, rule, why, source in _NEVER_FIRST:
        if covers(pattern, one.code):
            yield Edit(one.code, "error", rule, f"{one.code} cannot be the {where} diagnosis: {why}.", source)
    if _MANIFESTATION in one.entry.title and not covers("B95-B97", one.code):
        yield Edit(one.code, "error", "manifestation_first", f"{one.code} is a manifestation (“in {_MANIFESTATION}”): "
                   f"it cannot be the {where} diagnosis. The underlying condition comes first.", "Guidelines I.A.13")


def _code_first(one: Listed, valid: Sequence[Listed], setting: Setting) -> Iterator[Edit]:
    """Each code that a code-first note names must stand before the code with the note."""
    found = [each for each in instructions(one, "code_first") if _meant_for(one, each)]
    named = [other for other in valid if other is not one and any(each.covers(other.code) for each in found)]
    for each in found:
        for other in valid:
            if other.place > one.place and each.covers(other.code):
                yield Edit(one.code, "error", "code_first", f"{other.code} comes before {one.code}: the note at "
                           f"{each.at} says code first “{each.text}”.",
                           f"Code first at {each.at}; Guidelines I.A.13, I.A.17")
    firm = [each for each in found if not each.optional]
    for each in found if not named else []:
        alone = each in firm if len(firm) == 1 else len(found) == 1 or bool(each.heading)
        if one.place == 0 or _closed(one, each):  # else whatever stands before may be what is meant
            yield from _missing_first(one, each, alone=alone, setting=setting)


def _meant_for(one: Listed, each: Instruction) -> bool:
    """What is said "for adverse effects" is not said of poisoning and underdosing, which stand in the same codes."""
    return "for adverse effects" not in each.heading or covers("T36-T50 with fifth or sixth character 5", one.code)


def _closed(one: Listed, each: Instruction) -> bool:
    """Whether the note names all that it means; a manifestation's examples are near enough to ask for one of them."""
    named = any(note.codes for note in each.notes)
    return named and ("such as" not in each.heading or _MANIFESTATION in one.entry.title)


def _missing_first(one: Listed, each: Instruction, *, alone: bool, setting: Setting) -> Iterator[Edit]:
    """No such code is on the list: a fault where the note leaves no choice, else a thing to think of."""
    demanded = alone and not each.optional
    why = f"The note at {each.at} says code first “{each.text}”; no such code is on the list."
    source = f"Code first at {each.at}; Guidelines I.A.13"
    if demanded and one.place == 0 and _MANIFESTATION not in one.entry.title and not covers("R65.2-", one.code):
        yield Edit(one.code, "error", "code_first", f"{one.code} cannot be the {first_word(setting)} diagnosis. {why}",
                   source)
    elif demanded:
        yield Edit(one.code, "warning", "code_first_missing", why, source)
    elif alone:
        yield Edit(one.code, "info", "code_first_missing", why, source)


def _additional(one: Listed, valid: Sequence[Listed]) -> Iterator[Edit]:
    """Use-additional and code-also notes at the code, or above it up to its category, that nothing answers yet."""
    for each in _near(one, "use_additional"):
        answers = [other for other in valid if other is not one and each.covers(other.code)]
        if not answers and _checkable(each, valid):
            yield Edit(one.code, "info", "use_additional", f"The note at {each.at} says use an additional code: "
                       f"“{_shorn(each.text)}”.", f"Use additional code at {each.at}; Guidelines I.A.13")
        for other in answers:
            if other.place == 0 and not _asks_first(other, one):
                yield Edit(other.code, "warning", "use_additional_order", f"{other.code} stands first, but the note at "
                           f"{each.at} makes it additional to {one.code}.",
                           f"Use additional code at {each.at}; Guidelines I.A.13")
    for each in _near(one, "code_also"):
        if _checkable(each, valid) and not any(each.covers(other.code) for other in valid if other is not one):
            yield Edit(one.code, "info", "code_also", f"The note at {each.at} says code also: “{_shorn(each.text)}”.",
                       f"Code also at {each.at}; Guidelines I.A.17")


def _near(one: Listed, kind: NoteKind) -> list[Instruction]:
    """The instructions at the code and above it, up to its category; blocks and chapters apart."""
    return [each for each in instructions(one, kind) if "-" not in each.at]


def _checkable(each: Instruction, valid: Sequence[Listed]) -> bool:
    """A note that names no codes can be answered by any: it is said only while the list has one code."""
    return any(note.codes for note in each.notes) or len(valid) == 1


def _wide(valid: Sequence[Listed]) -> Iterator[Edit]:
    """Use-additional notes of whole blocks and chapters, said once for the list."""
    said: set[tuple[str, str]] = set()
    for one in valid:
        for each in instructions(one, "use_additional"):
            if "-" in each.at and (each.at, each.text) not in said and any(note.codes for note in each.notes):
                said.add((each.at, each.text))
                if not any(each.covers(other.code) for other in valid):
                    yield Edit(one.code, "info", "use_additional", f"For all of {each.at}: use an additional code: "
                               f"“{_shorn(each.text)}”.", f"Use additional code at {each.at}")


def _asks_first(other: Listed, one: Listed) -> bool:
    """Whether the order is already an error by the other's own code-first note."""
    return any(each.covers(one.code) for each in instructions(other, "code_first"))


def _shorn(text: str) -> str:
    return text.removeprefix("code ").removeprefix("code, ").removeprefix("code(s) ")
