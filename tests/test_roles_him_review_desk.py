"""The reviewer's desk and its doors: what is planted and shown, what is read and refused, what enters the record."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from houses import Person
from review_desk import NOBODY, TASKS, MemoryChart, adding, drawn, made, params_of, rows_of, stored, with_sides

from fixtures.planting.deficiencies import CLEAN, NAMES, rules
from roles.him.review_record import activity, planting, proving
from roles.him.review_record.book import Policy, book, pairs
from roles.him.review_record.papers import LABELS
from roles.him.review_record.rows import SHOWS
from roles.him.review_record.work import MOST_FINDINGS, Filed, Verdict
from sandbox import attempts, people, scenario, workspace
from sandbox.errors import BadPack, BadWork, NotFound
from sandbox.fhir.resources import validate
from sandbox.house import House

STORY, TASK = "him-record-review", "him-first-review"


def test_the_book_knows_every_rule_and_every_pair_of_the_planting() -> None:
    """31 rules with title, clock and where the citation was confirmed; 28 pairs with both known mistakes."""
    entries = book(Policy())
    assert list(entries) == list(rules())
    assert {entry.kind for entry in entries.values()} == {"regulation", "localPolicy"}
    assert all(entry.title and entry.clock and entry.checked and "{" not in entry.clock for entry in entries.values())
    assert set(pairs()) == set(NAMES)
    for name, pair in pairs().items():
        assert {*pair.siblings, *pair.wide, *pair.kin} <= set(entries) and 1 <= pair.severity <= 3, name
    said = [words for pair in pairs().values() for words in (pair.missed, pair.accused)]
    assert len(set(said)) == 2 * len(NAMES), "a mistake is named in one way, and no two alike"


def everything(seed: int) -> Any:
    """Every pair, half of them faulty, both clean charts, a black scan."""
    return made(seed, pairs=tuple(n for n in NAMES if n != "missing-report"), faults=14, clean=tuple(CLEAN),
                open=("missing-report",))


@pytest.mark.parametrize("seed", range(4))
def test_every_pair_can_be_planted_shown_and_answered_in_full(seed: int) -> None:
    """Valid resources, papers with labelled fields, an exemplar of 100; every place of the truth is on the desk."""
    desk = everything(seed)
    assert desk.judge(desk.exemplar).score == 100.0
    for one in desk.planting.resources:
        if one["resourceType"] in ("Consent", "DocumentReference", "Provenance"):
            validate(one)
    for chart, file in zip(desk.key.charts, desk.planting.shown.files, strict=True):
        assert {key for paper in file.papers for key, _ in paper.rows} <= set(LABELS)
        fields = {(paper.ref, key) for paper in file.papers for key in paper.fields}
        assert {(spot.paper, field) for spot in chart.spots for field in spot.fields} <= fields, chart.name
        assert all(spot.fields and spot.passage for spot in chart.spots), chart.name
        assert not chart.rule or chart.spots
        assert chart.answer != "fault" or {*chart.actors} & {one.ref for one in file.people}, chart.name
    assert {field for _, fields in SHOWS.items() for field in fields} <= set(LABELS)


@pytest.mark.parametrize("task", TASKS)
def test_nothing_shown_or_planted_tells_a_fault_from_its_look_alike(task: str) -> None:
    """Ids, order, number and length of papers, number of people: none separates the sides beyond what chance allows."""
    telling = [word for word in (*NAMES, *CLEAN, *rules()) if "-" in word]
    rows, spots, ids = [], Counter(), []
    for seed in range(24):
        desk = drawn(task, seed)
        text = json.dumps(desk.planting.resources) + repr(stored(activity.Shown, desk.planting.shown))
        text = text.replace("StructureDefinition/verbal-order", "")  # the extension: fault and look-alike carry it
        assert not [word for word in ("decoy", "fault", *telling) if word in text.lower()]
        for chart, file in zip(desk.key.charts, desk.planting.shown.files, strict=True):
            if chart.answer != "open":
                rows.append((chart.answer == "fault", len(file.papers), sum(len(repr(p)) for p in file.papers),
                             len(file.people), chart.number))
                spots[chart.number, chart.answer == "fault"] += 1
            ids.append(chart.id)
    assert len(set(ids)) == len(ids), "another seed, other ids"
    for column in range(1, 5):
        best = max(sum((row[column] >= cut) == row[0] for row in rows) for cut in {row[column] for row in rows})
        usual = max(sum(row[0] for row in rows), len(rows) - sum(row[0] for row in rows))
        assert max(best, len(rows) - best) / len(rows) <= max(0.73, usual / len(rows) + 0.12), column
    assert all(spots[number, True] and spots[number, False] for number in range(1, len(desk.key.charts) + 1))


def test_the_same_seed_plants_the_same_and_another_draws_other_sides() -> None:
    """Made again when an attempt is judged; the number of faults stays."""
    params = params_of(TASK)
    assert activity.plant(params, 5, NOBODY) == activity.plant(params, 5, NOBODY)
    draws = [drawn(TASK, seed).key for seed in range(12)]
    assert {len(key.faults) for key in draws} == {3}
    assert len({tuple(chart.name for chart in key.faults) for key in draws}) > 5


@pytest.mark.parametrize(("params", "words"), [
    ({"pairs": ("late-hystory",), "faults": 1}, "late-hystory"),
    ({"pairs": ("late-history",), "faults": 1}, "faults"),
    ({"pairs": ("late-history", "late-summary"), "faults": 0}, "faults"),
    ({"pairs": ("late-history", "old-history"), "faults": 1, "open": ("old-history",)}, "twice"),
    ({"pairs": ("late-history", "old-history"), "faults": 1, "open": ("late-summary",)}, "late-summary"),
])
def test_params_that_cannot_be_drawn_are_refused_by_name(params: dict[str, Any], words: str) -> None:
    """The author reads what to mend."""
    with pytest.raises(BadPack, match=words):
        planting.draw(planting.Params(**params), 0, NOBODY)


def test_the_score_follows_the_policy_and_the_policy_page_says_it() -> None:
    """A signature after 40 hours keeps 72 and breaks 24; without the bridge a brief note is no report."""
    pairs_ = ("verbal-order", "missing-report", "late-history")
    for policy, faulty in ((Policy(72, True), set()), (Policy(25, False), {"verbal-order", "missing-report"})):
        draws = (made(seed, pairs=pairs_, faults=1, clean=("clean-stay",), policy=policy) for seed in range(60))
        desk = next(one for one in draws if one.chart("late-history").answer == "fault")
        assert {chart.name for chart in desk.key.faults} - {"late-history"} == faulty
        assert desk.judge(desk.exemplar).score == 100.0
        view = activity.show(desk.task, MemoryChart(desk.planting.resources))
        assert f"{policy.verbal_order_hours} hours" in dict(view.policies)["HIM-12 Verbal orders"]
        assert ("no brief note" in dict(view.policies)["HIM-07 Operative reports"]) == (not policy.brief_note)
        order = next(rule for rule in view.book if rule.key == "order-authenticated")
        assert f"{policy.verbal_order_hours} hours" in order.says and order.kind == "localPolicy"
    assert "25" in desk.chart("verbal-order").why
    report = desk.chart("missing-report")
    assert report.kinds == ("localPolicy",) and "dictated at once, as the regulation asks" in report.why


def test_every_finding_says_what_shows_it_and_by_which_rule() -> None:
    """Found, missed, accused or spared: evidence of the record, the citation with its kind, never a scolding."""
    for task in TASKS:
        desk = drawn(task, 2)
        sound = next(one for one in desk.key.innocent if one.rule)
        work = adding(desk.exemplar, proving.finding(sound, desk.key))
        for report in (desk.judge(work), desk.form(activity.blank())):
            for finding in report.findings:
                assert finding.why and finding.rule, finding.criterion
                assert finding.rule.startswith(("Regulation: ", "Local policy: ", "A deficiency", "What cannot"))
                assert not any(word in finding.why.lower() for word in ("you should have", "wrong!", "careless"))
        accused = next(f for f in desk.judge(work).findings if f.criterion.startswith("accused:"))
        assert accused.mistake == pairs()[sound.name].accused and accused.evidence and sound.why in accused.why


ROW = {"chart": "en-1", "rule": "history-24h"}


@pytest.mark.parametrize(("field", "value", "words"), [
    ("findings", [ROW] * 10_000, "10,000 findings"),
    ("findings", "x" * 1_000_001, "characters of findings"),
    ("findings", [{"chart": "en-1", "rule": "history-25h"}], "history-25h"),
    ("findings", [{"chart": "en-1"}], "names no rule"),
    ("findings", [{**ROW, "due": "31.02.2026"}], "31.02.2026"),
    ("findings", [{**ROW, "due": "2026-02-31"}], "2026-02-31"),
    ("findings", [{**ROW, "document": "DocumentReference/a", "field": "colour"}], "colour"),
    ("findings", [{**ROW, "field": "text"}], "text"),
    ("findings", [{**ROW, "kind": "law"}], "law"),
    ("findings", [{"rule": "history-24h"}], "names no chart"),
    ("verdicts", {"en-1": "guilty"}, "guilty"),
    ("verdicts", {"en-1": {"verdict": "ask", "ask": "<b>"}}, "Whom to ask"),
    ("verdicts", [1], "verdicts"),
])
def test_what_cannot_be_read_is_refused_with_what_to_do(field: str, value: Any, words: str) -> None:
    """Ten thousand findings, an unknown rule, a day that is none: a message and a hint, never an error."""
    with pytest.raises(BadWork) as refusal:
        activity.parse({field: value if isinstance(value, str) else json.dumps(value)})
    assert words in refusal.value.message and refusal.value.hint and refusal.value.field == field


def test_a_paper_of_another_chart_or_of_none_is_refused() -> None:
    """Evidence is frozen with the attempt: what is not in the chart cannot be pointed to."""
    desk = drawn(TASK)
    chart = MemoryChart(desk.planting.resources)
    one, other = desk.key.faults[:2]
    wrong = replace(proving.finding(one, desk.key), document=other.spots[0].paper, field="written")
    for filed in (wrong, replace(wrong, document="DocumentReference/nowhere"), replace(wrong, document="Group/x")):
        with pytest.raises(BadWork, match="not in its chart"):
            activity.evidence(adding(desk.exemplar, filed), chart)
    with pytest.raises(BadWork, match="not here"):
        activity.evidence(adding(desk.exemplar, Verdict("en-nobody", "none")), chart)


def test_the_check_says_what_is_open_and_nothing_about_right_or_wrong() -> None:
    """The same words for a right and a wrong answer of the same shape; nothing where all is filled in."""
    desk = drawn(TASK)
    chart = MemoryChart(desk.planting.resources)
    assert activity.step("check", proving.form_of(desk.exemplar), desk.task, chart) == {"messages": []}
    wrong = replace(desk.exemplar, findings=tuple(
        replace(one, rule="do-not-use", due="2020-01-01") for one in desk.exemplar.findings))
    assert activity.step("check", proving.form_of(wrong), desk.task, chart) == {"messages": []}
    bare = json.dumps([{"chart": desk.key.charts[0].id, "rule": "retention"}])
    said = activity.step("check", {"findings": bare}, desk.task, chart)["messages"]
    assert said[0]["text"] == "No verdict yet: chart 2, 3, 4, 5, 6."
    assert "no document, no field, no kind of rule, no who must act, no due date" in said[1]["text"]
    with pytest.raises(NotFound):
        activity.step("peek", {}, desk.task, chart)


def test_a_chart_as_seen_holds_each_planted_word_and_four_searches_are_enough() -> None:
    """Patients, stays, documents and forms are read from the record; fifteen charts cost what six do."""
    for task in (TASK, "him-board-of-fifteen"):
        desk = drawn(task)
        chart = MemoryChart(desk.planting.resources)
        view = activity.show(desk.task, chart)
        assert chart.searches <= 4 and len(view.charts) == len(desk.key.charts)
        texts = [paper["text"] for one in view.charts for paper in one["papers"]
                 if paper["ref"].startswith("DocumentReference/")]
        assert all(texts) and view.as_of == "2026-06-30" and view.day == "30 Jun 2026"


# --- in a whole house ------------------------------------------------------------------------------------------------


def record_of(house: House, id: str, kind: str, **params: str) -> list[dict[str, Any]]:
    """What her record holds."""
    with house.db.reading() as conn:
        info = workspace.info(conn, id)
        chart = workspace.Workspace(conn, info, workspace.Agent("p-test", "Test"), codes=house.codes, record=False)
        return chart.search(kind, params)


def submitted(house: House, ada: str, change: Any, token: str) -> tuple[Any, str]:
    """Ada submits the exemplar as `change` leaves it, and it is settled: (attempt, workspace id)."""
    with house.db.writing() as conn:
        info = scenario.sit(conn, house, ada, STORY)
        key = scenario.planted(conn, house, STORY, TASK, info.seed, info.base).key
        chart = workspace.Workspace(conn, info, workspace.Agent(ada, "Ada"), codes=house.codes, record=False)
        prepared = attempts.prepare(house, chart, TASK, proving.form_of(change(proving.exemplar(key))))
        attempt = attempts.submit(conn, house, info, ada, TASK, prepared, token * 20)
    return attempts.settle(house, attempt.id, house.db.reading, house.db.writing), info.id


def test_what_ada_files_becomes_work_in_the_record_that_the_other_seat_counts(house: House) -> None:
    """Task with code, owner and due date, in the lab's table too; a later attempt replaces and cancels."""
    with house.db.writing() as conn:
        ada = people.guest(conn).id
    attempt, id = submitted(house, ada, lambda work: work, "a")
    assert attempt.report.score == 100.0
    tasks = {one["id"]: one for one in record_of(house, id, "Task") if one["id"].startswith("review-")}
    assert len(tasks) == 3
    for one in tasks.values():
        assert one["code"]["coding"][0]["code"] == "deficiency" and one["status"] == "accepted"
        assert one["owner"]["reference"].startswith("Practitioner/") and one["restriction"]["period"]["end"]
    with house.db.reading() as conn:
        info = workspace.info(conn, id)
        lab = house.labs.of_workspace(conn, info.ws, info.base, info.today, info.owner)
        table = lab.run("SELECT status, count(*), count(owner), count(due_at) FROM task WHERE code = 'deficiency' "
                        "AND task_id LIKE 'review-%' GROUP BY status")
    assert [tuple(row) for row in table.rows] == [("accepted", 3, 3, 3)]
    again, _ = submitted(house, ada, lambda work: replace(work, findings=work.findings[1:]), "b")
    assert again.number == 2 and again.report.score < 100
    states = Counter(one["status"] for one in record_of(house, id, "Task") if one["id"].startswith("review-"))
    assert states == {"accepted": 2, "cancelled": 1}


