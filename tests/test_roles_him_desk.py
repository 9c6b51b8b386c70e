"""The coding desk's doors: what is planted, what may be shown, what is read and refused, what enters the record."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace

import pytest
from coding_desk import COUNTED, STARTERS, MemoryChart, codes, planted, stored, with_slots

from fixtures import notes
from roles.him.code_encounter import activity, planting, proving
from roles.him.code_encounter.work import MOST_CODES, Coded, Work
from sandbox.activity import Task
from sandbox.errors import BadPack, BadWork, NotFound
from sandbox.fhir.resources import validate

CASES = (*COUNTED, *STARTERS)


def task_of(case, name="t"):
    """A task as the house would make it from the planting."""
    return Task(scenario="s", name=name, seat="him", activity="him.code_encounter", title="", minutes=1, done_when="",
                ask="", shown=stored(activity.Shown, case.planting.shown), seed=0)


def span_of(case, **changes):
    """A good citation of the first document, with some of it changed."""
    paper = case.key.papers[0]
    return {"document": paper.id, "start": 0, "end": 5, "text": paper.text[:5]} | changes


@pytest.mark.parametrize("case", CASES)
def test_everything_planted_is_valid_fhir_and_refers_only_to_what_is_planted_too(case):
    """On several seeds; ids belong to the task alone."""
    for seed in (0, 1, 7):
        resources = planted(case, seed).planting.resources
        ids = {f"{r['resourceType']}/{r['id']}" for r in resources}
        assert len(ids) == len(resources)
        for resource in resources:
            validate(resource)
            assert set(_references(resource)) <= ids, resource["id"]
    ids = [{r["id"] for r in planted(case, seed).planting.resources} for seed in (0, 1)]
    assert not ids[0] & ids[1]


def _references(part):
    if isinstance(part, dict):
        yield from ([part["reference"]] if isinstance(part.get("reference"), str) else [])
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def test_an_inpatient_planting_has_the_order_notes_results_and_drugs():
    """The order's time decides what was present on admission."""
    found = {}
    for resource in planted("heart-and-kidneys").planting.resources:
        found.setdefault(resource["resourceType"], []).append(resource)
    assert found["ServiceRequest"][0]["authoredOn"] == "2026-05-12T18:40:00-05:00"
    assert found["Encounter"][0]["class"]["code"] == "IMP" and len(found["DocumentReference"]) == 10
    assert len(found["Observation"]) >= 5 and len(found["MedicationRequest"]) == 8
    text = base64.b64decode(found["DocumentReference"][-1]["content"][0]["attachment"]["data"]).decode()
    assert text.startswith("Principal problem")


def test_the_same_seed_plants_the_same_and_another_seed_another():
    """Made again when an attempt is judged."""
    params, chart = planting.Params("heart-and-kidneys"), MemoryChart()
    assert activity.plant(params, 5, chart) == activity.plant(params, 5, chart)
    assert activity.plant(params, 5, chart).resources != activity.plant(params, 6, chart).resources


def test_a_case_or_an_offered_code_that_does_not_exist_is_refused_by_name():
    """The author reads what to mend."""
    with pytest.raises(BadPack, match="nowhere"):
        activity.plant(planting.Params("nowhere"), 0, MemoryChart())
    with pytest.raises(BadPack, match=r"Q99\.Z"):
        activity.plant(planting.Params("cough", "alone", ("R05.9", "Q99.Z")), 0, MemoryChart())


@pytest.mark.parametrize("case", CASES)
def test_the_desk_shows_the_notes_in_order_with_their_sentences(case):
    """Text, author, time; each sentence stands where it says."""
    held = planted(case)
    view = activity.show(task_of(held), MemoryChart(held.planting.resources))
    assert [d.id for d in view.documents] and len(view.documents) == len(held.key.papers)
    assert view.asks_poa == (view.setting == "inpatient") == bool(view.order)
    for document in view.documents:
        assert document.title and document.byline and document.when
        told = "".join(document.text[a:b] for a, b in document.sentences)
        assert "".join(told.split()) == "".join(document.text.split())
    assert {d.id for _, documents in view.groups for d in documents} == {d.id for d in view.documents}
    json.dumps(view.record)


