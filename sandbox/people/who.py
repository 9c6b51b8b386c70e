"""Persons: accounts, guests, and who is expected. Whose account was deleted is found by nobody who asks here."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sandbox.db import BINARY, metadata
from sandbox.errors import BadInput, NotFound

person = sa.Table(
    "person", metadata,
    sa.Column("id", BINARY, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("login", BINARY, unique=True),  # lower case; null for guests
    sa.Column("password", sa.Text),
    sa.Column("instructor", sa.Boolean, nullable=False, default=False),
    sa.Column("epoch", sa.Integer, nullable=False, default=0),  # raised by "sign out everywhere"
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
    sa.Column("moved_to", BINARY),  # a guest whose work went to this account
    sa.Column("ended", sa.DateTime(timezone=True)),  # deleted, and when: found by nobody, gone thirty days later
)

OWNER = "p-owner"  # whoever can read the server's terminal
KEPT = timedelta(days=30)  # what was deleted or removed can be brought back for so long


@dataclass(frozen=True)
class Person:
    """Somebody in the house. A guest has no login."""

    id: str
    name: str
    login: str | None
    instructor: bool
    epoch: int
    seen: datetime
    ended: datetime | None = None  # deleted since then (UTC): of everything here only `sign_in` and `leaver` find her

    @property
    def until(self) -> datetime | None:
        """Until when (UTC) a deleted account can be brought back; None for who is here."""
        return self.ended + KEPT if self.ended else None

    @property
    def guest(self) -> bool:
        """Whether she has not made an account."""
        return self.login is None and not self.instructor


def now() -> datetime:
    """The real instant, in UTC."""
    return datetime.now(UTC)


def visible(name: str) -> str:
    """A name as it can be shown in a line among others: one space between words, nothing invisible, nothing that turns
    the reading direction of what follows; "" where nothing is left to see. What joins letters and emoji stays."""
    kept = "".join(" " if c.isspace() else c for c in name
                   if c.isspace() or c in "\u200c\u200d" or not unicodedata.category(c).startswith("C"))
    seen = any(unicodedata.category(c)[0] in "LNPS" for c in kept)
    return " ".join(kept.split()) if seen else ""


def utc(value: datetime) -> datetime:
    """SQLite hands instants back without a zone: they are UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def guest(conn: sa.Connection) -> Person:
    """A new guest, named by number."""
    number = conn.execute(sa.select(sa.func.count()).select_from(person).where(
        person.c.login.is_(None), person.c.name.like("Guest %"))).scalar_one()  # who is expected by name is no guest
    return add(conn, f"p-{secrets.token_hex(8)}", f"Guest {number + 1}")


def get(conn: sa.Connection, id: str) -> Person:
    """One person; NotFound, also where her account was deleted. Follows a guest to the account her work moved to."""
    row = conn.execute(sa.select(person).where(person.c.id == id)).one_or_none()
    if row is None or row.ended is not None:
        raise NotFound("There is nobody by that id.")
    if row.moved_to:
        return get(conn, row.moved_to)
    return as_person(row)


def some(conn: sa.Connection, ids: list[str]) -> list[Person]:
    """These people, in no order, by one query; whose account was deleted is not among them."""
    return [as_person(row) for row in conn.execute(sa.select(person).where(
        person.c.id.in_(ids), person.c.ended.is_(None)))]


def gone() -> sa.Select[tuple[str]]:
    """A query of the ids of everybody whose account was deleted, for who counts people without reading them."""
    return sa.select(person.c.id).where(person.c.ended.is_not(None))


def by_login(conn: sa.Connection, login: str) -> Person | None:
    """Who signs in by this name, however it is written; None where nobody does."""
    row = conn.execute(sa.select(person).where(
        person.c.login == login.strip().lower(), person.c.ended.is_(None))).one_or_none()
    return as_person(row) if row else None


def typed(sent: str, name: str, what: str) -> None:
    """BadInput where what somebody typed to be sure is not this name (case and spaces aside); `what` it is the name of.
    """
    if " ".join(sent.split()).casefold() != " ".join(name.split()).casefold():
        raise BadInput(f"“{sent.strip()[:60]}” is not {what}.", hint=f"Type “{name}”. Nothing was done.")


def touch(conn: sa.Connection, id: str) -> None:
    """Remember that she was here just now."""
    conn.execute(person.update().where(person.c.id == id).values(seen=now()))


def expect(conn: sa.Connection, names: list[str]) -> list[str]:
    """People of these names who have not come yet: no account until they use a link. Their ids, in order."""
    made = [f"p-{secrets.token_hex(8)}" for _ in names]
    if made:
        conn.execute(person.insert(), [{"id": id, "name": name, "instructor": False, "epoch": 0, "created": now(),
                                        "seen": now()} for id, name in zip(made, names, strict=True)])
    return made


def add(conn: sa.Connection, id: str, name: str, *, instructor: bool = False) -> Person:
    """Write a new person down."""
    conn.execute(person.insert().values(id=id, name=name, instructor=instructor, epoch=0, created=now(), seen=now()))
    return get(conn, id)


def as_person(row: Any) -> Person:
    """A row of the table as a person."""
    return Person(row.id, row.name, row.login, bool(row.instructor), row.epoch, utc(row.seen),
                  utc(row.ended) if row.ended else None)
