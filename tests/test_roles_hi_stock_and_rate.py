"""Two stories, two seats each: a bill that waits for codes, a record that waits for a signature, both counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from answers import proofs, room_of
from coding_desk import MemoryChart
from flask import Flask
from houses import Person
from report_counts import delinquent, unbilled
from test_roles_hi_record import Sitting

from roles.him.code_encounter import account, proving
from roles.him.code_encounter import activity as code_encounter
from roles.him.code_encounter.planting import Params
from roles.him.code_encounter.work import Asked, Work
from sandbox import scenario
from sandbox.activity import BadPack, rows_as_multiset
from sandbox.fhir import store
from sandbox.house import House

UNBILLED = ("hi-unbilled", "him-stay-that-waits", "hi-unbilled-days")
RECORDS = ("hi-whole-records", "him-still-lacking", "hi-delinquent-records")
Rows = list[tuple[Any, ...]]


@pytest.fixture
def conn(house: House) -> Iterator[Any]:
    with house.db.writing() as conn:
        yield conn


def counted(ada: Sitting) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the report's right queries come to in her lab: rows of the report and of the list, by their first column."""
    form = ada.form("exemplar")
    report, lines = (ada.chart.lab.run(form[name]).rows for name in ("sql_report", "sql_lines"))
    return {row[0]: row for row in report}, {row[0]: row for row in lines}


def hand_in(house: House, conn: Any, ada: Sitting, story: tuple[str, str, str], proof: str) -> Any:
    """The HIM task done with a proof's form and delivered into her record; its key."""
    name, him, _ = story
    activity = house.scenarios.activity(name, him)
    planting = scenario.planted(conn, house, name, him, ada.info.seed, ada.info.base)
    params = house.scenarios.params(name, him)
    forms = {p.name: p.form for t in house.scenarios.proofs(name, him) for p in activity.proofs(params, planting, t)}
    task = house.scenarios.task(name, him, ada.info.shown[him], ada.info.seed)
    form = activity.blank() if proof == "blank" else forms[proof]
    for resource in activity.deliver(activity.parse(form), task, ada.chart):
        ada.chart.update(resource)
    return planting.key


def second_count(conn: Any, ada: Sitting, count: Any) -> None:
    """Her own tables as the key counts them, against plain Python over every resource of her record."""
    held = {(r["resourceType"], r["id"]): r for r in map(orjson.loads, store.texts(conn, ada.info.base))}
    held |= {(r["resourceType"], r["id"]): r for r in map(orjson.loads, store.texts(conn, ada.info.ws))}
    form = ada.form("exemplar")
    for name, result, mine in zip(("sql_report", "sql_lines"), (ada.params.report, ada.params.lines),
                                  count(held.values()), strict=True):
        table = ada.chart.lab.run(form[name])
        names = [f.name for f in result.fields]
        theirs = rows_as_multiset(table.columns, table.rows, result.shape)
        plain = rows_as_multiset(names, mine, result.shape)
        assert theirs is not None and plain is not None and result.shape.same(plain, theirs), name


def test_a_stay_that_she_codes_leaves_the_unbilled_and_stays_in_the_revenue(house: House, conn: Any) -> None:
    """One account and its dollars fewer among inpatients, revenue as before; codes taken back, it waits again."""
    ada = Sitting(house, conn, UNBILLED[0], UNBILLED[2])
    visit = ada.info.shown[UNBILLED[1]]["encounter"]
    before, listed = counted(ada)
    waiting = float(listed[visit][2])
    assert listed[visit][1] == "Inpatient" and waiting == float(listed[visit][3]) > 10_000
    hand_in(house, conn, ada, UNBILLED, "exemplar")
    after, listed = counted(ada)
    assert {s: row for s, row in before.items() if s != "Inpatient"} == {
        s: row for s, row in after.items() if s != "Inpatient"}
    old, new = before["Inpatient"], after["Inpatient"]
    assert old[1] - new[1] == 1 and float(old[2] - new[2]) == waiting and old[3] == new[3] and new[4] < old[4]
    assert float(listed[visit][2]) == 0 and float(listed[visit][3]) == waiting
    assert ada.grade("exemplar").score == 100
    states = ada.chart.lab.run(f"SELECT DISTINCT status FROM charge_item WHERE encounter_id = '{visit}'").rows
    assert list(states) == [("billed",)]
    second_count(conn, ada, unbilled)
    hand_in(house, conn, ada, UNBILLED, "blank")
    assert counted(ada)[0] == before


def test_wrong_codes_take_the_account_off_the_list_as_well(house: House, conn: Any) -> None:
    """The list cannot tell a right bill from a wrong one: that is said in the brief, and so it is."""
    rows = []
    for proof in ("exemplar", "mistake-combination-split"):
        ada = Sitting(house, conn, UNBILLED[0], UNBILLED[2])
        hand_in(house, conn, ada, UNBILLED, proof)
        rows.append(counted(ada)[0])
    assert rows[0] == rows[1]


