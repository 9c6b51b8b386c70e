"""Database migrations, run at start, after a copy. A newer database is refused; an older one is brought up to date."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from sandbox.db import Database
from sandbox.errors import NewerDatabase

_HERE = Path(__file__).parent


def migrate(db: Database, backups: Path) -> None:
    """Bring the database to this version's tables. SQLite is copied to `backups` first, if it held anything.

    NewerDatabase where it was written by a newer Two Seats: nothing is touched.
    """
    scripts = ScriptDirectory(str(_HERE))
    with db.engine.connect() as conn:
        current = MigrationContext.configure(conn).get_current_revision()
        conn.rollback()
    if current == scripts.get_current_head():
        return
    if current is not None and current not in {s.revision for s in scripts.walk_revisions()}:
        raise NewerDatabase(f"This data was written by a newer Two Seats (its database is at revision {current}).",
                            hint="Install that version or a later one, or choose another directory with --data.")
    if current is not None:
        _copy(db, backups, current)
    # The lock on the database serialises two processes that start at once: the second finds nothing left to do.
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    with db.engine.connect().execution_options(write=True) as conn, conn.begin():
        if not db.is_sqlite:
            conn.execute(sa.text("SELECT pg_advisory_xact_lock(20260630)"))
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


def _copy(db: Database, folder: Path, revision: str) -> None:
    if not db.is_sqlite or not db.url.database or db.url.database == ":memory:":
        return  # a PostgreSQL server has its own backups
    target = folder / f"before-upgrade-{revision}-{datetime.now(UTC):%Y%m%dT%H%M%S}.sqlite"
    source, copy = sqlite3.connect(db.url.database), sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
