"""Loading as a person does it: the command, its exit status, and the house that opens on what was loaded."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from fhir_ward import OBSERVATION, PATIENT
from flask import Flask

from fixtures.hospital import NAME
from sandbox import people, workspace
from sandbox.app import first_hospital
from sandbox.cli import main
from sandbox.config import Settings
from sandbox.fhir import store
from sandbox.house import House, open_house

DATA = Path(__file__).parents[2] / "shared" / "data" / "synthea"


def write(path: Path, *resources: object) -> Path:
    """An NDJSON file."""
    path.write_bytes(b"\n".join(map(orjson.dumps, resources)))
    return path


def test_the_command_loads_and_the_house_opens_on_it(
    house: House, app: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    """Status 0, the counts last, and /healthz, a new workspace and the FHIR API show the loaded patient."""
    path = write(tmp_path / "p.ndjson", PATIENT, {**OBSERVATION, "valueQuantity": {"value": 1.10}})
    assert main(["load", "--data", str(house.settings.data), "--name", "Loaded", "--default", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 resources: Observation 1, Patient 1"
    client = app.test_client()
    health = client.get("/healthz").json
    assert health is not None
    assert health["hospital"]["name"] == "Loaded"
    assert health["hospital"]["counts"] == {"Observation": 1, "Patient": 1}
    with house.db.writing() as conn:
        ada, base = people.guest(conn), store.default_hospital(conn)
        assert base is not None
        info = workspace.open(conn, owner=ada.id, base=base.ws, seed=1, scenario="")
        token = people.new_token(conn, ada.id, info.id)
    head = {"Authorization": f"Bearer {token}"}
    assert client.get(f"/fhir/{info.id}/Patient/rosa", headers=head).json["name"] == PATIENT["name"]  # type: ignore[index]
    made = client.post(f"/fhir/{info.id}/Observation", headers=head, json=OBSERVATION)
    assert made.status_code == 201, "a bearer token needs no CSRF token"


def test_the_status_says_when_a_file_was_refused(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    """Non-zero, and both told: what was refused and what was loaded."""
    good = write(tmp_path / "good.ndjson", PATIENT)
    bad = write(tmp_path / "bad.ndjson", PATIENT | {"id": "x"}, {"resourceType": "Observation", "id": "o"})
    assert main(["load", "--data", str(house.settings.data), str(bad), str(good)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"Refused {bad}: line 2: Observation.status: is required")
    assert said[-1] == "1 resource: Patient 1"


def test_without_default_new_workspaces_stay_where_they_were(house: House, app: Flask, tmp_path: Path) -> None:
    """A loaded hospital is there to be chosen; it does not push in."""
    before = app.test_client().get("/healthz").json
    assert main(["load", "--data", str(house.settings.data), str(write(tmp_path / "p.ndjson", PATIENT))]) == 0
    assert app.test_client().get("/healthz").json == before
    with house.db.reading() as conn:
        assert [one.name for one in store.hospitals(conn)][-1] == "Loaded hospital"


def test_a_load_before_the_first_start_does_not_take_the_first_hospitals_place(tmp_path: Path) -> None:
    """Without --default the house still builds its own, and new workspaces open on that."""
    settings = Settings(data=tmp_path / "data", patients=2)
    assert main(["load", "--data", str(settings.data), str(write(tmp_path / "p.ndjson", PATIENT))]) == 0
    house = open_house(settings)
    first_hospital(house, lambda _: None)
    with house.db.reading() as conn:
        chosen = store.default_hospital(conn)
        assert chosen is not None
        assert (chosen.name, chosen.counts["Patient"]) == (NAME, 2)
        assert [one.name for one in store.hospitals(conn)] == ["Loaded hospital", NAME]


def test_a_load_that_is_stopped_says_so(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl-C: one line on standard error and the status of an interrupt; the hospital is marked as unfinished."""
    def cut(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "publish", cut)
    path = write(tmp_path / "p.ndjson", PATIENT)
    assert main(["load", "--data", str(house.settings.data), "--name", "Cut", str(path)]) == 130
    assert capsys.readouterr().err.splitlines()[-1].startswith("Stopped: no hospital was made.")
    assert main(["hospital", "--data", str(house.settings.data)]) == 0
    assert "Cut (unfinished, opened by nobody)" in capsys.readouterr().out


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the Synthea files in {DATA} are absent")
def test_genuine_patients_can_be_opened_in_the_house(
    house: House, app: Flask, capsys: pytest.CaptureFixture[str],
) -> None:
    """The whole folder by the command, then a search for a patient's laboratory results over HTTP."""
    assert main(["load", "--data", str(house.settings.data), "--name", "Synthea", "--default", str(DATA)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("2197 resources: AllergyIntolerance 2, CarePlan 21, ")
    with house.db.writing() as conn:
        ada, base = people.guest(conn), store.default_hospital(conn)
        assert base is not None
        info = workspace.open(conn, owner=ada.id, base=base.ws, seed=1, scenario="")
        head = {"Authorization": f"Bearer {people.new_token(conn, ada.id, info.id)}"}
    client = app.test_client()
    found = client.get(f"/fhir/{info.id}/Patient?family=Koepp", headers=head).json
    assert found is not None
    assert found["total"] == 1
    id = found["entry"][0]["resource"]["id"]
    labs = client.get(f"/fhir/{info.id}/Observation?patient={id}&category=laboratory&_sort=-date", headers=head).json
    assert labs is not None
    assert labs["total"] > 0
