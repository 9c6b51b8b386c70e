"""One-time links, and tokens for FHIR clients: 256 random bits, of which the SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sandbox.db import BINARY, alone, metadata
from sandbox.errors import NotFound
from sandbox.people.who import OWNER, Person, add, get, now, some, utc

secret = sa.Table(
    "secret", metadata,
    sa.Column("digest", BINARY, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),  # instructor, teach, reset, place, token
    sa.Column("person", BINARY, index=True),
    sa.Column("workspace", BINARY),
    sa.Column("label", sa.Text, nullable=False, default=""),
    sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
    sa.Column("used", sa.DateTime(timezone=True)),
)


@dataclass(frozen=True)
class Token:
    """A bearer token's owner and the one workspace it opens."""

    person: Person
    workspace: str
    label: str
    expires: datetime


def instructor_link(conn: sa.Connection) -> str:
    """The secret of a one-time link that signs in the owner as an instructor; good for a day."""
    return _secret(conn, "instructor", OWNER, days=1)


def reset_link(conn: sa.Connection, id: str) -> str:
    """The secret of a one-time link with which this person sets a new password; good for a day."""
    return _secret(conn, "reset", get(conn, id).id, days=1)


def place_links(conn: sa.Connection, ids: list[str], days: int = 14) -> dict[str, str]:
    """For each of these people the secret of a one-time link to her account-to-be; older ones open nothing more."""
    conn.execute(secret.delete().where(secret.c.kind == "place", secret.c.person.in_(ids), secret.c.used.is_(None)))
    return {id: _secret(conn, "place", id, days=days) for id in ids}


def teaching_link(conn: sa.Connection, by: str, course: str) -> str:
    """The secret of a one-time link to teach this class too; good for a week."""
    return _secret(conn, "teach", by, days=7, workspace=course)


def linked(conn: sa.Connection, kind: str, value: str) -> str:
    """What an unused link is for: a class's id; "" where the link is unknown, used or too old."""
    return str(_find(conn, kind, value).workspace) if peek_link(conn, kind, value) else ""


def peek_link(conn: sa.Connection, kind: str, value: str) -> Person | None:
    """Whom an unused link belongs to, without using it; None where it is unknown, used or too old."""
    row = _find(conn, kind, value)
    if row is None or row.used is not None or utc(row.expires) < now():
        return None
    if found := some(conn, [row.person]):
        return found[0]
    return Person(OWNER, "Instructor", None, True, 0, now()) if row.person == OWNER else None


def use_link(conn: sa.Connection, kind: str, value: str) -> Person:
    """Use a link up and say whom it belongs to; NotFound where it is unknown, used or too old.

    With one reset link every other of the same person is used up.
    """
    row = _find(conn, kind, value)
    alone(conn, f"links of {row.person if row else ''}")  # two who press at once: one of them comes in
    if row is None or peek_link(conn, kind, value) is None:
        raise NotFound("This link was used already, or is too old.", hint="`two-seats link` prints a fresh one.")
    same = secret.c.person == row.person if kind in ("reset", "place") else secret.c.digest == _digest(value)
    conn.execute(secret.update().where(secret.c.kind == kind, same, secret.c.used.is_(None)).values(used=now()))
    if row.person == OWNER and not some(conn, [OWNER]):
        add(conn, OWNER, "Instructor", instructor=True)
    return get(conn, str(row.person))


def new_token(conn: sa.Connection, person_id: str, workspace: str, label: str = "", days: int = 30) -> str:
    """A bearer token for one workspace, shown once."""
    return _secret(conn, "token", person_id, days=days, workspace=workspace, label=label)


def by_token(conn: sa.Connection, value: str) -> Token | None:
    """Whose token this is; None where it is unknown, revoked or too old."""
    row = _find(conn, "token", value)
    if row is None or utc(row.expires) < now():
        return None
    return Token(get(conn, row.person), row.workspace, row.label, utc(row.expires))


def tokens(conn: sa.Connection, person_id: str) -> list[tuple[str, str, str, datetime]]:
    """Her tokens as (digest, workspace, label, expires), newest expiry first."""
    rows = conn.execute(sa.select(secret).where(secret.c.kind == "token", secret.c.person == person_id)
                        .order_by(secret.c.expires.desc()))
    return [(r.digest, r.workspace, r.label, utc(r.expires)) for r in rows if utc(r.expires) > now()]


def revoke(conn: sa.Connection, person_id: str, digest: str) -> None:
    """Take one of her tokens back."""
    conn.execute(secret.delete().where(secret.c.digest == digest, secret.c.person == person_id))


def end_tokens(conn: sa.Connection, guest_id: str) -> None:
    """A guest's tokens end with her: somebody who planted the guest in her browser may hold one."""
    conn.execute(secret.delete().where(secret.c.kind == "token", secret.c.person == guest_id))


def end_links(conn: sa.Connection, id: str) -> None:
    """Every token and link of somebody ends, for good: who comes back makes new ones."""
    conn.execute(secret.delete().where(secret.c.person == id))


def _secret(conn: sa.Connection, kind: str, person_id: str, *, days: int, workspace: str = "", label: str = "") -> str:
    value = secrets.token_urlsafe(32)
    conn.execute(secret.insert().values(digest=_digest(value), kind=kind, person=person_id, workspace=workspace,
                                        label=label[:80], expires=now() + timedelta(days=days)))
    return value


def _find(conn: sa.Connection, kind: str, value: str) -> Any:
    return conn.execute(sa.select(secret).where(secret.c.digest == _digest(value), secret.c.kind == kind)).one_or_none()


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
