"""Hands on the keyboard alone: Tab until something has the focus, by its role and name; never a pointer, no focus().

Where Tab does not lead there, what had the focus on the way is said.
"""

from __future__ import annotations

from typing import Any

from visitor import Visitor

MOST = 400  # a desk with a whole table of buttons has some two hundred stops
_HERE = "e => e.includes(document.activeElement)"
_WHERE = """() => { const e = document.activeElement;
  const called = e.id || e.name || e.getAttribute('aria-label') || e.textContent.trim().slice(0, 40);
  return `${e.tagName.toLowerCase()} ${called}` }"""


def tab_to(her: Visitor, role: Any, name: Any, *, exact: bool = False, back: bool = False) -> None:
    """Press Tab (or with `back` Shift and Tab) until the control of this role and accessible name has the focus."""
    tab_into(her, her.page.get_by_role(role, name=name, exact=exact), f"the {role} “{name}”", back=back)


def tab_into(her: Visitor, wanted: Any, called: str, *, back: bool = False) -> None:
    """The same for whatever a locator finds, `called` so where it is not reached."""
    passed: list[str] = []
    for _ in range(MOST):
        if wanted.evaluate_all(_HERE):
            return
        passed.append(her.page.evaluate(_WHERE))
        if her.page.evaluate("!!document.activeElement.closest('.cm-editor')"):
            her.page.keyboard.press("Escape")  # in an editor Tab indents, and Escape lets go: the page says so
        her.page.keyboard.press("Shift+Tab" if back else "Tab")
    around = list(dict.fromkeys(passed))
    raise AssertionError(f"{her.path}: Tab does not lead to {called}; the focus went {', '.join(around[:60])}")


def press(her: Visitor, name: Any, role: Any = "button", *, exact: bool = False, key: str = "Enter") -> None:
    """Tab to a button and press it; to a link, and be where it leads."""
    tab_to(her, role, name, exact=exact)
    if role != "link":
        her.page.keyboard.press(key)
        return
    with her.page.expect_navigation():
        her.page.keyboard.press(key)


def type_into(her: Visitor, label: str, text: str) -> None:
    """Tab to a field by its label and type."""
    tab_to(her, "textbox", label, exact=True)
    her.page.keyboard.press("Control+a")
    her.page.keyboard.type(text)


def choose(her: Visitor, wanted: Any, value: str, called: str) -> None:
    """Tab to a list and walk it with the arrow keys until this value stands in it."""
    tab_into(her, wanted, called)
    her.page.keyboard.press("Home")
    for _ in range(60):
        if wanted.input_value() == value:
            return
        her.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{her.path}: {called} does not offer {value}")


def rate(her: Visitor, legend: str, steps: int) -> None:
    """Tab to a row of radio buttons and go so many to the right: the first arrow chooses the second."""
    tab_into(her, her.page.get_by_role("group", name=legend).get_by_role("radio"), f"the row “{legend}”")
    for _ in range(steps):
        her.page.keyboard.press("ArrowRight")


def take_up(her: Visitor, form: dict[str, str]) -> None:
    """Have this work on the desk as if she had typed it: saved as her draft, the page loaded anew."""
    body = {"version": int(her.page.locator("#work [name=version]").input_value()), "form": form}
    token = str(her.page.locator("meta[name=csrf-token]").get_attribute("content"))
    address = her.address + her.path.split("?")[0].split("#")[0] + "/draft"
    kept = her.context.request.put(address, data=body, headers={"X-CSRFToken": token})
    assert kept.ok, kept.text()
    her.page.reload(wait_until="load")
