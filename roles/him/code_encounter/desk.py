"""What the page shows: the record of one encounter, the codes offered, a guide for first steps. Never the key."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from fixtures.notes import Variant
from sandbox.activity import Chart, Code, Codes, Form, NotFound, Resource, Task

from .dispositions import DISPOSITIONS
from .facts import text_of
from .key import Policy
from .outcomes import KINDS
from .paper import Paper, sentences
from .planting import Params, short, when
from .results import OF_ENCOUNTER, Sheet, sheets
from .work import Work


@dataclass(frozen=True)
class Shown:
    """What may be told of a planting. `start` is the form's `codes` before she begins, `hand` a passage to begin with.

    `mode` is alone, shown (a worked example) or complete (the last step is hers).
    """

    patient: str
    encounter: str
    setting: str
    mode: str
    offered: tuple[str, ...]
    guide: tuple[str, ...]
    start: str
    hand: str
    asks_disposition: bool = False
    policies: tuple[str, ...] = ()  # local policies, each a sentence
    account: str = ""  # the Account that waits for these codes, and its ChargeItems
    charges: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """One document as the desk reads it; `sentences` are (start, end) of its text."""

    id: str
    title: str
    byline: str
    when: str
    group: str
    text: str
    sentences: list[tuple[int, int]]


@dataclass(frozen=True)
class View:
    """What page.html needs."""

    patient: Resource
    encounter: Resource
    allergies: list[Resource]
    groups: list[tuple[str, list[Document]]]
    documents: list[Document]
    sheets: list[Sheet]
    setting: str
    setting_words: str
    asks_poa: bool
    offered: list[Code]
    mode: str
    guide: tuple[str, ...]
    start: str
    hand: str
    order: str  # when the inpatient order was written, or empty
    asks_procedures: bool = False
    asks_disposition: bool = False
    dispositions: dict[str, str] = field(default_factory=dict)  # two digits → words
    query_kinds: dict[str, str] = field(default_factory=dict)  # the form's word → the learner's words
    policies: tuple[str, ...] = ()

    @property
    def record(self) -> list[dict[str, Any]]:
        """The documents as page.js reads them."""
        return [{"id": d.id, "title": d.title, "byline": d.byline, "when": d.when, "text": d.text,
                 "sentences": d.sentences} for d in self.documents]


WORDS = {"inpatient": "Inpatient stay: Sections II and III of the Guidelines, with present on admission.",
         "emergency": "Emergency visit: outpatient rules, Section IV of the Guidelines.",
         "office": "Office visit: outpatient rules, Section IV of the Guidelines.",
         "observation": "Observation stay: outpatient rules, Section IV of the Guidelines."}
POLICIES = {"external_cause": "External cause codes", "sdoh": "Social circumstances (SDOH)",
            "transfusion": "Transfusion procedures"}
_GROUPS = ("Summaries", "Notes", "Results and orders")


def begin(variant: Variant, papers: dict[str, Paper], codes: Codes, params: Params, mark: str,
          policies: tuple[Policy, ...] = ()) -> Shown:
    """What may be told of this planting; `[shown]` or `[complete]` of the case says what stands there beforehand."""
    row = variant.table.get(params.mode, {})
    rows = [_row(code, papers, codes) for code in row.get("codes", [])]
    hand = [_passage(at, papers) for at in row.get("hand", [])]
    return Shown(f"pt-{mark}", f"en-{mark}", variant.table["setting"], params.mode, params.offered,
                 tuple(row.get("guide", ())), json.dumps(rows), json.dumps(hand), "disposition" in variant.table,
                 tuple(f"{POLICIES[p.name]} are {'expected' if p.expected else 'optional'} by this hospital's policy."
                       for p in policies))


def _row(row: dict[str, Any], papers: dict[str, Paper], codes: Codes) -> dict[str, Any]:
    entry = codes.get(row["code"])
    return {"code": row["code"], "title": entry.title if entry else "", "poa": row.get("poa", ""),
            "spans": [_passage(at, papers) for at in row["cite"]]}


def _passage(at: list[str], papers: dict[str, Paper]) -> dict[str, Any]:
    paper = papers[at[0]]
    found = paper.find(at[1])
    if found is None:
        raise NotFound(f"“{at[1]}” is not in {paper.title}.")
    return {"document": paper.id, "start": found[0], "end": found[1], "text": paper.text[found[0] : found[1]]}


def show(task: Task[Shown], chart: Chart) -> View:
    """The view of a task. Its reads enter the trail: the patient, the encounter, the encounter's notes."""
    shown = task.shown
    patient, *allergies = _with(chart, "Patient", shown.patient, "AllergyIntolerance:patient")
    encounter, *record = _with(chart, "Encounter", shown.encounter, "DocumentReference:encounter", *OF_ENCOUNTER)
    documents = sorted((_document(d) for d in record if d["resourceType"] == "DocumentReference"), key=lambda d: d[0])
    listed = [d for _, d in documents]
    names = [*_GROUPS, *sorted({d.group for d in listed} - set(_GROUPS))]
    groups = [(name, [d for d in listed if d.group == name]) for name in names]
    offered = [entry for code in shown.offered if (entry := chart.codes.get(code))]
    return View(
        patient, encounter, allergies, [g for g in groups if g[1]], listed, sheets(record),
        shown.setting, WORDS[shown.setting], shown.setting == "inpatient", offered,
        shown.mode, shown.guide, shown.start, shown.hand,
        admitted(record) if shown.setting == "inpatient" else "",
        shown.setting == "inpatient" and shown.asks_disposition,
        shown.asks_disposition,
        DISPOSITIONS if shown.asks_disposition else {}, KINDS, shown.policies)


