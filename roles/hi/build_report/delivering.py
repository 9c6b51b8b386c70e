"""A report in the record: a FHIR Library that carries both queries and what was said, so that it can be read again."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict

from roles.hi.build_report.work import Work
from sandbox.activity import Resource


def library(work: Work, title: str, name: str, today: str) -> Resource:
    """One Library (R4): the SQL of `report` and of `lines`, and headline, chart and limits as JSON."""
    said = {k: v for k, v in asdict(work).items() if k not in ("sql_report", "sql_lines", "menus", "answer")}
    content = [
        _attachment("application/sql", "report", work.sql_report),
        _attachment("application/sql", "lines", work.sql_lines),
        _attachment("application/json", "presentation", json.dumps(said, sort_keys=True, ensure_ascii=False)),
    ]
    resource: Resource = {
        "resourceType": "Library",
        "status": "active",
        "name": "".join(w.capitalize() for w in name.split("-")),
        "title": title,
        "date": today,
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/library-type", "code": "logic-library"}]},
        "content": [c for c in content if c],
    }
    if work.sentence:
        resource["description"] = work.sentence
    return resource


def _attachment(kind: str, title: str, text: str) -> dict[str, str]:
    return {"contentType": kind, "title": title, "data": base64.b64encode(text.encode()).decode()} if text else {}
