"""Access violations and their innocent twins: told apart by what the record links, and by nothing else."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hospital_rounds import Resource, default_by_kind
from planting import SOME, Ward, dangling, instant, merged, walk, ward

from fixtures.hospital.explaining import Links
from fixtures.planting import plant_violations
from fixtures.planting.truth import Planted
from fixtures.planting.violations import EXPLAINED, INTERVIEW, NAMES, TEN, VIOLATION, AccessCase, Violations
from sandbox.fhir.resources import problems

HOUR = timedelta(hours=1)
FIRST, LAST = instant("2026-06-16T00:00:00-05:00"), instant("2026-06-30T07:30:00-05:00")


@cache
def planted(seed: int) -> Planted[Violations]:
    return plant_violations(ward(), seed)


class Record:
    """The hospital with what was planted: who is linked to whom at a moment, in the documented order."""

    def __init__(self, told: Planted[Violations]) -> None:
        self.by: dict[str, list[Resource]] = {}
        self.at: dict[str, Resource] = {}
        self.of: dict[tuple[str, str], list[Resource]] = {}
        for one in merged(told.resources):
            self.by.setdefault(one["resourceType"], []).append(one)
            self.at[f"{one['resourceType']}/{one['id']}"] = one
            who = one.get("subject") or one.get("for") or one.get("patient") or {}
            if isinstance(who, dict):
                self.of.setdefault((one["resourceType"], who.get("reference", "")), []).append(one)

    def about(self, kind: str, patient: str) -> Iterator[Resource]:
        yield from self.of.get((kind, f"Patient/{patient}"), [])

    def reason(self, who: str, patient: str, when: datetime) -> str:
        """The first link that holds: order, encounter, ward, care team, appointment, task."""
        links = (("order", self._order), ("encounter", self._encounter), ("ward", self._ward), ("careteam", self._team),
                 ("appointment", self._appointment), ("task", self._task))
        return next((name for name, link in links if link(f"Practitioner/{who}", patient, when)), "")

    def _order(self, who: str, patient: str, when: datetime) -> bool:
        rows = [(one, one["authoredOn"]) for kind in ("MedicationRequest", "ServiceRequest")
                for one in self.about(kind, patient) if one.get("requester", {}).get("reference") == who]
        rows += [(one, one["effectiveDateTime"]) for one in self.about("Observation", patient)
                 if any(each["reference"] == who for each in one.get("performer", []))]
        return any(-4 * HOUR <= when - instant(at) <= 72 * HOUR for _, at in rows)

    def _encounter(self, who: str, patient: str, when: datetime) -> bool:
        return any(row["individual"]["reference"] == who and _in(one["period"], when, 3, 168)
                   for one in self.about("Encounter", patient) for row in one.get("participant", []))

    def _ward(self, who: str, patient: str, when: datetime) -> bool:
        units = {place["reference"] for one in self.by["PractitionerRole"] if one["practitioner"]["reference"] == who
                 for place in one.get("location", [])}
        shifts = [one for one in self.by.get("Slot", [])
                  if self.at[one["schedule"]["reference"]]["actor"][0]["reference"] == who]
        duty = any(_in(one, when, 1, 1) for one in shifts)
        return duty and any(self.at[place["location"]["reference"]]["partOf"]["reference"] in units and
                            _in(place["period"], when, 1, 1)
                            for one in self.about("Encounter", patient) for place in one.get("location", []))

    def _team(self, who: str, patient: str, when: datetime) -> bool:
        return any(row["member"]["reference"] == who and _in(row["period"], when, 1, 72)
                   for one in self.about("CareTeam", patient) for row in one["participant"])

    def _appointment(self, who: str, patient: str, when: datetime) -> bool:
        for one in self.by["Appointment"]:
            people = {row.get("actor", {}).get("reference") for row in one["participant"]}
            if {who, f"Patient/{patient}"} <= people and _in(one, when, 48, 72):
                return True
        return False

    def _task(self, who: str, patient: str, when: datetime) -> bool:
        return any(one.get("owner", {}).get("reference") == who and _in(
            {"start": one["authoredOn"], **one.get("executionPeriod", {}), "from": 0}, when, 4, 24)
            for one in self.about("Task", patient))


def _in(period: dict[str, Any], when: datetime, before: float, after: float) -> bool:
    end = instant(period["end"]) + after * HOUR if "end" in period else LAST
    return instant(period["start"]) - before * HOUR <= when <= end


def events(told: Planted[Violations], case: AccessCase) -> list[Resource]:
    known = {one["id"]: one for one in told.resources if one["resourceType"] == "AuditEvent"}
    return [known[id] for id in case.events]


def who_of(event: Resource) -> str:
    return next(str(one["who"]["reference"]).split("/")[1] for one in event["agent"] if one["requestor"] and
                "reference" in one["who"])


def patient_of(event: Resource) -> str:
    return next(str(one["what"]["reference"]).split("/")[1] for one in event["entity"]
                if one.get("what", {}).get("reference", "").startswith("Patient/"))


@pytest.mark.parametrize("seed", SOME)
def test_links_in_the_record_tell_the_guilty_from_the_innocent(seed: int) -> None:
    """The documented order finds the truth's reason for every event of a case, and none for a violation's."""
    told = planted(seed)
    record = Record(told)
    wrong = {}
    for case in told.truth.cases:
        if case.name in ("volume", "wrong-fax"):  # what separates these is no link between user and patient
            continue
        found = Counter(record.reason(who_of(one), patient_of(one), instant(one["recorded"]))
                        for one in events(told, case))
        if set(found) != {case.reason}:
            wrong[case.name, case.guilty] = found
        if case.verdict == VIOLATION:
            assert case.reason == ""
    assert wrong == {}


@pytest.mark.parametrize("seed", SOME)
def test_the_houses_own_resolver_agrees_with_the_truth(seed: int) -> None:
    """What the audit desk will say of each event: the truth's reason, and nothing for a violation."""
    told = planted(seed)
    links = Links(merged(told.resources))
    for case in told.truth.cases:
        if case.name != "volume":  # one task for all patients: the resolver asks for one about this patient
            assert {links.explain(one) for one in events(told, case)} == {case.reason}, case.name


