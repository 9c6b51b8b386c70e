"""The reviewer's desk in a real browser: five deficiencies by keyboard alone, a reload, a phone, and the board."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from visitor import Visitor

from roles.him.review_record import proving
from roles.him.review_record.key import Key
from roles.him.review_record.work import Filed
from sandbox import scenario, workspace
from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
STORY = "him-record-review"


def sit(visitor: HER, house: House, task: str, **look: int) -> tuple[Visitor, Key]:
    """Ada at the desk, the brief folded away, and what is right of her charts."""
    ada = visitor("Ada", **look).go("/").press("Not sure? Try both, 20 minutes").go(f"/task/{STORY}/{task}")
    ada.page.locator("#brief summary").click()
    with house.db.reading() as conn:
        info = next(one for one in workspace.every(conn) if one.scenario == STORY)
        return ada, scenario.planted(conn, house, STORY, task, info.seed, info.base).key


def field(ada: Visitor, name: str) -> object:
    """A hidden field of the form, read."""
    return json.loads(ada.page.locator(f"input[name={name}]").input_value())


def by_keys(ada: Visitor, selector: str, key: str = "Enter") -> None:
    """Go there without the pointer and press a key."""
    ada.page.locator(selector).first.focus()
    ada.page.keyboard.press(key)


def choose(ada: Visitor, selector: str, value: str) -> None:
    """Walk a list with the arrow keys until this value is chosen."""
    box = ada.page.locator(selector)
    box.focus()
    ada.page.keyboard.press("Home")
    for _ in range(40):
        if box.input_value() == value:
            return
        ada.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{selector} does not offer {value}")


def write(ada: Visitor, filed: Filed) -> None:
    """One deficiency, keys only: open its chart, point to its field, fill in the form, file it."""
    by_keys(ada, f'[data-chart="{filed.chart}"]')
    place = f'#papers [data-ref="{filed.document}"] [data-field="{filed.field}"]'
    ada.page.locator("#papers .point[tabindex='0']").focus()
    for _ in range(120):  # down the chart, field by field
        if ada.page.locator(f"{place}:focus").count():
            break
        ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("Enter")
    assert ada.page.locator(place).get_attribute("aria-pressed") == "true"
    for part in ("rule", "kind", "actor"):
        choose(ada, f"#p-{part}", getattr(filed, part))
    if filed.due == "none":
        by_keys(ada, "#p-none", "Space")
    else:
        ada.page.locator("#p-due").focus()
        ada.page.keyboard.type(date.fromisoformat(filed.due).strftime("%m%d%Y"))
    by_keys(ada, "#file")


def test_ada_files_five_deficiencies_by_keyboard_alone_and_they_are_right(visitor: HER, house: House) -> None:
    """Charts, fields, lists, dates, verdicts: no pointer; what she submits earns all that it asks."""
    ada, key = sit(visitor, house, "him-board-of-fifteen")
    right = proving.exemplar(key).findings[:5]
    for filed in right:
        write(ada, filed)
    assert sorted(field(ada, "findings"), key=str) == sorted((vars(one) for one in right), key=str)
    closed = key.innocent[0]
    by_keys(ada, f'[data-chart="{closed.id}"]')
    by_keys(ada, "[data-verdict=none]", "Space")
    asked = next(one for one in key.charts if one.answer == "open")
    by_keys(ada, f'[data-chart="{asked.id}"]')
    by_keys(ada, "[data-verdict=ask]")
    choose(ada, "#ask-whom", asked.actors[0])
    assert field(ada, "verdicts")[asked.id] == {"verdict": "ask", "ask": asked.actors[0]}
    assert ada.text("#submit") == "Submit 7 verdicts"
    assert not ada.axe()
    by_keys(ada, "#submit")
    ada.see_how_it_went()
    ada.reads(f"5 of {len(key.faults)}")


def test_what_ada_wrote_is_there_after_a_reload_and_can_be_changed_and_removed(visitor: HER, house: House) -> None:
    """The board by person and days; the pencil survives; a filed one is taken up, and its verdict goes with it."""
    ada, key = sit(visitor, house, "him-first-review")
    right = proving.exemplar(key).findings
    write(ada, right[0])
    by_keys(ada, f'[data-chart="{right[1].chart}"]')
    with ada.page.expect_response(lambda r: "/draft" in r.url and right[1].rule in (r.request.post_data or "")):
        choose(ada, "#p-rule", right[1].rule)
    ada.page.reload()
    ada.page.locator("#board tbody tr").nth(1).wait_for()
    assert ada.page.locator("#p-rule").input_value() == right[1].rule
    days = (date(2026, 6, 30) - date.fromisoformat(right[0].due)).days
    assert str(days) in ada.text("#board") and "MD" in ada.text("#board .grp")
    ada.page.locator(f'[data-chart="{right[0].chart}"]').click()
    ada.page.locator("[data-verdict=none]").click()
    assert "Remove it from the board first" in ada.text("#file-problem")
    ada.page.locator("#board .change button").first.click()
    assert field(ada, "findings") == [] and ada.page.locator("#p-rule").input_value() == right[0].rule
    ada.page.locator("#file").click()
    ada.page.locator("#board .change button").nth(1).click()
    assert field(ada, "findings") == [] and field(ada, "verdicts") == {}
    ada.press("Put it back", within="#file-problem")
    assert len(field(ada, "findings")) == 1
    ada.page.locator("#next").click()
    assert ada.page.locator(f'[data-chart="{right[0].chart}"][aria-current]').count() == 0
    ada.page.locator("#file").click()
    assert "Choose the rule first" in ada.text("#file-problem")


def test_charts_and_rules_are_found_by_words_and_the_desk_fits_a_phone(visitor: HER, house: House) -> None:
    """Search by name and by verdict, rules by words and kind; on a phone one part shows at a time."""
    ada, key = sit(visitor, house, "him-first-review")
    ada.page.locator("#chart-q").fill(key.charts[2].who.split()[1].lower())
    assert key.charts[2].who in ada.text("#chart-list")
    ada.page.locator("#chart-q").fill("nobody of that name")
    ada.reads("No chart fits.")
    ada.page.locator("#chart-q").fill("")
    ada.page.locator("#book-q").fill("verbal hours")
    assert ada.page.locator("#book > li:visible").count() == 1
    ada.page.locator("#book-k").select_option("accreditor")
    ada.reads("No rule fits.")
    ada.page.locator("#book-q").fill("")
    ada.page.locator("#book-k").select_option("localPolicy")
    ada.page.locator("#book > li:visible summary").first.click()
    ada.page.locator("#book [data-use]:visible").click()
    assert ada.page.locator("#p-rule").input_value() == "order-authenticated"
    ada.size(390)
    for pane, words in (("1", key.charts[0].who), ("2", "Policies of this hospital"), ("3", "What binds here")):
        ada.page.locator(f".pane-switch button[value='{pane}']").click()
        ada.reads(words)
        assert ada.overflow() <= 0
        assert not ada.axe("light")
