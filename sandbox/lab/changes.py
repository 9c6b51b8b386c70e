"""A scratch copy inside the worker: scripts statement by statement, probes rolled back, reads, and how it stands.

Part of the worker: nothing of the house is imported. A table of the copy is a view on the base until something speaks
of it; from then on it is a table of its own, so that a copy costs what she changes. Each script has a session of its
own: what is TEMPORARY in it is gone at its end.
"""

import contextlib
import json
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from sandbox.lab.answers import answer, told, watch
    from sandbox.lab.refusals import Refused, check, check_change, table_functions
else:
    from answers import answer, told, watch
    from refusals import Refused, check, check_change, table_functions

Connection = duckdb.DuckDBPyConnection
Step = dict[str, Any]
MOST_STATEMENTS = 300
LOOK = {
    "names": "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND database_name = 'memory' "
             "ORDER BY 1",
    "views": "SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND database_name = 'memory' "
             "AND NOT internal ORDER BY 1",
    "indexes": "SELECT table_name, index_name, is_unique, sql FROM duckdb_indexes() WHERE schema_name = 'main' "
               "AND database_name = 'memory' ORDER BY ALL",
    "constraints": "SELECT table_name, constraint_type, constraint_text FROM duckdb_constraints() WHERE "
                   "database_name = 'memory' AND schema_name = 'main' AND constraint_type != 'NOT NULL' ORDER BY ALL",
    "types": "SELECT type_name FROM duckdb_types() WHERE schema_name = 'main' AND database_name = 'memory' "
             "AND NOT internal ORDER BY 1",
    "triggers": "SELECT table_name, trigger_name FROM duckdb_triggers() WHERE database_name = 'memory' ORDER BY ALL",
}


def rebuild(con: Connection, message: dict[str, Any]) -> None:
    """Make the copy what its journal says: the request's own tables first, then each script as far as it went."""
    tables = [name for name, table in message["tables"].items() if table]
    con.execute("CREATE TABLE mine.kept_as_view AS SELECT unnest(from_json(?, '[\"VARCHAR\"]')) AS name",
                [json.dumps(tables)])
    closed = table_functions(con)
    for sql in message["copy"]["setup"]:
        said = script(con, sql, None, closed, trusted=True)
        if "problem" in said:
            raise Refused(f"The request's own tables cannot be made: {said['problem'].get('message')}", kind="broken")
    for entry in message["copy"]["journal"]:
        script(con, entry["sql"], entry["done"], closed)


def play(con: Connection, message: dict[str, Any]) -> dict[str, Any]:
    """Take the steps in order; {steps: […], scripts: how many} or {problem} where time or memory ran out."""
    start, closed, done = time.perf_counter(), table_functions(con), threading.Event()
    found: list[dict[str, Any]] = []
    scripts = 0
    now = Now()
    threading.Thread(target=watch, args=(now, done, message["seconds"]), daemon=True).start()
    try:
        for step in message["steps"]:
            if now.late:
                return {"problem": {"kind": "time"}}
            found.append(take(con, step, message, closed, now))
            scripts += step["do"] == "script"
            if step.get("must") and "problem" in found[-1]:
                break
    except (MemoryError, duckdb.OutOfMemoryException):
        return {"problem": {"kind": "memory"}, "dying": True}
    except duckdb.InterruptException:
        return {"problem": {"kind": "time"}}
    except (duckdb.FatalException, duckdb.InternalException, duckdb.IOException):
        return {"problem": {"kind": "memory"}, "dying": True}
    except duckdb.Error as error:  # not of a statement of hers: those are answers
        return {"problem": {"kind": "broken", "message": told(error)["message"]}}
    finally:
        done.set()
    return {"steps": found, "scripts": scripts, "milliseconds": round((time.perf_counter() - start) * 1000, 1)}


class Now:
    """The session that is at work now, for whoever keeps the time; `late` once it has been stopped."""

    def __init__(self) -> None:
        self.own: Connection | None = None
        self.late = False

    def interrupt(self) -> None:
        """Stop what runs now, and whatever would come after it."""
        self.late = True
        if self.own is not None:
            self.own.interrupt()


