"""The 23 data-quality defects: valid, found by SQL, told from their look-alikes, absent from the base."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from hospital_rounds import Resource, default_hospital, real_codes
from planting import SEEDS, SOME, Ward, dangling, ward

from fixtures.planting import plant_defects
from fixtures.planting.defects import NAMES, Defects
from fixtures.planting.truth import Planted
from sandbox.fhir.resources import problems
from sandbox.lab import LabRooms
from sandbox.lab.layer import Layer
from sandbox.lab.room import RoomLab

TODAY = date(2026, 6, 30)
ROOT = Path(__file__).resolve().parent.parent
MRN, LOINC = "https://two-rivers.example/mrn", "http://loinc.org"
RX = "http://www.nlm.nih.gov/research/umls/rxnorm"
KAHN = {"conformance/value", "conformance/relational", "conformance/computational", "completeness",
        "plausibility/uniqueness", "plausibility/atemporal", "plausibility/temporal"}
DIGEST = """
import hashlib, json
from hospital_rounds import default_by_kind
from planting import Ward
from fixtures.planting import plant_defects
found = plant_defects(Ward({"Patient": [], "Observation": []}), 5)
print(hashlib.sha256((json.dumps(found.resources) + repr(found.truth)).encode()).hexdigest())
"""
WEIGHTS = "SELECT * FROM observation WHERE code = '29463-7' AND value_unit = 'kg'"
#: What an informatician would ask: each gives the resources at fault, as Type/id, and nothing else.
FINDERS = {
    "orphan-reference": """SELECT DISTINCT 'Basic/' || feed_id FROM feed_row WHERE field = 'PID-3'
        AND value NOT IN (SELECT value FROM patient_identifier)""",
    "duplicate-mrn": """SELECT 'Patient/' || patient_id FROM patient_identifier WHERE (system, value) IN
        (SELECT (system, value) FROM patient_identifier GROUP BY ALL HAVING count(DISTINCT patient_id) > 1)""",
    "null-required": """SELECT 'Patient/' || patient_id FROM patient WHERE mrn IS NULL OR family IS NULL UNION ALL
        SELECT 'Observation/' || observation_id FROM observation WHERE value_number IS NULL AND value_code IS NULL
        AND value_text IS NULL AND absent_reason IS NULL
        AND observation_id NOT IN (SELECT observation_id FROM observation_component)""",
    "retired-code": """SELECT 'Condition/' || condition_id FROM condition
        WHERE system LIKE '%icd-10-cm' AND version IS NOT NULL
        AND recorded_at >= make_date(version::INT, 10, 1)""",
    "wrong-system": """SELECT 'Condition/' || condition_id FROM condition
        WHERE system NOT LIKE '%icd-10-cm' AND regexp_matches(code, '^[A-Z][0-9][0-9A-Z](\\.[0-9A-Z]+)?$')""",
    "unexpected-category": """SELECT 'Observation/' || observation_id FROM observation WHERE category NOT IN
        ('laboratory', 'vital-signs', 'exam', 'survey', 'social-history', 'imaging', 'procedure')""",
    "bad-date": """SELECT 'Patient/' || patient_id FROM patient WHERE birth_date = DATE '1900-01-01' UNION ALL
        SELECT 'Observation/' || observation_id FROM observation WHERE local_date(effective_at) > today() UNION ALL
        SELECT 'Basic/' || feed_id FROM feed_row WHERE field = 'PID-7' AND length(value) = 8
        AND try_strptime(value, '%Y%m%d') IS NULL""",
    "bmi-mismatch": f"""SELECT 'Observation/' || b.observation_id FROM observation b
        JOIN ({WEIGHTS}) w USING (encounter_id) JOIN observation h
        ON h.encounter_id = b.encounter_id AND h.code = '8302-2'
        WHERE b.code = '39156-5' AND abs(b.value_number - w.value_number / (h.value_number / 100) ** 2) > 0.5""",
    "swapped-units": f"""SELECT 'Observation/' || w.observation_id FROM ({WEIGHTS}) w JOIN patient USING (patient_id)
        WHERE birth_date < DATE '2008-01-01' AND value_number > 1.8 * (SELECT median(o.value_number)
        FROM ({WEIGHTS}) o WHERE o.patient_id = w.patient_id)""",
    "impossible-physiology": """SELECT 'Observation/' || s.observation_id FROM observation_component s
        JOIN observation_component d USING (observation_id) WHERE s.code = '8480-6' AND d.code = '8462-4'
        AND s.value_number <= d.value_number UNION ALL
        SELECT 'Observation/' || observation_id FROM observation WHERE code = '59408-5' AND value_number > 100
        UNION ALL SELECT 'Observation/' || observation_id FROM observation WHERE code = '8867-4'
        AND value_number NOT BETWEEN 20 AND 260""",
    "total-mismatch": """SELECT 'Claim/' || claim_id FROM claim JOIN claim_line USING (claim_id)
        GROUP BY claim_id, total HAVING sum(net) <> total""",
    "closed-encounter-without-diagnosis": """SELECT 'Encounter/' || encounter_id FROM encounter
        WHERE status = 'finished' AND encounter_id NOT IN (SELECT encounter_id FROM encounter_diagnosis)""",
    "unmapped-lab": f"""SELECT 'Observation/' || observation_id FROM observation
        WHERE category = 'laboratory' AND system <> '{LOINC}'""",
    "gap-after-cut-over": """SELECT 'Encounter/' || encounter_id FROM encounter WHERE status = 'finished'
        AND local_date(start_at) BETWEEN '2026-03-02' AND '2026-03-09'
        AND encounter_id NOT IN (SELECT encounter_id FROM observation WHERE encounter_id IS NOT NULL)""",
    "race-missing-at-one-site": """SELECT 'Patient/' || patient_id FROM patient WHERE patient_id NOT IN
        (SELECT patient_id FROM patient_race WHERE kind = 'ombCategory')""",
    "sex-incompatible-code": """SELECT 'Condition/' || condition_id FROM condition JOIN patient USING (patient_id)
        WHERE (sex = 'female' AND (code LIKE 'N4%' OR code LIKE 'C61%'))
        OR (sex = 'male' AND (code LIKE 'N8%' OR code LIKE 'N9%' OR regexp_matches(code, '^(O|C5[1-8])')))""",
    "insulin-without-diabetes": """SELECT 'MedicationRequest/' || medication_request_id FROM medication_request m
        WHERE code IN ('274783', '86009', '5856') AND NOT EXISTS (SELECT 1 FROM condition c
        WHERE c.patient_id = m.patient_id AND regexp_matches(code, '^(E0[89]|E1[013]|O24)'))""",
    "end-before-start": """SELECT 'Encounter/' || encounter_id
        FROM location_stay s JOIN encounter e USING (encounter_id)
        WHERE s.start_at > e.end_at UNION ALL SELECT 'Basic/' || a.feed_id
        FROM feed_row a JOIN feed_row b USING (feed_id)
        WHERE a.field = 'PV1-44' AND b.field = 'PV1-45' AND length(a.value) = 14 AND b.value < a.value""",
    "event-after-death": """SELECT 'Observation/' || observation_id FROM observation JOIN patient USING (patient_id)
        WHERE effective_at > deceased_at""",
    "event-before-birth": """SELECT 'Observation/' || observation_id FROM observation JOIN patient USING (patient_id)
        WHERE local_date(effective_at) < birth_date""",
    "one-patient-twice": """SELECT 'Patient/' || unnest([a.patient_id, b.patient_id]) FROM patient a JOIN patient b
        ON a.family = b.family AND a.birth_date = b.birth_date AND a.sex = b.sex AND a.patient_id <> b.patient_id
        AND left(a.given, 1) = left(b.given, 1) AND length(b.given) = 2""",
    "exact-duplicate": """SELECT 'Observation/' || observation_id FROM observation
        WHERE (patient_id, code, effective_at, value_number) IN (SELECT (patient_id, code, effective_at, value_number)
        FROM observation WHERE value_number IS NOT NULL GROUP BY ALL HAVING count(*) > 1)""",
    "copied-forward": """WITH day AS (SELECT patient_id, local_date(effective_at) d,
        max(value_number) FILTER (code = '8310-5') t, max(value_number) FILTER (code = '8867-4') h,
        max(value_number) FILTER (code = '29463-7') w FROM observation GROUP BY ALL),
        same AS (SELECT patient_id, t, h, w, min(d) first FROM day WHERE t + h + w IS NOT NULL
        GROUP BY ALL HAVING count(*) >= 5)
        SELECT 'Observation/' || observation_id FROM observation o JOIN same USING (patient_id)
        WHERE local_date(effective_at) > first AND (code, value_number) IN
        (('8310-5', t), ('8867-4', h), ('29463-7', w))""",
}


class Labs:
    """Labs over the default hospital with anything planted in it, its file built once."""

    def __init__(self, folder: Path) -> None:
        self.rooms = LabRooms(folder)
        base = self.rooms.hidden("planting", default_hospital, TODAY)
        assert isinstance(base, RoomLab)
        self.base = base

    def of(self, planted: Sequence[Resource]) -> RoomLab:
        layer = Layer.of(planted, (), self.rooms.dictionary)
        return RoomLab(self.rooms.pool, self.rooms.dictionary, self.base.base, layer, TODAY)


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Labs]:
    found = Labs(tmp_path_factory.mktemp("labs"))
    yield found
    found.rooms.close()


def planted(seed: int) -> Planted[Defects]:
    return plant_defects(ward(), seed)


def found(lab: RoomLab, name: str) -> set[str]:
    return {row[0] for row in lab.run(FINDERS[name], seconds=20).rows}


def test_there_are_twenty_three_defects_and_a_query_for_each() -> None:
    """The dictionary's list, whole; each with its class, its columns, its reason and a look-alike."""
    defects = planted(1).truth.defects
    assert [one.name for one in defects] == list(NAMES)
    assert len(NAMES) == len(set(NAMES)) == 23 == len(FINDERS)
    for one in defects:
        assert set(one.kahn) <= KAHN and one.kahn and one.columns and one.places and one.why.endswith(".")
        assert one.decoys and all(decoy.why.endswith(".") for decoy in one.decoys), one.name


