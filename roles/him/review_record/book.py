"""The rule book as the desk shows it, the policies that an instructor may set, and what is known of each pair."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from fixtures.planting.deficiencies import rules

KINDS = {"regulation": "Regulation", "accreditor": "Accreditor", "localPolicy": "Local policy"}
_BRIDGE = {True: "Written or dictated on the day of surgery; with a brief note at once, policy HIM-07 lets the typed "
           "report follow the next day.",
           False: "In the chart, typed, on the day of surgery. Policy HIM-07 accepts no brief note in place of the "
           "report."}


@dataclass(frozen=True)
class Policy:
    """What an instructor may set as local policy: hours for a verbal order's signature, and the brief note."""

    verbal_order_hours: int = 72
    brief_note: bool = True


USUAL = Policy()


@dataclass(frozen=True)
class Entry:
    """One rule as it stands in the book; `kind` is regulation, accreditor or localPolicy."""

    key: str
    number: int
    title: str
    says: str
    citation: str
    kind: str
    clock: str
    checked: str
    actor: str

    @property
    def kind_words(self) -> str:
        """ "Local policy"."""
        return KINDS[self.kind]

    @property
    def cited(self) -> str:
        """Kind and citation, as a finding quotes them."""
        return f"{self.kind_words}: {self.citation}"


@dataclass(frozen=True)
class Pair:
    """What judging knows of a pair of charts beyond its truth; see book.toml."""

    severity: int
    missed: str
    accused: str
    siblings: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()
    kin: tuple[str, ...] = ()
    missing: bool = False
    sensitive: bool = False
    quote: str = ""


NO_OTHER = Pair(1, "", "")  # a clean chart, or one that policy alone makes a fault


@cache
def source() -> str:
    """The text of book.toml and of the rules, for an attempt's digest."""
    fixture = files("fixtures.planting.deficiencies").joinpath("rules.tsv").read_text(encoding="utf-8")
    return files(__package__).joinpath("book.toml").read_text(encoding="utf-8") + fixture


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("book.toml").read_text(encoding="utf-8"))


@cache
def book(policy: Policy) -> dict[str, Entry]:
    """The rules by key, in the book's order, as this hospital's policies have them."""
    hours = f"{policy.verbal_order_hours} hours"
    found = {}
    for key, rule in rules().items():
        more = _table()["rule"][key]
        clock = more["clock"].format(hours=policy.verbal_order_hours, bridge=_BRIDGE[policy.brief_note])
        says, citation = rule.says.replace("72 hours", hours), rule.citation.replace("72 hours", hours)
        if key == "operative-report" and not policy.brief_note:
            says = says.partition(";")[0] + "; policy HIM-07 asks for it typed, in the chart, on the day of surgery."
            citation = citation.partition(";")[0] + "; typed: policy HIM-07"
        found[key] = Entry(key, rule.number, more["title"], says, citation, rule.kind, clock, more["checked"],
                           rule.actor)
    return found


@cache
def pairs() -> dict[str, Pair]:
    """What is known of each pair, by its name."""
    rows = _table()["chart"]
    return {name: Pair(row["severity"], row["missed"], row["accused"], tuple(row.get("siblings", ())),
                       tuple(row.get("wide", ())), tuple(row.get("kin", ())), row.get("missing", False),
                       row.get("sensitive", False), row.get("quote", "")) for name, row in rows.items()}


def policies(policy: Policy) -> list[tuple[str, str]]:
    """This hospital's own policies as its policy page lists them: (name, what it says)."""
    return [
        ("HIM-02 Misfiled documents", "A document about another patient is moved to that patient's chart; infant and "
         "mother may share one where they are linked."),
        ("HIM-03 Retention", "Records of adults are kept 7 years after the last stay. The regulation asks for 5."),
        ("HIM-07 Operative reports", _BRIDGE[policy.brief_note]),
        ("HIM-09 Delinquent records", "A record is delinquent when it is incomplete 30 days after discharge."),
        ("HIM-12 Verbal orders", f"Signed within {policy.verbal_order_hours} hours by who gave the order, or by "
         "another practitioner who is responsible for the patient. The regulation says promptly, and no number."),
        ("HIM-15 Copied text", "What is copied into a progress note is marked as such."),
        ("MED-04 Abbreviations", "Not in orders that people write: U, IU, QD, QOD, MS, a trailing zero, a missing "
         "leading zero. Laboratory values are not orders."),
    ]
