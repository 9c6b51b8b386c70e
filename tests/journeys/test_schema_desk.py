"""A migration by keyboard: a first try that fails, the copy looked at and reset, a second that holds, a way back."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from visitor import Visitor

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
TASK = "hi-schema-registration/hi-language-and-mrn"
KEY = tomllib.loads((Path(__file__).parents[2] / "scenarios" / TASK / "task.toml").read_text("utf-8"))["key"]
PARTS = {"Forward": "part-forward", "Rollback": "part-rollback", "Look": "part-query"}
TOO_EARLY = """ALTER TABLE patient ADD COLUMN preferred_language VARCHAR;
ALTER TABLE patient ALTER preferred_language SET NOT NULL;"""


@pytest.fixture
def ada(visitor: HER) -> Visitor:
    """Ada at the desk, her copy open."""
    ada = visitor("Ada").go("/").press("Not sure").go(f"/task/{TASK}")
    return ada.reads("Fresh: nothing has been run on it")


def write(ada: Visitor, tab: str, script: str) -> None:
    """By keyboard: to the tab, into its editor, over what stood there; Escape and Tab lead out again."""
    ada.page.get_by_role("tab", name=tab).focus()
    ada.page.keyboard.press("Enter")
    editor = ada.page.locator(f"#{PARTS[tab]} .cm-content")
    editor.focus()
    ada.page.keyboard.press("Control+a")
    ada.page.keyboard.insert_text(script)
    ada.page.keyboard.press("Escape")


def run(ada: Visitor, tab: str) -> Any:
    """Run what stands in that tab's editor; what is said of it."""
    count = ada.page.locator(f"#{PARTS[tab]} [data-count]")
    ada.page.locator(f"#{PARTS[tab]} .cm-content").focus()
    ada.page.keyboard.press("Control+Enter")
    count.filter(has_text="ran to its end").or_(count.filter(has_text="stopped")).or_(
        count.filter(has_text="ms")).wait_for(timeout=20_000)
    return count.inner_text()


def see(ada: Visitor, name: str) -> None:
    """Keep a picture where SCHEMA_PICTURES says so."""
    if folder := os.environ.get("SCHEMA_PICTURES"):
        ada.page.screenshot(path=f"{folder}/{name}.png")


def test_a_migration_with_a_failed_first_try_and_a_second_that_holds(ada: Visitor) -> None:
    """The first try is stopped at its statement, with the way round; Reset brings a fresh copy; the second try holds,
    twice; the copy says what is otherwise; after the way back nothing is; submitted, it comes to 100."""
    write(ada, "Forward", TOO_EARLY)
    assert run(ada, "Forward") == "stopped"
    ada.reads("Statement 2, line 2").reads("Add, fill, then enforce").reads("preferred_language VARCHAR")
    see(ada, "failed")
    ada.page.get_by_role("button", name="Reset").press("Enter")
    ada.reads("A fresh copy")
    write(ada, "Forward", KEY["forward"])
    assert [run(ada, "Forward"), run(ada, "Forward")] == ["ran to its end"] * 2
    ada.reads("2 runs so far").reads("index patient_active_mrn on patient")
    write(ada, "Look", "SELECT language_status, count(*) AS n FROM patient GROUP BY 1 ORDER BY 1")
    assert "ms" in run(ada, "Look")
    assert "stated" in ada.text("#part-query [data-out]")
    see(ada, "looked")
    write(ada, "Rollback", KEY["rollback"])
    assert run(ada, "Rollback") == "ran to its end"
    see(ada, "back")
    assert ada.axe() == []
    ada.press("Try yesterday's programs").reads("The ADT feed's INSERT: it goes through on your copy")
    ada.page.locator("#checked [data-close]").press("Enter")
    ada.page.get_by_role("button", name="Submit change").press("Enter")
    ada.see_how_it_went()
    assert ada.text(".score, main").find("100") >= 0
    see(ada, "debrief")


def test_the_editor_lets_the_keyboard_go_and_says_so(ada: Visitor) -> None:
    """Tab indents; Escape, then Tab, leads out, and both are announced."""
    write(ada, "Forward", "SELECT 1")
    assert ada.page.locator("#part-forward [data-say]").inner_text() == "Tab leaves the editor now."
    ada.page.keyboard.press("Tab")
    assert not ada.page.evaluate("document.activeElement.classList.contains('cm-content')")
    described = ada.page.locator("#part-forward .cm-content").get_attribute("aria-describedby")
    assert "press Escape, then Tab" in ada.page.locator(f"#{described}").text_content()


def test_the_copy_is_there_at_the_next_visit(ada: Visitor) -> None:
    """What she ran stands in the journal after a reload; her scripts stand in the draft."""
    write(ada, "Forward", TOO_EARLY)
    run(ada, "Forward")
    ada.page.locator("#saved", has_text="Saved").wait_for(timeout=10_000)
    ada.go(f"/task/{TASK}").reads("1 run so far")
    assert "SET NOT NULL" in ada.text("#part-forward .cm-content")


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_desk_fits_every_screen(ada: Visitor, width: int) -> None:
    """Nothing is wider than the screen, and nothing is wrong by axe, in light and in dark."""
    ada.size(width)
    write(ada, "Forward", TOO_EARLY)
    run(ada, "Forward")
    assert ada.overflow() <= 0
    for pane in ("1", "2", "3") if width < 900 else ("1",):
        if width < 900:
            ada.page.locator(f".pane-switch button[value='{pane}']").click()
        for theme in ("light", "dark"):
            assert ada.axe(theme) == []
            see(ada, f"desk-{width}-{pane}-{theme}")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_definition_is_tried_by_keyboard_and_says_what_it_takes(visitor: HER, width: int) -> None:
    """First one that tells no parts apart, and is told so; then the right one. The five resources, the value set and
    the form of a definition can be opened; nothing is wrong by axe, in light and in dark."""
    story = "hi-schema-standards/hi-sogi"
    right = tomllib.loads((Path(__file__).parents[2] / "scenarios" / story / "task.toml").read_text("utf-8"))["key"]
    ada = visitor("Ada").go("/").press("Not sure").go(f"/task/{story}")
    ada.reads("Fresh: nothing has been run on it").size(width)
    ada.page.get_by_role("tab", name="Definition").focus()
    ada.page.keyboard.press("Enter")
    pane, tried = ada.page.get_by_label("StructureDefinition for the record, JSON"), ada.page.locator("#tried li")
    blurred = right["definition"].replace('"fixedUri": "value"', '"short": "value"')
    for text, said in (("{", "It cannot be read as JSON"), (blurred, "is not told apart here"),
                       (right["definition"], "8 elements of it are checked")):
        pane.fill(text)
        ada.page.get_by_role("button", name="Try it").press("Enter")
        tried.filter(has_text=said).wait_for(timeout=20_000)
    assert [each.split(":")[0] for each in tried.all_inner_texts()[1:]] == ["Taken"] * 2 + ["Refused"] * 3
    for theme in ("light", "dark"):
        assert ada.overflow() <= 0 and ada.axe(theme) == []
        see(ada, f"definition-{width}-{theme}")
    if width < 900:
        ada.page.locator(".pane-switch button[value='3']").click()
    about = ada.page.locator("section", has=ada.page.get_by_role("heading", name="What the record must have"))
    for each in about.locator("summary").all():
        each.press("Enter")
    assert "LA29519-8" in about.inner_text() and "ValueSet/colours" in about.inner_text()
    for theme in ("light", "dark"):
        assert ada.overflow() <= 0 and ada.axe(theme) == []
        about.scroll_into_view_if_needed()
        see(ada, f"record-{width}-{theme}")
