"""A real browser before a real server: Chromium from the system, waitress in a thread, one house for each test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from visitor import Visitor
from waitress.server import create_server

from sandbox.app import create_app
from sandbox.house import House


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
