"""A real server in a process of its own, as a person starts it, and a browserless person who talks to it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from urllib.parse import urljoin

import requests
from flask import Flask
from waitress.server import create_server

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port that nobody serves on at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def served(app: Flask, threads: int = 6) -> Iterator[str]:
    """The application behind waitress in a thread of this process, on a free port: its address."""
    server = create_server(app, host="127.0.0.1", port=0, threads=threads)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(server.close)  # in its own loop: a socket closed under its select() is an error
    thread.join(timeout=5)
    server.task_dispatcher.shutdown()


class Server:
    """`two-seats serve` on a data directory; `prelude` is Python run in the process before the house opens."""

    def __init__(self, data: Path, port: int = 0, prelude: str = "", **environ: str) -> None:
        self.data, self.port, self.prelude = data, port or free_port(), prelude
        self.environ = {**os.environ, "TWO_SEATS_RATE_LIMITS": "no", "PYTHONPATH": str(ROOT), **environ}
        self.base = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None
        self.log = data.parent / f"server-{self.port}.log"

    def start(self) -> Server:
        """Start it and wait until it answers."""
        code = (f"{self.prelude}\nimport sys\nfrom sandbox.cli import main\n"
                f"sys.exit(main(['serve', '--no-browser', '--port', '{self.port}', '--data', {str(self.data)!r}]))")
        with self.log.open("a") as log:
            self.process = subprocess.Popen([sys.executable, "-c", code], stdout=log, stderr=log, text=True,
                                            env=self.environ, cwd=ROOT)
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                if requests.get(f"{self.base}/healthz", timeout=5).ok:
                    return self
            except requests.ConnectionError:
                time.sleep(0.1)
        raise AssertionError(f"the server did not come up:\n{self.log.read_text()}")

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> None:
        """Ctrl-C."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)  # it may be in the middle of the first tables, on a busy machine
            except subprocess.TimeoutExpired:
                self.process.kill()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop()


class Caller:
    """Somebody with cookies and no browser."""

    def __init__(self, base: str) -> None:
        self.base, self.session, self.page = base, requests.Session(), ""

    def get(self, path: str) -> requests.Response:
        """A page."""
        answer = self.session.get(urljoin(self.base, path), timeout=60)
        self.page = answer.text
        return answer

    def hidden(self, name: str) -> str:
        """A hidden field of the page she is on."""
        found = re.search(rf'name="{name}"[^>]*?(?:value|content)="([^"]+)"', self.page)
        assert found, f"no {name} on this page"
        return found[1]

    def post(self, path: str, **form: str) -> requests.Response:
        """Send a form with the page's CSRF token."""
        data = {"csrf_token": self.hidden("csrf_token"), **form}
        answer = self.session.post(urljoin(self.base, path), data=data, timeout=60, allow_redirects=False)
        return answer
