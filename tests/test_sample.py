"""The sample class: one click makes it, its debriefs are real, nothing of it enters an estimate, one click ends it."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from houses import Person, instructor

from sandbox import attempts, classroom, people, sample
from sandbox.db import metadata
from sandbox.errors import NotFound
from sandbox.house import House
from sandbox.web import sampling


def rows(house: House) -> dict[str, int]:
    """How many rows each table has, but for the texts that judging went by."""
    with house.db.reading() as conn:
        return {table.name: conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables if table.name != "task_text"}


def test_the_sample_class_is_shown_round_in_and_leaves_no_row_behind(
        app: Flask, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-four people, five tasks a seat; stuck, late, longer, crashed, asking; seven for the key; then gone."""
    monkeypatch.setattr("sandbox.sample.making.STORIES", tuple(
        each for each in sample.making.STORIES if each[0] != "hi-first-reports"))  # its judging takes the longest
    ines, mallory = instructor(app), Person(app).sit_down()
    ines.get("/teach/")
    before = rows(house)
    page = ines.post("/teach/sample", 200).text
    found = re.search(r'/teach/(c-\w+)/sample/remove', page)
    assert found and "SAMPLE" in page and "Three minutes round" in page
    ines.get("/teach/")
    assert ines.post("/teach/sample", 303, follow=False).location.endswith(found[1])  # a second click finds the first's
    tour = _tour(app, house, found[1])
    live = ines.get(tour["live"])
    assert "nothing saved for 26 min" in live and "1 of 4" in live and "SAMPLE" in live
    debrief = ines.get(tour["debrief"].partition("#")[0])
    assert "2 of 4" in debrief and "Where does it stand?" in debrief
    key = ines.get(tour["key"])
    assert "3 of 4" in key and "SAMPLE" in key
    criterion = tour["key"].partition("criterion=")[2]
    sent = {"criterion": criterion, "kind": "full", "words": "Not taught yet."}
    shown = ines.post(tour["key"].partition("?")[0], 200, **sent).text
    assert "7 attempts of 23 would change" in re.sub(r"\s+", " ", shown), re.findall(r"\d+ attempts? of[^<]*", shown)
    seats = ines.get(tour["seats"])
    assert "4 of 4" in seats
    with house.db.reading() as conn:
        given = classroom.assignments(conn, found[1])[0]
        names = {each.person.name for each in classroom.roster(conn, found[1])}
    assert len(names) == 24 and all(name.endswith(sample.MARK) for name in names)
    csv = ines.get(f"/teach/{found[1]}/{given.id}/results.csv")
    assert csv.count(sample.MARK) == 24 * 3
    for path in (tour["live"], tour["seats"], tour["key"]):
        mallory.get(path, 404)
    mallory.post(f"/teach/{found[1]}/sample/remove", 404)
    ines.get(f"/teach/{found[1]}")
    ines.post(f"/teach/{found[1]}/sample/remove", 200)
    after = rows(house)
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}
    ines.get(tour["live"], 404)


def _tour(app: Flask, house: House, course: str) -> dict[str, str]:
    with app.app_context(), house.db.reading() as conn:
        return sampling.tour(conn, classroom.course(conn, course))


def test_what_fails_half_way_takes_all_of_it_away(app: Flask, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A grader that stops in the middle leaves no class and nobody behind."""
    ines = instructor(app)
    ines.get("/teach/")
    before = rows(house)
    monkeypatch.setattr("sandbox.sample.making.STORIES", sample.making.STORIES[:1])
    monkeypatch.setattr(attempts, "hope_for", lambda *_: 1 / 0)
    ines.post("/teach/sample", 303, follow=False)
    assert rows(house) == before


def test_a_real_class_cannot_be_taken_away_as_a_sample(app: Flask, house: House) -> None:
    """Its people are real."""
    ines = instructor(app)
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.get(conn, people.OWNER), "Autumn")
    ines.get(f"/teach/{course.id}")
    ines.post(f"/teach/{course.id}/sample/remove", 404)
    ines.get(f"/teach/{course.id}")


def test_nobody_real_joins_a_sample_class_and_one_who_stands_there_keeps_everything(app: Flask, house: House) -> None:
    """Ada's account is not the sample's, whatever way she came to stand in it; nor is her class's figure."""
    ines, ada = instructor(app), Person(app).sit_down()
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.get(conn, people.OWNER), "A sample class", sample=True)
        classroom.sample_ready(conn, course.id)
        with pytest.raises(NotFound):
            classroom.join(conn, people.OWNER, course.code)
        found = sorted(conn.execute(sa.select(people.person.c.id).where(people.person.c.id != people.OWNER)).scalars())
        invented = people.expect(conn, [f"Alma Birk {sample.MARK}"])[0]
        for place, id in enumerate([invented, *found]):
            classroom.enrol(conn, course.id, id, known=f"SAMPLE-{place + 1:02d}", section="", joined=people.now())
        assert found and sample.cast_of(conn, course.id) == [invented]
        sample.remove(conn, course.id, sample.cast_of(conn, course.id))
        left = set(conn.execute(sa.select(people.person.c.id)).scalars())
    assert {*found, people.OWNER} <= left and invented not in left
    ada.get("/"), ines.get("/teach/")


def test_a_class_whose_making_was_cut_off_is_made_anew_and_none_is_taken_away_while_it_is_made(
        app: Flask, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The house was stopped in the middle: a click does not find the remains for ever."""
    ines = instructor(app)
    ines.get("/teach/")
    with house.db.writing() as conn:
        half = classroom.create_course(conn, people.get(conn, people.OWNER), "A sample class", sample=True)
    sampling.FILLING.add(half.id)
    ines.get("/teach/")
    ines.post(f"/teach/{half.id}/sample/remove", 409)
    ines.get("/teach/")
    assert ines.post("/teach/sample", 303, follow=False).location.endswith(half.id)
    assert "A sample class is being made" in ines.get(f"/teach/{half.id}")
    sampling.FILLING.clear()
    assert "Make it again" in ines.get(f"/teach/{half.id}")
    monkeypatch.setattr("sandbox.sample.making.STORIES", ())
    ines.get("/teach/")
    made = ines.post("/teach/sample", 303, follow=False).location
    assert not made.endswith(half.id) and not sampling.FILLING
    with house.db.reading() as conn:
        assert classroom.course(conn, made.rpartition("/")[2]).sample == "ready"
        with pytest.raises(NotFound):
            classroom.course(conn, half.id)
