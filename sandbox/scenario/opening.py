"""A scenario gives a learner a workspace: her own copy of the hospital, with what its tasks plant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import sqlalchemy as sa

from sandbox import workspace
from sandbox.activity import Codes, Planting, Resource
from sandbox.db import alone
from sandbox.errors import BadPack, Conflict, NotFound
from sandbox.fhir import store
from sandbox.lab import LabRooms
from sandbox.report import as_json
from sandbox.scenario.library import Library, seed_for
from sandbox.scenario.memory import Plantings as Memory
from sandbox.seats import Seat

Plantings = Mapping[str, Planting[Any, Any]]  # by task
_memory = Memory()


class Outgrown(Conflict):
    """Raised where a story has changed since she sat down, so that a task of it finds no place in her record."""


class Rooms(Protocol):
    """What of the house opening, judging and proving need; `House` satisfies it by shape."""

    @property
    def codes(self) -> Codes:
        """The classification."""

    @property
    def labs(self) -> LabRooms:
        """The lab's base files and workers."""

    @property
    def seats(self) -> Mapping[str, Seat]:
        """The seats by name."""

    @property
    def scenarios(self) -> Library:
        """The stories."""


def story_key(story: str, assignment: str = "") -> str:
    """What a workspace is filed under: a story played alone, or as an assignment."""
    return f"{story}@{assignment}" if assignment else story


def find(conn: sa.Connection, owner: str, key: str) -> workspace.Info | None:
    """Her workspace for a story, or None where she has not sat down yet."""
    return next((i for i in workspace.of_owner(conn, owner) if i.scenario == key), None)


def sit(conn: sa.Connection, rooms: Rooms, owner: str, story: str, *, assignment: str = "",
        seed: int | None = None) -> workspace.Info:
    """Her workspace for a story: the one she has, else a new one on the default hospital with every task planted."""
    key = story_key(story, assignment)
    found = find(conn, owner, key)
    if found is None:  # two tabs open it for the first time: one workspace
        alone(conn, f"{owner} sits down")
        found = find(conn, owner, key)
    if found is not None:
        return found
    rooms.scenarios.story(story)
    base = store.default_hospital(conn)
    if base is None:
        raise NotFound("There is no hospital yet.", hint="It is being built; try again in a few seconds.")
    seed = seed_for(owner, key) if seed is None else seed
    plantings = plant_all(conn, rooms, story, seed, base.ws)
    return workspace.open(conn, owner=owner, base=base.ws, seed=seed, scenario=key,
                          resources=resources_of(plantings), shown=shown_of(rooms, story, plantings))


def reopen(conn: sa.Connection, rooms: Rooms, info: workspace.Info) -> workspace.Info:
    """Reset: the untouched hospital with the story's planting, in a new generation; the old one waits a day."""
    plantings = plant_all(conn, rooms, opened(info), info.seed, info.base)
    return workspace.reset(conn, info.id, resources_of(plantings), shown_of(rooms, opened(info), plantings))


def bring_up(conn: sa.Connection, rooms: Rooms, info: workspace.Info, task: str) -> workspace.Info:
    """Her workspace with this task planted: as it is, or with what a task plants that came into the story after she
    sat down. Her own changes stay. Outgrown where something else stands in its place."""
    if task in info.shown:
        return info
    planting = planted(conn, rooms, opened(info), task, info.seed, info.base)
    try:
        return workspace.plant(conn, info.id, planting.resources, shown_of(rooms, opened(info), {task: planting}))
    except Conflict as problem:
        raise Outgrown("This story has changed since you began it, and this task has no place in your hospital.",
                       hint="Put the hospital back, on the story's page, then open the task again.") from problem


def vary(conn: sa.Connection, rooms: Rooms, own: list[workspace.Info]) -> workspace.Info:
    """One more workspace for the story of these (at least one, the oldest first): the same tasks on a new variant.

    Its seed follows from the first one's, so that whoever shares a variant shares the next.
    """
    first = own[0]
    alone(conn, f"{first.owner} begins another variant")
    seed = seed_for(first.seed, "variant", len(own) + 1)
    plantings = plant_all(conn, rooms, opened(first), seed, first.base)
    return workspace.open(conn, owner=first.owner, base=first.base, seed=seed, scenario=first.scenario,
                          resources=resources_of(plantings), shown=shown_of(rooms, opened(first), plantings))


def opened(info: workspace.Info) -> str:
    """The story that a workspace was opened for."""
    return info.scenario.partition("@")[0]


def planted(conn: sa.Connection, rooms: Rooms, story: str, task: str, seed: int, base: int,
            text: str = "") -> Planting[Any, Any]:
    """What a task plants, made again: the same params, seed and base give the same resources, shown and key.

    With `text`, that of `Library.judged_by` on another day, by the params of that day.
    """
    activity = rooms.scenarios.activity(story, task)
    chart = workspace.base_chart(conn, base, rooms.codes, None)
    params = rooms.scenarios.params_of(story, task, text) if text else rooms.scenarios.params(story, task)
    return activity.plant(params, seed_for(seed, task), chart)


def recalled(conn: sa.Connection, rooms: Rooms, story: str, task: str, seed: int, base: int,
             text: str = "") -> Planting[Any, Any]:
    """The same as `planted`, a copy of one's own, and not made again where somebody had it lately.

    A published hospital never changes; the instant at which it was made tells it from any other of its number.
    """
    plant = rooms.scenarios.activity(story, task).plant
    if text:  # what has no place any more is refused, whoever remembers it
        rooms.scenarios.params_of(story, task, text)
    hospital = store.hospital(conn, base)
    by = text or rooms.scenarios.judged_by(story, task, rooms.codes.release)[1]
    made_of = (hospital.ws, hospital.made, hospital.digest, story, task, seed, by, getattr(plant, "__func__", plant))
    return _memory.recall(made_of, lambda: planted(conn, rooms, story, task, seed, base, text))


def plant_all(conn: sa.Connection, rooms: Rooms, story: str, seed: int, base: int) -> Plantings:
    """What each of a story's tasks plants, by task; BadPack where two of them plant one id and mean two things."""
    plantings: dict[str, Planting[Any, Any]] = {}
    whose: dict[tuple[str, str], tuple[str, Resource]] = {}
    for brief in rooms.scenarios.story(story).tasks:
        planting = plantings[brief.name] = recalled(conn, rooms, story, brief.name, seed, base)
        for one in planting.resources:
            kind, id = one["resourceType"], one["id"]
            other, known = whose.setdefault((kind, id), (brief.name, one))
            if known != one:  # the same shift, planted for two tasks, is one shift; two different ones are a fault
                raise BadPack(f"{story}: {other} and {brief.name} both plant {kind}/{id}, and not the same one.",
                              hint="One of them would overwrite the other: give each task ids that begin otherwise.")
    return plantings


def shown_of(rooms: Rooms, story: str, plantings: Plantings) -> dict[str, Any]:
    """What a story's pages may show of its plantings, as it is stored with the workspace."""
    return {task: as_json(rooms.scenarios.activity(story, task).Shown).dump_python(each.shown, mode="json")
            for task, each in plantings.items()}


def resources_of(plantings: Plantings) -> list[Resource]:
    """All that is planted, each resource once, in the tasks' order."""
    return list({(one["resourceType"], one["id"]): one for each in plantings.values()
                 for one in each.resources}.values())
