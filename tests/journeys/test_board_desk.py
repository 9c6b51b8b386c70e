"""A table for readers outside, in a real browser: filled from a result, stars typed, kept over a reload, judged."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from answers import exemplar, room_of
from visitor import Visitor

from sandbox.house import House

pytestmark = pytest.mark.browser
STORY, TASK = "hi-questions-board", "hi-equity-table"
HINTS = Path(__file__).resolve().parents[2] / "scenarios" / STORY / TASK / "hints.md"


def test_a_table_is_filled_from_a_result_and_its_stars_typed_by_keyboard(
        visitor: Callable[..., Visitor], house: House) -> None:
    """The fill button says what it needs, then fills; a star is typed over a number; the table survives a reload."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go(f"/task/{STORY}/{TASK}")
    ada.page.locator("#brief summary").press("Enter")
    ada.page.locator("[data-sql-result=cell1_sql] tbody tr").first.wait_for(timeout=60_000)
    ada.page.locator("#grid-fill").press("Enter")
    assert "race, site, patients and percent" in ada.text("#grid-says")
    query = re.findall(r"`([^`]+)`", HINTS.read_text(encoding="utf-8").partition("## Answer")[2], re.S)[0]
    ada.page.locator("#add-cell").press("Enter")
    ada.page.keyboard.insert_text(" ".join(query.split()))
    ada.page.keyboard.press("Control+Enter")
    ada.page.locator("[data-sql-result=cell2_sql] tbody tr").first.wait_for(timeout=60_000)
    ada.page.locator("#grid-fill").press("Enter")
    assert "29 of 32 cells" in ada.text("#grid-says")
    right = exemplar(house, room_of(house, STORY), TASK)
    box = "[name='t_2_0']"
    assert ada.page.locator(box).input_value() == right["t_2_0"]
    for name, cell in sorted(right.items()):
        field = ada.page.locator(f"[name='{name}']").first
        if name.startswith("t_") and field.input_value() != cell:
            field.focus()
            ada.page.keyboard.press("Control+A")
            ada.page.keyboard.insert_text(cell)
    assert ada.axe() == []
    ada.page.locator("#check").press("Enter")
    ada.page.get_by_text("The table shows 34 numbers").first.wait_for(timeout=40_000)
    ada.page.wait_for_timeout(1500)  # longer than the desk waits before it saves
    ada.page.locator("#saved", has_text="Saved").wait_for(timeout=15_000)
    ada.page.reload()
    assert ada.page.locator(box).input_value() == right["t_2_0"]
    ada.size(390)
    ada.press("Answer", within=".pane-switch")
    assert ada.overflow() <= 0
    ada.page.locator("#submit").press("Enter")
    ada.see_how_it_went()
    ada.page.get_by_text("What is held back cannot be worked out").first.wait_for(timeout=40_000)
    assert "14 of 14" in ada.text()
