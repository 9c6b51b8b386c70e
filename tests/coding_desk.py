"""The coding desk without a house: a planted record in memory, answers to it, and what judging says of them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from hospital_rounds import real_codes as codes
from pydantic import TypeAdapter

from fixtures import notes
from roles.him.code_encounter import activity, key, planting, proving, reading
from roles.him.code_encounter.work import Coded, Work
from sandbox.activity import Planting
from sandbox.errors import NotFound
from sandbox.report import Report

TASKS = [path for path in sorted((Path(__file__).parent.parent / "scenarios").glob("*/*/task.toml"))
         if tomllib.loads(path.read_text(encoding="utf-8"))["activity"] == "him.code_encounter"]
STARTERS = ("sore-throat", "ankle", "cough")
COUNTED = tuple(case for case in notes.cases() if case not in STARTERS)  # a folder is a case; nothing lists them


class MemoryChart:
    """A chart over planted resources only: what the graders and the desk read."""

    def __init__(self, resources: Iterable[dict[str, Any]] = ()) -> None:
        self.held = {(r["resourceType"], r["id"]): r for r in resources}
        self.today = date(2026, 6, 30)
        self.codes = codes()

    @property
    def lab(self) -> Any:
        raise AssertionError("coding needs no lab")

    def read(self, kind: str, id: str) -> dict[str, Any]:
        if (kind, id) not in self.held:
            raise NotFound(f"There is no {kind}/{id}.")
        return json.loads(json.dumps(self.held[kind, id]))

    def search(self, kind: str, params: Any = ()) -> list[dict[str, Any]]:
        wanted = dict(params)
        found = [r for (k, id), r in self.held.items() if k == kind and wanted.get("_id", id) == id
                 and wanted.get("encounter", _encounter(r)) == _encounter(r)]
        pointing = [each.split(":") for name, each in (params if isinstance(params, list) else ())
                    if name == "_revinclude"]
        here = {f"{kind}/{r['id']}" for r in found}
        return found + [r for (k, _), r in self.held.items() for of, by in pointing
                        if k == of and here & {_encounter(r) if by == "encounter" else r[by]["reference"]}]

    def trail(self) -> list[Any]:
        return []


def _encounter(resource: dict[str, Any]) -> str:
    context = resource.get("context", {}).get("encounter", [{}])[0]
    return resource.get("encounter", context).get("reference", "")


@dataclass(frozen=True)
class Case:
    """One planted case: `judge` answers with a report, through the same doors as a submission."""

    planting: Planting[Any, key.Key]

    @property
    def key(self) -> key.Key:
        return self.planting.key

    @property
    def exemplar(self) -> list[Coded]:
        return proving.exemplar(self.key)

    def form(self, form: Any) -> Report:
        chart = MemoryChart(self.planting.resources)
        work = activity.parse(form)
        evidence = activity.evidence(work, chart)
        work, evidence = stored(activity.Work, work), stored(activity.Evidence, evidence)
        return activity.grade(work, self.key, evidence)

    @property
    def whole(self) -> Work:
        return proving.whole(self.key)

    def judge(self, answer: list[Coded] | Work) -> Report:
        """A whole answer; or codes, with the exemplar's procedures, disposition and queries unless there is no code."""
        asks_more = self.key.operations or self.key.disposition or self.key.questions
        if isinstance(answer, list) and answer and asks_more:
            answer = replace(self.whole, codes=tuple(answer))
        return self.form(proving.form_of(answer))


def stored(kind: type, value: Any) -> Any:
    """As the house keeps it: JSON and back."""
    adapter = _adapter(kind)
    return adapter.validate_json(adapter.dump_json(value))


@lru_cache(maxsize=8)
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@lru_cache(maxsize=512)
def planted(case: str, seed: int = 0) -> Case:
    """The case as this seed has it."""
    return Case(activity.plant(planting.Params(case), seed, MemoryChart()))


@lru_cache(maxsize=64)
def with_slots(case: str, **slots: str) -> Case:
    """The first seed whose variant has these slot values."""
    for seed in range(5_000):
        if slots.items() <= notes.slots(case, seed).items():
            return planted(case, seed)
    raise AssertionError(f"no seed below 5,000 gives {slots}")


@lru_cache(maxsize=2)
def all_keys(case: str) -> tuple[key.Key, ...]:
    """The key of every variant of a case that a seed can give, people aside. Some cases have hundreds: ask for one
    case after the other (`parametrize(…, scope="module")` puts the tests of a case together)."""
    return tuple(reading.make_key(variant, planting.papers(variant, "x"), codes(), planting.rows(variant, "x"))
                 for variant in notes.variants(case, leave=("who",)))
