"""A class of 300 at work under 300 open live pages: `python -m tests.bench.live_load [--minutes 10]` (needs gunicorn).

The server is what README says: `gunicorn -k gthread --threads 8 wsgi:app`, SQLite, everything on this machine. Each of
300 learners saves every 10 to 20 seconds and sends word every eight; each of 300 pages asks for its part every six
seconds with the tag of what it has. Every 15 seconds a learner moves to another task and is looked for on every tenth
page; every 20 seconds one is sent a message, and its way to her page is timed. Bars: 0 errors, p95 of every kind of
request 1 s, nothing later than 10 s.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import platform
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask_wtf.csrf import generate_csrf

from sandbox import classroom, people, scenario
from sandbox.app import create_app
from sandbox.config import Settings
from sandbox.house import open_house

sys.path.insert(0, str(Path(__file__).parents[1]))
from houses import instructor
from servers import ROOT, free_port

CLASS, PAGES, STORY = 300, 300, "first-half-hour"


@dataclass
class Someone:
    """A session: its cookie, its form token, her name."""

    cookie: str
    token: str
    id: str
    name: str


@dataclass
class Load:
    """Who takes part, where, until when; and what was seen."""

    port: int
    root: str
    key: str
    tasks: tuple[tuple[str, str], ...]  # name, title
    ines: Someone
    learners: list[Someone]
    until: float = 0.0
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    late: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    errors: list[str] = field(default_factory=list)
    moved: tuple[str, float] = ("", 0.0)
    written: tuple[str, float] = ("", 0.0)

    async def ask(self, kind: str, who: Someone, method: str, path: str, body: bytes = b"", **head: str
                  ) -> tuple[int, dict[str, str], bytes]:
        """One request on a connection of its own; (0, {}, b"") where it failed, which is noted."""
        begun = time.monotonic()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: two_seats={who.cookie}",
                     "Connection: close", f"X-CSRFToken: {who.token}", "Accept-Encoding: gzip",
                     f"Content-Length: {len(body)}", *(f"{name.replace('_', '-')}: {v}" for name, v in head.items())]
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            raw = await asyncio.wait_for(reader.read(), 30)
            writer.close()
            top, _, content = raw.partition(b"\r\n\r\n")
            first, *rest = top.decode().split("\r\n")
            status = int(first.split()[1])
            heads = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
        except Exception as problem:
            self.errors.append(f"{kind}: {problem!r}")
            return 0, {}, b""
        self.took[kind].append(time.monotonic() - begun)
        self.statuses[f"{kind} {status}"] += 1
        if status not in (200, 303, 304):
            self.errors.append(f"{kind}: {status} {content[:200]!r}")
        return status, heads, content


async def page(load: Load, looks: bool) -> None:
    """One open live page."""
    tag, seen = "", ("", 0.0)
    while (await pause(load, 6, 0.2)):
        status, heads, body = await load.ask("live part", load.ines, "GET", f"{load.root}/live/part",
                                             **({"If_None_Match": tag} if tag else {}))
        tag = heads.get("etag", tag)
        if looks and status == 200:
            text = gzip.decompress(body).decode()
            row = text.partition(f'<th scope="row">{load.learners[0].name}</th>')[2].partition("</tr>")[0]
            title, at = load.moved
            if title and title in row and seen != load.moved:
                seen = load.moved
                load.late["a move on a live page"].append(time.monotonic() - at)


async def learner(load: Load, who: Someone) -> None:
    """One learner's desk: she saves."""
    version = 0
    while await pause(load, 15, 0.33):
        form = {"codes": "[]", "hand": "x" * (version % 50)}
        status, _, body = await load.ask(
            "save", who, "PUT", f"/task/{load.key}/{load.tasks[0][0]}/draft",
            json.dumps({"version": version, "form": form}).encode(), Content_Type="application/json")
        version = json.loads(body)["version"] if status == 200 else version


async def word(load: Load, who: Someone, first: bool) -> None:
    """The word her page sends; what it is told."""
    at, seen = 0, ""
    while await pause(load, 8, 0.2):
        if first and time.monotonic() - load.moved[1] > 15:
            at = (at + 1) % len(load.tasks)
            load.moved = (load.tasks[at][1], time.monotonic())
        path = f"/task/{load.key}/{load.tasks[at][0]}"
        status, _, body = await load.ask("word", who, "POST", "/here", json.dumps({"path": path, "checks": 0}).encode(),
                                         Content_Type="application/json", Accept="application/json")
        words, sent = load.written
        if who is load.learners[1] and status == 200 and words and seen != words and words in body.decode():
            seen = words
            load.late["a message on her page"].append(time.monotonic() - sent)


async def writes(load: Load) -> None:
    """Ines writes to the second learner now and then."""
    number = 0
    while await pause(load, 22, 0.0):
        number += 1
        load.written = (f"message-{number}-", time.monotonic())
        body = f"to=person:{load.learners[1].id}&words=message-{number}-".encode()
        await load.ask("message", load.ines, "POST", load.root.rpartition("/")[0] + "/messages", body,
                       Content_Type="application/x-www-form-urlencoded")


