"""The access desk in a real browser: a case closed by keyboard alone, kept over a reload, and judged."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from visitor import Visitor

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
TASK = "him-access-morning/him-first-flags"


def choose(ada: Visitor, selector: str, value: str) -> None:
    """A value of a menu, by keyboard: go to it, press arrows until it stands there."""
    menu = ada.page.locator(selector)
    menu.focus()
    for _ in range(30):
        if menu.input_value() == value:
            return
        ada.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{selector} has no {value}")


def enter(ada: Visitor, selector: str) -> None:
    """Go to it and press Enter."""
    ada.page.locator(selector).first.focus()
    ada.page.keyboard.press("Enter")


def test_ada_closes_a_case_by_keyboard_alone(visitor: HER) -> None:
    """Lead, event, facts, verdict, four factors, notices; a reload keeps all of it; axe has nothing to say."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go(f"/task/{TASK}")
    enter(ada, "#brief summary")
    ada.page.locator("[data-event]").first.wait_for()
    enter(ada, "[data-lead] >> nth=1")
    ada.page.locator("#case-of", has_text="Lead 2").wait_for()
    ada.page.wait_for_load_state("networkidle")
    enter(ada, "[data-event]")
    ada.page.locator("#links [data-cite]").first.wait_for()
    assert "Ordered, gave or measured" in ada.text("#links") and "About this patient" in ada.text("#links")
    enter(ada, "#links [data-cite^='Encounter/']")
    choose(ada, "#c-verdict", "violation")
    choose(ada, "#c-link", "none")
    choose(ada, "#c-pattern", "family")
    fact = ada.page.evaluate("JSON.parse(document.querySelector('input[name=cases]').value)")
    [held] = [one for one in fact.values() if one.get("verdict")]
    for name in ("nature", "person", "acquired", "mitigation"):
        choose(ada, f"#f-{name}", "raises")
        choose(ada, f"[data-factor-fact={name}]", held["cited"][0])
    choose(ada, "#c-breach", "yes")
    for whom in ("patient", "log"):
        ada.page.locator(f"#t-{whom}").focus()
        ada.page.keyboard.press("Space")
    ada.page.locator("#c-by").fill("2026-08-29")
    ada.page.locator("#c-by").press("Tab")
    assert not ada.axe()
    ada.page.locator("#saved").get_by_text("Saved").wait_for()
    before = json.loads(ada.page.locator("input[name=cases]").input_value())
    ada.page.reload()
    ada.page.locator("[data-mark]", has_text="violation").wait_for()
    assert json.loads(ada.page.locator("input[name=cases]").input_value()) == before
    enter(ada, "#check")
    ada.page.locator("#checked", has_text="Lead 1").wait_for()
    enter(ada, "#submit")
    ada.see_how_it_went()
    assert "Four factors" in ada.text() and "45 CFR 164.50" in ada.text()


def test_ada_reads_the_whole_log_by_day_person_and_hour(visitor: HER) -> None:
    """Filters, groups, the heat map with its rostered hours; narrow too."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go(f"/task/{TASK}")
    enter(ada, "[data-view=all]")
    ada.page.locator("#page-of", has_text="Page 1 of").wait_for()
    choose(ada, "[data-filter=group]", "agent_id")
    ada.page.locator("#log th", has_text="Requests").wait_for()
    enter(ada, "[data-view=heat]")
    ada.page.locator("#log table.heat").wait_for()
    choose(ada, "[data-filter=day]", "2026-06-18")
    ada.page.locator("#counted", has_text="2026-06-18").wait_for()
    assert ada.page.locator("table.heat td.on").count() > 10
    assert not ada.axe()
    assert ada.size(390).overflow() == 0 and not ada.axe("light")
