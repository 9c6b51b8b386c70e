"""check, regrade, new-scenario, new-activity: content from the command line."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.cli import codes
from sandbox.config import Settings
from sandbox.errors import BadInput
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
    for name, run in (("new-scenario", new_scenario), ("new-activity", new_activity)):
        parser = commands.add_parser(name, help=f"write a folder that already passes check ({name[4:]})")
        parser.add_argument("folder", type=Path, help="where to write it; its name is the new name")
        parser.set_defaults(run=run)


def check(args: argparse.Namespace) -> int:
    """Print what fails, then the count; exit status 1 on any failure. Uses a hospital of its own, thrown away."""
    from sandbox.app import first_hospital
    from sandbox.proofs import check as prove

    failed = passed = 0
    with tempfile.TemporaryDirectory(prefix="two-seats-check-") as folder:
        settings = replace(Settings.read(), data=Path(folder), database_url="",
                           scenario_folders=args.scenario_folders, activity_folders=args.activity_folders)
        house = open_house(settings, codes_folder=codes.folder())
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
