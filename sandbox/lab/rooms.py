"""LabRooms: which lab a workspace, or a grader, gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.lab.tables import Lab, Resource

if TYPE_CHECKING:
    import sqlalchemy as sa


class GradingLabs:
    """Labs for one judgement: the shown hospital, hidden ones, and any of them reversed."""

    def __init__(self, rooms: LabRooms, shown: Lab) -> None:
        self._rooms = rooms
        self._shown = shown

    @property
    def shown(self) -> Lab:
        """The untouched hospital with what the task planted."""
        return self._shown

    def hidden(self, name: str, build: Callable[[], Iterable[Resource]], today: date) -> Lab:
        """A hospital of the activity's own, built once under `name` and kept on disk."""
        raise NotImplementedError

    def reversed(self, lab: Lab) -> Lab:
        """The same tables with their rows in reverse order."""
        raise NotImplementedError


class LabRooms:
    """Owns the `labs/` folder of a data directory, its base files and the worker processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of_workspace(self, conn: sa.Connection, ws: int, base: int, today: date, owner: str) -> Lab:
        """The workspace as tables: base less shadow plus her rows, as the record stands now."""
        raise NotImplementedError

    def for_grading(self, conn: sa.Connection, base: int, planted: Sequence[Resource], today: date) -> GradingLabs:
        """Labs for judging: the base with what a task planted, and hidden hospitals."""
        raise NotImplementedError

    def close(self) -> None:
        """End every worker."""
