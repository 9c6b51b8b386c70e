"""LOINC, RxNorm and HCPCS Level II, only as far as the hospital uses them: look-up and search by words.

`fixtures/terminology/used.tsv` names each code once; a check of the hospital holds its records to that name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from sandbox.errors import NotFound
from sandbox.terminology.build import rows

System = Literal["loinc", "rxnorm", "hcpcs"]
SYSTEMS: tuple[System, ...] = get_args(System)
#: The address that a Coding carries.
ADDRESS: dict[System, str] = {
    "loinc": "http://loinc.org", "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "hcpcs": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
}


@dataclass(frozen=True)
class Used:
    """One code with its name in its own system."""

    system: System
    code: str
    title: str


def get(system: System, code: str) -> Used | None:
    """The code, or None where the hospital does not use it."""
    return _all().get((system, code.strip().upper()))


def known(system: System, code: str) -> Used:
    """As `get`, but NotFound where there is none."""
    found = get(system, code)
    if found is None:
        raise NotFound(f"{code} is not among the {_NAMES[system]} codes that this hospital uses.",
                       hint="Only those are here; search them by words.")
    return found


def search(system: System, phrase: str, limit: int = 20) -> list[Used]:
    """Those whose code begins with the phrase or whose name holds each of its words, the shortest name first."""
    asked = phrase.casefold().split()
    found = [one for one in _all().values() if one.system == system and asked and (
        one.code.casefold().startswith(phrase.strip().casefold())
        or all(word in one.title.casefold() for word in asked))]
    return sorted(found, key=lambda one: (len(one.title), one.title))[:limit]


_NAMES: dict[System, str] = {"loinc": "LOINC", "rxnorm": "RxNorm", "hcpcs": "HCPCS Level II"}


@cache
def _all() -> dict[tuple[str, str], Used]:
    found: dict[tuple[str, str], Used] = {}
    for system, code, title in rows("used.tsv"):
        assert system in SYSTEMS
        found[system, code] = Used(system, code, title)
    return found
