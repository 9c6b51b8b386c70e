"""Database migrations, run at start, after a copy. A newer database is refused; an older one is brought up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from sandbox.db import Database, alone
from sandbox.errors import BadInput, NewerDatabase

_HERE = Path(__file__).parent


def migrate(db: Database, backups: Path) -> None:
    """Bring the database to this version's tables. SQLite is copied to `backups` first, if it held anything.

    NewerDatabase where it was written by a newer Two Seats: nothing is touched.
    """
    scripts = ScriptDirectory(str(_HERE))
    with _plainly(db), db.engine.connect() as conn:
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
    with _plainly(db), db.engine.connect().execution_options(write=True) as conn, conn.begin():
        alone(conn, "migrations")
        config.attributes["connection"] = conn
        command.upgrade(config, "head")


@contextmanager
def _plainly(db: Database) -> Iterator[None]:
    """A server that does not answer, a wrong password, a file that is no database: BadInput that says which."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        said = " ".join(str(error.orig).split())[:300].rstrip(".")
        raise BadInput(f"The database cannot be opened: {said}.",
                       hint=f"It is {db.url.render_as_string(hide_password=True)}.") from error


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
