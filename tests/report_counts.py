"""The reports counted a second time, in plain Python from FHIR resources, with no SQL and no view."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Resource = dict[str, Any]
Rows = list[tuple[Any, ...]]

ROOT = Path(__file__).resolve().parent.parent
ZONE = ZoneInfo("America/Chicago")
TODAY = date(2026, 6, 30)


def moment(text: str) -> datetime:
    """A FHIR instant on the hospital's clock."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(ZONE)


def by_kind(resources: Iterable[Resource]) -> Mapping[str, list[Resource]]:
    found: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        found[resource["resourceType"]].append(resource)
    return found


def target(reference: Mapping[str, str] | None) -> str:
    return reference["reference"].split("/")[1] if reference else ""


def weights() -> dict[str, float]:
    """Relative weights of fiscal year 2026, of the groups that have one."""
    lines = (ROOT / "fixtures" / "terminology" / "drg_weights.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")][1:]
    return {row[0]: float(row[4]) for row in rows if row[4]}


def case_mix(resources: Iterable[Resource]) -> tuple[Rows, Rows]:
    """(report, lines) of the case-mix index."""
    kinds, weigh = by_kind(resources), weights()
    group: dict[str, str] = {}
    for claim in kinds["Claim"]:
        if claim["status"] == "active" and claim["type"]["coding"][0]["code"] == "institutional":
            for said in claim.get("supportingInfo", ()):
                group[target(claim["item"][0]["encounter"][0])] = said["code"]["coding"][0]["code"]
    lines: Rows = []
    months: dict[str, list[float | None]] = defaultdict(list)
    for visit in kinds["Encounter"]:
        if visit["class"]["code"] not in ("IMP", "ACUTE") or visit["status"] != "finished":
            continue
        out = moment(visit["period"]["end"]).date()
        if date(2025, 10, 1) <= out <= TODAY:
            drg = group.get(visit["id"])
            weight = weigh.get(drg or "")
            month = f"{out:%Y-%m}"
            lines.append((visit["id"], month, drg if weight is not None else None, weight))
            months[month].append(weight)
    report: Rows = []
    for month, found in months.items():
        have = [w for w in found if w is not None]
        index = sum(have) / len(have) if have else None
        report.append((month, len(found), len(have), len(found) - len(have), sum(have), index))
    return report, lines


def emergency(resources: Iterable[Resource]) -> tuple[Rows, Rows]:
    """(report, lines) of the stay in the emergency department."""
    kinds = by_kind(resources)
    department = {
        place["id"]
        for place in kinds["Location"]
        if any(c["code"] == "ED" for t in place.get("type", ()) for c in t["coding"])
    }
    lines: Rows = []
    groups: dict[str, list[int | None]] = defaultdict(list)
    for visit in kinds["Encounter"]:
        places = [p for p in visit.get("location", ()) if target(p["location"]) in department]
        if not places or visit["status"] not in ("finished", "in-progress"):
            continue
        last = max(places, key=lambda p: moment(p["period"]["start"]))["period"].get("end")
        arrival = moment(visit["period"]["start"])
        gone = visit["status"] == "finished" or last
        if not gone or not date(2026, 1, 1) <= arrival.date() <= TODAY:
            continue
        minutes = round((moment(last).timestamp() - arrival.timestamp()) / 60) if last else None
        minutes = None if minutes is not None and minutes < 0 else minutes
        outcome = _outcome(visit)
        lines.append((visit["id"], outcome, minutes))
        groups[outcome].append(minutes)
    report: Rows = []
    for outcome, found in groups.items():
        have = sorted(m for m in found if m is not None)
        middle = _at(have, 0.5), _at(have, 0.9)
        report.append((outcome, len(found), len(have), *middle, sum(m > 480 for m in have)))
    return report, lines


def _outcome(visit: Resource) -> str:
    kind = visit["class"]["code"]
    if kind in ("IMP", "ACUTE", "OBSENC"):
        return "Observation" if kind == "OBSENC" else "Admitted"
    said = visit.get("hospitalization", {}).get("dischargeDisposition", {}).get("coding", [{}])[0].get("code")
    return {"01": "Home", "02": "Transferred", "07": "Left"}.get(said, "Other")


def _at(ranked: list[int], share: float) -> float | None:
    """The value below which that share lies, halfway between neighbors in proportion."""
    if not ranked:
        return None
    place = share * (len(ranked) - 1)
    low = int(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (place - low) * (ranked[high] - ranked[low])


def unbilled(resources: Iterable[Resource]) -> tuple[Rows, Rows]:
    """(report, lines) of discharged, not final billed."""
    kinds = by_kind(resources)
    final = {
        account["id"]
        for account in kinds["Account"]
        for said in account.get("extension", ())
        if any(part["url"] == "finalBilled" for part in said["extension"])
    }
    visits = {visit["id"]: visit for visit in kinds["Encounter"] if visit.get("account")}
    stock: dict[str, float] = defaultdict(float)
    flow: dict[str, float] = defaultdict(float)
    for item in kinds["ChargeItem"]:
        if item["status"] == "entered-in-error":
            continue
        visit = visits[target(item["context"])]
        dollars = item["priceOverride"]["value"]
        if visit["status"] == "finished" and target(visit["account"][0]) not in final:
            stock[visit["id"]] += dollars
        if 1 <= (TODAY - moment(item["enteredDate"]).date()).days <= 90:
            flow[visit["id"]] += dollars
    names = {"IMP": "Inpatient", "ACUTE": "Inpatient", "OBSENC": "Observation", "EMER": "Emergency", "AMB": "Clinic"}
    lines = [(id, names[visits[id]["class"]["code"]], stock[id], flow[id]) for id in sorted({*stock, *flow})]
    report: Rows = []
    for setting in sorted({line[1] for line in lines}):
        here = [line for line in lines if line[1] == setting]
        up, down = sum(line[2] for line in here), sum(line[3] for line in here)
        report.append((setting, sum(line[2] > 0 for line in here), up, down, up / (down / 90) if down else None))
    return report, lines


def delinquent(resources: Iterable[Resource]) -> tuple[Rows, Rows]:
    """(report, lines) of complete, late and delinquent records."""
    kinds = by_kind(resources)
    of = {note["id"]: target(note["context"]["encounter"][0]) for note in kinds["DocumentReference"]}
    found: dict[str, list[date | None]] = defaultdict(list)
    for task in kinds["Task"]:
        if task["code"]["coding"][0]["code"] == "deficiency" and task["status"] != "cancelled":
            kind, _, id = task["focus"]["reference"].partition("/")
            done = task.get("executionPeriod", {}).get("end")
            found[id if kind == "Encounter" else of[id]].append(moment(done).date() if done else None)
    lines: Rows = []
    months: dict[str, list[int | None]] = defaultdict(list)
    for visit in kinds["Encounter"]:
        if visit["class"]["code"] not in ("IMP", "ACUTE") or visit["status"] != "finished":
            continue
        home = moment(visit["period"]["end"]).date()
        if home < date(2026, 1, 1) or (TODAY - home).days <= 30:
            continue
        gaps = found[visit["id"]]
        days = None if None in gaps else max([(day - home).days for day in gaps if day], default=0)
        lines.append((visit["id"], f"{home:%Y-%m}", len(gaps), days))
        months[f"{home:%Y-%m}"].append(days)
    report: Rows = []
    for month, all_days in months.items():
        open_ = all_days.count(None)
        late = sum(d is not None and d > 30 for d in all_days)
        due = len(all_days)
        report.append((month, due, due - open_ - late, late, open_, 100 * open_ / due))
    return report, lines
