"""How long judging a report takes on labs as they are served: part of `python -m tests.bench.lab`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pydantic import TypeAdapter

from roles.hi.build_report import activity, proving
from sandbox.lab import GradingLabs, LabRooms
from sandbox.lab.layer import Layer
from sandbox.lab.room import RoomLab

STORY = Path(__file__).resolve().parents[2] / "scenarios" / "hi-first-reports"
TASKS = ("hi-length-of-stay", "hi-readmission")


class Judged:
    """A task's exemplar in one learner's variant, ready to be judged as after a submission."""

    def __init__(self, rooms: LabRooms, base: RoomLab, task: str, seed: int) -> None:
        table = tomllib.loads((STORY / task / "task.toml").read_text(encoding="utf-8"))
        params = TypeAdapter(activity.Params).validate_python({**table["params"], **table["key"]})
        hospital: Any = SimpleNamespace(today=base.today)
        planting = activity.plant(params, seed, hospital)
        layer = Layer.of(planting.resources, (), rooms.dictionary)
        shown = RoomLab(rooms.pool, rooms.dictionary, base.base, layer, base.today)
        chart: Any = SimpleNamespace(lab=shown, today=base.today, trail=lambda: [])
        form = activity.completed(proving.right(params, planting.key), params, chart)
        self.work, self.key = activity.parse(form), planting.key
        self.evidence, self.labs = activity.evidence(self.work, chart), GradingLabs(rooms, shown)

    def judge(self) -> float:
        """Judge it; its score."""
        return activity.grade(self.work, self.key, self.evidence, self.labs).score
