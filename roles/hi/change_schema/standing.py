"""Her copy for the page: what became of a script, how the copy differs from the untouched one, and its journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from roles.hi.change_schema.definition import Shown
from sandbox.activity import Applied, Chart, Scratch, SqlProblem, Standing, Step, Table, Trouble

KEPT = 12  # scripts of the journal that the page shows


def copy_of(chart: Chart, task: str, shown: Shown) -> Scratch:
    """Her copy of this task, as she left it."""
    return chart.lab.scratch(task, [each for each in shown.setup if each])


def state(copy: Scratch, shown: Shown) -> dict[str, Any]:
    """{journal, runs, difference, own}: the copy beside an untouched one; `own` are the request's own tables."""
    touch = Step("probe", f"SELECT 1 /* {' '.join(shown.tables)} */")
    now = copy.play([touch, Step("look")])[1]
    was = copy.untouched().play([touch, Step("look")])[1]
    assert isinstance(now, Standing) and isinstance(was, Standing)
    journal = copy.journal()
    made = " ".join(shown.setup)
    own = {table: [c[1] for c in was.columns if c[0] == table] for table in was.tables
           if f"CREATE TABLE {table}(" in made}
    return {"runs": len(journal), "difference": list(difference(was, now)), "own": own,
            "journal": [{"n": n, "sql": each.sql, "done": each.done, "of": each.of}
                        for n, each in enumerate(journal, 1)][-KEPT:]}


def ran(done: Applied) -> dict[str, Any]:
    """What became of a script, as JSON."""
    return {"done": done.done, "of": done.of, "rows": done.rows, "trouble": trouble(done.trouble)}


def trouble(found: Trouble | None) -> dict[str, Any] | None:
    """Why a script stopped, as the editor marks it."""
    if found is None:
        return None
    return {"message": found.message, "hint": found.hint or _way(found), "statement": found.statement,
            "line": found.line, "column": found.column}


def stopped(problem: SqlProblem) -> dict[str, Any]:
    """The same of a script that was stopped as a whole."""
    hint = f"{problem.hint} Nothing of the script was kept."
    return {"done": 0, "of": 0, "rows": [], "trouble": {
        "message": problem.message, "hint": hint, "statement": 0, "line": 0, "column": 0}}


#: What DuckDB cannot do is met here first: the workable way, beside its own message.
_WAYS = {
    "outstanding updates": "DuckDB does not enforce over rows that are not committed: COMMIT the update, then enforce.",
    "index depends on it": "An index holds its table fast: DROP INDEX first, make it again afterwards.",
    "depends on it": "Something still stands on it: drop the index, view or trigger first, make it again afterwards.",
    "NOT NULL constraint failed": "Rows without a value are left. Add, fill, then enforce.",
    "NOT NULL column with IF NOT EXISTS": "Add it with a DEFAULT first, SET NOT NULL in a statement of its own.",
    "Duplicate key": "Two rows have that value. Find them before you forbid them.",
    "duplicates on indexed": "Two rows have that value. Find them before you forbid them.",
    "already exists": "A second run meets what the first one made: IF NOT EXISTS.",
    "No support for that ALTER TABLE option": "DuckDB takes no CHECK and no foreign key by ALTER, and drops no "
                                              "constraint: use a type, an index that can be dropped, or a new table.",
}


def _way(found: Trouble) -> str:
    return next((way for words, way in _WAYS.items() if words in found.message), "")


def difference(was: Standing, now: Standing) -> Iterator[dict[str, Any]]:
    """Table by table what is otherwise; {table, rows: [before, after], same, marks: [[sign, words], …]}."""
    for table in sorted({*was.tables, *now.tables}):
        old, new = was.tables.get(table), now.tables.get(table)
        yield {"table": table, "rows": [old and old[0], new and new[0]], "same": old == new,
               "sums": [_short(old), _short(new)], "marks": list(_columns(table, was, now))}
    marks = [*_things("index", was.indexes, now.indexes), *_things("constraint", was.constraints, now.constraints),
             *_things("trigger", was.triggers, now.triggers),
             *_things("view", [(v, v) for v in was.views], [(v, v) for v in now.views]),
             *_things("type", [(t, t) for t in was.types], [(t, t) for t in now.types])]
    if marks:
        yield {"table": "", "rows": [None, None], "same": False, "sums": ["", ""], "marks": marks}


def _short(sums: tuple[int, str] | None) -> str:
    """A checksum's last digits: enough to see whether two are the same."""
    return sums[1][-6:] if sums else ""


def _columns(table: str, was: Standing, now: Standing) -> Iterator[list[str]]:
    old = {c[1]: c[2:] for c in was.columns if c[0] == table}
    new = {c[1]: c[2:] for c in now.columns if c[0] == table}
    if not old or not new:
        return
    for column in [*new, *(c for c in old if c not in new)]:
        if column not in old:
            yield ["+", f"{column} {_typed(new[column])}"]
        elif column not in new:
            yield ["-", column]
        elif old[column] != new[column]:
            yield ["~", f"{column} {_typed(new[column])}"]


def _typed(column: tuple[Any, ...]) -> str:
    kind, nullable, default = column
    return f"{kind}{'' if nullable else ' NOT NULL'}{f' DEFAULT {default}' if default else ''}"


def _things(word: str, was: Sequence[tuple[str, ...]], now: Sequence[tuple[str, ...]]) -> Iterator[list[str]]:
    for sign, here, there in (("+", now, was), ("-", was, now)):
        for each in here:
            if each not in there:
                yield [sign, f"{word} {each[1]}" + (f" on {each[0]}" if each[0] != each[1] else "")]


def grid(table: Table) -> dict[str, Any]:
    """A result as the page's grid takes it."""
    return {"columns": table.columns, "types": table.types, "truncated": table.truncated,
            "milliseconds": table.milliseconds, "rows": [[_plain(v) for v in row] for row in table.rows]}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)
