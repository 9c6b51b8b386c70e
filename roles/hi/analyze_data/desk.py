"""The activity itself: each verb of the door, in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from roles.hi.analyze_data import (
    answering,
    calls,
    checking,
    defects,
    definition,
    hunting,
    ledger,
    missed,
    mortality,
    proving,
    publishing,
    sugar,
    waits,
    work,
)
from roles.hi.analyze_data import evidence as frozen_evidence
from roles.hi.analyze_data.delivering import document
from roles.hi.analyze_data.missed import Table
from roles.hi.analyze_data.truth import Truth
from roles.hi.analyze_data.view import View, view
from sandbox.activity import BadPack, Chart, Form, Labs, NotFound, Planting, Proof, Report, Resource, Task

#: What a seed plants for each question, and what is true of it.
QUESTIONS: Mapping[str, Callable[[int], tuple[tuple[Resource, ...], Truth]]] = {
    "calls": calls.plant,
    "equity": missed.plant,
    "falls": ledger.plant,
    "mortality": mortality.plant,
    "sugar": sugar.plant,
    "waits": waits.plant,
}


class AnalyzeData:
    """Answer a question from the hospital's tables with figure, interval, method and limits; or hunt for defects."""

    title = "Analyze data"
    version = "1." + ".".join(module.EDITION for module in (
        ledger, defects, waits, sugar, calls, mortality, missed))
    Params = definition.Params
    Shown = definition.Shown
    Key = definition.Key
    Work = work.Work
    Evidence = frozen_evidence.Evidence

    def plant(self, params: definition.Params, seed: int, base: Chart) -> Planting[definition.Shown, definition.Key]:
        """The ledger, or the clinic with its defects, as the seed draws it."""
        months: tuple[str, ...] = ()
        if params.question in QUESTIONS:
            resources, truth = QUESTIONS[params.question](seed)
            key, months = definition.Key(params, truth), truth.months
        elif params.question != "defects":
            raise BadPack(f"There is no question “{params.question}”.", hint=f"Questions: {', '.join(QUESTIONS)}.")
        else:
            resources, faults, innocents = defects.plant(base, seed, params.defects)
            key = definition.Key(params, None, faults, innocents, tuple(sorted(str(r["id"]) for r in resources)))
        shown = definition.Shown(base.today, params.asked_by, params.audience, params.tables, params.cells,
                                 params.answer, params.hunt, months, params.grid)
        return Planting(resources, shown, key)

    def show(self, task: Task[definition.Shown], chart: Chart) -> View:
        """The answer panel's offers and the notebook's first cells."""
        return view(task)

    def parse(self, form: Form) -> work.Work:
        """The form as Work, or BadWork."""
        return work.read(form)

    def evidence(self, done: work.Work, chart: Chart) -> frozen_evidence.Evidence:
        """Nothing: the ledger and the clinic are judged as they were planted."""
        return frozen_evidence.Evidence()

    def deliver(self, done: work.Work, task: Task[definition.Shown], chart: Chart) -> list[Resource]:
        """The analysis as a DocumentReference; nothing for a blank page."""
        return [] if done == work.Work() else [document(done, task.title, task.name)]

    def grade(self, done: work.Work, key: definition.Key, evidence: frozen_evidence.Evidence, labs: Labs) -> Report:
        """Judged against what was planted: a question by its answer, a hunt by its list."""
        if not key.truth:
            return hunting.judge(done, key)
        return publishing.judge(done, key, key.truth) if isinstance(key.truth, Table) else answering.judge(done, key)

    def step(self, name: str, form: Form, task: Task[definition.Shown], chart: Chart) -> dict[str, Any]:
        """`check`: what is blank and what cannot be, never right or wrong."""
        if name != "check":
            raise NotFound(f"This desk has no step “{name}”.")
        messages = checking.check(self.parse(form), task.shown, chart.lab)
        return {"messages": messages, "ok": all(m["severity"] == "ok" for m in messages)}

    def blank(self) -> Form:
        """Nobody wrote anything."""
        return {}

    def proofs(self, params: definition.Params, planting: Planting[definition.Shown, definition.Key],
               table: Mapping[str, Any]) -> list[Proof]:
        """One proof a file, or one for each known mistake; see `proving`."""
        return proving.proofs(planting.key, table)

    def summary(self, done: work.Work) -> str:
        """One line for lists."""
        cells = sum(bool(cell.sql) for cell in done.cells)
        said = f"{len(done.finds)} found" if done.finds else "an answer" if done.verdict else "no answer yet"
        return f"{cells} {'query' if cells == 1 else 'queries'}, {said}"
