"""Coding in a whole house: what Ada submits is kept, delivered into her record, judged, and seen there."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import sqlalchemy as sa
from flask import Flask
from houses import Person

from roles.him.code_encounter import proving
from roles.him.code_encounter.work import Coded
from sandbox import attempts, people, scenario, workspace
from sandbox.house import House

CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
STORY, TASK = "him-first-codes", "him-heart-failure"


def submitted(house: House, ada: str, change=lambda codes: codes, story: str = STORY, task: str = TASK):
    """Ada sits down, submits the exemplar as `change` leaves its codes, and it is settled: (attempt, workspace id)."""
    with house.db.writing() as conn:
        info = scenario.sit(conn, house, ada, story)
        key = scenario.planted(conn, house, story, task, info.seed, info.base).key
        chart = workspace.Workspace(conn, info, workspace.Agent(ada, "Ada"), codes=house.codes, record=False)
        answer = proving.whole(key)
        form = proving.form_of(replace(answer, codes=tuple(change(list(answer.codes)))))
        prepared = attempts.prepare(house, chart, task, form)
        attempt = attempts.submit(conn, house, info, ada, task, prepared, f"token-{len(form['codes']):012d}")
    return attempts.settle(house, attempt.id, house.db.reading, house.db.writing), info.id


def record_of(house: House, id: str, kind: str, **params: str):
    """What her record holds."""
    with house.db.reading() as conn:
        info = workspace.info(conn, id)
        chart = workspace.Workspace(conn, info, workspace.Agent("p-test", "Test"), codes=house.codes, record=False)
        return chart.search(kind, params)


def test_ada_codes_the_stay_and_finds_her_codes_in_the_record(house: House):
    """Conditions, the Encounter's ranked diagnoses, a Claim with indicators; a second attempt replaces the first."""
    with house.db.writing() as conn:
        ada = people.guest(conn).id
    attempt, id = submitted(house, ada, lambda codes: [*codes, Coded("J96.01", "Y")])
    assert attempt.report is not None and attempt.report.score == 60
    claim = next(c for c in record_of(house, id, "Claim") if c["id"].startswith("cl-"))
    assert any(d["onAdmission"]["coding"][0]["code"] == "y" for d in claim["diagnosis"] if "onAdmission" in d)
    again, _ = submitted(house, ada)
    assert again.report is not None and again.report.score == 100
    visit = f"Encounter/en-{claim['id'].removeprefix('cl-')}"
    conditions = record_of(house, id, "Condition", encounter=visit)
    states = {c["code"]["coding"][0]["code"]: c["verificationStatus"]["coding"][0]["code"] for c in conditions}
    assert states.pop("J96.01") == "entered-in-error" and set(states.values()) == {"confirmed"}
    [encounter] = record_of(house, id, "Encounter", _id=visit.removeprefix("Encounter/"))
    assert [d["rank"] for d in encounter["diagnosis"]] == list(range(1, len(states) + 1))
    assert json.dumps(encounter["diagnosis"]).count("Condition/dx-") == len(states)
    assert again.number == attempt.number + 1


def test_the_desk_asks_few_questions_and_lists_the_queue(app: Flask, house: House):
    """At most twelve look-ups for the whole record of a stay; the story's other encounters, each with its state."""
    ada = Person(app).sit_down()
    ada.get("/task/him-first-codes/him-heart-failure")
    asked: list[str] = []
    note = lambda *each: asked.append(each[2])  # noqa: E731
    sa.event.listen(house.db.engine, "before_cursor_execute", note)
    ada.get("/task/him-first-codes/him-heart-failure")
    sa.event.remove(house.db.engine, "before_cursor_execute", note)
    looked = [one for one in asked if one.startswith("SELECT")]
    assert 0 < len(looked) <= 12, looked
    ada.submit("him-first-codes/him-belly-pain", {"codes": '[{"code": "R10.31", "poa": "", "spans": []}]'})
    page = ada.get("/task/him-first-codes/him-heart-failure")
    queue = re.search(r'<nav class="queue".*?</nav>', page, re.S)
    assert queue and re.search(r"him-belly-pain.*?submitted", queue[0], re.S)
    assert re.search(r"him-diabetes-visit.*?not started", queue[0], re.S) and 'aria-current="page"' in queue[0]


def test_the_desk_says_the_patients_allergies_as_her_chart_does(app: Flask, house: House):
    """None recorded is said; one that Ada's own client writes stands there at the next look."""
    ada = Person(app).sit_down()
    assert "none recorded" in ada.get(f"/task/{STORY}/{TASK}")
    with house.db.writing() as conn:
        info = next(i for i in workspace.every(conn) if i.scenario == STORY)
        patient = info.shown[TASK]["patient"]
        chart = workspace.Workspace(conn, info, workspace.Agent(info.owner, "Ada"), codes=house.codes)
        chart.create({"resourceType": "AllergyIntolerance", "patient": {"reference": f"Patient/{patient}"},
                      "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
                      "code": {"text": "Penicillin"}, "reaction": [{"manifestation": [{"text": "hives"}]}]})
    assert "Penicillin: hives" in ada.get(f"/task/{STORY}/{TASK}")


def test_the_other_seat_counts_the_operation_the_disposition_and_the_group_that_ada_coded(app: Flask, house: House):
    """Her page opens, her whole answer earns everything, and the lab of her record has a row for each part of it."""
    ada = Person(app).sit_down()
    page = ada.get("/task/him-surgical-stays/him-hip")
    assert "Operative report" in page
    with house.db.writing() as conn:
        guest = people.guest(conn).id
    attempt, id = submitted(house, guest, story="him-surgical-stays", task="him-hip")
    assert attempt.report is not None and attempt.report.score == 100
    with house.db.reading() as conn:
        info = workspace.info(conn, id)
        lab = house.labs.of_workspace(conn, info.ws, info.base, info.today, info.owner)
        mark = info.shown["him-hip"]["encounter"]
        [(disposition,)] = lab.run(f"SELECT disposition FROM encounter WHERE encounter_id = '{mark}'").rows
        [(code,)] = lab.run(f"SELECT code FROM procedure WHERE encounter_id = '{mark}'").rows
        [(drg,)] = lab.run(f"SELECT drg FROM claim WHERE encounter_id = '{mark}'").rows
        led = lab.run("SELECT code, poa FROM claim_diagnosis WHERE claim_id = "
                      f"'{mark.replace('en-', 'cl-')}' AND seq = 1").rows
    assert (disposition in ("03", "62"), code[:3], drg) == (True, "0SR", "522") and led[0][1] == "Y"