@pytest.mark.parametrize("seed", SOME)
def test_a_case_and_its_twin_show_the_same_pattern(seed: int) -> None:
    """Kinds of act and what is odd at first sight are the same on both sides; the twins are other people."""
    told = planted(seed)
    record = Record(told)
    pairs = [(guilty, innocent) for guilty in told.truth.cases for innocent in told.truth.cases
             if guilty.guilty and not innocent.guilty and guilty.name == innocent.name]
    assert len(pairs) == len(NAMES) == len(told.truth.cases) / 2
    for guilty, innocent in pairs:
        if guilty.name not in ("volume", "wrong-fax"):
            assert not set(guilty.who) & set(innocent.who), guilty.name
        odd = [_odd(record, told, one) for one in (guilty, innocent)]
        assert odd[0] & odd[1], guilty.name
        if guilty.name in ("former-husband", "neighbor", "long-dead", "same-name", "colleague", "sensitive-note"):
            assert odd[0] == odd[1], guilty.name
            assert [one["action"] for one in events(told, guilty)] == [one["action"] for one in events(told, innocent)]


def _odd(record: Record, told: Planted[Violations], case: AccessCase) -> set[str]:
    """What an auditor would see at first sight."""
    found = set()
    for one in events(told, case):
        who, patient = record.at[f"Practitioner/{who_of(one)}"], record.at[f"Patient/{patient_of(one)}"]
        when = instant(one["recorded"])
        found |= {"night"} if when.hour < 6 else set()
        found |= {"surname"} if who["name"][0]["family"] == patient["name"][0]["family"] else set()
        found |= {"dead"} if "deceasedDateTime" in patient else set()
        found |= {"glass"} if one["purposeOfEvent"][0]["coding"][0]["code"] == "BTG" else set()
        found |= {"export"} if one["type"]["code"] == "110106" else set()
        found |= {"ended"} if any(role["practitioner"]["reference"].endswith(who["id"]) and not role["active"]
                                  for role in record.by["PractitionerRole"]) else set()
        found |= {"employee"} if any(each["target"]["reference"] == f"Patient/{patient['id']}"
                                     for person in record.by.get("Person", []) for each in person["link"]) else set()
        found |= {"famous"} if any(record.about("Flag", patient["id"])) else set()
        for entity in one["entity"]:
            target = record.at.get(entity.get("what", {}).get("reference", ""), {})
            found |= {"sensitive"} if "securityLabel" in target else set()
    found |= {"many"} if len(case.events) >= 30 else set()
    found |= {"only searches"} if {one["action"] for one in events(told, case)} == {"E"} else set()
    return found


@pytest.mark.parametrize("seed", SOME)
def test_each_separator_is_one_reference_away_from_the_event(seed: int) -> None:
    """It is named by the event, or names its user, its patient, or what was opened."""
    told = planted(seed)
    known = Record(told).at
    for case in told.truth.cases:
        near = {reference for one in events(told, case) for reference in walk(one, "reference")}
        near |= {f"AuditEvent/{id}" for id in case.events} | {f"Practitioner/{id}" for id in case.who}
        for place in case.separators:
            one = known[place.resource]
            roster = known.get(next(walk(one, "schedule"), {}).get("reference", ""), {})
            reached = {*walk(one, "reference"), *walk(roster, "reference"), place.resource}
            assert reached & near or one["resourceType"] == "Slot", (case.name, place)


