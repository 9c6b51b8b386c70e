"""An extension's definition in a change request: what it takes and refuses, however it is written."""

from __future__ import annotations

import json
from datetime import date
from itertools import combinations
from typing import Any

import pytest
from test_roles_hi_schema import params, proofs

from roles.hi.change_schema import definition, extending, people, proving, recording
from sandbox.activity import BadPack, rehearse_structure

PRONOUNS = "hi-schema-standards/hi-sogi"
TODAY = date(2026, 6, 30)
KEY = definition.Key(params(PRONOUNS), TODAY)
ASKED = KEY.params.structure
CASES = {case.name: case for case in (*ASKED.cases, *KEY.params.cases)}
CHECKS = [check for check in KEY.params.checks if check.when == "record"]
#: By hand, from the request's sentences.
TAKEN = {"said_they", "own_words", "code_alone", "he", "asku", "unk", "two_codings", "both_parts", "turned", "plain",
         "interpreter", "comment", "to_the_minute"}
MISTAKES = [m for m in KEY.params.mistakes if any(edit["script"] == "definition" for edit in m.edits)]


def verdicts(text: str) -> dict[str, Any]:
    """Each check of the record by name."""
    return recording.compare(KEY, people.hidden(KEY.params)[0], text)


def signature(text: str) -> list[Any]:
    """What tells one wrong definition from another."""
    return [(name, each.state, each.mark) for name, each in verdicts(text).items()]


def wrong(text: str) -> set[str]:
    """The checks that a definition breaks."""
    return {name for name, each in verdicts(text).items() if each.state != "right"}


def test_the_exemplar_takes_and_refuses_what_the_request_says() -> None:
    """Each case by hand; each is sound FHIR by itself, so that only the definition can refuse it; each is used."""
    whole = json.loads(KEY.params.definition)
    open_to_all = {**whole, "context": [{"type": "element", "expression": "Element"}],
                   "differential": {"element": [{"id": "Extension", "path": "Extension"}]}}
    sent = [case.resource(ASKED.url) for case in CASES.values()]
    for text, taken in ((KEY.params.definition, TAKEN), (json.dumps(open_to_all), set(CASES))):
        found = rehearse_structure(text, [dict(ASKED.value_set)], sent, TODAY)
        assert {name for name, answer in zip(CASES, found.answers, strict=True) if not answer} == taken
    assert {name for check in CHECKS for name in check.sql.split()} == set(CASES)
    for check in CHECKS:
        assert set(check.sql.split()) & TAKEN, f"{check.name} would be right of a definition that refuses all"
        assert check.name == "record_kept" or set(check.sql.split()) - TAKEN


def test_other_right_definitions_are_as_right() -> None:
    """Slices of other names in a snapshot; rules in FHIRPath and no slice; elements in another order, on one line."""
    ways = {proof.form["definition"].strip() for proof in proofs(PRONOUNS) if proof.score == 100}
    whole = json.loads(KEY.params.definition)
    elements = whole["differential"]["element"]
    turned = {**dict(reversed(whole.items())), "differential": {"element": [elements[0], *reversed(elements[1:])]}}
    ways |= {json.dumps(turned), json.dumps({**whole, "status": "draft", "name": "Other"})}
    assert len(ways) == 5
    for text in ways:
        assert wrong(text) == set()


@pytest.mark.parametrize(("where", "rule"), [
    ("Extension", "extension('value').value.where(coding.where(code = 'OTH').exists()).all(text.exists())"),
    ("Extension.extension:value", "value.coding.where(code = 'OTH').exists() implies value.text.exists()"),
    ("Extension.extension:value", "(value as CodeableConcept).coding.all(code != 'OTH') or value.text.exists()"),
    ("Extension.extension:value.value[x]", "(coding.code contains 'OTH') implies text.exists()"),
    ("Extension.extension:value.value[x]", "iif(coding.exists(code = 'OTH'), text.length() > 0, true)")])
def test_the_rule_on_words_may_stand_at_any_of_its_places_and_be_said_in_any_way(where: str, rule: str) -> None:
    """At the top, on the part, on its value; found to be otherwise by solving the request without its exemplar."""
    whole = json.loads(KEY.params.definition)
    for element in whole["differential"]["element"]:
        said = element.pop("constraint", None)
        assert said is None or element["id"] == "Extension.extension:value.value[x]"
        if element["id"] == where:
            element["constraint"] = [{"key": "own", "severity": "error", "human": "OTH alone", "expression": rule}]
    assert wrong(json.dumps(whole)) == set()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.name)
def test_a_mistake_breaks_what_it_says_and_is_told_from_every_other(mistake: Any) -> None:
    """Its checks, no others; what is said names what was taken or refused."""
    text = definition.edited(KEY.params, mistake.edits).definition
    found = verdicts(text)
    assert wrong(text) == set(mistake.breaks)
    assert all(each.what.startswith(("Taken, and must be", "Refused, and must be"))
               for each in found.values() if each.state == "wrong")
    alike = [m.name for m in MISTAKES
             if signature(definition.edited(KEY.params, m.edits).definition) == signature(text)]
    assert alike == [mistake.name]


