"""Record deficiencies and their look-alikes: each truth recomputed from the resources, by rules written apart."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hospital_rounds import Resource, real_codes
from planting import SEEDS, SOME, Ward, dangling, instant, walk, ward

from fixtures.planting import plant_deficiencies
from fixtures.planting.deficiencies import CHARTS, CLEAN, NAMES, TEN, ChartTruth, Deficiencies, rules
from fixtures.planting.truth import Planted
from sandbox.fhir.resources import problems

ZONE = ZoneInfo("America/Chicago")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CODE = re.compile(r"\b[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}\b|\b\d{5}-\d\b")


class Reader:
    """One chart as a reviewer has it: what is about its patient or in its stay."""

    def __init__(self, told: Planted[Deficiencies], chart: ChartTruth) -> None:
        self.mine: dict[str, list[Resource]] = {}
        patient, stay = f"Patient/{chart.patient}", f"Encounter/{chart.encounter}"
        ids: set[str] = set()
        for one in told.resources:
            if patient in (refs := set(walk(one, "reference"))) or stay in refs or one["id"] in (
                    chart.patient, chart.encounter):
                ids.add(f"{one['resourceType']}/{one['id']}")
        for one in told.resources:
            name = f"{one['resourceType']}/{one['id']}"
            if name in ids or (one["resourceType"] == "Provenance" and one["target"][0]["reference"] in ids):
                self.mine.setdefault(one["resourceType"], []).append(one)
        self.patient, self.stay = patient, next(
            one for one in self.mine["Encounter"] if one["id"] == chart.encounter)
        self.everything = {f"{one['resourceType']}/{one['id']}": one for one in told.resources}

    def notes(self, code: str = "", title: str = "") -> list[Resource]:
        return [one for one in self.mine.get("DocumentReference", []) if code in ("", one["type"]["coding"][0]["code"])
                and title in ("", one["description"])]

    def of(self, kind: str) -> list[Resource]:
        return self.mine.get(kind, [])

    def signed(self, one: Resource) -> datetime | None:
        found = [instant(mark["signature"][0]["when"]) for mark in self.of("Provenance")
                 if mark["target"][0]["reference"] == f"{one['resourceType']}/{one['id']}" and "signature" in mark]
        return max(found, default=None)

    def order(self) -> datetime | None:
        found = [instant(one["authoredOn"]) for one in self.of("ServiceRequest")
                 if one["code"]["coding"][0]["code"] == "admit-inpatient"]
        return min(found, default=None)

    def incision(self) -> datetime | None:
        return min((instant(one["performedPeriod"]["start"]) for one in self.of("Procedure")), default=None)

    def tasks(self, code: str) -> list[Resource]:
        return [one for one in self.of("Task") if one["code"]["coding"][0]["code"] == code]

    def sent(self, task: Resource) -> list[Resource]:
        return [self.everything[one["valueReference"]["reference"]] for one in task.get("output", [])]

    def form(self, task: Resource) -> str:
        focus = self.everything.get(task.get("focus", {}).get("reference", ""), {})
        return text(focus) if focus.get("resourceType") in ("Consent", "DocumentReference") else ""


def text(one: Resource) -> str:
    found = one.get("sourceAttachment") or one["content"][0]["attachment"]
    return b64decode(found["data"]).decode()


def _histories(chart: Reader) -> list[Resource]:
    return [one for one in chart.notes("34117-2") if one["description"] == "History and physical note"]


def _updates(chart: Reader) -> list[Resource]:
    return chart.notes("34117-2", "History and physical update")


def history_24h(chart: Reader) -> bool:
    order = chart.order()
    return bool(order and _histories(chart)) and all(
        not order - 30 * DAY <= chart.signed(one) <= order + 24 * HOUR for one in _histories(chart)) \
        and not chart.incision()


def history_update(chart: Reader) -> bool:
    order = chart.order()
    if not order or any(order <= chart.signed(one) <= order + 24 * HOUR for one in _histories(chart)):
        return False
    if not any(chart.signed(one) < order for one in _histories(chart)):
        return False
    return not any(chart.signed(one) <= order + 24 * HOUR and "relatesTo" in one for one in _updates(chart)) \
        and not chart.incision()


def history_before_surgery(chart: Reader) -> bool:
    cut = chart.incision()
    if not cut or (chart.notes(title="Pre-procedure assessment") and chart.stay["class"]["code"] == "AMB"):
        return False
    if any("Emergency" in text(one) for one in chart.notes(title="Pre-procedure assessment")):
        return False
    if not _histories(chart):
        return False
    return not any(chart.signed(one) < cut for one in _histories(chart)) or not any(
        chart.signed(one) < cut for one in _updates(chart))


def assessment_exception(chart: Reader) -> bool:
    short = [one for one in chart.notes(title="Pre-procedure assessment") if text(one).startswith("Assessment")]
    operation = next((one["code"]["text"] for one in chart.of("Procedure")), "")
    policy = any(operation in text(one) for one in chart.notes(title="Policy of the house"))
    return bool(short) and not _histories(chart) and not (chart.stay["class"]["code"] == "AMB" and policy)


def entry_authenticated(chart: Reader) -> bool:
    return any(one["docStatus"] == "preliminary" or "authenticator" not in one for one in chart.notes())


def order_authenticated(chart: Reader) -> bool:
    verbal = [one for one in chart.of("MedicationRequest") if any("verbal" in each["url"] for each in one.get(
        "extension", []))]
    return any(not (signed := chart.signed(one)) or signed > instant(one["authoredOn"]) + 72 * HOUR for one in verbal)


def summary_content(chart: Reader) -> bool:
    return any(not all(word in text(one).lower() for word in ("outcome", "disposition", "follow up"))
               for one in chart.notes("18842-5"))


def record_complete(chart: Reader) -> bool:
    left = instant(chart.stay["period"]["end"]).astimezone(ZONE).date()
    signed = [chart.signed(one) for one in chart.notes("18842-5")]
    return any((one.astimezone(ZONE).date() - left).days > 30 for one in signed if one)


def consent_before_surgery(chart: Reader) -> bool:
    cut = chart.incision()
    forms = [one for one in chart.of("Consent") if one["category"][0]["coding"][0]["code"] == "59284-0"]
    return bool(cut) and not any(instant(one["dateTime"]) < cut for one in forms)


def operative_report(chart: Reader) -> bool:
    cut = chart.incision()
    if not cut:
        return False
    end = instant(chart.of("Procedure")[0]["performedPeriod"]["end"])
    first = min(chart.signed(one) for one in chart.notes("11504-8"))
    [report] = chart.notes("11504-8", "Surgical operation note")
    typed = chart.signed(report).astimezone(ZONE)
    words = re.search(r"Dictated (\d+ \w+ \d{4} \d\d:\d\d), typed", text(report))
    dictated = datetime.strptime(words[1], "%d %B %Y %H:%M").replace(tzinfo=ZONE) if words else typed
    return max(first, dictated) > end + 2 * HOUR or (typed.date() - end.astimezone(ZONE).date()).days > 1


def retention(chart: Reader) -> bool:
    left = instant(chart.stay["period"]["end"])
    return any((instant(one["date"]) - left).days < 7 * 365.25 for one in chart.notes(title="Log"))


def _forms(chart: Reader) -> list[tuple[Resource, str]]:
    return [(one, form) for one in chart.tasks("release-of-information")
            if (form := chart.form(one)).startswith("AUTHORIZATION")]


def authorization_elements(chart: Reader) -> bool:
    lines = ("May disclose", "May receive", "Information", "Purpose", "Expires", "Signed", "Date")
    return any(not re.search(rf"^{line}: \S", form, re.M) for _, form in _forms(chart) for line in lines)


def authorization_statements(chart: Reader) -> bool:
    return any(word not in form for _, form in _forms(chart) for word in ("revoke", "do not depend", "sent on"))


def authorization_valid(chart: Reader) -> bool:
    revoked = [instant(one["date"]) for one in chart.notes(title="Revocation")]
    sent = [instant(task["executionPeriod"]["end"]) for task in chart.tasks("release-of-information")]
    return bool(revoked) and any(one > min(revoked) for one in sent)


def psychotherapy_notes(chart: Reader) -> bool:
    return any("PSYTHPN" in json.dumps(one) and "psychotherapy" not in form.lower()
               for task, form in _forms(chart) for one in chart.sent(task))


def access_clock(chart: Reader) -> bool:
    for task in chart.tasks("access"):
        asked = instant(task["authoredOn"]).astimezone(ZONE).date()
        took = (instant(task["executionPeriod"]["end"]).astimezone(ZONE).date() - asked).days
        letters = [(instant(one["date"]).astimezone(ZONE).date() - asked).days
                   for one in chart.notes(title="Extension")]
        if took > (60 if any(days <= 30 for days in letters) else 30):
            return True
    return False


def access_denial(chart: Reader) -> bool:
    return any("account" in task.get("statusReason", {}).get("text", "") for task in chart.tasks("access"))


def amendment(chart: Reader) -> bool:
    changed = [mark["target"][0]["reference"] for mark in chart.of("Provenance") if "activity" in mark
               and mark["activity"]["coding"][0]["code"] == "UPDATE"]
    added = {link["target"]["reference"] for one in chart.notes() for link in one.get("relatesTo", [])}
    return any(one not in added for one in changed)


def accounting(chart: Reader) -> bool:
    listed = " ".join(text(one) for one in chart.notes(title="Accounting of disclosures"))
    events = [one for one in chart.of("AuditEvent") if one["subtype"][0]["code"] == "disclose"]
    return any(one["agent"][1]["name"] not in listed for one in events
               if one["purposeOfEvent"][0]["coding"][0]["code"] not in ("TREAT", "HPAYMT", "HOPERAT"))


def minimum_necessary(chart: Reader) -> bool:
    return any(task["reasonCode"]["coding"][0]["code"] == "HPAYMT" and len(chart.sent(task)) > 1
               for task in chart.tasks("release-of-information"))


def privacy_notice(chart: Reader) -> bool:
    return any("16 February 2026" not in text(one) for one in chart.notes("57016-8"))


def _program(chart: Reader, one: Resource) -> bool:
    return "part 2" in json.dumps(chart.everything.get(one.get("custodian", {}).get("reference", ""), {}))


def part2_consent(chart: Reader) -> bool:
    return any("Subpoena" in chart.form(task) and "No order of a judge" in chart.form(task) and _program(chart, one)
               for task in chart.tasks("release-of-information") for one in chart.sent(task))


def part2_counseling(chart: Reader) -> bool:
    return any(_program(chart, one) and one["description"] == "Counseling notes" and "counsel" not in form.lower()
               for task, form in _forms(chart) for one in chart.sent(task))


def information_blocking(chart: Reader) -> bool:
    return any(not any("harm" in text(one) for one in chart.notes("11506-3")) for _ in chart.tasks("portal"))


def do_not_use(chart: Reader) -> bool:
    return any(re.search(r"\d\.0\b|(?<!\d)\.\d|\b(U|IU|QD|QOD|MS|MSO4|MgSO4)\b", dose["text"])
               for one in chart.of("MedicationRequest") for dose in one["dosageInstruction"])


def copy_forward(chart: Reader) -> bool:
    """A sentence that another progress note has too, with nothing before it that says whose it is and of when."""
    seen: set[str] = set()
    for one in chart.notes("11506-3"):
        own = text(one).split("\n\n", 1)[1].rpartition("\n\n")[0].partition("From the history and physical")[0]
        said = {part.strip() for part in re.split(r"[.\n]", own) if len(part.split()) > 2}
        if said & seen:
            return True
        seen |= said
    return False


def wrong_patient(chart: Reader) -> bool:
    def linked(who: str) -> bool:
        person = chart.everything[who]
        kin = [chart.everything[one["other"]["reference"]] for one in person.get("link", [])]
        numbers = {each["value"] for one in kin for each in one.get("identifier", [])}
        return chart.everything[chart.patient]["identifier"][0]["value"] in numbers

    here = f"Encounter/{chart.stay['id']}"
    return any(one["subject"]["reference"] != chart.patient and not linked(one["subject"]["reference"])
               for one in chart.notes() if here in [each["reference"] for each in one.get("context", {}).get(
                   "encounter", [])])


JUDGES: dict[str, Callable[[Reader], bool]] = {
    name.replace("_", "-"): rule for name, rule in list(globals().items())
    if callable(rule) and name.replace("_", "-") in rules()}


@cache
def planted(seed: int) -> Planted[Deficiencies]:
    return plant_deficiencies(ward(), seed)


def chart_of(seed: int, name: str, fault: bool) -> Reader:
    told = planted(seed)
    return Reader(told, next(one for one in told.truth.charts if (one.name, one.fault) == (name, fault)))


def broken(told: Planted[Deficiencies], chart: ChartTruth) -> set[str]:
    reader = Reader(told, chart)
    return {key for key, judge in JUDGES.items() if judge(reader)}


@pytest.mark.parametrize("seed", SOME)
def test_every_chart_breaks_the_rule_that_the_truth_names_and_no_other(seed: int) -> None:
    """All rules are asked of all charts: a violation breaks its own alone; look-alikes and clean charts break none."""
    told = planted(seed)
    wrong = {}
    for chart in told.truth.charts:
        expected = {chart.rule.key} if chart.rule and chart.fault else set()
        if (found := broken(told, chart)) != expected:
            wrong[chart.name, chart.fault] = found
    assert wrong == {}


def test_at_least_twenty_four_rules_of_the_book_are_plantable() -> None:
    """The ten charts first; each rule with a violation and a look-alike; two clean charts; thirty rules in the book."""
    told = planted(1).truth.charts
    numbers = {chart.rule.number for chart in told if chart.rule}
    assert numbers == {*range(1, 31)} - {21, 22, 23, 29} and len(numbers) >= 24
    assert {(chart.name, chart.fault) for chart in told} == set(CHARTS) and len(told) == 2 * len(NAMES) + 2
    assert len(TEN) == 10 and [chart.rule for chart in told if chart.name in CLEAN] == [None, None]
    assert {rule.number for rule in rules().values()} == set(range(1, 31))
    assert {rule.kind for rule in rules().values()} <= {"regulation", "accreditor", "localPolicy"}
    assert set(JUDGES) == {chart.rule.key for chart in told if chart.rule}


@pytest.mark.parametrize("seed", SOME)
def test_every_planted_chart_is_valid_and_refers_to_something(seed: int) -> None:
    """The record takes each resource; nothing dangles; places of the truth are resources that were planted."""
    told = planted(seed)
    typed = {one["resourceType"]: one for one in told.resources}
    assert [issue for one in told.resources for issue in problems(one, typed=False)] == []
    assert [issue for one in typed.values() for issue in problems(one)] == []
    assert dangling(told.resources) == set()
    known = {f"{one['resourceType']}/{one['id']}" for one in told.resources}
    assert {place.resource for chart in told.truth.charts for place in chart.places} <= known


def test_all_charts_of_one_seed_pass_the_typed_models_too() -> None:
    """fhir.resources (R4B) reads every one."""
    assert [issue for one in planted(3).resources for issue in problems(one)] == []


@pytest.mark.parametrize("seed", SOME)
def test_no_document_holds_a_code_or_is_signed_before_it_is_written(seed: int) -> None:
    """Plain clinical words with an author and a time; nothing lies after the hospital's today."""
    told = planted(seed)
    reader = [one for one in told.resources if one["resourceType"] == "DocumentReference"]
    for one in reader:
        assert not CODE.search(text(one)), text(one)
        assert "{" not in text(one)
        if one["description"] != "Notice of privacy practices":
            assert one["author"][0]["display"] in text(one)
        assert one["date"].endswith("Z")
    last = datetime(2026, 6, 30, 12, tzinfo=UTC)
    assert max(instant(value) for one in told.resources for key in ("date", "recorded", "when", "authoredOn", "end")
               for value in walk(one, key) if isinstance(value, str)) <= last


