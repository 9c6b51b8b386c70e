"""The activity itself: each verb of the door, in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from roles.hi.build_report import checking, definition, judging, menus, proving, work
from roles.hi.build_report import evidence as frozen_evidence
from roles.hi.build_report.delivering import document
from roles.hi.build_report.hospitals import EDITION, hidden, planted
from roles.hi.build_report.running import frozen
from roles.hi.build_report.view import View, view
from sandbox.activity import Chart, Form, Labs, NotFound, Planting, Proof, Report, Resource, Task


class BuildReport:
    """Build a report on the hospital's tables, by SQL or, in the starter, by menus."""

    title = "Build a report"
    version = f"1.{EDITION}"
    Params = definition.Params
    Shown = definition.Shown
    Key = definition.Key
    Work = work.Work
    Evidence = frozen_evidence.Evidence

    def plant(self, params: definition.Params, seed: int, base: Chart) -> Planting[definition.Shown, definition.Key]:
        """The patterns of this task's family, on days that the seed chooses; the key finds them again by their ids."""
        hospital = planted(params.patterns, seed)
        shown = definition.Shown(
            base.today,
            params.asked_by,
            params.audience,
            params.report,
            params.lines,
            params.headline,
            params.chart,
            params.limits,
            params.menus,
        )
        return Planting(hospital.build(), shown, definition.Key(params, base.today, hospital.seen))

    def show(self, task: Task[definition.Shown], chart: Chart) -> View:
        """The request's parts as the page lays them out; for the starter, what her own codes did."""
        return view(task, _codes(chart) if task.shown.menus else ())

    def parse(self, form: Form) -> work.Work:
        """The form as Work, or BadWork."""
        done = work.read(form)
        menus.known(dict(done.menus))
        return done

    def evidence(self, done: work.Work, chart: Chart) -> frozen_evidence.Evidence:
        """Her report as it stands now; for the starter, the sentence's result and her own codes."""
        if done.menus or done.answer:
            return frozen_evidence.Evidence(frozen(chart.lab, menus.sql(done.menus)), coded=_codes(chart))
        return frozen_evidence.Evidence(frozen(chart.lab, done.sql_report))

    def deliver(self, done: work.Work, task: Task[definition.Shown], chart: Chart) -> list[Resource]:
        """The report as a DocumentReference; nothing for a starter's sentence or a blank page."""
        if task.shown.menus or not (done.sql_report or done.sql_lines):
            return []
        return [document(done, task.title, task.name)]

    def grade(self, done: work.Work, key: definition.Key, evidence: frozen_evidence.Evidence, labs: Labs) -> Report:
        """Judged by running again on hidden hospitals, or, in the starter, by the sentence."""
        return menus.judge(done, key, evidence) if key.params.menus else judging.judge(done, key, evidence, labs)

    def step(self, name: str, form: Form, task: Task[definition.Shown], chart: Chart) -> dict[str, Any]:
        """`check`: the format, never right or wrong. `run-menu`: the sentence's SQL and its result."""
        shown = task.shown
        if name == "check" and shown.menus is None:
            done = self.parse(form)
            tables = frozen(chart.lab, done.sql_report), frozen(chart.lab, done.sql_lines)
            return {"messages": checking.check(done, shown, *tables), "ok": not any(t.problem for t in tables)}
        if name == "check" and shown.menus:
            said = menus.chosen(shown.menus, form)
            missing = [part for part, value in said.items() if not value] + (
                [] if form.get("answer") else ["your answer"]
            )
            text = (
                f"Still open: {', '.join(missing)}."
                if missing
                else "The sentence is whole and the question is answered."
            )
            return {"messages": [{"severity": "warning" if missing else "ok", "text": text}], "ok": not missing}
        if name == "run-menu" and shown.menus:
            return _sentence(menus.chosen(shown.menus, form), chart)
        raise NotFound(f"This desk has no step “{name}”.")

    def hospitals(self, params: definition.Params) -> list[tuple[str, Callable[[], list[Resource]]]]:
        """The hidden hospitals that judging this task opens, by name, so that a house can build them beforehand."""
        return [] if params.menus else [(h.name, h.build) for h in hidden(params.patterns)]

    def blank(self) -> Form:
        """Nobody wrote anything."""
        return {}

    def proofs(
        self, params: definition.Params, planting: Planting[definition.Shown, definition.Key], table: Mapping[str, Any]
    ) -> list[Proof]:
        """One proof a file, or one for each known mistake; see `proving`."""
        return proving.proofs(params, planting.key, table)

    def completed(self, form: Form, params: definition.Params, chart: Chart) -> Form:
        """A proof's form with the figures that only the record knows."""
        return proving.figures(form, params, chart)

    def summary(self, done: work.Work) -> str:
        """One line for lists."""
        if done.menus or done.answer:
            return "1 sentence" + (", 1 answer" if done.answer else "")
        queries = sum(map(bool, (done.sql_report, done.sql_lines)))
        return f"{queries} {'query' if queries == 1 else 'queries'}, {len(done.limits)} limits"


def _sentence(said: dict[str, str], chart: Chart) -> dict[str, Any]:
    """What the sentence comes to now; `yours` says how much of each bar are visits that she coded."""
    across, up = menus.labels(said)
    query, yours = menus.sql(said), {}
    table = frozen(chart.lab, query)
    visits = [visit for _, visit in _coded(chart) if visit] if query and said["measure"] == "count" else []
    if visits:
        yours = {str(row[0]): row[1] for row in frozen(chart.lab, menus.sql(said, visits)).rows}
    problem = table.problem if query else ""
    return {
        "sql": query,
        "columns": table.columns,
        "rows": table.rows,
        "problem": problem,
        "across": across,
        "up": up,
        "yours": yours,
    }


def _coded(chart: Chart) -> tuple[tuple[str, str], ...]:
    """The diagnosis codes that she put into this record herself, each with its visit, as the lab has them now."""
    made = sorted({e.id for e in chart.trail() if e.action == "C" and e.kind == "Condition" and e.id})
    if not made:
        return ()
    ids = ", ".join("'" + i.replace("'", "''") + "'" for i in made)
    query = f"SELECT code, encounter_id FROM condition WHERE condition_id IN ({ids}) AND code IS NOT NULL ORDER BY ALL"  # noqa: S608
    return tuple((str(code), str(visit or "")) for code, visit in chart.lab.run(query).rows)


def _codes(chart: Chart) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code, _ in _coded(chart)))
