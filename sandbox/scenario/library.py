"""All scenarios of a house: read once, looked up by name, each task's judging fixed by a digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sandbox.activity import Activity, Task
from sandbox.errors import BadPack, NotFound
from sandbox.report import as_json
from sandbox.scenario.pack import Hint, Scenario, Sealed, TaskBrief, read_scenario
from sandbox.seats import Seat, find

SHIPPED = Path(__file__).resolve().parent.parent.parent / "scenarios"


class Library(Mapping[str, Scenario]):
    """Scenarios by name, in their order. What is sealed (params, hints, proofs) has methods of its own."""

    def __init__(self, seats: Mapping[str, Seat], folders: Iterable[Path] = ()) -> None:
        """Read every folder that holds a scenario.toml; BadPack on the first that breaks a rule or repeats a name.

        Also for a folder that is not there: a mistyped one would otherwise be a story that nobody misses.
        """
        self._seats = seats
        self._scenarios: dict[str, Scenario] = {}
        self._sealed: dict[tuple[str, str], Sealed] = {}
        self._params: dict[tuple[str, str], Any] = {}
        for parent in (SHIPPED, *folders):
            if not parent.is_dir() or (parent / "scenario.toml").is_file():
                raise BadPack(f"{parent} is not a folder of stories.", hint="Name the folder that holds their folders.")
            for folder in sorted(p.parent for p in parent.glob("*/scenario.toml")):
                self._add(*read_scenario(folder))
        ordered = sorted(self._scenarios.values(), key=lambda s: (s.order, s.name))
        self._scenarios = {s.name: s for s in ordered}
        self._follow()

    def _follow(self) -> None:
        """BadPack where a story says to come after a task that there is not, or where two come after each other."""
        before = {name: {str(each).partition("/")[0] for each in s.after} for name, s in self._scenarios.items()}
        for name, scenario in self._scenarios.items():
            for each in scenario.after:
                story, _, task = str(each).partition("/")
                if story not in self._scenarios or self[story].task(task) is None:
                    raise BadPack(f"{name}/scenario.toml: `after` names “{each}”, and there is no such task.",
                                  hint="Write it as story/task, by the names of their folders.")
        try:
            tuple(TopologicalSorter(before).static_order())
        except CycleError as error:
            raise BadPack(f"`after` goes round in a circle: {' → '.join(error.args[1])}.") from None

    def _add(self, scenario: Scenario, sealed: Mapping[str, Sealed]) -> None:
        if scenario.name in self._scenarios:
            raise BadPack(f"Two scenarios are named “{scenario.name}”.")
        self._scenarios[scenario.name] = scenario
        for task in scenario.tasks:
            self._sealed[scenario.name, task.name] = sealed[task.name]
            self.params(scenario.name, task.name)

    def __getitem__(self, name: str) -> Scenario:
        return self._scenarios[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scenarios)

    def __len__(self) -> int:
        return len(self._scenarios)

    def story(self, name: str) -> Scenario:
        """The scenario of that name, or NotFound."""
        if name not in self._scenarios:
            raise NotFound(f"There is no story “{name}”.", hint="The seats list what there is.")
        return self._scenarios[name]

    def brief(self, story: str, task: str) -> TaskBrief:
        """The task's brief, or NotFound."""
        found = self.story(story).task(task)
        if found is None:
            raise NotFound(f"The story “{story}” has no task “{task}”.")
        return found

    def activity(self, story: str, task: str) -> Activity:
        """The activity by which this task is done."""
        return find(self._seats, self.brief(story, task).activity)

    def params(self, story: str, task: str) -> Any:
        """[params] and [key] as the activity's own Params; BadPack where they do not fit."""
        if (story, task) not in self._params:
            kind = self.activity(story, task).Params
            self._params[story, task] = typed(kind, self._sealed[story, task].params, f"{story}/{task}/task.toml")
        return self._params[story, task]

    def params_of(self, story: str, task: str, text: str) -> Any:
        """The params that a text of `judged_by` holds. BadPack where what they were judged by is not here any more:
        another version of the activity, of the fixtures it named, or of the code set."""
        now, then = json.loads(self.judged_by(story, task, json.loads(text)["codes"])[1]), json.loads(text)
        for part, words in (("activity", "activity"), ("version", "version of the activity"),
                            ("fixtures", "text of its case")):
            if now[part] != then[part]:
                raise BadPack(f"{story}/{task}: the {words} is not that of the day any more.",
                              hint="Judge it with the release of Two Seats that it was judged with.")
        return typed(self.activity(story, task).Params, then["params"], f"{story}/{task} as it was")

    def hint(self, story: str, task: str, number: int) -> Hint:
        """The task's hint by number, from 1; NotFound past the last."""
        hints = self.hints(story, task)
        if not 1 <= number <= len(hints):
            raise NotFound("There is no further hint.")
        return hints[number - 1]

    def hints(self, story: str, task: str) -> tuple[Hint, ...]:
        """All of the task's hints, in the order in which they are opened."""
        return self._sealed[story, task].hints if self.brief(story, task) else ()

    def proofs(self, story: str, task: str) -> tuple[Mapping[str, Any], ...]:
        """The tables of proofs/*.toml."""
        return self._sealed[story, task].proofs if self.brief(story, task) else ()

    def judged_by(self, story: str, task: str, release: str) -> tuple[str, str]:
        """(digest, text) of everything that decides judging: the task's text, the fixtures it names, the version of
        its activity and the release of the code set."""
        activity, sealed = self.activity(story, task), self._sealed[story, task]
        material = getattr(activity, "material", None)
        text = json.dumps({
            "activity": self.brief(story, task).activity, "version": activity.version, "codes": release,
            "params": sealed.params, "fixtures": material(self.params(story, task)) if material else "",
            "hints": [(each.kind, *each.about) for each in sealed.hints],
        }, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest(), text

    def task(self, story: str, name: str, shown: Mapping[str, Any], seed: int) -> Task[Any]:
        """The Task that `show` and `deliver` get: the brief, and what was planted to be shown."""
        brief, activity = self.brief(story, name), self.activity(story, name)
        return Task(
            scenario=story, name=name, seat=brief.seat, activity=brief.activity, title=brief.title,
            minutes=brief.minutes, done_when=brief.done_when, ask=brief.ask,
            shown=typed(activity.Shown, shown, f"{story}/{name}"), seed=seed,
            counted=self[story].counted, hints=brief.hints)


def typed(kind: type, value: Mapping[str, Any], where: str) -> Any:
    """A mapping as one of an activity's dataclasses, checked field by field; BadPack names the field."""
    try:
        return as_json(kind).validate_python(dict(value))
    except ValidationError as error:
        first = error.errors()[0]
        raise BadPack(f"{where}: {'.'.join(str(p) for p in first['loc'])}: {first['msg']}.") from None


def seed_for(*parts: object) -> int:
    """A seed that follows from names alone (person, story, assignment): 31 bits, the same on every machine."""
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()[:4], "big") >> 1
