"""Questions for a board in the house: both tasks of a story planted side by side, asked by SQL, judged over HTTP."""

from __future__ import annotations

import re

import pytest
from answers import exemplar, proofs, room_of
from flask import Flask
from houses import Person
from test_roles_hi_analysis_boards import hinted
from test_roles_hi_analysis_house import chart_of

from sandbox import scenario
from sandbox.fhir.resources import problems
from sandbox.house import House

CALLS, BOARD = "hi-questions-calls", "hi-questions-board"
SAID = {
    "hi-calls-readmissions": ("mistake done_against_rest", "Completed calls were compared with everybody else"),
    "hi-ward-mortality": ("mistake complications_adjusted", "Failure that began on the ward was adjusted for"),
    "hi-equity-table": ("mistake sums_give_away", "The totals give away what was held back"),
}


@pytest.mark.parametrize(("story", "tasks"), [
    (BOARD, ("hi-ward-mortality", "hi-equity-table")),
    pytest.param(CALLS, ("hi-calls-readmissions",), marks=pytest.mark.long)])
def test_ada_works_on_a_boards_question_and_reads_what_happened(
        app: Flask, house: House, story: str, tasks: tuple[str, ...]) -> None:
    """In her lab, beside the house's own people, the hint's query is right; a mistake is named; nothing leaks."""
    ada = Person(app).sit_down()
    for task in tasks:
        page = ada.get(f"/task/{story}/{task}")
        info, params = room_of(house, story), house.scenarios.params(story, task)
        with house.db.reading() as conn:
            planting = scenario.planted(conn, house, story, task, info.seed, info.base)
            figure, low, high, people = chart_of(house, conn, story).lab.run(hinted(f"{story}/{task}")).rows[0][:4]
        truth = planting.key.truth
        assert float(figure) == pytest.approx(truth.by("").figure, abs=0.05)
        assert (float(low), float(high)) == pytest.approx(truth.interval(""), abs=0.05) and people == truth.denominator
        assert not [p for one in planting.resources[::400] for p in problems(one, typed=True)]
        secret = [m.why for m in params.mistakes] + [m.name for m in params.mistakes if "_" in m.name]
        assert not [s for s in (*secret, *params.whys.values(), "right_") if s in page]
        name, words = SAID[task]
        ada.submit(f"{story}/{task}", next(p for p in proofs(house, info, task) if p.name == name).form)
        assert words in ada.page
        ada.submit(f"{story}/{task}", exemplar(house, info, task))
        assert "<b>100 of 100</b>" in ada.page
    if story == BOARD:
        ada.submit(f"{story}/hi-equity-table", {"t_2_1": "about forty", "cell2_sql": "SELECT 43 AS kept"}, status=400)
        assert "SELECT 43 AS kept" in ada.page and re.search(r'name="t_2_1"[^>]*value="about forty"', ada.page)
