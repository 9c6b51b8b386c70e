"""Versions: the table of all that was ever stored, and one row of it as the world sees it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from sandbox.db import BINARY, metadata
from sandbox.fhir.text import Resource

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

version = sa.Table(
    "version", metadata,
    sa.Column("ws", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", BINARY, primary_key=True),
    sa.Column("id", BINARY, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("row", sa.BigInteger, nullable=False),
    sa.Column("current", sa.Boolean, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("updated", sa.BigInteger, nullable=False),  # milliseconds since 1970, UTC
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),  # of the text: a damaged page shows itself
)
sa.Index("version_by_row", version.c.row)
sa.Index("version_current", version.c.ws, version.c.kind, version.c.updated, version.c.row,
         sqlite_where=sa.text("current = 1"), postgresql_where=sa.text("current"))  # each as its queries are spelled


@dataclass(frozen=True)
class Stored:
    """One stored version. `text` is what is served ("" when `deleted`); `updated` is in UTC, to the millisecond."""

    kind: str
    id: str
    version: int
    updated: datetime
    text: str
    deleted: bool = False
    created: bool = False  # of a write: nothing stood here before

    @property
    def resource(self) -> Resource:
        """The text as a dict of its own, yours to change."""
        found: Resource = orjson.loads(self.text)
        return found


def as_stored(row: Any) -> Stored:
    """A row of the table of versions as what the world sees of it."""
    return Stored(row.kind, row.id, row.version, moment_of(row.updated), row.text, row.deleted)


def moment_of(milliseconds: int) -> datetime:
    """The instant (UTC) so many milliseconds after 1970."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def values(
    ws: int, kind: str, id: str, number: int, row: int, moment: datetime, text: str, deleted: bool,
) -> tuple[Any, ...]:
    """The columns of a version that is about to be stored, in the table's order."""
    return ws, kind, id, number, row, not deleted, deleted, milliseconds(moment), text, digest(text)


def digest(text: str) -> bytes:
    """What a text is checked by: BLAKE2b, 16 bytes."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def milliseconds(moment: datetime) -> int:
    """An instant as whole milliseconds after 1970."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)
