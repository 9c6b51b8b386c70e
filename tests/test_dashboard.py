"""Saved reports: kept, run again when the record changes, bounded, taken away, and shown to one's own class alone."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
import sqlalchemy as sa
from answers import exemplar, room_of
from flask import Flask
from houses import Person, instructor
from hypothesis import given
from hypothesis import strategies as st

from sandbox import audit
from sandbox.db import Database
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.house import House
from sandbox.workspace import dashboard
from sandbox.workspace.dashboard import Look
from sandbox.workspace.headline import headline

STORY, TASK = "first-half-hour", "him-cough"
FRAGILE = "SELECT CASE WHEN (SELECT count(*) FROM condition) > {} THEN error('There is more now') ELSE 1 END AS codes"
COUNT = ("SELECT left(code, 1) AS chapter, count(*) AS codes, count(DISTINCT patient_id) AS people "
         "FROM condition GROUP BY 1")
LOOK = {"mark": "bar", "x": "chapter", "y": "codes", "label": "Codes a person", "numerator": "codes",
        "denominator": "people", "note": "Codes, not illnesses."}


@pytest.fixture
def ada(app: Flask) -> Person:
    ada = Person(app).sit_down()
    ada.get(f"/task/{STORY}/{TASK}")
    return ada


@pytest.fixture
def room(ada: Person, house: House) -> str:
    return room_of(house, STORY).id


def save(person: Person, room: str, status: int = 200, **changes: Any) -> Any:
    """Save a report as the desk does."""
    body = {"title": "Codes by chapter", "sql": COUNT, "look": LOOK, **changes}
    answer = person.client.post(f"/dashboard/{room}/save", json=body, headers={"X-CSRFToken": person.csrf()})
    assert answer.status_code == status, answer.text[:500]
    return answer.get_json(silent=True)


def figure(page: str) -> tuple[str, str]:
    """The headline of a page's first card, and what it was divided from."""
    found = re.search(r'class="figure">([^<]+)</b>.*?<p class="small mid mb2">([^;<]+)', page, re.DOTALL)
    assert found, page[-3000:]
    return html.unescape(found[1]), html.unescape(found[2]).strip()


def test_a_saved_report_follows_the_record(ada: Person, room: str, house: House) -> None:
    """Its card has chart, headline with numerator and denominator, note, table and query; a code that she adds in the
    HIM seat is in it when she looks again, and her queries are in her trail. One that fails on the record as it is
    then keeps its card, with the reason in the figures' place."""
    said = save(ada, room)
    assert (said["count"], said["most"]) == (1, 24) and said["address"].startswith(f"/dashboard/{room}#r-")
    count = {"json": {"sql": "SELECT count(*) FROM condition"}, "headers": {"X-CSRFToken": ada.csrf()}}
    now = ada.client.post(f"/lab/{room}/run", **count).get_json()
    save(ada, room, title="Fragile", sql=FRAGILE.format(now["rows"][0][0]))
    page = ada.get(f"/dashboard/{room}")
    before = figure(page)
    chart = html.unescape(re.search(r'data-chart="([^"]+)"', page)[1])  # type: ignore[index]
    assert '"mark":"bar"' in chart and "Codes, not illnesses." in page and "GROUP BY 1" in page
    assert "on the record as it is now" in page and "does not run" not in page
    up, down = (int(part.replace(",", "")) for part in before[1].split(" ÷ "))
    assert before[0] == f"{up / down:.1f}"
    with house.db.reading() as conn:
        asked = len(audit.read(conn, room))
    assert figure(ada.get(f"/dashboard/{room}")) == before
    with house.db.reading() as conn:
        assert len(audit.read(conn, room)) == asked, "what has not changed is not run again"
    ada.submit(f"{STORY}/{TASK}", exemplar(house, room_of(house, STORY), TASK))
    page = ada.get(f"/dashboard/{room}")
    assert int(figure(page)[1].split(" ÷ ")[0].replace(",", "")) > up
    assert "It does not run on the record as it is now" in page and "There is more now" in page
    with house.db.reading() as conn:
        assert audit.read(conn, room)[-2].query == COUNT and audit.verify(conn, room) is None


