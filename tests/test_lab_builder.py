"""The builder: whatever is chosen becomes a SELECT that runs, or a sentence that says what is missing."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from answers import room_of
from bench.lab import hospital
from flask import Flask
from houses import Person
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import audit
from sandbox.errors import BadInput
from sandbox.house import House
from sandbox.lab import Lab, LabRooms, LabTable, builder
from sandbox.lab.builder import Asked, Condition, write


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    rooms = LabRooms(tmp_path_factory.mktemp("labs-of-the-builder"))
    yield rooms.hidden("builder", lambda: hospital(3), date(2026, 6, 30))
    rooms.close()


def tables_of(lab: Lab) -> dict[str, LabTable]:
    return {table.name: table for table in lab.schema()}


def a_condition(draw: Any, table: LabTable) -> Condition:
    """A condition on a column of the table, its value of the right kind or of none."""
    column = draw(st.sampled_from(table.columns))
    value = draw(st.sampled_from(["", "IMP", "7", "1.5", "true", "2026-05-31", "a,b", "O'Hara", "'; DROP TABLE x; --"]))
    return Condition(column.name, draw(st.sampled_from(builder.suited(column))), value)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_choice_of_the_dictionary_runs_or_says_what_is_missing(lab: Lab, data: Any) -> None:
    """Any table, measure, column, step and condition: the SQL is taken by the lab as it stands."""
    tables = tables_of(lab)
    table = tables[data.draw(st.sampled_from(sorted(tables)))]
    names = ["", *(column.name for column in table.columns)]
    asked = Asked(table.name, data.draw(st.sampled_from(sorted(builder.MEASURES))), data.draw(st.sampled_from(names)),
                  data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names)),
                  data.draw(st.sampled_from(builder.STEPS)), (a_condition(data.draw, table),),
                  a_condition(data.draw, table))
    try:
        sql = write(asked, lab.schema())
    except BadInput as problem:
        assert problem.message.endswith(".")
        return
    assert lab.run(sql).columns and sql.startswith("-- ")


def test_the_builder_writes_what_a_person_would(lab: Lab) -> None:
    """Local days, a share with its numerator and denominator, several values by commas: to be read and taken over."""
    asked = Asked("encounter", "share", by="class", over="start_at", step="month", meets=Condition("end_at", "filled"),
                  where=(Condition("status", "is", "finished, in-progress"),
                         Condition("start_at", "least", "2026-02-01")))
    assert write(asked, lab.schema()) == """\
-- The share of encounter rows where end_at is not empty, by class, each month of start_at
SELECT strftime(local_date(start_at), '%Y-%m') AS month,
       class,
       count(*) FILTER (WHERE end_at IS NOT NULL) AS numerator,
       count(*) AS denominator,
       100.0 * count(*) FILTER (WHERE end_at IS NOT NULL) / count(*) AS share_pct
FROM encounter
WHERE status IN ('finished', 'in-progress')
  AND local_date(start_at) >= DATE '2026-02-01'
GROUP BY 1, 2
ORDER BY 1, 2"""
    rows = lab.run(write(asked, lab.schema())).rows
    assert rows and all(row[2] == row[3] and row[4] == 100 for row in rows)
    lines = lab.run(write(Asked("encounter", "list", where=(Condition("class", "is", "IMP"),)), lab.schema()))
    assert len(lines.rows) == 15 and lines.columns[0] == "encounter_id"


@pytest.mark.parametrize(("asked", "said"), [
    (Asked(""), "Choose a table"), (Asked("encounter", "avg"), "choose its column"),
    (Asked("encounter", "avg", "class"), "holds no numbers"), (Asked("encounter", by="x; DROP"), "no such column"),
    (Asked("encounter", over="class"), "holds no days"),
    (Asked("encounter", "share"), "what the rows of the share meet"),
    (Asked("encounter", "median_of_everything"), "what to measure"),
    (Asked("encounter", where=(Condition("start_at", "is", "May"),)), "is a day, and “May” is none"),
    (Asked("encounter", where=(Condition("start_at", "begins", "2026"),)), "does not suit start_at"),
    (Asked("encounter", where=(Condition("class", "is", " "),)), "give a value"),
    (Asked("encounter", over="start_at", step="minute"), "step of time")])
def test_what_is_missing_is_said_in_a_sentence(lab: Lab, asked: Asked, said: str) -> None:
    """One sentence for each; nothing that was sent is taken for SQL."""
    with pytest.raises(BadInput, match=re.escape(said)):
        write(asked, lab.schema())


def test_a_value_stays_a_value(lab: Lab) -> None:
    """Quotes and semicolons are text to be compared with, whatever they look like."""
    for value in ("O'Hara", "'; DROP TABLE patient; --", "x' OR 'a' = 'a", "\\'", "%", "a\x00b"):
        sql = write(Asked("patient", where=(Condition("family", "begins", value),)), lab.schema())
        assert lab.run(sql).rows == ((0,),), sql


def test_the_page_and_a_tables_sample_are_made_by_the_server_from_the_dictionary(app: Flask, house: House) -> None:
    """Choices in the address, their columns described, the values that a column holds, the SQL, or what is missing; the
    part alone for the dialog; Mallory finds nothing, and building asks nothing of the record that enters the trail.
    A table's sample is its first rows and every column with its meaning; that she looked at them is in her trail."""
    ada = Person(app).sit_down()
    ada.get("/task/first-half-hour/him-cough")
    room = room_of(house, "first-half-hour").id
    with house.db.reading() as conn:
        before = len(audit.read(conn, room))
    path = f"/lab/{room}/builder?table=encounter&by=class&over=start_at&w1c=status&w1o=is"
    assert "give a value" in ada.get(path)
    page = html.unescape(ada.get(f"{path}&w1v=finished"))
    assert "<html" in page and "WHERE status = 'finished'" in page and "GROUP BY 1, 2" in page
    assert '<option value="in-progress">' in page and "One row for each visit" in page
    part = ada.get(f"{path}&part=1")
    assert "<html" not in part and 'name="w1v"' in part
    assert "Choose a table" in ada.get(f"/lab/{room}/builder?table=nowhere&w1c=x")
    with house.db.reading() as conn:
        assert len(audit.read(conn, room)) == before
    Person(app).sit_down().get(path, 404)
    part = ada.get(f"/lab/{room}/sample/encounter")
    assert part.count("<tr>") == 6 and "status.first()" not in part and "One row for each visit" in part
    assert all(f">{column.name}<" in part for table in house.labs.dictionary.views if table.name == "encounter"
               for column in table.columns)
    with house.db.reading() as conn:
        assert audit.read(conn, room)[-1].query == 'SELECT * FROM "encounter" LIMIT 5'
    for name in ("nowhere", "duckdb_settings", "encounter%22%20--"):
        ada.get(f"/lab/{room}/sample/{name}", 404)
