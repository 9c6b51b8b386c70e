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


def test_a_name_can_be_seen_and_turns_no_other_words_round(db: Database) -> None:
    """Nothing invisible, no line ends, no turning of the reading direction; scripts and emoji stay as they are."""
    shown = {"  Ada \t Lindgren\r\n": "Ada Lindgren", "\u202eevad": "evad", "عائشة حسن": "عائشة حسن",
             "👩🏽\u200d⚕️ Zoë": "👩🏽\u200d⚕️ Zoë", "A\x00da": "Ada"}
    with db.writing() as conn:
        for number, (given, kept) in enumerate(shown.items()):
            assert people.register(conn, None, f"ada{number}", given, "three words in a row").name == kept
        for blank in ("", " \t", "\u200b", "\u202e\u200d"):
            with pytest.raises(BadInput, match="1 to 80"):
                people.register(conn, None, "ada.blank", blank, "three words in a row")
        with pytest.raises(BadInput, match="no spaces"):
            people.register(conn, None, "ada\u200b0", "Ada", "three words in a row")


def test_a_token_that_a_guest_made_ends_with_the_guest(db: Database) -> None:
    """Mallory may have planted the guest in Ada's browser, and kept a token: it does not open Ada's account's work."""
    with db.writing() as conn:
        made, moved = people.guest(conn), people.guest(conn)
        first, second = (people.new_token(conn, p.id, "w-1") for p in (made, moved))
        ada = people.register(conn, made.id, "ada", "Ada", "three words in a row")
        people.move(conn, moved.id, ada.id)
        assert people.by_token(conn, first) is None and people.by_token(conn, second) is None
        assert people.by_token(conn, people.new_token(conn, ada.id, "w-1")) is not None


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
        monkeypatch.setattr("sandbox.people.link.now", lambda: moment)
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
