"""README's pictures, taken from the running product: python docs/pictures.py

Builds a house in a temporary directory, sits down as a guest, does real work by the tasks' own exemplars and known
mistakes, and photographs what a person sees. Needs the test dependencies and the system's Chromium.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from waitress.server import create_server

from sandbox import scenario, workspace
from sandbox.app import create_app
from sandbox.config import Settings
from sandbox.house import House

OUT = Path(__file__).parent / "pictures"
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
STAY, REPORT = "him-first-codes/him-heart-failure", "hi-first-reports/hi-length-of-stay"
CHARTS, LOG = "him-record-review/him-first-review", "him-access-morning/him-first-flags"
CHANGE, FALLS = "hi-schema-registration/hi-language-and-mrn", "hi-questions-falls/hi-falls-rising"


def answer(house: House, task: str, proof: str) -> dict[str, str]:
    """What one of the task's own proofs would send, for the guest's variant."""
    story, name = task.split("/")
    activity = house.scenarios.activity(story, name)
    with house.db.reading() as conn:
        info = next(i for i in workspace.every(conn) if i.scenario == story)
        planting = scenario.planted(conn, house, story, name, info.seed, info.base)
        table = next(t for t in house.scenarios.proofs(story, name) if t["name"] == proof)
        params = house.scenarios.params(story, name)
        form = activity.proofs(params, planting, table)[0].form
        complete = getattr(activity, "completed", None)
        chart = workspace.Workspace(
            conn, info, workspace.Agent("p", "Photographer"), codes=house.codes, record=False,
            lab=lambda: house.labs.of_workspace(conn, info.ws, info.base, info.today, info.owner))
        return dict(complete(form, params, chart) if complete else form)


def draft(page: Page, base: str, task: str, form: dict[str, str]) -> None:
    """Open a desk, keep this draft, and open it again."""
    page.goto(f"{base}/task/{task}")
    token = page.get_attribute('meta[name="csrf-token"]', "content")
    page.request.put(f"{base}/task/{task}/draft", data={"version": 0, "form": form},
                     headers={"X-CSRFToken": token or ""})
    page.goto(f"{base}/task/{task}")
    page.wait_for_load_state("networkidle")


def photograph(page: Page, name: str, *, full: bool = False) -> None:
    """One picture."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=OUT / f"{name}.png", full_page=full)
    print(f"docs/pictures/{name}.png")


def work(page: Page, house: House, base: str) -> None:
    """The walk: front, both desks, a debrief, the comparison."""
    page.goto(base)
    photograph(page, "front-light")
    page.click("text=Try both")
    page.goto(f"{base}/task/{STAY}")
    draft(page, base, STAY, answer(house, STAY, "hand-good"))
    photograph(page, "him-light")
    page.click("footer button[type=submit]")
    page.click("text=Skip both")  # what she may say before she sees the result
    photograph(page, "debrief-light")
    page.goto(f"{base}/task/{CHARTS}")
    draft(page, base, CHARTS, answer(house, CHARTS, "exemplar"))
    photograph(page, "review-light")
    page.goto(f"{base}/task/{LOG}")
    draft(page, base, LOG, answer(house, LOG, "exemplar"))
    page.locator("[data-event]").first.click()
    page.locator("#links [data-cite]").first.wait_for()
    photograph(page, "access-light")
    page.goto(f"{base}/task/{REPORT}")
    draft(page, base, REPORT, answer(house, REPORT, "exemplar"))
    page.keyboard.press("Escape")
    for button in page.get_by_role("button", name="Run").all()[:1]:
        button.click()
        page.wait_for_timeout(1500)
    photograph(page, "hi-light")
    for task, name in ((CHANGE, "change-light"), (FALLS, "analyze-light")):
        page.goto(f"{base}/task/{task}")
        draft(page, base, task, answer(house, task, "exemplar"))
        page.get_by_role("button", name="Run").first.click()
        page.wait_for_timeout(3000)
        photograph(page, name)
    page.goto(f"{base}/task/{REPORT}")
    page.click("footer button[type=submit]")
    page.wait_for_load_state("networkidle")
    page.emulate_media(color_scheme="dark")
    page.goto(f"{base}/compare")
    photograph(page, "compare-dark")


def main() -> None:
    """Build, serve, photograph, tidy up."""
    OUT.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="two-seats-pictures-"))
    app: Any = create_app(Settings(data=folder, rate_limits=False, patients=80), progress=print)
    house: House = app.extensions["two_seats"]
    server = create_server(app, host="127.0.0.1", port=0, threads=6)
    threading.Thread(target=server.run, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        work(page, house, f"http://127.0.0.1:{server.effective_port}")
        browser.close()
    house.labs.close()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