@pytest.mark.parametrize("seed", SOME)
def test_every_planted_access_is_valid_and_refers_to_something(seed: int) -> None:
    """The record takes each resource; nothing dangles; all lies in the two weeks of the log."""
    told = planted(seed)
    typed = {one["resourceType"]: one for one in told.resources}
    assert [issue for one in told.resources for issue in problems(one, typed=False)] == []
    assert [issue for one in typed.values() for issue in problems(one)] == []
    assert dangling(told.resources) == set()
    assert all(FIRST <= instant(one["recorded"]) <= LAST for one in told.resources if "recorded" in one)


def test_the_typed_models_read_a_whole_planting_of_violations() -> None:
    """fhir.resources (R4B) reads every one."""
    assert [issue for one in planted(2).resources for issue in problems(one)] == []


def test_planted_events_are_written_as_the_hospitals_own() -> None:
    """The same elements, roles and terminals as the background's: nothing marks a planted event."""
    own = default_by_kind()["AuditEvent"]
    addresses = {who_of(one): one["agent"][0]["network"]["address"] for one in own}
    for action in "RE":
        base = next(one for one in own if one["action"] == action)
        for one in planted(1).resources:
            if one["resourceType"] == "AuditEvent" and one["action"] == action and one["type"]["code"] == "rest":
                assert one.keys() == base.keys()
                assert [each["type"] for each in one["agent"]] == [each["type"] for each in base["agent"]]
                assert [each.keys() for each in one["agent"]] == [each.keys() for each in base["agent"]]
                kinds = [{each["type"]["code"] for each in event["entity"]} for event in (base, one)]
                assert kinds[0] <= kinds[1]
                assert one["agent"][0]["network"]["address"] == addresses.get(
                    who_of(one), one["agent"][0]["network"]["address"])
                if action == "E":
                    assert b64decode(one["entity"][0]["query"]).decode() == one["entity"][0]["description"][4:]


def test_a_search_is_one_event_for_each_patient_returned() -> None:
    """Forty events of the registrar are eight requests; each carries its request's id."""
    told = planted(3)
    case = next(one for one in told.truth.cases if one.name == "names-searched" and one.guilty)
    requests = Counter(one["entity"][1]["what"]["identifier"]["value"] for one in events(told, case))
    assert (len(case.events), len(case.patients), len(requests), set(requests.values())) == (40, 40, 8, {5})


def test_the_ten_cases_come_first_and_one_is_honestly_undecided() -> None:
    """Verdicts and breaches as the case list has them."""
    told = {(one.name, one.guilty): one for one in planted(1).truth.cases}
    assert len(TEN) == 10 and set(TEN) < set(NAMES) and len(NAMES) >= 12
    assert told["ended-account", False].verdict == INTERVIEW and told["ended-account", True].verdict == VIOLATION
    assert told["sensitive-note", True].verdict == INTERVIEW and told["sensitive-note", False].verdict == EXPLAINED
    assert told["same-name", True].verdict == INTERVIEW
    assert [told["wrong-fax", side].breach for side in (True, False)] == [True, False]
    for one in told.values():
        assert one.why.endswith(".") and one.separators and one.events
        assert one.breach <= (one.verdict == VIOLATION)
    assert {len(told["street", side].events) for side in (True, False)} == {30}
    assert len(told["volume", True].events) == 221 and len(told["volume", False].events) == 3 * 240


def test_stories_of_access_are_chosen_by_name_and_stay_the_same() -> None:
    """In an empty hospital too, which lacks staff and rooms; the same twice; a wrong name is named."""
    names = [name for name in NAMES if name != "volume"]
    one, again = plant_violations(Ward({}), 4, names), plant_violations(Ward({}), 4, names)
    assert one == again
    known = {f"{each['resourceType']}/{each['id']}" for each in one.resources}
    assert {target for each in one.resources for target in walk(each, "reference")} <= known
    with pytest.raises(KeyError, match="typo"):
        plant_violations(ward(), 4, ["typo"])


def test_nothing_in_the_record_tells_who_is_guilty() -> None:
    """No id and no text speaks of it."""
    body = json.dumps(planted(5).resources).lower()
    words = ("guilty", "innocent", "decoy", "planted", "violation", "snoop", "leaver")
    assert [word for word in words if word in body] == []
