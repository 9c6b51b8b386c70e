"""What a lab is seen as: results, tables with their dictionary, scratch copies, and the Protocols that seats hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

from sandbox.errors import SqlProblem

Resource = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """The result of one query, rows in the order they came.

    Values are plain Python: None, bool, int, float, Decimal, str, bytes, date, time, timedelta, datetime (TIMESTAMPTZ
    with UTC, TIMESTAMP naive), lists and dicts for nested types; a day or time that Python has not stays DuckDB's text.
    `types` are DuckDB's names. `truncated` says that there were more rows, or more bytes, than were asked for.
    `milliseconds` is the time inside DuckDB.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False
    milliseconds: float = 0.0


@dataclass(frozen=True)
class Column:
    """One column of the data dictionary; `path` is where in the FHIR resource it comes from (empty in SQL views)."""

    name: str
    type: str
    description: str = ""
    path: str = ""
    key: bool = False


@dataclass(frozen=True)
class LabTable:
    """One table or SQL view of the lab; `resource` is the FHIR type it is made of, `sql` a view's own text."""

    name: str
    description: str
    columns: tuple[Column, ...]
    rows: int | None = None
    resource: str = ""
    sql: str = ""


@dataclass(frozen=True)
class Step:
    """One step on a copy.

    script  statements run in order until the first that fails; what was not committed is rolled back; journalled
    probe   the same tried in a transaction that is always rolled back; `then` is a SELECT before the rollback
    read    one SELECT
    look    how the copy stands
    """

    do: Literal["script", "probe", "read", "look"]
    sql: str = ""
    then: str = ""
    must: bool = False  # a script that stops ends the whole play: what would have followed means nothing


@dataclass(frozen=True)
class Trouble:
    """Why a script stopped: `kind` is refused or error, `type` DuckDB's word (Constraint, Catalog, Binder, Parser …),
    Refused, or Open for a transaction without its COMMIT. `statement`, `line` and `column` count from 1, 0 = unknown.
    """

    message: str
    kind: str
    type: str
    statement: int = 0
    line: int = 0
    column: int = 0
    hint: str = ""


@dataclass(frozen=True)
class Applied:
    """What became of a script or probe: `done` of `of` statements, rows touched by each (-1: not a matter of rows)."""

    done: int
    of: int
    rows: tuple[int, ...] = ()
    trouble: Trouble | None = None
    table: Table | None = None  # what a probe's `then` showed


@dataclass(frozen=True)
class Standing:
    """How a copy stands, of the tables that something has spoken of since it was made; the others are as they were.

    `columns` are (table, column, type, nullable, default); `tables` number of rows and a checksum that knows no order.
    """

    columns: tuple[tuple[str, str, str, bool, str], ...] = ()
    tables: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    views: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()  # (table, name, "unique" or "", its SQL)
    constraints: tuple[tuple[str, ...], ...] = ()  # (table, kind, text), NOT NULL left out: it stands in `columns`
    types: tuple[str, ...] = ()
    triggers: tuple[tuple[str, ...], ...] = ()  # (table, name)


@dataclass(frozen=True)
class Entry:
    """One script of the journal: how many of its statements went through."""

    sql: str
    done: int
    of: int


Played = Applied | Table | Standing | SqlProblem


class Scratch(Protocol):
    """A private copy of a lab: the one thing that a seat may write to. The journal is the truth of it: a copy that is
    lost, damaged or was stopped half-way is made again from the untouched lab and its journal."""

    def apply(self, script: str, *, seconds: float = 5.0) -> Applied:
        """Run a script; SqlProblem (time, memory, busy, off, broken) when it was stopped: then nothing of it holds."""

    def run(self, sql: str, *, rows: int = 5000, seconds: float = 5.0) -> Table:
        """Run one SELECT on the copy as it stands; SqlProblem as in `Lab.run`."""

    def look(self) -> Standing:
        """How the copy stands."""

    def play(self, steps: Sequence[Step], *, rows: int = 5000, seconds: float = 5.0) -> tuple[Played, ...]:
        """Several steps in one go; a read that is refused or fails is a SqlProblem in its place. Shorter than `steps`
        where a script stopped that must not."""

    def journal(self) -> tuple[Entry, ...]:
        """The scripts that made the copy what it is, oldest first."""

    def reset(self) -> None:
        """Take a new copy of the lab as it is now."""

    def untouched(self) -> Scratch:
        """A copy of the same, frozen at the same moment, that no script has changed yet; it is kept nowhere."""


class Lab(Protocol):
    """A record as tables. Only SELECT; the workspace's *today* is the day, whatever she calls it in SQL."""

    @property
    def name(self) -> str:
        """An opaque name, unique for the content: the same name has the same rows."""

    def run(self, sql: str, *, rows: int = 5000, seconds: float = 5.0) -> Table:
        """Run one SELECT. SqlProblem (kind refused, error, time, memory, rows) when it cannot."""

    def schema(self) -> tuple[LabTable, ...]:
        """Every table with its columns, descriptions and number of rows, by name."""

    def scratch(self, name: str = "", setup: Sequence[str] = ()) -> Scratch:
        """A copy that may be changed, with what `setup` (our own SQL) adds to it.

        With a name, in a workspace, it is kept from one visit to the next; else it lives as long as the object does.
        """


class Labs(Protocol):
    """Fresh labs for a grader, built once and cached by digest."""

    @property
    def shown(self) -> Lab:
        """The untouched hospital with what the task planted."""

    def hidden(self, name: str, build: Callable[[], Iterable[Resource]], today: date) -> Lab:
        """A hospital of the activity's own; `name` must say everything that determines what `build` gives."""

    def reversed(self, lab: Lab) -> Lab:
        """The same hospital with every table's rows in reverse order."""