def test_charts_are_written_in_more_than_one_voice() -> None:
    """Headed forms, clipped lines and prose stand side by side."""
    texts = [text(one) for one in planted(2).resources if one["resourceType"] == "DocumentReference"
             and one["type"]["coding"][0]["code"] == "34117-2"]
    assert any("\nEXAMINATION\n" in one for one in texts)
    assert any("\nExamination: " in one for one in texts)
    assert any("\nExamination. " in one for one in texts)


def test_the_diagnoses_of_the_charts_are_billable_and_in_the_words_of_the_classification() -> None:
    """Each Condition of a stay."""
    codes = real_codes()
    for one in planted(5).resources:
        if one["resourceType"] == "Condition":
            coding = one["code"]["coding"][0]
            code = codes.get(coding["code"])
            assert code and code.billable and code.title == coding["display"], coding


def test_the_day_thirty_look_alike_is_the_day_after_in_utc() -> None:
    """The trap is there: who compares dates in UTC accuses the innocent."""
    told = planted(4)
    chart = next(one for one in told.truth.charts if one.name == "late-summary" and not one.fault)
    reader = Reader(told, chart)
    signed = reader.signed(reader.notes("18842-5")[0])
    left = instant(reader.stay["period"]["end"])
    assert signed and (signed.date() - left.date()).days == 31
    assert (signed.astimezone(ZONE).date() - left.astimezone(ZONE).date()).days == 30
    assert signed.astimezone(ZONE).strftime("%H:%M") == "23:59"


