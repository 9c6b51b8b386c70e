"""The SQL pane by keyboard: complete, run, read the rows, meet an error at its place, and leave the editor."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from visitor import Visitor

from sandbox import workspace
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]


@pytest.fixture
def ada(visitor: HER, house: House) -> Visitor:
    """Ada in the lab of her own workspace."""
    ada = visitor("Ada").go("/").press("Not sure")
    with house.db.reading() as conn:
        room = workspace.every(conn)[0].id
    ada.go(f"/lab/{room}/")
    ada.page.locator("[data-lab-schema] details").first.wait_for(timeout=20_000)
    return ada


def keys(ada: Visitor, *presses: str) -> Any:
    """Press keys, one after another."""
    for press in presses:
        ada.page.keyboard.press(press)
    return ada.page.keyboard


def test_a_query_is_completed_run_and_sorted_by_keyboard(ada: Visitor) -> None:
    """Completion knows her tables; Ctrl-Enter runs; the rows sort; the page is clean in light and dark."""
    ada.page.locator(".cm-content").click()
    keys(ada, "Control+a", "Delete").type("SELECT class, count(*) AS n FROM encou")
    ada.page.locator(".cm-tooltip-autocomplete li", has_text="encounter_diagnosis").wait_for()
    keys(ada, "ArrowDown", "Enter").type(" GROUP BY class")
    keys(ada, "Escape", "Control+Enter")
    ada.page.locator("[data-sql-result] tbody tr").first.wait_for(timeout=20_000)
    assert re.match(r"\d rows, \d+ ms", ada.text("[data-count][role=status]"))
    cells = "[...document.querySelectorAll('[data-sql-result] tbody td.num')].map(c => Number(c.textContent))"
    ada.page.get_by_role("button", name="n", exact=True).press("Enter")
    assert ada.page.evaluate(cells) == sorted(ada.page.evaluate(cells))
    assert ada.axe() == []


def test_an_error_stands_at_its_place_and_tab_can_leave_the_editor(ada: Visitor) -> None:
    """The message names line and column, the word is marked, Escape and Tab lead out and say so."""
    ada.page.locator(".cm-content").click()
    keys(ada, "Control+a").type("SELECT 1,")
    keys(ada, "Escape", "Enter").type("familly FROM patient")
    keys(ada, "Escape", "Control+Enter")
    ada.reads("Line 2, column 1")
    assert ada.text(".cm-lintRange-error") == "familly"
    keys(ada, "Tab")
    assert ada.page.evaluate("document.activeElement.className").startswith("cm-content")
    keys(ada, "Escape", "Tab")
    assert ada.text("[data-say]") == "Tab leaves the editor now."
    assert not ada.page.evaluate("document.activeElement.className").startswith("cm-content")
    assert ada.axe() == []


def test_tables_are_found_by_a_column_and_nothing_is_cut_off_on_a_phone(ada: Visitor) -> None:
    """The rail filters by column; at 390 pixels the panes come one at a time and the page is as wide as the screen."""
    ada.page.get_by_label("Find a table or column").fill("disposition")
    shown = "[...document.querySelectorAll('[data-lab-schema] details:not([hidden])')].map(d => d.dataset.name)"
    assert ada.page.evaluate(shown) == ["acute_stay", "encounter"]
    ada.size(390)
    assert ada.overflow() <= 0
    ada.press("Tables", within=".pane-switch")
    ada.reads("disposition")
    assert ada.overflow() <= 0 and ada.axe("light") == []
