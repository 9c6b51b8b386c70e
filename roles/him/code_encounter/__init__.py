"""Code an encounter: its diagnoses in order, its procedures, its outcome, each resting on the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fixtures.notes import BadCase, source, variant
from sandbox.activity import BadPack, Chart, Form, Labs, NotFound, Planting, Proof, Report, Resource, Task

from . import account, building, delivery, desk, facts, judging, key, planting, proving, reading, work


class CodeEncounter:
    """The activity; see `sandbox.activity.Activity`."""

    title = "Code an encounter"
    version = "2"
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
        stay = planting.plant_case(chosen, mark)
        if params.account:
            stay = account.opened(chosen, mark, stay)
            posted = tuple(one["id"] for one in stay if one["resourceType"] == "ChargeItem")
            shown = replace(shown, account=f"ac-{mark}", charges=posted)
        return Planting(stay, shown, answer)

    def show(self, task: Task[desk.Shown], chart: Chart) -> desk.View:
        """The record of the encounter and what the desk needs around it."""
        return desk.show(task, chart)

    def step(self, name: str, form: Form, task: Task[desk.Shown], chart: Chart) -> dict[str, Any]:
        """`check`: what the tabular list says of the codes, unjudged. `code`: one code's title and exemption.
        `places`: a procedure code, place by place."""
        if name == "check":
            return desk.check(work.read_work(form), task.shown.setting, chart)
        if name == "code":
            return desk.code_facts(form, chart)
        if name == "places":
            return building.places(form, chart)
        raise NotFound(f"There is no step “{name}”.")

    def parse(self, form: Form) -> work.Work:
        """The form as Work; BadWork names the field and the entry that cannot be read."""
        return work.read_work(form)

    def evidence(self, work: work.Work, chart: Chart) -> facts.Evidence:
        """Facts of the codes and texts of the cited notes; BadWork on a code or citation that cannot stand."""
        return facts.freeze(work, chart)

    def deliver(self, work: work.Work, task: Task[desk.Shown], chart: Chart) -> list[Resource]:
        """Conditions, Procedures, queries, the Encounter's diagnoses and disposition, a Claim, an account."""
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
        """How much: "7 codes", "9 codes, 1 procedure, 1 query"."""
        counts = ((len(work.codes), "code", "codes"), (len(work.procedures), "procedure", "procedures"),
                  (len(work.queries), "query", "queries"))
        return ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n or one == "code")

    def material(self, params: planting.Params) -> str:
        """The text of the case and of the severity list: what decides judging, kept with an attempt by digest."""
        return source(params.case)


activity = CodeEncounter()