@pytest.mark.parametrize("seed", SOME)
def test_the_afternoon_note_repeats_nobodys_words(seed: int) -> None:
    """A resident's note, signed or not, is of its hour: what stands in the morning's note would be copied, unmarked."""
    for fault in (True, False):
        reader = chart_of(seed, "unsigned-note", fault)
        [note] = [one for one in reader.notes("11506-3") if "afternoon" in text(one)]
        assert text(note).startswith("Resident's progress note")
        said = text(note).partition("\n\n")[2].rpartition("\n\n")[0]
        parts = [part.strip() for part in said.removeprefix("Course: ").split(".") if part.strip()]
        others = " ".join(text(one) for one in reader.notes() if one is not note)
        assert len(parts) == 2 and not [part for part in parts if part in others]


@pytest.mark.parametrize("seed", SOME)
def test_a_partner_who_signs_a_verbal_order_is_named_by_a_paper_of_the_chart(seed: int) -> None:
    """Responsible for the patient: the nurse's note says so, the truth points there; signed before the patient left."""
    told, reader = planted(seed), chart_of(seed, "verbal-order", False)
    chart = next(one for one in told.truth.charts if one.name == "verbal-order" and not one.fault)
    [order] = reader.of("MedicationRequest")
    [mark] = [one for one in reader.of("Provenance") if "signature" in one
              and one["target"][0]["reference"] == f"MedicationRequest/{order['id']}"]
    [paper] = [one for one in reader.notes() if "shares the care of this patient" in text(one)]
    partner = re.search(r"From today Dr\. (.+) shares", text(paper))[1]
    assert f" {partner}, " in mark["signature"][0]["who"]["display"] != order["requester"]["display"]
    assert f"DocumentReference/{paper['id']}" in {each.resource for each in chart.places}
    assert instant(order["authoredOn"]) < instant(paper["date"]) < reader.signed(order)
    assert reader.signed(order) < instant(reader.stay["period"]["end"])


