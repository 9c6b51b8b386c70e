"""The whole application with no web in it: fields, no verbs. `open_house` fills them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.activity import Codes
from sandbox.config import Settings
from sandbox.db import Database
from sandbox.errors import BadInput
from sandbox.lab import LabRooms
from sandbox.migrations import migrate
from sandbox.scenario import Library
from sandbox.seats import Seat, load_seats
from sandbox.terminology import open_codes

Progress = Callable[[str], None]


@dataclass(frozen=True)
class House:
    """One running house: its settings, its one database, its vocabularies, labs, seats and stories."""

    settings: Settings
    db: Database
    codes: Codes
    labs: LabRooms
    seats: Mapping[str, Seat]
    scenarios: Library


def open_house(settings: Settings, progress: Progress = lambda _: None, codes_folder: Path | None = None) -> House:
    """Open the data directory (made where there is none): migrate the database, load codes, labs, seats and stories.

    The classification is kept in the data directory, or in `codes_folder` where several houses share one.
    """
    settings.directory()
    progress("Opening the database")
    db = Database(settings.url, settings.data / "writers.lock")
    migrate(db, settings.data)
    progress("Opening the classification (the first time, it is built: a few seconds)")
    codes = open_codes(codes_folder or settings.data / "codes")
    seats = load_seats(settings.folders("seat_folders"), _joining(settings.activity_folders))
    return House(settings, db, codes, LabRooms(settings.data / "labs"), seats,
                 Library(seats, settings.folders("scenario_folders")))


def _joining(text: str) -> list[tuple[str, Path]]:
    pairs = []
    for item in filter(None, text.split(os.pathsep)):
        seat, equals, folder = item.partition("=")
        if not equals:
            raise BadInput(f"activity_folders: “{item}” is not seat=folder.", hint="For example hi=/home/ines/mend.")
        pairs.append((seat.strip(), Path(folder).expanduser()))
    return pairs
