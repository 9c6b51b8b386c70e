"""Larger hospitals with an effect of a known size: it is there, its interval excludes zero, and the twin has none."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from functools import cache, lru_cache
from pathlib import Path
from statistics import NormalDist
from typing import NamedTuple

import duckdb
import pytest
from hospital_rounds import real_codes

from fixtures.analysis import NAMES, Effect, plant_effect
from fixtures.hospital.codings import ICD10CM
from fixtures.planting.truth import Planted
from sandbox.fhir.resources import problems
from sandbox.lab import base
from sandbox.lab.dictionary import shipped
from sandbox.terminology import Code

#: A second implementation, in SQL over the lab's tables: stratum, studied or not, people, events.
COUNTED = {
    "discharge-calls": """
        WITH stay AS (SELECT e.*, c.code, lead(e.start_at) OVER w AS again, lead(e.priority) OVER w AS how,
                             row_number() OVER w AS n
                      FROM encounter e JOIN condition c USING (encounter_id)
                      WINDOW w AS (PARTITION BY e.patient_id ORDER BY e.start_at))
        SELECT code, EXISTS (SELECT 1 FROM task t WHERE t.focus_encounter = stay.encounter_id) AS studied, count(*),
               count(*) FILTER (again <= end_at + INTERVAL 30 DAY AND how <> 'EL')
        FROM stay WHERE n = 1 GROUP BY 1, 2""",
    "ward-mortality": """
        SELECT CASE WHEN EXISTS (SELECT 1 FROM claim c JOIN claim_diagnosis d USING (claim_id)
                                 WHERE c.encounter_id = e.encounter_id AND d.code = 'J96.01' AND d.poa = 'Y')
                    THEN 'respiratory failure on admission' ELSE 'without' END AS stratum,
               s.location_id = 'loc-4e' AS studied, count(*), count(*) FILTER (e.disposition = '20')
        FROM encounter e JOIN location_stay s USING (encounter_id) GROUP BY 1, 2""",
    "falls-rising": """
        SELECT '4 East and 5 West', month >= DATE '2025-07-01' AS studied, sum(patient_days), sum(falls)
        FROM unit_month WHERE location_id IN ('loc-4e', 'loc-5w') GROUP BY 1, 2""",
    "time-to-appointment": """
        SELECT 'asked for by 30 May', p.language_code <> 'en' AS studied, count(*), count(*) FILTER (EXISTS (
               SELECT 1 FROM appointment a WHERE a.based_on = r.service_request_id AND a.status = 'fulfilled'
               AND CAST(a.start_at AT TIME ZONE 'America/Chicago' AS DATE) - CAST(r.authored_at AT TIME ZONE
               'America/Chicago' AS DATE) <= 30))
        FROM service_request r JOIN patient p USING (patient_id)
        WHERE CAST(r.authored_at AT TIME ZONE 'America/Chicago' AS DATE) <= DATE '2026-05-30' GROUP BY 1, 2""",
}


# The scope lets pytest run all tests of a question one after the other: its hospitals are made once and not all kept.
OF_EACH = pytest.mark.parametrize("name", NAMES, scope="module")


def ratio_interval(effect: Effect) -> tuple[float, float]:
    """95 % about a ratio of two rates of rare events, on the logarithm."""
    (one,) = effect.groups
    ratio, z = one.events1 / one.n1 / (one.events0 / one.n0), NormalDist().inv_cdf(0.975)
    spread = 2.718281828459045 ** (z * (1 / one.events1 + 1 / one.events0) ** 0.5)
    return ratio / spread - 1, ratio * spread - 1


def interval(effect: Effect) -> tuple[float, float]:
    """The interval of the question's own measure."""
    return ratio_interval(effect) if effect.measure.startswith("ratio") else effect.interval


