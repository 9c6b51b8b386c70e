"""The analyst's desk in the house: planted over the record, asked by SQL in the worker, sent and judged over HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from answers import exemplar, proofs, room_of
from flask import Flask
from houses import Person
from pydantic import TypeAdapter

from roles.hi.analyze_data import activity
from sandbox import scenario, workspace
from sandbox.fhir.resources import problems
from sandbox.house import House

TASKS = {"hi-questions-falls": "hi-falls-rising", "hi-questions-clinic": "hi-defect-hunt"}
SAID = {"hi-falls-rising": ("counts_without_days", "Falls were compared without their patient-days"),
        "hi-defect-hunt": ("innocent-bmi-mismatch", "A look-alike was taken for a defect")}


def chart_of(house: House, conn: Any, story: str) -> Any:
    """Ada's record, with its lab."""
    info = room_of(house, story)
    return workspace.Workspace(
        conn, info, workspace.Agent("t", "t"), codes=house.codes, record=False,
        lab=lambda: house.labs.of_workspace(conn, info.ws, info.base, info.today, info.owner))


@pytest.mark.parametrize("story", TASKS)
def test_ada_submits_and_reads_what_happened(app: Flask, house: House, story: str) -> None:
    """The right answer earns 100 in the debrief; a mistake is named in words; typing is kept when parsing fails."""
    ada, task = Person(app).sit_down(), TASKS[story]
    ada.get(f"/task/{story}/{task}")
    info = room_of(house, story)
    mistake, words = SAID[task]
    wrong = next(p for p in proofs(house, info, task) if p.name == f"mistake {mistake}")
    ada.submit(f"{story}/{task}", {**wrong.form, "cell1_sql": "SELECT 42 AS kept"})
    assert words in ada.page
    ada.submit(f"{story}/{task}", exemplar(house, info, task))
    assert "<b>100 of 100</b>" in ada.page
    refused = {"figure": "about two", "find1_column": "patient.mrn", "cell2_sql": "SELECT 43 AS kept"}
    ada.submit(f"{story}/{task}", refused, status=400)
    assert "SELECT 43 AS kept" in ada.page


@pytest.mark.parametrize("story", TASKS)
def test_nothing_of_the_key_is_on_the_desk(app: Flask, house: House, story: str) -> None:
    """Whys, mistakes, right picks, defects and rows at fault stay where no page reads them; nor does the check tell."""
    ada, task = Person(app).sit_down(), TASKS[story]
    page = ada.get(f"/task/{story}/{task}")
    info, params = room_of(house, story), house.scenarios.params(story, task)
    with house.db.reading() as conn:
        key = scenario.planted(conn, house, story, task, info.seed, info.base).key
        chart = chart_of(house, conn, story)
        brief = house.scenarios.task(story, task, info.shown[task], info.seed)
        right, wrong = (activity.step("check", {**exemplar(house, info, task), **more}, brief, chart)
                        for more in ({}, {"verdict": "no-sign", "find1_row": "x1", "find1_kahn": "completeness"}))
    assert [m["severity"] for m in right["messages"]] == [m["severity"] for m in wrong["messages"]]
    secret = [m.why for m in params.mistakes] + [m.name for m in params.mistakes if "_" in m.name]
    secret += [*params.whys.values(), *params.defects, "right_", *(f.why for f in key.faults)]
    secret += [i for f in key.faults for row in f.rows for i in row.ids] + [i.why for i in key.innocents]
    stored = TypeAdapter(activity.Shown).dump_json(activity.Shown(**vars(brief.shown))).decode()
    assert not [s for s in secret if s in page or s in stored or s in json.dumps([right, wrong])]


def test_the_ledger_of_the_workspace_replaces_the_hospitals(app: Flask, house: House) -> None:
    """Her lab has 144 rows of the ledger, as planted and valid; the two wards add up to what is judged."""
    Person(app).sit_down().get("/task/hi-questions-falls/hi-falls-rising")
    info = room_of(house, "hi-questions-falls")
    with house.db.reading() as conn:
        planting = scenario.planted(conn, house, "hi-questions-falls", "hi-falls-rising", info.seed, info.base)
        lab = chart_of(house, conn, "hi-questions-falls").lab
        sums = lab.run("SELECT (SELECT count(*) FROM unit_month), sum(falls), sum(patient_days) FROM unit_month "
                       "WHERE location_id IN ('loc-4e', 'loc-5w') AND month >= DATE '2025-04-01'").rows[0]
        limits = lab.run("SELECT u_high(0.003, 1000), rate_ratio_low(56, 11383, 55, 19381)").rows[0]
    counts = planting.key.truth.counts
    assert sums == (144, counts.k1, counts.n1)
    assert limits == (pytest.approx(0.008196, abs=1e-6), pytest.approx(1.19, abs=0.01))
    assert not [p for one in planting.resources[::12] for p in problems(one, typed=True)]


def test_an_analysis_enters_the_record_as_a_document_that_can_be_read_again(app: Flask, house: House) -> None:
    """Queries, notes and answer, right or wrong; a blank page puts nothing in."""
    ada = Person(app).sit_down()
    form = {"cell1_sql": "SELECT 1 AS one", "cell3_sql": "SELECT 3 AS three", "cell1_note": "why", "figure": "1.2",
            "sentence": "We cannot tell yet."}
    ada.submit("hi-questions-falls/hi-falls-rising", form)
    with house.db.reading() as conn:
        found = chart_of(house, conn, "hi-questions-falls").search("DocumentReference", [("_count", "100000")])
    mine = [one for one in found if one["type"].get("text") == "Analysis"]
    assert len(mine) == 1 and mine[0]["description"] == form["sentence"]
    sql, answer = (base64.b64decode(each["attachment"]["data"]).decode() for each in mine[0]["content"])
    assert "SELECT 1 AS one" in sql and "SELECT 3 AS three" in sql
    assert json.loads(answer)["figure"] == 1.2 and json.loads(answer)["cells"][0]["note"] == "why"
    ada.submit("hi-questions-falls/hi-falls-rising", {})
    with house.db.reading() as conn:
        again = chart_of(house, conn, "hi-questions-falls").search("DocumentReference", [("_count", "100000")])
    assert len(again) == len(found)