def _with(chart: Chart, kind: str, id: str, *pointing: str) -> list[Resource]:
    """A resource, and after it what points to it: one look at the record instead of one for each type."""
    found = chart.search(kind, [("_id", id), *(("_revinclude", each) for each in pointing)])
    return found or [chart.read(kind, id)]  # which says why there is none


def admitted(record: list[Resource]) -> str:
    """When the inpatient order was written, as a person says it; empty where there is none."""
    written = [o["authoredOn"] for o in record if o["resourceType"] == "ServiceRequest" and
               any(c.get("code") == "admit-inpatient" for c in o.get("code", {}).get("coding", []))]
    return short(when(written[0])) if written else ""


def _document(resource: Resource) -> tuple[tuple[str, str], Document]:
    text = text_of(resource)
    byline = ", ".join(a.get("display", "") for a in resource.get("author", []))
    group = next((c["text"] for c in resource.get("category", []) if c.get("text")), "Notes")
    title = resource.get("description") or resource.get("type", {}).get("text") or "Document"
    date = resource.get("date", "")
    told = short(when(date)) if date else ""
    return (date, resource["id"]), Document(resource["id"], title, byline, told, group, text, sentences(text))


def check(work: Work, setting: str, chart: Chart) -> dict[str, Any]:
    """What the classification itself says of the list, without judging it: edits, and indicators left blank."""
    codes = [coded.code for coded in work.codes]
    rules = "inpatient" if setting == "inpatient" else "outpatient"
    messages = [{"severity": e.severity, "code": e.code, "text": e.why, "rule": e.source}
                for e in chart.codes.check(codes, setting=rules, on=chart.today)]  # type: ignore[arg-type]
    if setting == "inpatient":
        messages += [{"severity": "warning", "code": c.code, "text": "no present-on-admission indicator yet",
                      "rule": "Appendix I"} for c in work.codes if not c.poa and not chart.codes.poa_exempt(c.code)]
    messages += [{"severity": "warning", "code": d.code, "text": "no day yet", "rule": "UHDDS"}
                 for d in work.procedures if not d.date]
    uncited = [*(c.code for c in work.codes if not c.spans), *(d.code for d in work.procedures if not d.spans)]
    messages += [{"severity": "info", "code": code, "text": "no passage cited yet", "rule": ""} for code in uncited]
    return {"messages": messages}


def code_facts(form: Form, chart: Chart) -> dict[str, Any]:
    """One code as the list shows it: {code, title, billable, exempt}. NotFound where there is none."""
    entry = chart.codes.get(str(form.get("asked", ""))[:20])
    if entry is None:
        raise NotFound("There is no such code.", hint="Search the encoder by words.")
    return {"code": entry.code, "title": entry.title, "billable": entry.billable,
            "exempt": chart.codes.poa_exempt(entry.code)}