def test_values_and_drugs_are_shown_beside_the_notes_and_cannot_be_cited():
    """Potassium 3.1 is there to be read; as a document it does not exist."""
    case = with_slots("heart-and-kidneys", aki="later")
    view = activity.show(task_of(case), MemoryChart(case.planting.resources))
    laboratory, medications, orders = view.sheets
    assert orders.rows == (("Admit to inpatient", "12 May 18:40"),)
    assert ("Potassium", "14 May 06:10", "3.1 mmol/L") in laboratory.rows
    assert ("Ceftriaxone 1 g IV daily", "12 May 15:06") in medications.rows
    assert not {s.id for s in view.sheets} & {row["id"] for row in view.record}
    assert activity.show(task_of(planted("cough")), MemoryChart(planted("cough").planting.resources)).sheets == []


def test_a_worked_example_begins_with_its_code_and_earns_everything_as_it_stands():
    """She may press Submit at once."""
    held = activity.plant(planting.Params("sore-throat", "shown", ("J02.0",)), 3, MemoryChart())
    view = activity.show(task_of(SimpleNamespace(planting=held)), MemoryChart(held.resources))
    work = activity.parse({"codes": view.start})
    report = activity.grade(work, held.key, activity.evidence(work, MemoryChart(held.resources)))
    assert report.score == 100 and len(view.guide) >= 3 and [c.code for c in view.offered] == ["J02.0"]


def test_a_task_to_complete_begins_with_the_passage_in_hand_and_no_code():
    """The last step is hers: with the marked passage the right side earns everything."""
    held = activity.plant(planting.Params("ankle", "complete"), 3, MemoryChart())
    [passage] = json.loads(held.shown.hand)
    assert json.loads(held.shown.start) == [] and "ankle" in passage["text"]
    form = {"codes": json.dumps([{"code": held.key.entries[0].code, "spans": [passage]}])}
    work = activity.parse(form)
    assert activity.grade(work, held.key, activity.evidence(work, MemoryChart(held.resources))).score == 100


@pytest.mark.parametrize(("rows", "said"), [
    ("{", "did not arrive whole"), ('{"a": 1}', "at most"), ("[1]", "Entry 1"), ('[{"code": "HELLO THERE"}]', "HELLO"),
    ('[{"code": "J18.9", "poa": "1"}]', "POA for J18.9"), ('[{"code": "J18.9", "spans": 3}]', "cites more"),
    ('[{"code": "J18.9", "spans": [7]}]', "cannot be read"),
    (json.dumps([{"code": f"A{n:02d}.0"} for n in range(MOST_CODES + 1)]), "at most"), ("[" * 50_000, "did not arrive"),
])
def test_a_list_that_cannot_be_read_is_refused_saying_where(rows, said):
    """Her words stay on the page; the message names the entry."""
    with pytest.raises(BadWork) as refusal:
        activity.parse({"codes": rows})
    assert said in refusal.value.message and refusal.value.hint and refusal.value.field == "codes"


def test_every_billable_code_of_the_release_can_be_put_on_a_list():
    """Those of the chapters that begin with two letters (QA0) too."""
    listed = [code for (code,) in codes().rows("SELECT code FROM code WHERE billable = 1")]
    assert len(listed) > 70_000 and any(code.startswith("QA") for code in listed)
    for start in range(0, len(listed), 40):
        rows = listed[start : start + 40]
        assert [c.code for c in activity.parse({"codes": json.dumps(rows)}).codes] == rows



@pytest.mark.parametrize("change", [
    {"start": -1}, {"end": 0}, {"start": 3}, {"text": "too long"}, {"start": "0"}, {"document": "../etc"},
    {"text": None}, {"end": True},
])
def test_a_citation_that_contradicts_itself_is_refused_when_it_is_read(change):
    """Offsets and text must agree before anybody looks into the note."""
    case = planted("cough")
    with pytest.raises(BadWork, match=r"R05\.9"):
        activity.parse({"codes": json.dumps([{"code": "R05.9", "spans": [span_of(case, **change)]}])})


@pytest.mark.parametrize(("row", "said"), [
    ({"code": "S93.40"}, "heading"), ({"code": "I13"}, "heading"), ({"code": "J18.99"}, "is not in"),
])
def test_a_code_that_cannot_be_billed_is_refused_by_name(row, said):
    """What cannot stand on a claim cannot stand on the list."""
    with pytest.raises(BadWork) as refusal:
        planted("cough").form({"codes": json.dumps([row])})
    assert said in refusal.value.message and row["code"] in refusal.value.message


