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
    _Rule("I11.9", "I50.-", "", "with heart failure it is I11.0", "Guidelines I.C.9.a.1"),
    _Rule("I12.9", "N18.5-N18.6", "", "with stage 5 or end stage kidney disease it is I12.0", "Guidelines I.C.9.a.2"),
    _Rule("I12.0", "N18.1-N18.4", "N18.5-N18.6", "with stages 1 to 4 it is I12.9", "Guidelines I.C.9.a.2"),
    _Rule("I13.0", "N18.5-N18.6", "", "with stage 5 or end stage kidney disease it is I13.2", "Guidelines I.C.9.a.3"),
    _Rule("I13.2", "N18.1-N18.4", "N18.5-N18.6", "with stages 1 to 4 it is I13.0", "Guidelines I.C.9.a.3"),
    _Rule("I13.10", "N18.5-N18.6", "", "with stage 5 or end stage kidney disease it is I13.11",
          "Guidelines I.C.9.a.3"),
    _Rule("I13.11", "N18.1-N18.4", "N18.5-N18.6", "with stages 1 to 4 it is I13.10", "Guidelines I.C.9.a.3"),
    _Rule("I13.1-", "I50.-", "", "with heart failure it is I13.0 or I13.2", "Guidelines I.C.9.a.3"),
    *(_Rule(f"{kind}.9", other, "", why, "Guidelines I.A.15") for kind in ("E08", "E09", "E10", "E11", "E13")
      for other, why in (
          ("N18.-", f"diabetes with chronic kidney disease is presumed linked: {kind}.22, then N18.-"),
          ("L97.4-L97.5", f"diabetes with a foot ulcer is presumed linked: {kind}.621, then L97.-"))),
    *(_Rule(f"{kind}.9", f"{kind}.0-{kind}.8", "", "one of them says without complications, the other names one",
            f"Tabular list at {kind}") for kind in ("E08", "E09", "E10", "E11", "E13")),
    _Rule("M81.-", "S72.0-S72.1", "", "with known osteoporosis, a fracture from a fall that would not break a healthy "
          "bone is M80.-, not S72.-", "Guidelines I.C.13.d.2"),
    _Rule("S72.0-S72.1", "M80.-", "", "one fracture is either M80.- or S72.-; both stand only for two fractures",
          "Guidelines I.C.13.d.2"),
    _Rule("Z79.4", "O24.4-", "", "the code for gestational diabetes says how it is controlled", "Guidelines I.C.15.i"),
    _Rule("Z79.84", "O24.4-", "", "the code for gestational diabetes says how it is controlled", "Guidelines I.C.15.i"),
    *(_Rule("O80", others, "", "it is for a delivery with no complication of this pregnancy at all",
            "Guidelines I.C.15.n.1") for others in ("O00-O77", "O85-O9A")),
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
    """A warning for each rule that the list meets, and for what is said once openly and once exactly."""
    yield from _said_twice(valid)
    for rule in _RULES:
        if rule.unless and any(covers(rule.unless, one.code) for one in valid):
            continue
        for one in valid:
            beside = next((other for other in valid if covers(rule.other, other.code)), None)
            if covers(rule.code, one.code) and beside:
                yield Edit(one.code, "warning", "combination", f"{one.code} beside {beside.code}: {rule.why}.",
                           rule.source)


def _said_twice(valid: Sequence[Listed]) -> Iterator[Edit]:
    """An unspecified code beside a more exact one of its own parent. Injuries, causes and Z codes may well differ."""
    for one in valid:
        if one.code[0] in "STVWXYZ" or "unspecified" not in one.entry.title.casefold():
            continue
        for other in valid:
            near = other is not one and one.path[-1] in other.path and not one.path[-1].code.count("-")
            if near and "unspecified" not in other.entry.title.casefold():
                yield Edit(one.code, "warning", "said_twice", f"{one.code} leaves open what {other.code} says exactly. "
                           "Both stand only if the record has two such conditions.", "Guidelines I.B.2, I.B.18")
                break
