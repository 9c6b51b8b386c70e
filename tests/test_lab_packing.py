"""The lab to take away: tables as Parquet files that say what they are, and that give the same answers elsewhere."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from answers import exemplar, room_of
from flask import Flask
from houses import Person

from sandbox import audit
from sandbox.errors import SqlProblem
from sandbox.house import House
from sandbox.lab import Lab, LabRooms, packing
from sandbox.web.sql import as_json

STORY, TASK = "hi-first-reports", "hi-length-of-stay"
TODAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabRooms]:
    rooms = LabRooms(tmp_path_factory.mktemp("labs-to-take-away"))
    yield rooms
    rooms.close()


@pytest.fixture(scope="module")
def lab(rooms: LabRooms) -> Lab:
    return rooms.hidden("packs", lambda: [{"resourceType": "Patient", "id": "p1", "gender": "female"}], TODAY)


def opened(content: bytes, folder: Path) -> Path:
    """A pack as somebody unpacks it."""
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        found.extractall(folder)
    return folder / "two-seats-lab"


def lengths_of_stay(folder: Path) -> list[list[Any]]:
    """The report of the request, in pandas, from the tables of FHIR alone: none of the lab's views, no SQL."""
    visits = pd.read_parquet(folder / "encounter.parquet")
    ranks = pd.read_parquet(folder / "encounter_diagnosis.parquet").query("rank == 1")
    codes = pd.read_parquet(folder / "condition.parquet")[["condition_id", "code"]]
    newborn = set(ranks.merge(codes, on="condition_id").query("code.str.startswith('Z38', na=False)").encounter_id)
    for end in ("start", "end"):
        moment = pd.to_datetime(visits[f"{end}_at"], utc=True).dt.tz_convert("America/Chicago")
        visits[end] = moment.dt.tz_localize(None).dt.normalize()
    stays = visits[visits["class"].isin(["IMP", "ACUTE"]) & (visits.status == "finished")
                   & visits.end.between("2026-05-01", "2026-05-31") & ~visits.encounter_id.isin(newborn)].copy()
    stays["days"] = (stays.end - stays.start).dt.days.clip(lower=1)
    by = stays.assign(service=stays.service.fillna("Not recorded")).groupby("service").days
    found = by.agg(["count", "sum", "mean", "median"]).reset_index().sort_values("service")
    return [[row[0], int(row[1]), int(row[2]), row[3], row[4]] for row in found.itertuples(index=False)]


def test_the_pack_gives_a_reports_key_in_pandas_and_runs_its_sql_unedited(
        app: Flask, house: House, tmp_path: Path, monkeypatch: Any) -> None:
    """Ada takes her tables home: pandas comes to the key's figures, lab.sql makes her query run as it stands, the
    README's five lines work, and what she took is in her trail."""
    ada = Person(app).sit_down()
    ada.get(f"/task/{STORY}/{TASK}")
    room = room_of(house, STORY)
    sql = exemplar(house, room, TASK)["sql_report"]
    key = ada.client.post(f"/lab/{room.id}/run", json={"sql": sql}, headers={"X-CSRFToken": ada.csrf()}).get_json()
    answer = ada.post(f"/lab/{room.id}/pack")
    assert answer.mimetype == "application/zip"
    folder = opened(answer.data, tmp_path)
    assert len(key["rows"]) >= 5
    asked = sorted(key["rows"])  # its means and medians to one decimal, as the request has it
    assert lengths_of_stay(folder) == [[*row[:3], *(pytest.approx(v, abs=0.0501) for v in row[3:])] for row in asked]

    monkeypatch.chdir(folder)
    with duckdb.connect() as con:
        for statement in Path("lab.sql").read_text().splitlines():
            con.execute(statement)
        assert sorted([*r[:3], float(r[3]), float(r[4])] for r in con.execute(sql).fetchall()) == asked
        assert con.execute("SELECT current_date, today()").fetchall() == [(room.today, room.today)]
    readme = Path("README.md").read_text()
    lines = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)[0]
    seen: dict[str, Any] = {}
    exec(lines, seen)
    assert len(lines.strip().splitlines()) == 5 and seen["encounter"]["first_day"].max() <= room.today
    assert f"{room.today:%A}, {room.today.day} {room.today:%B %Y}" in readme and "America/Chicago" in readme
    with house.db.reading() as conn:
        assert audit.read(conn, room.id)[-1].note == "Every table of the lab, as Parquet files"


