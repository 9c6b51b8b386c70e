"""The activity itself: each verb of the door, in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from roles.hi.change_schema import definition, extending, judging, proving, recording, standing, work
from roles.hi.change_schema.delivering import document, honoured
from roles.hi.change_schema.people import EDITION, hidden, planted
from sandbox.activity import (
    Applied,
    Chart,
    Form,
    Labs,
    NotFound,
    Planting,
    Proof,
    Report,
    Resource,
    SqlProblem,
    Step,
    Task,
)


class ChangeSchema:
    """Change a schema on a copy of the hospital's tables: the way there, and the way back."""

    title = "Change a schema"
    version = f"1.{EDITION}"
    Params = definition.Params
    Shown = definition.Shown
    Key = definition.Key
    Work = work.Work
    Evidence = definition.Evidence

    def plant(self, params: definition.Params, seed: int, base: Chart) -> Planting[definition.Shown, definition.Key]:
        """Some of the request's patterns, by the seed; the request's own tables name them."""
        hospital = planted(definition.whole(params), seed)
        shown = definition.Shown(base.today, params.asked_by, params.tables, (params.setup, *hospital.setup),
                                 params.contract, params.readers, params.writers, search=params.search,
                                 structure=params.structure)
        sets = [dict(params.structure.value_set)] if params.structure else []
        return Planting([*hospital.build(), *sets], shown, definition.Key(params, base.today))

    def show(self, task: Task[definition.Shown], chart: Chart) -> definition.Shown:
        """The request's parts as the page lays them out; her copy is asked for by the page itself."""
        return task.shown

    def parse(self, form: Form) -> work.Work:
        """The form as Work, or BadWork."""
        return work.read(form)

    def evidence(self, done: work.Work, chart: Chart) -> definition.Evidence:
        """Nothing of the record decides."""
        return definition.Evidence()

    def deliver(self, done: work.Work, task: Task[definition.Shown], chart: Chart) -> list[Resource]:
        """The change as a DocumentReference, and her definition for the record; nothing for a blank page."""
        written = done.forward or done.rollback or done.definition
        return [document(done, task.title, task.name), *honoured(done, task, chart)] if written else []

    def grade(self, done: work.Work, key: definition.Key, evidence: definition.Evidence, labs: Labs) -> Report:
        """Judged by running both scripts on hospitals that nobody has seen."""
        return judging.judge(done, key, labs)

    def step(self, name: str, form: Form, task: Task[definition.Shown], chart: Chart) -> dict[str, Any]:
        """`state`, `forward`, `rollback`, `look` ({sql}), `reset` on her copy; `check`: yesterday's programs on it;
        `definition`: her definition tried, her record staying as it is."""
        if name == work.DEFINITION and (task.shown.search or task.shown.structure):
            return {"messages": _tried(work.definition(form), task.shown, chart)}
        copy = standing.copy_of(chart, task.name, task.shown)
        if name in work.NAMES:
            try:
                said = standing.ran(copy.apply(work.script(form, name)))
            except SqlProblem as problem:
                said = standing.stopped(problem)
            return {**said, **standing.state(copy, task.shown)}
        if name == "look":
            try:
                return standing.grid(copy.run(form.get("query", ""), rows=500))
            except SqlProblem as problem:
                return {"problem": {"message": problem.message, "hint": problem.hint, "line": problem.line,
                                    "column": problem.column}}
        if name == "reset":
            copy.reset()
        if name in ("reset", "state"):
            return standing.state(copy, task.shown)
        if name == "check":
            return {"messages": list(_yesterday(copy, work.read(form), task.shown)), "ok": True}
        raise NotFound(f"This desk has no step “{name}”.")

    def hospitals(self, params: definition.Params) -> list[tuple[str, Callable[[], list[Resource]]]]:
        """The hidden hospitals that judging this task opens, by name, so that a house can build them beforehand."""
        return [(each.name, each.build) for each in hidden(params)]

    def blank(self) -> Form:
        """Nobody wrote anything."""
        return {}

    def proofs(self, params: definition.Params, planting: Planting[definition.Shown, definition.Key],
               table: Mapping[str, Any]) -> list[Proof]:
        """One proof a file, or one for each known mistake; see `proving`."""
        return proving.proofs(params, table)

    def summary(self, done: work.Work) -> str:
        """One line for lists."""
        lines = [len([line for line in text.splitlines() if line.strip()]) for text in (done.forward, done.rollback)]
        return f"{lines[0]} lines forward, {lines[1]} back"


def _tried(text: str, shown: definition.Shown, chart: Chart) -> list[dict[str, str]]:
    if shown.structure:
        return extending.trial(text, shown.structure, chart.today)
    asks = shown.search.asks if shown.search else ()
    return recording.trial(text, chart.search("Patient"), asks, chart.today)


def _yesterday(copy: Any, done: work.Work, shown: definition.Shown) -> Iterator[dict[str, str]]:
    """Whether both scripts are there, and what yesterday's programs find on her copy: never right or wrong."""
    for name, text in (("forward", done.forward), ("rollback", done.rollback)):
        if not text:
            yield {"severity": "warning", "text": f"{work.NAMES[name]} is empty."}
    if (shown.search or shown.structure) and not done.definition:
        yield {"severity": "warning", "text": "The definition for the record is empty."}
    steps = [*(Step("read", each.sql) for each in shown.readers), *(Step("probe", each.sql) for each in shown.writers)]
    for script, found in zip((*shown.readers, *shown.writers), copy.play(steps), strict=True):
        trouble = found if isinstance(found, SqlProblem) else found.trouble if isinstance(found, Applied) else None
        if trouble:
            yield {"severity": "error", "text": f"{script.title}, on your copy as it is now: {trouble.message}"}
        else:
            rows = f" ({len(found.rows)} rows)" if not isinstance(found, Applied) else ", tried and taken back"
            yield {"severity": "ok", "text": f"{script.title}: it goes through on your copy{rows}."}
