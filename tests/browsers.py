"""The system's Chromium: where it is, how it is started, and whether it must be there."""

from __future__ import annotations

import os
import shutil

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
REQUIRED = os.environ.get("TWO_SEATS_BROWSER") == "required"


def chromium_path() -> str:
    """Its path, from TWO_SEATS_CHROMIUM or where systems put it; empty where there is none."""
    named = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return os.environ.get("TWO_SEATS_CHROMIUM", "") or next(filter(None, map(shutil.which, named)), "")
