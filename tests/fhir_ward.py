"""A small house for tests of the FHIR surface: a hospital of three resources, Ada's workspace in it, and its door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import flask_login
import orjson
from flask import Flask

from sandbox import people, workspace
from sandbox.db import Database
from sandbox.fhir import store
from sandbox.web import fhir_api, policy

TODAY = date(2026, 6, 30)
MRN = "https://two-rivers.example/mrn"

PATIENT: dict[str, Any] = {
    "resourceType": "Patient", "id": "rosa", "identifier": [{"system": MRN, "value": "1001"}],
    "name": [{"use": "official", "family": "Delgado", "given": ["Rosa"]}], "gender": "female",
    "birthDate": "1961-03-04",
}
ENCOUNTER: dict[str, Any] = {
    "resourceType": "Encounter", "id": "stay", "status": "finished", "subject": {"reference": "Patient/rosa"},
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
    "period": {"start": "2026-05-14T09:00:00-05:00", "end": "2026-05-18T12:30:00-05:00"},
}
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation", "id": "glucose", "status": "final", "subject": {"reference": "Patient/rosa"},
    "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]}, "effectiveDateTime": "2026-05-14",
    "valueQuantity": {"value": 182, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
}


@dataclass
class Ward:
    """The application, and what Ada and Mallory hold."""

    app: Flask
    db: Database
    info: workspace.Info
    token: str
    mallory_token: str
    mallory_info: workspace.Info

    @property
    def url(self) -> str:
        """Where Ada's workspace is, below the server's root."""
        return f"/fhir/{self.info.id}"

    def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str) -> Any:
        """One request with Ada's token (or another; "" for none); a dict goes as FHIR JSON."""
        held = self.token if token is None else token
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if held:
            sent["Authorization"] = f"Bearer {held}"
        data = orjson.dumps(body) if isinstance(body, dict) else body
        if data is not None:
            sent.setdefault("Content-Type", "application/fhir+json")
        return self.app.test_client().open(f"{self.url}{path}", method=method, data=data, headers=sent)

    def trail(self) -> list[Any]:
        """Everything in the trail of Ada's workspace."""
        from sandbox import audit

        with self.db.reading() as conn:
            return audit.read(conn, self.info.id)


def make(db: Database, resources: list[dict[str, Any]] | None = None) -> Ward:
    """Fill the database and mount the API on it."""
    with db.writing() as conn:
        base = store.new_hospital(conn, "Two Rivers", TODAY)
        held = [PATIENT, ENCOUNTER, OBSERVATION] if resources is None else resources
        store.put_many(conn, base, ((one, orjson.dumps(one).decode()) for one in held))
        store.publish(conn, base, default=True)
        ada, mallory = people.guest(conn), people.guest(conn)
        infos = [workspace.open(conn, owner=p.id, base=base, seed=1, scenario="story") for p in (ada, mallory)]
        tokens = [people.new_token(conn, p.id, i.id) for p, i in zip((ada, mallory), infos, strict=True)]
    app = Flask("ward")
    settings = SimpleNamespace(idle_minutes=15)
    labs = SimpleNamespace(of_workspace=lambda *a: None)
    app.extensions["two_seats"] = SimpleNamespace(db=db, settings=settings, codes=None, labs=labs)
    app.config.update(SECRET_KEY="ward", MAX_CONTENT_LENGTH=10_000_000)
    flask_login.LoginManager(app).user_loader(policy.load_member)
    app.register_blueprint(fhir_api.bp)
    return Ward(app, db, infos[0], tokens[0], tokens[1], infos[1])