async def pause(load: Load, seconds: float, jitter: float) -> bool:
    """Wait, about so long; whether the class goes on."""
    await asyncio.sleep(seconds * (1 - jitter + 2 * jitter * random.random()))
    return time.monotonic() < load.until


async def run(load: Load, minutes: float) -> None:
    """Everybody at once."""
    load.until = time.monotonic() + 60 * minutes
    jobs: list[Awaitable[None]] = [writes(load)]
    jobs += [later(6, lambda n=n: page(load, n % 10 == 0)) for n in range(PAGES)]
    for number, who in enumerate(load.learners):
        jobs += [later(15, lambda who=who: learner(load, who)),
                 later(8, lambda who=who, n=number: word(load, who, n == 0))]
    await asyncio.gather(*jobs)


async def later(within: float, begin: Callable[[], Awaitable[None]]) -> None:
    """They do not all come at the same instant."""
    await asyncio.sleep(within * random.random())
    await begin()


def prepared(data: Path, port: int) -> Load:
    """The class, everybody seated at the first task, with sessions as signing in gives them."""
    house = open_house(Settings(data=data, patients=8, rate_limits=False))
    app = create_app(house=house)
    instructor(app)
    story = house.scenarios.story(STORY)
    with house.db.writing() as conn:
        course = classroom.create_course(conn, people.get(conn, people.OWNER), "A class of three hundred")
        given = classroom.assign(conn, course.id, STORY, story.seats, people.now() + timedelta(days=1))
    seated = []
    for _ in range(CLASS):
        with house.db.writing() as conn:
            seated.append(people.guest(conn))
            classroom.join(conn, seated[-1].id, course.code)
            scenario.sit(conn, house, seated[-1].id, STORY, assignment=given.id, seed=given.seed)
    with house.db.reading() as conn:
        ines = session(app, people.get(conn, people.OWNER))
    load = Load(port, f"/teach/{course.id}/{given.id}", f"{STORY}@{given.id}",
                tuple((task.name, task.title) for task in story.tasks), ines, [session(app, p) for p in seated])
    house.labs.close()
    house.db.close()
    return load


def session(app: Any, person: people.Person) -> Someone:
    """As `policy.admit` leaves it."""
    held = {"_user_id": f"{person.id}|{person.epoch}", "_fresh": True, "_permanent": True, "seen": int(time.time()),
            "csrf_token": secrets.token_hex(20)}
    with app.test_request_context():
        from flask import session as current

        current.update(held)
        token = generate_csrf()
        held["csrf_token"] = current["csrf_token"]
    cookie = app.session_interface.get_signing_serializer(app).dumps(held)
    return Someone(str(cookie), str(token), person.id, person.name)


def spent(pid: int) -> float:
    """Seconds of processor time of a process and its children."""
    total = 0.0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if pid in (int(path.name), int(fields[1])):
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def main() -> None:
    """Serve, load, print; exits with 1 where a bar is missed."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--minutes", type=float, default=10)
    minutes = asked.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="two-seats-bench-") as folder:
        load = prepared(Path(folder), free_port())
        environ = {**os.environ, "TWO_SEATS_DATA": folder, "TWO_SEATS_RATE_LIMITS": "no", "TWO_SEATS_PATIENTS": "8"}
        command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "--threads", "8", "-b",
                   f"127.0.0.1:{load.port}", "--log-level", "warning", "wsgi:app"]
        with subprocess.Popen(command, cwd=ROOT, env=environ) as server:
            try:
                asyncio.run(up(load))
                before, begun = spent(server.pid), time.monotonic()
                asyncio.run(run(load, minutes))
                share = (spent(server.pid) - before) / (time.monotonic() - begun)
            finally:
                server.terminate()
    sys.exit(not told(load, minutes, share))


async def up(load: Load) -> None:
    """Until the server answers."""
    for _ in range(600):
        status, _, _ = await load.ask("up", load.ines, "GET", "/healthz")
        if status == 200:
            break
        await asyncio.sleep(0.2)
    load.errors.clear()


def told(load: Load, minutes: float, share: float) -> bool:
    """The figures; whether all bars hold."""
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load "
          f"{os.getloadavg()[0]:.1f}; {CLASS} learners, {PAGES} live pages, {minutes:g} min; the server used "
          f"{share:.2f} of a core; {dict(load.statuses)}")
    good = not load.errors and bool(load.late)
    print(f"errors {len(load.errors)} (bar 0) {load.errors[:3]}")
    for kinds, bar, unit in ((load.took, 1.0, "p95"), (load.late, 10.0, "latest")):
        for kind, seen in kinds.items():
            worst = max(seen) if unit == "latest" or len(seen) < 20 else statistics.quantiles(seen, n=20)[-1]
            good &= worst <= bar or kind == "up"
            print(f"{kind:26} {len(seen):6} times, p50 {statistics.median(seen):6.3f} s, {unit} {worst:6.3f} s "
                  f"(bar {bar:g}), longest {max(seen):.3f} s")
    return good


if __name__ == "__main__":
    main()
