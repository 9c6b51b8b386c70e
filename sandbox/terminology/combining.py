"""Guidelines that no note in the tabular list states: combinations that replace separate codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sandbox.terminology.listed import Listed
from sandbox.terminology.model import Edit
from sandbox.terminology.patterns import covers


class _Rule(NamedTuple):
    """`code` beside `other`, with nothing of `unless` on the list, is worth a coder's look."""

    code: str
    other: str
    unless: str
    why: str
    source: str


_RULES = (
    _Rule("I10", "I11-I13", "", "hypertension is already part of the combination code", "Guidelines I.C.9.a"),
    _Rule("I10", "I50.-", "I11-I13", "hypertension with heart failure is presumed linked: I11.0, then I50.-",
          "Guidelines I.A.15, I.C.9.a.1"),
    _Rule("I10", "N18.-", "I11-I13", "hypertension with chronic kidney disease is presumed linked: I12.-, then N18.-",
          "Guidelines I.A.15, I.C.9.a.2"),
    _Rule("I11.-", "N18.-", "I13.-", "hypertension with heart and chronic kidney disease is I13.-",
          "Guidelines I.C.9.a.3"),
    _Rule("I12.-", "I50.-", "I13.-", "hypertension with heart failure and chronic kidney disease is I13.-",
          "Guidelines I.C.9.a.3"),
    _Rule("Z79.4", "O24.4-", "", "the code for gestational diabetes says how it is controlled", "Guidelines I.C.15.i"),
    _Rule("Z79.84", "O24.4-", "", "the code for gestational diabetes says how it is controlled", "Guidelines I.C.15.i"),
    _Rule("B95.61", "A41.01", "", "the sepsis code already names the organism", "Guidelines I.C.1.e.1, I.B.9"),
    _Rule("B95.62", "A41.02", "", "the sepsis code already names the organism", "Guidelines I.C.1.e.1, I.B.9"),
    _Rule("Z16.11", "A41.02", "", "the sepsis code already says that it is resistant", "Guidelines I.C.1.e.1"),
    _Rule("B96.2-", "A41.51", "", "the sepsis code already names the organism", "Guidelines I.B.9"),
    _Rule("R65.20", "R65.21", "", "septic shock already means severe sepsis", "Guidelines I.C.1.d.2"),
    _Rule("R65.21", "T81.12-", "", "shock after a procedure is T81.12-, not R65.21", "Guidelines I.C.1.d.5.b"),
    _Rule("R65.21", "T81.44-", "T81.12-", "septic shock after a procedure is T81.12-, not R65.21",
          "Guidelines I.C.1.d.5.b"),
)


def edits(valid: Sequence[Listed]) -> Iterator[Edit]:
    """A warning for each rule that the list meets."""
    for rule in _RULES:
        if rule.unless and any(covers(rule.unless, one.code) for one in valid):
            continue
        for one in valid:
            beside = next((other for other in valid if covers(rule.other, other.code)), None)
            if covers(rule.code, one.code) and beside:
                yield Edit(one.code, "warning", "combination", f"{one.code} beside {beside.code}: {rule.why}.",
                           rule.source)
