"""The builder: measure, by, over and where, chosen from the dictionary, as a SELECT that its reader can take over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sandbox.errors import BadInput
from sandbox.lab.tables import Column, Lab, LabTable

#: Measure to the words of its choice; those in COUNTED need a column.
MEASURES = {"rows": "How many rows", "distinct": "How many different", "sum": "The sum of", "avg": "The mean of",
            "median": "The median of", "min": "The least", "max": "The greatest",
            "share": "The share of rows that meet", "list": "The rows themselves"}
COUNTED = ("distinct", "sum", "avg", "median", "min", "max")
STEPS = ("day", "week", "month", "quarter", "year")
OPERATORS = {"is": "is", "not": "is not", "least": "is at least", "most": "is at most", "begins": "begins with",
             "empty": "is empty", "filled": "is not empty"}
#: Which operators suit a kind of column.
SUITED = {"text": ("is", "not", "begins", "empty", "filled"), "truth": ("is", "not", "empty", "filled"),
          "number": ("is", "not", "least", "most", "empty", "filled"),
          "day": ("is", "not", "least", "most", "empty", "filled")}


@dataclass(frozen=True)
class Condition:
    """A column, what is said of it, and the value; no column is no condition. Several texts are parted by commas."""

    column: str = ""
    operator: str = "is"
    value: str = ""


@dataclass(frozen=True)
class Asked:
    """What was chosen. `meets` belongs to the measure `share`; `step` to `over`."""

    table: str = ""
    measure: str = "rows"
    of: str = ""
    by: str = ""
    over: str = ""
    step: str = "month"
    where: tuple[Condition, ...] = ()
    meets: Condition = Condition()


def kind(column: Column) -> str:
    """text, number, truth, day or instant: what can be asked of a column."""
    if column.type.startswith("TIMESTAMP"):
        return "instant"
    if column.type in ("DATE", "BOOLEAN"):
        return {"DATE": "day", "BOOLEAN": "truth"}[column.type]
    return "number" if re.match(r"(U?\w*INT|DOUBLE|DECIMAL|FLOAT)", column.type) else "text"


def suited(column: Column) -> tuple[str, ...]:
    """The operators that suit a column."""
    return SUITED["day" if kind(column) == "instant" else kind(column)]


def write(asked: Asked, tables: Sequence[LabTable]) -> str:
    """The SELECT, with a line that says it in words. BadInput names the choice that is missing or does not fit."""
    table = next((each for each in tables if each.name == asked.table), None)
    if table is None:
        raise BadInput("Choose a table.")
    groups = _groups(asked, table)
    where = [_condition(each, table) for each in asked.where if each.column]
    named = [sql if sql == _quoted(name) else f"{sql} AS {_quoted(name)}" for sql, name in groups]
    select = named + _measured(asked, table)
    places = ", ".join(str(n + 1) for n in range(len(groups)))
    lines = [f"-- {_in_words(asked, table)}", f"SELECT {_joined(select)}", f"FROM {_quoted(table.name)}"]
    if where:
        lines.append("WHERE " + "\n  AND ".join(where))
    if groups and asked.measure != "list":
        lines += [f"GROUP BY {places}", f"ORDER BY {places}"]
    elif asked.measure == "list" and (keys := [_quoted(c.name) for c in table.columns if c.key]):
        lines.append(f"ORDER BY {', '.join(keys)}")
    return "\n".join(lines)


def values(lab: Lab, table: LabTable, name: str, most: int = 40) -> list[str]:
    """The values that a column of texts holds, as far as they are few; none where they are not, or it holds none."""
    column = next((c for c in table.columns if c.name == name), None)
    if column is None or kind(column) != "text" or column.key:
        return []
    quoted = _quoted(name)
    found = lab.run(f"SELECT DISTINCT {quoted} FROM {_quoted(table.name)} WHERE {quoted} IS NOT NULL ORDER BY 1",  # noqa: S608 - names of our own dictionary
                    rows=most)
    return [] if found.truncated else [str(row[0]) for row in found.rows]


def _groups(asked: Asked, table: LabTable) -> list[tuple[str, str]]:
    """(SQL, name) of what the rows are parted by: time first, then the column."""
    found: list[tuple[str, str]] = []
    if asked.over:
        if asked.step not in STEPS:
            raise BadInput("Choose a step of time.", hint=", ".join(STEPS))
        found.append((_period(_day(_column(table, asked.over)), asked.step), asked.step))
    if asked.by:
        found.append((_quoted(_column(table, asked.by).name), asked.by))
    return found if asked.measure != "list" else []


def _measured(asked: Asked, table: LabTable) -> list[str]:
    if asked.measure == "rows":
        return [f"count(*) AS {_quoted(table.name + '_rows')}"]
    if asked.measure == "list":
        return [_quoted(column.name) for column in table.columns]
    if asked.measure == "share":
        if not asked.meets.column:
            raise BadInput("Say what the rows of the share meet.", hint="Choose a column and a value.")
        met = f"count(*) FILTER (WHERE {_condition(asked.meets, table)})"
        return [f"{met} AS numerator", "count(*) AS denominator", f"100.0 * {met} / count(*) AS share_pct"]
    if asked.measure not in COUNTED:
        raise BadInput("Choose what to measure.")
    if not asked.of:
        raise BadInput(f"{MEASURES[asked.measure]} …: choose its column.")
    column = _column(table, asked.of)
    if asked.measure == "distinct":
        return [f"count(DISTINCT {_quoted(column.name)}) AS {_quoted('different_' + column.name)}"]
    if asked.measure not in ("min", "max") and kind(column) != "number":
        raise BadInput(f"{column.name} holds no numbers to take the {asked.measure} of.", hint="Choose another column.")
    value = _day(column) if kind(column) == "instant" else _quoted(column.name)
    return [f"{asked.measure}({value}) AS {_quoted(f'{asked.measure}_{column.name}')}"]


def _condition(asked: Condition, table: LabTable) -> str:
    column = _column(table, asked.column)
    if asked.operator not in suited(column):
        raise BadInput(f"“{OPERATORS.get(asked.operator, 'This')}” does not suit {column.name}.")
    if asked.operator in ("empty", "filled"):
        return f"{_quoted(column.name)} IS {'NOT ' * (asked.operator == 'filled')}NULL"
    if not asked.value.strip():
        raise BadInput(f"{column.name} {OPERATORS[asked.operator]} …: give a value.")
    left = _day(column) if kind(column) in ("day", "instant") else _quoted(column.name)
    if asked.operator == "begins":
        return f"starts_with({left}, {_text(asked.value.strip())})"
    parts = [asked.value] if kind(column) != "text" else asked.value.split(",")
    found = [_literal(column, part.strip()) for part in parts if part.strip()]
    if len(found) > 1:
        return f"{left} {'NOT ' * (asked.operator == 'not')}IN ({', '.join(found)})"
    return f"{left} {({'is': '=', 'not': '<>', 'least': '>=', 'most': '<='})[asked.operator]} {found[0]}"


def _literal(column: Column, value: str) -> str:
    asked = kind(column)
    if asked == "text":
        return _text(value)
    if asked == "truth":
        if value.lower() not in ("true", "false", "yes", "no"):
            raise BadInput(f"{column.name} is yes or no.", hint="Write true or false.")
        return "true" if value.lower() in ("true", "yes") else "false"
    if asked == "number":
        if not re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", value):
            raise BadInput(f"{column.name} is a number, and “{value[:40]}” is none.", hint="Write 30 or 1.5.")
        return value
    try:
        return f"DATE '{date.fromisoformat(value).isoformat()}'"
    except ValueError:
        raise BadInput(f"{column.name} is a day, and “{value[:40]}” is none.", hint="Write it as 2026-05-31.") from None


def _day(column: Column) -> str:
    if kind(column) not in ("day", "instant"):
        raise BadInput(f"{column.name} holds no days.", hint="Choose a column of days or instants.")
    return f"local_date({_quoted(column.name)})" if kind(column) == "instant" else _quoted(column.name)


def _period(day: str, step: str) -> str:
    return {"day": day, "week": f"CAST(date_trunc('week', {day}) AS DATE)", "month": f"strftime({day}, '%Y-%m')",
            "quarter": f"year({day}) || '-Q' || quarter({day})", "year": f"year({day})"}[step]


def _column(table: LabTable, name: str) -> Column:
    found = next((column for column in table.columns if column.name == name), None)
    if found is None:
        raise BadInput(f"{table.name} has no such column.", hint="Choose one of its own.")
    return found


def _in_words(asked: Asked, table: LabTable) -> str:
    if asked.measure == "list":
        return f"The rows of {table.name} themselves"
    if asked.measure == "rows":
        said = f"How many rows {table.name} has"
    elif asked.measure == "share":
        said = f"The share of {table.name} rows where {asked.meets.column} {OPERATORS[asked.meets.operator]}"
        said += f" {asked.meets.value}" if asked.meets.operator not in ("empty", "filled") else ""
    else:
        said = f"{MEASURES[asked.measure]} {asked.of} in {table.name}"
    by = f", by {asked.by}" if asked.by else ""
    return " ".join(f"{said}{by}{f', each {asked.step} of {asked.over}' if asked.over else ''}".split())


def _joined(parts: Sequence[str]) -> str:
    return ",\n       ".join(parts)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''").replace("\x00", "") + "'"


def _quoted(name: str) -> str:
    """A name as it is written: plain where that is enough."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in _WORDS else f'"{name}"'


#: Names that SQL reads as words of its own.
_WORDS = frozenset({"all", "and", "any", "as", "asc", "case", "check", "column", "default", "desc", "else", "end",
                    "foreign", "from", "group", "in", "is", "limit", "not", "or", "order", "primary", "references",
                    "select", "table", "then", "to", "using", "when", "where"})
