"""What a task asks and what is right, as its task.toml says it: `[params]` a learner may read, `[key]` nobody may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from roles.hi.build_report.timeline import Seen
from sandbox.activity import BadPack, Field, TableShape

Mark = Literal["bar", "line", "point", "arc", "area"]
MARKS: tuple[Mark, ...] = ("bar", "line", "point", "area", "arc")


@dataclass(frozen=True)
class Result:
    """One of the two results: its title for the page, and the columns it must have."""

    title: str
    fields: tuple[Field, ...]
    optional: tuple[str, ...] = ()  # columns that may be NULL: an empty text is read as none
    worded: tuple[str, ...] = ()  # columns asked in words: their code ("general-surgery") is read as the words

    @property
    def shape(self) -> TableShape:
        """The columns as the comparison wants them."""
        return TableShape(self.fields)


@dataclass(frozen=True)
class Unit:
    """What one row of the list is: the word for one and for many, and the resource whose key stands first in it."""

    one: str = "stay"
    many: str = "stays"
    resource: Literal["Encounter", "Patient"] = "Encounter"


@dataclass(frozen=True)
class Part:
    """One side of the headline's division: what it is called, and which column of `report` adds up to it."""

    label: str
    field: str


@dataclass(frozen=True)
class Headline:
    """figure = scale × numerator ÷ denominator, to so many digits."""

    figure: str
    numerator: Part
    denominator: Part
    scale: int = 1
    digits: int = 1


@dataclass(frozen=True)
class ChartOffer:
    """What the chart's menus offer."""

    x: tuple[str, ...]
    y: tuple[str, ...]
    units: tuple[str, ...]


@dataclass(frozen=True)
class ChartKey:
    """What the chart must be; `why` is written to the learner."""

    marks: tuple[Mark, ...]
    x: str
    y: tuple[str, ...]
    unit: str
    why: str


@dataclass(frozen=True)
class Step:
    """One named step of the exemplar: `report` and `lines` select, the others are WITH clauses before them."""

    name: str
    sql: str


@dataclass(frozen=True)
class Clause:
    """One clause of the request, the patterns that test it, and the sentence that explains it. `about` names the
    columns of the list that it decides ("once": how often a row stands), lost when they are wrong throughout."""

    name: str
    title: str
    patterns: tuple[str, ...]
    why: str
    about: tuple[str, ...] = ()
    rule: str = ""  # where it comes from, when that is not the request alone
    weight: int = 1  # of the forty points, beside the other clauses


@dataclass(frozen=True)
class Mistake:
    """A known mistake: the exemplar, edited; `title` and `why` are the debrief's. An edit names a step, what is there
    (`from`, exactly once; without it the whole step is replaced) and what comes instead (`to`)."""

    name: str
    title: str
    why: str
    edits: tuple[Mapping[str, str], ...]
    clauses: tuple[str, ...] = ()  # where it spoils rows of other patterns too: the clauses that it is about


@dataclass(frozen=True)
class Choice:
    """One offer of a menu."""

    value: str
    label: str


@dataclass(frozen=True)
class Menus:
    """The starter's sentence, "[measure] of [visits] [reason] by [by]": what is given, what is open, and the
    question that the result answers. An open part has no entry in `given`."""

    level: Literal["shown", "complete", "alone"]
    given: Mapping[str, str]
    question: str
    answers: tuple[Choice, ...]


@dataclass(frozen=True)
class MenusKey:
    """The right choice for each open part, with why; `answer` "" means that her own record decides."""

    right: Mapping[str, str]
    why: Mapping[str, str]
    answer: str
    answer_why: str


@dataclass(frozen=True)
class Params:
    """A whole task.toml: a report by SQL (`report` and what follows), or by menus (`menus`, `menus_key`)."""

    patterns: Literal[
        "returns", "lengths", "visits", "groups", "emergency", "unbilled", "records", "sugars", "pressures"
    ]
    asked_by: str = ""
    audience: str = ""
    unit: Unit = field(default_factory=Unit)
    report: Result | None = None
    lines: Result | None = None
    headline: Headline | None = None
    chart: ChartOffer | None = None
    limits: Mapping[str, str] = field(default_factory=dict)
    menus: Menus | None = None
    right_limits: tuple[str, ...] = ()
    chart_key: ChartKey | None = None
    rollup: Mapping[str, str] = field(default_factory=dict)  # column of the report → how the list gives it
    steps: tuple[Step, ...] = ()
    clauses: tuple[Clause, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    menus_key: MenusKey | None = None


@dataclass(frozen=True)
class Shown:
    """What the page may know: the params without the key."""

    today: date
    asked_by: str
    audience: str
    report: Result | None
    lines: Result | None
    headline: Headline | None
    chart: ChartOffer | None
    limits: Mapping[str, str]
    menus: Menus | None
    #: ids of planted encounters whose names are shown nowhere; only how many there are
    planted: int = 0


@dataclass(frozen=True)
class Asked:
    """The four parts of a report by SQL that must all be there."""

    report: Result
    lines: Result
    headline: Headline
    chart: ChartKey


@dataclass(frozen=True)
class Key:
    """What judging needs: the params, the day, and which encounters of the shown hospital test which pattern."""

    params: Params
    today: date
    seen: tuple[Seen, ...]

    @property
    def asked(self) -> Asked:
        """The report's parts; BadPack where the task.toml lacks one."""
        p = self.params
        if not (p.report and p.lines and p.headline and p.chart_key):
            raise BadPack("A report by SQL needs report, lines, headline and chart_key.")
        return Asked(p.report, p.lines, p.headline, p.chart_key)

    def sql(self, mistake: Mistake | None = None) -> tuple[str, str]:
        """(report, lines) of the exemplar, or of the exemplar with that mistake."""
        steps = edited(self.params.steps, mistake.edits if mistake else ())
        return _composed(steps, "report"), _composed(steps, "lines")


def edited(steps: Sequence[Step], edits: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The steps' SQL by name with the edits made; BadPack where one does not fit exactly once."""
    sql = {s.name: s.sql for s in steps}
    for edit in edits:
        name, old, new = edit["step"], edit.get("from", ""), edit["to"]
        if name not in sql or (old and sql[name].count(old) != 1):
            raise BadPack(f"An edit of step “{name}” does not fit: {old!r} must stand there once.")
        sql[name] = sql[name].replace(old, new) if old else new
    return sql


def _composed(steps: Mapping[str, str], last: str) -> str:
    before = [f"{name} AS (\n  {sql}\n)" for name, sql in steps.items() if name not in ("report", "lines")]
    return (f"WITH {', '.join(before)}\n" if before else "") + steps[last]
