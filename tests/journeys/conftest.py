"""A real browser before a real server: Chromium from the system, waitress in a thread, one house for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import served
from visitor import Visitor

from sandbox.app import create_app
from sandbox.house import House


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """The house, served on a free port of this machine."""
    with served(create_app(house=house)) as base:
        yield base


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