def test_two_mistakes_in_a_definition_are_never_taken_for_a_third_and_never_earn_more() -> None:
    """Every pair whose edits fit together; where one hides the other, it is that one."""
    alone = {m.name: definition.edited(KEY.params, m.edits).definition for m in MISTAKES}
    marks = {name: signature(text) for name, text in alone.items()}
    points = {check.name: check.points for check in CHECKS}

    def lost(text: str) -> float:
        return sum(points[name] for name in wrong(text))

    tried = 0
    for one, two in combinations(MISTAKES, 2):
        try:
            text = definition.edited(KEY.params, (*one.edits, *two.edits)).definition
        except BadPack:
            continue
        tried += 1
        assert {name for name, mark in marks.items() if mark == signature(text)} <= {one.name, two.name}
        assert lost(text) >= min(lost(alone[one.name]), lost(alone[two.name])), (one.name, two.name)
    assert tried > 80


def test_a_definition_grows_without_losing_what_it_had() -> None:
    """Element by element, from nothing asked to everything: more is refused rightly, and nothing wrongly."""
    whole = json.loads(KEY.params.definition)
    elements = whole["differential"]["element"]
    before: set[str] = set()
    for n in range(1, len(elements) + 1):
        text = json.dumps({**whole, "differential": {"element": elements[:n]}})
        right = {check.name for check in CHECKS} - wrong(text)
        assert right >= before and "record_kept" in right
        before = right
    assert len(before) == len(CHECKS)


@pytest.mark.parametrize("text", [
    "", "{}", "[]", "null", "nonsense", "[" * 30_000, '{"resourceType": "Patient"}',
    '{"resourceType": "StructureDefinition"}', KEY.params.definition.replace('"context"', '"_context"'),
    KEY.params.definition.replace('"Extension.url"', '"Extension.colour"'),
    KEY.params.definition.replace('"min": 1, "max": "1"', '"min": 1, "max": "none"')])
def test_what_the_record_refuses_is_wrong_and_nothing_worse(text: str) -> None:
    """Any text at all: every check of the record is wrong, at the desk it is an error, none falls over."""
    assert wrong(text) == {check.name for check in CHECKS}
    [said] = extending.trial(text, ASKED, TODAY)
    assert said["severity"] == "error"


def test_a_definition_that_refuses_everything_earns_nothing() -> None:
    """Nor one that asks nothing, but for what it leaves whole."""
    proof = next(each for each in proofs(PRONOUNS) if each.name == "shotgun")
    assert wrong(proof.form["definition"]) == {check.name for check in CHECKS}
    whole = json.loads(KEY.params.definition)
    idle = json.dumps({**whole, "context": [{"type": "element", "expression": "Element"}],
                       "differential": {"element": [{"id": "Extension", "path": "Extension"}]}})
    assert {check.name for check in CHECKS} - wrong(idle) == {"record_kept"}


def test_a_case_that_is_not_there_and_an_exemplar_that_is_refused_are_told_to_the_author() -> None:
    """Each by name, before any learner meets it."""
    from dataclasses import replace

    unsound = replace(KEY, params=replace(KEY.params, definition=KEY.params.definition.replace("context", "contexts")))
    with pytest.raises(BadPack, match="exemplar"):
        recording.compare(unsound, people.hidden(KEY.params)[0], KEY.params.definition)
    checks = tuple(replace(c, sql="said_they nobody") if c.kind == "takes" else c for c in KEY.params.checks)
    with pytest.raises(BadPack, match="nobody"):
        definition.whole(replace(KEY.params, checks=checks))


def test_her_definition_is_tried_at_the_desk_and_kept_by_her_record_afterwards(app: Any) -> None:
    """“Try it” writes nothing and judges nothing; submitted, a wrong Patient is refused and a right one taken.

    Submitted again it is updated, not doubled."""
    from houses import Person

    from sandbox import workspace
    from sandbox.errors import BadResource

    ada, form = Person(app).sit_down(), proving.right(KEY.params)
    page = ada.get(f"/task/{PRONOUNS}")
    assert "StructureDefinition for the record" in page and "to see the form" in page
    assert "LA33-6" not in page and "own-words" not in page

    def tried(text: str) -> list[dict[str, str]]:
        answer: dict[str, list[dict[str, str]]] = ada.post(
            f"/task/{PRONOUNS}/step/definition", definition=text).get_json()
        return answer["messages"]

    good = tried(form["definition"])
    assert {each["severity"] for each in good} == {"ok"} and "8 elements of it are checked" in good[0]["text"]
    assert [each["text"].partition(":")[0] for each in good[1:]] == ["Taken"] * 2 + ["Refused"] * 3
    unsliced = tried(form["definition"].replace('"fixedUri": "value"', '"short": "value"'))
    assert any("is not told apart here" in each["text"] for each in unsliced)
    assert any("the portal sends" in each["text"] for each in tried(form["definition"].replace("/pronouns", "/mine")))
    assert "JSON" in tried("{")[0]["text"]

    house = app.extensions["two_seats"]

    def chart(conn: Any) -> Any:
        info = next(each for each in workspace.every(conn) if each.scenario == PRONOUNS.partition("/")[0])
        return workspace.Workspace(conn, info, workspace.Agent("ada", "Ada", "learner"), record=False)

    def sent(name: str) -> dict[str, Any]:
        made: dict[str, Any] = CASES[name].resource(ASKED.url)
        return {name: value for name, value in made.items() if name != "id"}

    with house.db.writing() as conn:
        assert chart(conn).search("StructureDefinition") == []
        chart(conn).create(sent("from_sex"))
    ada.submit(PRONOUNS, form)
    assert "100 of 100" in ada.page
    ada.submit(PRONOUNS, form)
    with house.db.writing() as conn:
        assert [one["id"] for one in chart(conn).search("StructureDefinition")] == ["hi-sogi"]
        chart(conn).create(sent("own_words"))
        with pytest.raises(BadResource, match="needs a code"):
            chart(conn).create(sent("from_sex"))
