"""What a quality measure and a case-mix report look up: value sets and DRG weights, in the list and in the lab."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from encoder_room import opened

from fixtures.hospital.library import table
from sandbox.lab import LabRooms
from sandbox.terminology.build import rows
from sandbox.terminology.weights import drgs

ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
SYSTEMS = {ICD10CM, "http://loinc.org", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"}


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabRooms]:
    """A lab with one patient."""
    made = LabRooms(tmp_path_factory.mktemp("lab"))
    yield made
    made.close()


def test_every_code_of_a_value_set_exists_and_no_licensed_system_is_there() -> None:
    """Diagnoses are billable in April 2026 and have their titles; neither CPT nor SNOMED CT stands in the list."""
    for name, _, _, measures, system, code, display in rows("value_sets/measures.tsv"):
        assert name and display and set(measures.split()) <= {"CMS122", "CMS165"}
        assert system in SYSTEMS
        if system == ICD10CM:
            entry = opened().get(code)
            assert entry and entry.billable and entry.title == display, code


def test_the_diabetes_set_holds_diabetes_and_nothing_else() -> None:
    """280 codes: types 1 and 2, other specified, and pre-existing in pregnancy; not drug-induced, not gestational."""
    held = {row[5] for row in rows("value_sets/measures.tsv") if row[0] == "Diabetes"}
    assert len(held) == 280
    assert {"E11.9", "E10.65", "E13.22", "O24.111"} <= held
    assert not held & {"E08.9", "E09.9", "O24.410", "R73.03", "E11.A", "E10.A0"}


def test_the_house_orders_the_measures_tests() -> None:
    """The HbA1c that the hospital's laboratory reports is in the measure's set."""
    assert "4548-4" in {row["loinc"] for row in table("labs")}
    assert any(row[5] == "4548-4" for row in rows("value_sets/measures.tsv"))


def test_the_lab_has_both_as_tables(rooms: LabRooms) -> None:
    """A case-mix index and a measure join them; both are described, and the same in a hospital turned round."""
    patients: list[dict[str, object]] = [{"resourceType": "Patient", "id": "ann", "birthDate": "1950-03-02"}]
    lab: Any = rooms.hidden("references", lambda: patients, date(2026, 6, 30))
    for room in (lab, rooms.reversed(lab)):
        found = room.run("SELECT title, weight, mdc FROM drg_weight WHERE fiscal_year = 2026 AND ms_drg = '291'")
        assert found.rows == (("Heart Failure and Shock with MCC", Decimal("1.2838"), "05"),)
        assert room.run("SELECT count(*), count(weight) FROM drg_weight").rows == ((len(drgs()), len(drgs()) - 2),)
        assert room.run("SELECT count(*) FROM value_set WHERE code = 'E11.9'").rows == ((1,),)
    tables = {table.name: table for table in lab.schema()}
    assert tables["drg_weight"].rows == 772
    assert [column.name for column in tables["value_set"].columns if column.key] == ["value_set", "system", "code"]
