"""The record's part of a change request: a search parameter, tried, judged on old patients and new ones, delivered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from test_roles_hi_schema import grade, named, params, proofs, wrong

from roles.hi.change_schema import definition, people, proving, recording
from sandbox.activity import rehearse
from sandbox.lab import GradingLabs, LabRooms

RACE = "hi-schema-standards/hi-race-search"
TODAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    rooms = LabRooms(tmp_path_factory.mktemp("labs-to-define"))
    yield GradingLabs(rooms, None)  # type: ignore[arg-type]  # the shown hospital is not judged on
    rooms.close()


def verdicts(text: str) -> list[dict[str, str]]:
    """What each check of the record says of a definition, on each hidden hospital."""
    key = definition.Key(params(RACE), TODAY)
    return [{name: verdict.state for name, verdict in recording.compare(key, hospital, text).items()}
            for hospital in people.hidden(params(RACE))]


def test_a_search_mistake_is_seen_where_the_patterns_stand_and_named(labs: Any) -> None:
    """First answers only, the code without its system: right on the tidy hospital or not, each by its name."""
    for name in ("search_first_only", "search_code_only"):
        proof = next(p for p in proofs(RACE) if p.mistake == name)
        assert wrong(grade(labs, RACE, proof.form), proof) == []
    first = next(m for m in params(RACE).mistakes if m.name == "search_first_only")
    clean, *dirty = verdicts(definition.edited(params(RACE), first.edits).definition)
    assert set(clean.values()) == {"right"}
    assert [each["finds_all"] for each in dirty] == ["wrong", "wrong"]


def test_the_scripts_and_the_search_are_judged_apart(labs: Any) -> None:
    """Without scripts the search has its points; without the search the scripts have theirs; a refusal says why."""
    right = proving.right(params(RACE))
    alone = grade(labs, RACE, {"definition": right["definition"]})
    assert 0 < alone.score <= 20 and named(alone) == set()
    without = grade(labs, RACE, {**right, "definition": ""})
    assert 60 < without.score < 85
    refused = grade(labs, RACE, {**right, "definition": right["definition"].replace("'ombCategory')", "'ombCategory'")})
    assert "cannot be read as FHIRPath" in next(f.why for f in refused.findings if f.criterion == "parameter")


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"resourceType": "Patient"}', "{" * 3000, '"race"',
                                  '{"resourceType": "SearchParameter"}'])
def test_what_is_no_definition_is_wrong_and_nothing_worse(text: str) -> None:
    """Any text at all: every check of the record is wrong, none falls over."""
    assert {state for each in verdicts(text) for state in each.values()} == {"wrong"}


def test_order_and_spelling_of_a_definition_do_not_matter() -> None:
    """Its elements in another order, another url, on one line: the same verdicts, and the same bytes again."""
    whole = json.loads(params(RACE).definition)
    other = json.dumps({**dict(reversed(whole.items())), "url": "https://example.org/x", "name": "other"})
    assert verdicts(other) == verdicts(params(RACE).definition.strip())
    assert {state for each in verdicts(other) for state in each.values()} == {"right"}
    people_ = people.hidden(params(RACE))[1].build()[:9]
    once, again = (rehearse(other, people_, [], ("Patient?race=2106-3",), TODAY) for _ in range(2))
    assert once == again and once.code == "race"


def test_her_definition_is_tried_at_the_desk_and_answers_in_her_record_afterwards(app: Any) -> None:
    """“Try it” writes nothing; a submission delivers it; submitted again it is updated, not doubled."""
    from houses import Person

    from sandbox import workspace

    ada, form = Person(app).sit_down(), proving.right(params(RACE))
    assert "SearchParameter for the record" in ada.get(f"/task/{RACE}")

    def tried(text: str) -> list[dict[str, str]]:
        said: list[dict[str, str]] = ada.post(f"/task/{RACE}/step/definition", definition=text).get_json()["messages"]
        return said

    good = tried(form["definition"])
    assert len(good) == 4 and {each["severity"] for each in good} == {"ok"}
    assert "0 found" not in good[0]["text"]
    assert "JSON" in tried("{")[0]["text"]
    assert "refuses it" in tried(form["definition"].replace('"token"', '"quantity"'))[0]["text"]
    house = app.extensions["two_seats"]

    def chart(conn: Any) -> Any:
        info = next(each for each in workspace.every(conn) if each.scenario == RACE.partition("/")[0])
        return workspace.Workspace(conn, info, workspace.Agent("ada", "Ada", "learner"), record=False)

    with house.db.reading() as conn:
        assert not chart(conn).knows("Patient", "race")
    ada.submit(RACE, form)
    assert "100 of 100" in ada.page
    with house.db.reading() as conn:
        found = chart(conn).search("Patient", {"race": "2106-3"})
        assert found and f"{len(found)} found" in good[0]["text"]
        assert [one["id"] for one in chart(conn).search("SearchParameter")] == ["hi-race-search"]