def test_what_cannot_be_saved_is_said_and_what_can_is_written_over_and_taken_away(ada: Person, room: str) -> None:
    """A query that does not run, no title, too long, no such kind of value: each its sentence.
    A title saved again is one card with the newer query; what is taken away is gone, and cannot be taken away twice."""
    assert save(ada, room, sql="SELECT nothing FROM patient")["problem"]["line"] == 1
    assert save(ada, room, sql="DROP TABLE patient")["problem"]["kind"] == "refused"
    for changes in ({"title": " \u200b "}, {"title": "x" * 121}, {"sql": COUNT + " " * 20_000},
                    {"look": {"mark": "pie"}}, {"look": {"scale": "100"}}, {"look": {"digits": 9}}, {"look": None},
                    {"title": 3},
                    {"look": {"x": "x" * 201}}, {"look": {"note": "x" * 2001}}, {"look": {"scale": -1}}):
        assert save(ada, room, 400, **changes)["message"]
    assert "Nothing is saved here yet" in ada.get(f"/dashboard/{room}")
    save(ada, room, title="<script>alert(1)</script>", look={**LOOK, "x": "no such column", "numerator": "chapter"})
    page = ada.get(f"/dashboard/{room}")
    assert "<script>alert" not in page and "data-chart" not in page and 'class="figure"' not in page
    save(ada, room)
    said = save(ada, room, sql="SELECT count(*) AS codes, 2 AS people FROM condition")
    page = ada.get(f"/dashboard/{room}")
    assert said["count"] == 2 and said["again"] and page.count("card-report") == 2 and "2 AS people" in page
    report = said["address"].partition("#")[2]
    assert "is taken off the dashboard" in ada.post(f"/dashboard/{room}/{report}/remove").text
    ada.post(f"/dashboard/{room}/{report}/remove", 404)


def test_a_class_sees_what_is_shown_to_it_and_nobody_else_does(app: Flask, ada: Person, room: str,
                                                               house: House) -> None:
    """Ada shows her dashboard: Ben and Ines of her class see figures and no query, Mallory of another class sees
    nothing; nobody but Ada can change it; when she stops, it is gone for them. Who looked stands in her trail."""
    ines = instructor(app)
    courses = []
    for name in ("Autumn", "Winter"):
        answer = ines.post("/teach/", name=name)
        code = re.search(r'Join code</span><b class="code">([^<]+)<', answer.text)
        address = re.search(r"/teach/(c-[0-9a-f]+)", answer.text)
        assert code and address
        courses.append((address[1], code[1]))
    ben, mallory = Person(app).sit_down(), Person(app).sit_down()
    for person, (_, code) in ((ada, courses[0]), (ben, courses[0]), (mallory, courses[1])):
        person.post("/join", code=code)
    report = save(ada, room)["address"].partition("#")[2]
    path = f"/dashboard/{room}"
    for person in (ben, mallory, ines, Person(app)):
        person.get(path, 404)
    ada.post(f"{path}/share", 400, course=courses[1][0])
    assert "can see this dashboard now" in ada.post(f"{path}/share", course=courses[0][0]).text
    for person in (ben, ines):
        page = person.get(path)
        assert figure(page) and COUNT not in html.unescape(page) and "GROUP BY" not in page
        assert "/remove" not in page and "/share" not in page
        assert path in person.get("/dashboards")
        save(person, room, 404)
        person.post(f"{path}/{report}/remove", 404)
        person.post(f"{path}/share", 404, course=courses[0][0])
    for person in (mallory, Person(app)):
        person.get(path, 404)
    assert path not in mallory.get("/dashboards")
    with house.db.reading() as conn:
        entries = [entry for entry in audit.read(conn, room) if entry.agent.role == "classmate"]
    assert len(entries) == 2 and "seen by a member of a class" in entries[0].note
    assert "does not see this dashboard any more" in ada.post(f"{path}/share", course=courses[0][0], stop="1").text
    ben.get(path, 404)
    assert path not in ben.get("/dashboards")


