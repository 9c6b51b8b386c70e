"""Which seats there are: the entry-point group `two_seats.seats`, and folders named in the settings.

The one module that may import by name. A seat is a package; each sub-package that has an `activity` is an activity.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from sandbox.activity import Activity
from sandbox.errors import BadPack

_SHIPPED = {"him": "roles.him", "hi": "roles.hi"}  # a checkout that nobody installed has no entry points


@dataclass(frozen=True)
class Seat:
    """A chair to sit in: `statement` completes "Health informatics: …"."""

    name: str
    title: str
    statement: str
    activities: Mapping[str, Activity] = field(default_factory=dict)
    folders: Mapping[str, Path] = field(default_factory=dict)  # of each activity: page.html, page.js, page.css


def load_seats(seat_folders: Iterable[Path] = (), activity_folders: Iterable[tuple[str, Path]] = ()) -> dict[str, Seat]:
    """Every seat by name, HIM first, then HI, then the others in alphabetical order.

    `seat_folders` are packages outside the installation, `activity_folders` pairs of a seat's name and a folder that
    joins that seat. BadPack where a folder cannot be loaded, naming it.
    """
    named = {point.name: point.value for point in entry_points(group="two_seats.seats")} or dict(_SHIPPED)
    modules = {name: importlib.import_module(value) for name, value in named.items()}
    for folder in seat_folders:
        if folder.name in modules:
            raise BadPack(f"{folder}: there is a seat “{folder.name}” already.", hint="Name it otherwise.")
        modules[folder.name] = _load(folder, f"two_seats_seat_{folder.name}")
    seats = {name: _seat(name, modules[name]) for name in sorted(modules, key=_rank)}
    for name, folder in activity_folders:
        if name not in seats:
            raise BadPack(f"{folder}: there is no seat “{name}” to join.", hint=f"Seats: {', '.join(seats)}.")
        if folder.name in seats[name].activities:
            raise BadPack(f"{folder}: the seat “{name}” has an activity “{folder.name}” already.",
                          hint="Name it otherwise.")
        module = _load(folder, f"{modules[name].__name__}.{folder.name}")
        seats[name] = _joined(seats[name], folder.name, module, folder)
    return seats


def find(seats: Mapping[str, Seat], full: str) -> Activity:
    """The activity named `seat.activity`; BadPack where there is none."""
    seat, _, name = full.partition(".")
    if seat not in seats or name not in seats[seat].activities:
        known = ", ".join(f"{s.name}.{a}" for s in seats.values() for a in s.activities)
        raise BadPack(f"There is no activity “{full}”.", hint=f"Activities: {known}.")
    return seats[seat].activities[name]


def _rank(name: str) -> tuple[int, str]:
    return ({"him": 0, "hi": 1}.get(name, 2), name)


def _seat(name: str, module: ModuleType) -> Seat:
    seat = Seat(name, str(getattr(module, "title", name)), str(getattr(module, "statement", "")))
    for info in pkgutil.iter_modules(module.__path__):
        if info.ispkg:
            inner = importlib.import_module(f"{module.__name__}.{info.name}")
            if hasattr(inner, "activity"):
                seat = _joined(seat, info.name, inner, Path(inner.__path__[0]))
    return seat


def _joined(seat: Seat, name: str, module: ModuleType, folder: Path) -> Seat:
    if not hasattr(module, "activity"):
        raise BadPack(f"{folder}: its __init__.py names no `activity`.")
    return Seat(seat.name, seat.title, seat.statement,
                {**seat.activities, name: module.activity}, {**seat.folders, name: folder})


def _load(folder: Path, name: str) -> ModuleType:
    init = folder / "__init__.py"
    spec = importlib.util.spec_from_file_location(name, init, submodule_search_locations=[str(folder)])
    if not init.is_file() or spec is None or spec.loader is None:
        raise BadPack(f"{folder}: there is no __init__.py here.", hint="An activity is a folder with one.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
