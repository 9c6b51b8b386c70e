"""export: a class as one zip, for a school's own files."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.errors import Conflict
from sandbox.house import open_house


def add_to(commands: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The command of this module."""
    parser = commands.add_parser("export", help="write a class, its roster, results and attempts, to a zip")
    common(parser)
    parser.add_argument("course", metavar="CODE", help="the class's join code")
    parser.add_argument("file", type=Path, metavar="FILE", help="where to write it; a file that is there is kept")
    parser.set_defaults(run=export)


def export(args: argparse.Namespace) -> int:
    """Write the file whole or not at all."""
    from sandbox import classroom, gradebook
    from sandbox.cli import settings_of

    settings = settings_of(args)
    settings.inhabited()
    house = open_house(settings)
    if args.file.exists():
        raise Conflict(f"{args.file} is there already.", hint="Name another file; nothing was written.")
    unfinished = args.file.with_name(f".{args.file.name}.unfinished")
    try:
        with house.db.reading() as conn, unfinished.open("wb") as out:
            course = classroom.by_code(conn, args.course)
            gradebook.write_course(conn, house.scenarios, course, out)
        unfinished.replace(args.file)
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"{course.name} is written to {args.file}")
    return 0
