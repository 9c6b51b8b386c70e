"""Which codes need no present-on-admission indicator, and what is wrong with the indicators of a claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from sandbox.terminology.build import rows
from sandbox.terminology.claim import INDICATORS, Diagnosis
from sandbox.terminology.model import Edit
from sandbox.terminology.patterns import covers, flat, letters

_SOURCE = "Guidelines, Appendix I; X12 837I 5010"


@lru_cache(maxsize=1)
def patterns() -> tuple[str, ...]:
    """The patterns of `fixtures/terminology/poa_exempt.tsv`, in its order."""
    return tuple(row[0] for row in rows("poa_exempt.tsv"))


@lru_cache(maxsize=64)
def _beginning(letter: str) -> tuple[str, ...]:
    """Those of a letter's codes: the others cannot cover one of them."""
    return tuple(pattern for pattern in patterns() if letter in letters(pattern))


@lru_cache(maxsize=4_000)
def exempt(code: str) -> bool:
    """Whether the list holds the code, dotted or not."""
    return any(covers(pattern, code) for pattern in _beginning(flat(code)[:1]))


def findings(diagnoses: Iterable[Diagnosis]) -> Iterator[Edit]:
    """A missing or unknown indicator is an error, one on an exempt code worth a look. Never a fault of the group."""
    for one in diagnoses:
        free = exempt(one.code)
        if one.poa in INDICATORS:
            if free:
                yield Edit(one.code, "warning", "poa_exempt", f"{one.code} is exempt from present on admission: leave "
                           "the indicator blank.", _SOURCE)
        elif not free:
            said = f"“{one.poa}” is no indicator" if one.poa else "The indicator is blank"
            yield Edit(one.code, "error", "poa_missing", f"{said} and {one.code} is not exempt: say Y, N, U or W. "
                       "Until then the group is as if it was present on admission.", _SOURCE)
        elif one.poa:
            yield Edit(one.code, "warning", "poa_exempt", f"{one.code} is exempt: in 5010 that is a blank, not "
                       f"“{one.poa}”.", _SOURCE)
