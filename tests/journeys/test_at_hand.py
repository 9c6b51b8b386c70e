"""What stays at hand: the task as she left it, an undo for a day, whole figures behind short ones, tables to take."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from visitor import Visitor

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
THIRDS = "SELECT * FROM (VALUES ('a', 13/3.0::DOUBLE), ('b', 2.5::DOUBLE), ('c', 1e-7::DOUBLE)) t(service, mean_days)"


def test_the_task_stands_open_once_and_then_as_she_left_it(visitor: HER) -> None:
    """Open at the first visit, folded at the second, open again once she opened it; each task for itself."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go("/task/him-first-codes/him-heart-failure")
    brief = ada.page.locator("#brief")
    assert brief.get_attribute("open") is not None
    ada.page.locator("#saved").wait_for()
    ada.page.reload()
    assert brief.get_attribute("open") is None
    brief.locator("summary").click()
    ada.page.reload()
    assert brief.get_attribute("open") is not None
    box = ada.page.locator(".brief-ask").bounding_box()
    assert box and box["height"] <= 0.29 * 900, "the desk below it keeps its room"
    ada.go("/task/him-first-codes/him-belly-pain")
    assert brief.get_attribute("open") is not None


def test_a_reset_is_undone_from_the_story_on_a_later_visit(visitor: HER) -> None:
    """Not only on the page that follows the reset."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go("/story/first-half-hour")
    ada.page.get_by_text("Put the hospital back").click()
    ada.press("Yes, put it back").go("/kinds").go("/story/first-half-hour")
    ada.press("Undo the reset").reads("The reset is undone")
    assert ada.page.get_by_role("button", name="Undo the reset").count() == 0


def test_after_the_first_task_the_comparison_shows_it_as_practice_and_a_way_on(visitor: HER) -> None:
    """Counts of what was played, said to be practice; one next task for each seat."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes")
    ada.page.locator("#submit").click()
    ada.page.wait_for_url("**/attempt/*")
    ada.go("/compare").reads("You have sat in one chair").reads("Practice, not counted")
    ada.reads("HIM: no counted task yet.")
    assert re.search(r"A sore throat.*\d+ of \d+", ada.text(".seat-col"), re.DOTALL)
    ada.go("/task/first-half-hour/him-strep-throat").reads("Practice: you submitted this before.")
    assert ada.axe() == []
    ada.go("/compare").press("Read a report: average stay by service (2 min)")
    assert ada.path == "/task/first-half-hour/hi-average-stay-shown"


def test_a_long_fraction_is_shown_short_and_kept_whole(visitor: HER) -> None:
    """Four decimals down the column, the whole figure in the title; what is tiny is not called 0."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go("/task/hi-first-reports/hi-length-of-stay")
    ada.page.locator(".cm-content").first.click()
    ada.page.keyboard.insert_text(THIRDS)
    ada.page.keyboard.press("Control+Enter")
    cells = ada.page.locator("[data-sql-result] tbody td.num")
    cells.first.wait_for(timeout=20_000)
    assert cells.all_inner_texts() == ["4.3333", "2.5000", "1e-7"]
    assert (cells.first.get_attribute("title") or "").startswith("4.33333333")


def test_a_table_is_copied_as_csv(visitor: HER) -> None:
    """The patients as they stand on the page, with their head, quoted where a comma asks for it."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes")
    room = ada.page.locator("#work").get_attribute("data-workspace")
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada.go(f"/chart/{room}/").press("Copy as CSV").reads("Copied")
    lines = str(ada.page.evaluate("navigator.clipboard.readText()")).splitlines()
    assert lines[0] == "Name,MRN,Born,Age,Sex"
    assert len(lines) == 1 + ada.page.locator("tbody tr").count()
    assert re.match(r'"[A-Z][^"]+, [^"]+",', lines[1])
