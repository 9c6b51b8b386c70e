"""CMS122 and CMS165 for 2025 a second time: plain Python over FHIR resources, one patient after the other.

Written from the sentences of the two requests, not from their SQL: no joins and no sets, a chart is read as a person
would read it. Codes are spelled out where the key reads the table `value_set`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

Resource = dict[str, Any]
CHICAGO = ZoneInfo("America/Chicago")
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
STANDS = ("final", "amended", "corrected")
SUGAR = ("4548-4", "4549-2", "17855-8", "17856-6", "96595-4", "97506-0")
KIDNEY = ("N18.5", "N18.6", "Z94.0")


def diabetes(code: str) -> bool:
    """Types 1, 2 and other specified, and diabetes that was there before a pregnancy: not E08, E09 or O24.4."""
    return code[:3] in ("E10", "E11", "E13") or (code[:5] in ("O24.0", "O24.1", "O24.3", "O24.8"))


@dataclass
class Chart:
    """All that is known of one person, whatever her records were called."""

    id: str
    born: date = date.max
    things: list[Resource] = field(default_factory=list)

    def of(self, kind: str) -> Iterator[Resource]:
        return (r for r in self.things if r["resourceType"] == kind)

    @property
    def age(self) -> int:
        """Birthdays that she has had by the last day of the year."""
        had = (self.born.month, self.born.day) <= (LAST.month, LAST.day)
        return LAST.year - self.born.year - (0 if had else 1)


def charts(resources: Iterable[Resource]) -> dict[str, Chart]:
    """One chart for each person, under the id of the record that survived."""
    everything = list(resources)
    replaced = {}
    for r in everything:
        for link in r.get("link", []) if r["resourceType"] == "Patient" else []:
            if link["type"] == "replaced-by":
                replaced[r["id"]] = link["other"]["reference"].split("/")[1]
    found: dict[str, Chart] = {}
    for r in everything:
        owner = r["id"] if r["resourceType"] == "Patient" else _subject(r)
        while owner in replaced:
            owner = replaced[owner]
        if owner is None:
            continue
        chart = found.setdefault(owner, Chart(owner))
        if r["resourceType"] == "Patient":
            chart.born = date.fromisoformat(r["birthDate"]) if r["id"] == owner else chart.born
        else:
            chart.things.append(r)
    return found


def _subject(r: Resource) -> str | None:
    reference = (r.get("subject") or {}).get("reference", "")
    return reference.split("/")[1] if reference.startswith("Patient/") else None


def day(text: str) -> date:
    """A day of the hospital's own calendar: a bare date is one already."""
    if len(text) == 10:
        return date.fromisoformat(text)
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(CHICAGO).date()


def code(concept: Resource | None) -> str:
    return str(concept["coding"][0]["code"]) if concept and concept.get("coding") else ""


def beginning(condition: Resource) -> date:
    """The day of onset; where none is known, or only its year or month, the day on which it was recorded."""
    onset = condition.get("onsetDateTime", "")
    return day(onset if len(onset) >= 10 else condition["recordedDate"])


def in_force(chart: Chart, since: date, until: date) -> Iterator[str]:
    """The codes of diagnoses that stood at some time from `since` to `until`."""
    for c in chart.of("Condition"):
        if code(c.get("verificationStatus")) in ("refuted", "entered-in-error"):
            continue
        began = beginning(c)
        ended = c.get("abatementDateTime")
        if began <= until and (not ended or day(ended) >= since):
            yield code(c["code"])


def seen_in_the_office(chart: Chart) -> bool:
    return any(
        e["class"]["code"] == "AMB" and e["status"] == "finished" and FIRST <= day(e["period"]["start"]) <= LAST
        for e in chart.of("Encounter")
    )


def in_hospice(chart: Chart) -> bool:
    for e in chart.of("Encounter"):
        went = code((e.get("hospitalization") or {}).get("dischargeDisposition"))
        over = e["status"] == "finished" and e["class"]["code"] in ("IMP", "ACUTE")
        if over and went in ("50", "51") and FIRST <= day(e["period"]["end"]) <= LAST:
            return True
    return any(
        code(s.get("code")) == "referral-hospice"
        and s["status"] in ("active", "completed")
        and FIRST <= day(s["authoredOn"]) <= LAST
        for s in chart.of("ServiceRequest")
    )


