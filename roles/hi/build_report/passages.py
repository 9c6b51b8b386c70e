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
_CHARTS = """WITH said AS (
  SELECT patient_id, NULL AS moment, concat_ws(', ', 'born ' || birth_date_raw, 'replaced by ' || replaced_by,
    'died ' || local_date(deceased_at)) AS what FROM patient
  UNION ALL SELECT patient_id, start_at, concat_ws(', ', 'visit of class ' || class, status,
    'disposition ' || disposition) FROM encounter
  UNION ALL SELECT patient_id, recorded_at, concat_ws(', ', code, category, verification_status,
    'since ' || local_date(onset_at), 'ended ' || local_date(abated_at)) FROM condition
  UNION ALL SELECT patient_id, authored_at, concat_ws(', ', code, status) FROM service_request
  UNION ALL SELECT patient_id, performed_start, concat_ws(', ', code, status) FROM procedure
  UNION ALL SELECT o.patient_id, effective_at, concat_ws(', ', code_text, coalesce(value_code, value_number || ' ' ||
    value_unit, (SELECT string_agg(coalesce(c.value_number::INT::VARCHAR, 'none'), '/' ORDER BY c.n)
    FROM observation_component c WHERE c.observation_id = o.observation_id), 'no value'), o.status, e.class)
    FROM observation o LEFT JOIN encounter e USING (encounter_id)
) SELECT patient_id, moment, what FROM said WHERE patient_id IN ({}) ORDER BY patient_id, moment NULLS FIRST, what"""


def of(unit: Unit, lab: Lab, ids: Sequence[str]) -> dict[str, str]:
    """A passage for each of these keys that the record knows."""
    listed = ", ".join("'" + i.replace("'", "''") + "'" for i in ids)
    if unit.resource == "Encounter":
        return {str(row[0]): _visit(row) for row in lab.run(_VISITS.format(listed)).rows}
    said: dict[str, list[str]] = {}
    for id, when, what in lab.run(_CHARTS.format(listed)).rows:
        said.setdefault(str(id), []).append(f"{_day(when)}: {what}" if when else str(what))
    return {id: "; ".join(dict.fromkeys(lines)) for id, lines in said.items()}


def _visit(row: Sequence[object]) -> str:
    _, kind, status, priority, disposition, start, end = row
    return (
        f"class {kind}, {status}, priority {priority}, {_clock(start)} to {_clock(end) if end else 'still here'}"
        f"{f', disposition {disposition}' if disposition else ', no disposition' if end else ''}"
    )


def _day(moment: object) -> str:
    """The day alone, in Chicago."""
    return _clock(moment)[:-6]


def _clock(moment: object) -> str:
    if not isinstance(moment, datetime):
        return str(moment)
    local = moment.astimezone(_ZONE)
    return f"{local.day} {local:%b %Y %H:%M}"
