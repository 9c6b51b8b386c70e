"""An analysis in the record: a DocumentReference with its queries and its answer, so that it can be read again."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict

from roles.hi.analyze_data.work import Work
from sandbox.activity import Resource


def document(work: Work, title: str, name: str) -> Resource:
    """One DocumentReference (R4): the SQL of every cell, and notes, charts and answer as JSON."""
    said = {**asdict(work), "cells": [{"note": c.note, "chart": dict(c.chart)} for c in work.cells]}
    sql = "\n;\n".join(f"-- Cell {n}\n{c.sql}" for n, c in enumerate(work.cells, 1) if c.sql)
    parts = [("application/sql", "cells", sql),
             ("application/json", "answer", json.dumps(said, sort_keys=True, ensure_ascii=False))]
    coding = {"system": "https://two-rivers.example/document", "code": "analysis", "display": "Analysis"}
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [coding], "text": "Analysis"},
        "description": work.sentence or title,
        "identifier": [{"system": "https://two-rivers.example/analysis", "value": name}],
        "content": [{"attachment": _attachment(*part)} for part in parts if part[2]],
    }


def _attachment(kind: str, title: str, text: str) -> dict[str, str]:
    return {"contentType": kind, "title": title, "data": base64.b64encode(text.encode()).decode()}
