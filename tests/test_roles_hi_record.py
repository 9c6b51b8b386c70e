"""The HI desk on the real thing: FHIR in, tables by the views, SQL in the worker, pages over HTTP."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from houses import Person

from roles.hi.build_report import activity
from sandbox import proofs, scenario, workspace
from sandbox.activity import Proof
from sandbox.house import House

REPORTS = "hi-first-reports"
STARTER = "first-half-hour"


class Sitting:
    """Ada at one task, with everything a judgement needs."""

    def __init__(self, house: House, conn: Any, story: str, task: str, seed: int = 1) -> None:
        self.info = scenario.sit(conn, house, "p-ada", story, seed=seed)
        agent = workspace.Agent("p-ada", "Ada", "learner")
        self.chart: Any = workspace.Workspace(
            conn,
            self.info,
            agent,
            codes=house.codes,
            lab=lambda: house.labs.of_workspace(conn, self.info.ws, self.info.base, self.info.today, self.info.owner),
        )
        self.params = house.scenarios.params(story, task)
        self.planting = scenario.planted(conn, house, story, task, seed, self.info.base)
        self.labs = house.labs.for_grading(conn, self.info.base, self.planting.resources, self.info.today)
        self.task = house.scenarios.task(story, task, self.info.shown[task], self.info.seed)
        self.proofs = {
            p.name: p
            for t in house.scenarios.proofs(story, task)
            for p in activity.proofs(self.params, self.planting, t)
        }

    def form(self, name: str) -> dict[str, str]:
        return dict(activity.completed(self.proofs[name].form, self.params, self.chart))

    def grade(self, name: str) -> Any:
        return proofs.grade_form(activity, self.form(name), self.planting, self.chart, self.labs)


@pytest.fixture
def conn(house: House) -> Iterator[Any]:
    with house.db.writing() as conn:
        yield conn


@pytest.mark.parametrize("task", ["hi-length-of-stay", "hi-readmission"])
def test_a_report_is_judged_on_the_real_record(house: House, conn: Any, task: str) -> None:
    """Right answers come to 100, known mistakes to their names, through views, worker and hidden hospitals."""
    ada = Sitting(house, conn, REPORTS, task)
    right = [p.name for p in ada.proofs.values() if p.score == 100]
    assert len(right) >= 4
    for name in right:
        assert ada.grade(name).score == 100, name
    for name in ("mistake utc_dates", "mistake diagnosis_fan_out", "mistake acute_class_forgotten"):
        report = ada.grade(name)
        assert {f.mistake for f in report.findings if f.mistake} == {name.split()[1]}
        assert report.score == pytest.approx(ada.proofs[name].score)


def test_what_is_missed_is_shown_in_her_own_hospital(house: House, conn: Any) -> None:
    """The finding quotes the planted visits by their ids, and those can be read in her chart."""
    ada = Sitting(house, conn, REPORTS, "hi-readmission")
    report = ada.grade("mistake planned_counted")
    quotes = [q for f in report.findings if not f.met for q in f.evidence]
    assert quotes and all("priority" in q.passage for q in quotes)
    for quote in quotes:
        kind, _, id = quote.reference.partition("/")
        assert ada.chart.read(kind, id)["resourceType"] == "Encounter"


def test_a_delivered_report_is_a_valid_resource_that_holds_the_sql(house: House, conn: Any) -> None:
    """What she submitted enters her record, right or wrong, and can be read back word for word."""
    ada = Sitting(house, conn, REPORTS, "hi-length-of-stay")
    form = ada.form("exemplar")
    [resource] = activity.deliver(activity.parse(form), ada.task, ada.chart)
    made = ada.chart.create(resource)
    read = ada.chart.read("DocumentReference", made.id)
    sql = base64.b64decode(read["content"][0]["attachment"]["data"]).decode()
    assert sql == form["sql_report"].strip()
    assert activity.deliver(activity.parse({}), ada.task, ada.chart) == []


def test_the_format_check_says_nothing_about_right_or_wrong(house: House, conn: Any) -> None:
    """A wrong report that is well formed passes; a missing column and a headline of its own are told."""
    ada = Sitting(house, conn, REPORTS, "hi-readmission")
    right, wrong = (
        activity.step("check", ada.form(n), ada.task, ada.chart) for n in ("exemplar", "mistake inner_join")
    )
    assert [m["severity"] for m in right["messages"]] == [m["severity"] for m in wrong["messages"]]
    bad = {**ada.form("exemplar"), "sql_report": "SELECT 1 AS month", "figure": "99"}
    said = activity.step("check", bad, ada.task, ada.chart)
    assert any(m["severity"] == "error" and "index_discharges" in m["text"] for m in said["messages"])


def test_her_own_code_moves_the_pneumonia_bars(house: House, conn: Any) -> None:
    """The starter's last question: a pneumonia code that she put in is counted, and the page knows it."""
    ada = Sitting(house, conn, STARTER, "hi-average-stay-alone")
    chosen = {"measure": "count", "visits": "all", "reason": "pneumonia", "by": "setting"}
    before = activity.step("run-menu", chosen, ada.task, ada.chart)
    assert activity.show(ada.task, ada.chart).effect == "none"
    visit = next(
        e for e in ada.chart.search("Encounter", {"class": "AMB", "_count": "50"}) if e.get("status") == "finished"
    )
    condition = ada.chart.create(
        {
            "resourceType": "Condition",
            "subject": visit["subject"],
            "encounter": {"reference": f"Encounter/{visit['id']}"},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "J18.9"}]},
        }
    )
    ranked = [*visit.get("diagnosis", []), {"condition": {"reference": f"Condition/{condition.id}"}}]
    ada.chart.update({**visit, "diagnosis": ranked})
    after = activity.step("run-menu", chosen, ada.task, ada.chart)
    assert dict(after["rows"]).get("Office", 0) == dict(before["rows"]).get("Office", 0) + 1
    assert before["yours"] == {} and after["yours"] == {"Office": 1}
    assert activity.show(ada.task, ada.chart).effect == "added"
    report = proofs.grade_form(activity, {**chosen, "answer": "added"}, ada.planting, ada.chart, ada.labs)
    assert report.score == 100


