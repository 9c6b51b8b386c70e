"""A story that changes after somebody sat down in it: a new task is planted where it is opened, and nothing is lost."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from answers import exemplar, room_of
from houses import Person, copy, create_app, opened, settings

from sandbox import scenario, workspace
from sandbox.fhir import store
from sandbox.house import House

SHIPPED = Path(__file__).resolve().parents[1] / "scenarios" / "hi-unbilled"
STORY, HIM, HI = "waiting-bills", "him-stay-that-waits", "hi-unbilled-days"
Houses = Callable[..., House]


@pytest.fixture
def at_work(built: Path, tmp_path: Path) -> Iterator[Houses]:
    """The house as it stands when the story has these tasks: `at_work(HI)`, later `at_work(HIM, HI)`."""
    copy(built, tmp_path / "data")
    standing: list[House] = []

    def close() -> None:
        while standing:
            house = standing.pop()
            house.labs.close()
            house.db.close()

    def start(*tasks: str) -> House:
        close()
        folder = tmp_path / "stories" / STORY
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(SHIPPED, folder)
        for task in {HIM, HI} - set(tasks):
            shutil.rmtree(folder / task)
        listed = ", ".join(f'"{task}"' for task in tasks)
        text = (folder / "scenario.toml").read_text(encoding="utf-8")
        (folder / "scenario.toml").write_text(re.sub(r"^tasks = .*$", f"tasks = [{listed}]", text, flags=re.M), "utf-8")
        standing.append(opened(settings(tmp_path / "data", scenario_folders=str(tmp_path / "stories"))))
        return standing[-1]

    yield start
    close()


def ada_at(house: House, *, new: bool = False) -> Person:
    """Ada before her browser, with an account, so that she is the same after a restart."""
    ada = Person(create_app(house=house))
    ada.get("/signup" if new else "/signin")
    who = {"login": "ada", "password": "three words in a row", **({"name": "Ada"} if new else {})}
    ada.post("/signup" if new else "/signin", **who)
    return ada


def texts(house: House, info: workspace.Info) -> dict[str, str]:
    """What the workspace itself holds now, by address."""
    with house.db.reading() as conn:
        return {f"{one.kind}/{one.id}": one.text for one in store.stored(conn, info.ws)}


def test_a_task_that_the_story_got_later_is_planted_when_it_is_opened(at_work: Houses) -> None:
    """Her draft and her record stay as they are; the new task is there once, is done, and earns what it should."""
    house = at_work(HI)
    ada = ada_at(house, new=True)
    ada.get(f"/task/{STORY}/{HI}")
    before = room_of(house, STORY)
    kept = texts(house, before)

    house = at_work(HIM, HI)
    ada = ada_at(house)
    assert "Code the stay that holds its bill" in ada.get(f"/story/{STORY}")
    for _ in range(2):
        ada.get(f"/task/{STORY}/{HIM}")
    now = room_of(house, STORY)
    assert (now.id, now.ws, now.shown[HI]) == (before.id, before.ws, before.shown[HI]) and set(now.shown) == {HI, HIM}
    planted = texts(house, now)
    assert {name: planted[name] for name in kept} == kept and len(planted) > len(kept)
    address = ada.submit(f"{STORY}/{HIM}", exemplar(house, now, HIM))
    assert "100 of 100" in ada.get(address)


def test_where_the_new_task_has_no_place_the_story_says_so_and_one_press_makes_it(at_work: Houses) -> None:
    """Something else stands under one of its ids: the hospital put back, she goes on; put back undone, as before."""
    ada_at(at_work(HI), new=True).get(f"/task/{STORY}/{HI}")
    house = at_work(HIM, HI)
    ada, room = ada_at(house), room_of(house, STORY)
    with house.db.writing() as conn:
        new = scenario.planted(conn, house, STORY, HIM, room.seed, room.base).resources[0]
        workspace.plant(conn, room.id, [{**new, "language": "de"}], {})
    before = texts(house, room)
    page = ada.get(f"/task/{STORY}/{HIM}")
    assert "This story has changed since you began it" in page and "Put the hospital back</button>" in page
    told = ada.client.post(f"/task/{STORY}/{HIM}/hint", data={"csrf_token": ada.csrf()},
                           headers={"Accept": "application/json"})
    assert told.status_code == 409 and told.json and "no place in your hospital" in told.json["message"]
    assert texts(house, room) == before and set(room_of(house, STORY).shown) == {HI}, "nothing half planted"
    ada.post(f"/reset/{room.id}")
    assert "Done when" in ada.get(f"/task/{STORY}/{HIM}")
    ada.post(f"/reset/{room.id}", undo="1")
    assert texts(house, room) == before and room_of(house, STORY).shown == room.shown
    assert "This story has changed" in ada.get(f"/task/{STORY}/{HIM}")