def test_every_table_and_column_of_the_lab_is_in_the_pack_and_in_its_dictionary(rooms: LabRooms, lab: Lab,
                                                                                tmp_path: Path) -> None:
    """A file for each table with its columns and types; README.md names each column; the same lab, the same bytes."""
    content = rooms.pack(lab)
    folder = opened(content, tmp_path)
    readme = (folder / "README.md").read_text()
    with duckdb.connect() as con:
        for table in lab.schema():
            told = con.execute(f"DESCRIBE FROM '{folder / table.name}.parquet'").fetchall()
            assert [(c[0], c[1]) for c in told] == [(c.name, c.type) for c in table.columns]
            page = readme.split(f"### {table.name}\n")[1].split("\n### ")[0]
            assert all(f"| `{column.name}` |" in page for column in table.columns)
    assert len(list(folder.glob("*.parquet"))) == len(lab.schema())
    assert rooms.pack(lab) == content


@pytest.mark.long
def test_what_she_codes_is_in_the_next_pack(app: Flask, house: House, tmp_path: Path) -> None:
    """The pack is her record as it is now, and only hers."""
    ada = Person(app).sit_down()
    ada.get("/task/first-half-hour/him-cough")
    before = room_of(house, "first-half-hour")
    ada.submit("first-half-hour/him-cough", exemplar(house, before, "him-cough"))
    count = "SELECT count(*) FROM condition"
    mine = ada.client.post(f"/lab/{before.id}/run", json={"sql": count}, headers={"X-CSRFToken": ada.csrf()}).get_json()
    packs = []
    for person, room in ((ada, before), (ben := Person(app).sit_down(), None)):
        person.get("/task/first-half-hour/him-cough")
        found = room or room_of(house, "first-half-hour")
        folder = opened(person.post(f"/lab/{found.id}/pack").data, tmp_path / found.id)
        packs.append(len(pd.read_parquet(folder / "condition.parquet")))
    assert packs[0] == mine["rows"][0][0] > packs[1]
    ben.post(f"/lab/{before.id}/pack", 404)


def test_an_answer_is_a_parquet_file_with_all_its_rows(app: Flask, house: House) -> None:
    """Beyond the 5,000 that are shown; a wrong query is a problem at its place; both ask for the CSRF token."""
    ada = Person(app).sit_down()
    ada.get("/task/first-half-hour/him-cough")
    path = f"/lab/{room_of(house, 'first-half-hour').id}/parquet"
    send = {"headers": {"X-CSRFToken": ada.csrf()}}
    sql = "SELECT range AS n, n * 1.5::DECIMAL(12,2) AS m, ';' AS s FROM range(9000); -- all"
    answer = ada.client.post(path, json={"sql": sql}, **send)
    assert answer.mimetype == "application/vnd.apache.parquet"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="result.parquet"'
    frame = pd.read_parquet(io.BytesIO(answer.data))
    assert list(frame.n) == list(range(9000)) and frame.m.iloc[-1] == 13498.5
    said = ada.client.post(path, json={"sql": "SELECT 1,\n  familly FROM patient"}, **send).get_json()["problem"]
    assert (said["line"], said["column"]) == (2, 3)
    assert ada.client.post(path, json={"sql": "SELECT 1"}).status_code == 400
    mallory = Person(app).sit_down()
    refused = mallory.client.post(path, json={"sql": "SELECT 1"}, headers={"X-CSRFToken": mallory.csrf()})
    assert refused.status_code == 404


HOSTILE = """
    SELECT * FROM read_csv('/etc/passwd')
    COPY patient TO '/tmp/stolen.parquet'
    SELECT 1) TO '/tmp/stolen.parquet' (FORMAT parquet); --
    EXPLAIN SELECT 1"""