def test_the_starter_shows_that_emergency_visits_distort_the_average(house: House, conn: Any) -> None:
    """All visits pull every shared service's average down; inpatient stays put it right."""
    ada = Sitting(house, conn, STARTER, "hi-average-stay-complete")
    every, stays = (
        dict(r[:2] for r in activity.step("run-menu", {"visits": v}, ada.task, ada.chart)["rows"])
        for v in ("all", "inpatient")
    )
    for service in ("Cardiology", "General medicine", "Pulmonology"):
        assert every[service] < stays[service] - 0.5


def test_ada_submits_a_report_and_reads_what_happened(app: Flask) -> None:
    """Over HTTP: desk, check, submit, debrief that names the mistake in words; typing is kept when parsing fails."""
    ada = Person(app).sit_down()
    page = ada.get(f"/task/{REPORTS}/hi-readmission")
    assert 'name="sql_report"' in page and 'name="limit_crude"' in page
    house: House = app.extensions["two_seats"]
    params = house.scenarios.params(REPORTS, "hi-readmission")
    from roles.hi.build_report.definition import Key

    key = Key(params, __import__("datetime").date(2026, 6, 30), ())
    sql = key.sql(next(m for m in params.mistakes if m.name == "ed_as_admission"))
    ada.submit(f"{REPORTS}/hi-readmission", {"sql_report": sql[0], "sql_lines": sql[1], "mark": "bar", "x": "month"})
    assert "Emergency and observation visits were counted as readmissions" in ada.page
    ada.submit(f"{REPORTS}/hi-readmission", {"sql_report": "SELECT 42 AS kept", "figure": "about twelve"}, status=400)
    assert "SELECT 42 AS kept" in ada.page and "about twelve" in ada.page


def test_no_key_is_in_the_page_or_in_what_is_stored_to_be_shown(app: Flask, house: House) -> None:
    """Exemplar, clauses, mistakes, right limits and pattern names stay where no page reads them."""
    ada = Person(app).sit_down()
    for task in ("hi-readmission", "hi-length-of-stay"):
        params = house.scenarios.params(REPORTS, task)
        page = ada.get(f"/task/{REPORTS}/{task}")
        secret = [m.why for m in params.mistakes] + [m.name for m in params.mistakes if "_" in m.name]
        secret += [p for c in params.clauses for p in c.patterns if "_" in p] + [s.sql for s in params.steps]
        secret += ["right_limits", params.chart_key.why]
        assert not [s for s in secret if s in page]
        with house.db.reading() as conn:
            planting = scenario.planted(conn, house, REPORTS, task, 3, 1)
        from pydantic import TypeAdapter

        stored = TypeAdapter(activity.Shown).dump_json(planting.shown).decode() + json.dumps(planting.resources)
        assert not [s for s in secret if s in stored]


def test_a_proof_that_this_file_relies_on_is_there(house: House) -> None:
    """Every HI task ships an exemplar; every report its mistakes."""
    for story, names in ((REPORTS, ["hi-length-of-stay", "hi-readmission"]), (STARTER, ["hi-average-stay-alone"])):
        for name in names:
            assert any(p["name"] == "exemplar" for p in house.scenarios.proofs(story, name))
    assert Proof("x", {}).score is None
