"""A change in the record: a DocumentReference with what was written, so that it can be read again; and the search
parameter itself, where the record takes it."""

from __future__ import annotations

import base64
import json

from roles.hi.change_schema.work import Work
from sandbox.activity import Chart, Resource, rehearse


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


def parameter(work: Work, name: str, chart: Chart) -> list[Resource]:
    """Her SearchParameter under the task's name, so that her own record can be searched by it from now on.

    Nothing where the record would refuse it, or answers to its code already: the document has it all the same.
    """
    found = rehearse(work.definition, [], [], (), chart.today) if work.definition else None
    if found is None or found.refused:
        return []
    made: Resource = {**json.loads(work.definition), "id": name}
    others = [one for one in chart.search("SearchParameter") if one["id"] != name]
    taken = any(one.get("code") == made["code"] and set(one["base"]) & set(made["base"]) for one in others)
    return [] if taken else [made]
