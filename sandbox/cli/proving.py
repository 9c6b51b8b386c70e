"""check: content proves itself, on every core of this machine.

The stories are proven in parts, a story's seeds shared out where they are many. Each part opens the house anew in a
copy of one data directory (what a part plants is in a transaction that is never committed, and a database has one
writer); the lab's files, which are only ever added to, are shared. What a process has learned of hidden hospitals stays
with it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.cli import codes, whole
from sandbox.config import Settings
from sandbox.house import House, open_house

if TYPE_CHECKING:
    from sandbox.proofs import Outcome

_FEW = 5  # seeds that are not worth a process of their own
_MANY = 20  # seeds that between them show every variant's findings


def add_to(commands: Any, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """The command of this module."""
    parser = commands.add_parser("check", help="prove every task: exemplars, blank, known mistakes, over seeds")
    parser.add_argument("--seat", default="", help="only this seat's tasks: him, hi")
    parser.add_argument("--scenario", default="", help="only this story's tasks")
    parser.add_argument("--seeds", type=whole(1), default=3, metavar="N", help="how many seeds (default 3)")
    parser.add_argument("--jobs", type=whole(1), default=os.cpu_count() or 1, metavar="N",
                        help="how many at once (default: this machine's cores)")
    for name, what in (("scenario", "folders of scenarios"), ("seat", "folders, each a seat"),
                       ("activity", "activities, as seat=folder")):
        parser.add_argument(f"--{name}-folders", default=argparse.SUPPRESS, metavar="PATHS",
                            help=f"further {what} (default: TWO_SEATS_{name.upper()}_FOLDERS)")
    parser.set_defaults(run=check)


@dataclass(frozen=True)
class Part:
    """What one process proves in one go: some seeds of one story, in the house of a data directory."""

    settings: Settings
    seat: str
    story: str
    seeds: range


def check(args: argparse.Namespace) -> int:
    """Print what fails, a line for each story, then the count; exit status 1 on any failure.

    Uses a hospital of its own, thrown away.
    """
    from sandbox.cli import settings_of
    from sandbox.proofs import astray

    with tempfile.TemporaryDirectory(prefix="two-seats-check-") as folder:
        settings = replace(settings_of(args), data=Path(folder, "house"), database_url="")
        found: dict[str, list[Outcome]] = {}
        for story, outcomes, whole_story, seconds in _proven(_parts(settings, args), args.jobs):
            found.setdefault(story, []).extend(outcomes)
            for one in outcomes:
                if one.problem:
                    print(f"{one.story}/{one.task} seed {one.seed}, {one.proof}: {one.problem}", flush=True)
            if whole_story and args.seeds >= _MANY:
                slips = astray(found[story])
                found[story] += slips
                for one in slips:
                    print(f"{story}/{one.task}: {one.problem}", flush=True)
            if whole_story:
                print(f"{story}: {_counted(found[story])}, {args.seeds} seed{'s' * (args.seeds > 1)}, "
                      f"{seconds:.0f} s of processor time", flush=True)
    every = [one for outcomes in found.values() for one in outcomes]
    print(f"{_spent() / 60:.1f} min of processor time in all")
    print(_counted(every))
    return 1 if any(one.problem for one in every) else 0


def prove(part: Part) -> tuple[list[Outcome], float]:
    """The outcomes of a part, and the seconds of the processor that it took, its lab's processes included."""
    from sandbox import proofs

    before = _spent()
    with tempfile.TemporaryDirectory(prefix="part-", dir=part.settings.data.parent) as folder:
        data = Path(folder, "house")
        shutil.copytree(part.settings.data, data, ignore=lambda *_: ["labs"])
        with suppress(OSError):  # where links are not allowed, each part builds its own
            (data / "labs").symlink_to(part.settings.data / "labs")
        with _house(replace(part.settings, data=data)) as house, house.db.reading() as conn:
            found = list(proofs.check(conn, house, seat=part.seat, story=part.story, seeds=part.seeds))
    return found, _spent() - before


@contextmanager
def _house(settings: Settings) -> Iterator[House]:
    house = open_house(settings, codes_folder=codes.folder())
    try:
        yield house
    finally:
        house.labs.close()
        house.db.close()


def _parts(settings: Settings, args: argparse.Namespace) -> list[Part]:
    """Everything that is to be proven, the hospital to prove it in built; NotFound before that where nothing fits."""
    from sandbox.founding import first_hospital
    from sandbox.proofs import chosen

    with _house(settings) as house:
        stories = dict.fromkeys(story for story, _ in chosen(house, args.seat, args.scenario))
        first_hospital(house, lambda _: None)
        house.labs.folder.mkdir(exist_ok=True)
    shares = min(args.jobs, -(-args.seeds // _FEW))
    return [Part(settings, args.seat, story, range(first, args.seeds, shares))
            for story in stories for first in range(shares)]


def _proven(parts: list[Part], jobs: int) -> Iterator[tuple[str, list[Outcome], bool, float]]:
    """(story, outcomes, whether that was the story's last part, its seconds of the processor) as they come."""
    left = {story: [part.story for part in parts].count(story) for story in {part.story for part in parts}}
    spent = dict.fromkeys(left, 0.0)
    for part, (outcomes, seconds) in _here(parts) if min(jobs, len(parts)) == 1 else _at_once(parts, jobs):
        left[part.story] -= 1
        spent[part.story] += seconds
        yield part.story, outcomes, not left[part.story], spent[part.story]


def _here(parts: Iterable[Part]) -> Iterator[tuple[Part, tuple[list[Outcome], float]]]:
    return ((part, prove(part)) for part in parts)


def _at_once(parts: list[Part], jobs: int) -> Iterator[tuple[Part, tuple[list[Outcome], float]]]:
    pool = ProcessPoolExecutor(min(jobs, len(parts)), get_context("spawn"), _quiet)
    try:
        waiting: dict[Future[tuple[list[Outcome], float]], Part] = {pool.submit(prove, part): part for part in parts}
        for done in as_completed(waiting):
            yield waiting[done], done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _quiet() -> None:
    """Ctrl-C ends such a process without a word: the one that started it says what there is to say."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _counted(outcomes: list[Outcome]) -> str:
    return f"{len(outcomes)} proofs, {sum(bool(one.problem) for one in outcomes)} failed"


def _spent() -> float:
    """Seconds of the processor that this process and those that it has ended took so far."""
    return sum(os.times()[:4])
