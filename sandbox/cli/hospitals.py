"""hospital: the hospitals of a house, the whole one built now, and any one written out."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from sandbox.cli import codes, whole
from sandbox.cli.stats import stats
from sandbox.config import Settings
from sandbox.errors import BadInput, Gone


def add_to(commands: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The command of this module, and what it can do beside listing."""
    parser = commands.add_parser("hospital", help="list the hospitals of this house, build the whole one, export one")
    common(parser)
    parser.set_defaults(run=hospitals)
    more = parser.add_subparsers(title="instead of listing", metavar="")
    build = more.add_parser("build", help="build the whole hospital now, or what of it is still missing")
    common(build)
    build.add_argument("--patients", type=whole(1), default=argparse.SUPPRESS, metavar="N",
                       help="how many patients it has (default 600)")
    build.add_argument("--behind", action="store_true", help=argparse.SUPPRESS)  # a server started it
    build.set_defaults(run=build_whole)
    take = more.add_parser("choose", help="let new workspaces open on another hospital of the list")
    common(take)
    take.add_argument("number", type=int, help="its number in the list")
    take.set_defaults(run=choose)
    told = more.add_parser("stats", help="what a hospital of the generator holds, and whether it holds together")
    told.set_defaults(run=stats)
    out = more.add_parser("export", help="write a hospital of the generator to standard output")
    for one in (told, out):
        one.add_argument("--seed", type=whole(0), metavar="N", help="the same seed, the same bytes (default 20260630)")
        one.add_argument("--patients", type=whole(1), metavar="N", help="how many patients (default 600)")
    out.add_argument("--format", choices=("ndjson", "bundle"), default="ndjson",
                     help="a resource on each line, or one transaction bundle")
    out.set_defaults(run=export)
    ready = more.add_parser("prepare")  # whoever stores a hospital starts it beside
    ready.add_argument("--seed", type=int)
    ready.add_argument("--patients", type=int)
    ready.add_argument("--codes", type=Path)
    for name in ("number", "kept", "step"):
        ready.add_argument(name, type=int)
    ready.set_defaults(run=prepare)
    laid = more.add_parser("tables")  # whoever stores a hospital starts it beside
    common(laid)
    laid.add_argument("number", type=int)
    laid.add_argument("path", type=Path)
    laid.set_defaults(run=tables)


def hospitals(args: argparse.Namespace) -> int:
    """Print each hospital's number, name, day, total and counts by type."""
    from sandbox.cli import settings_of
    from sandbox.fhir import store
    from sandbox.house import open_house

    house = open_house(_inhabited(settings_of(args)))
    with house.db.reading() as conn:
        for found in store.hospitals(conn):
            counts = Counter(found.counts)
            mark = " (default)" if found.default else "" if found.complete else " (unfinished, opened by nobody)"
            print(f"{found.ws}  {found.name}{mark}, today {found.today}: {sum(counts.values())} resources")
            print("   " + ", ".join(f"{kind} {n}" for kind, n in sorted(counts.items())))
    return 0


def build_whole(args: argparse.Namespace) -> int:
    """Build the whole hospital and say what it came to; exit status 1 where another process is building it."""
    from sandbox.cli import settings_of
    from sandbox.founding import grow, hidden
    from sandbox.house import open_house

    house, parent = open_house(settings_of(args)), os.getppid()
    try:
        with _seldom():
            made = grow(house, behind=args.behind)
            if made is None:
                return 0 if args.behind else _busy()
            print(_whole(made), flush=True)
            if args.behind:  # nobody waits for this process
                hidden.ahead(house, made.today, parent=parent)
    finally:
        house.labs.close()
        house.db.close()
    return 0


def _whole(made: Any) -> str:
    """What a whole hospital came to, in a line."""
    total, patients = sum(made.counts.values()), made.counts.get("Patient", 0)
    opens = ": new workspaces open on it" if made.default else ""
    return f"{made.name} is whole{opens}. {patients:,} patients, {total:,} resources."


def choose(args: argparse.Namespace) -> int:
    """Make one hospital the one that new workspaces open on; those that are open stay where they are."""
    from sandbox.cli import settings_of
    from sandbox.fhir import store
    from sandbox.house import open_house

    house = open_house(_inhabited(settings_of(args)))
    with house.db.writing() as conn:
        store.choose(conn, args.number)
        name = store.hospital(conn, args.number).name
    print(f"New workspaces open on {args.number}, {name}.")
    return 0


def export(args: argparse.Namespace) -> int:
    """Write a hospital to standard output; needs no data directory, and gives the same bytes everywhere."""
    from fixtures import hospital

    settings = Settings.read({"seed": args.seed, "patients": args.patients})
    resources = hospital.build(settings.seed, settings.patients, codes.opened())
    out = sys.stdout.buffer
    if args.format == "ndjson":
        for resource in resources:
            out.write(orjson.dumps(resource) + b"\n")
    else:
        out.write(b'{"resourceType":"Bundle","type":"transaction","entry":[')
        for n, resource in enumerate(resources):
            address = f"{resource['resourceType']}/{resource['id']}"
            entry = {"fullUrl": f"urn:two-seats:{address}", "resource": resource,
                     "request": {"method": "PUT", "url": address}}
            out.write((b",\n" if n else b"\n") + orjson.dumps(entry))
        out.write(b"\n]}\n")
    out.flush()
    return 0


def prepare(args: argparse.Namespace) -> int:
    """Write a hospital to standard output ready to be stored, without the first that are kept already."""
    from sandbox.fhir import prepared
    from sandbox.founding import source

    opened = codes.opened(args.codes)
    with _seldom():
        for step in source.steps(args.seed, args.patients, opened, args.number, args.kept, args.step):
            prepared.write(sys.stdout.buffer, step)
    sys.stdout.buffer.flush()
    return 0


def tables(args: argparse.Namespace) -> int:
    """Lay out the lab's tables of a hospital while it is stored, hearing on standard input when there is more.

    Says how many resources that were; exit status 1 where whoever stores it has gone, which is nothing to tell of.
    """
    from sandbox.cli import settings_of
    from sandbox.db import Database
    from sandbox.lab.following import follow

    try:
        with _seldom():
            print(follow(Database(settings_of(args).url), args.number, sys.stdin, args.path))
    except Gone:
        return 1
    return 0


@contextmanager
def _seldom() -> Iterator[None]:
    """Look for circles of objects seldom: a hundred thousand resources, which have none, pass through this process."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _inhabited(settings: Settings) -> Settings:
    settings.inhabited()
    return settings


def _busy() -> int:
    raise BadInput("Another process is building this hospital already.",
                   hint="Wait for it, then look: two-seats hospital")
