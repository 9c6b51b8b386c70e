"""The hospital in pictures, drawn from the generator itself: python docs/hospital/draw.py [patients] [seed]

Writes the SVG files beside it, and figures.md with each picture's figures as a table. Needs the test dependencies and
the system's Chromium: Vega-Lite draws, as the product ships it.
"""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from fixtures.hospital import SEED, TODAY, build
from fixtures.hospital.explaining import ORDER, Links
from sandbox.cli.stats import billed
from sandbox.terminology import open_codes

HERE = Path(__file__).parent
VEGA = HERE.parents[1] / "sandbox" / "web" / "static" / "vendor" / "vega.js"
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
CLASSES = {"IMP": "Inpatient", "EMER": "Emergency", "AMB": "Office", "OBSENC": "Observation"}
COLOURS = ["#0b6467", "#4347a6", "#b4690e", "#7d8b97"]
DRAW = """async ([source, spec]) => {
  const v = await import("data:text/javascript;base64," + source);
  const flow = v.parse(v.compile(spec).spec, null, {ast: true});
  return await new v.View(flow, {expr: v.expressionInterpreter, renderer: "none"}).toSVG();
}"""
STYLE: dict[str, Any] = {
    "background": "white", "config": {
        "font": "system-ui, sans-serif", "view": {"stroke": None}, "range": {"category": COLOURS},
        "bar": {"color": COLOURS[0]}, "line": {"color": COLOURS[0], "point": True}, "area": {"color": COLOURS[0]},
        "axis": {"gridColor": "#e4e9ed", "domainColor": "#7d8b97", "labelColor": "#3f4c58", "titleColor": "#3f4c58"}}}
Resource = dict[str, Any]
Rows = list[dict[str, Any]]


class Ward:
    """A hospital by type of resource, and what the pictures ask of it more than once."""

    def __init__(self, patients: int, seed: int) -> None:
        self.codes = open_codes(Path(tempfile.mkdtemp(prefix="two-seats-draw-")))
        self.all = list(build(seed, patients, self.codes))
        self.kinds: dict[str, list[Resource]] = defaultdict(list)
        for one in self.all:
            self.kinds[one["resourceType"]].append(one)
        self.patients = {f"Patient/{one['id']}": one for one in self.kinds["Patient"]}
        self.visits = {f"Encounter/{one['id']}": one for one in self.kinds["Encounter"]}

    def stays(self) -> list[Resource]:
        """Finished inpatient stays."""
        return [one for one in self.kinds["Encounter"] if one["class"]["code"] == "IMP" and one["status"] == "finished"]


def when(text: str) -> datetime:
    """An instant on the facility's own wall clock, as the generator writes it."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def years(born: str, day: date) -> int:
    """Whole years of age."""
    b = date.fromisoformat(born)
    return day.year - b.year - ((day.month, day.day) < (b.month, b.day))


def ages(ward: Ward) -> Rows:
    """Patients by age and sex."""
    found = Counter((years(one["birthDate"], TODAY) // 10 * 10, one["gender"]) for one in ward.kinds["Patient"])
    return [{"age": f"{ten}–{ten + 9}", "sex": sex, "patients": n} for (ten, sex), n in sorted(found.items())]


def visits(ward: Ward) -> Rows:
    """Visits begun in each month, by class."""
    found = Counter((one["period"]["start"][:7], CLASSES[one["class"]["code"]]) for one in ward.kinds["Encounter"]
                    if one["status"] != "cancelled")
    return [{"month": month, "class": name, "visits": n} for (month, name), n in sorted(found.items())]


def nights(ward: Ward) -> Rows:
    """Finished inpatient stays by nights."""
    found = Counter((when(one["period"]["end"]).date() - when(one["period"]["start"]).date()).days
                    for one in ward.stays())
    return [{"nights": n, "stays": count} for n, count in sorted(found.items())]


def groups(ward: Ward) -> Rows:
    """The twenty commonest MS-DRGs of billed stays."""
    found = Counter((g.drg, g.title) for bill in billed(ward.all) for g in [ward.codes.group(bill.claim)])
    return [{"drg": f"{drg} {title[:60]}", "stays": n} for (drg, title), n in found.most_common(20)]


def labs(ward: Ward) -> Rows:
    """Three stays in which a value moved most: of creatinine, of leukocytes, of potassium. Days count from arrival."""
    tests = ("Creatinine", "Leukocytes", "Potassium")
    found: dict[str, dict[str, list[tuple[float, float, str]]]] = defaultdict(lambda: defaultdict(list))
    for one in ward.kinds["Observation"]:
        name = (one["code"].get("text") or one["code"]["coding"][0]["display"]).split(" [")[0]
        visit = ward.visits.get(one.get("encounter", {}).get("reference", ""))
        if visit and visit["class"]["code"] == "IMP" and name in tests:
            since = (when(one["effectiveDateTime"]) - when(visit["period"]["start"])).total_seconds() / 86400
            value = one["valueQuantity"]
            found[visit["id"]][name].append((round(since, 2), value["value"], value["unit"]))
    chosen: list[str] = []
    for test in tests:
        moved = {id: max(v for _, v, _ in rows[test]) / min(v for _, v, _ in rows[test])
                 for id, rows in found.items() if len(rows[test]) > 2 and id not in chosen}
        chosen.append(max(sorted(moved), key=lambda id: moved[id]))
    return [{"stay": id, "test": f"{test}, {unit}", "day": day, "value": value}
            for id in chosen for test in tests for day, value, unit in sorted(found[id][test])]


def hours(ward: Ward) -> Rows:
    """Accesses by hour of the facility's day and by role of who looked."""
    roles = {f"Practitioner/{one['practitioner']['reference'].partition('/')[2]}": one["code"][0].get("text", "")
             for one in ward.kinds["PractitionerRole"]}
    named = {"nurse": "Nurses", "physician": "Physicians"}
    found: Counter[tuple[int, str]] = Counter()
    for one in ward.kinds["AuditEvent"]:
        who = next(agent for agent in one["agent"] if agent["requestor"])["who"]["reference"]
        found[when(one["recorded"]).hour, named.get(roles.get(who, ""), "Others")] += 1
    return [{"hour": hour, "role": role, "accesses": n} for (hour, role), n in sorted(found.items())]


