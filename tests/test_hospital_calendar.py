"""Referrals, bookings and long-term care teams: the calendar agrees with what happened."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime

import pytest
from hospital_rounds import MORNING, Resource, Wards, default_by_kind

from fixtures.hospital.work import workday


@pytest.fixture(scope="module")
def by_kind() -> Wards:
    """The default hospital by resource type."""
    return default_by_kind()


def _patient(one: Resource) -> str:
    return str(one["participant"][0]["actor"]["reference"])


def test_bookings_are_kept_cancelled_missed_or_to_come_and_the_clock_agrees(by_kind: Wards) -> None:
    """What is booked lies ahead, all else behind; each was made before its day, and a cancellation has a reason."""
    states = Counter(one["status"] for one in by_kind["Appointment"])
    assert set(states) == {"fulfilled", "cancelled", "noshow", "booked"}
    assert states["noshow"] >= 15
    assert states["booked"] >= 20
    assert 0.02 < states["noshow"] / len(by_kind["Appointment"]) < 0.12
    reasons = Counter()
    for one in by_kind["Appointment"]:
        assert one["created"] < one["start"], one["id"]
        assert one["created"] <= MORNING
        if one["status"] == "booked":
            assert one["start"] > MORNING
        elif one["status"] != "cancelled":
            assert one["start"] < MORNING, one["id"]
        if one["status"] == "cancelled":
            reasons[one["cancelationReason"]["coding"][0]["code"]] += 1
        elif one["status"] in ("booked", "fulfilled"):
            assert "cancelationReason" not in one
        assert datetime.fromisoformat(one["start"]).weekday() < 5
    assert len(reasons) >= 4


def test_a_referral_is_completed_exactly_when_a_booking_for_it_was_kept(by_kind: Wards) -> None:
    """The clock of the wait starts at the request; it stops at the first visit, or still runs today."""
    kept: dict[str, list[str]] = defaultdict(list)
    requests = {f"ServiceRequest/{one['id']}": one for one in by_kind["ServiceRequest"]}
    for one in by_kind["Appointment"]:
        for named in one.get("basedOn", []):
            request = requests[named["reference"]]
            assert request["authoredOn"] <= one["created"]
            assert request["subject"]["reference"] == _patient(one)
            if one["status"] == "fulfilled":
                kept[named["reference"]].append(one["start"])
    asked = [id for id, one in requests.items() if one["code"]["coding"][0]["code"].startswith(("referral-", "follow"))]
    assert len(asked) >= 100
    for id in asked:
        assert (requests[id]["status"] == "completed") == bool(kept[id]), id
        assert len(kept[id]) <= 1
    assert sum(requests[id]["status"] == "active" for id in asked) >= 8
    assert len({requests[id]["performerType"]["text"] for id in asked}) >= 8


def test_nobody_is_in_two_places_and_the_dead_keep_no_bookings(by_kind: Wards) -> None:
    """No booking is kept while its patient lies on a ward, at the hour of another, or after her death."""
    died = {f"Patient/{one['id']}": one["deceasedDateTime"] for one in by_kind["Patient"] if "deceasedDateTime" in one}
    stays = defaultdict(list)
    for one in by_kind["Encounter"]:
        if one["class"]["code"] != "AMB" and one["status"] != "cancelled":
            stays[one["subject"]["reference"]].append((one["period"]["start"], one["period"].get("end", MORNING)))
    hours = set()
    for one in by_kind["Appointment"]:
        who = _patient(one)
        if one["status"] in ("fulfilled", "booked"):
            assert (who, one["start"]) not in hours
            hours.add((who, one["start"]))
            assert one["start"] < died.get(who, "9"), one["id"]
        if one["status"] == "fulfilled":
            assert not any(a <= one["start"] <= b for a, b in stays[who]), one["id"]


def test_a_follow_up_visit_is_booked_when_the_stay_ends_and_staff_have_their_own_clinic(by_kind: Wards) -> None:
    """Not weeks before she fell ill; and a member's yearly check is with the occupational health nurse."""
    ends = {one["id"]: one["period"].get("end", "") for one in by_kind["Encounter"]}
    follows = [one for one in by_kind["Appointment"]
               if any(each["reference"].endswith("-follow") for each in one.get("basedOn", []))]
    assert len(follows) >= 30
    for one in follows:
        assert one["created"] == ends[one["basedOn"][0]["reference"].removeprefix("ServiceRequest/")[:-7]]
    checks = [one for one in by_kind["Appointment"] if one["id"].endswith("-oh")]
    assert len(checks) >= 2
    assert all(one["participant"][1]["actor"]["reference"] == "Practitioner/st-underhill" for one in checks)


def test_long_term_conditions_have_a_team_and_a_stay_has_its_ward(by_kind: Wards) -> None:
    """Three long-term conditions or more have a team that lasts; a stay's team names all nurses of its ward."""
    problems = Counter(one["subject"]["reference"] for one in by_kind["Condition"]
                       if one["category"][0]["coding"][0]["code"] == "problem-list-item")
    lasting = {one["subject"]["reference"] for one in by_kind["CareTeam"] if "encounter" not in one}
    assert lasting
    assert all(problems[one] >= 3 for one in lasting)
    assert all(len(one["participant"]) == 5 for one in by_kind["CareTeam"] if "encounter" in one)


def test_no_office_makes_a_booking_for_a_holiday(by_kind: Wards) -> None:
    """What is still to come falls on a day when the clinic is open: not on Labor Day."""
    ahead = {one["start"][:10] for one in by_kind["Appointment"] if one["status"] == "booked"}
    assert ahead
    assert not ahead & {"2026-07-03", "2026-09-07"}
    assert workday(date(2026, 9, 5)) == date(2026, 9, 8)
