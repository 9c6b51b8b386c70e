"""MS-DRG v43.1 by either of two engines behind one face: `open_grouper().group(claim)`.

msdrg does the work (about 0.3 ms a claim); drgpy, where it is installed, is the second opinion. Both are given every
indicator; where one is blank, both are told "present on admission" and `Grouping.poa` says what is missing, since
left to themselves the engines answer such a claim differently, or not at all.
"""

from __future__ import annotations

import re
import threading
import weakref
from functools import lru_cache
from typing import Any, Literal, Protocol

from sandbox.errors import BadInput, NotFound
from sandbox.terminology import poa
from sandbox.terminology.claim import INDICATORS, Claim, Diagnosis, Grouping
from sandbox.terminology.patterns import dotted, flat
from sandbox.terminology.weights import VERSION, drgs

Engine = Literal["msdrg", "drgpy"]


class Grouper(Protocol):
    """Anything that puts a claim into a group."""

    def group(self, claim: Claim) -> Grouping:
        """The group, its title, MDC and weight. BadInput where the claim has no diagnosis."""


@lru_cache(maxsize=2)
def open_grouper(engine: Engine = "msdrg") -> Grouper:
    """The engine, loaded when first asked for and kept; it serves all threads. NotFound where it is not installed."""
    try:
        return Msdrg() if engine == "msdrg" else Drgpy()
    except ImportError as missing:
        raise NotFound(f"The grouper {engine} is not installed.", hint=f"pip install {engine}") from missing


def native(claim: Claim, *, version: int = 431) -> dict[str, Any]:
    """The claim in the words of the package msdrg, for its grouper and its code editor alike."""
    principal, *others = [{"code": flat(one.code), "poa": stated(one)} for one in claim.diagnoses]
    return {
        "version": version, "discharge_date": int(claim.discharged.strftime("%Y%m%d")), "icd_version": 10,
        "age": max(-1, min(claim.age, 999)), "sex": {"M": 0, "F": 1}.get(claim.sex, 2), "hospital_status": "NOT_EXEMPT",
        "discharge_status": int(claim.disposition) if re.fullmatch(r"[0-9]{1,3}", claim.disposition) else 0,
        "pdx": principal, "sdx": others,
        "procedures": [{"code": code} for code in claim.procedures],
    }


def stated(one: Diagnosis) -> str:
    """What an engine is told: the indicator, or Y where it is blank or unknown."""
    return one.poa if one.poa in INDICATORS else "Y"


class Msdrg:
    """The engine msdrg. Its data are mapped, not read, so opening takes milliseconds."""

    def __init__(self) -> None:
        from msdrg import MsdrgGrouper

        self._engine: Any = MsdrgGrouper()  # its own claim type says no more than `native` does
        self._lock = threading.Lock()
        weakref.finalize(self, self._engine.close)

    def group(self, claim: Claim) -> Grouping:
        """As `Grouper.group`; this engine also says which diagnoses counted, and which were acquired in hospital."""
        _grouped(claim)
        with self._lock:
            found = self._engine.group(native(claim))
        acquired = tuple((dotted(one["code"]), hac["description"]) for one in found["sdx_output"]
                         for hac in one["hacs"] if hac["hac_status"] == "HAC_CRITERIA_MET")
        counted = tuple((dotted(one["code"]), one["severity"]) for one in found["sdx_output"]
                        if one["severity"] in ("MCC", "CC") and one["drg_impact"] in ("FINAL", "BOTH")
                        and dotted(one["code"]) not in dict(acquired))
        severity = found["final_severity"] if found["final_severity"] in ("MCC", "CC") else ""
        return _grouping(claim, str(found["final_drg"] or 999), found["return_code"], "msdrg", severity=severity,
                         counted=counted, acquired=acquired)


class Drgpy:
    """The engine drgpy: another reading of the same definitions, without MDC, age or a reason for its answer."""

    def __init__(self) -> None:
        from drgpy.msdrg import DRGEngine

        engine: Any = DRGEngine  # it ships no types
        self._engine = engine(version=f"v{VERSION}")

    def group(self, claim: Claim) -> Grouping:
        """As `Grouper.group`. It knows two sexes: a patient of unknown sex is grouped as a woman."""
        _grouped(claim)
        found = self._engine.get_drg(
            [flat(one.code) for one in claim.diagnoses], list(claim.procedures), gender=claim.sex or "F",
            is_alive=claim.disposition != "20", poa={flat(one.code): stated(one) for one in claim.diagnoses},
            discharge_status=claim.disposition)
        drg = str(found).zfill(3)
        return _grouping(claim, "999" if drg == "000" else drg, "UNGROUPABLE" if drg == "000" else "OK", "drgpy")


def _grouped(claim: Claim) -> None:
    if not claim.diagnoses:
        raise BadInput("A claim without a diagnosis cannot be grouped.", hint="Give the principal diagnosis first.")


def _grouping(claim: Claim, drg: str, return_code: str, engine: str, **known: Any) -> Grouping:
    entry = drgs().get(drg.zfill(3))
    return Grouping(drg.zfill(3), entry.title if entry else "", entry.mdc if entry else "",
                    entry.weight if entry else None, VERSION, return_code, engine,
                    poa=tuple(poa.findings(claim.diagnoses)), **known)
