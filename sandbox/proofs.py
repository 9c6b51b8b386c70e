"""`check`: content proves itself. Every task's exemplars, blank, shotgun and known mistakes, over many seeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from sandbox import workspace
from sandbox.activity import Activity, BadWork, Planting, Proof
from sandbox.attempts import concerns
from sandbox.errors import NotFound
from sandbox.fhir import store
from sandbox.report import Report, as_json
from sandbox.scenario import Hint, Library, competencies
from sandbox.scenario.opening import Plantings, Rooms, plant_all, resources_of, shown_of

_CLOSE = 0.051  # scores are rounded to one decimal


@dataclass(frozen=True)
class Outcome:
    """One proof at one seed: `problem` is empty where it held."""

    story: str
    task: str
    proof: str
    seed: int
    score: float
    problem: str = ""
    loose: frozenset[str] | None = None  # of an exemplar: parts of its hints' headings that fit no finding of it


def check(conn: sa.Connection, rooms: Rooms, *, seat: str = "", story: str = "",
          seeds: Iterable[int] = (0,)) -> Iterator[Outcome]:
    """Prove every task (of one seat, of one story) at these seeds, in a transaction that the caller rolls back.

    NotFound where nothing fits: a check that checks nothing must not pass.
    """
    base = store.default_hospital(conn)
    if base is None:
        raise NotFound("There is no hospital to check against.")
    for name, tasks in groupby(chosen(rooms, seat, story), lambda pair: pair[0]):
        wanted = [task for _, task in tasks]
        for seed in seeds:
            yield from _check_story(conn, rooms, name, wanted, seed, base.ws)


def _check_story(conn: sa.Connection, rooms: Rooms, story: str, tasks: Sequence[str], seed: int,
                 base: int) -> Iterator[Outcome]:
    """The story opened as for a learner, every task planted; then these tasks, one after the other."""
    try:
        sitting = _sit(conn, rooms, story, seed, base)
    except Exception as error:
        yield _failure(story, "all its tasks together", seed, error)
        return
    for task in tasks:
        try:
            yield from check_task(conn, rooms, sitting, task)
        except Exception as error:  # a task that cannot be judged is one failure among the others
            yield _failure(story, task, seed, error)


def _failure(story: str, task: str, seed: int, error: Exception) -> Outcome:
    said = f"{type(error).__name__}: {error} {getattr(error, 'hint', '')}".rstrip()
    return Outcome(story, task, "planting and judging", seed, 0.0, said)


def chosen(rooms: Rooms, seat: str = "", story: str = "") -> list[tuple[str, str]]:
    """The tasks (of one seat, of one story) by story and name; NotFound where nothing fits."""
    tasks = [(s.name, t.name) for s in rooms.scenarios.values() for t in s.tasks
             if story in ("", s.name) and seat in ("", t.seat)]
    if not tasks:
        asked = " and ".join(f"{kind} “{name}”" for kind, name in (("seat", seat), ("scenario", story)) if name)
        seats = sorted({t.seat for s in rooms.scenarios.values() for t in s.tasks})
        raise NotFound(f"No task fits {asked}.",
                       hint=f"Seats: {', '.join(seats)}. Scenarios: {', '.join(rooms.scenarios)}.")
    return tasks


@dataclass(frozen=True)
class Sitting:
    """A story opened at a seed: what its tasks planted, and the chart that a learner would have."""

    story: str
    seed: int
    info: workspace.Info
    plantings: Plantings
    chart: Any


def _sit(conn: sa.Connection, rooms: Rooms, story: str, seed: int, base: int) -> Sitting:
    plantings = plant_all(conn, rooms, story, seed, base)
    info = workspace.open(conn, owner="p-proof", base=base, seed=seed, scenario=story,
                          shown=shown_of(rooms, story, plantings), resources=resources_of(plantings))
    agent = workspace.Agent("p-proof", "Proof", "learner")
    lab = cache(lambda: rooms.labs.for_proving(conn, info.ws, info.base, info.today))  # most stories need none
    chart = workspace.Workspace(conn, info, agent, codes=rooms.codes, record=False, lab=lab)
    return Sitting(story, seed, info, plantings, chart)


def check_task(conn: sa.Connection, rooms: Rooms, sitting: Sitting, task: str) -> Iterator[Outcome]:
    """All proofs of one task at one seed, the blank included."""
    story, seed, chart = sitting.story, sitting.seed, sitting.chart
    activity, brief = rooms.scenarios.activity(story, task), rooms.scenarios.brief(story, task)
    params, planting = rooms.scenarios.params(story, task), sitting.plantings[task]
    labs = rooms.labs.for_grading(conn, sitting.info.base, planting.resources, sitting.info.today)
    proofs = [Proof("blank", activity.blank(), score=0.0)]
    for table in rooms.scenarios.proofs(story, task):
        proofs += activity.proofs(params, planting, table)
    if strange := [each for each in brief.competencies if each not in competencies()]:
        yield Outcome(story, task, "competencies", seed, 0.0, f"unknown in task.toml: {', '.join(strange)}")
    if not any(p.score == 100 for p in proofs):
        yield Outcome(story, task, "exemplar", seed, 0.0, "this task ships no exemplar that must score 100")
    fill = getattr(activity, "completed", None)  # figures that only the record knows
    for proof in proofs:
        if fill:
            proof = replace(proof, form=fill(proof.form, params, chart))
        yield _prove(activity, planting, proof, sitting, labs, rooms.scenarios, task)


def grade_form(activity: Activity, form: Mapping[str, str], planting: Planting[Any, Any], chart: Any,
               labs: Any) -> Report:
    """What a form comes to, through the same doors as a submission: parse, evidence, JSON and back, grade."""
    work = activity.parse(form)
    evidence = activity.evidence(work, chart)
    work, evidence = _stored(activity.Work, work), _stored(activity.Evidence, evidence)
    return activity.grade(work, planting.key, evidence, labs)


def _prove(activity: Activity, planting: Planting[Any, Any], proof: Proof, sitting: Sitting, labs: Any,
           library: Library, task: str) -> Outcome:
    story, seed, seat = sitting.story, sitting.seed, library.brief(sitting.story, task).seat
    try:
        report = grade_form(activity, proof.form, planting, sitting.chart, labs)
    except BadWork as error:
        problem = "" if proof.score == 0 else f"the page would refuse it: {error.message}"
        return Outcome(story, task, proof.name, seed, 0.0, problem)
    problems = [*_differences(proof, report), *unmapped(report, seat)]
    if proof.score == 100:
        problems += untied(library.hints(story, task), report)
    loose = frozenset(_loose(library.hints(story, task), report)) if proof.score == 100 else None
    return Outcome(story, task, proof.name, seed, report.score, "; ".join(problems), loose)


def _differences(proof: Proof, report: Report) -> Iterator[str]:
    if proof.score is not None and abs(report.score - proof.score) > _CLOSE:
        lost = [f"{f.criterion} {f.earned:g}/{f.possible:g}" for f in report.findings if f.earned < f.possible]
        yield f"scores {report.score:g}, not {proof.score:g} ({', '.join(lost[:6])})"
    if proof.at_most is not None and report.score > proof.at_most + _CLOSE:
        yield f"scores {report.score:g}, over {proof.at_most:g}"
    if proof.at_least is not None and report.score < proof.at_least - _CLOSE:
        yield f"scores {report.score:g}, under {proof.at_least:g}"
    named = {f.mistake for f in report.findings if f.mistake}
    if proof.mistake and proof.mistake not in named:
        yield f"does not name the mistake “{proof.mistake}” (named: {', '.join(sorted(named)) or 'none'})"
    met = {f.criterion for f in report.findings if f.met}
    known = {f.criterion for f in report.findings}
    for criterion in proof.findings:
        if criterion in met:
            yield f"meets “{criterion}”, which it must not"
        elif criterion not in known:
            yield f"has no finding “{criterion}”"


def untied(hints: Iterable[Hint], report: Report) -> Iterator[str]:
    """Hints that cost something and say of no finding of an exemplar that it is what they help with."""
    for hint in hints:
        if hint.kind != "place" and not any(concerns(hint, finding) for finding in report.findings):
            said = "; ".join(hint.about) or "nothing"
            yield (f"hints.md: “## {hint.kind.title()}” is about {said}, which is no finding's: name an axis "
                   f"({', '.join(dict.fromkeys(f.axis for f in report.findings))}), =criterion or *")


def astray(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """For each task the parts of its hints' headings that fit no finding of any exemplar, at whatever seed: a slip.

    A variant may lack what a hint helps with, so this is asked of many seeds together.
    """
    found: dict[tuple[str, str], frozenset[str]] = {}
    for one in outcomes:
        if one.loose is not None:
            found[one.story, one.task] = found.get((one.story, one.task), one.loose) & one.loose
    return [Outcome(story, task, "hints", 0, 0.0, f"hints.md: no variant has what “{part}” is about")
            for (story, task), parts in found.items() for part in sorted(parts)]


def _loose(hints: Iterable[Hint], report: Report) -> Iterator[str]:
    for hint in hints:
        for part in hint.about if hint.kind != "place" else ():
            if not any(concerns(replace(hint, about=(part,)), finding) for finding in report.findings):
                yield f"## {hint.kind.title()}: {part}"


def unmapped(report: Report, seat: str) -> Iterator[str]:
    """Findings that the comparison could not place: an unknown competency, or one that only another seat asks for."""
    known = competencies()
    named = {name for each in known.values() for name in each.seats}
    for finding in report.findings:
        row = known.get(finding.competency)
        if row is None:
            yield f"“{finding.criterion}” carries the competency “{finding.competency}”, which there is none"
        elif seat in named and seat not in row.seats:
            yield f"“{finding.criterion}” carries “{row.id}”, which the {seat} seat does not ask for"


def _stored(kind: type, value: Any) -> Any:
    adapter = as_json(kind)
    return adapter.validate_json(adapter.dump_json(value))