def test_the_desk_of_fifteen_charts_is_light_and_asks_few_questions(app: Flask, house: House) -> None:
    """At most 150 KB compressed with its script and style, at most twelve queries."""
    ada = Person(app).sit_down()
    path = f"/task/{STORY}/him-board-of-fifteen"
    ada.get(path)
    asked: list[str] = []
    listen = ("before_cursor_execute", lambda *event: asked.append(event[2]))
    sa.event.listen(house.db.engine, *listen)
    try:
        page = ada.get(path)
    finally:
        sa.event.remove(house.db.engine, *listen)
    assert len([one for one in asked if one.startswith("SELECT")]) <= 12, Counter(asked).most_common(20)
    parts = [page, *(ada.client.get(f"/role/him/review_record/page.{kind}").text for kind in ("js", "css"))]
    assert sum(len(gzip.compress(part.encode())) for part in parts) <= 150_000


def test_a_page_that_comes_back_with_a_reason_still_holds_her_work(app: Flask, house: House) -> None:
    """A paper of another chart: 400, the reason, and every finding in its field."""
    ada = Person(app).sit_down()
    ada.get(f"/task/{STORY}/{TASK}")
    with house.db.reading() as conn:
        info = next(one for one in workspace.every(conn) if one.scenario == STORY)
        key = scenario.planted(conn, house, STORY, TASK, info.seed, info.base).key
    one, other = key.faults[:2]
    verdicts, findings = rows_of(proving.exemplar(key))
    findings.append({"chart": one.id, "rule": "retention", "document": other.spots[0].paper, "field": "written"})
    form = {"verdicts": json.dumps(verdicts), "findings": json.dumps(findings)}
    ada.submit(f"{STORY}/{TASK}", form, status=400)
    assert "not in its chart" in ada.page and "What you wrote is still here" in ada.page
    for row in findings:
        assert row["chart"] in ada.page and row["rule"] in ada.page
    ada.submit(f"{STORY}/{TASK}", {**form, "findings": json.dumps(findings[:-1])})
    assert "100 of 100" in ada.page


def test_a_known_slip_is_named_in_the_debrief_with_what_clears_the_chart(app: Flask, house: House) -> None:
    """Ada accuses a look-alike: her debrief names the slip, quotes the paper, and cites the rule."""
    desk = with_sides(TASK, late_summary="clean")
    sound = desk.chart("late-summary")
    report = desk.judge(adding(desk.exemplar, Filed(sound.id, sound.rule)))
    finding = next(f for f in report.findings if f.mistake)
    assert finding.mistake == "counted the deadline in UTC instead of the hospital's own time"
    assert "23:59" in finding.evidence[0].passage and "482.24(c)(4)(viii)" in finding.rule
    assert MOST_FINDINGS >= 4 * 15