@pytest.mark.parametrize("seed", SOME)
def test_nothing_in_a_summary_without_a_disposition_says_where_the_patient_went(seed: int) -> None:
    """Outcome, course and follow-up leave it open: home, or a nursing facility."""
    reader = chart_of(seed, "thin-summary", True)
    [summary] = reader.notes("18842-5")
    assert not re.search(r"\b(home|facility|rehabilitation|transferred|discharged)\b", text(summary), re.I)


@pytest.mark.parametrize("seed", SOME)
def test_a_report_that_is_typed_later_says_when_it_was_dictated(seed: int) -> None:
    """42 CFR 482.51(b)(6) asks for it written or dictated at once: a brief note alone would not keep it."""
    for fault in (True, False):
        reader = chart_of(seed, "missing-report", fault)
        [report] = reader.notes("11504-8", "Surgical operation note")
        dictated = datetime.strptime(re.search(r"Dictated (.*?), typed", text(report))[1], "%d %B %Y %H:%M")
        end = instant(reader.of("Procedure")[0]["performedPeriod"]["end"])
        late = dictated.replace(tzinfo=ZONE) - end
        assert (late > 2 * DAY) if fault else timedelta(0) < late < 2 * HOUR


@pytest.mark.parametrize("seed", SOME)
def test_a_history_of_weeks_ago_tells_of_nothing_that_began_yesterday(seed: int) -> None:
    """A planned stay without an emergency: so “no change” can be true, and the chart does not contradict itself."""
    for fault in (True, False):
        reader = chart_of(seed, "old-history", fault)
        assert not reader.notes("34111-5")
        [history] = _histories(reader)
        assert "Planned stay" in text(history)
        assert not re.search(r"yesterday|last (night|evening)|since (the )?(weekend|morning)|days ago", text(history))
        assert max(one.astimezone(ZONE).weekday() for one in (instant(history["date"]), reader.order())) < 5


