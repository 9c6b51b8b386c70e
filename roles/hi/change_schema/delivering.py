"""A change in the record: a DocumentReference with what was written, so that it can be read again; and the definition
itself, a search parameter or an extension's, where the record takes it."""

from __future__ import annotations

import base64
import json

from roles.hi.change_schema.definition import Shown
from roles.hi.change_schema.work import Work
from sandbox.activity import Chart, Resource, Task, rehearse, rehearse_structure


def document(work: Work, title: str, name: str) -> Resource:
    """One DocumentReference (R4) with the forward and the rollback script, and the definition."""
    content = [
        {"contentType": kind, "title": title_, "data": base64.b64encode(text.encode()).decode()}
        for title_, text, kind in (("forward", work.forward, "application/sql"),
                                   ("rollback", work.rollback, "application/sql"),
                                   ("definition", work.definition, "application/fhir+json")) if text]
    coding = {"system": "https://two-rivers.example/document", "code": "schema-change", "display": "Schema change"}
    return {
        "resourceType": "DocumentReference", "status": "current", "docStatus": "preliminary",
        "type": {"coding": [coding], "text": "Schema change"}, "description": work.note or title,
        "identifier": [{"system": "https://two-rivers.example/schema-change", "value": name}],
        "content": [{"attachment": each} for each in content],
    }


def honoured(work: Work, task: Task[Shown], chart: Chart) -> list[Resource]:
    """Her definition under the task's name, so that her own record goes by it from now on.

    Nothing where the record would refuse it, or has one already that it would stand beside: the document has it all
    the same.
    """
    if not work.definition:
        return []
    tried = (rehearse_structure(work.definition, [], [], chart.today) if task.shown.structure
             else rehearse(work.definition, [], [], (), chart.today))
    if tried.refused:
        return []
    made: Resource = {**json.loads(work.definition), "id": task.name}
    others = [one for one in chart.search(made["resourceType"]) if one["id"] != task.name]
    return [] if any(_alike(one, made) for one in others) else [made]


def _alike(one: Resource, made: Resource) -> bool:
    """Whether the record would not have both: a code that is searched by, or a url that is defined, twice."""
    if made["resourceType"] == "StructureDefinition":
        return bool(one.get("url") == made["url"])
    return one.get("code") == made["code"] and bool(set(one["base"]) & set(made["base"]))
