"""A change in the record: a DocumentReference with both scripts, so that they can be read again."""

from __future__ import annotations

import base64

from roles.hi.change_schema.work import Work
from sandbox.activity import Resource


def document(work: Work, title: str, name: str) -> Resource:
    """One DocumentReference (R4) with the forward and the rollback script."""
    content = [
        {"contentType": "application/sql", "title": title_, "data": base64.b64encode(text.encode()).decode()}
        for title_, text in (("forward", work.forward), ("rollback", work.rollback)) if text]
    coding = {"system": "https://two-rivers.example/document", "code": "schema-change", "display": "Schema change"}
    return {
        "resourceType": "DocumentReference", "status": "current", "docStatus": "preliminary",
        "type": {"coding": [coding], "text": "Schema change"}, "description": work.note or title,
        "identifier": [{"system": "https://two-rivers.example/schema-change", "value": name}],
        "content": [{"attachment": each} for each in content],
    }
