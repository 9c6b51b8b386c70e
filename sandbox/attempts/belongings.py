"""What a guest takes along when she makes or enters an account."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.attempts.draft import draft
from sandbox.attempts.hint import hint
from sandbox.attempts.ledger import attempt
from sandbox.attempts.said import hope, hopes_of


def hand_over(conn: sa.Connection, old: str, new: str) -> None:
    """A guest's drafts, hints, attempts and expectations go to her account; of two expectations its own stays."""
    for table in (attempt, draft, hint):
        conn.execute(table.update().where(table.c.person == old).values(person=new))
    kept = hopes_of(conn, [new]).get(new, {})
    conn.execute(hope.update().where(hope.c.person == old, hope.c.seat.not_in(list(kept))).values(person=new))
