"""A class's people and times in real browsers: a roster, slips on paper, extra time, an extension while she works."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from visitor import Visitor

from sandbox import people
from sandbox.house import House

pytestmark = [pytest.mark.browser, pytest.mark.long]
HER = Callable[..., Visitor]
AUTUMN = "ID;Name;Section\nS-17;Ada Okafor;A\nS-18;Ben Reyes;B\nS-19;=Cleo Sato;B\n"


def clean(who: Visitor) -> list[str]:
    """What is wrong with the page before her: axe in light and dark, sideways scroll at each width."""
    found = who.size(1440).axe()
    for width in (1024, 390):
        if who.size(width).overflow() > 0:
            found.append(f"{who.path}: at {width} px it scrolls sideways by {who.overflow()}")
    found += [f"at 390 px: {fault}" for fault in who.axe("light")]
    who.size(1440)
    return found


def test_ines_brings_a_roster_ada_takes_her_place_and_has_her_own_time(visitor: HER, house: House) -> None:
    """From the school's file to a slip, an account, extra time and an extension; each page clean, the sheet prints."""
    with house.db.writing() as conn:
        link = people.instructor_link(conn)
    ines = visitor("Ines").go(f"/welcome/{link}").press("Sign in as the instructor")
    ines.fill("Name", "Health records, autumn").press("Start the class", within="main form")
    course, faults = ines.path, []
    ines.press("Roster and sign-in links").page.get_by_label("CSV file").set_input_files(
        {"name": "roster.csv", "mimeType": "text/csv", "buffer": AUTUMN.encode()})
    ines.press("Show what it would do").reads("begins as a formula does").reads("Nothing is done yet")
    faults += clean(ines)
    ines.press("Make these changes").reads("3 added")
    faults += clean(ines)
    ines.press("Make the sheet").reads("shown only now")
    faults += clean(ines)
    slips = re.findall(r"/place/[\w-]+", ines.text(".slips"))
    assert len(slips) == 3
    ines.page.emulate_media(media="print")
    assert not ines.page.get_by_role("heading", name="Sign-in links").is_visible()
    assert ines.page.get_by_text("Ada Okafor").is_visible()
    ines.page.emulate_media(media="screen")

    ada = visitor("Ada").go(slips[0]).reads("Welcome, Ada Okafor")
    faults += clean(ada)
    ada.fill("Choose a sign-in name", "s-17").fill("Choose a password", "correct horse battery")
    ada.press("Take my place").reads("You are in “Health records, autumn”")

    ines.go(course).page.get_by_label("Story").select_option("first-half-hour")
    ines.page.get_by_label("Due, Chicago time").fill("2031-06-30T17:00")
    ines.page.get_by_text("Opens, closes, late joiners").click()
    ines.page.get_by_label("Closes, Chicago time").fill("2031-07-02T17:00")
    faults += clean(ines)
    ines.press("Assign to the class")
    grid = ines.path
    ines.go(f"{course}/people").page.get_by_label("Learner", exact=True).select_option(label="Ada Okafor (S-17)")
    ines.fill("Days besides", "2").press("Set the extra time").reads("+2 days")
    ada.go("/seat/him").reads("due 2 Jul 2031 17:00")
    ines.go(grid).press("Times and extensions").page.get_by_label("Choose Ada Okafor").check()
    ines.page.get_by_label("Those chosen, until (Chicago time)").fill("2031-07-09T17:00")
    ines.press("Extend", exact=True).reads("Extended for 1 learner").reads("11 Jul 2031 17:00")
    faults += clean(ines)
    ada.go(f"/story/first-half-hour@{grid.rsplit('/', 1)[1]}").reads("Due 9 Jul 2031 17:00")
    faults += clean(ada)
    assert faults == []