@pytest.mark.parametrize("name", NAMES)
def test_the_untouched_hospital_is_clean_of_each(labs: Labs, name: str) -> None:
    """No fault that nobody planted: the query finds nothing in the base."""
    assert found(labs.base, name) == set()


@pytest.mark.parametrize("name", NAMES)
def test_the_clinic_without_a_defect_is_clean_of_it(labs: Labs, name: str) -> None:
    """All the others planted, this one not: its query finds nothing but what they bring along, which is nothing."""
    others = plant_defects(ward(), 3, [one for one in NAMES if one != name])
    assert found(labs.of(others.resources), name) == set()


@pytest.mark.parametrize("seed", SOME)
def test_each_defect_is_found_where_the_truth_says_and_nowhere_else(labs: Labs, seed: int) -> None:
    """By SQL over the lab: exactly the places of the truth, none of its decoys."""
    told = planted(seed)
    lab = labs.of(told.resources)
    for one in told.truth.defects:
        assert found(lab, one.name) == {place.resource for place in one.places}, one.name
        assert not found(lab, one.name) & {place.resource for decoy in one.decoys for place in decoy.places
                                           if not place.field.startswith("identifier")}, one.name


def test_the_columns_that_a_defect_names_are_columns_of_the_lab(labs: Labs) -> None:
    """So a hunt can be judged by resource and column."""
    known = {f"{table.name}.{column.name}" for table in labs.base.schema() for column in table.columns}
    assert {column for one in planted(1).truth.defects for column in one.columns} <= known


