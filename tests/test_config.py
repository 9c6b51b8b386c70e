"""Settings: the command line over the environment over the defaults; the session key stays private."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sandbox.config import Settings
from sandbox.errors import BadInput


def test_what_was_given_wins_over_the_environment_and_that_over_the_default() -> None:
    """Three places, one order."""
    env = {"TWO_SEATS_PORT": "9001", "TWO_SEATS_HOST": "0.0.0.0", "TWO_SEATS_BROWSER": "no"}
    settings = Settings.read({"port": 9002, "host": None}, env)
    assert (settings.port, settings.host, settings.browser, settings.patients) == (9002, "0.0.0.0", False, 600)


def test_a_setting_that_cannot_be_read_is_named_in_the_error() -> None:
    """The message says which variable and what is wrong with it."""
    with pytest.raises(BadInput, match=r"TWO_SEATS_PORT is 'eighty'"):
        Settings.read({}, {"TWO_SEATS_PORT": "eighty"})


def test_database_url_is_read_as_other_tools_name_it() -> None:
    """DATABASE_URL works, TWO_SEATS_DATABASE_URL wins."""
    assert Settings.read({}, {"DATABASE_URL": "postgresql://db/a"}).url == "postgresql://db/a"
    both = {"DATABASE_URL": "postgresql://db/a", "TWO_SEATS_DATABASE_URL": "postgresql://db/b"}
    assert Settings.read({}, both).url == "postgresql://db/b"


@pytest.mark.parametrize("name", ["PORT", "THREADS", "PATIENTS", "IDLE_MINUTES", "PROXIES"])
def test_a_number_that_a_house_cannot_be_run_with_is_refused(name: str) -> None:
    """A negative count of anything; the message says from where to where."""
    with pytest.raises(BadInput, match=rf"TWO_SEATS_{name} is -1, which is not from"):
        Settings.read({}, {f"TWO_SEATS_{name}": "-1"})


def test_a_key_that_was_never_written_whole_is_made_again(tmp_path: Path) -> None:
    """A server killed between making the file and writing it left it empty: nobody signs with an empty key."""
    (tmp_path / "session.key").touch()
    assert len(Settings(data=tmp_path).session_key()) == 32


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_data_directory_that_is_made_is_for_its_owner_alone(tmp_path: Path) -> None:
    """It holds learners' work; one that stood before keeps the modes that its owner gave it."""
    assert stat.S_IMODE(Settings(data=tmp_path / "house").directory().stat().st_mode) == 0o700
    (tmp_path / "shared").mkdir(mode=0o755)
    assert stat.S_IMODE(Settings(data=tmp_path / "shared").directory().stat().st_mode) == 0o755


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_session_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """0600, 32 bytes, the same on the second call."""
    settings = Settings(data=tmp_path / "house")
    key = settings.session_key()
    assert len(key) == 32
    assert settings.session_key() == key
    assert stat.S_IMODE((tmp_path / "house" / "session.key").stat().st_mode) == 0o600
