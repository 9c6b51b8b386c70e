"""A class in real browsers: Ines assigns, Ada joins and submits, Ines sees it; Mallory sees nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from visitor import Visitor

from sandbox import attempts, classroom, people
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]


def teacher(visitor: HER, house: House) -> Visitor:
    """Ines, by the one-time link."""
    with house.db.writing() as conn:
        link = people.instructor_link(conn)
    return visitor("Ines").go(f"/welcome/{link}").press("Sign in as the instructor")


def test_ines_assigns_ada_submits_ines_sees_it_and_mallory_gets_404s(visitor: HER, house: House) -> None:
    """The whole way of a class, with the live table renewing itself, the CSV, and a stranger at every door."""
    ines = teacher(visitor, house)
    ines.fill("Name", "Health records, autumn").press("Start the class", within="main form")
    code = ines.text(".banner .code")
    ines.page.get_by_label("Story").select_option("first-half-hour")
    ines.page.get_by_label("Due, Chicago time").fill("2031-06-30T17:00")
    ines.press("Assign to the class")
    ines.reads("Nobody is in this class yet")
    grid = ines.path

    ada = visitor("Ada").sign_up().go("/join").fill("Class code", code.lower().replace("-", " "))
    ada.press("Join the class", within="main").reads("Assigned to you").reads("due 30 Jun 2031 17:00")
    ada.press("The first half hour", within="main section").press("Begin: A sore throat")
    assert "@" in ada.path
    workspace = ada.page.locator("#work").get_attribute("data-workspace")
    ines.page.get_by_text("in progress").wait_for(timeout=15_000)  # without a reload
    ada.page.locator("#submit").click()
    ada.see_how_it_went()
    attempt = ada.path

    result = ines.page.get_by_role("link", name=re.compile("Ada of the class, .*: met"))
    result.wait_for(timeout=15_000)
    csv = ines.context.request.get(ines.address + grid + "/results.csv")
    assert csv.ok and "Ada of the class" in csv.text() and "graded" in csv.text()
    result.click()
    ines.see_how_it_went()
    assert ines.path == attempt
    ines.reads("Ada of the class").go(f"/chart/{workspace}/").reads("Patients")

    mallory = visitor("Mallory").sign_up()
    course = grid.rsplit("/", 1)[0]
    for door in (attempt, f"/chart/{workspace}/", course, grid, grid + "/table", grid + "/results.csv", "/teach/",
                 f"/fhir/{workspace}/Patient", f"/lab/{workspace}/schema",
                 f"/story/first-half-hour@{grid.split('/')[-1]}"):
        answer = mallory.context.request.get(mallory.address + door)
        assert answer.status == 404, f"{door}: {answer.status}"


def test_a_learner_who_forgot_her_password_gets_a_link_from_her_teacher(visitor: HER, house: House) -> None:
    """Made by Ines, shown once, used once; the old password is no longer good."""
    ines = teacher(visitor, house)
    ines.fill("Name", "Health records").press("Start the class", within="main form")
    ada = visitor("Ada").sign_up().go("/join").fill("Class code", ines.text(".banner .code"))
    ada.press("Join the class", within="main")
    ines.page.reload()
    ines.press("Make a reset link for Ada")
    link = ines.page.get_by_label("Reset link").input_value().removeprefix(ines.address)
    ada = visitor("Ada, another browser").go(link).fill("New password", "four quiet words here")
    ada.press("Set the password").reads("Your new password is set.")
    ada.go("/signout").press("Sign out here").go("/signin").fill("Sign-in name", "ada")
    ada.expected = {400}
    ada.fill("Password", "correct horse battery").press("Sign in", within="main", exact=True)
    ada.reads("That name and password do not belong together.")
    ada.fill("Password", "four quiet words here").press("Sign in", within="main", exact=True)
    assert ada.path == "/"
    ada.go(link, 404).reads("This link was used already")


def test_a_guests_work_goes_along_into_her_account(visitor: HER) -> None:
    """Workspace, draft and attempt; and signing out warns a guest, because nobody else knows the way back."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes")
    ada.page.locator("#submit").click()
    ada.see_how_it_went()
    attempt = ada.path
    ada.go("/signout").reads("You are a guest.").press("Keep it: make an account")
    ada.fill("Your name", "Ada").fill("Sign-in name", "ada").fill("Password", "correct horse battery")
    ada.press("Make the account").reads("What you did as a guest is in it.")
    ada.go(attempt).reads("you met").go("/signout").press("Sign out here").go("/")
    ben = ada  # the same browser: first as a new guest, then as Ada again
    ben.press("Not sure? Try both, 20 minutes").go("/signin").fill("Sign-in name", "ada")
    ben.fill("Password", "correct horse battery").press("Sign in", within="main", exact=True)
    ben.reads("What you did as a guest is now in your account.").go(attempt).reads("you met")


