"""Real work in both seats, in a real browser: an inpatient stay coded, a report written in SQL, the two compared."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from visitor import Visitor

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
STAYS = """SELECT service, count(*) AS stays,
round(avg(date_diff('day', local_date(start_at), local_date(end_at))), 1) AS average_days
FROM encounter WHERE class = 'IMP' AND end_at IS NOT NULL GROUP BY service"""


def find_and_add(ada: Visitor, phrase: str, code: str) -> None:
    """Search the classification by words, open the hit, add its code."""
    ada.page.locator(".enc-search input[type=search]").fill(phrase)
    ada.page.locator(f'[data-code="{code}"] button.hit').first.click()
    ada.page.get_by_role("button", name=re.compile(f"^Add {re.escape(code)}")).first.click()
    ada.page.locator("#codes").get_by_text(code, exact=True).first.wait_for()


def test_a_guest_codes_a_stay_writes_a_report_and_compares(visitor: HER) -> None:
    """Search, cite, order and POA in one seat; SQL, a figure and a limit in the other; each on its own line."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go("/task/him-first-codes/him-heart-failure")
    ada.page.locator("#brief summary").click()
    ada.page.get_by_role("link", name=re.compile("^Discharge summary")).first.click()
    find_and_add(ada, "acute on chronic systolic heart failure", "I50.23")
    find_and_add(ada, "hypokalemia", "E87.6")
    ada.page.get_by_label(re.compile("POA.* E87.6|E87.6.*POA|on admission.*E87.6")).first.select_option("N")
    ada.page.locator("#check").click()
    ada.page.locator("#checked li").first.wait_for()
    ada.page.keyboard.press("Escape")
    ada.page.locator("#saved").get_by_text("Saved").wait_for()
    ada.reads("Submit 2 codes")
    ada.page.locator("#submit").click()
    ada.see_how_it_went()
    assert ada.page.locator(".banner .who").count() == 1, "the patient's banner stands above the debrief"
    opened = ada.page.locator(".quote a").first
    address = opened.get_attribute("href")
    assert address and "/chart/" in address
    ada.go(address).page.locator("mark.cite").first.wait_for()

    ada.go("/task/hi-first-reports/hi-length-of-stay").page.locator("#brief summary").click()
    ada.page.locator(".cm-content").first.click()
    ada.page.keyboard.insert_text(STAYS)
    ada.page.keyboard.press("Control+Enter")
    ada.page.locator("[data-sql-result] tbody tr").first.wait_for(timeout=20_000)
    ada.page.locator("#f-figure").fill("3.1")
    ada.page.locator("[name^=limit_]").first.check()
    ada.page.locator("#saved").get_by_text("Saved").wait_for()
    ada.page.reload()
    assert "local_date" in ada.text(".cm-content")
    assert ada.page.locator("#f-figure").input_value() == "3.1"
    ada.page.locator("#submit").click()
    ada.see_how_it_went()
    ada.reads("you met")

    ada.go("/compare")
    lines = ada.page.locator(".headlines p").all_inner_texts()
    assert [re.sub(r"\d+", "#", line.strip()) for line in lines] == [
        f"{seat}: you met # of # in # task. One task cannot say how you would do here." for seat in ("HIM", "HI")]
    ada.reads("These are different tasks; the two numbers cannot be compared.")
    assert not any("HIM" in p and "HI," in p for p in ada.page.locator("main p").all_inner_texts())