def test_a_citation_outside_its_note_or_of_another_record_is_refused():
    """Words that do not stand there, and documents that are not hers."""
    case = planted("cough")
    paper = case.key.papers[0]
    for span in (span_of(case, text="Wrong"), span_of(case, start=len(paper.text), end=len(paper.text) + 5),
                 span_of(case, document="note-of-somebody-else")):
        with pytest.raises(BadWork, match="citation"):
            case.form({"codes": json.dumps([{"code": "R05.9", "spans": [span]}])})


def test_checking_repeats_what_the_tabular_list_says_and_judges_nothing():
    """Order, exclusions and blank indicators, the same for a right and a wrong list."""
    case = with_slots("heart-and-kidneys", hf="diastolic")
    chart, task = MemoryChart(case.planting.resources), task_of(case)
    rows = [{"code": "I50.33"}, {"code": "I13.0", "poa": "Y"}, {"code": "J18.9", "poa": "Y"}]
    said = activity.step("check", {"codes": json.dumps(rows)}, task, chart)["messages"]
    assert any(m["code"] == "I50.33" and m["severity"] in ("error", "warning") for m in said)
    assert any("indicator" in m["text"] and m["code"] == "I50.33" for m in said)
    assert not any("ruled out" in m["text"] for m in said)
    assert activity.step("code", {"asked": "z794"}, task, chart) == {
        "code": "Z79.4", "title": "Long term (current) use of insulin", "billable": True, "exempt": True}
    with pytest.raises(NotFound):
        activity.step("answer", {}, task, chart)


def test_what_is_delivered_is_valid_right_or_wrong_and_ranked_as_submitted():
    """Conditions, the Encounter's diagnoses, a Claim with indicators in FHIR's own letters."""
    case = with_slots("heart-and-kidneys", aki="later")
    chart = MemoryChart(case.planting.resources)
    work = activity.parse(proving.form_of([*case.exemplar, Coded("J18.9", "Y")]))
    delivered = activity.deliver(work, task_of(case), chart)
    for resource in delivered:
        validate(resource)
    kinds = [r["resourceType"] for r in delivered]
    assert kinds.count("Condition") == len(work.codes) and kinds.count("Encounter") == kinds.count("Claim") == 1
    visit = next(r for r in delivered if r["resourceType"] == "Encounter")
    assert [d["rank"] for d in visit["diagnosis"]] == list(range(1, len(work.codes) + 1))
    claim = next(r for r in delivered if r["resourceType"] == "Claim")
    told = {d["diagnosisCodeableConcept"]["coding"][0]["code"]: d.get("onAdmission") for d in claim["diagnosis"]}
    assert told["N17.9"]["coding"][0]["code"] == "n" and told["Z79.4"] is None
    assert claim["diagnosis"][0]["type"][0]["coding"][0]["code"] == "principal"


def test_a_second_attempt_replaces_the_first_in_the_record():
    """What is no longer on the list is entered in error; nothing stands twice."""
    case = planted("right-lower-pain", 2)
    chart = MemoryChart(case.planting.resources)
    first = activity.deliver(activity.parse(proving.form_of([*case.exemplar, Coded("K35.80")])), task_of(case), chart)
    chart.held |= {(r["resourceType"], r["id"]): r for r in first}
    second = activity.deliver(activity.parse(proving.form_of(case.exemplar)), task_of(case), chart)
    chart.held |= {(r["resourceType"], r["id"]): r for r in second}
    conditions = chart.search("Condition")
    states = {c["code"]["coding"][0]["code"]: c["verificationStatus"]["coding"][0]["code"] for c in conditions}
    assert states.pop("K35.80") == "entered-in-error" and set(states.values()) == {"confirmed"}
    assert len(chart.search("Claim")) == 1
    for resource in second:
        validate(resource)
    third = activity.deliver(Work(), task_of(case), chart)
    assert not any(r.get("diagnosis") for r in third)