def take(con: Connection, step: Step, message: dict[str, Any], closed: frozenset[str], now: Now) -> dict[str, Any]:
    """One step: script, probe, read or look."""
    if step["do"] == "look":
        return look(con, step)
    if step["do"] == "script":
        return script(con, step["sql"], None, closed, now)
    if step["do"] == "probe":
        return probe(con, step, closed, now)
    with session(con, now) as own:
        return rows(own, step["sql"], message)


@contextlib.contextmanager
def session(con: Connection, now: Now | None) -> Any:
    """A connection of its own to the copy, told to whoever keeps the time."""
    own = con.cursor()
    if now is not None:
        now.own = own
    try:
        yield own
    finally:
        if now is not None:
            now.own = None
        own.close()


def script(con: Connection, sql: str, upto: int | None, closed: frozenset[str], now: Now | None = None, *,
           trusted: bool = False) -> dict[str, Any]:
    """Run statements in order until the first that fails: {done, of, rows, problem?}; what was open is rolled back."""
    own_tables(con, sql)
    with session(con, now) as own:
        statements, problem = parsed(own, sql)
        if problem:
            return {"done": 0, "of": 0, "rows": [], "problem": problem}
        counts: list[int] = []
        at = 0
        for n, statement in enumerate(statements[:upto]):
            at = sql.find(statement.query, at)
            problem = run_one(own, statement, closed, counts, trusted)
            if problem:
                within = problem.get("position", -1)
                problem["position"] = len(sql[:at].encode()) + (within if within >= 0 else first_word(statement.query))
                problem["statement"] = n + 1
                break
            at += len(statement.query)
        done = len(counts)
        if left_open(own) and not problem and upto is None:
            problem = {"kind": "error", "type": "Open", "statement": done, "position": -1,
                       "message": "The transaction that was begun is not committed: nothing of it was kept.",
                       "hint": "End it with COMMIT."}
    return {"done": done, "of": len(statements), "rows": counts, **({"problem": problem} if problem else {})}


def parsed(own: Connection, sql: str) -> tuple[list[Any], dict[str, Any] | None]:
    """The script's statements, or why it cannot be read."""
    try:
        statements = own.extract_statements(sql)
    except duckdb.Error as error:
        said = problem_of(error)
        return [], {**said, "statement": unreadable(own, sql)}
    if len(statements) > MOST_STATEMENTS:
        return [], {"kind": "refused", "type": "Refused", "statement": 0, "position": -1,
                    "message": f"A script has at most {MOST_STATEMENTS} statements."}
    return statements, None


def first_word(sql: str) -> int:
    """The byte at which a statement begins, after blanks and comments."""
    return next((at for at, kind in duckdb.tokenize(sql) if kind.name != "comment"), 0)


def unreadable(own: Connection, sql: str) -> int:
    """Which statement, from 1, cannot be read: the first piece between semicolons that cannot be read by itself."""
    text, start, n = sql.encode(), 0, 0
    for at in [*(at for at, kind in duckdb.tokenize(sql) if text[at:at + 1] == b";" and kind.name == "operator"), None]:
        n += 1
        try:
            own.extract_statements(text[start:at].decode(errors="ignore"))
        except duckdb.Error:
            break
        start = len(text) if at is None else at + 1
    return n


def run_one(own: Connection, statement: Any, closed: frozenset[str], counts: list[int], trusted: bool,
            ) -> dict[str, Any] | None:
    """One statement: how many rows it says it touched (-1 where none are counted) is added to `counts`."""
    try:
        if not trusted:
            check_change(own, statement.query, statement.type.name, closed)
        result = own.execute(statement.query)
        some = result.fetchmany(1000) if result.description else []
        touched = some and statement.type.name != "SELECT" and result.description[0][0] == "Count"
        counts.append(int(some[0][0]) if touched else -1)
        while some:  # to its end: what is not fetched may not have happened
            some = result.fetchmany(1000)
        return None
    except Refused as refused:
        return {**refused.said, "type": "Refused"}
    except (duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.FatalException, duckdb.InternalException,
            duckdb.IOException):
        raise
    except duckdb.Error as error:
        return problem_of(error)
    except RecursionError:
        return {"kind": "refused", "type": "Refused", "message": "The statement is nested too deeply.", "position": -1}


