"""check, regrade, export, codes, new-scenario, new-activity: content from the command line."""

from __future__ import annotations

import argparse
import shlex
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import platformdirs

from sandbox.cli import whole
from sandbox.errors import BadInput, NotFound
from sandbox.house import open_house
from sandbox.scenario import Library, well_named
from sandbox.seats import load_seats


def add_to(commands: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The commands of this module."""
    parser = commands.add_parser("check", help="prove every task: exemplars, blank, known mistakes, over seeds")
    parser.add_argument("--seat", default="", help="only this seat's tasks: him, hi")
    parser.add_argument("--scenario", default="", help="only this story's tasks")
    parser.add_argument("--seeds", type=whole(1), default=3, metavar="N", help="how many seeds (default 3)")
    for name, what in (("scenario", "folders of scenarios"), ("seat", "folders, each a seat"),
                       ("activity", "activities, as seat=folder")):
        parser.add_argument(f"--{name}-folders", default=argparse.SUPPRESS, metavar="PATHS",
                            help=f"further {what} (default: TWO_SEATS_{name.upper()}_FOLDERS)")
    parser.set_defaults(run=check)
    parser = commands.add_parser("regrade", help="judge stored attempts again; append where the grade changed")
    common(parser)
    parser.add_argument("attempt", nargs="*", help="attempt ids (default: all)")
    parser.set_defaults(run=regrade)
    parser = commands.add_parser("codes", help="the classification: search, show, check")
    _codes(parser.add_subparsers(title="commands", metavar="COMMAND", required=True))
    for name, run, what in (("new-scenario", new_scenario, "a story"), ("new-activity", new_activity, "an activity")):
        parser = commands.add_parser(name, help=f"write {what}: a folder that already passes check")
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to write it; its name is the new name")
        parser.set_defaults(run=run)


def _codes(commands: Any) -> None:
    search = commands.add_parser("search", help="what a coder would find for a phrase, best first")
    search.add_argument("phrase")
    search.add_argument("--limit", type=whole(1), default=20, metavar="N", help="how many at most (default 20)")
    search.set_defaults(run=codes_search)
    show = commands.add_parser("show", help="a code with its notes, as inherited")
    show.add_argument("code")
    show.set_defaults(run=codes_show)
    edits = commands.add_parser("check", help="edits on codes in sequence")
    edits.add_argument("codes", nargs="+", metavar="CODE")
    edits.add_argument("--setting", choices=("inpatient", "outpatient"), required=True)
    edits.add_argument("--sex", choices=("F", "M"))
    edits.add_argument("--age", type=whole(0), metavar="YEARS")
    edits.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="of discharge or service")
    edits.set_defaults(run=codes_check)
    for parser in (search, show, edits):
        parser.add_argument("--json", action="store_true", help="as JSON")


def check(args: argparse.Namespace) -> int:
    """Print what fails, then the count; exit status 1 on any failure. Uses a hospital of its own, thrown away."""
    from sandbox.cli import settings_of
    from sandbox.founding import first_hospital
    from sandbox.proofs import check as prove
    from sandbox.proofs import chosen

    failed = passed = 0
    with tempfile.TemporaryDirectory(prefix="two-seats-check-") as folder:
        settings = replace(settings_of(args), data=Path(folder), database_url="")
        house = open_house(settings, codes_folder=_shared_codes())
        chosen(house, args.seat, args.scenario)  # a name that nothing fits is told before a hospital is built
        first_hospital(house, lambda _: None)
        with house.db.reading() as conn:
            for outcome in prove(conn, house, seat=args.seat, story=args.scenario, seeds=args.seeds):
                passed += not outcome.problem
                failed += bool(outcome.problem)
                if outcome.problem:
                    print(f"{outcome.story}/{outcome.task} seed {outcome.seed}, {outcome.proof}: {outcome.problem}",
                          flush=True)
        house.labs.close()
        house.db.close()
    print(f"{passed + failed} proofs, {failed} failed")
    return 1 if failed else 0


def regrade(args: argparse.Namespace) -> int:
    """Judge again what is stored; a report that differs is appended, never written over."""
    from sandbox import attempts
    from sandbox.attempts import ledger
    from sandbox.cli import settings_of

    settings = settings_of(args)
    settings.inhabited()
    house = open_house(settings)
    with house.db.reading() as conn:
        wanted = [attempts.get(conn, id) for id in args.attempt] or ledger.everything(conn)
    changed = 0
    for old in wanted:
        with house.db.reading() as conn:
            report = attempts.judge(conn, house, old.id)
        if report != old.report:
            changed += 1
            with house.db.writing() as conn:
                attempts.record(conn, old.id, report, house)
            print(f"{old.id} {old.story}/{old.task}: {old.report.score if old.report else 'ungraded'} → {report.score}")
    print(f"{len(wanted)} attempts judged again, {changed} changed")
    return 0


def codes_search(args: argparse.Namespace) -> int:
    """Best first: code, title, billable."""
    rows = [asdict(hit) for hit in open_shared_codes().search(args.phrase, args.limit)]
    if not rows and not args.json:
        raise NotFound(f"Nothing is found for “{args.phrase}”.", hint="Try other words, or the start of a code.")
    return _say(args, rows, lambda r: f"{r['code']:9} {r['title']}" + ("" if r["billable"] else "  (not billable)"))


def codes_show(args: argparse.Namespace) -> int:
    """A code with its path and the notes it inherits."""
    codes = open_shared_codes()
    found = codes.get(args.code)
    if found is None:
        raise NotFound(f"There is no code “{args.code}” in the April 2026 ICD-10-CM.")
    shown = {**asdict(found), **asdict(codes.notes(found.code))}
    return _say(args, [shown], lambda r: "\n".join(
        [f"{r['code']}  {r['title']}", *(f"  {n['kind']} at {n['at']}: {n['text']}" for n in r["notes"])]), one=True)


def codes_check(args: argparse.Namespace) -> int:
    """Edits, in the order of the codes; exit status 1 where one of them is an error."""
    edits = open_shared_codes().check(args.codes, setting=args.setting, sex=args.sex, age=args.age, on=args.date)
    rows = [asdict(edit) for edit in edits]
    _say(args, rows, lambda r: f"{r['severity']:8} {r['code']:9} {r['why']} ({r['source']})")
    return 1 if any(e.severity == "error" for e in edits) else 0


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


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day, as 2026-04-30 is") from None


def _shared_codes() -> Path:
    """Where commands that need no data directory keep the classification."""
    return Path(platformdirs.user_cache_dir("two-seats", appauthor=False)) / "codes"


def open_shared_codes() -> Any:
    """The classification for commands without a data directory; built in the user's cache the first time."""
    from sandbox.terminology import open_codes

    return open_codes(_shared_codes())


def _say(args: argparse.Namespace, rows: list[dict[str, Any]], line: Callable[[dict[str, Any]], str], *,
         one: bool = False) -> int:
    from sandbox.cli import print_json

    if args.json:
        print_json(rows[0] if one else rows)
    else:
        for row in rows:
            print(line(row))
    return 0
