"""Who is here: guests and accounts, one-time links, and tokens for FHIR clients.

Secrets (links, tokens) are stored as SHA-256 of 256 random bits; passwords as Argon2id with m = 19 MiB, t = 2, p = 1
(OWASP's first recommendation), which keeps a class's sign-in within seconds.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from sandbox.db import BINARY, alone, metadata
from sandbox.errors import BadInput, Conflict, NotFound

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
)
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

OWNER = "p-owner"  # whoever can read the server's terminal
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("a password nobody has")  # compared with when the name is unknown, so that both take as long


@dataclass(frozen=True)
class Person:
    """Somebody in the house. A guest has no login."""

    id: str
    name: str
    login: str | None
    instructor: bool
    epoch: int
    seen: datetime

    @property
    def guest(self) -> bool:
        """Whether she has not made an account."""
        return self.login is None and not self.instructor


@dataclass(frozen=True)
class Token:
    """A bearer token's owner and the one workspace it opens."""

    person: Person
    workspace: str
    label: str
    expires: datetime


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
    return _add(conn, f"p-{secrets.token_hex(8)}", f"Guest {number + 1}")


def get(conn: sa.Connection, id: str) -> Person:
    """One person; NotFound. Follows a guest to the account her work moved to."""
    row = conn.execute(sa.select(person).where(person.c.id == id)).one_or_none()
    if row is None:
        raise NotFound("There is nobody by that id.")
    if row.moved_to:
        return get(conn, row.moved_to)
    return _person(row)


def some(conn: sa.Connection, ids: list[str]) -> list[Person]:
    """These people, in no order, by one query."""
    return [_person(row) for row in conn.execute(sa.select(person).where(person.c.id.in_(ids)))]


def touch(conn: sa.Connection, id: str) -> None:
    """Remember that she was here just now."""
    conn.execute(person.update().where(person.c.id == id).values(seen=now()))


def register(conn: sa.Connection, id: str | None, login: str, name: str, password: str) -> Person:
    """Make an account. A guest's id becomes the account's, so all her work is already hers."""
    login, name = _login(login), visible(name)
    _password(password)
    if not name or len(name) > 80:
        raise BadInput("A name has 1 to 80 characters.", hint="Write it as the class should see it.")
    alone(conn, f"sign-in name {login}")
    if conn.execute(sa.select(person.c.id).where(person.c.login == login)).first():
        raise Conflict(f"The sign-in name “{login}” is taken.", hint="Choose another, or sign in if it is yours.")
    if id is None:
        id = _add(conn, f"p-{secrets.token_hex(8)}", name).id
    _end_tokens(conn, id)
    conn.execute(person.update().where(person.c.id == id).values(
        login=login, name=name, password=_hasher.hash(password), seen=now(),
        epoch=person.c.epoch + 1))  # a guest's cookie that somebody else planted or copied must not open the account
    return get(conn, id)


def sign_in(conn: sa.Connection, login: str, password: str) -> Person:
    """The account with this name and password; BadInput says the same whichever of the two is wrong."""
    row = conn.execute(sa.select(person).where(person.c.login == login.strip().lower())).one_or_none()
    try:
        _hasher.verify(row.password if row is not None and row.password else _NOBODY, password)
    except VerificationError:
        row = None
    if row is None:
        raise BadInput("That name and password do not belong together.", hint="Your instructor can make a reset link.")
    return _person(row)


def move(conn: sa.Connection, guest_id: str, account_id: str) -> None:
    """Mark a guest as gone over into an account (the edge moves workspaces, drafts and attempts in the same breath)."""
    _end_tokens(conn, guest_id)
    conn.execute(person.update().where(person.c.id == guest_id).values(moved_to=account_id))


def change_password(conn: sa.Connection, id: str, old: str | None, new: str) -> None:
    """Set a new password (old None: by a reset link) and sign out everywhere else."""
    row = conn.execute(sa.select(person).where(person.c.id == id)).one()
    if old is not None:
        try:
            _hasher.verify(row.password or _NOBODY, old)
        except VerificationError:
            raise BadInput("The old password is not right.", hint="Nothing was changed.") from None
    _password(new)
    conn.execute(person.update().where(person.c.id == id).values(password=_hasher.hash(new), epoch=row.epoch + 1))


def sign_out_everywhere(conn: sa.Connection, id: str) -> None:
    """End every session of hers, on every machine."""
    conn.execute(person.update().where(person.c.id == id).values(epoch=person.c.epoch + 1))


def expect(conn: sa.Connection, names: list[str]) -> list[str]:
    """People of these names who have not come yet: no account until they use a link. Their ids, in order."""
    made = [f"p-{secrets.token_hex(8)}" for _ in names]
    if made:
        conn.execute(person.insert(), [{"id": id, "name": name, "instructor": False, "epoch": 0, "created": now(),
                                        "seen": now()} for id, name in zip(made, names, strict=True)])
    return made


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
    found = conn.execute(sa.select(person).where(person.c.id == row.person)).one_or_none()
    return _person(found) if found else Person(OWNER, "Instructor", None, True, 0, now())


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
    if row.person == OWNER and not conn.execute(sa.select(person.c.id).where(person.c.id == OWNER)).first():
        _add(conn, OWNER, "Instructor", instructor=True)
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


def _end_tokens(conn: sa.Connection, guest_id: str) -> None:
    """A guest's tokens end with her: somebody who planted the guest in her browser may hold one."""
    conn.execute(secret.delete().where(secret.c.kind == "token", secret.c.person == guest_id))


def _add(conn: sa.Connection, id: str, name: str, *, instructor: bool = False) -> Person:
    conn.execute(person.insert().values(id=id, name=name, instructor=instructor, epoch=0, created=now(), seen=now()))
    return get(conn, id)


def _person(row: Any) -> Person:
    return Person(row.id, row.name, row.login, bool(row.instructor), row.epoch, utc(row.seen))


def _secret(conn: sa.Connection, kind: str, person_id: str, *, days: int, workspace: str = "", label: str = "") -> str:
    value = secrets.token_urlsafe(32)
    conn.execute(secret.insert().values(digest=_digest(value), kind=kind, person=person_id, workspace=workspace,
                                        label=label[:80], expires=now() + timedelta(days=days)))
    return value


def _find(conn: sa.Connection, kind: str, value: str) -> Any:
    return conn.execute(sa.select(secret).where(secret.c.digest == _digest(value), secret.c.kind == kind)).one_or_none()


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _login(value: str) -> str:
    login = value.strip().lower()
    if not 3 <= len(login) <= 60 or " " in login or visible(login) != login:
        raise BadInput("A sign-in name has 3 to 60 characters and no spaces.", hint="Your school id will do.")
    return login


def _password(value: str) -> None:
    if not 10 <= len(value) <= 200:
        raise BadInput("A password has 10 to 200 characters.", hint="Three or four words in a row are easy to keep.")
