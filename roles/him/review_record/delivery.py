"""What a review puts into the record: a Task for each deficiency filed, with its owner and due date."""

from __future__ import annotations

from datetime import date

from fixtures.hospital.clock import at, stamp
from fixtures.hospital.codings import HOUSE, concept, local, ref
from fixtures.hospital.places import HOSPITAL, NAME
from fixtures.hospital.work import KINDS, STATES
from sandbox.activity import Chart, Resource, Task

from .book import Entry, book
from .desk import File, Shown
from .work import Filed, Work

PREFIX = "review-"


def deliver(work: Work, task: Task[Shown], chart: Chart) -> list[Resource]:
    """Tasks with ids of their own: a later attempt replaces them, and what it no longer files is cancelled.

    Of several findings on one chart under one rule the first stands.
    """
    files = {file.encounter: file for file in task.shown.files}
    entries = book(task.shown.policy)
    made: dict[str, Resource] = {}
    for filed in work.findings:
        if filed.chart in files:
            one = _task(filed, files[filed.chart], entries[filed.rule], chart.today)
            made.setdefault(one["id"], one)
    asked = ",".join(f"Encounter/{id}" for id in files)
    before = [one for one in chart.search("Task", {"encounter": asked})
              if str(one["id"]).startswith(PREFIX) and one["id"] not in made and one["status"] != "cancelled"]
    return [*made.values(), *(_cancelled(one) for one in before)]


def _task(filed: Filed, file: File, rule: Entry, today: date) -> Resource:
    now = stamp(at(today, 8))
    person = next((one for one in file.people if one.ref == filed.actor), None)
    id = f"{PREFIX}{filed.chart.removeprefix('en-')}-{filed.rule}"
    body: Resource = {
        "resourceType": "Task", "id": id, "identifier": [{"system": f"{HOUSE}/task", "value": id}],
        "status": STATES["assigned" if person else "waiting"], "intent": "order",
        "businessStatus": concept(local("work-state"), *(("assigned", "Assigned") if person else
                                                         ("waiting", "Waiting"))),
        "code": concept(local("work"), "deficiency", KINDS["deficiency"], KINDS["deficiency"]),
        "description": f"{rule.title}: {rule.cited}",
        "focus": {"reference": filed.document if _is_document(filed) else f"Encounter/{filed.chart}"},
        "for": ref("Patient", file.patient), "encounter": ref("Encounter", filed.chart),
        "authoredOn": now, "lastModified": now, "requester": ref("Organization", HOSPITAL, NAME),
    }
    if person:
        body["owner"] = {"reference": person.ref, "display": person.name}
    if filed.document and not _is_document(filed):  # an order, a form: the work is about the stay
        body["reasonReference"] = {"reference": filed.document}
    if filed.due not in ("", "none"):
        body["restriction"] = {"period": {"end": stamp(at(date.fromisoformat(filed.due), 23, 59))}}
    return body


def _is_document(filed: Filed) -> bool:
    """Whether the lab can follow the paper to its stay: of a Task's focus it reads documents and stays."""
    return filed.document.startswith("DocumentReference/")


def _cancelled(one: Resource) -> Resource:
    return {name: value for name, value in one.items() if name not in ("meta", "businessStatus")} | {
        "status": "cancelled"}
