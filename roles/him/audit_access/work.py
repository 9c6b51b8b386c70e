"""What an auditor hands in: for each lead a verdict with its reasons; and why she opened charts that are no lead's.

The form has two fields, both JSON:

    cases    {lead: {verdict, pattern, link, cited: [reference], factors: {factor: {rating, cited}}, breach,
              tell: [whom], by: "YYYY-MM-DD"}}
    reasons  {patient: "why she opened this chart"}
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.activity import BadWork, Form

from .menus import BREACH, FACTORS, LINKS, PATTERNS, RATINGS, TELL, VERDICTS

MOST_CASES, MOST_CITED, MOST_TEXT = 60, 12, 400_000
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_REF = re.compile(r"[A-Z][A-Za-z]{1,40}/[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, order=True)
class Factor:
    """One of the four factors as she sees it: raises or lowers, and the fact that it rests on."""

    name: str
    rating: str
    cited: str = ""


@dataclass(frozen=True, order=True)
class Case:
    """What she says of one lead; whatever is left open is empty. `by` is an ISO date."""

    lead: str
    verdict: str = ""
    pattern: str = ""
    link: str = ""
    cited: tuple[str, ...] = ()
    factors: tuple[Factor, ...] = ()
    breach: str = ""
    tell: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True)
class Work:
    """Her cases in an order of their own, and her reasons by patient."""

    cases: tuple[Case, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()

    def case(self, lead: str) -> Case:
        """What she said of a lead; an empty case where she said nothing."""
        return next((one for one in self.cases if one.lead == lead), Case(lead))


def read_work(form: Form) -> Work:
    """The form as Work. Nothing, blank or null is nothing. BadWork says which entry cannot be read, and what to do."""
    cases, reasons = _json(form, "cases"), _json(form, "reasons")
    if len(cases) > MOST_CASES:
        raise _bad(f"{len(cases):,} cases are more than an audit holds; at most {MOST_CASES}.",
                   "Close one case for each lead.")
    read = [_case(lead, row) for lead, row in cases.items()]
    said = {patient: " ".join(str(why).split())[:300] for patient, why in reasons.items() if _ID.fullmatch(patient)}
    return Work(tuple(sorted(one for one in read if one != Case(one.lead))),
                tuple(sorted((patient, why) for patient, why in said.items() if why))[:MOST_CASES])


def _json(form: Form, name: str) -> dict[str, Any]:
    text = str(form.get(name) or "").strip()
    if len(text) > MOST_TEXT:
        raise _bad(f"{len(text):,} characters of {name} are too much to read.", "Close one case for each lead.", name)
    try:
        found = json.loads(text) if text else None
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair fits no page and no table
    except (ValueError, RecursionError):
        raise _bad(f"The {name} did not arrive whole.", "Reload the page; your draft is kept.", name) from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise _bad(f"The {name} did not arrive as they should.", "Reload the page; your draft is kept.", name)
    return found


def _case(lead: str, row: Any) -> Case:
    if not _ID.fullmatch(lead) or not isinstance(row, Mapping):
        raise _bad(f"The case of lead “{lead[:30]}” cannot be read.", "Open it again from the list of leads.")
    chosen = {name: _choice(lead, name, row.get(name), menu) for name, menu in (
        ("verdict", VERDICTS), ("pattern", PATTERNS), ("link", LINKS), ("breach", BREACH))}
    cited = tuple(sorted({_ref(lead, one) for one in _list(lead, "passages", row.get("cited"))}))
    if len(cited) > MOST_CITED:
        raise _bad(f"Lead {lead}: {len(cited)} facts are cited; at most {MOST_CITED}.", "Keep those that decide.")
    tell = {_choice(lead, "whom to tell", one, TELL) for one in _list(lead, "people to tell", row.get("tell"))}
    return Case(lead, chosen["verdict"], chosen["pattern"], chosen["link"], cited, _factors(lead, row.get("factors")),
                chosen["breach"], tuple(sorted(tell - {""})), _day(lead, row.get("by")))


def _choice(lead: str, name: str, value: Any, menu: Mapping[str, str]) -> str:
    text = str(value or "").strip()
    if text and text not in menu:
        raise _bad(f"Lead {lead}: “{text[:40]}” is no {name}.", f"Choose one of: {', '.join(menu)}.")
    return text


def _list(lead: str, name: str, value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    if not isinstance(value, list) or len(value) > 500:
        raise _bad(f"Lead {lead}: the {name} cannot be read.", "Take them away and choose again.")
    return value


def _ref(lead: str, value: Any) -> str:
    text = str(value or "").strip()
    if not _REF.fullmatch(text):
        raise _bad(f"Lead {lead}: “{text[:60]}” is no place of the record.", "Cite it again from the panel.")
    return text


def _factors(lead: str, value: Any) -> tuple[Factor, ...]:
    if value in (None, ""):
        return ()
    if not isinstance(value, Mapping) or set(value) - set(FACTORS):
        raise _bad(f"Lead {lead}: the four factors cannot be read.", "Choose them again.")
    found = []
    for name, row in value.items():
        if not isinstance(row, Mapping):
            raise _bad(f"Lead {lead}: the factor “{name}” cannot be read.", "Choose it again.")
        rating = _choice(lead, "rating", row.get("rating"), RATINGS)
        if rating:
            found.append(Factor(name, rating, _ref(lead, row["cited"]) if row.get("cited") else ""))
    return tuple(sorted(found))


def _day(lead: str, value: Any) -> str:
    text = str(value or "").strip()
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise _bad(f"Lead {lead}: “{text[:30]}” is not a date.", "Write it as 2026-08-29.") from None


def _bad(message: str, hint: str, field: str = "cases") -> BadWork:
    return BadWork(message, field=field, hint=hint)
