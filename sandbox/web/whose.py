"""Whose record a debrief quotes: her banner stands above it, as above every page that shows a patient."""

from __future__ import annotations

from typing import Any

from sandbox import workspace
from sandbox.errors import SandboxError
from sandbox.report import Report
from sandbox.web.display import allergies

Resource = dict[str, Any]


def banner_of(conn: Any, info: workspace.Info, report: Report | None) -> dict[str, Any]:
    """`patient` and `allergies` when all quotes of a report are of one patient; empty otherwise.

    Reads without a trail: the quotes are already on the page, and judging, not she, chose them.
    """
    chart = workspace.Workspace(conn, info, workspace.Agent("two-seats", "Two Seats", "system"), record=False)
    quoted = {q.reference for f in (report.findings if report else ()) for q in f.evidence if "/" in q.reference}
    owners = set()
    for reference in sorted(quoted):
        kind, _, id = reference.partition("/")
        try:
            owners.add(id if kind == "Patient" else subject_of(chart.read(kind, id)))
        except SandboxError:
            continue
    if len(owners) != 1 or "" in owners:
        return {}
    try:
        id = owners.pop()
        return {"patient": chart.read("Patient", id), "allergies": allergies_of(chart, id)}
    except SandboxError:
        return {}


def allergies_of(chart: workspace.Workspace, id: str) -> list[str]:
    """A patient's allergies in words, `Penicillin: hives`."""
    return allergies(chart.search("AllergyIntolerance", [("patient", id)]))


def subject_of(resource: dict[str, Any]) -> str:
    """The id of the patient whom a resource is about; "" where it is about none."""
    for key in ("subject", "patient", "beneficiary"):
        value = resource.get(key)
        reference = str(value.get("reference", "")) if isinstance(value, dict) else ""
        if reference.startswith("Patient/"):
            return reference.removeprefix("Patient/")
    return ""
