"""A tiny lab for judging without the house: planted resources straight into the tables that the reports read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from sandbox.activity import Resource, SqlProblem, Table

VIEWS = Path(__file__).resolve().parent.parent / "fixtures" / "views" / "sql"
TODAY = date(2026, 6, 30)
SCHEMA = """
SET TimeZone = 'UTC';
CREATE TABLE hospital(today DATE, time_zone VARCHAR, name VARCHAR);
CREATE TABLE patient(patient_id VARCHAR, mrn VARCHAR, birth_date DATE, deceased_at TIMESTAMPTZ,
  replaced_by VARCHAR, active BOOLEAN);
CREATE TABLE encounter(encounter_id VARCHAR, patient_id VARCHAR, status VARCHAR, class VARCHAR, priority VARCHAR,
  service_type VARCHAR, service VARCHAR,
  start_at TIMESTAMPTZ, end_at TIMESTAMPTZ, disposition VARCHAR);
CREATE TABLE encounter_diagnosis(encounter_id VARCHAR, n INT, condition_id VARCHAR, rank INT);
CREATE TABLE condition(condition_id VARCHAR, patient_id VARCHAR, encounter_id VARCHAR, code VARCHAR, code_text VARCHAR);
CREATE VIEW encounter_dx AS SELECT encounter_id, n, rank, code, code_text
  FROM encounter_diagnosis JOIN condition USING (condition_id, encounter_id);
CREATE MACRO local_date(ts) AS CAST(ts AT TIME ZONE 'America/Chicago' AS DATE);
CREATE MACRO today() AS DATE '2026-06-30';

"""


class SmallLab:
    """Satisfies `Lab` over a list of resources."""

    def __init__(self, name: str, resources: Iterable[Resource], backwards: bool = False) -> None:
        self.name = name
        self.resources = list(resources)
        self.run_once = lru_cache(maxsize=1000)(self._run)  # nothing here changes
        self.db = duckdb.connect()
        self.db.execute(SCHEMA)
        self.db.execute(f"CREATE VIEW person AS {(VIEWS / 'person.sql').read_text()}")
        self.db.execute(f"CREATE VIEW acute_stay AS {(VIEWS / 'acute_stay.sql').read_text()}")
        self.db.execute("INSERT INTO hospital VALUES (?, 'America/Chicago', 'Test')", [TODAY])
        rows: dict[str, list[tuple[Any, ...]]] = {
            "patient": [],
            "encounter": [],
            "encounter_diagnosis": [],
            "condition": [],
        }
        for r in self.resources:
            _flatten(r, rows)
        for table, values in rows.items():
            if values:
                marks = ", ".join("?" * len(values[0]))
                self.db.executemany(f"INSERT INTO {table} VALUES ({marks})", values[::-1] if backwards else values)

    def run(self, sql: str, *, rows: int = 5000, seconds: float = 5.0) -> Table:
        return self.run_once(sql, rows)

    def _run(self, sql: str, rows: int) -> Table:
        try:
            result = self.db.execute(sql)
            columns = [d[0] for d in result.description or ()]
            got = result.fetchmany(rows + 1)
        except duckdb.Error as error:
            with contextlib.suppress(duckdb.Error):
                self.db.rollback()
            raise SqlProblem(str(error)) from None
        return Table(tuple(columns), tuple("?" for _ in columns), tuple(got[:rows]), len(got) > rows)

    def schema(self) -> tuple[Any, ...]:
        return ()


class SmallLabs:
    """Satisfies `Labs`: a shown lab and hidden ones, built once per name in `kept`."""

    kept: dict[str, SmallLab] = {}
    kind = SmallLab

    def __init__(self, shown: SmallLab) -> None:
        self.shown = shown

    def hidden(self, name: str, build: Callable[[], Iterable[Resource]], today: date) -> SmallLab:
        if name not in self.kept:
            self.kept[name] = self.kind(name, build())
        return self.kept[name]

    def reversed(self, lab: SmallLab) -> SmallLab:
        name = f"{lab.name}-reversed"
        if name not in self.kept:
            self.kept[name] = self.kind(name, lab.resources, backwards=True)
        return self.kept[name]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def _ref(value: dict[str, Any] | None) -> str | None:
    return value["reference"].split("/")[1] if value else None


def _code(value: dict[str, Any] | None) -> str | None:
    return value["coding"][0]["code"] if value else None


def _flatten(r: Resource, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    if r["resourceType"] == "Patient":
        links = [x["other"] for x in r.get("link", []) if x["type"] == "replaced-by"]
        rows["patient"].append(
            (
                r["id"],
                r["identifier"][0]["value"],
                r["birthDate"],
                _moment(r.get("deceasedDateTime")),
                _ref(links[0]) if links else None,
                r["active"],
            )
        )
    elif r["resourceType"] == "Encounter":
        period = r["period"]
        rows["encounter"].append(
            (
                r["id"],
                _ref(r["subject"]),
                r["status"],
                r["class"]["code"],
                _code(r.get("priority")),
                _code(r.get("serviceType")),
                r.get("serviceType", {}).get("text"),
                _moment(period["start"]),
                _moment(period.get("end")),
                _code(r.get("hospitalization", {}).get("dischargeDisposition")),
            )
        )
        for n, d in enumerate(r.get("diagnosis", []), 1):
            rows["encounter_diagnosis"].append((r["id"], n, _ref(d["condition"]), d["rank"]))
    elif r["resourceType"] == "Condition":
        rows["condition"].append(
            (r["id"], _ref(r["subject"]), _ref(r["encounter"]), _code(r["code"]), r["code"]["text"])
        )
