"""The reviewer's desk without a house: planted charts in memory, answers to them, and what judging says of them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from planting import Ward

from roles.him.review_record import activity, planting, proving
from roles.him.review_record.desk import Shown
from roles.him.review_record.key import ChartKey, Key
from roles.him.review_record.work import Filed, Verdict, Work
from sandbox.activity import Planting, Proof, Task
from sandbox.report import Report, as_json
from sandbox.scenario.library import typed

FOLDER = Path(__file__).parent.parent / "scenarios"
TASKS = {path.parent.name: path for story in ("him-record-review", "him-release-desk", "hi-whole-records")
         for path in sorted(FOLDER.glob(f"{story}/him-*/task.toml"))}
NOBODY = Ward({})  # no hospital around: what the charts need of it is planted with them


class MemoryChart:
    """A chart over planted resources only: what the grader and the desk read; it counts the searches."""

    def __init__(self, resources: Any) -> None:
        self.held = {(one["resourceType"], one["id"]): one for one in resources}
        self.today = NOBODY.today
        self.searches = 0

    def search(self, kind: str, params: Any = ()) -> list[dict[str, Any]]:
        self.searches += 1
        asked = dict(params)
        if "_id" in asked:
            return [self.held[kind, id] for id in asked["_id"].split(",") if (kind, id) in self.held]
        stays = set(asked["encounter"].split(","))
        return [one for (of, _), one in self.held.items()
                if of == kind and one.get("encounter", {}).get("reference") in stays]


@dataclass(frozen=True)
class Desk:
    """One draw of a task: `judge` answers with a report, through the same doors as a submission."""

    planting: Planting[Shown, Key]

    @property
    def key(self) -> Key:
        return self.planting.key

    @property
    def exemplar(self) -> Work:
        return proving.exemplar(self.key)

    def form(self, form: Any) -> Report:
        chart = MemoryChart(self.planting.resources)
        work = activity.parse(form)
        evidence = activity.evidence(work, chart)
        return activity.grade(stored(activity.Work, work), self.key, stored(activity.Evidence, evidence))

    def judge(self, work: Work) -> Report:
        return self.form(proving.form_of(work))

    def chart(self, name: str) -> ChartKey:
        return next(one for one in self.key.charts if one.name == name)

    @property
    def task(self) -> Task[Shown]:
        shown = stored(activity.Shown, self.planting.shown)
        return Task("s", "t", "him", "him.review_record", "", 1, "", "", shown, 0)


def stored(kind: type, value: Any) -> Any:
    """As the house keeps it: JSON and back."""
    return as_json(kind).validate_json(as_json(kind).dump_json(value))


def params_of(task: str) -> planting.Params:
    """A shipped task's params."""
    return typed(planting.Params, tomllib.loads(TASKS[task].read_text())["params"], task)


@lru_cache(maxsize=512)
def drawn(task: str, seed: int = 0) -> Desk:
    """A shipped task as this seed has it."""
    return Desk(activity.plant(params_of(task), seed, NOBODY))


@lru_cache(maxsize=64)
def made(seed: int = 0, **params: Any) -> Desk:
    """Charts of one's own choice."""
    return Desk(activity.plant(planting.Params(**params), seed, NOBODY))


@lru_cache(maxsize=64)
def with_sides(task: str, **sides: str) -> Desk:
    """The first draw in which these pairs (with _ for -) have these sides."""
    for seed in range(500):
        found = {one.name.replace("-", "_"): one.answer for one in drawn(task, seed).key.charts}
        if sides.items() <= found.items():
            return drawn(task, seed)
    raise AssertionError(f"no seed below 500 gives {sides}")


def proofs_of(task: str, seeds: range) -> Iterator[tuple[int, Proof, Desk]]:
    """(seed, proof, desk) of one task."""
    tables = [{"name": path.stem, **tomllib.loads(path.read_text())}
              for path in sorted((TASKS[task].parent / "proofs").glob("*.toml"))]
    for seed in seeds:
        desk = Desk(activity.plant(params_of(task), seed, NOBODY)) if len(seeds) > 9 else drawn(task, seed)
        for table in tables:
            for proof in activity.proofs(params_of(task), desk.planting, table):
                yield seed, proof, desk


def without(work: Work, chart: str) -> Work:
    """The same, with nothing said of one chart."""
    return Work(tuple(one for one in work.verdicts if one.chart != chart),
                tuple(one for one in work.findings if one.chart != chart))


def adding(work: Work, *more: Filed | Verdict) -> Work:
    """The same with more said; a verdict takes the place of the one there was."""
    verdicts = {one.chart: one for one in (*work.verdicts, *(one for one in more if isinstance(one, Verdict)))}
    findings = {*work.findings, *(one for one in more if isinstance(one, Filed))}
    return Work(tuple(sorted(verdicts.values())), tuple(sorted(findings)))


def rows_of(work: Work) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Verdicts and findings as the page has them."""
    form = proving.form_of(work)
    return json.loads(form["verdicts"]), json.loads(form["findings"])
