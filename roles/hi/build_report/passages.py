"""What the record says of a line in the list, in the words of a chart: a visit, or a patient's year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from roles.hi.build_report.definition import Unit
from sandbox.activity import Lab

_ZONE = ZoneInfo("America/Chicago")
_VISITS = """SELECT encounter_id, class, status, priority, disposition, start_at, end_at FROM encounter
WHERE encounter_id IN ({}) ORDER BY start_at, encounter_id"""


def of(unit: Unit, lab: Lab, ids: Sequence[str]) -> dict[str, str]:
    """A passage for each of these keys that the record knows."""
    listed = ", ".join("'" + i.replace("'", "''") + "'" for i in ids)
    return {str(row[0]): _visit(row) for row in lab.run(_VISITS.format(listed)).rows}


def _visit(row: Sequence[object]) -> str:
    _, kind, status, priority, disposition, start, end = row
    return (
        f"class {kind}, {status}, priority {priority}, {_clock(start)} to {_clock(end) if end else 'still here'}"
        f"{f', disposition {disposition}' if disposition else ', no disposition' if end else ''}"
    )


def _clock(moment: object) -> str:
    if not isinstance(moment, datetime):
        return str(moment)
    local = moment.astimezone(_ZONE)
    return f"{local.day} {local:%b %Y %H:%M}"
