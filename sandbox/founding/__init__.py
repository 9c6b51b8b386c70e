"""The house's own hospital: a small one at once, so that nobody waits, and the whole one built behind it.

`first_hospital` is called before the first page. Where the settings ask for more patients than it builds, `grow_behind`
starts a second process, which stores the whole hospital in small transactions and then makes it the one that new
workspaces open on. It has help on both sides: one process generates what it stores, and one lays out the lab's tables
of what is stored. A process that is killed is taken up where it stopped: the same seed gives the same resources in the
same order.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from contextlib import nullcontext
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout

from fixtures import hospital
from sandbox.audit import opening
from sandbox.config import Settings
from sandbox.db import alone
from sandbox.fhir import store
from sandbox.founding import source, tables
from sandbox.house import House, Progress

FIRST = 80  # patients of the hospital that is there before the first page


def first_hospital(house: House, progress: Progress) -> None:
    """Build the first hospital where the house has none."""
    patients = min(house.settings.patients, FIRST)
    with house.db.writing() as conn:
        alone(conn, "first hospital")  # several processes may start on one PostgreSQL
        if store.default_hospital(conn) is not None:
            return
        progress(f"Building {hospital.NAME}: {patients} patients")
        small = patients < house.settings.patients
        name = f"{hospital.NAME}, the first {patients} patients" if small else hospital.NAME
        ws = store.new_hospital(conn, name, hospital.TODAY, _digest(house.settings, patients))
        store.put_many(conn, ws, source.made(house.settings.seed, patients, house.codes))
        store.publish(conn, ws, default=True)


def unfinished(conn: sa.Connection, settings: Settings) -> bool:
    """Whether the whole hospital is still to come: wanted, not there, and new workspaces open on the first one."""
    if settings.patients <= FIRST:
        return False
    default = store.default_hospital(conn)
    return default is None or default.digest == _digest(settings, FIRST)


def grow_behind(house: House) -> subprocess.Popen[bytes] | None:
    """Start the process that builds the whole hospital, where it is still to come. It ends with its parent."""
    with house.db.reading() as conn:
        if not unfinished(conn, house.settings):
            return None
    s = house.settings
    environ = {**os.environ, "TWO_SEATS_DATABASE_URL": s.database_url, "TWO_SEATS_SEED": str(s.seed)}
    return subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", "sandbox", "hospital", "build", "--behind", "--data", str(s.data),
         "--patients", str(s.patients)], env=environ, stdin=subprocess.DEVNULL)


def grow(house: House, *, behind: bool = False) -> store.Hospital | None:
    """Build the whole hospital, or what of it is still missing; None where another process is at it.

    New workspaces open on it then. With `behind`, only if they still open on the first one; and building stops when
    the process that started it has ended.
    """
    if house.settings.patients <= FIRST:
        first_hospital(house, lambda _: None)
        with house.db.reading() as conn:
            return store.default_hospital(conn)
    parent = os.getppid()
    try:
        with FileLock(house.settings.data / "hospital.lock", timeout=0):
            ws = _fill(house, parent if behind else 0)
            return _open(house, ws, behind) if ws else None
    except Timeout:
        return None


def _fill(house: House, parent: int) -> int:
    """Store what is missing, a step at a time; the generation's number, or 0 where the parent is gone."""
    ws, kept, complete = _begun(house)
    if complete:
        return ws
    beside = tables.follower(house, ws) if house.settings.patients >= source.BESIDE else nullcontext()
    with source.rest(house, ws, kept) as rest, beside as follower:
        for step in rest:
            with house.db.writing(durable=False) as conn:
                store.put_prepared(conn, ws, step, opening(hospital.TODAY))
            if follower:
                follower.told()
            if parent and os.getppid() != parent:
                return 0
            time.sleep(0.005)  # the writers' lock has no queue: whoever waits is let in here
        with house.db.writing() as conn:
            store.publish(conn, ws, default=False)
        if follower and (count := follower.finished()):
            with house.db.reading() as conn:
                house.labs.adopt(conn, ws, follower.path, count)
    return ws


def _begun(house: House) -> tuple[int, int, bool]:
    """(number, resources stored, whether it is complete) of the whole hospital, which is begun where it is not yet."""
    wanted = _digest(house.settings, house.settings.patients)
    with house.db.writing() as conn:
        alone(conn, "whole hospital")
        for one in store.hospitals(conn):
            if one.digest == wanted:
                return one.ws, store.mark(conn, one.ws), one.complete
        return store.new_hospital(conn, hospital.NAME, hospital.TODAY, wanted), 0, False


def _open(house: House, ws: int, behind: bool) -> store.Hospital:
    """See that the tables are laid out, then let new workspaces open on it: the first query must not wait for them."""
    with house.db.reading() as conn:
        house.labs.base(conn, ws)
    with house.db.writing() as conn:
        if not behind or unfinished(conn, house.settings):
            store.choose(conn, ws)
        return store.hospital(conn, ws)


def _digest(settings: Settings, patients: int) -> str:
    return f"two-seats {_edition()} {settings.seed} {patients}"


@cache
def _edition() -> str:
    """Says everything that decides what the generator gives, beside seed and number: its own files."""
    folder = Path(hospital.__file__).parent
    summed = hashlib.sha256()
    for path in sorted(path for end in ("py", "toml", "tsv") for path in folder.rglob(f"*.{end}")):
        summed.update(path.name.encode() + path.read_bytes())
    return summed.hexdigest()[:16]
