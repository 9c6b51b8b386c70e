"""The process that runs a learner's SQL: `python -I worker.py`, JSON on pipes, nothing of the house imported.

A message is four bytes of length (big-endian) and JSON. `{"do": "open", …}` makes a new in-memory DuckDB, attaches a
base file read-only, adds her rows, shuts every door and locks them. `{"do": "run", …}` answers one SELECT. With `copy`
in it the lab is a scratch copy, and `{"do": "play", …}` changes and reads it (`changes.py`). The house kills this
process when a query takes too long; limits of the operating system stop what DuckDB does not.
"""

import contextlib
import json
import struct
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, BinaryIO

sys.path.extend(sys.argv[1:])  # where duckdb is, when that is not where -I looks, and this file's own neighbours

import duckdb

if TYPE_CHECKING:
    from sandbox.lab import changes
    from sandbox.lab.answers import answer, told, watch
    from sandbox.lab.refusals import Refused, check
else:
    import changes
    from answers import answer, told, watch
    from refusals import Refused, check

#: DuckDB's own limit and, above it, the whole process's address space (the interpreter and libraries included).
MEMORY = "384MB"
ADDRESS_SPACE = 1_300_000_000
OPEN = 4  # labs at once


def bound_process(file_bytes: int = 0) -> None:
    """Let the operating system bound what this process can take (the house starts none where that cannot be done).

    A query's process writes no file at all; one that packs tables writes some, up to `file_bytes` each.
    """
    import resource

    threading.stack_size(512 * 1024)
    for which, limit in ((resource.RLIMIT_AS, ADDRESS_SPACE), (resource.RLIMIT_CORE, 0),
                         (resource.RLIMIT_FSIZE, file_bytes), (resource.RLIMIT_NOFILE, 64)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (limit, limit))


def open_lab(message: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """A connection on the tables described by `message`, with every door shut and locked but that to its `folder`."""
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
    if "folder" in message:
        con.execute("SET allowed_directories = ['{}']".format(message["folder"].replace("'", "''")))
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


def run(con: duckdb.DuckDBPyConnection, message: dict[str, Any]) -> dict[str, Any]:
    """The answer to one statement, or its problem. Stops itself after `seconds`; the house waits a little longer."""
    done, start = threading.Event(), time.perf_counter()
    threading.Thread(target=watch, args=(con, done, message["seconds"]), daemon=True).start()
    try:
        statement = check(con, message["sql"])
        return answer(con.execute(statement), message["rows"], message["bytes"], start)
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


def open_or_say(labs: dict[str, duckdb.DuckDBPyConnection], message: dict[str, Any]) -> dict[str, Any]:
    """A lab opened under its name, the one used longest ago closed where there are many; or why it could not be."""
    while len(labs) >= OPEN:
        labs.pop(next(iter(labs))).close()
    try:
        con = open_lab(message)
        if "copy" in message:
            changes.rebuild(con, message)
        labs[message["name"]] = con
        return {"open": list(labs)}
    except Refused as refused:
        return {"problem": refused.said}
    except (duckdb.Error, MemoryError) as error:
        short = isinstance(error, MemoryError | duckdb.OutOfMemoryException) or "copy" in message
        return {"problem": {"kind": "broken" if short else "damaged"}, "dying": True}


def play(labs: dict[str, duckdb.DuckDBPyConnection], message: dict[str, Any]) -> dict[str, Any]:
    """Steps on a scratch copy. It goes by another name once changed; one that was stopped in the middle is thrown away,
    and made again from its journal."""
    con = labs.pop(message["name"])
    reply = changes.play(con, message)
    if "problem" in reply:
        con.close()
    else:
        labs[message["became"][reply["scripts"]]] = con
    return {**reply, "open": list(labs)}


def main() -> None:
    """Answer messages until the house goes, or until a limit was hit hard. The labs used last stay open."""
    bound_process()
    inward, outward = sys.stdin.buffer, sys.stdout.buffer
    labs: dict[str, duckdb.DuckDBPyConnection] = {}
    write(outward, {"ready": True})
    while (message := read(inward)) is not None:
        name, start = message["name"], time.process_time()
        if message["do"] == "open":
            reply = open_or_say(labs, message)
        elif message["do"] == "play":
            reply = play(labs, message)
        else:
            labs[name] = labs.pop(name)
            reply = run(labs[name], message)
        write(outward, {**reply, "cpu": round(time.process_time() - start, 3)})
        if reply.get("dying"):
            return


if __name__ == "__main__":
    main()
