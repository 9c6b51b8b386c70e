"""What an instructor gets wrong, by page: told with its place, her other words kept, nothing half done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from visitor import Visitor

from sandbox import classroom, people
from sandbox.classroom.course import assignment_table
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
AUTUMN = "ID,Name,Section\nS-17,Ada Okafor,A\nS-18,Ben Reyes,B\n"
WRONG = {
    "an ID twice": ((AUTUMN + "s-17,Another Ada,A\n").encode(), "Line 4: the ID “s-17” stands on line 2 already."),
    "UTF-16": (AUTUMN.encode("utf-16"), "Line 1: the file is UTF-16"),
    "UTF-16 without its mark": (AUTUMN.encode("utf-16-be"), "Line 1: the file is UTF-16"),
    "an older encoding": ((AUTUMN + "S-19,Zoë Díaz,A\n").encode("cp1252"), "Line 4: “S-19,Zoë Díaz,A” is written in"),
    "a zero byte": (AUTUMN.replace("Ben", "B\0en").encode(), "Line 3: there is a zero byte, which no text has"),
    "an open quotation": ((AUTUMN + 'S-19,"Dot,A\n').encode(), "Line 4: a quotation mark is opened"),
    "nobody's line": ((AUTUMN + ",Nobody,A\nS-20,,A\n").encode(), "Line 4: there is no ID. Line 5: there is no name."),
}


def teacher(visitor: HER, house: House) -> tuple[Visitor, str]:
    """Ines, and the address of her class."""
    with house.db.writing() as conn:
        link = people.instructor_link(conn)
    ines = visitor("Ines").go(f"/welcome/{link}").press("Sign in as the instructor")
    return ines, ines.fill("Name", "Health records").press("Start the class", within="main form").path


def colleague(visitor: HER, house: House, course: str) -> Visitor:
    """Ida, who teaches the class too."""
    with house.db.writing() as conn:
        value = classroom.invite(conn, classroom.course(conn, course.rsplit("/", 1)[1]))
    ida = visitor("Ida").sign_up().go(f"/teach/invited/{value}")
    return ida.press("Teach it as Ida")


def choose(who: Visitor, course: str, data: bytes) -> Visitor:
    """Choose a file on the page of people and have it shown."""
    who.go(f"{course}/people").page.get_by_label("CSV file").set_input_files(
        {"name": "roster.csv", "mimeType": "text/csv", "buffer": data})
    who.expected = {400}
    return who.press("Show what it would do")


def places(house: House, course: str) -> list[str]:
    """Who has a place in the class, by name."""
    with house.db.reading() as conn:
        return [place.person.name for place in classroom.roster(conn, course.rsplit("/", 1)[1])]


def clean(who: Visitor) -> list[str]:
    """What is wrong with the page before her: axe in both themes, sideways scroll on a phone."""
    found = who.axe("dark") + who.axe("light")
    if who.size(390).overflow() > 0:
        found.append(f"{who.path} scrolls sideways")
    who.picture("390").size(1440).picture()
    return found


def test_every_fault_of_a_roster_is_told_with_its_line_and_nobody_is_added(visitor: HER, house: House) -> None:
    """Duplicates, wrong encodings, damage; then the mended file, whose formula is made plain and told."""
    ines, course = teacher(visitor, house)
    for what, (data, told) in WRONG.items():
        choose(ines, course, data).reads(told)
        assert places(house, course) == [], what
    assert clean(ines) == []
    choose(ines, course, (AUTUMN + "S-19,=HYPERLINK(1),A\n").encode())
    ines.reads("Line 4: “=HYPERLINK(1)” begins as a formula")
    assert places(house, course) == [], "shown is not done"
    ines.press("Make these changes").reads("3 added")
    assert places(house, course) == ["Ada Okafor", "Ben Reyes", "HYPERLINK(1)"]


def test_of_two_who_read_a_roster_at_once_the_second_is_shown_anew(visitor: HER, house: House) -> None:
    """Ida's is done; Ines's press does nothing and shows what hers would do now; pressed again, it is done."""
    ines, course = teacher(visitor, house)
    ida = colleague(visitor, house, course)
    choose(ines, course, AUTUMN.encode()).reads("Ben Reyes")
    choose(ida, course, b"ID,Name\nS-17,Ada Okafor\n").press("Make these changes").reads("1 added")
    ines.expected = {409}
    ines.press("Make these changes").reads("The class has changed since this was shown").reads("Nothing was done.")
    assert places(house, course) == ["Ada Okafor"]
    assert clean(ines) == []
    ines.expected = set()
    ines.press("Make these changes").reads("1 added, 1 changed")
    assert places(house, course) == ["Ada Okafor", "Ben Reyes"]


def test_a_due_time_that_march_skips_comes_back_and_one_that_november_has_twice_is_said(
        visitor: HER, house: House) -> None:
    """On the form that assigns, on the page of times, for one learner: which field, why, what to do; all else stays."""
    ines, course = teacher(visitor, house)
    gap = "02:30 does not exist on 14 Mar 2027: the clocks go forward in that hour. Choose an hour later. Nothing was"
    ines.page.get_by_label("Story").select_option("him-office-mornings")
    ines.page.get_by_label("Health informatics").uncheck()
    ines.page.get_by_label("The same for all").check()
    ines.page.get_by_label("Due, Chicago time").fill("2027-03-14T02:30")
    ines.expected = {400}
    ines.press("Assign to the class").reads(f"Due: {gap}")
    assert clean(ines) == []
    with house.db.reading() as conn:
        assert conn.execute(sa.select(assignment_table)).all() == []
    assert ines.page.get_by_label("Story").input_value() == "him-office-mornings"
    assert ines.page.get_by_label("Due, Chicago time").input_value() == "2027-03-14T02:30"
    assert ines.page.get_by_label("The same for all").is_checked()
    assert not ines.page.get_by_label("Health informatics").is_checked()
    ines.expected = set()
    ines.page.get_by_label("Due, Chicago time").fill("2027-11-07T01:30")
    ines.press("Assign to the class").reads("01:30 comes twice on 7 Nov 2027, because the clocks go back: the")
    grid = ines.path

    with house.db.writing() as conn:
        classroom.join(conn, people.guest(conn).id, classroom.course(conn, course.rsplit("/", 1)[1]).code)
    ines.go(f"{grid}/times").page.get_by_label("Due, Chicago time").fill("2027-03-14T02:30")
    ines.fill("Opens, Chicago time", "2027-03-01T09:00").fill("Who joins after it opened has at least … days", "3")
    ines.expected = {400}
    ines.press("Change times and rules").reads(f"Due: {gap}")
    assert ines.page.get_by_label("Opens, Chicago time").input_value() == "2027-03-01T09:00"
    assert ines.page.get_by_label("Who joins after it opened has at least … days").input_value() == "3"
    ines.page.locator("[name=person]").check()
    ines.fill("Those chosen, until (Chicago time)", "2027-03-14T02:30")
    ines.press("Extend", exact=True).reads(f"Until: {gap}")
    assert ines.page.locator("[name=person]").is_checked(), "whom she chose is still chosen"
    assert clean(ines) == []
    with house.db.reading() as conn:
        [given] = classroom.assignments(conn, course.rsplit("/", 1)[1])
        assert given.due == classroom.local_due("2027-11-07T01:30") and given.opens is None
    ines.expected = set()
    ines.fill("Those chosen, until (Chicago time)", "2028-11-05T01:15").press("Extend", exact=True)
    ines.reads("01:15 comes twice on 5 Nov 2028")
