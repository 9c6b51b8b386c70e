"""What a closed audit leaves in the record: a piece of work for each case, without a word of what was in the chart."""

from __future__ import annotations

from sandbox.activity import Chart, Resource, Task

from .desk import Shown
from .menus import VERDICTS
from .work import Work

_WORK = "https://two-rivers.example/CodeSystem/work"
_STATE = "https://two-rivers.example/CodeSystem/work-state"


def deliver(work: Work, task: Task[Shown], chart: Chart) -> list[Resource]:
    """One Task for each lead with a verdict; it names neither patient nor event: closing a case tells nothing."""
    made, today = [], chart.today.isoformat()
    for lead in task.shown.leads:
        case = work.case(lead.id)
        if case.verdict:
            body: Resource = {
                "resourceType": "Task", "status": "completed", "intent": "order",
                "identifier": [{"system": "https://two-rivers.example/access-case", "value": lead.id}],
                "code": {"coding": [{"system": _WORK, "code": "access-audit", "display": "Access audit"}],
                         "text": "Access audit"},
                "businessStatus": {"coding": [{"system": _STATE, "code": case.verdict}],
                                   "text": VERDICTS[case.verdict].partition(":")[0]},
                "focus": {"reference": f"Practitioner/{lead.who[0][0]}", "display": lead.who[0][1]},
                "authoredOn": today, "executionPeriod": {"end": today},
            }
            if case.by:
                body["restriction"] = {"period": {"end": case.by}}
            made.append(body)
    return made
