"""serve, link: the house on an address, and the instructor's way in."""

from __future__ import annotations

import argparse
import errno
import gc
import os
import re
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from filelock import FileLock, Timeout

from sandbox import people
from sandbox.cli import whole
from sandbox.config import Settings
from sandbox.db import Database
from sandbox.errors import BadInput, Conflict
from sandbox.migrations import migrate

_TRIES = 20


def add_to(commands: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The commands of this module."""
    parser = commands.add_parser("serve", help="serve the house (also what bare `two-seats` does)")
    options(parser, common)
    parser.set_defaults(run=serve)
    parser = commands.add_parser("link", help="print a fresh one-time link that signs in an instructor")
    common(parser)
    for name, kind in (("--host", str), ("--port", _port)):
        parser.add_argument(name, type=kind, default=argparse.SUPPRESS, help="as for serve")
    parser.set_defaults(run=link)


def options(parser: argparse.ArgumentParser, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """What serving takes, with the word `serve` or without it."""
    common(parser)
    parser.add_argument("--host", default=argparse.SUPPRESS,
                        help="address to serve on; 0.0.0.0 opens it to a class (default 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=argparse.SUPPRESS,
                        help="port to serve on (default 8321 or the next free one; a port given here and taken is an "
                             "error)")
    parser.add_argument("--patients", type=whole(1), default=argparse.SUPPRESS, metavar="N",
                        help="how many patients the hospital has, where it is still to be built (default 600)")
    parser.add_argument("--no-browser", dest="browser", action="store_false", default=argparse.SUPPRESS,
                        help="do not open a browser")


def serve(args: argparse.Namespace) -> int:
    """Open the house, bind, print the address and a one-time instructor link, open the browser, serve until stopped."""
    from sandbox.cli import settings_of

    settings = settings_of(args)
    lock = FileLock(settings.directory() / "server.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Conflict(f"Another Two Seats serves {settings.data} already.",
                       hint="Use that one, stop it, or name another directory with --data.") from None
    sock = bind(settings, explicit="TWO_SEATS_PORT" in os.environ or hasattr(args, "port"))
    settings = replace(settings, port=sock.getsockname()[1])
    try:
        return _serve(settings, sock)
    finally:
        sock.close()
        lock.release()


def link(args: argparse.Namespace) -> int:
    """Print a one-time instructor link for the house in the data directory."""
    from sandbox.cli import settings_of

    settings = settings_of(args)
    address, given = settings.inhabited() / "address", hasattr(args, "port") or hasattr(args, "host")
    base = address.read_text().strip() if address.is_file() and not given else _address(settings)
    print(_instructor_link(settings, base))
    return 0


def bind(settings: Settings, *, explicit: bool) -> socket.socket:
    """A listening socket; without an explicit port the next free one is taken and said so."""
    last = settings.port if explicit else settings.port + _TRIES
    for port in range(settings.port, last + 1):
        sock = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET, socket.SOCK_STREAM)
        if os.name != "nt":  # on Windows this option would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((settings.host, port))
        except OSError as error:
            sock.close()
            if error.errno != errno.EADDRINUSE and not (error.errno == errno.EACCES and os.name == "nt"):
                raise BadInput(f"Cannot serve on {settings.host}, port {port}: {error.strerror}.",
                               hint="Ports below 1024 are the system's." if 0 < port < 1024 else "") from None
            continue
        if port != settings.port:
            print(f"Port {settings.port} is taken; using {port}.")
        return sock
    raise Conflict(f"Port {settings.port} on {settings.host} is taken.", hint="Choose another with --port.")


def _serve(settings: Settings, sock: socket.socket) -> int:
    from waitress.server import create_server

    from sandbox.app import create_app
    from sandbox.web import limits

    app = create_app(settings, progress=lambda text: print(f"{text} …", flush=True))
    if settings.host in ("127.0.0.1", "localhost", "::1") and not settings.proxies:
        app.wsgi_app = _by_its_own_names(app.wsgi_app)  # type: ignore[method-assign]
    gc.collect()
    gc.freeze()  # what stands now stays: looking through all of it for circles would hold up a page for a tenth second
    base = _address(settings)
    (settings.data / "address").write_text(base + "\n")
    print(f"\nTwo Seats is open at  {base}")
    if settings.host in ("0.0.0.0", "::"):  # noqa: S104 - the user asked for it
        print(f"  for a class on this network: http://{_outside()}:{settings.port}")
    print(f"  instructor, one time: {_instructor_link(settings, base)}")
    print("  a fresh link: two-seats link     stop: Ctrl-C\n", flush=True)
    house = app.extensions["two_seats"]
    house.labs.warm(house.db.reading)
    server = create_server(app, sockets=[sock], threads=settings.threads, ident="two-seats", channel_timeout=60,
                           max_request_body_size=limits.BUNDLE,
                           clear_untrusted_proxy_headers=not settings.proxies)  # the application believes `proxies`
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # ended by a system, not by hand: close as for Ctrl-C
    if settings.browser:
        threading.Timer(0.3, webbrowser.open, [base]).start()
    try:
        server.run()
    finally:
        app.extensions["two_seats"].labs.close()
        print("Two Seats is closed; everything is kept.", file=sys.stderr)
    return 0


def _by_its_own_names(wsgi: Any) -> Any:
    """On loopback the house answers to loopback's names alone: no other name can be rebound to this machine."""
    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        name = re.sub(r":\d+$", "", environ.get("HTTP_HOST", ""))
        if name in ("127.0.0.1", "localhost", "[::1]"):
            return wsgi(environ, start)
        start("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"Two Seats is served for this machine alone: open it as http://localhost.\n"]

    return answer


def _instructor_link(settings: Settings, base: str) -> str:
    db = Database(settings.url, settings.data / "writers.lock")
    try:
        migrate(db, settings.data)
        with db.writing() as conn:
            return f"{base}/welcome/{people.instructor_link(conn)}"
    finally:
        db.close()


def _address(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{host}:{settings.port}"


def _outside() -> str:
    """This machine's address on its own network, found without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: a datagram socket that connects sends nothing
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)
