"""Two real FHIR clients, neither written here, against a live server: read, search, create, update."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import servers
from fhir_ward import Ward, make

from sandbox.db import Database


@pytest.fixture
def served(sqlite_db: Database) -> Iterator[tuple[Ward, str]]:
    """The ward behind waitress on a free port, and its address."""
    ward = make(sqlite_db)
    with servers.served(ward.app, threads=4) as address:
        yield ward, address + ward.url


def test_fhirpy_reads_searches_creates_and_updates(served: tuple[Ward, str]) -> None:
    """fhirpy's synchronous client, as its own documentation uses it."""
    from fhirpy import SyncFHIRClient

    ward, url = served
    client = SyncFHIRClient(url, authorization=f"Bearer {ward.token}")
    rosa = client.reference("Patient", "rosa").to_resource()
    assert rosa["name"][0]["family"] == "Delgado"

    made = client.resource("Observation", status="preliminary", code={"text": "peak flow"},
                           subject=rosa.to_reference())
    made.save()
    assert made.id
    made["status"] = "final"
    made.save()
    found = client.resources("Observation").search(patient="rosa", status="final").fetch_all()
    assert {one.id for one in found} == {"glucose", made.id}
    assert client.resources("Observation").search(patient="rosa").count() == 2
    made.delete()
    assert client.resources("Observation").search(_id=made.id).first() is None


def test_fhirpy_gets_or_creates_once(served: tuple[Ward, str]) -> None:
    """Its conditional create puts the condition into the address: the second time, the first one is found."""
    from fhirpy import SyncFHIRClient

    ward, url = served
    client = SyncFHIRClient(url, authorization=f"Bearer {ward.token}")
    ben = client.resource("Patient", identifier=[{"system": "http://mrn.example", "value": "7"}])
    wanted = client.resources("Patient").search(identifier="http://mrn.example|7")
    first, created = wanted.get_or_create(ben)
    again, repeated = wanted.get_or_create(ben)
    assert (created, repeated) == (True, False)
    assert first.id == again.id


def test_fhirpy_follows_every_page(served: tuple[Ward, str]) -> None:
    """Its paging goes by our next links."""
    from fhirpy import SyncFHIRClient

    ward, url = served
    client = SyncFHIRClient(url, authorization=f"Bearer {ward.token}")
    for n in range(7):
        client.resource("Observation", status="final", code={"text": f"t{n}"}).save()
    found = client.resources("Observation").limit(3).fetch_all()
    assert len({one.id for one in found}) == 8


def test_fhirpy_is_told_what_was_wrong(served: tuple[Ward, str]) -> None:
    """Its errors carry our OperationOutcome."""
    from fhirpy import SyncFHIRClient
    from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

    ward, url = served
    client = SyncFHIRClient(url, authorization=f"Bearer {ward.token}")
    with pytest.raises(OperationOutcome, match=r"Observation\.status"):
        client.resource("Observation", status="nope", code={"text": "x"}).save()
    with pytest.raises(ResourceNotFound):
        client.reference("Patient", "nobody").to_resource()


def test_fhirclient_reads_searches_creates_and_updates(served: tuple[Ward, str]) -> None:
    """SMART's client, whose models of R4 4.0.1 judge every answer as they read it."""
    from fhirclient import client
    from fhirclient.models.observation import Observation
    from fhirclient.models.patient import Patient

    ward, url = served
    smart = client.FHIRClient(settings={"app_id": "two-seats-test", "api_base": url})
    smart.server.session.headers["Authorization"] = f"Bearer {ward.token}"
    smart.prepare()
    rosa = Patient.read("rosa", smart.server)
    assert rosa.name[0].family == "Delgado"
    assert rosa.birthDate.date.year == 1961

    made = Observation({"status": "preliminary", "code": {"text": "peak flow"},
                        "subject": {"reference": "Patient/rosa"}})
    answer = made.create(smart.server)
    assert answer["meta"]["versionId"] == "1"
    stored = Observation.read(answer["id"], smart.server)
    stored.status = "final"
    assert stored.update(smart.server)["meta"]["versionId"] == "2"
    found = Observation.where({"patient": "rosa", "status": "final"}).perform_resources(smart.server)
    assert {one.id for one in found} == {"glucose", answer["id"]}


def test_fhirclient_reads_what_the_server_says_it_can_do(served: tuple[Ward, str]) -> None:
    """Our CapabilityStatement is one to its strict models."""
    from fhirclient.models.capabilitystatement import CapabilityStatement

    ward, _ = served
    answer = ward.ask("GET", "/metadata").json
    assert CapabilityStatement(answer).fhirVersion == "4.0.1"
