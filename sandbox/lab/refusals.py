"""What a statement may not do in the lab, looked for before it runs (part of the worker: nothing of the house)."""

import json
import re
from typing import Any

import duckdb

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


def check(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The statement, read once; refused is whatever is not one SELECT on her tables with the same answer every time."""
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
    return statements[0]


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


#: What a script on a scratch copy may hold. Everything else (COPY, ATTACH, SET, PRAGMA, CALL, LOAD …) is refused.
CHANGES = {"INSERT", "UPDATE", "DELETE", "MERGE_INTO", "CREATE", "DROP", "ALTER", "TRANSACTION", "SELECT"}
#: What CREATE, DROP and ALTER may not be about: code, and what is not inside the copy.
NOT_IN_A_COPY = {"macro", "function", "secret", "database", "extension", "role", "user"}
#: Counting on is repeatable in a copy that is always made in the same way.
COUNTING = {"nextval", "currval"}
#: The machine's clock, where a schema's name before it would lead around the lab's macros.
CLOCKS = {"now", "today", "current_date", "current_time", "current_timestamp", "get_current_timestamp", "localtime",
          "transaction_timestamp", "current_localtimestamp", "current_localtime", "get_current_time", "localtimestamp"}
TABLE_PLACES = {"from", "join", "into", "update", "table", ",", "using", "exists", "view", "index", "on"}


_closed: list[frozenset[str]] = []


def table_functions(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The names of DuckDB's functions that stand where a table stands and are not open in the lab; asked for once."""
    if _closed:
        return _closed[0]
    rows = con.execute("SELECT function_name, bool_or(function_type IN ('scalar', 'aggregate', 'macro', 'window')) "
                       "FROM duckdb_functions() WHERE function_type != 'pragma' GROUP BY 1").fetchall()
    _closed.append(frozenset(name.lower() for name, scalar in rows if not scalar) - TABLE_FUNCTIONS)
    return _closed[0]


def check_change(con: duckdb.DuckDBPyConnection, sql: str, kind: str, closed: frozenset[str]) -> None:
    """Refuse a statement of a script that reaches out of the copy or would do something else the next time."""
    if len(sql) > LONGEST:
        raise Refused(f"The statement is longer than {LONGEST:,} characters.")
    if kind not in CHANGES:
        raise Refused(f"{kind} is not open in a copy.", 0, "A script changes tables: CREATE, ALTER, DROP, INSERT, "
                                                           "UPDATE, DELETE, MERGE, BEGIN, COMMIT.")
    if kind == "SELECT":
        check(con, sql)
        return
    said = words(sql)
    first = [word for word, _, _ in said[:7]]
    if kind in ("CREATE", "DROP", "ALTER") and (found := NOT_IN_A_COPY.intersection(first)):
        raise Refused(f"A copy has tables, views, types, indexes and triggers; {min(found)} stays as it is.", 0)
    if "schema" in first and {"mine", "main", "base"}.intersection(first):
        raise Refused("The copy's own schema stays as it is.", 0)
    for n, (word, at, name) in enumerate(said):
        before, after = (said[n - 1][0] if n else ""), (said[n + 1][0] if n + 1 < len(said) else "")
        if name:
            check_word(word, at, before, after, closed)
        if word == "tablesample" or (word == "sample" and before == "using"):
            raise Refused("A sample gives another answer every time.", at, "Use WHERE or LIMIT with ORDER BY.")


def check_word(word: str, at: int, before: str, after: str, closed: frozenset[str]) -> None:
    """Refuse a name by what stands around it: a function that is closed, a table outside the copy."""
    if after == "(":
        if word in NEVER_THE_SAME - COUNTING or (before == "." and word in CLOCKS):
            raise Refused(f"{word}() gives another answer every time, and a script must be repeatable.", at)
        if word in CLOSED or word.startswith(CLOSED_STARTS) or word in closed:
            raise Refused(f"{word}() is not open in a copy.", at)
        if word == "age":
            raise Refused("age() may count from the machine's day.", at, "Write date_diff('year', from, to).")
    if word.startswith(("duckdb_", "pragma_", "sqlite_", "pg_")):
        raise Refused(f"{word} is not part of a copy.", at)
    if word in ("base", "mine", "system") and ((after == "." and before in TABLE_PLACES) or before == "schema"):
        raise Refused(f"{word} is not part of a copy.", at, "Write the table's name alone.")


def words(sql: str) -> list[tuple[str, int, bool]]:
    """A statement's words and signs in small letters, with their byte and whether they could be a name."""
    text = sql.encode()
    starts = [(at, kind.name) for at, kind in duckdb.tokenize(sql)]
    found: list[tuple[str, int, bool]] = []
    for (at, kind), (end, _) in zip(starts, [*starts[1:], (len(text), "")], strict=True):
        word = text[at:end].decode(errors="ignore").strip()
        if kind in ("comment", "string_const", "numeric_const") or not word:
            continue
        if word.startswith('"'):
            word = word[1:word.find('"', 1)] if '"' in word[1:] else word
            found.append((word.lower(), at, True))
        elif kind == "operator":
            found += [(sign, at + n, False) for n, sign in enumerate(word)]
        else:
            found.append((word.lower(), at, True))
    return found
