"""Accounts: made, entered, left and deleted.

Passwords are kept as Argon2id with m = 19 MiB, t = 2, p = 1 (OWASP's first recommendation), which keeps a class's
sign-in within seconds.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from sandbox.db import alone
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.people.link import end_links, end_tokens
from sandbox.people.who import KEPT, OWNER, Person, add, as_person, get, now, person, typed, visible

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("a password nobody has")  # compared with when the name is unknown, so that both take as long


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
        id = add(conn, f"p-{secrets.token_hex(8)}", name).id
    end_tokens(conn, id)
    conn.execute(person.update().where(person.c.id == id).values(
        login=login, name=name, password=_hasher.hash(password), seen=now(),
        epoch=person.c.epoch + 1))  # a guest's cookie that somebody else planted or copied must not open the account
    return get(conn, id)


def sign_in(conn: sa.Connection, login: str, password: str) -> Person:
    """The account with this name and password; BadInput says the same whichever of the two is wrong.

    An account that was deleted is found here too, and says so (`ended`): by this alone it comes back.
    """
    row = conn.execute(sa.select(person).where(person.c.login == login.strip().lower(), sa.or_(
        person.c.ended.is_(None), person.c.ended > now() - KEPT))).one_or_none()
    try:
        _hasher.verify(row.password if row is not None and row.password else _NOBODY, password)
    except VerificationError:
        row = None
    if row is None:
        raise BadInput("That name and password do not belong together.", hint="Your instructor can make a reset link.")
    return as_person(row)


def move(conn: sa.Connection, guest_id: str, account_id: str) -> None:
    """Mark a guest as gone over into an account (the edge moves workspaces, drafts and attempts in the same breath)."""
    end_tokens(conn, guest_id)
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


def delete(conn: sa.Connection, id: str, name: str) -> Person:
    """Delete an account, or forget a guest, whose name was typed: her sign-in name, or a guest's name.

    From here on nobody finds her; every session, token and link of hers is dead. For thirty days she can come back.
    BadInput where the name is another, Conflict for the owner of the house.
    """
    found = get(conn, id)
    if found.id == OWNER:
        raise Conflict("The owner of this house cannot be deleted.", hint="Somebody has to hold the keys.")
    typed(name, found.login or found.name, "your sign-in name" if found.login else "your name here")
    end_links(conn, found.id)
    conn.execute(person.update().where(person.c.id == found.id).values(ended=now(), epoch=person.c.epoch + 1))
    return leaver(conn, found.id)


def leaver(conn: sa.Connection, id: str) -> Person:
    """Who deleted her account and can still come back; NotFound for everybody else."""
    row = conn.execute(sa.select(person).where(person.c.id == id, person.c.ended > now() - KEPT)).one_or_none()
    if row is None:
        raise NotFound("There is no deleted account to bring back.", hint="After thirty days it is gone for good.")
    return as_person(row)


def left_as(conn: sa.Connection, login: str) -> Person:
    """Who deleted the account of this sign-in name and can still come back; NotFound for everybody else."""
    id = conn.execute(sa.select(person.c.id).where(person.c.login == login.strip().lower())).scalar()
    return leaver(conn, id or "")


def come_back(conn: sa.Connection, id: str) -> Person:
    """Bring a deleted account back with all that was hers; NotFound where it is not deleted, or too long ago."""
    conn.execute(person.update().where(person.c.id == leaver(conn, id).id).values(
        ended=None, seen=now(), epoch=person.c.epoch + 1))
    return get(conn, id)


def _login(value: str) -> str:
    login = value.strip().lower()
    if not 3 <= len(login) <= 60 or " " in login or visible(login) != login:
        raise BadInput("A sign-in name has 3 to 60 characters and no spaces.", hint="Your school id will do.")
    return login


def _password(value: str) -> None:
    if not 10 <= len(value) <= 200:
        raise BadInput("A password has 10 to 200 characters.", hint="Three or four words in a row are easy to keep.")
