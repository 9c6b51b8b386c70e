"""A lesson in real browsers: Ines sees Ada stuck, nudges; Ada reads it, her work and focus untouched; Ines extends."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from visitor import Visitor

from sandbox import people
from sandbox.attempts.draft import draft
from sandbox.classroom.presence import presence_table
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]


def test_ines_sees_ada_stuck_and_nudges_and_ada_goes_on_and_gets_more_time(visitor: HER, house: House) -> None:
    """The live page renews itself; the message comes to the open desk; pages are clean in both themes and narrow."""
    with house.db.writing() as conn:
        link = people.instructor_link(conn)
    ines = visitor("Ines").go(f"/welcome/{link}").press("Sign in as the instructor")
    ines.fill("Name", "Health records, autumn").press("Start the class", within="main form")
    code = ines.text(".banner .code")
    ines.page.get_by_label("Story").select_option("first-half-hour")
    ines.page.get_by_label("Due, Chicago time").fill("2031-06-30T17:00")
    ines.press("Assign to the class").press("Who is where").reads("Nobody is in this class yet")
    live = ines.path

    ada = visitor("Ada").sign_up().go("/join").fill("Class code", code).press("Join the class", within="main")
    ada.press("The first half hour", within="main section").press("Begin: A sore throat")
    ada.go(re.sub("[^/]+$", "him-cough", ada.path))
    ines.page.get_by_text("at work").wait_for(timeout=20_000)  # without a reload
    past = people.now() - timedelta(minutes=26, seconds=10)
    with house.db.writing() as conn:
        conn.execute(draft.update().values(saved=past))
        conn.execute(presence_table.update().values(since=past))
    ines.page.get_by_text("nothing saved for 26 min").wait_for(timeout=20_000)
    for who, where in ((ines, live), (ines, live.rpartition("/")[0])):
        who.go(where)
        assert who.axe() == []
    ines.go(live)
    ada.page.locator("#submit").focus()
    held = ada.page.evaluate("document.activeElement.outerHTML")
    assert held.startswith("<button")
    ines.press("Nudge Ada of the class").reads("A nudge is on its way to Ada of the class.")
    ada.page.locator(".told").get_by_text(re.compile("How is it going")).wait_for(timeout=20_000)
    assert ada.page.evaluate("document.activeElement.outerHTML") == held, "the focus stays where she types"
    assert ada.axe() == []
    ines.page.get_by_text(re.compile("^on screen")).wait_for(timeout=20_000)
    ada.press("Got it", within=".told")
    ada.page.locator(".told").wait_for(state="detached")
    ines.page.get_by_text(re.compile("^read, now")).wait_for(timeout=20_000)
    ada.page.locator('[data-code="R05.9"] button.hit').first.click()
    ada.page.get_by_role("button", name=re.compile("^Add R05.9")).first.click()
    ines.page.get_by_text("at work").wait_for(timeout=20_000)

    ines.press("Message or more time for Ada").fill("Message", "Have another look at the note.")
    assert ines.axe() == []
    ines.press("Send it").reads("Sent to Ada of the class")
    ines.press("Message or more time for Ada").press("15 minutes more").reads("Extended: due 30 Jun 2031 17:15")
    ada.page.locator(".told").get_by_text("Have another look").wait_for(timeout=20_000)
    ada.go("/messages").reads("Have another look at the note.")
    assert ada.axe() == []
    ines.press("Message the class").reads("Have another look at the note.")
    assert ines.axe() == []
    for who in (ines, ada):
        assert who.size(390).overflow() <= 0, who.path
