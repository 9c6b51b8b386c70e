"""A whole stay by keyboard alone: diagnoses with POA, the operation by table, disposition, a query, a row cited."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from visitor import Visitor

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
TASK = "him-surgical-stays/him-hip"


def field(ada: Visitor, name: str) -> Any:
    """A hidden field of the form, read as JSON."""
    return json.loads(ada.page.locator(f"input[name={name}]").input_value() or "null")


def pick(ada: Visitor, *values: str) -> None:
    """Place by place: arrows to each value, Enter."""
    for value in values:
        button = ada.page.locator("#pcs-places .place", has=ada.page.locator(f"b:text-is('{value}')"))
        button.wait_for()
        for _ in range(40):
            if button.evaluate("b => b === document.activeElement"):
                break
            ada.page.keyboard.press("ArrowDown")
        before = ada.page.locator("#pcs").input_value()
        ada.page.keyboard.press("Enter")
        ada.page.wait_for_function("was => document.getElementById('pcs').value !== was", arg=before)


def test_ada_codes_a_whole_stay_by_keyboard_alone(visitor: HER) -> None:
    """Nothing is pointed at; a reload keeps every part; axe finds nothing, light or dark."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go(f"/task/{TASK}")
    ada.page.locator("#brief summary").press("Enter")
    for code in ("I10", "D62"):
        ada.page.locator("#enc-q").fill(code)
        ada.page.locator(f'#enc-results li[data-code="{code}"] .hit').press("Enter")
        ada.page.locator("#enc-results [data-add]").first.press("Enter")
        ada.page.locator(f'#codes tr[data-code="{code}"]').wait_for()
    ada.page.locator('#codes tr[data-code="D62"] select').press("N")
    ada.page.locator("#pcs").fill("0S")
    ada.page.locator("#pcs-path", has_text="Lower Joints").wait_for()
    ada.page.locator("#pcs").press("ArrowDown")
    pick(ada, "R", "R", "0", "1", "9")
    ada.page.locator("#pcs-places .whole button").press("Enter")
    ada.page.locator("#procedures input[type=date]").fill("2026-06-04")
    ada.page.locator("#procedures input[type=date]").press("Tab")
    ada.page.locator("#where-to").press("0")
    ada.page.locator("#where-to").select_option("03")
    ada.page.locator("[data-open-document='sheet-laboratory']").press("Enter")
    ada.page.locator("article:not([hidden]) [data-take]").first.press("Enter")
    ada.page.locator(".outcome summary", has_text="Query the provider").press("Enter")
    ada.page.locator("#q-about").fill("the fall in haemoglobin after the operation")
    ada.page.locator("#q-add").press("Enter")
    [done], [asked] = field(ada, "procedures"), field(ada, "queries")
    assert (done["code"], done["date"]) == ("0SRR019", "2026-06-04")
    assert asked["about"].startswith("the fall") and asked["spans"][0]["row"].startswith("Observation/")
    assert [row["poa"] for row in field(ada, "codes")] == ["", "N"]
    assert not ada.axe()
    ada.page.wait_for_load_state("networkidle")
    ada.page.locator("#saved").get_by_text("Saved").wait_for()
    ada.page.reload()
    ada.page.locator("#procedures li").wait_for()
    assert field(ada, "procedures") == [done] and field(ada, "queries") == [asked]
    assert ada.page.locator("#where-to").input_value() == "03"
    assert ada.size(390).overflow() == 0
    ada.size(1440).page.locator("#submit").press("Enter")
    ada.see_how_it_went()
    assert "0SR" in ada.text()
