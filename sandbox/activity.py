"""THE DOOR: all of the house that a seat may import.

An activity is a class with the methods of `Activity`; a folder `roles/<seat>/<name>/` whose `__init__.py` names it in
`activity` (an instance), with `page.html`, and `page.js` and `page.css` where it needs them. Its Params, Shown, Work,
Key and Evidence are its own frozen dataclasses, named as class attributes: the house reads and writes them as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from sandbox.audit import Entry
from sandbox.errors import BadInput, BadPack, BadWork, NotFound, SqlProblem
from sandbox.fhir.rehearsal import Conformance, Rehearsal, rehearse, rehearse_structure
from sandbox.lab import Applied, Lab, Scratch, Standing, Step, Table, Trouble
from sandbox.matching import Field, Span, TableShape, contains_nucleus, normal_code, normal_text, rows_as_multiset
from sandbox.report import Cap, Figure, Finding, Quote, Report
from sandbox.terminology import Claim, Code, Codes, Edit, Grouping, Hit, Notes

__all__ = [
    "Activity", "Applied", "BadInput", "BadPack", "BadWork", "Cap", "Chart", "Claim", "Code", "Codes",
    "Conformance", "Edit", "Entry", "Field", "Figure", "Finding", "Form", "Grouping", "Hit", "Lab", "Labs",
    "NotFound", "Notes", "Planting", "Proof", "Quote", "Rehearsal", "Report", "Resource", "Scratch", "Span",
    "SqlProblem", "Standing", "Step", "Table", "TableShape", "Task", "Trouble", "contains_nucleus", "normal_code",
    "normal_text", "rehearse", "rehearse_structure", "rows_as_multiset",
]

Resource = dict[str, Any]
Form = Mapping[str, str]  # a page's one <form>, as it was sent: one string for each name

S = TypeVar("S")
K = TypeVar("K")


@dataclass(frozen=True)
class Planting(Generic[S, K]):
    """What a task adds to a workspace: resources (with ids of their own), what its page may show, and the key.

    `shown` is stored with the workspace. `key` is thrown away and made again, from the same params, seed and base,
    when an attempt is judged.
    """

    resources: Sequence[Resource]
    shown: S
    key: K


@dataclass(frozen=True)
class Task(Generic[S]):
    """What a learner may know of her task: the brief, and what was planted to be shown. Never params, never the key."""

    scenario: str
    name: str
    seat: str
    activity: str  # "him.code_encounter"
    title: str
    minutes: int
    done_when: str
    ask: str  # Markdown
    shown: S
    seed: int
    counted: bool = True
    hints: int = 0  # how many there are
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Proof:
    """One answer that a task ships, with what it must come to: `form` is what the page would send."""

    name: str
    form: Form
    score: float | None = None  # exact
    at_most: float | None = None
    at_least: float | None = None
    mistake: str = ""  # this mistake must be named
    findings: tuple[str, ...] = ()  # criteria that must not be met


class Chart(Protocol):
    """The record, read only. `Workspace` satisfies it by shape, so the type checker stops a seat from writing."""

    @property
    def today(self) -> date:
        """The workspace's fixed day, in the facility's zone (America/Chicago)."""

    @property
    def codes(self) -> Codes:
        """The classification: look-up, notes, edits."""

    @property
    def lab(self) -> Lab:
        """The record as tables, as it stands now. `lab.scratch` gives a copy: the one thing that a seat may change."""

    def read(self, kind: str, id: str) -> Resource:
        """One resource; NotFound where there is none, Gone where it was deleted."""

    def search(self, kind: str, params: Mapping[str, str] | Sequence[tuple[str, str]] = ()) -> list[Resource]:
        """All matches of a FHIR search, without paging; BadInput on an unknown parameter."""

    def trail(self) -> list[Entry]:
        """Who touched what in this workspace, oldest first."""


class Labs(Protocol):
    """Fresh labs for a grader, built once and cached by digest."""

    @property
    def shown(self) -> Lab:
        """The untouched hospital with what the task planted, without the learner's own changes."""

    def hidden(self, name: str, build: Callable[[], Iterable[Resource]], today: date) -> Lab:
        """A hospital of the activity's own; `name` must say everything that determines what `build` gives."""

    def reversed(self, lab: Lab) -> Lab:
        """The same hospital with every table's rows in reverse order: what depends on row order shows itself."""


class Activity(Protocol):
    """What a folder under `roles/<seat>/` must offer. All methods are deterministic: no clock, no randomness.

    Four more it may offer: `step` (below); `material(params)`, the texts of fixtures that its judging rests on, which
    enter an attempt's digest; `completed(form, params, chart)`, a proof's form with figures that only the record knows;
    `hospitals(params)`, name and builder of each hidden hospital that judging opens, so that they can be built before.
    """

    title: str
    version: str  # raised when judging changes; part of an attempt's digest
    Params: type[Any]
    Shown: type[Any]
    Key: type[Any]
    Work: type[Any]
    Evidence: type[Any]

    def plant(self, params: Any, seed: int, base: Chart) -> Planting[Any, Any]:
        """Resources to add for one workspace, what to show of them, and the key. Sees only the untouched hospital."""

    def show(self, task: Task[Any], chart: Chart) -> Any:
        """What page.html needs, as `view`. Its reads are the learner's reads and enter her trail."""

    def parse(self, form: Form) -> Any:
        """The form as Work, or BadWork with a message that says what, where and what to do."""

    def evidence(self, work: Any, chart: Chart) -> Any:
        """What judging needs of the record as it stands at submission; frozen with the attempt."""

    def deliver(self, work: Any, task: Task[Any], chart: Chart) -> list[Resource]:
        """What the work puts into the record, right or wrong: without `id` creates, with `id` updates."""

    def grade(self, work: Any, key: Any, evidence: Any, labs: Labs) -> Report:
        """The report. The same bytes for the same arguments, always."""

    def step(self, name: str, form: Form, task: Task[Any], chart: Chart) -> Any:
        """Optional: one exchange without judging (`check` is the foot bar's). JSON-able; NotFound for other names."""

    def blank(self) -> Form:
        """The form of somebody who submits at once."""

    def proofs(self, params: Any, planting: Planting[Any, Any], table: Mapping[str, Any]) -> list[Proof]:
        """A task's proofs/*.toml (one table each, with `name`) as forms: exemplars, known mistakes, shotgun."""

    def summary(self, work: Any) -> str:
        """One line for lists and the class table: "7 codes", "2 queries"."""
