"""What was changed in a type, newest first: its history as a whole (FHIR R4 section 3.1.0.12)."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.fhir import definitions
from sandbox.fhir.generations import Scope
from sandbox.fhir.store import Stored, as_stored, version
from sandbox.fhir.values import EARLIEST


def recent(
    conn: sa.Connection, scope: Scope, kind: str, *, count: int, offset: int = 0, since: int = EARLIEST,
) -> tuple[list[Stored], int]:
    """Up to `count` versions of a type after the first `offset`, newest first, and how many there are in all.

    Only those stored at `since` (milliseconds after 1970) or later. Deletions are among them. NotFound for an unknown
    type.
    """
    definitions.need_kind(kind)
    held = sa.and_(version.c.ws.in_(scope.both), version.c.kind == kind, version.c.updated >= since)
    query = sa.select(version).where(held).order_by(version.c.updated.desc(), version.c.ws.desc(), version.c.row.desc())
    total = conn.execute(sa.select(sa.func.count()).select_from(version).where(held)).scalar_one()
    return [as_stored(row) for row in conn.execute(query.limit(count).offset(offset))], int(total)
