"""Audit accesses: who looked at whom, what links them, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.activity import Chart, Form, Labs, Planting, Proof, Report, Resource, Task

from . import delivery, desk, facts, judging, key, planting, proving, work


class AuditAccess:
    """The activity; see `sandbox.activity.Activity`."""

    title = "Audit accesses"
    version = "1"
    Params = planting.Params
    Shown = desk.Shown
    Key = key.Key
    Work = work.Work
    Evidence = facts.Evidence

    def plant(self, params: planting.Params, seed: int, base: Chart) -> Planting[desk.Shown, key.Key]:
        """The stories with their twins, on the log of the house; the leads in an order that tells nothing."""
        drawn = planting.draw(params, seed, base)
        return Planting(drawn.resources, desk.Shown(drawn.leads), drawn.key)

    def show(self, task: Task[desk.Shown], chart: Chart) -> desk.View:
        """The leads and what the log can be asked."""
        return desk.show(task, chart)

    def step(self, name: str, form: Form, task: Task[desk.Shown], chart: Chart) -> dict[str, Any]:
        """`check`: what is open. `events`, `lead`, `heat`, `links`: parts of the log."""
        return desk.step(name, form, task, chart, work.read_work(form))

    def parse(self, form: Form) -> work.Work:
        """The form's `cases` and `reasons` as Work; BadWork names the entry that cannot be read."""
        return work.read_work(form)

    def evidence(self, work: work.Work, chart: Chart) -> facts.Evidence:
        """The charts that she opened herself."""
        return facts.freeze(work, chart)

    def deliver(self, work: work.Work, task: Task[desk.Shown], chart: Chart) -> list[Resource]:
        """Each closed case, as a piece of work."""
        return delivery.deliver(work, task, chart)

    def grade(self, work: work.Work, key: key.Key, evidence: facts.Evidence, labs: Labs | None = None) -> Report:
        """The report; no lab is needed."""
        return judging.grade(work, key, evidence)

    def blank(self) -> Form:
        """Nothing said of any lead."""
        return {"cases": "{}", "reasons": "{}"}

    def proofs(self, params: planting.Params, planting: Planting[desk.Shown, key.Key],
               table: Mapping[str, Any]) -> list[Proof]:
        """One proof as a form, for this seed."""
        return proving.proofs(planting.key, table)

    def summary(self, work: work.Work) -> str:
        """How much was said: "8 cases"."""
        said = sum(bool(one.verdict) for one in work.cases)
        return f"{said} case{'' if said == 1 else 's'}"


activity = AuditAccess()