def test_a_file_is_written_only_where_it_should_be_and_hostile_statements_are_refused(
        rooms: LabRooms, lab: Lab) -> None:
    """The process that may write looks at a statement with the query worker's eyes; nothing is left behind."""
    for sql in map(str.strip, HOSTILE.strip().splitlines()):
        with pytest.raises(SqlProblem) as caught:
            rooms.parquet(lab, sql)
        said = caught.value.message + caught.value.hint
        assert caught.value.kind in ("refused", "error"), (sql, said)
        assert str(rooms.folder) not in said and not re.search(r"/(root|home|usr|proc)/", said), said
    assert not Path("/tmp/stolen.parquet").exists()
    assert [path.name for path in rooms.folder.iterdir() if path.name.startswith(".")] == []
    assert lab.run("SELECT count(*) FROM patient").rows == ((1,),)


def test_a_file_is_bounded_in_time_and_size(rooms: LabRooms, lab: Lab, monkeypatch: Any) -> None:
    """What would never end is stopped, what would be too large is not sent, in a sentence that says what to do."""
    monkeypatch.setattr(packing, "RESULT_SECONDS", 0.3)
    start = time.monotonic()
    with pytest.raises(SqlProblem, match=r"stopped after 0\.3 seconds"):
        rooms.parquet(lab, "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range < 3")
    assert time.monotonic() - start < 6
    monkeypatch.setattr(packing, "MOST", 10_000)
    with pytest.raises(SqlProblem, match="more than fits") as caught:
        rooms.pack(lab)
    assert "Select the columns" in caught.value.hint


@pytest.mark.long
def test_a_file_that_outgrows_its_bound_is_stopped_by_the_operating_system(
        rooms: LabRooms, lab: Lab, monkeypatch: Any) -> None:
    """Incompressible rows without end: the file ends at its limit, and so does the process."""
    monkeypatch.setattr(packing, "RESULT_SECONDS", 60.0)
    with pytest.raises(SqlProblem, match="more than fits"):
        rooms.parquet(lab, "SELECT md5(range::VARCHAR) || md5((range + 1)::VARCHAR) AS a FROM range(3000000)")
    assert lab.run("SELECT 1").rows == ((1,),)


def test_the_page_of_ones_own_tools_shows_tables_and_fhir_side_by_side(app: Flask, house: House) -> None:
    """One page: the pack's button, the FHIR address, a token with a line for the command line and for a notebook."""
    ada = Person(app).sit_down()
    ada.get("/task/first-half-hour/him-cough")
    room = room_of(house, "first-half-hour")
    page = ada.get("/connect")
    assert f'action="/lab/{room.id}/pack"' in page and f"/fhir/{room.id}/" in page
    made = ada.post("/connect", workspace=room.id, label="Jupyter").text
    assert "requests.get(" in made and "curl -H" in made
    token = re.search(r'id="token" readonly value="([^"]+)"', made)
    assert token
    found = app.test_client().get(f"/fhir/{room.id}/Patient?_count=3", headers={"Authorization": f"Bearer {token[1]}"})
    assert found.status_code == 200 and len(found.get_json()["entry"]) == 3


def test_a_table_of_numbers_stays_the_same_as_json_and_as_parquet(rooms: LabRooms, lab: Lab) -> None:
    """What the grid shows is what the file holds."""
    sql = "SELECT 1.50 AS a, DATE '2026-06-30' AS b, NULL::INTEGER AS c, 'x' AS d, true AS e, 2.5::DOUBLE AS f"
    frame = pd.read_parquet(io.BytesIO(rooms.parquet(lab, sql)))
    shown = as_json(lab.run(sql))
    assert list(frame.columns) == list(shown["columns"])
    row = frame.iloc[0]
    assert [float(row.a), row.b.date().isoformat(), row.d, bool(row.e), row.f] == [1.5, "2026-06-30", "x", True, 2.5]
    assert pd.isna(row.c)
