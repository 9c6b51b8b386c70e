"""The process that runs a learner's SQL: `python -I worker.py`, JSON on pipes, nothing of the house imported.

A message is four bytes of length (big-endian) and JSON. `{"do": "open", …}` makes a new in-memory DuckDB, attaches a
base file read-only, adds her rows, shuts every door and locks them. `{"do": "run", …}` answers one SELECT. The house
kills this process when a query takes too long; limits of the operating system stop what DuckDB does not.
"""

import contextlib
import decimal
import json
import os
import re
import struct
import sys
import threading
import time
from typing import Any, BinaryIO

sys.path.extend(sys.argv[1:])  # where the house found duckdb, when that is not where -I looks

import duckdb

#: DuckDB's own limit and, above it, the whole process's address space (the interpreter and libraries included).
MEMORY = "384MB"
ADDRESS_SPACE = 1_300_000_000
OPEN = 4  # labs at once
LONGEST, DEEPEST = 100_000, 400  # characters of a statement, levels of its tree

#: Functions that give another answer the next time.
NEVER_THE_SAME = {
    "random", "setseed", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "nextval", "currval", "setval", "txid_current",
    "reservoir_quantile", "current_connection_id", "current_query", "current_query_id", "current_transaction_id"}
#: Functions that read what is not hers, run text as SQL, or only wait.
CLOSED = {
    "json_execute_serialized_sql", "json_serialize_plan", "getvariable", "getenv", "current_setting", "set_config",
    "write_log", "sql_auto_complete", "parse_duckdb_log_message", "sleep_ms", "pg_sleep", "stats", "vector_type"}
CLOSED_STARTS = ("duckdb_", "pragma_", "read_", "parquet_", "python_", "arrow_", "pandas_")
#: The only functions that may stand where a table stands.
TABLE_FUNCTIONS = {"range", "generate_series", "unnest", "repeat", "json_each", "json_tree", "histogram"}
#: A function after one of these would lead around the macros (any other name before it is a column: code.left(3)).
REAL_SCHEMAS = {"main", "system", "pg_catalog", "information_schema", "memory", "base", "mine", "temp"}
SCHEMAS, CATALOGS = {"", "main", "information_schema"}, {"", "memory", "system"}
EXPLAIN = re.compile(r"\s*explain(?:\s+analyze)?\s+", re.IGNORECASE)


class Refused(Exception):
    """A statement, or an answer, that the lab will not have: kind, sentence, byte position (-1 unknown), hint."""

    def __init__(self, message: str, position: int = -1, hint: str = "", kind: str = "refused") -> None:
        super().__init__(message)
        self.said = {"kind": kind, "message": message, "position": position, "hint": hint}


def bound_process() -> None:
    """Let the operating system bound what this process can take (the house starts none where that cannot be done)."""
    import resource

    threading.stack_size(512 * 1024)
    for which, limit in ((resource.RLIMIT_AS, ADDRESS_SPACE), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0),
                         (resource.RLIMIT_NOFILE, 64)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (limit, limit))


