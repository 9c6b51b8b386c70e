"""Review records for compliance: which chart breaks which rule, where it shows, who must act, and by when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.activity import Chart, Form, Labs, NotFound, Planting, Proof, Report, Resource, Task

from . import book, delivery, desk, facts, judging, key, layout, naming, planting, proving, work


class ReviewRecord:
    """The activity; see `sandbox.activity.Activity`."""

    title = "Review records"
    version = "1"
    Params = planting.Params
    Shown = desk.Shown
    Key = key.Key
    Work = work.Work
    Evidence = facts.Evidence

    def plant(self, params: planting.Params, seed: int, base: Chart) -> Planting[desk.Shown, key.Key]:
        """Charts of patients of their own, what may be shown of them, and what is right of each."""
        drawn = planting.draw(params, seed, base)
        names = naming.names_of(drawn.resources)
        files, keys = [], []
        for number, (truth, unreadable) in enumerate(drawn.charts, 1):
            mine = planting.own(truth, drawn.resources)
            papers = layout.lay_out(mine, names)
            files.append(desk.file_of(truth, papers, mine))
            keys.append(key.chart_key(number, truth, unreadable, papers, mine, params.policy,
                                      names[f"Patient/{truth.patient}"].partition(",")[0]))
        return Planting(drawn.resources, desk.Shown(tuple(files), params.policy), key.Key(tuple(keys), params.policy))

    def show(self, task: Task[desk.Shown], chart: Chart) -> desk.View:
        """The charts, the rule book and the policies."""
        return desk.show(task, chart)

    def step(self, name: str, form: Form, task: Task[desk.Shown], chart: Chart) -> dict[str, Any]:
        """`check`: what is still open, unjudged."""
        if name == "check":
            return desk.check(work.read_work(form), task.shown)
        raise NotFound(f"There is no step “{name}”.")

    def parse(self, form: Form) -> work.Work:
        """The form's `verdicts` and `findings` as Work; BadWork names the entry that cannot be read."""
        return work.read_work(form)

    def evidence(self, work: work.Work, chart: Chart) -> facts.Evidence:
        """The papers pointed to; BadWork on one that is not in its chart."""
        return facts.freeze(work, chart)

    def deliver(self, work: work.Work, task: Task[desk.Shown], chart: Chart) -> list[Resource]:
        """Each deficiency filed, as a Task with its owner and due date."""
        return delivery.deliver(work, task, chart)

    def grade(self, work: work.Work, key: key.Key, evidence: facts.Evidence, labs: Labs | None = None) -> Report:
        """The report; no lab is needed."""
        return judging.grade(work, key, evidence)

    def blank(self) -> Form:
        """Nothing said of any chart."""
        return {"verdicts": "{}", "findings": "[]"}

    def proofs(self, params: planting.Params, planting: Planting[desk.Shown, key.Key],
               table: Mapping[str, Any]) -> list[Proof]:
        """One proof as a form, for this draw; none where its `when` does not fit."""
        return proving.proofs(planting.key, planting.shown, table)

    def summary(self, work: work.Work) -> str:
        """How much was said: "8 verdicts, 3 deficiencies"."""
        said = len(work.charts)
        filed = len(work.findings)
        return (f"{said} verdict{'' if said == 1 else 's'}, "
                f"{filed} deficienc{'y' if filed == 1 else 'ies'}")

    def material(self, params: planting.Params) -> str:
        """The texts of the rule book: what decides judging, kept with an attempt by digest."""
        return book.source()


activity = ReviewRecord()
