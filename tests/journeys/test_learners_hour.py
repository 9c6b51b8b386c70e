"""A learner's hour by keyboard alone: an account, a class, three counted tasks in each seat, and the comparison.

At each desk she does by hand what is its own; where the rest is more of the same, the exemplar's is put there as her
draft. Before each result she says her two lines. Nothing is pointed at and nothing gets the focus but by Tab.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from answers import exemplar, room_of
from keyboard import choose, press, rate, tab_into, tab_to, take_up, type_into
from visitor import Visitor

from roles.him.review_record import proving
from sandbox import classroom, people, scenario
from sandbox.comparison.saying import SENTENCES
from sandbox.house import House

pytestmark = [pytest.mark.browser, pytest.mark.long]
HER = Callable[..., Visitor]


def clean(ada: Visitor) -> None:
    """Nothing for axe in light and in dark, and no sideways scroll on a phone."""
    assert ada.axe("dark") == []
    assert ada.size(390).picture("390").overflow() <= 0, f"{ada.path} scrolls sideways"
    assert ada.size(1440).axe("light") == []
    ada.picture()


def joins(ada: Visitor, house: House) -> str:
    """An account, a class by its code; the key of the story that the class was given."""
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.guest(conn), "Health records, autumn")
        given = classroom.assign(conn, course.id, "him-first-codes", ["him"], None)
    ada.go("/signup")
    for label, text in (("Your name", "Ada Okafor"), ("Sign-in name", "ada"), ("Password", "correct horse battery")):
        type_into(ada, label, text)
    press(ada, "Make the account")
    ada.reads("Ada Okafor").go("/")
    type_into(ada, "Given a class code?", course.code.lower())
    press(ada, "Join the class")
    ada.reads("You are in “Health records, autumn”").reads("Assigned to you")
    clean(ada)
    return scenario.story_key(given.story, given.id)


def sits(ada: Visitor, key: str, title: str) -> None:
    """From the story's page to the desk of a task, where the chair's line is said once."""
    ada.go(f"/story/{key}")
    press(ada, f"Begin: {title}")
    ada.page.wait_for_url("**/task/**")
    if ada.page.locator(".hope").count():
        clean(ada)
        press(ada, "4 of 5: I expect to like this work")
        ada.page.locator(".hope").wait_for(state="detached")
    assert ada.page.locator("#brief[open]").count(), "the task stands open until she has read it"
    tab_into(ada, ada.page.locator("#brief summary"), "the task's own line")
    ada.page.keyboard.press("Enter")


def hands_in(ada: Visitor, expected: int, more: int, *, look: bool) -> None:
    """Submit, the two lines, the debrief; with `look` each page is clean."""
    tab_to(ada, "button", re.compile("^Submit"))
    ada.page.keyboard.press("Enter")
    ada.page.wait_for_url("**/attempt/*", timeout=60_000)
    ada.reads("Two lines before you see how it went")
    if look:
        clean(ada)
    rate(ada, "Of every 10 things checked here", expected)
    rate(ada, "I would like to do more work like this", more - 1)
    press(ada, "Show how it went")
    ada.reads("you met")
    if look:
        clean(ada)


def codes_a_visit(ada: Visitor, house: House, room: Any, task: str) -> None:
    """Every code but the last looked up and added, and a sentence cited with each."""
    for row in json.loads(exemplar(house, room, task)["codes"])[:-1]:
        document = row["spans"][0]["document"] if row["spans"] else ""
        if document:
            tab_into(ada, ada.page.locator(f"[data-open-document='{document}']"), "the document")
            ada.page.keyboard.press("Enter")
            tab_into(ada, ada.page.locator("#text article:not([hidden]) .sentence"), "a sentence of the note")
            start = row["spans"][0]["start"]
            for _ in range(80):
                here = ada.page.evaluate("document.activeElement.textContent")
                if row["spans"][0]["text"][:20] in here or start == 0:
                    break
                ada.page.keyboard.press("ArrowDown")
            ada.page.keyboard.press("Enter")
        tab_into(ada, ada.page.locator("#enc-q"), "the encoder's search")
        ada.page.keyboard.press("Control+a")
        ada.page.keyboard.type(row["code"])
        hit = ada.page.locator(f'#enc-results li[data-code="{row["code"]}"] .hit')
        hit.wait_for()
        tab_into(ada, hit, f"the hit {row['code']}")
        ada.page.keyboard.press("Enter")
        add = ada.page.locator("#enc-results [data-add]")
        add.first.wait_for()
        tab_into(ada, add, "Add")
        ada.page.keyboard.press("Enter")
        ada.page.locator(f'#codes tr[data-code="{row["code"]}"]').wait_for()


def reviews_a_chart(ada: Visitor, house: House, room: Any, task: str) -> None:
    """One deficiency by its lists and its date; the other charts as the exemplar has them."""
    with house.db.reading() as conn:
        key = scenario.planted(conn, house, scenario.opened(room), task, room.seed, room.base).key
    filed = proving.exemplar(key).findings[0]
    tab_into(ada, ada.page.locator(f'[data-chart="{filed.chart}"]'), "the chart")
    ada.page.keyboard.press("Enter")
    for part in ("rule", "document", "field", "kind", "actor"):
        choose(ada, ada.page.locator(f"#p-{part}"), getattr(filed, part), f"the list of {part}")
    if filed.due == "none":
        tab_to(ada, "checkbox", "The rule sets no date")
        ada.page.keyboard.press("Space")
    else:
        tab_into(ada, ada.page.locator("#p-due"), "the due date")
        ada.page.keyboard.type(date.fromisoformat(filed.due).strftime("%m%d%Y"))
    press(ada, re.compile("^File for"))
    ada.page.locator("#board tbody tr").first.wait_for()
    clean(ada)
    take_up(ada, exemplar(house, room, task))


def closes_a_case(ada: Visitor, house: House, room: Any, task: str) -> None:
    """An event opened, a link cited, a verdict and a reason chosen; the other leads as the exemplar has them."""
    ada.page.locator("[data-event]").first.wait_for()
    tab_into(ada, ada.page.locator("[data-event]"), "an event of the log")
    ada.page.keyboard.press("Enter")
    ada.page.locator("#links [data-cite]").first.wait_for()
    tab_into(ada, ada.page.locator("#links [data-cite]"), "Cite")
    ada.page.keyboard.press("Enter")
    for part, value in (("verdict", "violation"), ("link", "none"), ("pattern", "family"), ("breach", "yes")):
        choose(ada, ada.page.locator(f"#c-{part}"), value, f"the list of {part}")
    clean(ada)
    take_up(ada, exemplar(house, room, task))


def writes_a_report(ada: Visitor, house: House, room: Any, task: str) -> None:
    """A query typed and run, the figure typed; then the whole report of the exemplar."""
    form = exemplar(house, room, task)
    tab_into(ada, ada.page.locator("[data-sql=sql_report] .cm-content"), "the editor")
    ada.page.keyboard.insert_text(form["sql_report"])
    ada.page.keyboard.press("Control+Enter")
    ada.page.locator("[data-sql-result=sql_report] tbody tr").first.wait_for(timeout=30_000)
    tab_into(ada, ada.page.locator("#f-figure"), "the figure")
    ada.page.keyboard.type(form["figure"])
    clean(ada)
    take_up(ada, form)


def answers_a_question(ada: Visitor, house: House, room: Any, task: str) -> None:
    """A cell run, every field of the answer filled in by hand; she ticks no caveat."""
    ada.page.locator("[data-sql-result=cell1_sql] tbody tr").first.wait_for(timeout=60_000)
    for name, value in exemplar(house, room, task).items():
        box = ada.page.locator(f"[name='{name}']").first
        kind = box.get_attribute("type")
        if kind == "checkbox":
            continue
        if kind == "radio":
            tab_into(ada, ada.page.locator(f"[name='{name}']"), name)
            ada.page.keyboard.press("Space")
            for _ in range(8):
                if ada.page.evaluate("document.activeElement.value") == value:
                    break
                ada.page.keyboard.press("ArrowDown")
        elif box.evaluate("e => e.tagName") == "SELECT":
            choose(ada, box, value, name)
        else:
            tab_into(ada, box, name)
            ada.page.keyboard.press("Control+a")
            ada.page.keyboard.type(value)
    clean(ada)


def changes_a_schema(ada: Visitor, house: House, room: Any, task: str) -> None:
    """Both scripts typed, the forward one run on her copy."""
    ada.reads("Fresh: nothing has been run on it")
    form = exemplar(house, room, task)
    for name, label in (("forward", "Forward"), ("rollback", "Rollback")):
        tab_into(ada, ada.page.get_by_role("tab"), "the row of tabs")
        for _ in range(5):
            if ada.page.evaluate("document.activeElement.textContent").startswith(label):
                break
            ada.page.keyboard.press("ArrowRight")
        ada.page.keyboard.press("Enter")
        tab_into(ada, ada.page.locator(f"#part-{name} .cm-content"), f"the {name} editor")
        ada.page.keyboard.press("Control+a")
        ada.page.keyboard.insert_text(form[name])
        if name == "forward":
            ada.page.keyboard.press("Control+Enter")
            ada.page.locator("#part-forward [data-count]", has_text="ran to its end").wait_for(timeout=30_000)
    clean(ada)


HOUR = (
    ("him-first-codes", "him-diabetes-visit", codes_a_visit),
    ("him-record-review", "him-first-review", reviews_a_chart),
    ("him-access-morning", "him-first-flags", closes_a_case),
    ("hi-first-reports", "hi-length-of-stay", writes_a_report),
    ("hi-questions-falls", "hi-falls-rising", answers_a_question),
    ("hi-schema-first", "hi-rename-site", changes_a_schema),
)


def test_ada_works_an_hour_in_both_seats_by_keyboard_and_compares(visitor: HER, house: House) -> None:
    """After one task nothing can be said; after three in each seat two bands, in plain words, on one sheet."""
    ada = visitor("Ada")
    assigned = joins(ada, house)
    for number, (story, task, work) in enumerate(HOUR, 1):
        key = assigned if assigned.startswith(story) else story
        sits(ada, key, house.scenarios.brief(story, task).title)
        work(ada, house, room_of(house, key), task)
        hands_in(ada, expected=6 + number % 3, more=3 + number % 3, look=number in (1, 4))
        if number == 1:
            ada.go("/compare").reads(SENTENCES["apart"])
            ada.reads("in 1 task. One task cannot say how you would do here.").reads("HI: no counted task yet.")
    compares(ada)


def compares(ada: Visitor) -> None:
    """Counts and a band on each seat's own line, no verdict between them, what stands in plain words, one sheet."""
    press(ada, "My two seats", "link")
    lines = ada.page.locator(".headlines p").all_inner_texts()
    assert len(lines) == 2
    for seat, line in zip(("HIM", "HI"), lines, strict=True):
        assert re.fullmatch(rf"{seat}: you met \d+ of \d+ in 3 tasks; on more like these, perhaps \d+ to \d+ in 100\.",
                            line.strip()), line
    ada.reads(SENTENCES["apart"]).reads(SENTENCES["early"])
    assert ada.page.locator(".plain-words").count() == 2
    assert "missed stands under" in ada.text("[data-seat=hi] .plain-words"), "no caveat was ticked"
    assert ada.page.locator(".dot-plot circle").count() == 40
    ada.reads("You said what you expect for 6 tasks").reads("you expected 4 of 5")
    clean(ada)
    for choice in ("The exemplar", "My first try", "My class"):
        press(ada, choice, "link")
    ada.go("/compare")
    for paper in ("A4", "Letter"):
        assert len(re.findall(rb"/Type\s*/Page[^s]", ada.page.pdf(format=paper))) == 1
    tab_to(ada, "button", "Print this page")

