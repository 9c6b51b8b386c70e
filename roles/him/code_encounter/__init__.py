"""Code an encounter: its diagnoses in ICD-10-CM, in order, each resting on words of the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fixtures.notes import BadCase, source, variant
from sandbox.activity import BadPack, Chart, Form, Labs, NotFound, Planting, Proof, Report, Resource, Task

from . import delivery, desk, facts, judging, key, planting, proving, reading, work


class CodeEncounter:
    """The activity; see `sandbox.activity.Activity`."""

    title = "Code an encounter"
    version = "1"
    Params = planting.Params
    Shown = desk.Shown
    Key = key.Key
    Work = work.Work
    Evidence = facts.Evidence

    def plant(self, params: planting.Params, seed: int, base: Chart) -> Planting[desk.Shown, key.Key]:
        """One variant of the case as a patient of her own, and its key."""
        try:
            chosen = variant(params.case, seed)
        except BadCase as problem:
            raise BadPack(str(problem)) from problem
        mark = planting.tag(chosen, seed)
        made = planting.papers(chosen, mark)
        unknown = [code for code in params.offered if base.codes.get(code) is None]
        if unknown:
            raise BadPack(f"offered: {', '.join(unknown)} is not in {base.codes.release}.")
        answer = reading.make_key(chosen, made, base.codes, planting.rows(chosen, mark), params.policy)
        shown = desk.begin(chosen, made, base.codes, params, mark, answer.policies)
        return Planting(planting.plant_case(chosen, mark), shown, answer)

    def show(self, task: Task[desk.Shown], chart: Chart) -> desk.View:
        """The record of the encounter and what the desk needs around it."""
        return desk.show(task, chart)

    def step(self, name: str, form: Form, task: Task[desk.Shown], chart: Chart) -> dict[str, Any]:
        """`check`: what the tabular list says of the codes, unjudged. `code`: one code's title and exemption."""
        if name == "check":
            return desk.check(work.read_work(form), task.shown.setting, chart)
        if name == "code":
            return desk.code_facts(form, chart)
        raise NotFound(f"There is no step “{name}”.")

    def parse(self, form: Form) -> work.Work:
        """The form's `codes` as Work; BadWork names the entry that cannot be read."""
        return work.read_work(form)

    def evidence(self, work: work.Work, chart: Chart) -> facts.Evidence:
        """Facts of the codes and texts of the cited notes; BadWork on a code or citation that cannot stand."""
        return facts.freeze(work, chart)

    def deliver(self, work: work.Work, task: Task[desk.Shown], chart: Chart) -> list[Resource]:
        """Conditions, the Encounter's diagnoses, a Claim."""
        return delivery.deliver(work, task, chart)

    def grade(self, work: work.Work, key: key.Key, evidence: facts.Evidence, labs: Labs | None = None) -> Report:
        """The report; no lab is needed."""
        return judging.grade(work, key, evidence)

    def blank(self) -> Form:
        """Nothing coded."""
        return {"codes": "[]"}

    def proofs(self, params: planting.Params, planting: Planting[desk.Shown, key.Key],
               table: Mapping[str, Any]) -> list[Proof]:
        """One proof as a form, for this variant; none where its `when` does not fit."""
        return proving.proofs(planting.key, table)

    def summary(self, work: work.Work) -> str:
        """How many codes: "7 codes"."""
        return f"{len(work.codes)} code{'' if len(work.codes) == 1 else 's'}"

    def material(self, params: planting.Params) -> str:
        """The text of the case and of the severity list: what decides judging, kept with an attempt by digest."""
        return source(params.case)


activity = CodeEncounter()
