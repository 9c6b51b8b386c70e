"""The first hospital: the same everywhere, whole, valid, and sensible."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
from hospital_rounds import MORNING, Resource, Wards, default_by_kind, default_hospital, icd, real_codes

from fixtures.hospital import NAME, TODAY, ZONE, build
from sandbox.terminology import Codes

ROOT = Path(__file__).resolve().parent.parent
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
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
def codes() -> Codes:
    """The real classification."""
    return real_codes()


@pytest.fixture(scope="module")
def hospital() -> tuple[Resource, ...]:
    """The default hospital."""
    return default_hospital()


@pytest.fixture(scope="module")
def by_kind() -> Wards:
    """The default hospital by resource type."""
    return default_by_kind()


def test_two_processes_with_other_hash_seeds_and_time_zones_build_the_same_bytes() -> None:
    """Nothing depends on the machine, its clock or its zone."""
    found = set()
    for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/New_York")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)}
        run = subprocess.run(
            [sys.executable, "-c", DIGEST], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
        )
        found.add(run.stdout.strip())
    assert len(found) == 1


def test_another_seed_gives_another_hospital(codes: Codes) -> None:
    """The seed matters; so hidden hospitals differ from the shown one."""

    def digest(seed: int) -> str:
        return hashlib.sha256(json.dumps(list(build(seed, 8, codes))).encode()).hexdigest()

    assert digest(1) != digest(2)


def test_a_smaller_hospital_is_the_beginning_of_a_larger_one(codes: Codes) -> None:
    """Growing the hospital changes no chart that was there."""
    few = [one for one in build(3, 5, codes) if one["resourceType"] != "AuditEvent"]
    assert few == list(build(3, 12, codes))[: len(few)]


def test_the_hospital_has_the_size_that_the_tasks_need(by_kind: Wards) -> None:
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
    assert 2000 <= len(by_kind["AuditEvent"]) <= 4500
    assert len({one["recorded"][:10] for one in by_kind["AuditEvent"]}) >= 3
    assert len(by_kind["Practitioner"]) >= 30


def test_every_month_of_the_half_year_has_discharges_and_most_are_in_its_second_quarter(
    by_kind: Wards,
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


def test_there_are_pneumonia_visits_and_returns_within_thirty_days(by_kind: Wards) -> None:
    """The starter counts pneumonia visits; the readmission report needs returns."""
    assert sum(icd(one) == "J18.9" for one in by_kind["Condition"]) >= 8
    ended: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in by_kind["Encounter"]:
        if one["class"]["code"] == "IMP" and one["status"] != "cancelled":
            ended[one["subject"]["reference"]].append((one["period"]["start"], one["period"].get("end", MORNING)))
    gaps = [
        (date.fromisoformat(b[0][:10]) - date.fromisoformat(a[1][:10])).days
        for stays in ended.values()
        for a, b in zip(sorted(stays), sorted(stays)[1:], strict=False)
    ]
    assert sum(gap <= 30 for gap in gaps) >= 4
    assert min(gaps) >= 1


def test_every_resource_is_valid(hospital: tuple[Resource, ...]) -> None:
    """By the house's own validation, as on any write."""
    from sandbox.fhir.resources import validate

    for one in hospital:
        validate(one, typed=False)


def test_a_sample_is_valid_by_a_second_opinion(by_kind: Wards) -> None:
    """fhir.resources (R4B) reads some of every type."""
    from fhir.resources.R4B import get_fhir_model_class

    for kind, all_of_it in by_kind.items():
        model = get_fhir_model_class(kind)
        for one in all_of_it[:: max(1, len(all_of_it) // 12)]:
            model.model_validate(one)


def test_the_facility_is_the_one_that_was_agreed() -> None:
    """Names that others rely on."""
    assert ("Two Rivers Medical Center", "America/Chicago", date(2026, 6, 30)) == (NAME, ZONE, TODAY)