def open_lab(message: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """A connection on the tables described by `message`, with every door shut and locked."""
    con = duckdb.connect(":memory:", config={
        "threads": 1, "memory_limit": MEMORY, "autoinstall_known_extensions": False,
        "autoload_known_extensions": False, "errors_as_json": True,
        "python_enable_replacements": False})
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET temp_directory = ''; SET max_temp_directory_size = '0KB'; SET max_expression_depth = 250")
    con.execute("ATTACH '{}' AS base (READ_ONLY)".format(message["base"].replace("'", "''")))
    con.execute("CREATE SCHEMA mine")
    for name, table in message["tables"].items():
        add_table(con, name, table, message["rows"].get(name), message["shadow"].get(table["resource"]))
    for statement in message["statements"]:
        con.execute(statement)
    con.execute("SET enable_external_access = false; SET lock_configuration = true")
    return con


def add_table(con: duckdb.DuckDBPyConnection, name: str, table: dict[str, Any], rows: Any, shadow: Any) -> None:
    """One table of the lab: the base's, less what she replaced or deleted, and her own rows."""
    select = f'FROM base."{name}"'
    if shadow:
        hidden = f'mine."shadow {table["resource"]}"'
        con.execute(f"CREATE TABLE IF NOT EXISTS {hidden} AS SELECT unnest(from_json(?, '[\"VARCHAR\"]')) AS id",
                    [json.dumps(shadow)])
        select += f' WHERE "{table["owner"]}" NOT IN (FROM {hidden})'
    if rows:
        typed = ", ".join(f'CAST(r->>{n} AS {kind}) AS "{column}"' for n, (column, kind) in enumerate(table["columns"]))
        con.execute(f'CREATE TABLE mine."{name}" AS FROM (SELECT unnest(CAST(? AS JSON[])) AS r) SELECT {typed}',
                    [json.dumps(rows)])
        own = f'FROM mine."{name}"'
        select = f"({own}) UNION ALL ({select})" if table.get("first") else f"({select}) UNION ALL ({own})"
    con.execute(f'CREATE VIEW "{name}" AS {select}')


def check(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Refuse whatever is not one SELECT on her tables with the same answer every time."""
    if len(sql) > LONGEST:
        raise Refused(f"The statement is longer than {LONGEST:,} characters.")
    statements = con.extract_statements(sql)
    if not statements:
        raise Refused("There is no statement to run.", hint="Begin with SELECT or WITH.")
    if len(statements) > 1:
        raise Refused("One statement at a time.", len(statements[0].query.encode()), "Run the parts one by one.")
    kind = statements[0].type.name
    if kind == "MULTI":
        raise Refused("This PIVOT finds its columns as it runs.", 0, "List them: PIVOT … ON column IN ('a', 'b') …")
    offset = 0
    if kind == "EXPLAIN" and (match := EXPLAIN.match(sql)):
        offset, sql = len(match[0]), sql[match.end():]
    elif kind != "SELECT":
        raise Refused(f"The lab reads and never changes: {kind} is not allowed.", 0, "Begin with SELECT or WITH.")
    row = con.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree.get("error"):
        raise Refused("The lab reads and never changes: only SELECT is allowed.", 0, "Begin with SELECT or WITH.")
    walk(tree["statements"], offset, 0)


def walk(node: Any, offset: int, depth: int) -> None:
    """Look at every function and table of a statement's tree."""
    if depth > DEEPEST:
        raise Refused("The statement is nested too deeply.")
    if isinstance(node, dict):
        if "function_name" in node:
            check_function(node, offset)
        elif node.get("type") == "TABLE_FUNCTION":
            node["function"] |= {"query_location": node.get("query_location"), "table": True}
        elif node.get("type") == "BASE_TABLE":
            check_table(node, offset)
        if isinstance(node.get("sample"), dict):
            raise Refused("A sample gives another answer every time.", -1, "Use WHERE or LIMIT with ORDER BY.")
    for each in node.values() if isinstance(node, dict) else node:
        if isinstance(each, dict | list):
            walk(each, offset, depth + 1)


def check_function(node: dict[str, Any], offset: int) -> None:
    """Refuse a function that is closed, or called around the lab's own macros by a schema's name."""
    name, at = str(node["function_name"]).lower(), place(node, offset)
    if name in NEVER_THE_SAME:
        raise Refused(f"{name}() gives another answer every time, and an answer here must be repeatable.", at)
    if name in CLOSED or name.startswith(CLOSED_STARTS) or (node.get("table") and name not in TABLE_FUNCTIONS):
        raise Refused(f"{name}() is not open in the lab.", at, "Your tables: DESCRIBE, SHOW TABLES.")
    if node.get("catalog") or str(node.get("schema", "")).lower() in REAL_SCHEMAS:
        raise Refused(f"Write {name}() without a schema before it.", at)
    if name == "age" and len(node.get("arguments", ())) == 1:
        raise Refused("age() with one date counts from the machine's day.", at, "Write age(current_date, your_date).")


def check_table(node: dict[str, Any], offset: int) -> None:
    """Refuse a table outside the lab."""
    name = str(node.get("table_name", "")).lower()
    outside = (str(node.get("schema_name", "")).lower() not in SCHEMAS
               or str(node.get("catalog_name", "")).lower() not in CATALOGS)
    if outside or name.startswith(("duckdb_", "pragma_", "sqlite_", "pg_")):
        raise Refused(f"{name} is not a table of the lab.", place(node, offset), "Your tables: SHOW TABLES.")


def place(node: dict[str, Any], offset: int) -> int:
    """The byte where a node of the tree begins."""
    at = node.get("query_location")
    return at + offset if isinstance(at, int) and 0 <= at < 2**63 else -1  # DuckDB's "unknown" is 2**64 - 1


def run(con: duckdb.DuckDBPyConnection, message: dict[str, Any]) -> dict[str, Any]:
    """The answer to one statement, or its problem. Stops itself after `seconds`; the house waits a little longer."""
    done, start = threading.Event(), time.perf_counter()
    threading.Thread(target=watch, args=(con, done, message["seconds"]), daemon=True).start()
    try:
        check(con, message["sql"])
        return answer(con.execute(message["sql"]), message["rows"], message["bytes"], start)
    except Refused as refused:
        return {"problem": refused.said}
    except (MemoryError, duckdb.OutOfMemoryException):
        return {"problem": {"kind": "memory"}, "dying": True}
    except RecursionError:
        return {"problem": {"kind": "refused", "message": "The statement is nested too deeply."}}
    except duckdb.InterruptException:
        return {"problem": {"kind": "time"}}
    except duckdb.Error as error:
        bad = isinstance(error, duckdb.FatalException | duckdb.InternalException | duckdb.IOException)
        return {"problem": {"kind": "damaged"} if bad and "orrupt" in str(error) else told(error), "dying": bad}
    except (ValueError, OverflowError) as error:
        return {"problem": {"kind": "error", "message": f"A value cannot be shown: {error}"}}
    finally:
        done.set()


def watch(con: duckdb.DuckDBPyConnection, done: threading.Event, seconds: float) -> None:
    """Interrupt a query that takes too long; end the process where that is no help and the house has not killed it."""
    if not done.wait(seconds):
        con.interrupt()
        if not done.wait(5):
            os._exit(1)


def told(error: Exception) -> dict[str, Any]:
    """DuckDB's error as kind, sentence and byte position."""
    text = str(error)
    start = text.find("{")
    try:
        said = json.loads(text[start:])
        message, position = said["exception_message"], int(said.get("position", -1))
    except (ValueError, KeyError, TypeError):
        message, position = text.partition("\n\nLINE ")[0], -1
    return {"kind": "error", "message": message, "position": position}


def answer(result: Any, most_rows: int, most_bytes: int, start: float) -> dict[str, Any]:
    """Columns, types and rows, as far as the bounds allow, each value as JSON that `process.py` can read back."""
    columns = [str(each[0]) for each in result.description]
    types = [str(each[1]).strip('"') for each in result.description]
    rows: list[str] = []
    size, truncated = 0, False
    while not truncated:
        some = result.fetchmany(min(256, most_rows + 1 - len(rows)))
        if not some:
            break
        for row in some:
            text = json.dumps([plain(value) for value in row], separators=(",", ":"))
            size += len(text)
            if len(rows) == most_rows or size > most_bytes:
                truncated = True
                break
            rows.append(text)
    if truncated and not rows and most_rows:
        raise Refused(f"One row of the answer is larger than {most_bytes // 1_000_000} MB.", kind="rows")
    spent = (time.perf_counter() - start) * 1000
    return {"columns": columns, "types": types, "rows": rows, "truncated": truncated, "milliseconds": round(spent, 3)}


def plain(value: Any) -> Any:
    """A value as JSON: what JSON lacks becomes text, by its type's usual spelling."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "total_seconds"):
        return value.total_seconds()
    return str(value)


def read(stream: BinaryIO) -> dict[str, Any] | None:
    """The next message, or None when the house has gone."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    message: dict[str, Any] = json.loads(stream.read(struct.unpack(">I", head)[0]))
    return message


def write(stream: BinaryIO, message: dict[str, Any]) -> None:
    """Send a message; rows are JSON already and are put in as they are."""
    rows = message.pop("rows", None)
    text = json.dumps(message)
    body = (text if rows is None else f'{text[:-1]}, "rows": [{",".join(rows)}]}}').encode()
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def main() -> None:
    """Answer messages until the house goes, or until a limit was hit hard. The labs used last stay open."""
    bound_process()
    inward, outward = sys.stdin.buffer, sys.stdout.buffer
    labs: dict[str, duckdb.DuckDBPyConnection] = {}
    write(outward, {"ready": True})
    while (message := read(inward)) is not None:
        name = message["name"]
        if message["do"] == "open":
            while len(labs) >= OPEN:
                labs.pop(next(iter(labs))).close()
            try:
                labs[name] = open_lab(message)
                reply: dict[str, Any] = {"open": list(labs)}
            except (duckdb.Error, MemoryError) as error:
                short = isinstance(error, MemoryError | duckdb.OutOfMemoryException)
                reply = {"problem": {"kind": "broken" if short else "damaged"}, "dying": True}
        else:
            labs[name] = labs.pop(name)
            reply = run(labs[name], message)
        write(outward, reply)
        if reply.get("dying"):
            return


if __name__ == "__main__":
    main()
