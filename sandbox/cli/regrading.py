"""regrade: judge stored attempts again by the key as it stands, or see first what that would change."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from sandbox.errors import NotFound
from sandbox.house import House, open_house


def add_to(commands: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The command of this module."""
    parser = commands.add_parser("regrade", help="judge stored attempts again; append where the grade changed")
    common(parser)
    parser.add_argument("attempt", nargs="*", help="attempt ids (default: all)")
    parser.add_argument("--course", metavar="CODE", default="", help="of one class, by its join code")
    parser.add_argument("--assignment", metavar="ID", default="", help="of one assignment, as its address names it")
    parser.add_argument("--task", metavar="NAME", default="", help="at one task")
    parser.add_argument("--preview", action="store_true", help="only say what would change")
    parser.add_argument("--lower", action="store_true", help="let points fall too (else nobody loses any)")
    parser.set_defaults(run=regrade)


def regrade(args: argparse.Namespace) -> int:
    """A report that differs is appended, never written over; class amendments are laid over it again."""
    from tqdm import tqdm

    from sandbox import gradebook
    from sandbox.cli import settings_of

    settings = settings_of(args)
    settings.inhabited()
    house = open_house(settings)
    ids = _chosen(house, args)
    changed = 0
    with house.db.reading() as conn, tqdm(total=len(ids), unit=" attempts", ncols=72, disable=None) as bar:
        for change in gradebook.by_key(conn, house, ids, keep=not args.lower):
            bar.update()
            if change is None:
                continue
            changed += 1
            if not args.preview:
                with house.db.writing() as writing:
                    gradebook.settle(writing, house, change)
            tqdm.write(f"{change.attempt}: {change.before:g} → {change.after:g}")
    print(f"{len(ids)} attempts judged again, {changed} {'would change' if args.preview else 'changed'}")
    return 0


def _chosen(house: House, args: argparse.Namespace) -> list[str]:
    from sandbox import attempts, classroom, gradebook

    with house.db.reading() as conn:
        for id in args.attempt:
            attempts.get(conn, id)
        given = [args.assignment] if args.assignment else None
        if args.course:
            course = classroom.by_code(conn, args.course)
            given = [each.id for each in classroom.assignments(conn, course.id) if given in (None, [each.id])]
        if args.assignment:
            classroom.assignment(conn, args.assignment)
        found = gradebook.chosen(conn, ids=args.attempt, assignments=given, task=args.task)
    if not found and (args.attempt or args.course or args.assignment or args.task):
        raise NotFound("No attempt fits.", hint="`--course` takes a join code, `--task` a task's folder name.")
    return found
