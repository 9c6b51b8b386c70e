"""What a lab is seen as: results, tables with their dictionary, and the two Protocols that seats hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

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


class Lab(Protocol):
    """A record as tables. Only SELECT; the workspace's *today* is the day, whatever she calls it in SQL."""

    @property
    def name(self) -> str:
        """An opaque name, unique for the content: the same name has the same rows."""

    def run(self, sql: str, *, rows: int = 5000, seconds: float = 5.0) -> Table:
        """Run one SELECT. SqlProblem (kind refused, error, time, memory, rows) when it cannot."""

    def schema(self) -> tuple[LabTable, ...]:
        """Every table with its columns, descriptions and number of rows, by name."""


class Labs(Protocol):
    """Fresh labs for a grader, built once and cached by digest."""

    @property
    def shown(self) -> Lab:
        """The untouched hospital with what the task planted."""

    def hidden(self, name: str, build: Callable[[], Iterable[Resource]], today: date) -> Lab:
        """A hospital of the activity's own; `name` must say everything that determines what `build` gives."""

    def reversed(self, lab: Lab) -> Lab:
        """The same hospital with every table's rows in reverse order."""
