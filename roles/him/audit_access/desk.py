"""What the page shows: the leads, the menus, the log. Never the key."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sandbox.activity import BadInput, Chart, Form, NotFound, Task

from . import log
from .dossier import dossier
from .menus import BREACH, FACTORS, LINKS, PATTERNS, RATINGS, TELL, VERDICTS
from .planting import Lead
from .seeing import instant, of_whom, user
from .work import Work


@dataclass(frozen=True)
class Shown:
    """What may be told of a planting: the leads in order."""

    leads: tuple[Lead, ...]


@dataclass(frozen=True)
class View:
    """What page.html needs; `leads` also as page.js reads them."""

    leads: list[dict[str, Any]]
    today: str
    facets: dict[str, list[str]]
    menus: dict[str, dict[str, str]]


MENUS = {"verdict": VERDICTS, "link": LINKS, "pattern": PATTERNS, "factor": FACTORS, "rating": RATINGS,
         "breach": BREACH, "tell": TELL}


def show(task: Task[Shown], chart: Chart) -> View:
    """The view of a task. It reads the log's days and roles."""
    return View([{**asdict(one), "title": title(one), "n": n} for n, one in enumerate(task.shown.leads, 1)],
                chart.today.isoformat(), log.facets(chart), MENUS)


def title(lead: Lead) -> str:
    """A lead in one line, as a monitor would say it: who, how many charts, how many acts."""
    who = lead.who[0][1] if len(lead.who) == 1 else f"{len(lead.who)} people"
    charts = "1 chart" if lead.charts == 1 else f"{lead.charts} charts"
    return f"{who}: {charts}, {lead.acts} act{'' if lead.acts == 1 else 's'}"


def step(name: str, form: Form, task: Task[Shown], chart: Chart, work: Work) -> dict[str, Any]:
    """`check`, `events`, `lead`, `heat`, `links`; NotFound for another."""
    if name == "check":
        return check(task.shown, work)
    if name == "events":
        return log.events(form, chart)
    if name == "heat":
        return log.heat(form, chart)
    if name == "lead":
        return _of_lead(form, task.shown, chart)
    if name == "links":
        return links(form, chart)
    raise NotFound(f"There is no step “{name}”.")


def _of_lead(form: Form, shown: Shown, chart: Chart) -> dict[str, Any]:
    """The events of a lead: those of its people on its days about patients whom they opened then."""
    lead = next((one for one in shown.leads if one.id == str(form.get("lead", ""))), None)
    if lead is None:
        raise NotFound("There is no such lead.", hint="Choose one from the list.")
    return log.events({**form, "events": ",".join(lead.events)}, chart)


def links(form: Form, chart: Chart) -> dict[str, Any]:
    """What ties the person of one event to its patient: {event, who, patient, at, links}."""
    found = chart.search("AuditEvent", {"_id": str(form.get("event", ""))[:64]})
    if not found:
        raise NotFound("There is no such event in the log.", hint="Choose one from the table.")
    event = found[0]
    agent, patient = user(event), of_whom(event)
    if not patient:
        raise BadInput("This event is about no patient.", hint="Choose one that opened or searched a record.")
    when: datetime = instant(event["recorded"])
    who = agent["who"]["reference"].split("/")[1]
    return {"event": event["id"], "who": agent["name"], "patient": patient, "at": when.isoformat(),
            "links": dossier(chart, who, patient, when)}


def check(shown: Shown, work: Work) -> dict[str, Any]:
    """What is still open, unjudged."""
    messages = []
    for n, lead in enumerate(shown.leads, 1):
        case = work.case(lead.id)
        if not case.verdict:
            messages.append(_message(n, "no verdict yet"))
        elif not case.link:
            messages.append(_message(n, "no link chosen, not even “none of these”"))
        elif case.verdict == "violation" and (len(case.factors) < len(FACTORS) or not case.breach):
            messages.append(_message(n, "the four factors or the breach decision are open"))
        elif case.breach == "yes" and not (case.tell and case.by):
            messages.append(_message(n, "nobody is told yet, or no last day is set"))
    return {"messages": messages}


def _message(n: int, words: str) -> dict[str, str]:
    return {"severity": "warning", "code": f"Lead {n}", "text": words, "rule": ""}
