"""People: guests become accounts with their work, links work once, tokens open one workspace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox import people
from sandbox.db import Database
from sandbox.errors import BadInput, Conflict, NotFound


def test_a_guest_who_makes_an_account_keeps_her_id(db: Database) -> None:
    """Everything filed under the guest is the account's without moving a row."""
    with db.writing() as conn:
        guest = people.guest(conn)
        assert guest.guest
        ada = people.register(conn, guest.id, "Ada", "Ada Lindgren", "three words in a row")
        assert (ada.id, ada.guest, ada.login) == (guest.id, False, "ada")
        assert people.sign_in(conn, " ADA ", "three words in a row").id == guest.id


def test_a_wrong_name_and_a_wrong_password_sound_the_same(db: Database) -> None:
    """Nobody learns which sign-in names exist."""
    with db.writing() as conn:
        people.register(conn, None, "ada", "Ada", "three words in a row")
        messages = set()
        for login, password in (("ada", "not the password"), ("nobody", "three words in a row")):
            with pytest.raises(BadInput) as caught:
                people.sign_in(conn, login, password)
            messages.add(caught.value.message)
        assert len(messages) == 1


def test_two_people_cannot_have_one_sign_in_name(db: Database) -> None:
    """Case makes no difference."""
    with db.writing() as conn:
        people.register(conn, None, "ada", "Ada", "three words in a row")
        with pytest.raises(Conflict, match="taken"):
            people.register(conn, None, "ADA", "Ben", "other words in a row")


@pytest.mark.parametrize(("login", "password"),
                         [("a", "long enough 12"), ("a b c", "long enough 12"), ("ada", "short")])
def test_a_name_or_password_out_of_bounds_is_refused_with_the_bounds(db: Database, login: str, password: str) -> None:
    """The message says what would be right."""
    with db.writing() as conn, pytest.raises(BadInput, match="characters"):
        people.register(conn, None, login, "Ada", password)


def test_an_instructor_link_works_once_and_not_after_a_day(db: Database, monkeypatch: Any) -> None:
    """It makes the owner, who teaches; used again or too late it is nothing."""
    with db.writing() as conn:
        link, late = people.instructor_link(conn), people.instructor_link(conn)
        ines = people.use_link(conn, "instructor", link)
        assert ines.instructor
        with pytest.raises(NotFound):
            people.use_link(conn, "instructor", link)
        with pytest.raises(NotFound):
            people.use_link(conn, "reset", late)
        moment = people.now() + timedelta(days=1, seconds=5)
        monkeypatch.setattr(people, "now", lambda: moment)
        with pytest.raises(NotFound):
            people.use_link(conn, "instructor", late)


def test_a_new_password_ends_every_other_session(db: Database) -> None:
    """The epoch in the session no longer fits."""
    with db.writing() as conn:
        ada = people.register(conn, None, "ada", "Ada", "three words in a row")
        with pytest.raises(BadInput, match="old password"):
            people.change_password(conn, ada.id, "wrong old words", "four other words now")
        people.change_password(conn, ada.id, "three words in a row", "four other words now")
        assert people.get(conn, ada.id).epoch == ada.epoch + 1
        assert people.sign_in(conn, "ada", "four other words now").id == ada.id


def test_one_used_reset_link_uses_up_the_others(db: Database) -> None:
    """Two were made by mistake; neither opens anything after the first was used."""
    with db.writing() as conn:
        ada = people.register(conn, None, "ada", "Ada", "three words in a row")
        first, second = people.reset_link(conn, ada.id), people.reset_link(conn, ada.id)
        assert people.use_link(conn, "reset", first).id == ada.id
        with pytest.raises(NotFound):
            people.use_link(conn, "reset", second)


def test_a_token_names_its_workspace_until_it_is_revoked(db: Database) -> None:
    """And Mallory cannot revoke it."""
    with db.writing() as conn:
        ada, mallory = people.guest(conn), people.guest(conn)
        value = people.new_token(conn, ada.id, "w-1", "notebook")
        found = people.by_token(conn, value)
        assert found is not None
        assert (found.person.id, found.workspace, found.label) == (ada.id, "w-1", "notebook")
        digest = people.tokens(conn, ada.id)[0][0]
        people.revoke(conn, mallory.id, digest)
        assert people.by_token(conn, value) is not None
        people.revoke(conn, ada.id, digest)
        assert people.by_token(conn, value) is None


def test_no_secret_is_stored_as_it_is(db: Database) -> None:
    """What stands in the table opens nothing."""
    with db.writing() as conn:
        ada = people.register(conn, None, "ada", "Ada", "three words in a row")
        value = people.new_token(conn, ada.id, "w-1")
        rows = str(conn.exec_driver_sql("SELECT * FROM secret").all()) + str(
            conn.exec_driver_sql("SELECT * FROM person").all())
        assert value not in rows
        assert "three words" not in rows
