"""A lab to take away: its tables as Parquet files in one zip with their dictionary, or one answer as a Parquet file.

Written by a process of its own (`packer.py`) into a folder of its own, so that size, time and memory are bounded as a
query's are, and gone again before the answer leaves the house.
"""

from __future__ import annotations

import io
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.errors import SqlProblem
from sandbox.lab import leaflet
from sandbox.lab.process import GRACE, Message, Pool, Stopped
from sandbox.lab.readings import problem, stopped
from sandbox.lab.room import RoomLab

PACKER = Path(__file__).with_name("packer.py")
OPENING = 20.0  # seconds for the process to open the lab, before its own time begins
PACK_SECONDS, RESULT_SECONDS = 30.0, 5.0
MOST = 64_000_000  # bytes of a whole pack
AT_ONCE = 2  # packs: what is left of the workers is for queries

_turns = threading.BoundedSemaphore(AT_ONCE)


def pack(pool: Pool, folder: Path, lab: RoomLab) -> bytes:
    """Every table of `lab` as Parquet, README.md and lab.sql, zipped; SqlProblem where it is too large or late."""
    tables = lab.schema()
    job: Message = {"do": "pack", "files": [table.name for table in tables], "seconds": PACK_SECONDS}
    with _done(pool, folder, lab, job, "") as made:
        files = {path.name: path.read_bytes() for path in sorted(made.iterdir())}
    texts = {"README.md": leaflet.readme(tables, lab.today, lab.base.hospital),
             "lab.sql": leaflet.views(lab.dictionary, tables, lab.today, lab.base.hospital)}
    return _zipped({**{name: text.encode() for name, text in texts.items()}, **files}, lab)


def result(pool: Pool, folder: Path, lab: RoomLab, sql: str) -> bytes:
    """The whole answer to one SELECT as a Parquet file; SqlProblem as in `Lab.run`."""
    with _done(pool, folder, lab, {"do": "result", "sql": sql, "seconds": RESULT_SECONDS}, sql) as made:
        return (made / "result.parquet").read_bytes()


@contextmanager
def _done(pool: Pool, folder: Path, lab: RoomLab, job: Message, sql: str) -> Iterator[Path]:
    """The folder in which the job was done; it is gone afterwards."""
    if not _turns.acquire(timeout=OPENING):
        raise SqlProblem("Others are taking their tables away just now.", kind="busy", hint="Try again in a moment.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".pack-", dir=folder) as made:
            _do(pool, lab, {**lab.opening(lab.name), **job, "folder": made}, sql)
            yield Path(made)
    finally:
        _turns.release()


def _do(pool: Pool, lab: RoomLab, message: Message, sql: str) -> None:
    seconds = message["seconds"]
    with pool.once(lab.owner, PACKER) as process:
        try:
            answer = process.ask(message, OPENING + seconds + GRACE)
        except Stopped as gone:
            raise stopped(gone.late, seconds) from None
    said = answer.get("problem")
    if said is None:
        return
    if said["kind"] == "full":
        raise _too_large()
    if said["kind"] == "disk":
        raise SqlProblem("The file cannot be written: most often the disk is full.", kind="broken",
                         hint="Everything else goes on. Tell whoever runs this server.")
    raise problem(said, sql, seconds)


def _zipped(files: dict[str, bytes], lab: RoomLab) -> bytes:
    """One zip, its files dated by the workspace's day: the same lab gives the same names and dates."""
    if sum(map(len, files.values())) > MOST:
        raise _too_large()
    out, day = io.BytesIO(), lab.today
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for name, content in files.items():
            made.writestr(zipfile.ZipInfo(f"two-seats-lab/{name}", (day.year, day.month, day.day, 8, 0, 0)), content)
    return out.getvalue()


def _too_large() -> SqlProblem:
    return SqlProblem(f"That is more than fits into one download ({MOST // 1_000_000} MB).", kind="rows",
                      hint="Select the columns and rows that you need, and take the result away.")
