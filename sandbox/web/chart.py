"""The chart viewer: patients of a workspace, and one patient's chart, a part at a time. Each look enters the trail."""

from __future__ import annotations

import json
from typing import Any

import nh3
from flask import Blueprint, Response, render_template, request

from sandbox.errors import BadInput, NotFound
from sandbox.fhir.narrative import TAGS
from sandbox.web import house, policy
from sandbox.web.display import concept
from sandbox.web.results import by_test, problems
from sandbox.web.whose import allergies_of, subject_of
from sandbox.workspace import Workspace

bp = Blueprint("chart", __name__, url_prefix="/chart")
Resource = dict[str, Any]
PARTS = ("summary", "encounters", "results", "medications", "documents")
SORTS = {"name": "family,given", "born": "birthdate", "sex": "gender"}
PAGE = 25


@bp.get("/<ws>/")
def patients(ws: str) -> str:
    """The patients of this hospital: found by name or record number, sorted, 25 to a page."""
    asked = request.args.get("q", "").strip()
    sort = request.args.get("sort", "name")
    down = request.args.get("order") == "down"
    start = max(0, request.args.get("from", 0, type=int))
    keys = SORTS.get(sort, SORTS["name"]).split(",")
    params = [("_sort", ",".join(("-" if down else "") + k for k in keys)), ("_count", str(PAGE)),
              ("_offset", str(start))]
    if asked:
        digits = any(c.isdigit() for c in asked)
        params += [("identifier", asked)] if digits else [("name", word) for word in asked.split()]
    with house().db.writing() as conn:
        chart = policy.enter(conn, ws, "read")
        page = chart.page("Patient", params)
    return render_template("chart/patients.html", workspace=chart.info, page_of=page, rows=page.resources, q=asked,
                           sort=sort if sort in SORTS else "name", down=down, start=start, size=PAGE)


@bp.get("/<ws>/Patient/<id>")
def patient(ws: str, id: str) -> str:
    """One patient's chart: her banner, and the one part that was asked for (what is not asked for is not opened)."""
    part = request.args.get("part", "summary")
    if part not in PARTS:
        raise NotFound("A chart has no such part.", hint=f"Parts: {', '.join(PARTS)}.")
    with house().db.writing() as conn:
        chart = policy.enter(conn, ws, "read")
        found = {"patient": chart.read("Patient", id), "allergies": allergies_of(chart, id), **_part(chart, id, part)}
    return render_template(f"chart/{part}.html", workspace=chart.info, part=part, parts=PARTS, today=chart.info.today,
                           id=id, **found)


@bp.get("/<ws>/<kind>/<id>")
def resource(ws: str, kind: str, id: str) -> str:
    """Any resource: a document as its text, a visit as what happened in it, the rest as narrative and JSON."""
    with house().db.writing() as conn:
        chart = policy.enter(conn, ws, "read")
        stored = chart.stored(kind, id)
        subject = subject_of(stored.resource)
        owner = chart.read("Patient", subject) if subject else None
        allergies = allergies_of(chart, subject) if subject else None
        inside = _encounter(chart, stored.resource) if kind == "Encounter" else {}
    mark = request.args.get("mark", "")
    return render_template(
        "chart/encounter.html" if inside else "chart/resource.html", workspace=chart.info, kind=kind, id=id,
        resource=stored.resource, patient=owner, allergies=allergies, today=chart.info.today, stored=stored, mark=mark,
        part="", **inside,
        text=json.dumps(stored.resource, indent=2, ensure_ascii=False))


@bp.get("/<ws>/<kind>/<id>/narrative")
def narrative(ws: str, kind: str, id: str) -> Response:
    """A resource's narrative alone, cleaned again, for a frame in which nothing can run or load."""
    with house().db.writing() as conn:
        div = policy.enter(conn, ws, "read").read(kind, id).get("text", {}).get("div", "")
    page = render_template("chart/narrative.html", div=nh3.clean(div, tags=set(TAGS) - {"img"}, attributes={}))
    answer = Response(page, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; frame-ancestors 'self'; sandbox"
    return answer


def _part(chart: Workspace, id: str, part: str) -> dict[str, Any]:
    mine = [("patient", id)]
    if part in ("summary", "encounters"):
        conditions = _search(chart, "Condition", mine)
        return {"problems": problems(conditions),
                "diagnoses": {f"Condition/{c['id']}": concept(c.get("code")) for c in conditions},
                "encounters": _newest(chart, "Encounter", id, 5 if part == "summary" else 200)}
    if part == "results":
        return {"groups": by_test(_search(chart, "Observation", mine))}
    if part == "medications":
        orders = _search(chart, "MedicationRequest", mine)
        return {"orders": sorted(orders, key=lambda m: str(m.get("authoredOn", "")), reverse=True)}
    return {"documents": _newest(chart, "DocumentReference", id), "chosen": _chosen(chart, id)}


def _encounter(chart: Workspace, visit: Resource) -> dict[str, Any]:
    """What a visit's page shows beside the visit itself: its diagnoses, its documents in order, its places' names."""
    inside = [("encounter", f"Encounter/{visit['id']}")]
    named = {str(row.get("location", {}).get("reference", "")).partition("/")[2] for row in visit.get("location", ())}
    places = _search(chart, "Location", [("_id", ",".join(sorted(named)))]) if named - {""} else []
    conditions = {f"Condition/{c['id']}": c.get("code") for c in _search(chart, "Condition", inside)}
    documents = sorted(_search(chart, "DocumentReference", inside), key=lambda d: str(d.get("date", "")))
    return {"conditions": conditions, "documents": documents,
            "places": {f"Location/{place['id']}": place.get("name", "") for place in places}}


def _newest(chart: Workspace, kind: str, id: str, most: int = 200) -> list[Resource]:
    return chart.page(kind, [("patient", id), ("_sort", "-date"), ("_count", str(most))]).resources


def _search(chart: Workspace, kind: str, params: list[tuple[str, str]]) -> list[Resource]:
    try:
        return chart.search(kind, params)
    except (BadInput, NotFound):  # a hospital that was loaded may hold types that are not searched by patient
        return []


def _chosen(chart: Workspace, id: str) -> Resource | None:
    wanted = request.args.get("document", "")
    if not wanted:
        return None
    found = chart.read("DocumentReference", wanted)
    if subject_of(found) != id:
        raise NotFound("This document is not in this patient's chart.")
    return found
