"""One story, two seats: what is coded in the one is counted in the other, on the real record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from test_roles_hi_record import Sitting

from sandbox import scenario
from sandbox.house import House

STORY, CODING, INDEX = "hi-case-mix", "him-stay-to-weigh", "hi-case-mix-index"


@pytest.fixture
def conn(house: House) -> Iterator[Any]:
    with house.db.writing() as conn:
        yield conn


def forms(house: House, conn: Any, base: int, seed: int) -> dict[str, Any]:
    """The HIM task's proofs at a seed, as forms."""
    activity = house.scenarios.activity(STORY, CODING)
    planting = scenario.planted(conn, house, STORY, CODING, seed, base)
    params = house.scenarios.params(STORY, CODING)
    return {p.name: p.form for t in house.scenarios.proofs(STORY, CODING) for p in activity.proofs(params, planting, t)}


def coded(house: House, conn: Any, ada: Sitting, proof: str) -> str:
    """The HIM task done with a proof's form, its work delivered into her record; the visit's id."""
    activity = house.scenarios.activity(STORY, CODING)
    task = house.scenarios.task(STORY, CODING, ada.info.shown[CODING], ada.info.seed)
    form = forms(house, conn, ada.info.base, ada.info.seed)[proof]
    for resource in activity.deliver(activity.parse(form), task, ada.chart):
        ada.chart.update(resource)
    return str(task.shown.encounter)


def test_a_stay_that_she_codes_moves_from_the_uncoded_into_the_index(house: House, conn: Any) -> None:
    """June has the same discharges, one more coded and one fewer uncoded; the weight is the group's; her headline is
    judged by the record as it is for her, before and after."""
    ada = Sitting(house, conn, STORY, INDEX)
    form = ada.form("exemplar")
    before = {row[0]: row for row in ada.chart.lab.run(form["sql_report"]).rows}
    assert ada.grade("exemplar").score == 100
    visit = coded(house, conn, ada, "exemplar")
    after = {row[0]: row for row in ada.chart.lab.run(form["sql_report"]).rows}
    june = "2026-06"
    assert {m: row for m, row in before.items() if m != june} == {m: row for m, row in after.items() if m != june}
    assert [after[june][n] - before[june][n] for n in (1, 2, 3)] == [0, 1, -1]
    line = next(row for row in ada.chart.lab.run(form["sql_lines"]).rows if row[0] == visit)
    assert line[1] == june and line[2] and float(after[june][4] - before[june][4]) == pytest.approx(float(line[3]))
    assert ada.grade("exemplar").score == 100


def test_a_code_that_the_record_does_not_support_makes_the_index_heavier(house: House, conn: Any) -> None:
    """What the story is about: the dietitian's diagnosis, coded, weighs more than the stay does."""
    ada = Sitting(house, conn, STORY, INDEX, 6)  # of its variants, one in which nothing else is a major complication
    weights = []
    for proof in ("exemplar", "mistake-dietitian"):
        visit = coded(house, conn, ada, proof)
        lines = ada.chart.lab.run(ada.form("exemplar")["sql_lines"]).rows
        weights.append(next(float(row[3]) for row in lines if row[0] == visit))
    assert weights[1] > weights[0]
