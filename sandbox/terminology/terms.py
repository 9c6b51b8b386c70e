"""LOINC, RxNorm and HCPCS Level II as far as the hospital uses them: a code's words, and a search by words.

    terms = open_terms()
    terms.get("loinc", "4548-4")                    Term("loinc", "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood")
    terms.get("http://loinc.org", "4548-4")         the same: a system by its short name or by its address in FHIR
    terms.search("white cells", "loinc")            [Term("loinc", "6690-2", …), …], best first

Source and licences: `fixtures/README.md`. What is not in the list is not wrong, only unknown here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sandbox.terminology.build import rows
from sandbox.terminology.words import tokens

SYSTEMS = {
    "loinc": "http://loinc.org",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "hcpcs": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
}
_NAMES = {address: name for name, address in SYSTEMS.items()}


@dataclass(frozen=True)
class Term:
    """One code of `system` (a short name of SYSTEMS) with the code system's own words for it."""

    system: str
    code: str
    title: str


class Terms:
    """The list, opened once; nothing of it changes."""

    def __init__(self, listed: Sequence[Sequence[str]]) -> None:
        """`listed`: rows of system, code, display and what else it is searched by."""
        self._terms = {(system, code.upper()): Term(system, code, title) for system, code, title, _ in listed}
        self._words = {(system, code.upper()): (tokens(title), tokens(said)) for system, code, title, said in listed}

    def get(self, system: str, code: str) -> Term | None:
        """The term; None where the hospital uses no such code, or the system is none of SYSTEMS."""
        return self._terms.get((_NAMES.get(system, system), code.strip().upper()))

    def search(self, phrase: str, system: str = "", limit: int = 20) -> list[Term]:
        """Terms that say every word of the phrase, the last one perhaps only begun; best first; a code finds itself."""
        name, asked = _NAMES.get(system, system), tokens(phrase)
        typed = phrase.strip().upper()
        found = [(score, key) for key, (title, said) in self._words.items() if name in ("", key[0])
                 for score in [1.0 if key[1] == typed else _says(asked, title, said)] if score]
        return [self._terms[key] for _, key in sorted(found, key=lambda each: (-each[0], each[1]))[:limit]]

    def all(self, system: str = "") -> list[Term]:
        """Every term, or those of one system, in the list's order."""
        name = _NAMES.get(system, system)
        return [term for term in self._terms.values() if name in ("", term.system)]


def _says(asked: Sequence[str], title: Sequence[str], said: Sequence[str]) -> float:
    """How well: the share of the title that is asked for, above it what is the beginning of a word; 0 if any lacks."""
    words = {*title, *said}
    for place, word in enumerate(asked):
        last = place == len(asked) - 1
        if word not in words and not (last and any(other.startswith(word) for other in words)):
            return 0.0
    if not asked:
        return 0.0
    whole = sum(word in words for word in asked) / len(asked)
    return 0.5 * whole + 0.5 * min(1.0, len(set(asked)) / max(1, len(set(title))))


@lru_cache(maxsize=1)
def open_terms() -> Terms:
    """The project's list, `fixtures/terminology/terms.tsv`."""
    return Terms([row if len(row) == 4 else [*row, ""] for row in rows("terms.tsv")])
