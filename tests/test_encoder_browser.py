"""The encoder in a real browser: by keyboard, by pointer, light and dark, under the house's Content-Security-Policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from encoder_room import application
from werkzeug.serving import make_server

pytestmark = pytest.mark.browser
OFFERED = ("J02.0", "J02.9", "R05.9", "J18.9", "S93.401A", "S93.402A", "S93.409A", "J06.9")


@pytest.fixture(scope="module")
def places() -> Iterator[dict[str, str]]:
    """The addresses of an encoder with and without codes offered first."""
    servers = {name: make_server("127.0.0.1", 0, application(codes), threaded=True)
               for name, codes in (("plain", ()), ("offered", OFFERED))}
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {name: f"http://127.0.0.1:{server.server_port}/" for name, server in servers.items()}
    for server in servers.values():
        server.shutdown()


@pytest.fixture
def page(chromium):  # type: ignore[no-untyped-def]
    """A fresh page that fails the test on any console error, exception or refused script."""
    page = chromium.new_page(viewport={"width": 560, "height": 700})
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    page.close()
    assert not [line for line in wrong if "404" not in line and "ERR_FAILED" not in line]  # no icon; a cut line


def search(page, words: str) -> None:  # type: ignore[no-untyped-def]
    """Type, and wait for the answer to these words."""
    page.fill("#enc-q", words)
    page.wait_for_function("words => document.querySelector('[data-found]').dataset.phrase === words", arg=words)


def test_ada_finds_opens_and_adds_by_keyboard_alone(page, places) -> None:  # type: ignore[no-untyped-def]
    """Words, Enter, Tab to the choices, arrows, Enter; the code is said to be added and stands on the list."""
    page.goto(places["plain"])
    page.focus("#enc-q")
    page.keyboard.type("right foot ulcer")
    page.keyboard.press("Enter")
    page.wait_for_selector(".tabular")
    assert page.get_attribute(".hit >> nth=0", "aria-expanded") == "true"
    assert page.inner_text("[data-add]") == "Choose the severity"
    page.focus("input[value='L97.511']")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert page.inner_text("[data-add]") == "Add L97.512"
    page.keyboard.press("Enter")
    assert page.inner_text("#added") == (
        "L97.512 Non-pressure chronic ulcer of other part of right foot with fat layer exposed")
    assert page.inner_text("#enc-count") == "L97.512 added"
    assert page.inner_text("[data-add]") == "L97.512 is on your list"
    page.keyboard.press("Escape")
    assert page.locator(".tabular").count() == 0
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement === document.querySelectorAll('.hit')[1]")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "enc-q"
    page.keyboard.press("Escape")
    assert page.input_value("#enc-q") == ""


def test_a_side_and_an_encounter_make_one_code(page, places) -> None:  # type: ignore[no-untyped-def]
    """Ankle sprain: left and initial come to S93.402A; the count is told to who cannot see."""
    page.goto(places["plain"])
    search(page, "ankle sprain")
    assert "codes found, best first" in page.inner_text("#enc-count")
    page.click("li[data-code='S93.40'] .hit")
    page.click("input[value='S93.402']")
    assert page.inner_text("[data-add]") == "Choose the encounter"
    page.click("fieldset[data-part=seventh] input >> nth=0")
    page.click("[data-add]")
    assert page.inner_text("#added") == "S93.402A Sprain of unspecified ligament of left ankle, initial encounter"
    assert "on list" in page.inner_text("li[data-code='S93.40'] [data-kind]")
    assert page.evaluate("document.body.dataset.heard") is None  # the desk's form heard nothing


def test_ben_goes_down_step_by_step(page, places) -> None:  # type: ignore[no-untyped-def]
    """A side that is not yet a code leads on in place; the path leads back up."""
    page.goto(places["plain"])
    search(page, "foot ulcer")
    page.click("li[data-code='L97.5'] .hit")
    page.click("input[value='L97.51']")
    assert page.inner_text("[data-add]") == "Go on to L97.51-"
    page.click("[data-add]")
    page.click("input[value='L97.512']")
    assert page.inner_text("[data-add]") == "Add L97.512"
    page.click("[data-go='L97.5']")
    page.wait_for_selector("[data-open='L97.5']")


def test_codes_on_the_list_are_marked_in_notes(page, places) -> None:  # type: ignore[no-untyped-def]
    """Code first at L97 names E11.621, which stands on the list."""
    page.goto(places["plain"])
    page.evaluate("document.dispatchEvent(new CustomEvent('codes:changed', {detail: {codes: ['E11.621']}}))")
    search(page, "L97.512")
    page.click(".hit")
    page.wait_for_selector(".tabular")
    assert "on your list" in page.inner_text("[data-pattern='E11.621']")  # unfolded out of a long list of codes
    assert "on your list" not in page.inner_text("[data-pattern='E10.621']")
    assert not page.is_visible("[data-pattern='I70.74-']")
    page.click("[data-more]")
    assert page.is_visible("[data-pattern='I70.74-']")


def test_eight_codes_are_offered_before_the_search(page, places) -> None:  # type: ignore[no-untyped-def]
    """One click opens, one adds; "Search all codes" gives the box; an emptied box gives the eight back."""
    page.goto(places["offered"])
    assert not page.is_visible("#enc-q")
    page.click("li[data-code='J02.0'] .hit")
    page.click("[data-add]")
    assert page.inner_text("#added") == "J02.0 Streptococcal pharyngitis"
    page.click("[data-search-all]")
    assert page.evaluate("document.activeElement.id") == "enc-q"
    search(page, "gout")
    assert not page.is_visible("[data-offered]")
    page.fill("#enc-q", "")
    page.wait_for_selector("[data-offered]", state="visible")


def test_a_failed_answer_is_said_and_loses_nothing(page, places) -> None:  # type: ignore[no-untyped-def]
    """The network goes away while she types; the next words find again."""
    page.goto(places["plain"])
    page.route("**/codes/search*", lambda route: route.abort())
    page.fill("#enc-q", "gout")
    page.wait_for_selector("[role=alert]")
    assert "try again" in page.inner_text("[role=alert]")
    page.unroute("**/codes/search*")
    search(page, "gout attack")
    assert page.locator(".hit").count() > 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_wrong_light_or_dark(page, places, theme: str) -> None:  # type: ignore[no-untyped-def]
    """With hits, a code open with two sets of choices, and one on the list."""
    from importlib.resources import files

    page.goto(f"{places['plain']}?theme={theme}")
    search(page, "left ankle sprain")
    page.click("li[data-code='S93.402'] .hit")
    page.click("fieldset[data-part=seventh] input >> nth=0")
    page.click("[data-add]")
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text())
    found = page.evaluate("axe.run(document.querySelector('section'))")
    assert [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found["violations"]] == []
