"""The charts of the first hospital: what they say agrees with what they are coded with."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import date, datetime

import pytest
from hospital_rounds import MORNING, Wards, default_by_kind, icd, real_codes, text_of

from fixtures.hospital import SEED, build
from fixtures.hospital.life import live
from fixtures.hospital.places import Beds
from sandbox.terminology import Codes


@pytest.fixture(scope="module")
def codes() -> Codes:
    """The real classification."""
    return real_codes()


@pytest.fixture(scope="module")
def by_kind() -> Wards:
    """The default hospital by resource type."""
    return default_by_kind()


def test_codes_agree_with_sex_and_age(by_kind: Wards, codes: Codes) -> None:
    """No man has pyelonephritis of a woman's story, no child an adult's examination, nobody impossible edits."""
    patients = {f"Patient/{one['id']}": one for one in by_kind["Patient"]}
    conditions = {f"Condition/{one['id']}": one for one in by_kind["Condition"]}
    bad = []
    for one in by_kind["Encounter"]:
        patient = patients[one["subject"]["reference"]]
        found = [icd(conditions[row["condition"]["reference"]]) for row in one.get("diagnosis", [])]
        if not found:
            continue
        day = date.fromisoformat(one["period"]["end"][:10])
        born = date.fromisoformat(patient["birthDate"])
        age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        setting = "inpatient" if one["class"]["code"] == "IMP" else "outpatient"
        for edit in codes.check(
            found, setting=setting, sex=patient["gender"][0].upper(), age=age, on=max(day, date(2026, 4, 1))
        ):
            if edit.severity == "error":
                bad.append((one["id"], found, edit))
        assert ("Z00.129" in found) <= (age < 18) and (("Z00.00" in found) <= (age >= 18)), (one["id"], age)
        assert ("N40.0" in found) <= (patient["gender"] == "male")
    assert not bad, bad[:5]


def test_present_on_admission_is_blank_exactly_where_the_code_is_exempt(
    by_kind: Wards,
    codes: Codes,
) -> None:
    """Inpatient claims only: y or n, and nothing for an exempt code."""
    values = Counter()
    for claim in by_kind["Claim"]:
        for row in claim["diagnosis"]:
            if claim["id"].replace("-claim", "") in {
                one["id"] for one in by_kind["Encounter"] if one["class"]["code"] == "IMP"
            }:
                code = row["diagnosisCodeableConcept"]["coding"][0]["code"]
                poa = row.get("onAdmission", {}).get("coding", [{}])[0].get("code", "")
                values[poa] += 1
                assert (poa == "") == codes.poa_exempt(code), (claim["id"], code, poa)
    assert values["y"] > 100
    assert values["n"] >= 3


def test_times_stand_in_order(by_kind: Wards) -> None:
    """Arrival, order, notes, places and discharge follow each other; nothing lies after this morning."""
    orders = {one["encounter"]["reference"]: one for one in by_kind["ServiceRequest"] if one["id"].endswith("-order")}
    dead = {f"Patient/{one['id']}": one["deceasedDateTime"] for one in by_kind["Patient"] if "deceasedDateTime" in one}
    notes = defaultdict(list)
    for one in by_kind["DocumentReference"]:
        notes[one["context"]["encounter"][0]["reference"]].append(one)
    for one in by_kind["Encounter"]:
        start, end = (datetime.fromisoformat(one["period"].get(key, MORNING)) for key in ("start", "end"))
        assert start <= end <= datetime.fromisoformat(MORNING), one["id"]
        assert one["period"].get("end", "") <= dead.get(one["subject"]["reference"], "9")
        order = orders.get(f"Encounter/{one['id']}")
        places = [row["period"] for row in one.get("location", [])]
        assert [row["start"] for row in places] == sorted(row["start"] for row in places)
        for row in places:
            assert (
                start <= datetime.fromisoformat(row["start"]) <= datetime.fromisoformat(row.get("end", MORNING)) <= end
            )
        for note in notes[f"Encounter/{one['id']}"]:
            when, code = datetime.fromisoformat(note["date"]), note["type"]["coding"][0]["code"]
            assert start < when, note["id"]
            if order and code == "34117-2":
                assert 0 < (when - datetime.fromisoformat(order["authoredOn"])).total_seconds() < 86400, note["id"]
            if code == "18842-5":
                assert "end" in one["period"]
                assert abs((when - end).total_seconds()) < 7200, note["id"]


def test_a_death_is_a_disposition_and_a_date(by_kind: Wards) -> None:
    """Each stay that ended in death has a dead patient, and the other way round."""
    died = {
        one["subject"]["reference"]: one["period"]["end"]
        for one in by_kind["Encounter"]
        if one.get("hospitalization", {}).get("dischargeDisposition", {}).get("coding", [{}])[0].get("code") == "20"
    }
    assert died == {
        f"Patient/{one['id']}": one["deceasedDateTime"] for one in by_kind["Patient"] if "deceasedDateTime" in one
    }
    assert died


def test_the_discharge_summary_says_every_diagnosis_that_was_coded(by_kind: Wards) -> None:
    """The words of each Condition stand in the notes of its encounter."""
    texts: dict[str, str] = defaultdict(str)
    for note in by_kind["DocumentReference"]:
        texts[note["context"]["encounter"][0]["reference"]] += text_of(note).lower()
    for one in by_kind["Condition"]:
        if "encounter" in one:
            assert one["code"]["text"].lower() in texts[one["encounter"]["reference"]], (one["id"], one["code"]["text"])


def test_accesses_follow_from_encounters(by_kind: Wards) -> None:
    """Each access names a workforce member and a patient who had an encounter; a search carries its query."""
    seen = {one["subject"]["reference"] for one in by_kind["Encounter"]}
    for one in by_kind["AuditEvent"]:
        user = [agent for agent in one["agent"] if agent["requestor"]]
        assert len(user) == 1
        assert user[0]["who"]["reference"].startswith("Practitioner/")
        assert one["entity"][-1]["what"]["reference"] in seen
        assert ("query" in one["entity"][0]) == (one["action"] == "E")
        assert "2026-06-16" <= one["recorded"] < MORNING


@pytest.mark.parametrize("seed", [1, 77, 4242])
def test_other_hospitals_hold_together_too(seed: int, codes: Codes) -> None:
    """Hidden hospitals of other seeds: no dangling reference, every diagnosis said, and no edit of the code editor."""
    everything = list(build(seed, 40, codes))
    ids = {f"{one['resourceType']}/{one['id']}" for one in everything}
    texts: dict[str, str] = defaultdict(str)
    coded: dict[str, list[str]] = defaultdict(list)
    for one in everything:
        for named in re.findall(r'"reference": ?"([^"]+)"', json.dumps(one)):
            assert named in ids, (one["id"], named)
        if one["resourceType"] == "DocumentReference":
            texts[one["context"]["encounter"][0]["reference"]] += text_of(one).lower()
    for one in everything:
        if one["resourceType"] == "Condition" and "encounter" in one:
            coded[one["encounter"]["reference"]].append(icd(one))
            assert one["code"]["text"].lower() in texts[one["encounter"]["reference"]], one["id"]
    for one in everything:
        if one["resourceType"] == "Encounter" and coded[f"Encounter/{one['id']}"]:
            setting = "inpatient" if one["class"]["code"] == "IMP" else "outpatient"
            edits = codes.check(coded[f"Encounter/{one['id']}"], setting=setting)
            assert not [edit for edit in edits if edit.severity == "error"], (one["id"], edits)


def test_after_a_stroke_no_plain_history_stands_beside_its_sequela() -> None:
    """The note Excludes1 at I69: three patients of a large hospital had both, a TIA and a stroke."""
    for n in (192, 285, 565):
        problems = live(SEED, n, Beds()).person.problems
        assert "poststroke" in problems
        assert "posttia" not in problems


def test_therapy_on_the_orthopedic_ward_is_noted_and_charged_on_the_same_days(by_kind: Wards) -> None:
    """On working days after the operation, by the therapist; not on a Sunday, and not to a bill without a note."""
    noted, charged = Counter(), Counter()
    for note in by_kind["DocumentReference"]:
        if note["type"]["coding"][0]["code"] == "11508-9":
            assert date.fromisoformat(note["date"][:10]).weekday() < 5
            noted[note["context"]["encounter"][0]["reference"], note["date"][:10]] += 1
    for one in by_kind["ChargeItem"]:
        if one["code"]["coding"][0]["code"] == "therapy":
            charged[one["context"]["reference"], one["occurrenceDateTime"][:10]] += 1
    assert len(noted) >= 15
    late = {key for key in noted if key[1] >= "2026-06-29"}  # not posted yet
    assert noted == charged or {key for key in noted if key not in charged} <= late
