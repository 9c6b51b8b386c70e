"""An instructor's week in real browsers: a question answered, a key amended, a grade set, an LMS filled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from visitor import Visitor

from sandbox import people
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
TASK = "him-belly-pain"
WRONG = '[{"code": "R10.31", "poa": "", "spans": []}]'


def clean(who: Visitor, *paths: str) -> list[str]:
    """What axe says of these pages in both themes, and which of them scroll sideways on a phone."""
    found = []
    for path in paths:
        found += who.size(1440).go(path).axe()
        if who.size(390).overflow() > 0:
            found.append(f"{path} scrolls sideways")
    who.size(1440)
    return found


def test_ines_answers_amends_sets_a_grade_and_fills_her_lms(visitor: HER, house: House, tmp_path: Path) -> None:
    """Ada asks about a finding; Ines answers, amends the key for the class, excuses nobody, and takes grades along."""
    with house.db.writing() as conn:
        link = people.instructor_link(conn)
    ines = visitor("Ines").go(f"/welcome/{link}").press("Sign in as the instructor")
    ines.fill("Name", "Health records, autumn").press("Start the class", within="main form")
    course, code = ines.path, ines.text(".banner .code")
    ines.page.get_by_label("Story").select_option("him-first-codes")
    ines.press("Assign to the class")
    grid = ines.path

    ada = visitor("Ada").sign_up().go("/join").fill("Class code", code).press("Join the class", within="main")
    ada.go(f"/task/him-first-codes@{grid.rpartition('/')[2]}/{TASK}")
    ada.page.evaluate("codes => { document.querySelector('#work [name=codes]').value = codes; }", WRONG)
    ada.page.evaluate("HTMLFormElement.prototype.submit.call(document.getElementById('work'))")
    ada.page.wait_for_url("**/attempt/*")
    ada.press("Show how it went").reads("you met")
    attempt = ada.path
    finding = ada.page.locator("details.finding.m").first
    finding.locator("summary").filter(has_text="Ask about this").click()
    finding.get_by_label("Your question, to your instructor").fill("Does the note say so?")
    finding.get_by_role("button", name="Ask", exact=True).click()
    ada.reads("Your question is with your instructor")

    ines.go(grid).press("Questions").reads("waits").page.locator("main a[href^='/attempt/']").first.click()
    ines.page.wait_for_url("**/attempt/*")
    ines.page.get_by_label("Answer", exact=True).first.fill("Read the last line of the note.")
    ines.page.get_by_role("button", name="Answer", exact=True).first.click()
    ines.reads("Your answer stands under the finding")

    ines.go(f"{grid}/key").reads("1 of 1").page.locator("main tbody th a").first.click()
    ines.page.wait_for_url("**/key/**")
    criterion = ines.path
    ines.page.get_by_label("Why (learners read it)").fill("We have not taught this yet.")
    ines.page.keyboard.press("Enter")  # the form goes by keyboard
    ines.reads("1 attempt of 1 would change").press("Amend and tell 1 learner").reads("each is told")
    ines.go(f"{grid}/grade/{_learner(house)}/{TASK}").reads("first try")
    ines.page.get_by_label("Points of 100").fill("80")
    ines.page.locator("#f-why").fill("Read with care")
    ines.press("Set").reads("The grade is set")

    ada.go(attempt).reads("Read the last line of the note.").reads("We have not taught this yet.")
    ada.reads("80 of 100. Set by the instructor: Read with care")
    ada.go("/messages").reads("was amended: We have not taught this yet.")

    file = tmp_path / "moodle.csv"
    file.write_bytes(b'"Username","Two Seats"\r\n"ada","-"\r\n"ben",""\r\n')
    ines.go(grid).page.locator("main summary, .pane-head summary").filter(has_text="Results").click()
    ines.press("Fill my LMS gradebook")
    ines.page.get_by_label("The exported file").set_input_files(file)
    ines.press("Read it")
    ines.page.get_by_label("With").select_option(TASK)
    ines.page.get_by_label("by", exact=True).select_option("login")
    ines.page.get_by_label("Replace what is filled already").check()
    ines.press("See line by line").reads("filled")
    with ines.page.expect_download() as coming:
        ines.page.get_by_role("button", name="Download it filled").click()
    filled = Path(coming.value.path()).read_bytes()
    assert filled == b'"Username","Two Seats"\r\n"ada","80"\r\n"ben",""\r\n'
    assert clean(ines, grid, f"{grid}/questions", f"{grid}/key", f"{grid}/lms", criterion, attempt,
                 f"{grid}/grade/{_learner(house)}/{TASK}", f"{course}/teachers") == []
    assert clean(ada, attempt) == []


def _learner(house: House) -> str:
    """Ada's id: who sent the newest attempt."""
    from sandbox.attempts import ledger

    with house.db.reading() as conn:
        return ledger.everything(conn)[-1].person