def test_ada_signs_in_again_beside_her_desk_and_goes_on_where_she_was(visitor: HER, house: House) -> None:
    """Her session ended while she worked: the page says so, she signs in in a new window, then it saves and submits."""
    ada = visitor("Ada").sign_up().go("/task/first-half-hour/him-cough")
    ada.page.locator("#saved").wait_for()
    with house.db.writing() as conn:
        people.sign_out_everywhere(conn, people.sign_in(conn, "ada", "correct horse battery").id)
    ada.expected = {401}
    ada.page.locator('[data-code="R05.9"] button.hit').first.click()
    ada.page.get_by_role("button", name=re.compile("^Add R05.9")).first.click()
    ada.reads("You are signed out")
    with ada.context.expect_page() as opened:
        ada.page.get_by_role("button", name="Sign in", exact=True).click()
    window = opened.value
    window.get_by_label("Sign-in name", exact=True).fill("ada")
    window.get_by_label("Password", exact=True).fill("correct horse battery")
    window.get_by_role("button", name="Sign in", exact=True).click()
    window.get_by_text("Ada of the class").first.wait_for()
    window.close()
    ada.expected = set()
    ada.press("Save now")
    ada.page.locator("#saved").get_by_text(re.compile("^Saved")).wait_for(timeout=10_000)
    ada.page.locator("#submit").click()
    ada.see_how_it_went()
    ada.reads("you met")


def test_what_ada_typed_is_not_saved_for_ben_who_signs_in_in_her_browser(visitor: HER, house: House) -> None:
    """Her page says whose turn it is; his draft stays empty."""
    ada = visitor("Ada").sign_up().go("/task/first-half-hour/him-cough")
    ada.page.locator("#saved").wait_for()
    with house.db.writing() as conn:
        ben = people.register(conn, None, "ben", "Ben", "correct horse battery")
        people.sign_out_everywhere(conn, people.sign_in(conn, "ada", "correct horse battery").id)
    ada.expected = {401}
    ada.page.locator('[data-code="R05.9"] button.hit').first.click()
    ada.page.get_by_role("button", name=re.compile("^Add R05.9")).first.click()
    ada.reads("You are signed out")
    window = ada.context.new_page()
    window.goto(ada.address + "/signin")
    window.get_by_label("Sign-in name", exact=True).fill("ben")
    window.get_by_label("Password", exact=True).fill("correct horse battery")
    window.get_by_role("button", name="Sign in", exact=True).click()
    window.get_by_label("Ben: my work").wait_for()
    ada.press("Save now").reads("Somebody else is signed in")
    with house.db.reading() as conn:
        assert all(attempts.read_draft(conn, room, task, ben.id).form == {}
                   for _, room, task in attempts.working(conn, [ben.id]))


def test_a_double_click_assigns_once_and_a_table_whose_reader_is_signed_out_says_so(visitor: HER, house: House) -> None:
    """One class, one assignment; the sign-in page does not appear inside the table."""
    ines = teacher(visitor, house).fill("Name", "Health records, autumn")
    ines.page.get_by_role("button", name="Start the class").dblclick()
    ines.page.get_by_label("Story").wait_for()
    ines.page.get_by_role("button", name="Assign to the class").dblclick()
    ines.page.wait_for_url("**/teach/*/g-*")
    with house.db.reading() as conn:
        (course,) = classroom.taught_by(conn, people.OWNER)
        assert len(classroom.assignments(conn, course.id)) == 1
    with house.db.writing() as conn:
        people.sign_out_everywhere(conn, people.OWNER)
    ines.page.get_by_text("you are signed out").wait_for(timeout=10_000)
    assert ines.page.locator("header.topbar").count() == 1
