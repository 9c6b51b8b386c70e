"""The hospital's workforce: who works here, when, where each lives, and who is whose."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

import pytest
from hospital_rounds import Wards, default_by_kind

from fixtures.hospital.families import families, relative
from fixtures.hospital.life import live
from fixtures.hospital.places import WARDS, Beds
from fixtures.hospital.rosters import at_work
from fixtures.hospital.staff import everyone, member, nurse, shift_of, works


@pytest.fixture(scope="module")
def by_kind() -> Wards:
    """The default hospital by resource type."""
    return default_by_kind()


def test_about_eighty_people_work_here_each_with_badge_home_and_department(by_kind: Wards) -> None:
    """The directory that an auditor looks in: nobody shares a badge, everybody has a place of work."""
    staff = by_kind["Practitioner"]
    assert 75 <= len(staff) <= 90
    assert len({one["identifier"][0]["value"] for one in staff}) == len(staff)
    assert len({(one["name"][0]["family"], one["name"][0]["given"][0]) for one in staff}) == len(staff)
    assert all(one["address"][0]["line"] and one["telecom"] for one in staff)
    roles = Counter(one["code"][0]["text"] for one in by_kind["PractitionerRole"])
    assert {"registrar", "coder", "biller", "pharmacist", "transporter", "occupational health nurse", "quality analyst",
            "informaticist", "laboratory scientist", "imaging technologist", "privacy officer"} <= set(roles)
    for one in by_kind["PractitionerRole"]:
        assert ("location" in one) != (one["organization"]["reference"] != "Organization/two-rivers")


def test_each_ward_has_one_nurse_on_duty_at_every_hour_and_nobody_works_all_days() -> None:
    """Two on one rota take turns; the shift after midnight belongs to the evening before."""
    for unit in WARDS:
        if unit == "CL":
            continue
        turns = Counter()
        for n in range(28 * 24):
            when = datetime(2026, 5, 1) + timedelta(hours=n)
            turns[nurse(unit, when).id] += 1
            assert works(nurse(unit, when), shift_of(when)[0])
        assert len(turns) == 4
        assert max(turns.values()) == min(turns.values())
    assert nurse("4E", datetime(2026, 5, 2, 2)) is nurse("4E", datetime(2026, 5, 1, 22))


def test_whoever_signed_for_a_value_was_on_the_posted_roster(by_kind: Wards) -> None:
    """What the roster says and what the record says agree to the minute."""
    slots = defaultdict(list)
    for one in by_kind["Slot"]:
        who = one["schedule"]["reference"].removeprefix("Schedule/").removesuffix("-roster")
        slots[who].append((one["start"], one["end"]))
    checked = 0
    for one in by_kind["Observation"]:
        performer = one["performer"][0]["reference"]
        if performer.startswith("Practitioner/") and one["effectiveDateTime"] >= "2026-06-16":
            when, who = one["effectiveDateTime"], performer.removeprefix("Practitioner/")
            assert any(start <= when < end for start, end in slots[who]), (one["id"], who)
            checked += 1
    assert checked > 200
    assert all(45 <= sum(at_work(one, datetime(2026, 6, day, 11)) for one in everyone()) <= 75 for day in (16, 24, 29))
    assert sum(at_work(one, datetime(2026, 6, 21, 11)) for one in everyone()) < 40


def test_some_staff_are_patients_or_have_family_who_are(by_kind: Wards) -> None:
    """A Person ties the two records together, and they agree on name, sex and home."""
    known = {f"{kind}/{one['id']}": one for kind in ("Practitioner", "Patient", "RelatedPerson")
             for one in by_kind[kind]}
    kinds = Counter()
    for one in by_kind["Person"]:
        staff, other = (known[link["target"]["reference"]] for link in one["link"])
        kinds[other["resourceType"]] += 1
        assert staff["name"][0]["family"] == other["name"][0]["family"] == one["name"][0]["family"]
        assert staff["name"][0]["given"] == other["name"][0]["given"]
        assert staff["gender"] == other["gender"]
        assert staff["address"][0]["line"] == other["address"][0]["line"]
    assert kinds["Patient"] >= 3
    assert kinds["RelatedPerson"] >= 4
    assert len(by_kind["RelatedPerson"]) == len(by_kind["Patient"])


@pytest.mark.parametrize("seed", [1, 5, 20260630])
def test_nobody_treats_herself_and_families_do_not_depend_on_size(seed: int) -> None:
    """A member is one patient at most; whoever is a patient here takes no part in a stay."""
    known = families(seed)
    assert len({one.id for one in known.own.values()}) == len(known.own)
    assert not {one.id for one in known.own.values()} & {one.id for one in known.kin.values()}
    assert len(known.own) + len(known.kin) >= 15
    assert sum(n < 60 for n in known.own) >= 2
    assert sum(n < 60 for n in known.kin) >= 3
    for n, one in known.own.items():
        life = live(seed, n, Beds())
        assert (life.person.family, life.person.sex) == (one.family, one.gender)
        assert 24 <= life.person.age(date(2026, 6, 30)) <= 64
        assert all(one.id != out.attending.id for out in life.episodes)
    for n, one in known.kin.items():
        assert relative(seed, n, live(seed, n, Beds()).person).member == one.id == member(one.id).id
