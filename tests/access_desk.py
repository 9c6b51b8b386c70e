"""The access desk without a house: a task's planting at a seed, answers to it, and what judging says of them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from planting import ward

from roles.him.audit_access import activity, proving
from roles.him.audit_access.facts import Evidence
from roles.him.audit_access.key import Key, LeadKey
from roles.him.audit_access.planting import Params
from sandbox.activity import Planting
from sandbox.report import Report

SCENARIOS = Path(__file__).parent.parent / "scenarios"
TASKS = {path.parent.name: path.parent for path in sorted(SCENARIOS.glob("him-access-*/him-*/task.toml"))}


@cache
def params(task: str) -> Params:
    """What a task is made of."""
    return Params(tuple(tomllib.loads((TASKS[task] / "task.toml").read_text())["params"]["stories"]))


@cache
def planted(task: str, seed: int = 0) -> Planting[Any, Key]:
    """A task's planting over the default hospital."""
    return activity.plant(params(task), seed, ward())  # type: ignore[arg-type]


@cache
def tables(task: str) -> dict[str, dict[str, Any]]:
    """A task's proofs by name."""
    return {path.stem: {**tomllib.loads(path.read_text()), "name": path.stem}
            for path in sorted((TASKS[task] / "proofs").glob("*.toml"))}


def grade(task: str, cases: Mapping[str, Any], seed: int = 0, opened: tuple[str, ...] = (),
          reasons: Mapping[str, str] | None = None) -> Report:
    """The report on these cases, as the page would send them."""
    form = {"cases": json.dumps(cases), "reasons": json.dumps(reasons or {})}
    return activity.grade(activity.parse(form), planted(task, seed).key, Evidence(opened))


def right(task: str, seed: int = 0) -> dict[str, Any]:
    """The exemplar's cases."""
    return proving.answer(planted(task, seed).key, {"start": "exemplar"})


def lead(task: str, name: str, seed: int = 0) -> LeadKey:
    """The lead of a story: "mayor:guilty" or "mayor:twin"."""
    return proving._named(planted(task, seed).key, name)[0]