def test_the_feed_stands_in_its_table_as_text(labs: Labs) -> None:
    """Every row of the truth's feed is a row of feed_row; all of its columns are text, so nothing was refused."""
    told = planted(2)
    rows = labs.of(told.resources).run("SELECT message_id, received_at, segment, field, value FROM feed_row")
    assert set(rows.types) == {"VARCHAR"}
    assert set(rows.rows) == {(one.message_id, one.received_at, one.segment, one.field, one.value)
                              for one in told.truth.feed}
    assert labs.base.run("SELECT count(*) FROM feed_row").rows == ((0,),)


@pytest.mark.parametrize("seed", SOME)
def test_every_planted_defect_is_valid_and_refers_to_something(seed: int) -> None:
    """The record takes each resource on write, by its own rules and by the typed models; nothing dangles."""
    resources = planted(seed).resources
    typed = {one["resourceType"]: one for one in resources}
    assert [told for one in resources for told in problems(one, typed=False)] == []
    assert [told for one in typed.values() for told in problems(one)] == []
    assert dangling(resources) == set()


def test_all_defects_of_one_seed_pass_the_typed_models_too() -> None:
    """fhir.resources (R4B) reads every one."""
    assert [told for one in planted(7).resources for told in problems(one)] == []


def test_nothing_in_the_record_tells_what_was_planted() -> None:
    """No id, no text names a defect; the truth stands apart."""
    text = json.dumps(planted(4).resources).lower()
    assert [name for name in (*NAMES, "decoy", "planted", "defect", "duplicate") if name in text] == []


def test_a_code_that_is_no_planted_fault_is_billable() -> None:
    """The clinic's other diagnoses are codes of the classification with its words."""
    told, codes = planted(6), real_codes()
    wrong = {place.resource for one in told.truth.defects for place in one.places}
    old = {place.resource for one in told.truth.defects if one.name in ("retired-code", "wrong-system")
           for decoy in one.decoys for place in decoy.places}
    for one in told.resources:
        if one["resourceType"] == "Condition" and f"Condition/{one['id']}" not in wrong | old:
            coding = one["code"]["coding"][0]
            code = codes.get(coding["code"])
            assert code and code.billable and code.title == coding["display"]


def test_defects_are_the_same_in_two_processes_and_differ_by_seed() -> None:
    """Hash seed and time zone do not matter; the seed does."""
    prints = set()
    for number, zone in (("1", "Asia/Tokyo"), ("2", "America/New_York")):
        run = subprocess.run(
            [sys.executable, "-c", DIGEST], cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": number, "TZ": zone, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"})
        prints.add(run.stdout.strip())
    assert len(prints) == 1
    told = [hashlib.sha256(repr(planted(seed).truth).encode()).hexdigest() for seed in SEEDS]
    assert len(set(told)) == len(told)


def test_defects_can_be_planted_in_a_hospital_that_is_empty() -> None:
    """Where there is no patient to duplicate, one of the clinic's own is taken; the organization is brought along."""
    told = plant_defects(Ward({}), 9)
    known = {f"{one['resourceType']}/{one['id']}" for one in told.resources}
    from planting import walk

    assert {target for one in told.resources for target in walk(one, "reference")} <= known


def test_a_defect_that_does_not_exist_is_named() -> None:
    """A task that asks for a wrong name is told so."""
    with pytest.raises(KeyError, match="typo"):
        plant_defects(ward(), 1, ["typo"])
