"""The analyst's desk in a real browser: a control chart and its answer by keyboard alone, a hunt, a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from answers import exemplar, room_of
from visitor import Visitor

from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
FALLS = "hi-questions-falls"
CHART = (
    "WITH m AS (SELECT month, sum(falls) AS k, sum(patient_days) AS n FROM unit_month "
    "WHERE location_id IN ('loc-4e', 'loc-5w') GROUP BY month), "
    "b AS (SELECT sum(k) AS k0, sum(n) AS n0 FROM m WHERE month < DATE '2025-04-01') "
    "SELECT month, 1000 * k / n AS rate, 1000 * k0 / n0 AS centre, 1000 * u_low(k0 / n0, n) AS lower, "
    "1000 * u_high(k0 / n0, n) AS upper FROM m, b ORDER BY month"
)


def sit(visitor: HER, story: str, task: str, **look: int) -> Visitor:
    """Ada at the desk, the brief folded away, the first cell run."""
    ada = visitor("Ada", **look).go("/").press("Not sure? Try both, 20 minutes").go(f"/task/{story}/{task}")
    ada.page.locator("#brief summary").press("Enter")
    ada.page.locator("[data-sql-result=cell1_sql] tbody tr").first.wait_for(timeout=30_000)
    return ada


def choose(ada: Visitor, selector: str, value: str) -> None:
    """Walk a list with the arrow keys until this value is chosen."""
    box = ada.page.locator(selector)
    box.focus()
    ada.page.keyboard.press("Home")
    for _ in range(30):
        if box.input_value() == value:
            return
        ada.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{selector} does not offer {value}")


def test_a_control_chart_and_its_answer_by_keyboard(visitor: HER, house: House) -> None:
    """A cell is added, typed and run; its columns choose themselves; the chart says what is beyond; 100 points."""
    ada = sit(visitor, FALLS, "hi-falls-rising")
    form = exemplar(house, room_of(house, FALLS), "hi-falls-rising")
    ada.page.locator("#add-cell").press("Enter")
    assert ada.page.evaluate("document.activeElement.closest('[data-cell]').dataset.cell") == "2"
    ada.page.keyboard.insert_text(CHART)
    ada.page.keyboard.press("Escape")
    ada.page.keyboard.press("Control+Enter")
    ada.page.locator("[data-sql-result=cell2_sql] tbody tr").first.wait_for(timeout=20_000)
    ada.page.locator("[data-cell='2'] .cell-chart summary").press("Enter")
    choose(ada, "#c2-mark", "control")
    assert [ada.page.locator(f"#c2-{part}").input_value() for part in ("x", "y", "centre", "low", "high")] == [
        "month", "rate", "centre", "lower", "upper"]
    drawn = ada.page.locator("[data-cell='2'] [data-drawn] svg")
    drawn.wait_for(timeout=10_000)
    assert "36 points; " in str(drawn.get_attribute("aria-label"))
    assert "above the upper limit" in str(drawn.get_attribute("aria-label"))
    assert ada.axe() == []
    for name, value in form.items():
        box = ada.page.locator(f"[name='{name}']").first
        if box.get_attribute("type") == "checkbox":
            box.press("Space")
        elif name == "verdict":
            ada.page.locator(f"#v-{value}").press("Space")
        elif box.evaluate("e => e.tagName") == "SELECT":
            choose(ada, f"#f-{name}", value)
        else:
            box.focus()
            ada.page.keyboard.type(value)
    ada.page.locator("#check").press("Enter")
    ada.reads("Every field is filled in.")
    ada.page.locator("#submit").press("Enter")
    ada.see_how_it_went()
    ada.reads("100 of 100")
    assert ada.axe("light") == []


def test_a_hunt_keeps_its_lines_over_a_reload_and_a_phone_shows_all_of_it(visitor: HER, house: House) -> None:
    """Lines are added and taken away; what was typed is there again; at 390 pixels nothing is cut off."""
    ada = sit(visitor, "hi-questions-clinic", "hi-defect-hunt")
    for n in (1, 2, 3):
        if n > 1:
            ada.page.locator("#add-find").press("Enter")
        ada.page.keyboard.type(f"ob-{n}") if n > 1 else ada.page.fill("#d1-row", "ob-1")
    assert ada.text("#found-count") == "3 rows"
    ada.page.locator("[data-line='2'] [data-drop]").press("Enter")
    assert ada.text("#found-count") == "2 rows" and not ada.page.locator("[data-line='2']").is_visible()
    ada.page.wait_for_timeout(1500)  # longer than the desk waits before it saves
    ada.page.locator("#saved", has_text="Saved").wait_for(timeout=15_000)
    ada.page.reload()
    assert ada.page.locator("#d3-row").input_value() == "ob-3" and not ada.page.locator("[data-line='2']").is_visible()
    ada.size(390)
    for part in ("Found", "Tables", "Notebook"):
        ada.press(part, within=".pane-switch")
        assert ada.overflow() <= 0, part
    wide = "[...document.querySelectorAll('.pane')].filter(p => p.offsetParent).map(p => p.clientWidth)"
    assert ada.page.evaluate(wide) == [390]
    assert ada.axe() == []
