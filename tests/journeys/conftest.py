"""A real browser before a real server: Chromium from the system, waitress in a thread, one house for each test."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from visitor import Visitor
from waitress.server import create_server

from sandbox.app import create_app
from sandbox.house import House

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
REQUIRED = os.environ.get("TWO_SEATS_BROWSER") == "required"


def chromium_path() -> str:
    """Where the system's Chromium is, or nothing."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), "")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, one for the run; the test is skipped where there is none, unless TWO_SEATS_BROWSER=required."""
    path = chromium_path()
    if not path and not REQUIRED:
        pytest.skip("There is no Chromium on this machine: browser tests are skipped (apt install chromium).")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The house, served on a free port of this machine."""
    server = create_server(create_app(house=house), host="127.0.0.1", port=0, threads=6)
    port = server.effective_port
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.close()
    thread.join(timeout=5)


@pytest.fixture
def visitor(chromium: Any, address: str, tmp_path: Path) -> Iterator[Callable[..., Visitor]]:
    """Somebody new with a browser of her own: `visitor("Ada")`, `visitor("Ada", width=390)`. All must end clean."""
    everybody: list[Visitor] = []

    def arrive(name: str = "Ada", **look: Any) -> Visitor:
        everybody.append(Visitor(chromium, address, name, **look))
        return everybody[-1]

    yield arrive
    troubles = [f"{v.name}: {trouble}" for v in everybody for trouble in v.troubles]
    for v in everybody:
        v.leave()
    assert troubles == [], "console errors or policy violations"
