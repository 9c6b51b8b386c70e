"""Charts in a real browser: a genuine patient that was loaded, the keyboard, panes that are resized and remembered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from visitor import Visitor

from sandbox.fhir import load
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
SYNTHEA = Path(__file__).resolve().parents[3] / "shared" / "data" / "synthea"


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason="the genuine Synthea patients are not beside this checkout")
def test_a_loaded_patients_chart_opens_in_the_browser(visitor: HER, house: House) -> None:
    """`two-seats load --default`, then a new workspace: banner, encounters, results with their lines, a narrative."""
    smallest = min(SYNTHEA.glob("*.json.gz"), key=lambda p: p.stat().st_size)
    done = load.load(house.db.writing, [smallest], name="Genuine", default=True, echo=lambda *_: None)
    assert done.status == 0
    ada = visitor("Ada").go("/")
    ada.press("Not sure? Try both, 20 minutes")
    room = ada.page.locator("#work").get_attribute("data-workspace")
    surname = "".join(c for c in smallest.name.split("_")[1] if c.isalpha())
    ada.go(f"/chart/{room}/?q={surname}")
    ada.page.locator("tbody th a").first.click()
    ada.page.wait_for_url("**/Patient/*")
    assert surname in ada.text(".banner .who")
    chart = ada.path
    ada.go(f"{chart}?part=encounters")
    assert ada.page.locator("tbody tr").count() >= 1
    ada.go(f"{chart}?part=results")
    assert ada.page.locator(".spark").count() > 0
    ada.go(f"{chart.split('?')[0]}/narrative")
    assert len(ada.text("body")) > 10 and ada.page.locator("script").count() == 0


def test_the_front_page_and_a_desk_can_be_used_by_keyboard_alone(visitor: HER) -> None:
    """Skip link, the one button, the menu, panes resized by arrows and remembered."""
    ada = visitor("Ada").go("/")
    ada.page.keyboard.press("Tab")
    assert ada.page.evaluate("document.activeElement.className") == "skip"
    ada.page.get_by_role("button", name="Not sure? Try both, 20 minutes").focus()
    ada.page.keyboard.press("Enter")
    ada.page.wait_for_url("**/task/**")

    grip = ada.page.get_by_role("separator", name="Width of the right pane")
    before = int(grip.get_attribute("aria-valuenow") or 0)
    grip.focus()
    for _ in range(4):
        ada.page.keyboard.press("ArrowLeft")
    wider = int(grip.get_attribute("aria-valuenow") or 0)
    assert wider == before + 64
    ada.page.reload()
    assert grip.get_attribute("aria-valuenow") == str(wider)

    ada.page.locator("details.menu summary").first.focus()
    ada.page.keyboard.press("Enter")
    assert ada.page.get_by_role("link", name="My two seats").first.is_visible()
    ada.page.keyboard.press("Escape")
    assert ada.page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_theme_she_chose_is_remembered_and_follows_her_system_until_then(visitor: HER) -> None:
    """Dark because her system is; light once she says so, on the next page too."""
    ada = visitor("Ada", theme="dark").go("/")
    theme = "document.documentElement.dataset.bsTheme"
    assert ada.page.evaluate(theme) == "dark"
    ada.page.get_by_role("button", name="Switch between light and dark").click()
    assert ada.go("/kinds").page.evaluate(theme) == "light"


def test_a_list_sorts_by_button_and_says_so(visitor: HER) -> None:
    """Server-sorted patients and a table sorted in the page both carry aria-sort."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes")
    room = ada.page.locator("#work").get_attribute("data-workspace")
    ada.go(f"/chart/{room}/").press("Born", within="thead")
    assert ada.page.locator("th[aria-sort=ascending]").inner_text().strip() == "Born"
    born = ada.page.locator("tbody tr td:nth-child(3)").all_inner_texts()
    years = [int(b.split()[-1]) for b in born]
    assert years == sorted(years)
    ada.page.locator("tbody th a").first.click()
    ada.page.wait_for_url("**/Patient/*")
    ada.press("Code", within="main section >> nth=0", exact=True)
    codes = ada.page.locator("main section").first.locator("tbody td.code").all_inner_texts()
    assert codes == sorted(codes)