def reasons(ward: Ward) -> Rows:
    """Accesses by the first relationship that explains them, in the resolver's order."""
    links, events = Links(ward.all), ward.kinds["AuditEvent"]
    found = Counter(links.explain(one) for one in events)
    return [{"explanation": ORDER.get(key, "nothing in the record"), "accesses": found[key],
             "share, %": round(100 * found[key] / len(events), 1)} for key in [*ORDER, ""]]


def field(name: str, kind: str = "quantitative", **more: Any) -> dict[str, Any]:
    """A channel of a Vega-Lite specification."""
    return {"field": name, "type": kind, **more}


def pictures(ward: Ward) -> dict[str, tuple[str, Rows, dict[str, Any]]]:
    """Each picture: its title, its figures, how they are drawn."""
    wide, tall = {"width": 620, "height": 240}, {"width": 420, "height": {"step": 18}}
    return {
        "ages": ("Patients by age and sex", ages(ward), {**wide, "mark": "bar", "encoding": {
            "x": field("age", "ordinal", sort=None), "y": field("patients"), "color": field("sex", "nominal")}}),
        "visits": ("Visits begun in each month, by class", visits(ward), {**wide, "mark": "bar", "encoding": {
            "x": field("month", "ordinal"), "y": field("visits"), "color": field("class", "nominal")}}),
        "nights": ("Finished inpatient stays by nights", nights(ward), {**wide, "mark": "bar", "encoding": {
            "x": field("nights", "ordinal"), "y": field("stays")}}),
        "groups": ("The twenty commonest MS-DRGs of billed stays (v43.1)", groups(ward), {
            **tall, "mark": "bar", "encoding": {
                "y": field("drg", "nominal", sort="-x", title=None, axis={"labelLimit": 420}), "x": field("stays")}}),
        "labs": ("Three patients' values from day to day: the stays in which one moved most", labs(ward), {
            "facet": {"row": field("test", "nominal", title=None), "column": field("stay", "nominal", sort=None)},
            "spec": {"width": 210, "height": 100, "mark": {"type": "line", "point": {"size": 25}}, "encoding": {
                "x": field("day", title="days from arrival"), "y": field("value", title=None, scale={"zero": False})}},
            "resolve": {"scale": {"x": "independent", "y": "independent"}}}),
        "hours": ("Accesses by hour of the day", hours(ward), {**wide, "mark": "bar", "encoding": {
            "x": field("hour", "ordinal"), "y": field("accesses"), "color": field("role", "nominal")}}),
        "reasons": ("Accesses by what explains them", reasons(ward), {**tall, "mark": "bar", "encoding": {
            "y": field("explanation", "nominal", sort=None, title=None, axis={"labelLimit": 420}),
            "x": field("accesses")}}),
    }


def table(rows: Rows) -> str:
    """Rows as Markdown; of a long one, its beginning, said so."""
    names, shown = list(rows[0]), rows[:60]
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(str(row[name]) for name in names) + " |" for row in shown]
    more = [f"\n… and {len(rows) - len(shown)} rows more."] if len(rows) > len(shown) else []
    return "\n".join(lines + more)


def main(patients: int = 600, seed: int = SEED) -> None:
    """Build, draw, write."""
    ward = Ward(patients, seed)
    drawn = pictures(ward)
    source = base64.b64encode(VEGA.read_bytes()).decode()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page()
        for name, (title, rows, spec) in drawn.items():
            whole = {**STYLE, "title": {"text": title, "anchor": "start"}, "data": {"values": rows}, **spec}
            (HERE / f"{name}.svg").write_text(page.evaluate(DRAW, [source, whole]) + "\n", encoding="utf-8")
            sys.stdout.write(f"docs/hospital/{name}.svg: {len(rows)} rows\n")
        browser.close()
    parts = [f"# The figures behind the pictures\n\n{patients} patients, seed {seed}: {len(ward.all):,} resources. "
             "Written by `python docs/hospital/draw.py`; the pictures stand in [README.md](README.md).\n"]
    parts += [f"## {title}\n\n{table(rows)}\n" for title, rows, _ in drawn.values()]
    (HERE / "figures.md").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:3]))
