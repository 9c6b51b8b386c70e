"""The builder's other end: choices of the dictionary in, a SELECT that can be read and taken over out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request

from sandbox.errors import BadInput, SqlProblem
from sandbox.lab import Column, Lab, LabTable, builder
from sandbox.lab.builder import Asked, Condition
from sandbox.web import house, policy
from sandbox.web.sql import short_type

bp = Blueprint("builder", __name__, url_prefix="/lab")
CONDITIONS = ("w1", "w2", "w3")
FIRST = "encounter"


@dataclass(frozen=True)
class Line:
    """One condition on the page: its name in the form, what it says now, its operators, the values there are."""

    name: str
    asked: Condition
    column: Column | None
    operators: Mapping[str, str]
    values: Sequence[str]


@bp.get("/<ws>/builder")
def build(ws: str) -> str:
    """The choices as they stand in the address, and what they come to; with `part`, only the part of a page."""
    with house().db.reading() as conn:
        chart = policy.enter(conn, ws, "read")
        lab = chart.lab
    tables = lab.schema()
    asked = _asked(request.args)
    table = next((each for each in tables if each.name == asked.table), None)
    sql, problem = "", None
    try:
        sql = builder.write(asked, tables)
    except BadInput as found:
        problem = found
    page = "builder_part.html" if request.args.get("part") else "builder.html"
    return render_template(page, workspace=chart.info, tables=tables, table=table, asked=asked, sql=sql,
                           problem=problem, said=builder, lines=_lines(lab, table, asked), short_type=short_type)


def _asked(said: Mapping[str, str]) -> Asked:
    """What the address says; the first page begins with a count of visits."""
    def condition(name: str) -> Condition:
        value = said.get(f"{name}v", "")[:200].replace("\0", "")
        return Condition(said.get(f"{name}c", ""), said.get(f"{name}o", "is"), value)

    def text(name: str, otherwise: str = "") -> str:
        return said.get(name, otherwise)

    return Asked(text("table", FIRST), text("measure", "rows"), text("of"), text("by"), text("over"),
                 text("step", "month"), tuple(condition(name) for name in CONDITIONS), condition("m"))


def _lines(lab: Lab, table: LabTable | None, asked: Asked) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for name, each in [("m", asked.meets), *zip(CONDITIONS, asked.where, strict=True)]:
        column: Any = next((c for c in table.columns if c.name == each.column), None) if table else None
        operators = builder.suited(column) if column else ()
        found[name] = Line(name, each, column, {o: builder.OPERATORS[o] for o in operators},
                           _values(lab, table, column) if table and column else ())
    return found


def _values(lab: Lab, table: LabTable, column: Column) -> Sequence[str]:
    """What a column holds, to choose from; nothing where the lab cannot say just now."""
    try:
        return builder.values(lab, table, column.name)
    except SqlProblem:
        return ()
