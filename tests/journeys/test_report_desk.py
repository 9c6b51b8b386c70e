"""A report from request to dashboard by keyboard alone: built, taken over, run, charted, saved, judged, shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from answers import exemplar, room_of
from visitor import Visitor

from sandbox.house import House

pytestmark = pytest.mark.browser
HER = Callable[..., Visitor]
STORY, TASK = "hi-first-reports", "hi-length-of-stay"


def choose(ada: Visitor, selector: str, value: str) -> None:
    """Walk a list with the arrow keys until this value is chosen."""
    box = ada.page.locator(selector)
    box.focus()
    ada.page.keyboard.press("Home")
    for _ in range(60):
        if box.input_value() == value:
            return
        ada.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{selector} does not offer {value}")


def built(ada: Visitor, words: str) -> None:
    """The server has written the SQL anew."""
    ada.page.locator("[data-sql-text]", has_text=words).wait_for(timeout=20_000)


def build(ada: Visitor) -> None:
    """Open the builder from the editor's head, choose, and put what it wrote into the editor."""
    ada.page.locator("[data-sql=sql_report] [data-build]").press("Enter")
    built(ada, "FROM encounter")
    choose(ada, "#b-table", "acute_stay")
    built(ada, "FROM acute_stay")
    choose(ada, "#b-measure", "avg")
    ada.page.locator("#b-of").wait_for(timeout=20_000)
    choose(ada, "#b-of", "days")
    built(ada, "avg(days)")
    choose(ada, "#b-by", "service")
    built(ada, "GROUP BY 1")
    assert ada.page.evaluate("document.activeElement.id") == "b-by", "a choice keeps its place when the part is renewed"
    assert ada.axe() == []
    ada.page.locator("[data-take]").press("Enter")
    ada.page.locator(".lab-dialog").wait_for(state="detached")
    assert "AVG(days)" in ada.text("[data-sql=sql_report] .cm-content").replace("avg", "AVG")
    assert ada.page.evaluate("document.activeElement.className").startswith("cm-content")


def write(ada: Visitor, name: str, sql: str) -> None:
    """Write a query over what stands in the editor, and run it."""
    ada.page.locator(f"#tab-{name}").press("Enter")
    ada.page.locator(f"[data-sql={name}] .cm-content").focus()
    ada.page.keyboard.press("Control+a")
    ada.page.keyboard.press("Delete")
    ada.page.keyboard.insert_text(sql)
    ada.page.keyboard.press("Escape")
    ada.page.keyboard.press("Control+Enter")
    ada.page.locator(f"[data-ran={name}]:not([hidden]):not(.bad)").wait_for(timeout=20_000)


def test_a_report_from_request_to_dashboard_by_keyboard(visitor: HER, house: House) -> None:
    """Builder, editor, plan, headline, chart, limits; saved, then judged at 100; its card shows figure and chart."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes").go(f"/task/{STORY}/{TASK}")
    ada.page.locator("#brief summary").press("Enter")
    ada.page.locator("[data-lab-schema] details").first.wait_for(timeout=30_000)
    form = exemplar(house, room_of(house, STORY), TASK)
    build(ada)
    ada.page.keyboard.press("Control+Enter")
    ada.page.locator("[data-sql-result=sql_report] tbody tr").first.wait_for(timeout=20_000)
    ada.page.locator("[data-sql=sql_report] [data-explain]").press("Enter")
    ada.page.locator("[data-sql-result=sql_report] .sql-plan").wait_for(timeout=20_000)
    write(ada, "sql_lines", form["sql_lines"])
    write(ada, "sql_report", form["sql_report"])
    for name in ("figure", "numerator", "denominator"):
        ada.page.locator(f"#f-{name}").press("Control+a")
        ada.page.keyboard.type(form[name])
    ada.reads("Agrees with your table.")
    for name in ("mark", "x", "y", "unit"):
        choose(ada, f"#f-{name}", form[name])
    for name in [key for key in form if key.startswith("limit_")] + ["zero"]:
        if form.get(name):
            ada.page.locator(f"[name={name}]").press("Space")
    ada.page.locator("#f-title").press("End")
    ada.page.keyboard.type("Average stay, May 2026")
    ada.page.locator("#chart svg").wait_for(timeout=20_000)
    ada.page.locator("#keep").press("Enter")
    ada.page.locator("#keep-line a").wait_for(timeout=20_000)
    assert ada.axe() == []
    ada.page.locator("#submit").press("Enter")
    ada.see_how_it_went()
    ada.reads("100 of 100")
    ada.go("/dashboards").page.locator(".dash-row").press("Enter")
    ada.page.locator(".card-report .drawn svg").wait_for(timeout=20_000)
    assert ada.text(".card-report h2") == "Average stay, May 2026"
    assert ada.text(".card-report .figure") == f"{float(form['figure']):.1f}"
    assert f"{float(form['numerator']):,.0f} ÷ {float(form['denominator']):,.0f}" in ada.text(".card-report")
    assert ada.axe() == []
    ada.size(390)
    assert ada.overflow() <= 0


@pytest.mark.long
def test_a_tables_rows_and_the_builder_fit_a_phone(visitor: HER, house: House) -> None:
    """Sample rows and the builder open over the lab, close by Escape, and are as wide as the screen at most."""
    ada = visitor("Ada").go("/").press("Not sure? Try both, 20 minutes")
    ada.go(f"/lab/{room_of(house, 'first-half-hour').id}/")
    ada.page.locator("[data-lab-schema] details").first.wait_for(timeout=30_000)
    ada.page.locator("[data-name=encounter] summary").press("Enter")
    ada.page.locator("[data-sample=encounter]").press("Enter")
    ada.page.locator(".lab-dialog .lab-columns").wait_for(timeout=20_000)
    assert ada.page.locator(".lab-dialog tbody tr").count() == 5
    ada.size(390)
    wide = "(() => { const d = document.querySelector('.lab-dialog'); return [d.getBoundingClientRect().right, ...[...d.querySelectorAll('.lab-dialog-body')].map(b => b.scrollWidth - b.clientWidth)] })()"  # noqa: E501
    right, over = ada.page.evaluate(wide)
    assert right <= 390 and over <= 0
    ada.page.keyboard.press("Escape")
    ada.page.locator(".lab-dialog").wait_for(state="detached")
    ada.page.locator("[data-build]").press("Enter")
    built(ada, "FROM encounter")
    choose(ada, "#b-w1c", "status")
    ada.page.locator("#b-w1v").wait_for(timeout=20_000)
    ada.page.locator("#b-w1v").press("f")
    ada.page.keyboard.press("Tab")
    built(ada, "WHERE status = 'f'")
    right, over = ada.page.evaluate(wide)
    assert right <= 390 and over <= 0
    assert ada.axe("light") == []