@OF_EACH
@pytest.mark.parametrize("seed", range(3))
def test_the_interval_excludes_zero_where_something_happened_and_holds_it_where_nothing_did(
        name: str, seed: int) -> None:
    """It covers what was planted both times, and the crude figure misleads where groups differ."""
    low, high = interval(facts(name, seed).effect)
    planted = facts(name, seed).effect.planted
    assert not low <= 0 <= high
    assert low <= planted <= high
    none = plant_effect(name, seed, without=True).truth
    low, high = interval(none)
    assert none.planted == 0 and low <= 0 <= high
    if len(none.groups) > 1:
        assert abs(none.crude) > 0.03 > abs(none.adjusted)


@OF_EACH
def test_a_second_count_over_the_labs_tables_finds_what_was_planted(name: str, tmp_path: Path) -> None:
    """Stratum by stratum, in SQL that shares nothing with the planting."""
    planted = plant(name, 1)
    base.build(tmp_path / "lab.duckdb", planted.resources, shipped())
    with duckdb.connect(str(tmp_path / "lab.duckdb"), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        rows = con.execute(COUNTED[name]).fetchall()
    found = {(stratum, studied): (n, events) for stratum, studied, n, events in rows}
    wanted = {}
    for group in planted.truth.groups:
        wanted[group.name, True] = (group.n1, group.events1)
        wanted[group.name, False] = (group.n0, group.events0)
    assert found == wanted


@OF_EACH
def test_the_resources_are_valid_and_refer_to_each_other(name: str) -> None:
    """Every reference finds its resource, ids stand once, codes are billable in the classification's words."""
    planted = plant(name, 2)
    ids = {f"{one['resourceType']}/{one['id']}" for one in planted.resources}
    assert len(ids) == len(planted.resources)
    for one in planted.resources[:: max(1, len(planted.resources) // 120)]:
        assert not problems(one, typed=False), one["id"]
    for one in planted.resources:
        named = {one[key]["reference"] for key in ("subject", "patient", "focus", "encounter") if key in one}
        assert {target for target in named if not target.startswith("#")} <= ids
        if one["resourceType"] == "Condition":
            coding = one["code"]["coding"][0]
            code = code_of(coding["code"])
            assert coding["system"] == ICD10CM and code.billable and code.title == coding["display"]


@cache
def code_of(code: str) -> Code:
    """A code of the classification."""
    found = real_codes().get(code)
    assert found
    return found


@lru_cache(maxsize=3)
def plant(name: str, seed: int) -> Planted[Effect]:
    """Each hospital once, while the tests of its question run: it is some 50 MB."""
    return plant_effect(name, seed)


class Facts(NamedTuple):
    """What is kept of a hospital: the truth about it, its stays, a sum over its bytes."""

    effect: Effect
    stays: int
    digest: str


@cache
def facts(name: str, seed: int) -> Facts:
    """Of a hospital where something happened."""
    made = plant(name, seed)
    stays = sum(one["resourceType"] == "Encounter" for one in made.resources)
    return Facts(made.truth, stays, hashlib.sha256(json.dumps(made.resources).encode()).hexdigest() if seed else "")


def test_three_thousand_stays_or_more() -> None:
    """Enough for a difference of a few points."""
    for name in ("discharge-calls", "ward-mortality"):
        assert facts(name, 1).stays >= 3000


def test_the_same_seed_gives_the_same_bytes_in_another_process_and_another_seed_others() -> None:
    """Whatever the hash seed and the time zone."""
    script = ("import hashlib, json; from fixtures.analysis import NAMES, plant_effect; "
              "print(*[hashlib.sha256(json.dumps(plant_effect(n, 1).resources).encode()).hexdigest() for n in NAMES])")
    environ = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert said.stdout.split() == [facts(name, 1).digest for name in NAMES]
    for name in NAMES:
        assert facts(name, 1).digest != facts(name, 2).digest


def test_a_question_that_is_none_is_named() -> None:
    """The error says which."""
    with pytest.raises(KeyError, match="no such question: nothing"):
        plant_effect("nothing", 1)
