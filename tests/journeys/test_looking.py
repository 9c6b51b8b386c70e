"""Ines sees her class as Ada does, in a real browser: by keyboard, clean for axe, readable on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from test_class import teacher
from test_first_half_hour import add_code
from visitor import Visitor

from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]


def test_ines_looks_as_ada_by_keyboard_and_stops_where_she_began(visitor: HER, house: House) -> None:
    """Start, look, stop; the desk shows Ada's choice; nothing that she presses there is sent; axe and 390 px."""
    ines = teacher(visitor, house)
    ines.fill("Name", "Health records, autumn").press("Start the class", within="main form")
    code, course = ines.text(".banner .code"), ines.path
    ines.page.get_by_label("Story").select_option("first-half-hour")
    ines.press("Assign to the class")
    ada = visitor("Ada").sign_up().go("/join").fill("Class code", code)
    ada.press("Join the class", within="main").press("The first half hour", within="main section")
    story = ada.path
    desk = f"{story.replace('/story/', '/task/')}/him-cough"
    add_code(ada.go(desk), "R05.9")
    ada.page.locator("#saved").get_by_text("Saved").wait_for()
    faults = ines.go(course).axe()
    ines.page.get_by_role("button", name="See the class as Ada").focus()
    ines.page.keyboard.press("Enter")
    ines.page.wait_for_url("**/seat/*")
    for path in ("/seat/him", story, desk):
        for width in (1440, 390):
            ines.size(width).go(path).reads("You see Health records, autumn as Ada")
            faults += ines.axe("light") if width == 390 else ines.axe()
            assert ines.overflow() <= 0, f"{path} at {width}"
    ines.size(1440).go(desk)
    assert ines.page.locator("#submit").count() == 0
    sent: list[str] = []
    ines.page.on("request", lambda asked: sent.append(asked.method))
    ines.page.get_by_role("button", name="Remove R05.9").click()
    ines.page.wait_for_timeout(1500)  # longer than a desk waits before it saves
    assert set(sent) <= {"GET"} and ines.page.evaluate("localStorage.length") == 0
    ines.go("/compare", 423).reads("You are only looking")
    faults += ines.axe()
    ines.page.get_by_role("button", name="Stop looking").focus()
    ines.page.keyboard.press("Enter")
    ines.page.wait_for_url(f"**{course}")
    assert ines.page.get_by_text("Nothing is sent or saved").count() == 0
    ada.go("/account").reads("Who saw your pages as you do")
    assert faults + ada.axe() == []
