"""Questions by language in the house: planted over the record, asked in the lab's worker, sent and judged over HTTP."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from answers import exemplar, proofs, room_of
from flask import Flask
from houses import Person
from test_roles_hi_analysis_house import chart_of

from roles.hi.analyze_data import activity
from sandbox import scenario
from sandbox.house import House

STORIES = Path(__file__).resolve().parent.parent / "scenarios"
TASKS = {"hi-first-visit": "hi-questions-waits", "hi-sugar-by-language": "hi-questions-hunt"}
SAID = {"hi-first-visit": ("death_as_censoring", "Death was counted as if the waiting went on"),
        "hi-sugar-by-language": ("untested_as_controlled", "The untested were counted as well controlled")}


@pytest.mark.parametrize("task", TASKS)
def test_ada_submits_and_reads_what_happened(app: Flask, house: House, task: str) -> None:
    """The right answer earns 100 in the debrief; a mistake is named in words; a minus sign of any kind is one."""
    ada, story = Person(app).sit_down(), TASKS[task]
    ada.get(f"/task/{story}/{task}")
    info = room_of(house, story)
    mistake, words = SAID[task]
    ada.submit(f"{story}/{task}", next(p for p in proofs(house, info, task) if p.name == f"mistake {mistake}").form)
    assert words in ada.page
    typed = {name: value.replace("-", "−") for name, value in exemplar(house, info, task).items() if name in
             ("figure", "low", "high", "least", "most")}
    ada.submit(f"{story}/{task}", {**exemplar(house, info, task), **typed})
    assert "<b>100 of 100</b>" in ada.page


@pytest.mark.parametrize("task", TASKS)
def test_the_hints_own_query_runs_in_the_lab_and_leads_to_the_figure(app: Flask, house: House, task: str) -> None:
    """Copied from the hint as it stands, refused by no wall; base hospital and planting together."""
    story = TASKS[task]
    Person(app).sit_down().get(f"/task/{story}/{task}")
    info = room_of(house, story)
    hint = (STORIES / story / task / "hints.md").read_text(encoding="utf-8").partition("## Answer")[2]
    (query,) = re.findall(r"`(WITH [^`]+)`", hint)
    with house.db.reading() as conn:
        key = scenario.planted(conn, house, story, task, info.seed, info.base).key
        rows = {row[0]: row[1:] for row in chart_of(house, conn, story).lab.run(query).rows}
    if task == "hi-first-visit":
        (n1, one, se1), (n0, none, se0) = rows["other"], rows["en"]
    else:
        (_, n1, k1), (_, n0, k0) = rows[False], rows[True]
        one, none = k1 / n1, k0 / n0
        se1, se0 = math.sqrt(one * (1 - one) / n1), math.sqrt(none * (1 - none) / n0)
    assert n1 + n0 == key.known.denominator
    form = {"figure": f"{100 * (one - none):.1f}", "denominator": str(n1 + n0), "interval": "se"}
    for name, sign in (("low", -1), ("high", 1)):
        form[name] = f"{100 * (one - none + sign * 1.96 * math.hypot(se1, se0)):.1f}"
    done = activity.parse({**exemplar(house, info, task), **form})
    nothing = activity.Evidence()
    assert activity.grade(done, key, nothing, None).score == 100  # type: ignore[arg-type]


@pytest.mark.parametrize("task", TASKS)
def test_nothing_of_the_key_is_on_the_desk(app: Flask, house: House, task: str) -> None:
    """Whys, mistakes and figures stay where no page reads them; the form check says the same of right and wrong."""
    ada, story = Person(app).sit_down(), TASKS[task]
    page = ada.get(f"/task/{story}/{task}")
    info, params = room_of(house, story), house.scenarios.params(story, task)
    with house.db.reading() as conn:
        key = scenario.planted(conn, house, story, task, info.seed, info.base).key
        brief = house.scenarios.task(story, task, info.shown[task], info.seed)
        chart = chart_of(house, conn, story)
        right, wrong, open_ = (activity.step("check", {**exemplar(house, info, task), **more}, brief, chart)
                               for more in ({}, {"figure": "1.0", "low": "0.5", "high": "2"}, {"most": ""}))
    assert [m["severity"] for m in right["messages"]] == [m["severity"] for m in wrong["messages"]] == ["ok"]
    assert "the bounds" in open_["messages"][0]["text"]
    truth = key.known
    secret = [m.why for m in params.mistakes] + [m.name for m in params.mistakes] + [*params.whys.values(), "right_"]
    secret += [f'value="{end:.1f}"' for end in (*truth.interval(truth.house), *(truth.bounds or ()))]
    assert not [s for s in secret if s in page]