def problem_of(error: duckdb.Error) -> dict[str, Any]:
    """An error with DuckDB's name for its kind (Constraint, Catalog, Binder …), by which two alike are told."""
    return {**told(error), "type": type(error).__name__.removesuffix("Exception")}


def left_open(own: Connection) -> bool:
    """Whether a transaction was still open; it is not any more."""
    with contextlib.suppress(duckdb.Error):
        own.execute("ROLLBACK")
        return True
    return False


def probe(con: Connection, step: Step, closed: frozenset[str], now: Now) -> dict[str, Any]:
    """Statements tried in a transaction that is rolled back: {done, of, problem?}, and what a read would have shown."""
    own_tables(con, step["sql"])
    with session(con, now) as own:
        statements, problem = parsed(own, step["sql"])
        counts: list[int] = []
        own.execute("BEGIN")
        for statement in statements:
            problem = problem or run_one(own, statement, closed, counts, False)
        said: dict[str, Any] = {"done": len(counts), "of": len(statements), **({"problem": problem} if problem else {})}
        if not problem and step.get("then"):
            said |= rows(own, step["then"], {"rows": 50, "bytes": 100_000})
        left_open(own)
    return said


def rows(own: Connection, sql: str, most: dict[str, Any]) -> dict[str, Any]:
    """One SELECT's answer, or its problem."""
    try:
        said = answer(own.execute(check(own, sql)), most["rows"], most["bytes"], time.perf_counter())
        return {**said, "rows": [json.loads(row) for row in said["rows"]]}
    except Refused as refused:
        return {"problem": refused.said}
    except RecursionError:
        return {"problem": {"kind": "refused", "message": "The statement is nested too deeply."}}
    except (duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.FatalException, duckdb.InternalException,
            duckdb.IOException):
        raise
    except duckdb.Error as error:
        return {"problem": problem_of(error)}
    except (ValueError, OverflowError) as error:
        return {"problem": {"kind": "error", "message": f"A value cannot be shown: {error}"}}


def own_tables(con: Connection, sql: str) -> None:
    """Make tables of their own of all that the text speaks of and that are still views on the base."""
    spoken = set(re.findall(r"\w+", sql.lower()))
    for (name,) in con.execute("FROM mine.kept_as_view ORDER BY name").fetchall():
        if name in spoken:
            con.execute(f'CREATE TABLE mine."own {name}" AS FROM "{name}"; DROP VIEW "{name}"')
            con.execute(f'CREATE TABLE "{name}" AS FROM mine."own {name}"; DROP TABLE mine."own {name}"')
            con.execute("DELETE FROM mine.kept_as_view WHERE name = ?", [name])


def look(con: Connection, step: Step) -> dict[str, Any]:
    """How the copy stands: columns, indexes, constraints, and of `tables` the number of rows and a checksum."""
    said = {what: [list(row) for row in con.execute(sql).fetchall()] for what, sql in LOOK.items()}
    kept = {name for (name,) in con.execute("FROM mine.kept_as_view").fetchall()}
    views = [name for (name,) in said["views"] if name not in kept]
    counts, columns = {}, []
    for (name,) in said["names"]:
        quoted = name.replace('"', '""')
        of = con.execute('SELECT name, type, NOT "notnull", dflt_value FROM pragma_table_info(?)', [f'"{quoted}"'])
        columns += [[name, *column] for column in of.fetchall()]
        row = con.execute(f'SELECT count(*), coalesce(sum(hash(t)), 0) FROM "{quoted}" t').fetchone()  # noqa: S608
        counts[name] = [row[0], str(row[1])] if row else [0, "0"]
    return {**said, "views": views, "tables": counts, "columns": columns}
