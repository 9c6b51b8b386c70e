"""The process that writes Parquet files: a whole lab's tables, or one answer of hers (nothing of the house imported).

It opens the lab as the query worker does, with every door shut but that to the folder it is given, does one job and is
ended. What is hers to say, her SELECT, is looked at by the same eyes before it runs.
"""

import errno
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.extend(sys.argv[1:])  # as in worker.py

import duckdb

if TYPE_CHECKING:
    from sandbox.lab.answers import told, watch
    from sandbox.lab.refusals import Refused, check
    from sandbox.lab.worker import bound_process, open_lab, read, write
else:
    from answers import told, watch
    from refusals import Refused, check
    from worker import bound_process, open_lab, read, write

#: Bytes that one file may have: the operating system refuses more.
LARGEST = 48_000_000
#: What stands before her statement when its answer is copied: an error's place is counted without it.
BEFORE = "COPY (FROM ("


def pack(con: duckdb.DuckDBPyConnection, message: dict[str, Any]) -> dict[str, Any]:
    """Each table of `files` as a file of its own name."""
    for name in message["files"]:
        copy(con, f'"{name}"', Path(message["folder"], f"{name}.parquet"))
    return {"done": len(message["files"])}


def result(con: duckdb.DuckDBPyConnection, message: dict[str, Any]) -> dict[str, Any]:
    """The whole answer to `sql` as one file."""
    check(con, message["sql"])
    statement = con.extract_statements(message["sql"])[0]
    if statement.type.name != "SELECT":
        raise Refused("Only the answer to a SELECT can be a Parquet file.", 0)
    copy(con, f"({alone(statement.query)}\n)", Path(message["folder"], "result.parquet"))
    return {"done": 1}


def alone(sql: str) -> str:
    """One statement without its semicolon and what stands after it (comments: `check` found no second statement)."""
    text = sql.encode()
    ends = (at for at, kind in duckdb.tokenize(sql) if kind.name == "operator" and text[at:at + 1] == b";")
    return text[:next(ends, len(text))].decode()


def copy(con: duckdb.DuckDBPyConnection, what: str, path: Path) -> None:
    """Write rows to a file inside the folder. Its name is ours: no word of hers stands in it."""
    place = str(path).replace("'", "''")
    con.execute(f"COPY (FROM {what}) TO '{place}' (FORMAT parquet, COMPRESSION zstd)")


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """Do the job, or say what came in its way."""
    done = threading.Event()
    try:
        con = open_lab(message)
        threading.Thread(target=watch, args=(con, done, message["seconds"]), daemon=True).start()
        return result(con, message) if message["do"] == "result" else pack(con, message)
    except Refused as refused:
        return {"problem": refused.said}
    except RecursionError:
        return {"problem": {"kind": "refused", "message": "The statement is nested too deeply."}}
    except (MemoryError, duckdb.OutOfMemoryException):
        return {"problem": {"kind": "memory"}}
    except duckdb.InterruptException:
        return {"problem": {"kind": "time"}}
    except (OSError, duckdb.IOException) as error:
        return {"problem": {"kind": "full" if os.strerror(errno.EFBIG) in str(error) else "disk"}}
    except duckdb.Error as error:
        said = told(error)
        return {"problem": {**said, "position": max(-1, said["position"] - len(BEFORE))}}
    finally:
        done.set()


def main() -> None:
    """One job and no more."""
    bound_process(LARGEST)
    inward, outward = sys.stdin.buffer, sys.stdout.buffer
    write(outward, {"ready": True})
    message = read(inward)
    if message is not None:
        write(outward, answer(message))


if __name__ == "__main__":
    main()