def test_an_outpatient_claim_has_no_indicator_even_where_one_was_sent():
    """POA is for inpatients."""
    case = planted("cough")
    work = Work(tuple(Coded(c.code, "Y", c.spans) for c in case.exemplar))
    claim = activity.deliver(work, task_of(case), MemoryChart(case.planting.resources))[-1]
    assert claim["type"]["coding"][0]["code"] == "professional" and "onAdmission" not in claim["diagnosis"][0]


def test_a_surgical_stay_is_delivered_with_procedures_disposition_queries_and_group():
    """Each valid; a second attempt withdraws what it no longer has."""
    case = with_slots("hip", side="left", stem="cemented", anaemia="vague", bone="brittle", leave="nursing")
    chart = MemoryChart(case.planting.resources)
    first = activity.deliver(activity.parse(proving.form_of(case.whole)), task_of(case), chart)
    for resource in first:
        validate(resource)
    [procedure] = [r for r in first if r["resourceType"] == "Procedure"]
    assert procedure["code"]["coding"][0]["code"] == "0SRS019" and procedure["performedDateTime"] == "2026-06-04"
    [query] = [r for r in first if r["resourceType"] == "Task"]
    assert query["code"]["coding"][0]["code"] == "provider-query" and len(query["input"]) == 2
    visit = next(r for r in first if r["resourceType"] == "Encounter")
    assert visit["hospitalization"]["dischargeDisposition"]["coding"][0]["code"] == "03"
    claim = next(r for r in first if r["resourceType"] == "Claim")
    assert claim["supportingInfo"][0]["code"]["coding"][0]["code"] == "522" and claim["procedure"][0]["sequence"] == 1
    late = next(r for r in first if r["id"].endswith("d649"))
    assert late["extension"][0]["valueCode"] == "N"
    chart.held |= {(r["resourceType"], r["id"]): r for r in first}
    second = activity.deliver(activity.parse(proving.form_of(case.exemplar)), task_of(case), chart)
    for resource in second:
        validate(resource)
    states = {(r["resourceType"], r["status"]) for r in second if r["resourceType"] in ("Procedure", "Task")}
    assert states == {("Procedure", "entered-in-error"), ("Task", "entered-in-error")}
    assert "hospitalization" not in next(r for r in second if r["resourceType"] == "Encounter")


def test_a_changed_note_in_her_record_is_not_the_note_that_is_judged():
    """Writing the answer into a note by the API earns nothing."""
    case = planted("cough")
    chart = MemoryChart(case.planting.resources)
    note = chart.read("DocumentReference", case.key.papers[0].id)
    forged = "Assessment: cough"
    note["content"][0]["attachment"]["data"] = base64.b64encode(forged.encode()).decode()
    chart.held["DocumentReference", note["id"]] = note
    span = {"document": note["id"], "start": 0, "end": len(forged), "text": forged}
    work = activity.parse({"codes": json.dumps([{"code": "R05.9", "spans": [span]}])})
    report = activity.grade(work, case.key, activity.evidence(work, chart))
    assert not next(f for f in report.findings if f.criterion == "evidence:R05.9").met


def test_the_summary_counts_the_codes_and_the_material_is_the_cases_text():
    """What lists show, and what fixes an attempt's judging."""
    assert activity.summary(activity.parse({"codes": '["R05.9"]'})) == "1 code"
    assert activity.summary(Work()) == "0 codes"
    assert "cough" in activity.material(planting.Params("cough"))


@pytest.mark.parametrize(("text", "said"), [
    ('setting = "office', "case.toml"),
    ('[[document]]\ntext = "{side.word}"\n[slots.side.left]\nwords = "left"', "has no words"),
    ('[[document]]\nwhen = { hand = "left" }', "does not have"),
    ('[[document]]\ntext = "{a.x}"\n[slots.a.one]\nx = "{a.x}"', "in a circle"),
])
def test_a_case_with_a_fault_is_refused_saying_which(monkeypatch, tmp_path, text, said):
    """Broken TOML, a placeholder without words, a `when` without its slot, words that name themselves."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "case.toml").write_text(text)
    (tmp_path / "severity.txt").write_text("")
    monkeypatch.setattr(notes, "FOLDER", tmp_path)
    notes._read.cache_clear()
    with pytest.raises(notes.BadCase, match=said):
        notes.variant("broken", 0)
    notes._read.cache_clear()