def test_elective_work_is_done_on_working_days() -> None:
    """No elective operation on a weekend, and no request that came to a closed office."""
    for seed in SEEDS:
        for one in planted(seed).resources:
            if one["resourceType"] == "Procedure":
                when: Any = one["performedPeriod"]["start"]
            elif one["resourceType"] == "Task" and one["code"]["coding"][0]["code"] != "portal":
                when = one["authoredOn"]
            else:
                continue
            assert instant(when).astimezone(ZONE).weekday() < 5, one


def test_nothing_in_the_record_tells_which_chart_is_which() -> None:
    """No id, no text says fault or decoy."""
    body = json.dumps(planted(6).resources).lower()
    names = set(NAMES) - {"verbal-order", "psychotherapy"}  # words that a record says of itself
    assert [word for word in (*sorted(names), "decoy", "planted", "deficiency", "violation") if word in body] == []


def test_charts_are_chosen_one_by_one_and_stay_the_same() -> None:
    """A task takes eight to fifteen of them; where the hospital has no staff, the same is brought along."""
    one = plant_deficiencies(ward(), 8, [("late-history", True), ("clean-surgery", False)])
    again = plant_deficiencies(Ward({}), 8, [("late-history", True), ("clean-surgery", False)])
    assert [chart.name for chart in one.truth.charts] == ["late-history", "clean-surgery"]
    assert one.truth == again.truth
    assert {json.dumps(each) for each in one.resources} <= {json.dumps(each) for each in again.resources}
    with pytest.raises(KeyError):
        plant_deficiencies(ward(), 8, [("typo", True)])
