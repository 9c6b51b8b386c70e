"""A hint's price before it opens, in a real browser, by keyboard; and the same on a page that has no scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from answers import exemplar, room_of
from keyboard import press, tab_to, take_up
from visitor import Visitor

from sandbox import attempts
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
STORY, TASK = "him-first-codes", "him-belly-pain"
PRICE = ("The next hint says which rule holds. Of the points for “First-listed diagnosis” and “Nothing unsupported” it "
         "leaves three quarters. It reads “with help” in the debrief.")


def opened(house: House) -> list[str]:
    """The kinds of the hints that were charged to her, as judging reads them."""
    room = room_of(house, STORY)
    with house.db.reading() as conn:
        return [kind for _, kind in attempts.hints_given(conn, room.id, TASK, room.owner)]


def test_a_rule_says_its_price_first_costs_nothing_unopened_and_reads_with_help(visitor: HER, house: House) -> None:
    """Place free, rule asked, Escape, a reload, opened, read again, submitted: by keyboard; clean in both themes."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go(f"/task/{STORY}/{TASK}")
    sheet = ada.page.locator("#hints")
    press(ada, re.compile("^Hint"))
    sheet.get_by_text("Where to look").wait_for()
    assert "points" not in sheet.inner_text() and opened(house) == ["place"], "a place is free, and nobody asks"
    press(ada, re.compile("^Hint"))
    sheet.get_by_text(PRICE).wait_for()
    assert opened(house) == ["place"] and "What holds" not in sheet.inner_text()
    assert ada.axe("dark") == []
    ada.size(390).picture("390")
    assert ada.overflow() <= 0 and ada.axe("light") == []
    ada.size(1440).picture()
    ada.page.keyboard.press("Escape")
    assert sheet.is_hidden() and ada.page.evaluate("document.activeElement.id") == "hint"
    ada.page.reload()
    press(ada, re.compile("^Hint"))
    sheet.get_by_text("Where to look").wait_for()
    assert opened(house) == ["place"], "a price that was read and left costs nothing"
    press(ada, re.compile("^Hint"))
    press(ada, "Open it")
    sheet.get_by_text("What holds").wait_for()
    assert opened(house) == ["place", "rule"]
    ada.page.reload()
    press(ada, "Hints, all 2 read")
    sheet.get_by_text("What holds").wait_for()
    assert opened(house) == ["place", "rule"] and "points" not in sheet.inner_text(), "read again, it costs no more"
    ada.page.keyboard.press("Escape")

    take_up(ada, exemplar(house, room_of(house, STORY), TASK))
    tab_to(ada, "button", re.compile("^Submit"))
    ada.page.keyboard.press("Enter")
    ada.page.wait_for_url("**/attempt/*", timeout=60_000)
    press(ada, "Skip both")
    ada.reads("With help")
    with house.db.reading() as conn:
        report = attempts.get(conn, ada.path.rsplit("/", 1)[1]).report
    assert report is not None
    helped = [finding for finding in report.findings if finding.group == "helped"]
    assert {f.axis for f in helped} <= {"First-listed diagnosis", "Nothing unsupported"} and helped
    assert all(f.earned == pytest.approx(0.75 * f.possible, abs=1e-3) for f in helped)
    ada.go("/compare").reads(f"HIM: you met {report.asked - len(helped)} of {report.asked} in 1 task.")


def test_without_scripts_a_page_of_its_own_asks_the_same(visitor: HER, house: House) -> None:
    """Leaving it opens nothing; what was opened stands there at the next visit, and is charged once."""
    ada = visitor("Ada", scripts=False).go("/").press("Not sure? Try both, 20 minutes").go(f"/task/{STORY}/{TASK}")
    assert not ada.page.locator("#hint").is_visible() and not ada.page.locator("#check").is_visible()
    link = ada.page.get_by_role("link", name="Hints, in a new window")
    assert link.is_visible()
    hints = str(link.get_attribute("href"))
    ada.go(hints).reads("The next hint costs nothing.")
    press(ada, "Open it")
    ada.reads("Where to look").reads(PRICE)
    press(ada, "Back to the task", "link")
    assert opened(house) == ["place"]
    ada.go(hints)
    press(ada, "Open it")
    ada.reads("What holds").reads("These are all the hints of this task.")
    ada.go(hints).reads("Hints: 2 of 2 read")
    assert opened(house) == ["place", "rule"]
    assert ada.size(390).overflow() <= 0


def test_the_page_of_hints_is_clean_in_both_themes(visitor: HER) -> None:
    """With scripts it can be opened as well; axe needs them."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go(f"/task/{STORY}/{TASK}/hint")
    assert ada.axe() == []
    press(ada, "Open it")
    assert ada.reads(PRICE).axe("dark", "light") == [] and ada.picture() and ada.size(390).overflow() <= 0
