"""load, token: what comes into the record from outside, and who reads it there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox import people, workspace
from sandbox.errors import NotFound
from sandbox.house import House, open_house


def add_to(commands: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The commands of this module."""
    parser = commands.add_parser("load", help="read FHIR bundles or NDJSON (plain or gzip) into a new hospital")
    common(parser)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or directories of them")
    parser.add_argument("--name", default="Loaded hospital", help="what the hospital is called")
    parser.add_argument("--default", action="store_true", help="new workspaces open on it from now on")
    parser.set_defaults(run=load)
    parser = commands.add_parser("token", help="print a bearer token for one workspace's FHIR API")
    common(parser)
    parser.add_argument("workspace", nargs="?", default="", help="the workspace's id; without it, they are listed")
    parser.add_argument("--label", default="command line", help="what the token is for")
    parser.set_defaults(run=token)


def load(args: argparse.Namespace) -> int:
    """Load files into one new hospital; exit status 1 where any file was refused."""
    from sandbox.cli import settings_of
    from sandbox.fhir.load import load as load_files

    house = open_house(settings_of(args))
    try:
        return load_files(house.db.writing, args.paths, name=args.name, default=args.default, echo=print).status
    except KeyboardInterrupt:
        print("Stopped: no hospital was made. Load the files again.", file=sys.stderr)
        raise


def token(args: argparse.Namespace) -> int:
    """Print a token for a workspace, made in its owner's name; or the list of workspaces."""
    house = _house(args)
    with house.db.writing() as conn:
        every = workspace.every(conn)
        names = {each.id: each.name for each in people.some(conn, list({info.owner for info in every}))}
        known = [info for info in every if info.owner in names]  # not of who deleted her account
        if not args.workspace:
            for info in known:
                print(f"{info.id}  {names[info.owner]}  {info.scenario}")
            return 0 if known else _none()
        found = next((i for i in known if i.id == args.workspace), None)
        if found is None:
            raise NotFound(f"There is no workspace “{args.workspace}”.", hint="`two-seats token` alone lists them.")
        print(people.new_token(conn, found.owner, found.id, args.label))
    return 0


def _house(args: argparse.Namespace) -> House:
    """The house that is there; only `load` makes one, as `serve` does."""
    from sandbox.cli import settings_of

    settings = settings_of(args)
    settings.inhabited()
    return open_house(settings)


def _none() -> int:
    print("No workspace yet: one is made when somebody sits down.")
    return 0
