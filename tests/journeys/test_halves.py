"""A class that takes its seats in turn, in real browsers: Ines assigns, Ada and Ben begin in different seats."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from visitor import Visitor

from sandbox import people
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]


def clean(who: Visitor) -> None:
    """Nothing for axe in light and dark, and nothing sticks out on a phone."""
    assert who.axe() == []
    assert who.size(390).overflow() <= 0, who.path
    who.size(1440)


def test_ines_assigns_in_halves_and_ada_and_ben_begin_in_different_seats(visitor: HER, house: House) -> None:
    """Each reads where she begins and what the other seat waits for; Ines sees both, and opens the other seat."""
    with house.db.writing() as conn:
        link = people.instructor_link(conn)
    ines = visitor("Ines").go(f"/welcome/{link}").press("Sign in as the instructor")
    ines.fill("Name", "Health records, autumn").press("Start the class", within="main form")
    code = ines.text(".banner .code")
    ines.page.get_by_label("Story", exact=True).select_option("first-half-hour")
    ines.page.get_by_label("Half the class begins in each seat").check()
    ines.page.get_by_label("Due, Chicago time").fill("2031-06-30T17:00")
    clean(ines)
    grid = ines.press("Assign to the class").path

    seats = {}
    for name in ("Ada", "Ben"):
        who = visitor(name).sign_up().go("/join").fill("Class code", code).press("Join the class", within="main")
        who.press("The first half hour", within="main section").reads("Half of your class begins in each seat")
        begins = next(seat for seat in ("HIM", "HI") if f"you begin in {seat}." in who.text(".notice"))
        clean(who)
        other = {"HIM": "hi-average-stay-shown", "HI": "him-cough"}[begins]
        key = who.path.rpartition("/")[2]
        who.go(f"/task/{key}/{other}", 403).reads("at the latest on 30 Jun 2031 17:00")
        clean(who)
        seats[begins] = who.go(f"/story/{key}")
    assert set(seats) == {"HIM", "HI"}

    ines.go(grid).reads("Begins in")
    clean(ines)
    ines.press("Times and extensions").reads("Who begins where")
    clean(ines)
    ines.page.get_by_label("Choose Ada of the class, whose other seat waits").check()
    ines.press("Open it for those chosen").reads("The other seat is open to them now.")
    opened = {name: who for who in seats.values() for name in [who.name]}
    opened["Ada"].page.reload()
    assert opened["Ada"].page.get_by_text("Half of your class begins").count() == 0
    assert opened["Ben"].page.get_by_text("Half of your class begins").count() == 1
    ines.go(grid.rpartition("/")[0]).reads("1 begins in HI, 1 begins in HIM")
