"""Leaving in a browser: a learner removed and brought back, an account deleted and brought back, each page clean."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from test_every_page import faults
from visitor import Visitor

from sandbox import people
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]


def test_ines_removes_ada_by_name_and_brings_her_back_and_ada_leaves_and_comes_back(
        visitor: HER, house: House) -> None:
    """A wrong name comes back with what to type; every page on the way is clean in light, dark and on a phone."""
    with house.db.writing() as conn:
        link = people.instructor_link(conn)
    ines = visitor("Ines").go(f"/welcome/{link}").press("Sign in as the instructor")
    ines.fill("Name", "Health records").press("Start the class", within="main form")
    course, code = ines.path, ines.text(".banner .code")
    ada = visitor("Ada").sign_up().go("/join").fill("Class code", code).press("Join the class", within="main")
    found = faults(ines, f"{course}/people")
    ines.size(1440).go(f"{course}/people").press("Remove Ada of the class from this class")
    page, field = ines.path, "The name of the learner, to be sure: Ada of the class"
    ines.expected = {400}
    ines.fill(field, "Ada").press("Remove Ada of the class").reads("Type “Ada of the class”")
    assert ines.axe() == []
    ines.expected = set()
    found += faults(ines, page)
    ines.size(1440).go(page).fill(field, "ada of the class").press("Remove Ada of the class").reads("Removed")
    found += faults(ines, f"{course}/people")
    ines.size(1440).go(f"{course}/people").press("Bring Ada of the class back").reads("is back in this class")
    found += faults(ada, "/account", "/account/delete")
    ada.size(1440).go("/account").press("Delete my account").fill("Your sign-in name, to be sure: ada", "ada")
    ada.fill("Your password", "correct horse battery").press("Delete my account").reads("Your account is deleted")
    ada.fill("Sign-in name", "ada").fill("Password", "correct horse battery").press("Sign in", within="main")
    ada.reads("This account is deleted")
    found += faults(ada, "/account/back")
    ada.size(1440).press("Bring it back").reads("everything that was yours")
    guest = visitor("Guest").go("/").press("Not sure? Try both, 20 minutes")
    found += faults(guest, "/account/delete")
    guest.size(1440).go("/account/delete").fill("Your name here, to be sure: Guest 1", "guest 1").press("Forget me")
    guest.reads("You are forgotten")
    found += faults(guest, "/account/back")
    assert found == []
