"""Finds what looks like a citation in the project's words, and writes each in one form."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[1]
_SHOWN = ("scenarios", "roles", "fixtures", "sandbox")  # what a learner reads comes from there
_SUFFIXES = {".py", ".toml", ".tsv", ".md", ".html", ".js", ".sql"}
_NOT_OURS = ("sandbox/fhir/definitions", "sandbox/web/static/vendor", "sandbox/migrations", "fixtures/citations.toml")
_ITEM = r"(?:\d+\.\d+(?:\([A-Za-z0-9]+\))*|(?:\([A-Za-z0-9]+\))+)"
_CFR = re.compile(rf"\b(\d+) CFR (?:([Pp]art \d+)|({_ITEM}(?:(?:, | and |; ){_ITEM})*))")
_GUIDELINE = re.compile(r"(?<![\w.])(?:I|II|III|IV)\.[A-Z](?:\.\d+)?(?:\.[a-z])?(?:\.\d+)?(?:\.[a-z]+)?(?:\.[ivx]+)?"
                        r"(?![\w(])")
_SECTION = re.compile(r"\bSections? (I{1,3}|IV)\b(?!\.)")
_POLICY = re.compile(r"\b[Pp](?:olicy|OLICY) ([A-Z]{2,4}-\d{2})\b|\bPOLICY ([A-Z]{2,4}-\d{2})\b")
_NAMED = re.compile(r"\bAppendix I\b|\bJoint Commission\b|\bCoding Clinic\b|\bUHDDS\b|\bAHIMA\b|\bACDIS\b|\bAMIA\b|"
                    r"\bCAHIIM\b|\bKahn\b|\bHITECH\b|\bCures Act\b|\bCMS ?(?:122|165|529)\b|\b\d+ FR \d+\b|"
                    r"\bMedicare Code Editor\b|\bIHE BALP\b|\bX12 837I\b")
_NOTE = re.compile(r"\b(Excludes1|Excludes2|Code first|Use additional code|Code also|Inclusion|Note) at "
                   r"([A-Z]\d[0-9A-Z](?:\.[0-9A-Z]+)?(?:-[A-Z]\d[0-9A-Z])?)")


def citations(text: str) -> Iterator[str]:
    """Each citation in the text, in one form: "42 CFR 482.24(c)(1)", "Guidelines I.C.9.a.3", "Policy HIM-07"."""
    for found in _CFR.finditer(text):
        yield from _sections(found[1], found[2] or "", found[3] or "")
    yield from (f"Guidelines {found[0]}" for found in _GUIDELINE.finditer(text))
    yield from (f"Guidelines Section {found[1]}" for found in _SECTION.finditer(text))
    yield from (f"Policy {found[1] or found[2]}" for found in _POLICY.finditer(text))
    yield from (found[0].replace("CMS ", "CMS") for found in _NAMED.finditer(text))


def notes(text: str) -> Iterator[tuple[str, str]]:
    """Notes of the tabular list that a text names, as (kind, where): these are looked up, not listed."""
    yield from ((found[1], found[2]) for found in _NOTE.finditer(text))


def _sections(title: str, part: str, listed: str) -> Iterator[str]:
    """"482.24(c)(4)(v), (vii)" names two: a bare paragraph stands in the section before it."""
    if part:
        yield f"{title} CFR {part.casefold()}"
    section = ""
    for item in re.findall(_ITEM, listed):
        section = item if item[0].isdigit() else section
        base = section.partition("(")[0]
        yield f"{title} CFR {section if item[0].isdigit() else base + item}"


def shown() -> dict[str, set[str]]:
    """Every citation in the project's learner-facing folders, with the files that it stands in."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, text in texts():
        for citation in citations(text):
            found[citation].add(name)
    return found


def texts() -> Iterator[tuple[str, str]]:
    """The files that are searched: path from the project's root, and text."""
    for folder in _SHOWN:
        for path in sorted((HOUSE / folder).rglob("*")):
            name = path.relative_to(HOUSE).as_posix()
            if path.suffix in _SUFFIXES and not name.startswith(_NOT_OURS):
                yield name, path.read_text(encoding="utf-8")
