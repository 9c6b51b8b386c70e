"""What a task asks and what is right, as its task.toml says it: `[params]` a learner may read, `[key]` nobody may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from roles.hi.analyze_data.truth import Truth
from sandbox.activity import BadPack


@dataclass(frozen=True)
class Choice:
    """One offer of a pick-list."""

    value: str
    label: str


@dataclass(frozen=True)
class Pick:
    """One pick-list of the method: its name in the form, its title, its offers (decoys among them)."""

    name: str
    title: str
    offers: tuple[Choice, ...]


@dataclass(frozen=True)
class Answer:
    """The answer panel of a question: labels, offers, and how many decimals the figure is asked to."""

    figure: str
    denominator: str
    verdicts: tuple[Choice, ...]
    intervals: tuple[Choice, ...]
    methods: tuple[Pick, ...]
    caveats: Mapping[str, str]
    bounds: str = ""  # how far missing values can move the figure, where the question asks for it
    digits: int = 2
    signal: str = ""  # what is asked of a chart, where the question has one


@dataclass(frozen=True)
class Grid:
    """A table to be filled in and published: its rows and columns, the totals last, and what stands in a cell."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Hunt:
    """The answer panel of a hunt: which report the defects may or may not matter to, in words and as SQL."""

    report: str
    sql: str


@dataclass(frozen=True)
class Mistake:
    """A known mistake, named where her figures are those of it and of no other."""

    name: str
    title: str
    why: str


@dataclass(frozen=True)
class Params:
    """A whole task.toml. `cells` are those that the notebook opens with; `tables` those that the rail opens."""

    question: str  # one of desk.QUESTIONS, or "defects" for a hunt
    asked_by: str = ""
    audience: str = ""
    tables: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    answer: Answer | None = None
    grid: Grid | None = None
    hunt: Hunt | None = None
    defects: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()  # the defects that change the hunt's report
    right_methods: Mapping[str, str] = field(default_factory=dict)
    right_caveats: tuple[str, ...] = ()
    whys: Mapping[str, str] = field(default_factory=dict)  # of verdicts, picks and caveats, by name
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True)
class Shown:
    """What the page may know: the params without the key. `months` are the offers of the first signal."""

    today: date
    asked_by: str
    audience: str
    tables: tuple[str, ...]
    cells: tuple[str, ...]
    answer: Answer | None
    hunt: Hunt | None
    months: tuple[str, ...] = ()
    grid: Grid | None = None


@dataclass(frozen=True)
class Row:
    """Rows of the record that show one fault: any of `ids`, in any of `columns` ("patient.mrn")."""

    ids: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """One planted defect with its rows; `near` are rows of the same visit or person, no fault and no false alarm."""

    name: str
    kahn: tuple[str, ...]
    why: str
    rows: tuple[Row, ...]
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class Innocent:
    """A look-alike: the rows, and what clears them. `beside` is the defect it stands beside."""

    beside: str
    ids: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Key:
    """What judging needs: the params, and what is true of the ledger or of the clinic."""

    params: Params
    truth: Truth | None = None
    faults: tuple[Fault, ...] = ()
    innocents: tuple[Innocent, ...] = ()
    clinic: tuple[str, ...] = ()  # every row that was planted: what is named outside of it was not asked

    @property
    def asked(self) -> Answer:
        """The answer panel; BadPack where a question has none."""
        if not self.params.answer:
            raise BadPack("A question needs params.answer.")
        return self.params.answer

    @property
    def known(self) -> Truth:
        """The truth of a question."""
        if not self.truth:
            raise BadPack("A hunt has no figure.")
        return self.truth
