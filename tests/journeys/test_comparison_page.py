"""The comparison in a real browser: what is said before a result, then the page at every width and on one sheet."""

from __future__ import annotations

import re
from collections.abc import Callable

import classmates
import pytest
import sqlalchemy as sa
from visitor import Visitor

from sandbox.house import House
from sandbox.people import person

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
PLACES = ("him-office-mornings/him-wrist", "him-office-mornings/him-yearly-check", "him-record-review/him-first-review",
          "hi-questions-clinic/hi-defect-hunt", "hi-questions-falls/hi-falls-rising", "hi-schema-first/hi-rename-site")


def test_ada_says_two_things_sees_how_it_went_and_reads_her_two_seats_on_one_sheet(visitor: HER, house: House) -> None:
    """A chair's line by one press, the two lines by keyboard, then bands and dots: axe clean, nothing cut off."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go("/task/him-first-codes/him-diabetes-visit")
    ada.reads("I expect to like this work").press("4 of 5: I expect to like this work")
    assert ada.page.locator(".hope").count() == 0
    ada.page.locator("#submit").click()
    ada.reads("Nothing is filled in yet").page.locator("#submit").click()
    ada.page.wait_for_url("**/attempt/*")
    ada.reads("Two lines before you see how it went")
    assert ada.axe() == []
    ada.page.locator("input[name=expected]").first.focus()
    for _ in range(7):
        ada.page.keyboard.press("ArrowRight")
    ada.page.keyboard.press("Tab")
    ada.page.keyboard.press("ArrowRight")
    ada.press("Show how it went").reads("you met")
    with house.db.writing() as conn:
        newest = sa.select(person.c.id).order_by(person.c.created.desc())
        hers = str(conn.execute(newest).scalars().first())
        for n, place in enumerate(PLACES):
            story, task = place.split("/")
            classmates.file(conn, hers, story, task, classmates.report(5 + n % 4, 10), expected=8, more=3 + n % 3)
    for width in (1440, 1024, 390):
        ada.size(width).go("/compare").reads("perhaps")
        assert ada.overflow() == 0
        assert ada.axe() == []
    assert ada.page.locator(".dot-plot circle").count() == 40, "twenty dots for each seat"
    for choice in ("The exemplar", "My first try", "My class"):
        ada.press(choice, within="#with + nav")
        assert ada.overflow() == 0 and ada.axe("light") == []
    ada.go("/compare")
    for paper in ("A4", "Letter"):
        assert len(re.findall(rb"/Type\s*/Page[^s]", ada.page.pdf(format=paper))) == 1
