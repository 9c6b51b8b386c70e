"""What was planted lately is not planted again, and nobody can spoil it for the next."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import people, scenario
from sandbox.activity import Planting
from sandbox.house import House
from sandbox.scenario.memory import Plantings

STORY, TASK = "him-first-codes", "him-belly-pain"


def planting(word: str, size: int = 1) -> Planting[Any, Any]:
    """Something planted."""
    return Planting([{"resourceType": "Basic", "id": word, "text": word * size}], {"shown": word}, [word])


def test_everybody_gets_a_copy_of_her_own() -> None:
    """Ada writes into hers; Ben's is as it was planted, though it was planted once."""
    memory, made = Plantings(), list[str]()

    def make() -> Planting[Any, Any]:
        made.append("once")
        return planting("fever")

    adas = memory.recall("key", make)
    adas.resources[0]["id"] = "spoiled"
    adas.key.append("spoiled")
    assert memory.recall("key", make) == planting("fever") and made == ["once"]
    assert memory.recall("another key", lambda: planting("cough")) == planting("cough")


def test_what_was_used_longest_ago_is_let_go_and_what_is_too_large_is_not_kept() -> None:
    """The bound holds in bytes, whatever is planted."""
    memory, made = Plantings(most=16_000), list[str]()

    def recall(name: str, size: int) -> None:
        def make() -> Planting[Any, Any]:
            made.append(name)
            return planting(name, size)

        memory.recall(name, make)

    recall("x", 4_000), recall("x", 4_000)
    assert made == ["x", "x"], "more than an eighth of everything"
    for number in range(20):
        recall(f"n{number}", 500)
        recall("n0", 500)
    assert made.count("n0") == 1 and made.count("n1") == 1
    recall("n1", 500)
    assert made.count("n1") == 2 and memory._held <= 16_000


def test_what_cannot_be_copied_is_planted_each_time() -> None:
    """An activity of a school's own may plant a function in its key."""
    memory, made = Plantings(), list[int]()

    def make() -> Planting[Any, Any]:
        made.append(1)
        return Planting([], {}, lambda: 1)

    memory.recall("key", make), memory.recall("key", make)
    assert len(made) == 2


def test_a_class_that_shares_a_variant_plants_it_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ada and Ben sit down at one variant, Ines at another: two plantings, and the same patients for the first two."""
    activity, seeds = house.scenarios.activity(STORY, TASK), list[int]()
    plant = activity.plant

    def counted(params: Any, seed: int, chart: Any) -> Any:
        seeds.append(seed)
        return plant(params, seed, chart)

    monkeypatch.setattr(activity, "plant", counted)
    with house.db.writing() as conn:
        ada, ben, ines = (scenario.sit(conn, house, people.guest(conn).id, STORY, seed=seed) for seed in (5, 5, 6))
        assert ada.shown == ben.shown and ada.ws != ben.ws
        first = scenario.recalled(conn, house, STORY, TASK, 5, ada.base)
        assert first == scenario.planted(conn, house, STORY, TASK, 5, ada.base)
    shared = scenario.seed_for(5, TASK)
    assert seeds.count(shared) == 2, "once for both, and once where it was asked for anew"
    assert len(seeds) == 7, "three tasks at two variants, and that one"
    assert ines.shown[TASK] is not None
