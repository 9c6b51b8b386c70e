"""A report in the record: a DocumentReference with both queries and what was said, so that it can be read again."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict

from roles.hi.build_report.work import Work
from sandbox.activity import Resource


def document(work: Work, title: str, name: str) -> Resource:
    """One DocumentReference (R4): the SQL of `report` and of `lines`, and headline, chart and limits as JSON."""
    said = {k: v for k, v in asdict(work).items() if k not in ("sql_report", "sql_lines", "menus", "answer")}
    content = [
        _attachment("application/sql", "report", work.sql_report),
        _attachment("application/sql", "lines", work.sql_lines),
        _attachment("application/json", "presentation", json.dumps(said, sort_keys=True, ensure_ascii=False)),
    ]
    coding = {"system": "https://two-rivers.example/document", "code": "report", "display": "Report"}
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [coding], "text": "Report"},
        "description": work.sentence or title,
        "identifier": [{"system": "https://two-rivers.example/report", "value": name}],
        "content": [{"attachment": c} for c in content if c],
    }


def _attachment(kind: str, title: str, text: str) -> dict[str, str]:
    return {"contentType": kind, "title": title, "data": base64.b64encode(text.encode()).decode()} if text else {}