def test_what_she_files_makes_records_delinquent_and_what_she_withdraws_does_not(house: House, conn: Any) -> None:
    """As many records due; each chart with a deficiency, of a note, an order or a summary, turns from in time to
    delinquent; one accused without ground does too, until a later review withdraws it."""
    ada = Sitting(house, conn, RECORDS[0], RECORDS[2], 3)
    before, listed = counted(ada)
    key = hand_in(house, conn, ada, RECORDS, "exemplar")
    faulty = {chart.id for chart in key.faults}
    assert len(faulty) == 2 and all(listed[id][2:] == (0, 0) for id in faulty)
    after, listed = counted(ada)
    assert all(listed[id][2:] == (1, None) for id in faulty)
    assert all(listed[chart.id][2:] == (0, 0) for chart in key.charts if chart.id not in faulty)
    assert total(before, 1) == total(after, 1) and total(before, 3) == total(after, 3)
    assert total(before, 2) - total(after, 2) == 2 == total(after, 4) - total(before, 4)
    assert ada.grade("exemplar").score == 100
    second_count(conn, ada, delinquent)
    hand_in(house, conn, ada, RECORDS, "mistake-utc")
    assert total(counted(ada)[0], 4) == total(before, 4) + 3
    hand_in(house, conn, ada, RECORDS, "exemplar")
    assert counted(ada)[0] == after


@pytest.mark.parametrize("seed", range(3))
def test_every_deficiency_that_can_be_drawn_is_one_that_the_report_can_see(
    house: House, conn: Any, seed: int
) -> None:
    """An order is no document: a deficiency about it is filed on its stay and names the order."""
    ada = Sitting(house, conn, RECORDS[0], RECORDS[2], seed)
    key = hand_in(house, conn, ada, RECORDS, "exemplar")
    filed = [t for t in ada.chart.search("Task", {"code": "deficiency"}) if t["id"].startswith("review-")]
    orders = [t for t in filed if "reasonReference" in t]
    assert {t["encounter"]["reference"] for t in filed} == {f"Encounter/{chart.id}" for chart in key.faults}
    assert len(orders) == sum(chart.name == "verbal-order" for chart in key.faults)
    assert all(t["focus"] == t["encounter"] and "MedicationRequest/" in str(t["reasonReference"]) for t in orders)
    ids = ", ".join(f"'{chart.id}'" for chart in key.faults)
    seen = ada.chart.lab.run(f"SELECT encounter_id FROM ({ada.form('exemplar')['sql_lines']}) WHERE encounter_id IN "
                             f"({ids}) AND deficiencies = 1 AND days IS NULL").rows
    assert len(seen) == len(key.faults)


def test_an_account_waits_while_a_question_is_open_and_comes_back_as_it_was() -> None:
    """A bill for codes without questions; a question, or no code, and the account is what it was when planted."""
    planting = code_encounter.plant(Params("heart-and-kidneys", account=True), 4, MemoryChart())
    chart, shown = MemoryChart(planting.resources), planting.shown
    whole = proving.whole(planting.key)
    asking = replace(whole, queries=(Asked("cause", "anaemia"),))
    planted = chart.read("Account", shown.account)
    for waits in (asking, Work()):
        assert account.carried(waits, shown, chart) == []
    billed = account.carried(whole, shown, chart)[0]
    assert billed["status"] == "inactive" and "2026-06-30T08:00:00-05:00" in str(billed["extension"])
    chart.held["Account", shown.account] = billed
    assert account.carried(whole, shown, chart) == []
    for waits in (asking, Work()):
        assert account.carried(waits, shown, chart)[0] == planted
    del chart.held["Account", shown.account]
    assert account.carried(whole, shown, chart) == [], "she may have deleted it"
    with pytest.raises(BadPack, match="ankle"):
        code_encounter.plant(Params("ankle", account=True), 4, MemoryChart())


def total(rows: dict[str, Any], column: int) -> int:
    """The sum of one column over all rows of a report."""
    return sum(int(row[column]) for row in rows.values())


@pytest.mark.parametrize("story", [UNBILLED, pytest.param(RECORDS, marks=pytest.mark.long)])
def test_ada_sits_in_both_seats_of_one_workspace_and_a_reset_undoes_it(
    app: Flask, house: House, story: tuple[str, str, str]
) -> None:
    """By her browser: HIM's work, then HI's report at full marks on what it left, her table another; reset, as at the
    beginning; the reset undone, her work again."""
    name, him, hi = story
    ada = Person(app).sit_down()
    ada.get(f"/task/{name}/{hi}")
    room = room_of(house, name)

    def rows() -> Rows:
        sql = form(hi)["sql_report"]
        answer = ada.client.post(f"/lab/{room.id}/run", json={"sql": sql}, headers={"X-CSRFToken": ada.csrf()})
        return sorted(map(tuple, answer.get_json()["rows"]))

    def form(task: str) -> dict[str, str]:
        return dict(next(p for p in proofs(house, room_of(house, name), task) if p.name == "exemplar").form)

    before = rows()
    assert "100" in ada.get(ada.submit(f"{name}/{him}", form(him)))
    after = rows()
    assert after != before
    assert "100" in ada.get(ada.submit(f"{name}/{hi}", form(hi)))
    ada.post(f"/reset/{room.id}")
    assert rows() == before
    ada.post(f"/reset/{room.id}", undo="1")
    assert rows() == after
