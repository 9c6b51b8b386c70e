"""export, forget: a class or one learner of it as a zip, and an account deleted for whoever asks for it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.house import open_house


def add_to(commands: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The commands of this module."""
    parser = commands.add_parser("export", help="write a class, its roster, results and attempts, to a zip")
    common(parser)
    parser.add_argument("course", metavar="CODE", help="the class's join code")
    parser.add_argument("file", type=Path, metavar="FILE", help="where to write it; a file that is there is kept")
    parser.add_argument("--learner", default="", metavar="NAME", help="of one learner: a name, sign-in name or ID")
    parser.set_defaults(run=export)
    parser = commands.add_parser("forget", help="delete somebody's account; undone for thirty days, then gone for good")
    common(parser)
    parser.add_argument("login", metavar="LOGIN", help="the sign-in name")
    parser.add_argument("--name", default="", help="the name that goes with it, typed to be sure")
    parser.add_argument("--restore", action="store_true", help="bring the account back")
    parser.set_defaults(run=forget)


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
            only = _one(classroom.roster(conn, course.id), args.learner) if args.learner else ""
            gradebook.write_course(conn, house.scenarios, course, out, only=only)
        unfinished.replace(args.file)
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"{course.name} is written to {args.file}")
    return 0


def forget(args: argparse.Namespace) -> int:
    """Delete an account whose name was given too, or bring it back; without the name only say whose it is."""
    from sandbox import classroom, people
    from sandbox.cli import settings_of

    settings = settings_of(args)
    settings.inhabited()
    with open_house(settings).db.writing() as conn:
        if args.restore:
            print(f"{classroom.restore_account(conn, people.left_as(conn, args.login).id).name} is back.")
            return 0
        found = people.by_login(conn, args.login)
        if found is None:
            raise NotFound(f"Nobody signs in as “{args.login}”.", hint="Nothing was done.")
        people.typed(args.name, found.name, "the name of this account")
        left = classroom.delete_account(conn, found, args.login)
    print(f"{left.name} ({args.login}) is deleted, and gone for good thirty days from now. Until then "
          f"`two-seats forget {args.login} --restore`, or signing in, brings the account back.")
    return 0


def _one(places: list[Any], said: str) -> str:
    """The id of the one learner whom this name, sign-in name or ID means."""
    wanted = " ".join(said.split()).casefold()
    found = [each.person for each in places
             if wanted in (each.person.name.casefold(), each.person.login, each.known.casefold())]
    if not found:
        raise NotFound(f"Nobody in this class is called “{said}”.", hint="Nothing was written.")
    if len(found) > 1:
        raise BadInput(f"{len(found)} learners of this class are called “{said}”.",
                       hint="Give the sign-in name or the ID instead. Nothing was written.")
    return str(found[0].id)
