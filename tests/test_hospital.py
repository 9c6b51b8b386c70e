"""The first hospital: the same everywhere, whole, valid, and sensible."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from fixtures.hospital import NAME, PATIENTS, SEED, TODAY, ZONE, CodeSource, build

Resource = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
MORNING = "2026-06-30T08:00:00-05:00"
DIGEST = """
import hashlib, json
from fixtures.hospital import build
from fixtures.hospital.__main__ import Plainly
digest = hashlib.sha256()
for one in build(7, 24, Plainly()):
    digest.update(json.dumps(one).encode())
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def codes() -> CodeSource:
    """The real classification, built once for all tests of this machine."""
    from sandbox.terminology import open_codes

    return open_codes(Path(tempfile.gettempdir()) / f"two-seats-test-codes-{Path.home().name}")


@pytest.fixture(scope="module")
def hospital(codes: CodeSource) -> list[Resource]:
    """The default hospital."""
    return list(build(SEED, PATIENTS, codes))


@pytest.fixture(scope="module")
def by_kind(hospital: list[Resource]) -> dict[str, list[Resource]]:
    """The default hospital by resource type."""
    out: dict[str, list[Resource]] = defaultdict(list)
    for one in hospital:
        out[one["resourceType"]].append(one)
    return out


def _walk(value: Any, key: str) -> Iterator[Any]:
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for part in value.values():
            yield from _walk(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from _walk(part, key)


def _text(note: Resource) -> str:
    return b64decode(note["content"][0]["attachment"]["data"]).decode()


def _icd(condition: Resource) -> str:
    return str(condition["code"]["coding"][0]["code"])


def test_two_processes_with_other_hash_seeds_and_time_zones_build_the_same_bytes() -> None:
    """Nothing depends on the machine, its clock or its zone."""
    found = set()
    for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/New_York")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)}
        run = subprocess.run([sys.executable, "-c", DIGEST], env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
        found.add(run.stdout.strip())
    assert len(found) == 1


def test_another_seed_gives_another_hospital(codes: CodeSource) -> None:
    """The seed matters; so hidden hospitals differ from the shown one."""
    def digest(seed: int) -> str:
        return hashlib.sha256(json.dumps(list(build(seed, 8, codes))).encode()).hexdigest()
    assert digest(1) != digest(2)


def test_a_smaller_hospital_is_the_beginning_of_a_larger_one(codes: CodeSource) -> None:
    """Growing the hospital changes no chart that was there."""
    few = [one for one in build(3, 5, codes) if one["resourceType"] != "AuditEvent"]
    assert few == list(build(3, 12, codes))[: len(few)]


def test_eighty_patients_are_built_within_seconds(codes: CodeSource) -> None:
    """Hidden hospitals are built while somebody waits: 2 s on two quiet cores, with room for busy ones."""
    started = time.process_time()
    count = sum(1 for _ in build(11, 80, codes))
    assert count > 5000
    assert time.process_time() - started < 4


def test_the_hospital_has_the_size_that_the_tasks_need(by_kind: dict[str, list[Resource]]) -> None:
    """At least 60 patients, 300 encounters and 90 inpatient stays, with in-progress and cancelled ones."""
    encounters = by_kind["Encounter"]
    assert len(by_kind["Patient"]) >= 60
    assert len(encounters) >= 300
    kinds = Counter((one["class"]["code"], one["status"]) for one in encounters)
    assert kinds["IMP", "finished"] >= 90
    assert kinds["EMER", "finished"] >= 40
    assert kinds["OBSENC", "finished"] >= 10
    assert kinds["IMP", "in-progress"] >= 3
    assert kinds["IMP", "cancelled"] >= 1
    assert kinds["AMB", "cancelled"] >= 5
    assert 300 <= len(by_kind["AuditEvent"]) <= 1500
    assert len({one["recorded"][:10] for one in by_kind["AuditEvent"]}) >= 3
    assert len(by_kind["Practitioner"]) >= 30


def test_every_month_of_the_half_year_has_discharges_and_most_are_in_its_second_quarter(
    by_kind: dict[str, list[Resource]],
) -> None:
    """Monthly reports have something to count, and several services have stays."""
    stays = [one for one in by_kind["Encounter"] if one["class"]["code"] == "IMP" and one["status"] == "finished"]
    months = Counter(one["period"]["end"][:7] for one in stays)
    assert all(months[f"2026-{month:02d}"] >= 4 for month in range(1, 7)), months
    assert sum(months[f"2026-{month:02d}"] for month in (4, 5, 6)) > len(stays) / 2
    assert len({one["serviceType"]["text"] for one in stays}) >= 6
    assert {"EL", "EM", "UR"} <= {one["priority"]["coding"][0]["code"] for one in stays}
    assert min(one["period"]["start"] for one in by_kind["Encounter"]) < "2024-09"
    assert len({one["hospitalization"]["dischargeDisposition"]["coding"][0]["code"] for one in stays}) >= 5


def test_there_are_pneumonia_visits_and_returns_within_thirty_days(by_kind: dict[str, list[Resource]]) -> None:
    """The starter counts pneumonia visits; the readmission report needs returns."""
    assert sum(_icd(one) == "J18.9" for one in by_kind["Condition"]) >= 8
    ended: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in by_kind["Encounter"]:
        if one["class"]["code"] == "IMP" and one["status"] != "cancelled":
            ended[one["subject"]["reference"]].append((one["period"]["start"], one["period"].get("end", MORNING)))
    gaps = [(date.fromisoformat(b[0][:10]) - date.fromisoformat(a[1][:10])).days
            for stays in ended.values() for a, b in zip(sorted(stays), sorted(stays)[1:], strict=False)]
    assert sum(gap <= 30 for gap in gaps) >= 4
    assert min(gaps) >= 1


def test_every_reference_finds_its_resource_and_every_id_is_used_once(hospital: list[Resource]) -> None:
    """0 dangling references."""
    ids = Counter(f"{one['resourceType']}/{one['id']}" for one in hospital)
    assert max(ids.values()) == 1
    missing = {target for one in hospital for target in _walk(one, "reference") if target not in ids}
    assert not missing


def test_every_diagnosis_code_is_billable_and_carries_the_words_of_the_classification(
    by_kind: dict[str, list[Resource]], codes: CodeSource,
) -> None:
    """Conditions and claims alike."""
    seen = set()
    for kind in ("Condition", "Claim"):
        for one in by_kind[kind]:
            for coding in _walk(one, "coding"):
                seen |= {(part["code"], part.get("display")) for part in coding if part["system"] == ICD}
    assert len(seen) > 60
    for code, display in sorted(seen):
        found = codes.get(code)
        assert found and found.billable and found.title == display, code


def test_no_note_contains_a_code(by_kind: dict[str, list[Resource]]) -> None:
    """The words are the evidence; the code is the learner's work."""
    named = {_icd(one) for one in by_kind["Condition"]}
    shape = re.compile(r"\b[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?\b")
    for note in by_kind["DocumentReference"]:
        text = _text(note)
        assert not [one for one in shape.findall(text) if one not in ("A1C",)], (note["id"], shape.findall(text))
        assert not any(code.replace(".", "") in text for code in named if len(code) > 5), note["id"]
        assert "{" not in text, (note["id"], text)


def test_codes_agree_with_sex_and_age(by_kind: dict[str, list[Resource]], codes: CodeSource) -> None:
    """No man has pyelonephritis of a woman's story, no child an adult's examination, nobody impossible edits."""
    from sandbox.terminology import Codes

    assert isinstance(codes, Codes)
    patients = {f"Patient/{one['id']}": one for one in by_kind["Patient"]}
    conditions = {f"Condition/{one['id']}": one for one in by_kind["Condition"]}
    bad = []
    for one in by_kind["Encounter"]:
        patient = patients[one["subject"]["reference"]]
        found = [_icd(conditions[row["condition"]["reference"]]) for row in one.get("diagnosis", [])]
        if not found:
            continue
        day = date.fromisoformat(one["period"]["end"][:10])
        born = date.fromisoformat(patient["birthDate"])
        age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        setting = "inpatient" if one["class"]["code"] == "IMP" else "outpatient"
        for edit in codes.check(found, setting=setting, sex=patient["gender"][0].upper(), age=age, on=max(day, date(2026, 4, 1))):
            if edit.severity == "error":
                bad.append((one["id"], found, edit))
        assert ("Z00.129" in found) <= (age < 18) and (("Z00.00" in found) <= (age >= 18)), (one["id"], age)
        assert ("N40.0" in found) <= (patient["gender"] == "male")
    assert not bad, bad[:5]


def test_present_on_admission_is_blank_exactly_where_the_code_is_exempt(
    by_kind: dict[str, list[Resource]], codes: CodeSource,
) -> None:
    """Inpatient claims only: y or n, and nothing for an exempt code."""
    from sandbox.terminology import Codes

    assert isinstance(codes, Codes)
    values = Counter()
    for claim in by_kind["Claim"]:
        for row in claim["diagnosis"]:
            if claim["id"].replace("-claim", "") in {one["id"] for one in by_kind["Encounter"] if one["class"]["code"] == "IMP"}:
                code = row["diagnosisCodeableConcept"]["coding"][0]["code"]
                poa = row.get("onAdmission", {}).get("coding", [{}])[0].get("code", "")
                values[poa] += 1
                assert (poa == "") == codes.poa_exempt(code), (claim["id"], code, poa)
    assert values["y"] > 100
    assert values["n"] >= 3


def test_times_stand_in_order(by_kind: dict[str, list[Resource]]) -> None:
    """Arrival, order, notes, places and discharge follow each other; nothing lies after this morning; nothing after death."""
    orders = {one["encounter"]["reference"]: one for one in by_kind["ServiceRequest"]}
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
            assert start <= datetime.fromisoformat(row["start"]) <= datetime.fromisoformat(row.get("end", MORNING)) <= end
        for note in notes[f"Encounter/{one['id']}"]:
            when, code = datetime.fromisoformat(note["date"]), note["type"]["coding"][0]["code"]
            assert start < when, note["id"]
            if order and code == "34117-2":
                assert 0 < (when - datetime.fromisoformat(order["authoredOn"])).total_seconds() < 86400, note["id"]
            if code == "18842-5":
                assert "end" in one["period"]
                assert abs((when - end).total_seconds()) < 7200, note["id"]


def test_a_death_is_a_disposition_and_a_date(by_kind: dict[str, list[Resource]]) -> None:
    """Each stay that ended in death has a dead patient, and the other way round."""
    died = {one["subject"]["reference"]: one["period"]["end"] for one in by_kind["Encounter"]
            if one.get("hospitalization", {}).get("dischargeDisposition", {}).get("coding", [{}])[0].get("code") == "20"}
    assert died == {f"Patient/{one['id']}": one["deceasedDateTime"] for one in by_kind["Patient"] if "deceasedDateTime" in one}
    assert died


def test_laboratory_flags_agree_with_their_ranges(by_kind: dict[str, list[Resource]]) -> None:
    """H above, L below, N between; critical ones beyond."""
    checked = 0
    for one in by_kind["Observation"]:
        if one["category"][0]["coding"][0]["code"] != "laboratory":
            continue
        value, span = one["valueQuantity"]["value"], one["referenceRange"][0]
        flag = one["interpretation"][0]["coding"][0]["code"]
        below = "low" in span and value < span["low"]["value"]
        above = "high" in span and value > span["high"]["value"]
        assert flag in (("L", "LL") if below else ("H", "HH") if above else ("N",)), one["id"]
        checked += 1
    assert checked > 2000


def test_drugs_agree_with_diagnoses_and_allergies(by_kind: dict[str, list[Resource]]) -> None:
    """Insulin only with diabetes, an anticoagulant by mouth only with fibrillation; no drug that she is allergic to."""
    coded: dict[str, set[str]] = defaultdict(set)
    allergic: dict[str, set[str]] = defaultdict(set)
    for one in by_kind["Condition"]:
        coded[one["subject"]["reference"]].add(_icd(one)[:3])
    for one in by_kind["AllergyIntolerance"]:
        allergic[one["patient"]["reference"]].add(one["code"]["text"])
    needs = {"insulin glargine": {"E10", "E11"}, "metformin": {"E11"}, "apixaban": {"I48"}, "levothyroxine": {"E03"},
             "tiotropium": {"J44"}, "levetiracetam": {"G40"}, "alendronate": {"M81"}}
    for one in by_kind["MedicationRequest"]:
        name, who = one["medicationCodeableConcept"]["text"], one["subject"]["reference"]
        assert name not in allergic[who], one["id"]
        assert not needs.get(name) or needs[name] & coded[who], (one["id"], name)
        assert not re.search(r"\b\d+\.0\b|\bQD\b|\bU\b|(?<!\d)\.\d", one["dosageInstruction"][0]["text"])


def test_the_discharge_summary_says_every_diagnosis_that_was_coded(by_kind: dict[str, list[Resource]]) -> None:
    """The words of each Condition stand in the notes of its encounter."""
    texts: dict[str, str] = defaultdict(str)
    for note in by_kind["DocumentReference"]:
        texts[note["context"]["encounter"][0]["reference"]] += _text(note).lower()
    for one in by_kind["Condition"]:
        if "encounter" in one:
            assert one["code"]["text"].lower() in texts[one["encounter"]["reference"]], (one["id"], one["code"]["text"])


def test_accesses_follow_from_encounters(by_kind: dict[str, list[Resource]]) -> None:
    """Each access names a workforce member and a patient who had an encounter; a search carries its query."""
    seen = {one["subject"]["reference"] for one in by_kind["Encounter"]}
    for one in by_kind["AuditEvent"]:
        user = [agent for agent in one["agent"] if agent["requestor"]]
        assert len(user) == 1
        assert user[0]["who"]["reference"].startswith("Practitioner/")
        assert one["entity"][-1]["what"]["reference"] in seen
        assert ("query" in one["entity"][0]) == (one["action"] == "E")
        assert "2026-06-20" <= one["recorded"] < MORNING


def test_every_resource_is_valid(hospital: list[Resource]) -> None:
    """By the house's own validation, as on any write."""
    from sandbox.fhir.resources import validate

    for one in hospital:
        validate(one, typed=False)


def test_a_sample_is_valid_by_a_second_opinion(by_kind: dict[str, list[Resource]]) -> None:
    """fhir.resources (R4B) reads some of every type."""
    from fhir.resources.R4B import get_fhir_model_class

    for kind, all_of_it in by_kind.items():
        model = get_fhir_model_class(kind)
        for one in all_of_it[:: max(1, len(all_of_it) // 12)]:
            model.model_validate(one)


def test_the_facility_is_the_one_that_was_agreed() -> None:
    """Names that others rely on."""
    assert (NAME, ZONE, TODAY) == ("Two Rivers Medical Center", "America/Chicago", date(2026, 6, 30))