def test_a_dashboard_is_full_at_its_quota_and_knows_only_its_own(db: Database) -> None:
    """On both databases: 24 reports, one more is a Conflict, over an old title it goes; another's id is not found."""
    with db.writing() as conn:
        made = [dashboard.save(conn, "w-a", f"Report {n}", "SELECT 1", Look()) for n in range(dashboard.MOST)]
        with pytest.raises(Conflict, match="holds 24"):
            dashboard.save(conn, "w-a", "One more", "SELECT 1", Look())
        assert dashboard.save(conn, "w-a", "Report 3", "SELECT 2", Look(mark="line")).id == made[3].id
        assert dashboard.save(conn, "w-b", "Report 3", "SELECT 1", Look()).id != made[3].id
        assert dashboard.counts(conn, ["w-a", "w-b", "w-c"]) == {"w-a": 24, "w-b": 1}
        for act in (dashboard.one, dashboard.remove):
            with pytest.raises(NotFound):
                act(conn, "w-b", made[0].id)
        dashboard.keep(conn, made[3], "lab-1", {"rows": []})  # it was saved anew meanwhile: an old answer is no answer
        assert dashboard.one(conn, "w-a", made[3].id).lab == ""
        dashboard.share(conn, "w-a", "c-1")
        dashboard.share(conn, "w-a", "c-1")
        assert dashboard.shared_with(conn, "w-a") == {"c-1"} and dashboard.shared_in(conn, "c-1") == ["w-a"]
        dashboard.unshare(conn, "w-a", "c-1")
        assert dashboard.shared_with(conn, "w-a") == set()
        with pytest.raises(BadInput):
            dashboard.save(conn, "w-a", "", "SELECT 1", Look())
        assert conn.execute(sa.select(sa.func.count()).select_from(dashboard.saved_report)).scalar() == 25


SHARE = Look(label="Share", numerator="k", denominator="n", scale=100)


def result(*rows: tuple[Any, ...], **more: Any) -> dict[str, Any]:
    return {"columns": ["who", "k", "n"], "rows": [["a", *row] for row in rows], **more}


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)).map(lambda p: (min(p), max(p))), min_size=1))
def test_a_headline_is_the_sum_divided_by_the_sum_with_its_interval_around_it(rows: list[tuple[int, int]]) -> None:
    """Never the mean of the rows' shares; Wilson's interval holds the share and stays within 0 and 100."""
    said = headline(SHARE, result(*rows))
    up, down = sum(k for k, _ in rows), sum(n for _, n in rows)
    if down == 0:
        assert said is None
        return
    assert said and said.figure == f"{100 * up / down:.1f} %" and (said.numerator, said.denominator) == (
        f"{up:,}", f"{down:,}")
    low, high = map(float, re.findall(r"[\d.]+", said.interval))
    assert 0 <= low <= 100 * up / down + 0.051 and 100 * up / down - 0.051 <= high <= 100


def test_a_table_that_cannot_give_a_headline_gives_none() -> None:
    """Cut off, without the column, with it twice, with words in it, nothing to divide by: no wrong figure."""
    assert headline(SHARE, result((1, 4))).interval == "4.6 to 69.9 %"  # type: ignore[union-attr]
    for bad in (result((1, 4), truncated=True), result(("x", 4)), result((True, 4)), result((1, 0)),
                {"columns": ["k", "k"], "rows": [[1, 2]]}, {"problem": {}}, result((1, None))):
        assert headline(SHARE, bad) is None
    assert headline(Look(), result((1, 4))) is None
    alone = headline(Look(numerator="k", digits=0), result((1200, 4), (34, 0)))
    assert alone and (alone.figure, alone.denominator) == ("1,234", "")
    per = headline(Look(numerator="k", denominator="n", scale=1000), result((3, 2000)))
    assert per and (per.figure, per.interval) == ("1.5 per 1,000", "")
