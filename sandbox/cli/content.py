"""new-scenario, new-activity: content from the command line."""

from __future__ import annotations

import argparse
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.errors import BadInput
from sandbox.scenario import Library, well_named
from sandbox.seats import load_seats


def add_to(commands: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The commands of this module."""
    for name, run, what in (("new-scenario", new_scenario, "a story"), ("new-activity", new_activity, "an activity")):
        parser = commands.add_parser(name, help=f"write {what}: a folder that already passes check")
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to write it; its name is the new name")
        parser.set_defaults(run=run)


def new_scenario(args: argparse.Namespace) -> int:
    """Write a story with one task that passes `check`, to be changed into another."""
    _write(args.folder, "scenario")
    _say_proof(args.folder, args.folder.name)
    return 0


def new_activity(args: argparse.Namespace) -> int:
    """Write an activity with a page and judging that passes `check`, to be changed into another."""
    _write(args.folder, "activity")
    _say_proof(args.folder, f"{args.folder.name}-story", "--activity-folders", f"hi={args.folder.absolute()}")
    return 0


def _say_proof(folder: Path, story: str, *more: str) -> None:
    command = shlex.join(["two-seats", "check", "--scenario", story, *more,
                          "--scenario-folders", str(folder.absolute().parent)])
    print(f"Written to {folder}{', with a story beside it' if more else ''}. Prove it: {command}")


def _write(folder: Path, kind: str) -> None:
    story = folder if kind == "scenario" else folder.with_name(f"{folder.name}-story")
    for each in (folder, story):
        if each.exists():
            raise BadInput(f"{each} exists already.", hint="Name a folder that does not.")
    well_named(story.name)
    shipped = load_seats()
    if story.name in Library(shipped) or any(folder.name in seat.activities for seat in shipped.values()):
        raise BadInput(f"The house has a “{folder.name}” of its own.", hint="Choose another name.")
    source = Path(__file__).parent / "patterns" / kind
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))  # pip compiles what it installs
    if kind == "activity":
        shutil.move(folder / "story", story)
    for path in [*folder.rglob("*"), *story.rglob("*")]:
        if path.is_file():
            path.write_text(path.read_text(encoding="utf-8").replace("new-thing", folder.name), encoding="utf-8")
