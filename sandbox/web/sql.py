"""The SQL pane's other end: run a statement on a workspace's lab, its tables, its answers and all of it as files."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import orjson
from flask import Blueprint, Response, render_template, request

from sandbox.classroom import plain
from sandbox.errors import BadInput, NotFound, SqlProblem
from sandbox.lab import Lab, Table
from sandbox.web import house, policy
from sandbox.web.limits import sent_json

bp = Blueprint("sql", __name__, url_prefix="/lab")
SAMPLE = 5  # rows
_EXACT = 2**53  # a whole number beyond this is no longer itself in a browser


@bp.post("/<ws>/run")
def run(ws: str) -> Response:
    """{sql} to {columns, types, rows, truncated, milliseconds}, or {problem: {message, kind, line, column, hint}}.

    A problem is an answer too (200): a mistake in her SQL is no error of the page. What is asked enters her trail.
    """
    lab, sql = _lab(ws), _sql()
    with house().db.writing(durable=False) as conn:
        policy.enter(conn, ws, "read").queried(sql)
    try:
        return _json(as_json(lab.run(sql)))
    except SqlProblem as problem:
        return _json({"problem": as_problem(problem)})


@bp.post("/<ws>/csv")
def as_file(ws: str) -> Response:
    """The answer to {sql} as a CSV file, up to 5,000 rows; a problem as JSON, as `run` gives it."""
    lab, sql = _lab(ws), _sql()
    with house().db.writing() as conn:
        policy.enter(conn, ws, "read").exported(f"SQL: {sql[:2000]}")
    try:
        table = lab.run(sql)
    except SqlProblem as problem:
        return _json({"problem": as_problem(problem)})
    return _file(as_csv(table).encode(), "result.csv", "text/csv")


@bp.post("/<ws>/parquet")
def as_parquet(ws: str) -> Response:
    """The whole answer to {sql} as a Parquet file; a problem as JSON, as `run` gives it."""
    lab, sql = _lab(ws), _sql()
    with house().db.writing() as conn:
        policy.enter(conn, ws, "read").exported(f"SQL: {sql[:2000]}")
    try:
        return _file(house().labs.parquet(lab, sql), "result.parquet", "application/vnd.apache.parquet")
    except SqlProblem as problem:
        return _json({"problem": as_problem(problem)})


@bp.post("/<ws>/pack")
def pack(ws: str) -> Response:
    """Every table of the lab as it is now, as Parquet files with their dictionary, in one zip."""
    lab = _lab(ws)
    with house().db.writing() as conn:
        policy.enter(conn, ws, "read").exported("Every table of the lab, as Parquet files")
    return _file(house().labs.pack(lab), "two-seats-lab.zip", "application/zip")


@bp.get("/<ws>/schema")
def schema(ws: str) -> Response:
    """{tables: [{name, description, rows, columns: [{name, type, description, key}]}]}, for completion."""
    tables = _lab(ws).schema()
    return _json({"tables": [
        {"name": table.name, "description": table.description, "rows": table.rows, "columns": [
            {"name": column.name, "type": short_type(column.type), "description": column.description,
             "key": column.key} for column in table.columns]} for table in tables]})


@bp.get("/<ws>/tables")
def tables(ws: str) -> str:
    """The data dictionary as a part of a page: each table with its columns, types and what they mean."""
    return render_template("lab_tables.html", tables=_lab(ws).schema(), short_type=short_type)


@bp.get("/<ws>/sample/<table>")
def sample(ws: str, table: str) -> str:
    """A table's page of the dictionary with its first rows, as a part of a page. The look enters her trail."""
    lab = _lab(ws)
    found = next((each for each in lab.schema() if each.name == table), None)
    if found is None:
        raise NotFound("The lab has no such table.")
    sql = f'SELECT * FROM "{found.name}" LIMIT {SAMPLE}'  # noqa: S608 - a name of our own dictionary
    with house().db.writing(durable=False) as conn:
        policy.enter(conn, ws, "read").queried(sql)
    return render_template("lab_sample.html", table=found, sample=as_json(lab.run(sql)), short_type=short_type)


@bp.get("/<ws>/")
def room(ws: str) -> str:
    """The lab by itself: tables at one side, a query and its answer at the other."""
    with house().db.reading() as conn:
        info = policy.enter(conn, ws, "read").info
    return render_template("lab.html", workspace=info)


def as_json(table: Table) -> dict[str, Any]:
    """A Table as JSON: exact decimals become numbers, dates and instants text, what no number can hold text too."""
    return {"columns": table.columns, "types": table.types, "truncated": table.truncated,
            "milliseconds": table.milliseconds, "rows": [[_cell(value) for value in row] for row in table.rows]}


def as_problem(problem: SqlProblem) -> dict[str, Any]:
    """A SqlProblem as JSON; line and column count from 1, 0 = unknown."""
    return {"message": problem.message, "kind": problem.kind, "line": problem.line, "column": problem.column,
            "hint": problem.hint}


def as_csv(table: Table) -> str:
    """A Table as CSV. A text cell that a spreadsheet would take for a formula is prefixed with an apostrophe."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n").writerow
    write([plain(name) for name in table.columns])
    for row in table.rows:
        write([plain(value) if isinstance(value, str) else "" if value is None else _cell(value) for value in row])
    return out.getvalue()


def short_type(kind: str) -> str:
    """DuckDB's type as the rail says it."""
    return {"VARCHAR": "text", "TIMESTAMP WITH TIME ZONE": "instant", "BIGINT": "integer", "INTEGER": "integer",
            "DOUBLE": "number", "BOOLEAN": "yes/no"}.get(kind, "number" if kind.startswith("DECIMAL") else kind.lower())


def _lab(ws: str) -> Lab:
    with house().db.reading() as conn:
        return policy.enter(conn, ws, "read").lab


def _sql() -> str:
    said: Any = sent_json() if request.is_json else request.form
    sql = said.get("sql") if hasattr(said, "get") else None
    if not isinstance(sql, str):
        raise BadInput("There is no statement: send JSON with `sql`.")
    return sql


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float):
        return value if abs(value) != float("inf") and value == value else str(value)
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else str(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [_cell(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _cell(each) for key, each in value.items()}
    return str(value)


def _file(content: bytes, name: str, kind: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), mimetype="application/json")
