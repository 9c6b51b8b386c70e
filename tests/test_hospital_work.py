"""The work behind the charts: coding queue, signatures, calls after discharge, releases, and what patients signed."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter, defaultdict
from datetime import datetime

import pytest
from hospital_rounds import MORNING, Resource, Wards, default_by_kind, real_codes

from fixtures.hospital import SEED, build
from fixtures.hospital.families import families


@pytest.fixture(scope="module")
def by_kind() -> Wards:
    """The default hospital by resource type."""
    return default_by_kind()


def _tasks(by_kind: Wards, kind: str) -> list[Resource]:
    return [one for one in by_kind["Task"] if one["code"]["coding"][0]["code"] == kind]


def _by_encounter(found: list[Resource]) -> dict[str, Resource]:
    return {one["encounter"]["reference"]: one for one in found}


def test_each_finished_stay_has_one_coding_task_done_before_its_bill(by_kind: Wards) -> None:
    """The queue: done by a coder on a working day, or still with one, or waiting for one; a bill only once coded."""
    coding = _by_encounter(_tasks(by_kind, "coding"))
    billed = {one["item"][0]["encounter"][0]["reference"]: one["created"] for one in by_kind["Claim"]}
    finished = {f"Encounter/{one['id']}" for one in by_kind["Encounter"]
                if one["status"] == "finished" and one["class"]["code"] != "AMB"}
    roles = {one["practitioner"]["reference"]: one["code"][0]["text"] for one in by_kind["PractitionerRole"]}
    assert set(coding) == finished
    for encounter, one in coding.items():
        done = one.get("executionPeriod", {}).get("end")
        assert (done is not None) == (one["status"] == "completed")
        if encounter in billed:
            assert done
            assert done < billed[encounter], one["id"]
        if done:
            assert datetime.fromisoformat(done).weekday() < 5
            assert roles[one["owner"]["reference"]] == "coder"
    states = Counter(one["status"] for one in coding.values())
    assert states["completed"] > 100
    assert states["accepted"] >= 1
    assert sum(1 for one in coding.values() if one["status"] == "requested") == sum(
        1 for one in coding.values() if "owner" not in one)


def test_bills_go_out_on_working_days_and_some_are_held(by_kind: Wards) -> None:
    """Nobody in Patient Accounts works on a Sunday."""
    ends = {f"Encounter/{one['id']}": one for one in by_kind["Encounter"]}
    waits = Counter()
    for one in by_kind["Claim"]:
        sent = datetime.fromisoformat(one["created"])
        assert sent.weekday() < 5
        out = ends[one["item"][0]["encounter"][0]["reference"]]
        if out["class"]["code"] == "IMP":
            waits[(sent.date() - datetime.fromisoformat(out["period"]["end"]).date()).days > 8] += 1
    assert 2 <= waits[True] < waits[False] / 5


def test_no_work_is_late_that_nobody_planted(by_kind: Wards) -> None:
    """The base is clean: what is open is not yet due, what is done was done after it came and, by law, in time."""
    for one in by_kind["Task"]:
        made, due = one["authoredOn"], one["restriction"]["period"]["end"]
        done = one.get("executionPeriod", {}).get("end")
        kind = one["code"]["coding"][0]["code"]
        assert made < due
        assert made <= one["lastModified"] <= MORNING
        if done:
            assert made <= done <= MORNING
            assert done <= due or kind == "coding", one["id"]
        elif one["status"] != "failed" and kind != "coding":
            assert due > MORNING, one["id"]
    for kind in ("deficiency", "release-of-information", "discharge-call", "coding"):
        assert len(_tasks(by_kind, kind)) >= 8, kind


def test_calls_after_discharge_are_ordered_assigned_and_mostly_done(by_kind: Wards) -> None:
    """Only for those who went home; each call answers an order."""
    encounters = {f"Encounter/{one['id']}": one for one in by_kind["Encounter"]}
    orders = {f"ServiceRequest/{one['id']}" for one in by_kind["ServiceRequest"]}
    calls = _tasks(by_kind, "discharge-call")
    for one in calls:
        out = encounters[one["encounter"]["reference"]]
        assert out["hospitalization"]["dischargeDisposition"]["coding"][0]["code"] in ("01", "06")
        assert one["basedOn"][0]["reference"] in orders
        assert one["owner"]["reference"] in ("Practitioner/st-hargrove", "Practitioner/st-mayhew")
    states = Counter(one["status"] for one in calls)
    assert states["completed"] > 2 * states["failed"] > 0


def test_a_copy_goes_to_an_attorney_only_on_an_authorization_that_is_whole(by_kind: Wards) -> None:
    """Six core elements and three statements, signed before the copy was sent and not expired by then."""
    consents = {f"Consent/{one['id']}": one for one in by_kind["Consent"]}
    notes = {f"DocumentReference/{one['id']}": one for one in by_kind["DocumentReference"]}
    kinds = Counter()
    for one in _tasks(by_kind, "release-of-information"):
        kind = one["input"][1]["valueCode"]
        kinds[kind] += 1
        assert ("basedOn" in one) == (kind in ("attorney", "insurer"))
        for sent in one.get("output", []):
            note = notes[sent["valueReference"]["reference"]]
            assert note["context"]["encounter"][0]["reference"] == one["encounter"]["reference"]
        if "basedOn" in one:
            paper = consents[one["basedOn"][0]["reference"]]
            provision = paper["provision"]
            assert provision["code"] and provision["purpose"] and provision["actor"][0]["reference"]["display"]
            assert paper["organization"] and paper["dateTime"] < one["authoredOn"]
            assert one.get("executionPeriod", {}).get("end", MORNING) < provision["period"]["end"]
            text = b64decode(paper["sourceAttachment"]["data"]).decode()
            assert all(word in text for word in ("revoke", "do not depend", "disclosed again", "Signed by the"))
    assert len(kinds) >= 3


def test_an_operation_is_agreed_to_before_it_begins_and_everybody_knows_the_privacy_notice(by_kind: Wards) -> None:
    """No stay with an operation note lacks its consent; a parent signs for a child."""
    operations = defaultdict(list)
    for one in by_kind["Procedure"]:
        operations[one["encounter"]["reference"]].append(one["performedPeriod"]["start"])
    signed = {one["provision"]["data"][0]["reference"]["reference"]: one["dateTime"]
              for one in by_kind["Consent"] if one["id"].endswith("-consent")}
    for note in by_kind["DocumentReference"]:
        if note["type"]["coding"][0]["code"] == "11504-8":
            encounter = note["context"]["encounter"][0]["reference"]
            assert signed[encounter] < min(operations[encounter])
    born = {f"Patient/{one['id']}": one["birthDate"] for one in by_kind["Patient"]}
    notices = [one for one in by_kind["Consent"] if one["id"].endswith("-npp")]
    assert {one["patient"]["reference"] for one in notices} == {
        one["subject"]["reference"] for one in by_kind["Encounter"] if one["status"] != "cancelled"}
    for one in notices:
        eighteen = f"{int(born[one['patient']['reference']][:4]) + 18}{born[one['patient']['reference']][4:]}"
        child = one["dateTime"][:10] < eighteen
        assert one["performer"][0]["reference"].startswith("RelatedPerson/") == child


@pytest.mark.parametrize("seed", [SEED, 42, 7])
def test_nobody_works_on_her_own_record(seed: int) -> None:
    """A coder, a biller or a case manager who was a patient here finds her chart with a colleague."""
    known = {f"Patient/p{n + 1:04d}": f"Practitioner/{one.id}" for n, one in families(seed).own.items() if n < 120}
    assert len(known) >= 3
    seen = 0
    for one in build(seed, 120, real_codes()):
        who = one.get("for", one.get("patient", one.get("subject", {})))
        if one["resourceType"] in ("Task", "Claim", "CareTeam", "Observation") and who["reference"] in known:
            seen += 1
            assert f'"{known[who["reference"]]}"' not in json.dumps(one), one["id"]
    assert seen > 50
