"""The access desk in a house: what its page costs, what panel and log show, what it leaves behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import houses
import pytest
import sqlalchemy as sa
from houses import Person

from roles.him.audit_access import activity, desk, log
from sandbox import workspace
from sandbox.activity import BadInput, NotFound
from sandbox.app import create_app
from sandbox.fhir import store
from sandbox.fhir.versions import version
from sandbox.house import House
from sandbox.report import as_json
from sandbox.scenario import opening

STORY, TASK = "him-access-fortnight", "him-two-weeks"


@pytest.fixture(scope="module")
def house(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all of these."""
    opened = houses.open_copy(built, tmp_path_factory.mktemp("access") / "data")
    yield opened
    opened.labs.close()
    opened.db.close()


@contextmanager
def sitting(house: House, story: str, task: str, seed: int = 3) -> Iterator[tuple[Any, Any]]:
    """(planting, chart) of one task at one seed; nothing is kept."""
    with house.db.writing() as conn:
        base = store.default_hospital(conn)
        assert base is not None
        made = opening.planted(conn, house, story, task, seed, base.ws)
        shown = {task: as_json(activity.Shown).dump_python(made.shown, mode="json")}
        info = workspace.open(conn, owner="p-ada", base=base.ws, seed=seed, scenario=story, shown=shown,
                              resources=made.resources)
        yield made, workspace.Workspace(
            conn, info, workspace.Agent("p-ada", "Ada", "learner"), codes=house.codes, record=False,
            lab=lambda: house.labs.of_workspace(conn, info.ws, info.base, info.today, info.owner))
        conn.rollback()


@pytest.mark.parametrize(("story", "task"), [
    ("him-access-morning", "him-first-flags"), ("him-access-morning", "him-one-chart-many-eyes"),
    ("him-access-fortnight", "him-street-and-names"), (STORY, TASK)])
def test_what_decides_stands_in_the_panel_of_an_event_of_the_lead(house: House, story: str, task: str) -> None:
    """One click from the event: every place that the truth names, for guilty and innocent alike."""
    with sitting(house, story, task) as (made, chart):
        for one in made.key.leads:
            shown = next(lead for lead in made.shown.leads if lead.id == one.id)
            found = {f"AuditEvent/{event}" for event in shown.events}
            for event in shown.events[:45]:
                if set(one.places) <= found:
                    break
                panel = desk.links({"event": event}, chart)["links"]
                found |= {fact["ref"] for link in panel for fact in link["facts"]}
            assert set(one.places) <= found, (one.story, one.guilty)


@pytest.mark.parametrize("seeds", [4, pytest.param(20, marks=pytest.mark.long)])
def test_stories_of_one_scenario_stand_in_one_workspace(house: House, seeds: int) -> None:
    """Several seeds, twenty in the long tier: two tasks may need the same shift, and then it is one."""
    with house.db.reading() as conn:
        base = store.default_hospital(conn)
        assert base is not None
        for story in ("him-access-morning", STORY):
            for seed in range(seeds):
                plantings = opening.plant_all(conn, house, story, seed, base.ws)  # BadPack where two clash
                rows = opening.resources_of(plantings)
                assert len({(one["resourceType"], one["id"]) for one in rows}) == len(rows)
                assert len(plantings) == 2


def test_the_log_is_paged_filtered_and_grouped_on_the_server(house: House) -> None:
    """Fifty a page; a search is one request and as many events as people it returned; odd filters are refused."""
    with sitting(house, "him-access-fortnight", "him-street-and-names") as (made, chart):
        whole = log.events({}, chart)
        assert len(whole["rows"]) == log.PAGE and whole["pages"] == -(-whole["total"] // log.PAGE)
        last = log.events({"page": str(whole["pages"] - 1)}, chart)
        assert 0 < len(last["rows"]) <= log.PAGE and last["rows"][0] not in whole["rows"]
        searches = log.events({"action": "E", "group": "request_id"}, chart)
        assert any(row["events"] == 5 and row["requests"] == 1 for row in searches["rows"])
        assert sum(row["events"] for row in log.events({"group": "hour"}, chart)["rows"]) <= whole["total"]
        names = next(one for one in made.key.leads if one.story == "names-searched" and one.guilty)
        shown = next(one for one in made.shown.leads if one.id == names.id)
        assert shown.charts == 40 and shown.acts == 8
        mine = desk.step("lead", {"lead": shown.id}, _task(made), chart, activity.parse({}))
        assert mine["total"] == 40
        day = log.heat({"day": "2026-06-18"}, chart)
        assert day["rows"] and any(row["duty"] for row in day["rows"])
        for form in ({"words": "x'; DROP TABLE audit_event; --"}, {"day": "soon"}, {"group": "secret"}):
            with pytest.raises(BadInput) as problem:
                log.events(form, chart)
            assert problem.value.hint
        assert log.events({"words": "O'Hara"}, chart)["total"] >= 0
        with pytest.raises(NotFound):
            desk.links({"event": "nobody"}, chart)


def _task(made: Any) -> Any:
    return type("Held", (), {"shown": made.shown})()


def test_the_page_asks_few_questions_and_is_small(house: House) -> None:
    """At most twelve queries and 150 KB compressed, whatever the log holds."""
    import gzip

    ada = Person(create_app(house=house)).sit_down()
    ada.get(f"/task/{STORY}/{TASK}")  # the workspace is opened, the tables are laid out
    asked: list[str] = []

    def hear(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            asked.append(statement)

    sa.event.listen(house.db.engine, "before_cursor_execute", hear)
    page = ada.get(f"/task/{STORY}/{TASK}")
    sa.event.remove(house.db.engine, "before_cursor_execute", hear)
    assert len(asked) <= 12, asked
    folder = Path(activity.__class__.__module__.replace(".", "/"))
    script = (Path(__file__).parent.parent / folder / "page.js").read_text()
    assert len(gzip.compress((page + script).encode())) < 150_000


def test_ada_closes_her_cases_and_the_other_seat_counts_them(house: House) -> None:
    """Each case is a piece of work in her record, with its verdict and without a patient."""
    ada = Person(create_app(house=house)).sit_down()
    page = ada.get("/task/him-access-morning/him-first-flags")
    leads = json.loads(page.split('id="leads">')[1].split("</script>")[0])
    assert len(leads) == 4
    assert ada.submit("him-access-morning/him-first-flags", {
        "cases": json.dumps({one["id"]: {"verdict": "interview"} for one in leads}), "reasons": "{}"})
    assert "One verdict was given to every case" in ada.page
    with house.db.reading() as conn:
        texts = [row.text for row in conn.execute(sa.select(version.c.text).where(
            version.c.kind == "Task", version.c.text.contains("Access audit")))]
    assert len(texts) == 4 and not any("Patient/" in text for text in texts)
