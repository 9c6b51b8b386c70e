"""The log as a table, a page at a time, and as a heat map: asked of the lab, where 25,000 events take milliseconds."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sandbox.activity import BadInput, Chart, Form

from .seeing import instant

PAGE = 50
ACTIONS = {"R": "Read", "E": "Search", "C": "Create", "U": "Update", "D": "Delete"}
GROUPS = {"": "each event", "agent_id": "person", "patient_id": "patient", "hour": "hour", "request_id": "request"}
_SAFE = re.compile(r"[A-Za-z0-9 .'\-]{0,64}")
_LOCAL = "(e.recorded_at AT TIME ZONE 'America/Chicago')"
_FROM = """FROM audit_event e LEFT JOIN practitioner p ON p.practitioner_id = e.agent_id
LEFT JOIN patient t ON t.patient_id = e.patient_id
LEFT JOIN (SELECT practitioner_id, min(role_text) AS role FROM practitioner_role GROUP BY 1) r
  ON r.practitioner_id = e.agent_id"""
_PATIENT = "coalesce(t.family || ', ' || t.given, e.patient_id, '')"


def events(form: Form, chart: Chart) -> dict[str, Any]:
    """One page of the events that the filters leave, and how many there are: {total, page, pages, rows, grouped}."""
    where, page = _where(form), _number(form, "page")
    group = str(form.get("group", ""))
    if group not in GROUPS:
        raise BadInput(f"The log is not grouped by “{group[:20]}”.", hint=f"Choose {', '.join(GROUPS.values())}.")
    if group:
        return _grouped(group, where, page, chart)
    found = chart.lab.run(
        f"SELECT e.audit_event_id, strftime({_LOCAL}, '%a %-d %b %H:%M:%S') AS at, e.agent_id, p.name, r.role,"
        f" e.action, coalesce(e.target, ''), e.patient_id, {_PATIENT}, e.purpose, e.terminal, count(*) OVER () AS total"
        f" {_FROM} WHERE {where} ORDER BY e.recorded_at, e.audit_event_id LIMIT {PAGE} OFFSET {page * PAGE}")
    names = ("id", "at", "who", "name", "role", "action", "what", "patient", "patient_name", "purpose", "terminal")
    total = int(found.rows[0][-1]) if found.rows else 0
    rows = [dict(zip(names, row[:-1], strict=True)) | {"action": ACTIONS.get(str(row[5]), str(row[5]))}
            for row in found.rows]
    return {"total": total, "page": page, "pages": -(-total // PAGE), "rows": rows, "grouped": ""}


def _grouped(group: str, where: str, page: int, chart: Chart) -> dict[str, Any]:
    by = {"agent_id": "coalesce(p.name, e.agent_id, '')", "patient_id": _PATIENT, "request_id": "e.request_id",
          "hour": f"strftime({_LOCAL}, '%a %-d %b %H:00')"}[group]
    found = chart.lab.run(
        f"SELECT {by} AS name, count(*) AS events,"
        f" count(DISTINCT coalesce(e.request_id, e.audit_event_id)) AS requests,"
        f" count(DISTINCT e.patient_id) AS charts, min(coalesce(e.target, '')), count(*) OVER () AS total"
        f" {_FROM} WHERE {where} GROUP BY 1 ORDER BY events DESC, name LIMIT {PAGE} OFFSET {page * PAGE}")
    total = int(found.rows[0][-1]) if found.rows else 0
    rows = [dict(zip(("name", "events", "requests", "charts", "what"), row[:-1], strict=True)) for row in found.rows]
    return {"total": total, "page": page, "pages": -(-total // PAGE), "rows": rows, "grouped": GROUPS[group]}


def heat(form: Form, chart: Chart) -> dict[str, Any]:
    """Records opened by person and hour of one day, busiest first, with the rostered hours: {day, rows}."""
    day = _day(form) or chart.today.isoformat()
    counted = chart.lab.run(
        f"SELECT e.agent_id, p.name, r.role, hour({_LOCAL}) AS h,"
        f" count(DISTINCT coalesce(e.request_id, e.audit_event_id))"
        f" {_FROM} WHERE CAST({_LOCAL} AS DATE) = DATE '{day}' AND e.agent_id IS NOT NULL GROUP BY 1, 2, 3, 4")
    people: dict[str, dict[str, Any]] = {}
    for who, name, role, hour, count in counted.rows:
        row = people.setdefault(who, {"who": who, "name": name or who, "role": role or "", "hours": [0] * 24})
        row["hours"][int(hour)] += int(count)
    ordered = sorted(people.values(), key=lambda row: (-sum(row["hours"]), row["name"]))[:40]
    duty = _duty(chart, day)
    return {"day": day, "people": len(people),
            "rows": [{**row, "duty": sorted(duty.get(str(row["who"]), ()))} for row in ordered]}


def _duty(chart: Chart, day: str) -> dict[str, set[int]]:
    """The hours of that day for which the roster has each of them at work."""
    found: dict[str, set[int]] = {}
    hours = [instant(f"{day}T{h:02d}:00") for h in range(24)]
    for slot in chart.search("Slot"):
        start, end = instant(slot["start"]), instant(slot["end"])
        if end > hours[0] and start <= hours[-1]:
            who = slot["schedule"]["reference"].rpartition("/")[2].removesuffix("-roster")
            found.setdefault(who, set()).update(h for h, hour in enumerate(hours) if start <= hour < end)
    return found


def facets(chart: Chart) -> dict[str, list[str]]:
    """What the filters offer: the days of the log and the roles of those in it."""
    days = chart.lab.run(f"SELECT DISTINCT CAST({_LOCAL} AS DATE) AS d FROM audit_event e ORDER BY d")
    roles = chart.lab.run("SELECT DISTINCT role_text FROM practitioner_role WHERE role_text IS NOT NULL ORDER BY 1")
    return {"days": [row[0].isoformat() if isinstance(row[0], date) else str(row[0]) for row in days.rows],
            "roles": [str(row[0]) for row in roles.rows]}


def _where(form: Form) -> str:
    tests = ["e.agent_id IS NOT NULL"]
    if day := _day(form):
        tests.append(f"CAST({_LOCAL} AS DATE) = DATE '{day}'")
    for name, column in (("action", "e.action"), ("role", "r.role"), ("purpose", "e.purpose"), ("who", "e.agent_id"),
                         ("patient", "e.patient_id")):
        if value := _text(form, name):
            tests.append(f"{column} = '{value}'")
    if words := _text(form, "words"):
        tests.append(f"(p.name ILIKE '%{words}%' OR {_PATIENT} ILIKE '%{words}%' OR e.target ILIKE '%{words}%')")
    if lead := str(form.get("events", "")):
        ids = [one for one in lead.split(",") if re.fullmatch(r"[A-Za-z0-9.-]{1,64}", one)]
        tests.append(f"e.audit_event_id IN ({', '.join(f'{chr(39)}{one}{chr(39)}' for one in ids) or 'NULL'})")
    return " AND ".join(tests)


def _text(form: Form, name: str) -> str:
    value = str(form.get(name, "")).strip()
    if not _SAFE.fullmatch(value):
        raise BadInput(f"The filter “{name}” holds signs that no name has.", hint="Use letters, digits, spaces.")
    return value.replace("'", "''")


def _day(form: Form) -> str:
    value = str(form.get("day", "")).strip()
    try:
        return date.fromisoformat(value).isoformat() if value else ""
    except ValueError:
        raise BadInput(f"“{value[:20]}” is not a day.", hint="Choose one from the list.") from None


def _number(form: Form, name: str) -> int:
    value = str(form.get(name, "0") or "0")
    return int(value) if value.isdigit() and len(value) < 7 else 0
