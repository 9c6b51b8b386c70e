"""A newcomer's first half hour, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from visitor import Visitor

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]


def submit(ada: Visitor) -> str:
    """Press Submit and read the debrief's headline."""
    ada.page.locator("#submit").click()
    ada.page.wait_for_url("**/attempt/*")
    return ada.text("h1")


def begin_next(ada: Visitor) -> None:
    """Go on from the debrief to the next task."""
    ada.page.get_by_role("link", name=re.compile("^Next: ")).click()
    ada.page.wait_for_url("**/task/**")


def add_code(ada: Visitor, code: str) -> None:
    """Choose one of the offered codes and add it to the list."""
    ada.page.locator(f'[data-code="{code}"] button.hit').first.click()
    ada.page.get_by_role("button", name=re.compile(f"^Add {re.escape(code)}")).first.click()
    ada.page.locator("#codes").get_by_text(code, exact=True).first.wait_for()


def test_a_guest_plays_the_first_half_hour_without_sql_or_a_typed_code(visitor: HER) -> None:
    """One click from the front page to a patient's note; six tasks by choosing; then the comparison, uncounted."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes")
    assert ada.path == "/task/first-half-hour/him-strep-throat"
    ada.reads("streptococcal pharyngitis").reads("Nothing here can break").reads("Done when")
    assert re.search(r"you met (\d+) of \1 criteria", submit(ada))

    begin_next(ada)
    side = re.search(r"sprain of the (left|right) ankle", ada.text('[data-p="1"] .scroll article:not([hidden])'))
    assert side, "the note says which ankle"
    add_code(ada, {"left": "S93.402A", "right": "S93.401A"}[side[1]])
    assert re.search(r"you met (\d+) of \1 criteria", submit(ada))

    begin_next(ada)
    add_code(ada, "R05.9")
    assert "you met" in submit(ada)

    begin_next(ada)  # the HI seat: shown, completed, alone
    ada.page.locator("#chart svg").wait_for(timeout=20_000)
    rows = ada.page.locator("#rows tbody tr")
    ada.page.wait_for_function("document.querySelectorAll('#answer option').length > 2")
    ada.page.locator("#answer").select_option(index=1)
    assert rows.count() > 1
    submit(ada)

    begin_next(ada)
    ada.page.locator("#chart svg").wait_for(timeout=20_000)
    ada.page.locator("select[name=visits]").select_option(label="inpatient stays")
    ada.page.get_by_label(re.compile("no longer count as stays")).check()
    submit(ada)

    begin_next(ada)
    for name, value in (("measure", "count"), ("visits", "all"), ("reason", "pneumonia"), ("by", "setting")):
        ada.page.locator(f"select[name={name}]").select_option(value)
    ada.page.locator("#chart svg").wait_for(timeout=20_000)
    ada.page.get_by_label("It is not counted: its codes are not pneumonia").check()
    assert re.search(r"you met (\d+) of \1 criteria", submit(ada))

    ada.press("See your two seats")
    assert ada.path == "/compare"
    ada.reads("HIM: no counted task yet.").reads("HI: no counted task yet.").reads("What this page cannot tell")
    ada.go("/kinds").reads("Kinds of work tried: 3 of 17")


def test_what_she_typed_survives_a_reload_and_a_lost_net(visitor: HER) -> None:
    """A draft is kept within seconds; without a net it is kept in the browser, and goes out when the net is back."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go("/task/first-half-hour/him-cough")
    add_code(ada, "R05.9")
    ada.page.locator("#saved").get_by_text("Saved").wait_for()
    ada.page.reload()
    ada.page.locator("#codes").get_by_text("R05.9", exact=True).first.wait_for()

    ada.context.set_offline(True)
    ada.page.locator("#codes [data-remove], #codes button[aria-label^='Remove']").first.click()
    ada.page.locator("#saved").get_by_text("Offline").wait_for()
    ada.troubles.clear()  # the browser says itself that there was no net
    ada.context.set_offline(False)
    ada.page.locator("#saved").get_by_text("Saved").wait_for(timeout=20_000)
    ada.page.reload()
    assert ada.page.locator("#codes tbody tr").count() == 0


def test_words_of_the_field_explain_themselves_on_hover_focus_and_tap(visitor: HER) -> None:
    """A term's meaning shows for a mouse, for a keyboard and for a finger; Escape takes it away."""
    ada = visitor("Ada").go("/")
    word = ada.page.locator(".term").first
    tip = ada.page.locator("#term-tip")
    word.hover()
    assert tip.is_visible() and len(tip.inner_text()) > 20
    ada.page.keyboard.press("Escape")
    assert tip.is_hidden()
    ada.page.mouse.move(0, 0)
    word.focus()
    assert tip.is_visible()
    assert word.get_attribute("aria-describedby") == "term-tip"
    ada.page.keyboard.press("Escape")
    word.dispatch_event("click")
    assert tip.is_visible()
