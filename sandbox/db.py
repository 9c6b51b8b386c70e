"""One database, two kinds: SQLite (embedded default) and PostgreSQL (`DATABASE_URL`).

Tables live in the module that owns them and hang on `metadata`. Nobody here or above commits by hand: the edge opens
`reading()` or `writing()`, hands the connection down, and leaving `writing()` without an error commits.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock, Timeout

from sandbox.errors import BadInput, Busy, TrailUnwritten

metadata = sa.MetaData()

_KEPT = "What you typed is still in your browser. Tell your instructor."
_SPELLED = "DATABASE_URL looks like postgresql://name:password@host/database; without it, SQLite is used."
#: How many seconds a writer waits for its turn.
PATIENCE = 30
#: Text that sorts and compares by code point on both databases (PostgreSQL's default collation does not).
BINARY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
#: An integer key that counts up on both databases.
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Database:
    """An engine and the two ways to use it. `lock` is a file that writers of every process queue on (SQLite only)."""

    def __init__(self, url: str, lock: Path | None = None) -> None:
        self.url = _address(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgres(self.url)
        self._lock_path = lock
        self._turn = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent read: every query sees one moment. Whatever was written by mistake is rolled back."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**options) as conn:
            try:
                yield conn
            except sa.exc.DataError as problem:
                _told(problem)
                raise
            finally:
                conn.rollback()

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sa.Connection]:
        """One transaction, begun IMMEDIATE on SQLite; commits when the block ends well, else rolls back.

        A full disk is TrailUnwritten, whatever was being written. Not `durable` (chart reads, drafts): survives any
        end of the program, but perhaps not a power cut a moment later, and commits many times faster on a slow disk.
        """
        with self._queue(), self.engine.connect().execution_options(write=True, durable=durable) as conn:
            try:
                yield conn
                conn.commit()
            except sa.exc.OperationalError as problem:
                conn.rollback()
                if _full(problem):
                    raise TrailUnwritten("Nothing can be kept just now: the disk is full.", hint=_KEPT) from problem
                raise
            except sa.exc.DataError as problem:
                conn.rollback()
                _told(problem)
                raise
            except BaseException:
                conn.rollback()
                raise

    def create(self) -> None:
        """Make every table that is not there yet (tests; a served house migrates instead)."""
        with self.engine.begin() as conn:
            metadata.create_all(conn)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def _queue(self) -> Iterator[None]:
        if self._lock_path is None or not self.is_sqlite:
            yield
            return
        # The file's waiters poll and overtake each other, so of a process's threads only one at a time waits there.
        if not self._turn.acquire(timeout=PATIENCE):
            raise _busy()
        try:
            with _locked(self._lock_path):
                yield
        finally:
            self._turn.release()


def alone(conn: sa.Connection, what: str) -> None:
    """Until this transaction ends, whoever else asks for the same `what` waits; look again at what you read before.

    SQLite has one writer anyway. On PostgreSQL two transactions may both find nothing and both make it.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 20))"), {"what": what})


def upsert(conn: sa.Connection, table: sa.Table, values: dict[str, Any], keys: list[str]) -> None:
    """Insert a row or overwrite the one with the same keys, in one statement on both databases."""
    from sqlalchemy.dialects import postgresql, sqlite

    insert: Any = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    rest = {name: value for name, value in values.items() if name not in keys}
    statement = insert(table).values(**values)
    conn.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest) if rest
                 else statement.on_conflict_do_nothing(index_elements=keys))


def insert(conn: sa.Connection, table: sa.Table, rows: list[tuple[Any, ...]]) -> None:
    """Insert rows, each with a value for every column in the table's order, as the driver takes them.

    Past SQLAlchemy's work on each row, which takes longer than storing it: a hospital has a million index rows.
    """
    if rows:
        conn.exec_driver_sql(_insertion(table, conn.dialect.name), rows)


@cache
def _insertion(table: sa.Table, dialect: str) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join(["?" if dialect == "sqlite" else "%s"] * len(table.columns))
    return f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'  # noqa: S608 - names of our own tables


def _address(url: str) -> sa.URL:
    """The URL with the driver that is here, however the server's kind is spelled; BadInput where it is another kind."""
    try:
        found = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise BadInput("The database's address cannot be read.", hint=_SPELLED) from None
    kind = found.drivername.partition("+")[0]
    if kind in ("postgres", "postgresql"):
        return found.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise BadInput(f"A database of the kind “{kind}” cannot be used: SQLite and PostgreSQL can.", hint=_SPELLED)
    return found


def _locked(path: Path) -> AbstractContextManager[Any]:
    try:
        return FileLock(path, timeout=PATIENCE, poll_interval=0.002, is_singleton=False).acquire()
    except Timeout:
        raise _busy() from None


def _busy() -> Busy:
    return Busy("Too many people are opening or handing in something at this moment.",
                hint="Wait a minute, then load the page again. Nothing was changed, and your draft is kept.")


def _told(problem: sa.exc.DataError) -> None:
    """BadInput for what somebody sent and PostgreSQL does not keep: a NUL in a text."""
    if "NUL" in str(problem.orig):
        raise BadInput("A character that cannot be kept (NUL) was sent.", hint="Take it out.") from problem


def _full(problem: sa.exc.OperationalError) -> bool:
    text = str(problem.orig).lower()
    return any(sign in text for sign in ("disk is full", "disk i/o error", "no space left", "could not extend"))


def _sqlite(url: sa.URL) -> sa.Engine:
    patience = {"timeout": PATIENCE, "check_same_thread": False}
    engine = sa.create_engine(url, connect_args=patience, pool_size=20, max_overflow=20)

    @sa.event.listens_for(engine, "connect")
    def _connect(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # the driver's own BEGIN loses writes: we begin ourselves
        # Two 2 KB resources do not fit on a 4 KB page: larger pages, set before the first table, save a third.
        for pragma in ("page_size=8192", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY",
                       "cache_size=-32000"):
            raw.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(conn: sa.Connection) -> None:
        options = conn.get_execution_options()
        if options.get("write"):
            conn.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('durable', True) else 'NORMAL'}")
        conn.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")

    return engine


def _postgres(url: sa.URL) -> sa.Engine:
    return sa.create_engine(url, pool_pre_ping=True, connect_args={"options": "-c jit=off -c timezone=UTC"})
