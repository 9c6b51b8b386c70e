"""Ines looks round first, by keyboard alone: a sample class made, four callouts, and the class taken away."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from visitor import Visitor

from sandbox import people
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
MINUTES = 3
WHOLE = 600_000  # ms: how long a busy machine may take to fill the class
_SHOTS = os.environ.get("TWO_SEATS_SHOTS", "")  # a folder: each callout is kept there as a picture

SAYS = """() => { const it = document.activeElement;
  if (it === document.body) return "";  // past the last, before the first
  const labels = [...(it.labels ?? [])].map(label => label.innerText);
  return [it.getAttribute("aria-label"), it.innerText, ...labels].join(" ") }"""


def reach(who: Visitor, words: str, *, most: int = 150) -> None:
    """Tab on until the focus is on what says this."""
    for _ in range(most):
        who.page.keyboard.press("Tab")
        if words in who.page.evaluate(SAYS):
            return
    raise AssertionError(f"“{words}” was not reached on {who.path} by {most} tabs")


def enter(who: Visitor, words: str) -> None:
    """Reach it and press Enter; wait for the page that it opens."""
    reach(who, words)
    with who.page.expect_navigation():
        who.page.keyboard.press("Enter")
    who.page.wait_for_load_state("load")


class Walk:
    """The walk from callout to callout. `seconds` is what it took her, without what was looked at on the way."""

    def __init__(self, who: Visitor) -> None:
        self.who, self.seconds, self.faults = who, 0.0, list[str]()
        self._since = time.monotonic()

    def stop(self, name: str) -> None:
        """Look at a callout's page: axe in both themes, and a phone's width; pictures of it where they are wanted."""
        self.seconds += time.monotonic() - self._since
        who = self.who
        self.faults += who.axe()
        for width in (1440, 390):
            who.size(width)
            if width == 390 and who.overflow() > 0:
                self.faults.append(f"{name} scrolls sideways at {width}")
            for theme in ("light", "dark") if _SHOTS else ():
                who.page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
                who.page.screenshot(path=Path(_SHOTS) / f"{name}-{width}-{theme}.png", full_page=True)
        who.page.evaluate("document.documentElement.dataset.bsTheme = 'light'")
        who.size(1440)
        self._since = time.monotonic()


def test_ines_goes_round_a_sample_class_by_keyboard_in_less_than_three_minutes(visitor: HER, house: House) -> None:
    """She watches it fill, sees one stuck, a debrief, amends for seven, reads what cannot be told, and ends it."""
    with house.db.writing() as conn:
        link = people.instructor_link(conn)
    ines = visitor("Ines").go(f"/welcome/{link}")
    enter(ines, "Sign in as the instructor")
    enter(ines, "Make a sample class")
    ines.reads("The sample class is being made").reads("Alma Birk (SAMPLE)")
    making = Walk(ines)
    making.stop("making")
    ines.page.get_by_role("heading", name="Three minutes round").wait_for(timeout=WHOLE)
    course, begun = ines.path, Walk(ines)

    enter(ines, "Begin: who is where")
    ines.reads("1 of 4").reads("nothing saved for")
    assert "Wim Yarrow (SAMPLE)" in ines.text("[data-live] tbody tr"), "who is stuck stands first"
    begun.stop("1-live")
    enter(ines, "A debrief with a question")
    ines.reads("2 of 4").reads("Where does it stand?")
    begun.stop("2-debrief")
    enter(ines, "Amend the key")
    ines.reads("3 of 4")
    begun.stop("3-key")
    reach(ines, "Why (learners read it)")
    ines.page.keyboard.type("We have not come to this yet.")
    with ines.page.expect_navigation():
        ines.page.keyboard.press("Enter")
    ines.reads("7 attempts of 23 would change")
    begun.stop("3-preview")
    enter(ines, "Amend and tell 7 learners")
    ines.reads("The key is amended")
    begun.stop("3-amended")
    enter(ines, "A comparison that cannot tell")
    ines.reads("4 of 4").reads("On skills both seats use: too close to call.")
    begun.stop("4-seats")
    enter(ines, "Take it away")
    ines.reads("The sample class is gone")
    begun.stop("5-gone")
    print(f"\nThe walk round the sample class took {begun.seconds:.1f} s of the browser")
    assert making.faults + begun.faults == []
    assert begun.seconds < 60 * MINUTES
    ines.go(course, 404)
