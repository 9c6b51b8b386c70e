"""Falls and other harm in the record, and the ward ledger from before its last quarter."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import pytest
from hospital_rounds import MORNING, Wards, default_by_kind, real_codes, text_of

from fixtures.hospital import SEED, build
from fixtures.hospital.ledger import events
from fixtures.hospital.places import WARDS
from fixtures.hospital.randomness import Dice


@pytest.fixture(scope="module")
def by_kind() -> Wards:
    """The default hospital by resource type."""
    return default_by_kind()


def test_each_event_happened_where_its_patient_lay_and_a_fall_left_a_note() -> None:
    """In three hundred patients: place, time and severity agree with the stay; the nurse on duty wrote of each fall."""
    wards: Wards = defaultdict(list)
    for one in build(SEED, 300, real_codes()):
        wards[one["resourceType"]].append(one)
    encounters = {f"Encounter/{one['id']}": one for one in wards["Encounter"]}
    notes = {one["id"]: one for one in wards["DocumentReference"]}
    kinds = Counter()
    for one in wards["AdverseEvent"]:
        kinds[one["event"]["coding"][0]["code"]] += 1
        out = encounters[one["encounter"]["reference"]]
        assert any(
            place["location"]["reference"] == one["location"]["reference"]
            and place["period"]["start"] <= one["date"] <= place["period"].get("end", MORNING)
            for place in out["location"]
        ), one["id"]
        assert one["severity"]["coding"][0]["code"] in ("mild", "moderate")
        assert one["date"] <= one["recordedDate"] <= MORNING
        if one["event"]["coding"][0]["code"] == "fall":
            note = notes[out["id"] + "-f1"]
            assert one["date"] < note["date"] < one["recordedDate"]
            assert "floor" in text_of(note)
            assert one["recorder"] == note["author"][0]
    assert kinds["fall"] >= 4
    assert len(kinds) >= 3


def test_the_ledger_has_thirty_six_months_of_each_ward_and_ends_where_the_quarter_begins(by_kind: Wards) -> None:
    """Counts that a ward of that size can have; the rates of falls are those of a hospital, not of a sample."""
    months = defaultdict(list)
    total = Counter()
    for one in by_kind["MeasureReport"]:
        counts = {row["code"]["coding"][0]["code"]: row["count"] for row in one["group"][0]["population"]}
        months[one["subject"]["reference"]].append(one["period"]["start"])
        ward = WARDS[one["subject"]["reference"].removeprefix("Location/loc-").upper()]
        first, last = (date.fromisoformat(one["period"][key]) for key in ("start", "end"))
        assert 0.5 < counts["patient-days"] / ((last - first).days + 1) / ward.beds < 1
        assert counts["deaths"] < counts["admissions"] < counts["patient-days"]
        total += Counter(counts)
    assert set(months) == {"Location/loc-4e", "Location/loc-5w", "Location/loc-3s", "Location/loc-3n"}
    for found in months.values():
        assert sorted(set(found)) == found
        assert (len(found), found[0], found[-1]) == (36, "2023-04-01", "2026-03-01")
    assert 2.3 < 1000 * total["falls"] / total["patient-days"] < 3.6


def test_counts_in_the_ledger_scatter_as_rare_events_do() -> None:
    """Mean and variance of a Poisson count, so that a control chart of it means what it says."""
    dice = Dice("scatter")
    found = [events(1.6, dice) for _ in range(4000)]
    mean = sum(found) / len(found)
    variance = sum((one - mean) ** 2 for one in found) / len(found)
    assert abs(mean - 1.6) < 0.08
    assert abs(variance - 1.6) < 0.15
