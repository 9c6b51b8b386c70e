"""check, regrade, export, codes, new-scenario, new-activity: content from the command line."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import platformdirs

from sandbox.config import Settings
from sandbox.errors import BadInput, NotFound
from sandbox.house import open_house


def add_to(commands: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The commands of this module."""
    parser = commands.add_parser("check", help="prove every task: exemplars, blank, known mistakes, over seeds")
    parser.add_argument("--seat", default="", help="only this seat's tasks: him, hi")
    parser.add_argument("--scenario", default="", help="only this story's tasks")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds (default 3)")
    parser.add_argument("--scenario-folders", default="", help="further folders of scenarios")
    parser.add_argument("--activity-folders", default="", help="further activities, as seat=folder")
    parser.set_defaults(run=check)
    parser = commands.add_parser("regrade", help="judge stored attempts again; append where the grade changed")
    common(parser)
    parser.add_argument("attempt", nargs="*", help="attempt ids (default: all)")
    parser.set_defaults(run=regrade)
    parser = commands.add_parser("codes", help="the classification: search, show, check")
    _codes(parser.add_subparsers(title="commands", metavar="", required=True))
    for name, run in (("new-scenario", new_scenario), ("new-activity", new_activity)):
        parser = commands.add_parser(name, help=f"write a folder that already passes check ({name[4:]})")
        parser.add_argument("folder", type=Path, help="where to write it; its name is the new name")
        parser.set_defaults(run=run)


def _codes(commands: Any) -> None:
    search = commands.add_parser("search", help="what a coder would find for a phrase")
    search.add_argument("phrase")
    search.add_argument("--limit", type=int, default=20)
    search.set_defaults(run=codes_search)
    show = commands.add_parser("show", help="a code with its notes, as inherited")
    show.add_argument("code")
    show.set_defaults(run=codes_show)
    edits = commands.add_parser("check", help="edits on codes in sequence")
    edits.add_argument("codes", nargs="+", metavar="CODE")
    edits.add_argument("--setting", choices=("inpatient", "outpatient"), required=True)
    edits.add_argument("--sex", choices=("F", "M"))
    edits.add_argument("--age", type=int)
    edits.add_argument("--date", type=date.fromisoformat)
    edits.set_defaults(run=codes_check)
    for parser in (search, show, edits):
        parser.add_argument("--json", action="store_true", help="as JSON")


def check(args: argparse.Namespace) -> int:
    """Print what fails, then the count; exit status 1 on any failure. Uses a hospital of its own, thrown away."""
    from sandbox.founding import first_hospital
    from sandbox.proofs import check as prove

    failed = passed = 0
    with tempfile.TemporaryDirectory(prefix="two-seats-check-") as folder:
        settings = replace(Settings.read(), data=Path(folder), database_url="",
                           scenario_folders=args.scenario_folders, activity_folders=args.activity_folders)
        house = open_house(settings, codes_folder=_shared_codes())
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

    house = open_house(settings_of(args))
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
    print(f"Written to {args.folder}. Prove it: two-seats check --scenario {args.folder.name} "
          f"--scenario-folders {args.folder.absolute().parent}")
    return 0


def new_activity(args: argparse.Namespace) -> int:
    """Write an activity with a page and judging that passes `check`, to be changed into another."""
    _write(args.folder, "activity")
    print(f"Written to {args.folder}, with a story beside it. Prove it: two-seats check "
          f"--scenario {args.folder.name}-story --activity-folders hi={args.folder.absolute()} "
          f"--scenario-folders {args.folder.absolute().parent}")
    return 0


def _write(folder: Path, kind: str) -> None:
    if folder.exists():
        raise BadInput(f"{folder} exists already.", hint="Name a folder that does not.")
    source = Path(__file__).parent / "patterns" / kind
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))  # pip compiles what it installs
    story = folder if kind == "scenario" else folder.with_name(f"{folder.name}-story")
    if kind == "activity":
        shutil.move(folder / "story", story)
    for path in [*folder.rglob("*"), *story.rglob("*")]:
        if path.is_file():
            path.write_text(path.read_text(encoding="utf-8").replace("new-thing", folder.name), encoding="utf-8")


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
