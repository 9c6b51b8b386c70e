"""Migrations: the revisions make the tables that the modules own; older data is copied first, newer data refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import sandbox.app  # noqa: F401 - every module that owns a table
from sandbox.db import Database, metadata
from sandbox.errors import NewerDatabase
from sandbox.migrations import _HERE as HERE
from sandbox.migrations import migrate


def fresh(folder: Path) -> Database:
    """A database file with nothing in it."""
    return Database(f"sqlite:///{folder / 'house.sqlite'}", folder / "lock")


def test_the_revisions_make_exactly_the_tables_that_modules_own(tmp_path: Path) -> None:
    """A table changed without a revision fails here."""
    db = fresh(tmp_path)
    migrate(db, tmp_path)
    with db.engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
        made = {name: conn.exec_driver_sql(f"SELECT sql FROM sqlite_master WHERE name = '{name}'").scalar()
                for name in ("trail",)}
    assert "WITHOUT ROWID" in str(made["trail"])
    db.close()


def test_the_revisions_run_on_postgresql_too(postgres_url: str, tmp_path: Path) -> None:
    """In a database of their own, so that the other tests' tables stay out of the way."""
    server = Database(postgres_url)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(sa.text("DROP DATABASE IF EXISTS migrated"))
        conn.execute(sa.text("CREATE DATABASE migrated"))
    db = Database(server.url.set(database="migrated").render_as_string(hide_password=False))
    migrate(db, tmp_path)
    migrate(db, tmp_path)
    with db.engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
    for each in (db, server):
        each.close()


def test_an_older_database_is_copied_before_it_is_changed(tmp_path: Path, monkeypatch: Any) -> None:
    """The copy stands beside it, named by its revision."""
    db = fresh(tmp_path)
    migrate(db, tmp_path)
    from alembic.script import ScriptDirectory

    head = ScriptDirectory(str(HERE)).get_current_head()
    monkeypatch.setattr(ScriptDirectory, "get_current_head", lambda self: "9999-that-is-not-here")
    migrate(db, tmp_path)
    assert [p.name.startswith(f"before-upgrade-{head}-") for p in tmp_path.glob("before-upgrade-*")] == [True]
    db.close()


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    """The message says what to do."""
    db = fresh(tmp_path)
    migrate(db, tmp_path)
    with db.engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabase, match="newer Two Seats"):
        migrate(db, tmp_path)
    with db.reading() as conn:
        assert conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == "9999"
    db.close()
