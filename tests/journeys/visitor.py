"""Somebody before a screen, as a journey writes her: what she sees, what she presses, and what went wrong unseen."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

HEIGHTS = {1440: 900, 1024: 768, 390: 844}


@cache
def axe_source() -> str:
    """axe-core, from the package that carries it."""
    import axe_playwright_python

    return next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")


class Visitor:
    """One person, one browser context. `troubles` gathers console errors, page errors and policy violations."""

    def __init__(self, browser: Any, address: str, name: str, width: int = 1440, theme: str = "light",
                 scripts: bool = True) -> None:
        self.name, self.address = name, address
        self.context = browser.new_context(viewport={"width": width, "height": HEIGHTS[width]}, color_scheme=theme,
                                           java_script_enabled=scripts)
        self.page = self.context.new_page()
        self.troubles: list[str] = []
        self.expected: set[int] = set()  # statuses that whatever is sent next may come back with
        self.refused: set[str] = set()  # addresses that were opened to be refused; the browser may say so late
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.troubles.append(f"{self.page.url}: {error}"))

    def _hear(self, message: Any) -> None:
        wanted = (any(f"status of {code}" in message.text for code in self.expected)
                  or unquote(message.location.get("url", "")) in self.refused)
        if message.type in ("error", "warning") and not wanted:
            self.troubles.append(f"{self.page.url}: {message.text}")

    def go(self, path: str, status: int = 200) -> Visitor:
        """Open a page of this house and wait until its scripts have run."""
        self.expected = {status} if status >= 400 else set()
        if status >= 400:
            self.refused.add(unquote(self.address + path))  # the browser spells it its own way
        answer = self.page.goto(self.address + path, wait_until="load")
        assert answer is not None and answer.status == status, f"{path}: {answer and answer.status}"
        return self

    def press(self, name: str, *, within: str = "body", exact: bool = False) -> Visitor:
        """Press the button or link of this name and wait for what it opens."""
        found = self.page.locator(within).get_by_role("button", name=name, exact=exact)
        if found.count() == 0:
            found = self.page.locator(within).get_by_role("link", name=name, exact=exact)
        found.first.click()
        self.page.wait_for_load_state("load")
        return self

    def fill(self, label: str, text: str) -> Visitor:
        """Type into the field of this label."""
        self.page.get_by_label(label, exact=True).first.fill(text)
        return self

    def reads(self, words: str) -> Visitor:
        """She can see these words."""
        self.page.get_by_text(words).first.wait_for(state="visible", timeout=10_000)
        return self

    def see_how_it_went(self) -> Visitor:
        """After Submit: skip the two lines that stand before a first counted result, and read the debrief."""
        self.page.wait_for_url("**/attempt/*", timeout=60_000)
        if self.page.get_by_role("button", name="Skip both").count():
            self.press("Skip both")
        return self

    def text(self, selector: str = "main") -> str:
        """What is written there."""
        return str(self.page.locator(selector).first.inner_text())

    @property
    def path(self) -> str:
        """Where she is."""
        return str(self.page.url).removeprefix(self.address)

    def sign_up(self) -> Visitor:
        """Make an account in her own name."""
        self.go("/signup").fill("Your name", f"{self.name} of the class").fill("Sign-in name", self.name.lower())
        self.fill("Password", "correct horse battery")
        return self.press("Make the account")

    def size(self, width: int) -> Visitor:
        """A screen of this width."""
        self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        return self

    def axe(self, *themes: str) -> list[str]:
        """What axe-core finds on this page, in light and in dark: there only what a theme can change, the contrast."""
        found = []
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(axe_source() + ";0")
        for theme in themes or ("light", "dark"):
            self.page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
            rules = "" if theme == "light" else ", runOnly: ['color-contrast', 'link-in-text-block']"
            # What passed is not made ready to be read, and stays in the browser: two thirds of what axe took.
            faults = f"axe.run({{resultTypes: ['violations']{rules}}}).then(found => found.violations)"
            for fault in self.page.evaluate(faults):
                found.append(f"{self.path} {theme}: {fault['id']} {[n['target'] for n in fault['nodes']][:3]}")
        return found

    def picture(self, more: str = "") -> Visitor:
        """Keep what she sees where TWO_SEATS_PICTURES says so, for whoever wants to look; else nothing happens."""
        if folder := os.environ.get("TWO_SEATS_PICTURES"):
            place = re.sub(r"\W+", "-", re.sub("@g-[0-9a-f]+|a-[0-9a-f]{20}", "", self.path)).strip("-") or "front"
            count = len(list(Path(folder).glob("*.png")))
            self.page.screenshot(path=f"{folder}/{count:03}-{place}-{more or 'wide'}.png")
        return self

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def leave(self) -> None:
        """Close her browser."""
        self.context.close()
