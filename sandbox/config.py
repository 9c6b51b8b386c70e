"""Every setting, with its default and its help side by side. README lists each (tested).

A setting is read, in this order, from the command line, from `TWO_SEATS_<NAME>` in the environment, from here.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock

from sandbox.errors import BadInput


def _setting(default: Any, help: str, least: int = 0, most: int = 2**31) -> Any:
    return field(default=default, metadata={"help": help, "least": least, "most": most})


@dataclass(frozen=True)
class Settings:
    """How one house is run. Immutable; `Settings.read()` makes it from the environment."""

    data: Path = field(
        default_factory=lambda: Path(platformdirs.user_data_dir("two-seats", appauthor=False)),
        metadata={"help": "directory that holds the database, labs, code set and session key"},
    )
    database_url: str = _setting("", "SQLAlchemy URL; empty: SQLite in the data directory (DATABASE_URL is read too)")
    host: str = _setting("127.0.0.1", "address to serve on; 0.0.0.0 opens the house to a class")
    port: int = _setting(8321, "port to serve on", most=65535)
    browser: bool = _setting(True, "open a browser when the server is up")
    threads: int = _setting(8, "threads of the embedded server", least=1)
    patients: int = _setting(600, "how many patients the hospital has; 80 are there at once, the rest come behind",
                             least=1)
    seed: int = _setting(20260630, "seed of the hospital: the same seed gives the same bytes")
    idle_minutes: int = _setting(15, "after this long without a click an account signs in again; guests resume",
                                 least=1)
    scenario_folders: str = _setting("", "further folders of scenarios, separated as in PATH")
    seat_folders: str = _setting("", "further folders, each a seat with its activities, separated as in PATH")
    activity_folders: str = _setting("", "further folders, each an activity, as seat=folder, separated as in PATH")
    proxies: int = _setting(0, "how many reverse proxies stand in front (their X-Forwarded headers are believed)")
    rate_limits: bool = _setting(True, "limit sign-ins and floods per user and address")

    @classmethod
    def read(cls, given: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from what was given on the command line (None = not given) over the environment over defaults."""
        env = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for f in fields(cls):
            raw = env.get(f"TWO_SEATS_{f.name.upper()}")
            if raw is None and f.name == "database_url":
                raw = env.get("DATABASE_URL")
            if given and given.get(f.name) is not None:
                values[f.name] = given[f.name]
            elif raw is not None:
                values[f.name] = _parse(f, raw)
        if "data" in values:
            values["data"] = Path(values["data"]).expanduser().absolute()
        return cls(**values)

    @property
    def url(self) -> str:
        """The database's URL, SQLite in the data directory unless another was given."""
        return self.database_url or f"sqlite:///{self.data / 'two-seats.sqlite'}"

    def folders(self, name: str) -> list[Path]:
        """The paths of `scenario_folders` or `seat_folders`."""
        return [Path(p).expanduser() for p in str(getattr(self, name)).split(os.pathsep) if p]

    def directory(self) -> Path:
        """The data directory, made where there is none, for its owner alone. BadInput where it cannot be written."""
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.data):
                return self.data
        except OSError as error:
            raise BadInput(f"The data directory {self.data} cannot be used: {error.strerror}.",
                           hint="Name another with --data.") from None

    def inhabited(self) -> Path:
        """The data directory of a house that was opened before; BadInput where nobody has, and nothing is made."""
        if not self.database_url and not any(self.data.glob("*.sqlite")):
            raise BadInput(f"There is no house in {self.data}.", hint="Run two-seats once, or name it with --data.")
        return self.directory()

    def session_key(self) -> bytes:
        """The key that signs sessions: made once, kept in the data directory, readable by its owner alone (0600).

        Whole or not there: a server that is killed here, or another that starts beside it, never signs with half a key.
        """
        path = self.directory() / "session.key"
        with FileLock(path.with_suffix(".lock"), is_singleton=False):
            if not path.is_file() or not path.stat().st_size:
                part = path.with_suffix(".part")
                part.unlink(missing_ok=True)
                with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(secrets.token_bytes(32))
                part.replace(path)
        return path.read_bytes()


def _parse(setting: Field[Any], raw: str) -> Any:
    name = f"TWO_SEATS_{setting.name.upper()}"
    if setting.type == "int":
        least, most = setting.metadata["least"], setting.metadata["most"]
        try:
            number = int(raw)
        except ValueError:
            raise BadInput(f"{name} is {raw!r}, which is not a whole number.") from None
        if not least <= number <= most:
            raise BadInput(f"{name} is {number}, which is not from {least} to {most}.")
        return number
    if setting.type == "bool":
        return raw.strip().lower() not in {"", "0", "no", "false", "off"}
    return Path(raw) if setting.type == "Path" else raw