def in_a_nursing_home(chart: Chart) -> bool:
    asked = [
        o
        for o in chart.of("Observation")
        if code(o["code"]) == "71802-3" and o["status"] in STANDS and day(o["effectiveDateTime"]) <= LAST
    ]
    asked.sort(key=lambda o: datetime.fromisoformat(o["effectiveDateTime"].replace("Z", "+00:00")))
    return bool(asked) and code(asked[-1]["valueCodeableConcept"]) == "nursing-home"


def frail(chart: Chart) -> bool:
    return any(c in ("Z74.01", "Z99.3") for c in in_force(chart, FIRST, LAST))


def newly_demented(chart: Chart) -> bool:
    for c in chart.of("Condition"):
        stands = code(c.get("verificationStatus")) not in ("refuted", "entered-in-error")
        if stands and code(c["code"]).startswith("G30"):
            began = beginning(c)
            if date(2024, 1, 1) <= began <= LAST:
                return True
    return False


def left_out_of_both(chart: Chart) -> bool:
    if in_hospice(chart) or "Z51.5" in in_force(chart, FIRST, LAST):
        return True
    return chart.age >= 66 and (in_a_nursing_home(chart) or (frail(chart) and newly_demented(chart)))


def cms122(resources: Iterable[Resource]) -> dict[str, tuple[str, str | None]]:
    """Patient → (age group, reason why she counts as poor or None), for everybody in the measure."""
    found: dict[str, tuple[str, str | None]] = {}
    for chart in charts(resources).values():
        if not 18 <= chart.age <= 75 or not seen_in_the_office(chart) or left_out_of_both(chart):
            continue
        if any(diabetes(c) for c in in_force(chart, FIRST, LAST)):
            found[chart.id] = (_group(chart.age, "65-75"), _sugar(chart))
    return found


def _sugar(chart: Chart) -> str | None:
    tests: dict[date, list[float | None]] = {}
    for o in chart.of("Observation"):
        if code(o["code"]) in SUGAR and o["status"] in STANDS and FIRST <= day(o["effectiveDateTime"]) <= LAST:
            value = (o.get("valueQuantity") or {}).get("value")
            tests.setdefault(day(o["effectiveDateTime"]), []).append(value)
    if not tests:
        return "no test"
    last = tests[max(tests)]
    known = [v for v in last if v is not None]
    if len(known) < len(last):
        return "no value"
    return "above 9" if min(known) > 9 else None


def cms165(resources: Iterable[Resource]) -> dict[str, tuple[str, str | None]]:
    """Patient → (age group, the day on which she was controlled or None), for everybody in the measure."""
    found: dict[str, tuple[str, str | None]] = {}
    for chart in charts(resources).values():
        if not 18 <= chart.age <= 85 or not seen_in_the_office(chart) or left_out_of_both(chart):
            continue
        if chart.age >= 81 and frail(chart):
            continue
        year = list(in_force(chart, FIRST, LAST))
        if any(c in KIDNEY or c.startswith("O") or c == "Z33.1" for c in year) or _on_dialysis(chart):
            continue
        if "I10" in in_force(chart, FIRST, date(2025, 6, 30)):
            found[chart.id] = (_group(chart.age, "65-85"), _controlled(chart))
    return found


def _on_dialysis(chart: Chart) -> bool:
    for p in chart.of("Procedure"):
        when = p.get("performedDateTime") or (p.get("performedPeriod") or {}).get("end")
        if p["status"] == "completed" and code(p["code"])[:4] in ("5A1D", "0TY0", "0TY1") and day(when) <= LAST:
            return True
    return False


def _controlled(chart: Chart) -> str | None:
    classes = {e["id"]: e["class"]["code"] for e in chart.of("Encounter")}
    days: dict[date, tuple[list[float], list[float]]] = {}
    for o in chart.of("Observation"):
        visit = (o.get("encounter") or {}).get("reference", "/").split("/")[1]
        if code(o["code"]) != "85354-9" or o["status"] not in STANDS or classes.get(visit) in ("EMER", "IMP", "ACUTE"):
            continue
        when = day(o["effectiveDateTime"])
        if not FIRST <= when <= LAST:
            continue
        uppers, lowers = days.setdefault(when, ([], []))
        for part in o["component"]:
            value = (part.get("valueQuantity") or {}).get("value")
            if value is not None:
                (uppers if code(part["code"]) == "8480-6" else lowers).append(value)
    if not days:
        return None
    last = max(days)
    uppers, lowers = days[last]
    return last.isoformat() if uppers and lowers and min(uppers) < 140 and min(lowers) < 90 else None


def _group(age: int, oldest: str) -> str:
    return "18-44" if age < 45 else "45-64" if age < 65 else oldest
