"""What twenty charts, read whole, were found to need: each mended once, and watched here (docs/hospital/reading.md)."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hospital_rounds import Resource, Wards, default_by_kind, icd, text_of

from fixtures.hospital.clock import workday


@pytest.fixture(scope="module")
def by_kind() -> Wards:
    """The default hospital by resource type."""
    return default_by_kind()


def _stays(by_kind: Wards) -> list[Resource]:
    return [one for one in by_kind["Encounter"] if one["class"]["code"] == "IMP" and one["status"] == "finished"]


def _of_encounter(one: Resource) -> str:
    return str(one["context"]["encounter"][0]["reference"].split("/")[1])


def test_the_clinic_is_closed_on_weekends_and_holidays(by_kind: Wards) -> None:
    """Nobody sees her physician on Christmas Day or Labor Day, and nobody books a sore throat two weeks ahead."""
    for one in by_kind["Encounter"]:
        if one["class"]["code"] == "AMB":
            day = date.fromisoformat(one["period"]["start"][:10])
            assert workday(day) == day, one["id"]
    for one in by_kind["Appointment"]:
        made, start = (datetime.fromisoformat(one[key]) for key in ("created", "start"))
        assert made < start, one["id"]
        if one.get("description") in ("Strep throat", "Middle ear infection", "Upper respiratory infection"):
            assert start - made < timedelta(days=6), one["id"]


def test_the_list_of_home_medicines_is_what_was_ordered(by_kind: Wards) -> None:
    """An office note lists the drugs that stand ordered that morning: no more, no fewer, at no other dose."""
    ordered = defaultdict(list)
    for one in by_kind["MedicationRequest"]:
        if re.search(r"-h\d+$", one["id"]):
            end = one["dispenseRequest"]["validityPeriod"].get("end", "9999")
            words = f"{one['medicationCodeableConcept']['text']} {one['dosageInstruction'][0]['text']}"
            ordered[one["subject"]["reference"]].append((one["authoredOn"][:10], end, words))
    for note in by_kind["DocumentReference"]:
        if note["description"] != "Outpatient Note":
            continue
        found = re.search(r"(?i)medicines at home[:.]?\s+(.*?)\.\s+allergies", text_of(note), re.S)
        assert found, note["id"]
        day = note["context"]["period"]["start"][:10]
        stand = {words for begun, end, words in ordered[note["subject"]["reference"]] if begun < day <= end}
        said = {one[:1].lower() + one[1:] for one in found[1].split("; ")} - {"none"}
        assert said == stand, (note["id"], said ^ stand)


def test_orders_are_given_while_the_patient_is_there(by_kind: Wards) -> None:
    """No prescription after she left, none in the waiting room, none for a reason that is a kind of visit."""
    encounters = {one["id"]: one for one in by_kind["Encounter"]}
    for one in by_kind["MedicationRequest"]:
        if "encounter" not in one:
            continue
        seen = encounters[one["encounter"]["reference"].split("/")[1]]
        assert one["authoredOn"] <= seen["period"].get("end", "9999"), one["id"]
        if seen["class"]["code"] == "EMER":
            assert one["authoredOn"] > seen["location"][-1]["period"]["start"], one["id"]
        assert not {row["text"] for row in one["reasonCode"]} & {"follow-up", "annual examination"}, one["id"]


def test_every_day_in_a_bed_has_a_physicians_note_and_one_puncture(by_kind: Wards) -> None:
    """From admission to the day before leaving somebody wrote; the morning's blood is one draw."""
    written = defaultdict(set)
    for note in by_kind["DocumentReference"]:
        if note["description"] not in ("Nurse Note", "Diagnostic imaging study", "Physical therapy Progress note"):
            written[_of_encounter(note)].add(note["date"][:10])
    drawn = defaultdict(set)
    for one in by_kind["Observation"]:
        if one["category"][0]["coding"][0]["code"] == "laboratory":
            when = one["effectiveDateTime"]
            drawn[one["encounter"]["reference"].split("/")[1], when[:10], when[11:13]].add(when)
    for stay in _stays(by_kind):
        first, last = (date.fromisoformat(stay["period"][key][:10]) for key in ("start", "end"))
        days = {(first + timedelta(days=n)).isoformat() for n in range(1, (last - first).days)}
        assert days <= written[stay["id"]], (stay["id"], days - written[stay["id"]])
        assert all(len(times) == 1 for key, times in drawn.items() if key[0] == stay["id"] and key[2] == "05")


def test_a_farewell_is_written_only_for_those_who_were_seen_to_be_dying(by_kind: Wards) -> None:
    """A sudden death has no chaplain the day before it; comfort care is coded where it was given."""
    coded = defaultdict(set)
    for one in by_kind["Condition"]:
        if "encounter" in one:
            coded[one["encounter"]["reference"].split("/")[1]].add(icd(one))
    texts = defaultdict(str)
    for note in by_kind["DocumentReference"]:
        texts[_of_encounter(note)] += text_of(note)
    dead = [one["id"] for one in _stays(by_kind) if one["hospitalization"]["dischargeDisposition"]["text"] == "Expired"]
    assert dead
    for id in dead:
        sudden = re.search(r"suddenly|without warning|beyond what endoscopy", texts[id])
        assert not (sudden and "Comfort comes first" in texts[id]), id
        assert ("Z51.5" in coded[id]) == (not sudden), id


def test_children_grow_from_year_to_year(by_kind: Wards) -> None:
    """Nobody of seven is as tall as at six."""
    born = {f"Patient/{one['id']}": one["birthDate"] for one in by_kind["Patient"]}
    heights = defaultdict(list)
    for one in by_kind["Observation"]:
        if one["code"].get("text") == "Body height" and born[one["subject"]["reference"]] > "2013-06-30":
            heights[one["subject"]["reference"]].append((one["effectiveDateTime"], one["valueQuantity"]["value"]))
    several = [sorted(rows) for rows in heights.values() if len(rows) > 1]
    assert several
    for rows in several:
        assert all(one[1] < two[1] for one, two in pairwise(rows)), rows
