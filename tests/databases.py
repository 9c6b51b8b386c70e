"""Databases for tests: a new SQLite file, or an emptied PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from sandbox.db import Database


def sqlite_database(folder: Path) -> Database:
    """A SQLite database in the folder, with every table that has been imported."""
    database = Database(f"sqlite:///{folder / 'record.sqlite'}", folder / "write.lock")
    database.create()
    return database


def empty(database: Database) -> None:
    """Make every table that has been imported, and take all rows away."""
    database.create()
    with database.engine.begin() as conn:
        names = ", ".join(f'"{name}"' for name in sa.inspect(conn).get_table_names())
        if names:
            conn.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


