"""Time kept, and an answer or an error as JSON (part of the worker: nothing of the house imported)."""

import decimal
import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.lab.refusals import Refused
else:
    from refusals import Refused


def watch(con: Any, done: threading.Event, seconds: float) -> None:
    """Interrupt what takes too long; end the process where that is no help and the house has not killed it."""
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
