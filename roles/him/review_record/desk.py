"""What the page shows: the charts with their papers, the rule book, the policies. Never the key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fixtures.planting.deficiencies import ChartTruth
from sandbox.activity import Chart, Resource, Task

from .book import KINDS, USUAL, Entry, Policy, book, policies
from .facts import fetch
from .papers import LABELS, WORDED, Paper, day_said, local, whole
from .scanning import KEEPER
from .work import MOST_FINDINGS, Work


@dataclass(frozen=True)
class Person:
    """Somebody named in a chart, as whom a finding can go to; `what` says how she is named there."""

    ref: str
    name: str
    what: str


@dataclass(frozen=True)
class File:
    """One chart as planted: its papers without their words, and the people in it."""

    patient: str
    encounter: str
    papers: tuple[Paper, ...]
    people: tuple[Person, ...]


@dataclass(frozen=True)
class Shown:
    """What may be told of a planting: the charts in order, and this hospital's policies."""

    files: tuple[File, ...]
    policy: Policy = USUAL


@dataclass(frozen=True)
class View:
    """What page.html needs; `charts` and `book` as page.js reads them."""

    as_of: str
    day: str
    charts: list[dict[str, Any]]
    book: list[Entry]
    kinds: dict[str, str]
    labels: dict[str, str]
    policies: list[tuple[str, str]]
    most: int = MOST_FINDINGS


def file_of(truth: ChartTruth, papers: list[Paper], resources: list[Resource]) -> File:
    """What may be shown of one chart."""
    return File(truth.patient, truth.encounter, tuple(papers), tuple(_people(resources)))


CLASSES = {"IMP": "Inpatient", "AMB": "Ambulatory", "EMER": "Emergency", "OBSENC": "Observation"}
_PARTS = {"author": "wrote", "authenticator": "signed", "requester": "ordered", "recorder": "entered",
          "owner": "release desk", "individual": "attending", "actor": "surgeon", "who": "signed"}


def _people(resources: Iterable[Resource]) -> list[Person]:
    named = {str(KEEPER["reference"]): (str(KEEPER["display"]), {"records desk"})}  # she can always be asked

    def look(value: Any, part: str) -> None:
        if isinstance(value, dict):
            ref = value.get("reference")
            if isinstance(ref, str) and ref.startswith("Practitioner/") and value.get("display"):
                named.setdefault(ref, (value["display"], set()))[1].add(_PARTS.get(part, ""))
            for name, inner in value.items():
                look(inner, name if name not in ("reference", "display") else part)
        elif isinstance(value, list):
            for inner in value:
                look(inner, part)

    for one in resources:
        look(one, "")
    order = [*_PARTS.values(), "records desk"]
    return sorted((Person(ref, name, next((word for word in ("attending", "surgeon", "release desk", *order)
                                           if word in parts), "")) for ref, (name, parts) in named.items()),
                  key=lambda one: (one.name, one.ref))


def show(task: Task[Shown], chart: Chart) -> View:
    """The view of a task. Four searches read the patients, stays, documents and forms: the learner's own reads."""
    files = task.shown.files
    refs = [paper.ref for file in files for paper in file.papers if paper.ref.split("/")[0] in WORDED]
    held = fetch([*refs, *(f"Encounter/{file.encounter}" for file in files),
                  *(f"Patient/{file.patient}" for file in files)], chart)
    return View(
        chart.today.isoformat(), day_said(chart.today), [_chart(n, file, held) for n, file in enumerate(files, 1)],
        list(book(task.shown.policy).values()), KINDS, LABELS, policies(task.shown.policy))


def _chart(number: int, file: File, held: dict[str, Resource]) -> dict[str, Any]:
    patient, stay = held[f"Patient/{file.patient}"], held[f"Encounter/{file.encounter}"]
    name, period = patient["name"][0], stay["period"]
    return {
        "id": file.encounter, "number": number, "name": f"{' '.join(name['given'])} {name['family']}",
        "mrn": patient["identifier"][0]["value"], "born": patient["birthDate"], "sex": patient["gender"].capitalize(),
        "stay": f"{CLASSES.get(stay['class']['code'], stay['class'].get('display', ''))}, {_span(period)}",
        "service": stay.get("serviceType", {}).get("text", ""),
        "papers": [_paper(whole(paper, held)) for paper in file.papers],
        "people": [{"ref": one.ref, "name": one.name, "what": one.what} for one in file.people],
    }


def _span(period: dict[str, str]) -> str:
    start, end = local(period["start"]).date(), local(period.get("end", period["start"])).date()
    first = day_said(start) if start.year != end.year else day_said(start)[:-5]
    return day_said(end) if start == end else f"{first} to {day_said(end)}"


def _paper(paper: Paper) -> dict[str, Any]:
    return {"ref": paper.ref, "title": paper.title, "when": paper.when, "rows": paper.rows, "text": paper.text}


def check(work: Work, shown: Shown) -> dict[str, Any]:
    """What is still open, unjudged: charts without a verdict, findings with an empty part."""
    numbers = {file.encounter: n for n, file in enumerate(shown.files, 1)}
    without = [str(n) for id, n in numbers.items() if work.verdict(id) is None]
    messages = [{"severity": "warning", "text": f"No verdict yet: chart {', '.join(without)}."}] if without else []
    entries = book(shown.policy)
    for filed in work.findings:
        open_parts = [words for words, value in (
            ("document", filed.document), ("field", filed.field), ("kind of rule", filed.kind),
            ("who must act", filed.actor), ("due date", filed.due)) if not value]
        if open_parts:
            messages.append({"severity": "info", "code": f"Chart {numbers.get(filed.chart, '?')}",
                             "text": f"{entries[filed.rule].title}: no {', no '.join(open_parts)}."})
    for id, n in numbers.items():
        given = work.verdict(id)
        if given and given.verdict == "ask" and not given.ask:
            messages.append({"severity": "info", "code": f"Chart {n}", "text": "say whom to ask."})
        if given and given.verdict == "deficiency" and not any(one.chart == id for one in work.findings):
            messages.append({"severity": "info", "code": f"Chart {n}", "text": "file the deficiency: rule and field."})
    return {"messages": messages}
