"""Every setting, with its default and its help side by side. README lists each (tested).

A setting is read, in this order, from the command line, from `TWO_SEATS_<NAME>` in the environment, from here.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from sandbox.errors import BadInput


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class Settings:
    """How one house is run. Immutable; `Settings.read()` makes it from the environment."""

    data: Path = field(
        default_factory=lambda: Path(platformdirs.user_data_dir("two-seats", appauthor=False)),
        metadata={"help": "directory that holds the database, labs, code set and session key"},
    )
    database_url: str = _setting("", "SQLAlchemy URL; empty: SQLite in the data directory (DATABASE_URL is read too)")
    host: str = _setting("127.0.0.1", "address to serve on; 0.0.0.0 opens the house to a class")
    port: int = _setting(8321, "port to serve on")
    browser: bool = _setting(True, "open a browser when the server is up")
    threads: int = _setting(8, "threads of the embedded server")
    patients: int = _setting(600, "how many patients the hospital has; 80 are there at once, the rest come behind")
    seed: int = _setting(20260630, "seed of the hospital: the same seed gives the same bytes")
    idle_minutes: int = _setting(15, "after this long without a click an account signs in again; guests resume")
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
                values[f.name] = _parse(f.name, str(f.type), raw)
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

    def session_key(self) -> bytes:
        """The key that signs sessions: made once, kept in the data directory, readable by its owner alone (0600)."""
        self.data.mkdir(parents=True, exist_ok=True)
        path = self.data / "session.key"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_bytes()
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        return path.read_bytes()


def _parse(name: str, kind: str, raw: str) -> Any:
    if kind == "int":
        try:
            return int(raw)
        except ValueError:
            raise BadInput(f"TWO_SEATS_{name.upper()} is {raw!r}, which is not a whole number.") from None
    if kind == "bool":
        return raw.strip().lower() not in {"", "0", "no", "false", "off"}
    return Path(raw) if kind == "Path" else raw
