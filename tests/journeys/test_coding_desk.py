"""The coding desk in a real browser: passages by keyboard and by pointer, numbers, order, a reload, values to read."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from visitor import Visitor

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]


def add(ada: Visitor, code: str) -> None:
    """Look a code up by itself, open it, add it."""
    ada.page.locator("#enc-q").fill(code)
    ada.page.locator(f'#enc-results li[data-code="{code}"] .hit').click()
    ada.page.locator("#enc-results [data-add]").first.click()
    ada.page.locator(f'#codes tr[data-code="{code}"]').wait_for()
    ada.page.wait_for_load_state("networkidle")


def codes(ada: Visitor) -> list[dict]:
    """The list as the form would send it."""
    return json.loads(ada.page.locator("input[name=codes]").input_value())


def sit(visitor: HER, task: str, **look: int) -> Visitor:
    """Ada at the desk of a task, the brief folded away."""
    ada = visitor("Ada", **look).go("/").press("Not sure? Try both, 20 minutes").go(f"/task/{task}")
    ada.page.locator("#brief summary").click()
    return ada


def test_ada_cites_a_sentence_by_keyboard_and_it_goes_with_the_next_code(visitor: HER) -> None:
    """Tab to the note, down, Enter; the passage is in hand, then it has the code's number in the note and the rail."""
    ada = sit(visitor, "him-first-codes/him-heart-failure")
    ada.page.locator("[data-open-document]", has_text="Nephrology consult").focus()
    ada.page.keyboard.press("Enter")
    ada.page.locator("#text article:not([hidden]) .sentence[tabindex='0']").focus()
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("ArrowUp")
    ada.page.keyboard.press("Enter")
    assert "AKI on CKD" in ada.text("#hand")
    add(ada, "N17.9")
    [row] = codes(ada)
    text = ada.page.evaluate("JSON.parse(document.getElementById('record').textContent)")
    note = next(d for d in text if d["id"] == row["spans"][0]["document"])
    span = row["spans"][0]
    assert note["text"][span["start"]:span["end"]] == span["text"] and span["text"].startswith("AKI on CKD")
    assert ada.page.locator("#hand").is_hidden()
    assert ada.page.locator("#text article:not([hidden]) mark.cite sup").inner_text() == "1"
    link = ada.page.locator("[data-open-document]", has_text="Nephrology consult")
    assert link.locator("[data-cited]").inner_text() == "1"
    assert not ada.axe()


def test_ada_selects_words_across_a_mark_moves_and_removes_codes_and_a_reload_changes_nothing(visitor: HER) -> None:
    """Offsets hold where a mark already cuts the sentence; Alt and an arrow move a code with its numbers."""
    ada = sit(visitor, "him-first-codes/him-belly-pain")
    ada.page.locator("[data-open-document]", has_text="ED discharge note").click()
    first = ada.page.locator("#text article:not([hidden]) .sentence").first
    first.click()
    ada.page.locator("#cite").click()
    add(ada, "R10.31")
    first.select_text()
    ada.page.locator('#codes tr[data-code="R10.31"] [data-key=cite]').click()
    assert len(codes(ada)[0]["spans"]) == 1, "the same passage counts once"
    add(ada, "E11.9")
    ada.page.locator('#codes tr[data-code="E11.9"] [data-key=remove]').focus()
    ada.page.keyboard.press("Alt+ArrowUp")
    assert [c["code"] for c in codes(ada)] == ["E11.9", "R10.31"]
    assert ada.page.locator("#text article:not([hidden]) mark.cite sup").first.inner_text() == "2"
    ada.page.locator("#saved").get_by_text("Saved").wait_for()
    before = codes(ada)
    ada.page.reload()
    ada.page.locator("#codes tbody tr").nth(1).wait_for()
    assert codes(ada) == before and ada.page.locator("#codes tbody tr").count() == 2
    ada.page.locator('#codes tr[data-code="E11.9"] [data-key=remove]').click()
    ada.page.locator('#codes tr[data-code="R10.31"] .drop').click()
    assert [(c["code"], c["spans"]) for c in codes(ada)] == [("R10.31", [])]


def test_ada_reads_values_but_cannot_cite_them_and_the_desk_fits_a_phone(visitor: HER) -> None:
    """Laboratory and drugs are tables to read; on a phone one pane shows at a time."""
    ada = sit(visitor, "him-first-codes/him-heart-failure")
    ada.page.locator("[data-open-document=sheet-laboratory]").click()
    assert "Potassium" in ada.text("#text article:not([hidden])") and ada.page.locator("#cite").is_disabled()
    ada.size(390)
    for pane in ("1", "2", "3"):
        ada.page.locator(f".pane-switch button[value='{pane}']").click()
        assert ada.overflow() <= 0
    ada.reads("Diagnosis coding only, no CPT.")
    assert not ada.axe("light")


def test_a_code_that_cannot_stand_is_refused_and_her_list_is_still_there(visitor: HER) -> None:
    """A heading slipped into the field: the page comes back with the reason and the list."""
    ada = sit(visitor, "first-half-hour/him-cough")
    add_offered = ada.page.locator('#enc-results li[data-code="R05.9"] .hit')
    add_offered.click()
    ada.page.locator("#enc-results [data-add]").first.click()
    ada.page.locator('#codes tr[data-code="R05.9"]').wait_for()
    ada.page.wait_for_load_state("networkidle")
    ada.page.evaluate("""() => { const f = document.querySelector('input[name=codes]');
        const rows = JSON.parse(f.value);
        rows.push({code: 'S93.40', title: 'Sprain', poa: '', spans: []}); f.value = JSON.stringify(rows); }""")
    ada.expected = {400}
    ada.page.locator("#submit").click()
    ada.page.locator("#problem").wait_for()
    ada.page.locator("#codes tbody tr").nth(1).wait_for()
    assert "S93.40" in ada.text("#problem") and ada.page.locator("#codes tbody tr").count() == 2
