"""A report's task as a test opens it: what it plants at a seed, her chart, and labs to judge with."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pydantic import TypeAdapter
from small_lab import TODAY, SmallLab, SmallLabs
from table_lab import TableLab, TableLabs

from roles.hi.build_report import activity, proving
from roles.hi.build_report.hospitals import SOURCES
from sandbox.activity import Form, Report

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
SQL = "hi-case-mix", "hi-emergency", "hi-first-reports", "hi-quality", "hi-unbilled"  # stories with reports by SQL
FOLDERS = {path.parent.name: path.parent for path in sorted(SCENARIOS.glob("hi-*/hi-*/task.toml"))}
REPORTS = tuple(task for task, folder in FOLDERS.items() if folder.parent.name.startswith(SQL))


@cache
def params_of(task: str) -> Any:
    """What a report's task.toml says."""
    table = tomllib.loads((FOLDERS[task] / "task.toml").read_text(encoding="utf-8"))
    return TypeAdapter(activity.Params).validate_python({**table["params"], **table["key"]})


class Desk:
    """A task opened at a seed: what it planted, her chart, and labs to judge with."""

    def __init__(self, task: str, seed: int) -> None:
        self.params = params_of(task)
        base: Any = SimpleNamespace(today=TODAY)
        self.planting = activity.plant(self.params, seed, base)
        quick = self.params.patterns in ("returns", "lengths")
        lab: Any = (SmallLab if quick else TableLab)(
            f"{task}-{seed}", [*SOURCES[self.params.patterns].around(), *self.planting.resources]
        )
        self.chart: Any = SimpleNamespace(lab=lab, today=TODAY, trail=lambda: [])
        self.labs: Any = (SmallLabs if quick else TableLabs)(lab)

    def grade(self, form: Form) -> Report:
        """Through the same doors as a submission: parse, evidence, JSON and back, grade."""
        work = activity.parse(activity.completed(form, self.params, self.chart))
        evidence = activity.evidence(work, self.chart)
        stored = [
            TypeAdapter(k).validate_json(TypeAdapter(k).dump_json(v))
            for k, v in ((activity.Work, work), (activity.Evidence, evidence))
        ]
        return activity.grade(stored[0], self.planting.key, stored[1], self.labs)

    def right(self, **fields: str) -> dict[str, str]:
        return {**proving.right(self.params, self.planting.key), **fields}


@cache
def desk(task: str, seed: int = 11) -> Desk:
    return Desk(task, seed)


def proofs(task: str, seed: int) -> list[Any]:
    found = []
    for path in sorted((FOLDERS[task] / "proofs").glob("*.toml")):
        table = {"name": path.stem, **tomllib.loads(path.read_text(encoding="utf-8"))}
        found += activity.proofs(desk(task, seed).params, desk(task, seed).planting, table)
    return found


def problems(task: str, seed: int, every: int = 1) -> list[str]:
    """What is not as its proofs say: points, names of mistakes, criteria that must be lost; and lines of the rubric
    that no proof loses, apart from answers that lose everything. `every` n-th known mistake is looked at, or with 0
    only the answers that are right; where that is not each one, no line is asked to be lost."""
    found = []
    idle = {f.criterion for f in desk(task, seed).grade(desk(task, seed).right()).findings if f.possible}
    for n, proof in enumerate(proofs(task, seed)):
        if (proof.mistake and every and n % every) or (not every and proof.score != 100):
            continue
        report = desk(task, seed).grade(proof.form)
        named = {f.mistake for f in report.findings if f.mistake}
        lost = [f"{f.criterion} {f.earned:g}/{f.possible:g}" for f in report.findings if f.possible and not f.met]
        idle -= {f.split()[0] for f in lost} if not proof.name.startswith(("hard-coded", "shotgun")) else set()
        low = proof.score if proof.score is not None else proof.at_least if proof.at_least is not None else 0
        high = proof.score if proof.score is not None else proof.at_most if proof.at_most is not None else 100
        if not low - 0.051 <= report.score <= high + 0.051:
            found.append(f"{proof.name}: {report.score}, not {low} to {high}: {lost[:8]}")
        if proof.mistake and named != {proof.mistake}:
            found.append(f"{proof.name}: named {named}")
        found += [f"{proof.name}: {c} is met" for c in proof.findings if c not in {f.split()[0] for f in lost}]
    return found + [f"no proof loses {criterion}" for criterion in sorted(idle) if every == 1]
