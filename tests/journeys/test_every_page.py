"""Every page: nothing for axe-core in light and dark, no console error, no policy violation, no sideways scroll."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from visitor import Visitor

from sandbox import people
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
EVERY = pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])
PUBLIC = ("/", "/seat/him", "/seat/hi", "/kinds", "/jobs/him", "/jobs/hi", "/signin", "/signup", "/join", "/compare")


def faults(who: Visitor, *paths: str) -> list[str]:
    """What is wrong with these pages: axe on a desktop in light and dark and on a phone, sideways scroll on each."""
    found = []
    for path in paths:
        who.size(1440).go(path)
        found += who.axe()
        for width in (1024, 390):
            if who.size(width).overflow() > 0:
                found.append(f"{path}: at {width} px it scrolls sideways by {who.overflow()}")
        found += [f"at 390 px: {fault}" for fault in who.axe("light")]
    return found


@EVERY
def test_public_pages_are_clean(visitor: HER, house: House, every: bool) -> None:
    """The front, the seats, the jobs, sign-in, and one story in five: all are one page with other words. The long tier
    opens each."""
    stories = list(house.scenarios)[:: 1 if every else 5]
    assert len(stories) >= 3
    assert faults(visitor("Ada"), *PUBLIC, *(f"/story/{name}" for name in stories)) == []


@EVERY
def test_every_desk_is_clean(visitor: HER, house: House, every: bool) -> None:
    """A task of each activity and the first half hour, as they open; the long tier opens each task of each story."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes")
    seen: set[str] = set()
    for story in house.scenarios.values():
        for task in story.tasks:
            if every or story.name == "first-half-hour" or task.activity not in seen:
                assert faults(ada, f"/task/{story.name}/{task.name}") == []
            seen.add(task.activity)
    assert len(seen) >= 4


def test_her_own_pages_are_clean(visitor: HER) -> None:
    """Debrief, comparison, charts, her own tools, dashboards, the builder, account."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes")
    room = ada.page.locator("#work").get_attribute("data-workspace")
    ada.page.locator("#submit").click()
    ada.page.wait_for_url("**/attempt/*")
    attempt = ada.path
    ada.go(f"/chart/{room}/").page.locator("tbody th a").first.click()
    ada.page.wait_for_url("**/Patient/*")
    chart = ada.path
    parts = [f"{chart}?part={p}" for p in ("encounters", "results", "medications", "documents")]
    encounter = ada.go(parts[0]).page.locator("tbody th a").first.get_attribute("href") or chart
    paths = (attempt, "/compare", "/kinds", f"/chart/{room}/", f"/chart/{room}/?q=a&sort=born&order=down", chart,
             *parts, encounter, "/connect", "/dashboards", f"/dashboard/{room}",
             f"/lab/{room}/builder", "/account", "/signout", "/story/first-half-hour")
    assert faults(ada, *paths) == []


def test_teaching_pages_are_clean(visitor: HER, house: House) -> None:
    """Classes, a class, its people, its live table, an assignment's times."""
    with house.db.writing() as conn:
        link = people.instructor_link(conn)
    ines = visitor("Ines").go(f"/welcome/{link}")
    found = ines.axe()
    ines.press("Sign in as the instructor").fill("Name", "Health records").press("Start the class", within="main form")
    course, code = ines.path, ines.text(".banner .code")
    ines.page.get_by_label("Story").select_option("first-half-hour")
    ines.press("Assign to the class")
    grid = ines.path
    ada = visitor("Ada").sign_up().go("/join").fill("Class code", code).press("Join the class", within="main")
    ada.go(f"/task/first-half-hour@{grid.split('/')[-1]}/him-strep-throat")
    assert found + faults(ines, "/teach/", course, f"{course}/people", grid, f"{grid}/times") == []


def test_an_error_is_a_page_that_says_what_to_do_next(visitor: HER) -> None:
    """Not found, not allowed by method, a stale form: each in the house's own look, clean for axe."""
    ada = visitor("Ada").go("/nothing/here", 404).reads("There is nothing here").reads("start from your seat")
    assert ada.axe() == []
    ada.go("/attempt/a-none", 200)
    assert ada.path.startswith("/signin?next=")
    assert ada.axe() == []
    answer = ada.context.request.post(ada.address + "/begin", form={})
    assert answer.status == 400 and "open for too long" in answer.text()
    assert ada.context.request.delete(ada.address + "/kinds").status == 405


def test_a_client_is_connected_with_a_token_shown_once(visitor: HER) -> None:
    """The address and the token from the page open the record; taken back, it opens nothing."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go("/connect").press("Make a token")
    token = ada.page.get_by_label("Token", exact=True).input_value()
    base = ada.page.get_by_label("FHIR address of The first half hour").input_value()
    key = {"Authorization": f"Bearer {token}"}
    stranger = visitor("A program").context.request
    answer = stranger.get(base + "Patient?_count=1", headers=key)
    assert answer.status == 200 and answer.json()["resourceType"] == "Bundle"
    assert ada.axe() == []
    ada.go("/connect")
    assert token not in ada.page.content()
    ada.press("Take back the token")
    assert stranger.get(base + "Patient?_count=1", headers=key).status in (401, 403)
