"""Answers for tests: the forms that a task's own proofs send, for the workspace that somebody has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sandbox import scenario, workspace
from sandbox.activity import Proof
from sandbox.house import House


def room_of(house: House, key: str, owner: str = "") -> workspace.Info:
    """The newest workspace for a story key (of an owner)."""
    with house.db.reading() as conn:
        return [i for i in workspace.every(conn) if i.scenario == key and owner in ("", i.owner)][-1]


def proofs(house: House, info: workspace.Info, task: str) -> list[Proof]:
    """Every proof of a task, as forms for this workspace's variant."""
    story = scenario.opened(info)
    activity = house.scenarios.activity(story, task)
    with house.db.reading() as conn:
        planting = scenario.planted(conn, house, story, task, info.seed, info.base)
        params = house.scenarios.params(story, task)
        found = [p for table in house.scenarios.proofs(story, task) for p in activity.proofs(params, planting, table)]
        complete = getattr(activity, "completed", None)
        chart = workspace.Workspace(
            conn, info, workspace.Agent("t", "t"), codes=house.codes, record=False,
            lab=lambda: house.labs.of_workspace(conn, info.ws, info.base, info.today, info.owner))
        return [replace(p, form=complete(p.form, params, chart)) for p in found] if complete else found


def exemplar(house: House, info: workspace.Info, task: str) -> dict[str, str]:
    """The form that earns 100."""
    return dict(next(p for p in proofs(house, info, task) if p.score == 100).form)


def conditions(house: House, info: workspace.Info) -> list[dict[str, Any]]:
    """The Conditions of her own that stand in her record."""
    with house.db.reading() as conn:
        fresh = workspace.info(conn, info.id)
        chart = workspace.Workspace(conn, fresh, workspace.Agent("t", "t"), codes=house.codes, record=False)
        base = {r["id"] for r in workspace.base_chart(conn, info.base).search("Condition", [("_count", "100000")])}
        return [r for r in chart.search("Condition", [("_count", "100000")]) if r["id"] not in base]
