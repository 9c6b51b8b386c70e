"""The process that lays out a hospital's tables for the lab while it is being stored.

It reads what is committed, so the tables say what the record says. If it fails, nothing is lost: the tables are then
laid out afterwards, as those of any other hospital.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sandbox.house import House


class Follower:
    """The running process. `told` after each commit, `finished` after the last."""

    def __init__(self, house: House, ws: int) -> None:
        self.path: Path = house.labs.ahead()
        s = house.settings
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", "sandbox", "hospital", "tables", "--data", str(s.data), str(ws), str(self.path)],
            env={**os.environ, "TWO_SEATS_DATABASE_URL": s.database_url}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def told(self, word: bytes = b"more\n") -> None:
        """Say that there is more to read."""
        assert self._process.stdin is not None
        with suppress(OSError):  # it has ended: `finished` will say so
            self._process.stdin.write(word)
            self._process.stdin.flush()

    def finished(self) -> int:
        """Wait for the file at `path`: how many resources it was made of, 0 where it was not made."""
        self.told(b"end\n")
        said, _ = self._process.communicate()
        return int(said) if self._process.returncode == 0 else 0

    def close(self) -> None:
        """End the process, if it has not ended, and take away what nobody has taken."""
        with suppress(OSError):
            self._process.communicate()  # without an end it hears that there will be none
        self.path.unlink(missing_ok=True)


@contextmanager
def follower(house: House, ws: int) -> Iterator[Follower]:
    """One that ends with the block."""
    made = Follower(house, ws)
    try:
        yield made
    finally:
        made.close()
