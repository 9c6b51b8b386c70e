"""A worker's answers read back: tables with Python's values, problems in a learner's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sandbox.errors import SqlProblem
from sandbox.lab.process import Message
from sandbox.lab.tables import Table


def stopped(late: bool, seconds: float) -> SqlProblem:
    """What to say of a query that was stopped: for time when `late`, else for memory."""
    if late:
        return SqlProblem(f"The query was stopped after {seconds:g} seconds.", kind="time",
                          hint="Look for a join without its condition, or a recursion without an end.")
    return SqlProblem("The query was stopped: it took more memory than a lab has.", kind="memory",
                      hint="Aggregate earlier, or select fewer columns and rows.")


#: What looks like a place on the server: error texts carry none.
_PATH = re.compile(r"(?:(?<=[\s\"'(\[=:])|^)(?:/[\w.@+-]+){2,}/?|[A-Za-z]:\\[\w\\.@+-]+")


def problem(said: Message, sql: str, seconds: float) -> SqlProblem:
    """A worker's problem as the learner reads it, at its place in `sql`."""
    kind = said.get("kind", "error")
    if kind in ("time", "memory"):
        return stopped(kind == "time", seconds)
    line, column = _where(sql, said.get("position", -1))
    message, _, more = _PATH.sub("(a file)", str(said.get("message", "The query failed."))).partition("\n")
    hint = said.get("hint") or _hint(more) or _without_as(message, sql)
    return SqlProblem(message, kind=kind, line=line, column=column, hint=hint)


#: A name that DuckDB takes for a word of its own where AS is left out before it: sum(days) days.
_BARE = re.compile(r'syntax error at or near "(\w+)"', re.IGNORECASE)


def _without_as(message: str, sql: str) -> str:
    """What to do where a column's name follows its value without AS and is a word of SQL; else ""."""
    found = _BARE.search(message)
    if found and re.search(rf"\)\s+{re.escape(found[1])}\b", sql):
        return f"Where {found[1]} is meant as a column's name, write AS before it: … AS {found[1]}."
    return ""


def _hint(more: str) -> str:
    """DuckDB's further lines in the learner's words, a few of them."""
    first, *rest = more.strip().splitlines() or [""]
    if first.startswith("Candidate functions") and rest:
        return "It takes: " + "; ".join(line.strip() for line in rest[:3]) + ("; …" if len(rest) > 3 else "")
    return " ".join([first.replace("Candidate bindings:", "Columns like it:"), *rest[:3]])


def _where(sql: str, position: int) -> tuple[int, int]:
    """Line and column, from 1, of a byte of the statement; (0, 0) when it is not known."""
    if position < 0:
        return 0, 0
    before = sql.encode()[:position].decode(errors="ignore")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def table(answer: Message) -> Table:
    """A worker's answer as a Table."""
    readers = [_reader(kind) for kind in answer["types"]]
    rows = answer["rows"]
    if any(readers):
        rows = [[value if value is None or read is None else _value(read, value)
                 for read, value in zip(readers, row, strict=True)] for row in rows]
    return Table(tuple(answer["columns"]), tuple(answer["types"]), tuple(map(tuple, rows)), answer["truncated"],
                 answer["milliseconds"])


def _value(read: Callable[[Any], Any], said: Any) -> Any:
    """The value in Python; as DuckDB spells it where Python has none (the year 10000, 24:00:00)."""
    try:
        return read(said)
    except (ValueError, OverflowError):
        return said


def _utc(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


_READ: dict[str, Callable[[Any], Any]] = {
    "DATE": date.fromisoformat, "TIME": time.fromisoformat, "TIMESTAMP WITH TIME ZONE": _utc,
    "TIMESTAMP": datetime.fromisoformat, "INTERVAL": lambda value: timedelta(seconds=value), "BLOB": bytes.fromhex,
}


def _reader(kind: str) -> Callable[[Any], Any] | None:
    if kind.startswith("DECIMAL(") and kind.endswith(")"):
        return Decimal
    return _READ.get("TIMESTAMP" if kind.startswith("TIMESTAMP_") else kind)
