"""What a finding can show: the competencies of fixtures/competencies.toml, shared by both seats or of one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).resolve().parent.parent.parent / "fixtures" / "competencies.toml"


@dataclass(frozen=True)
class Competency:
    """A row of the comparison: `seats` names who asks for it, `frameworks` where published curricula speak of it."""

    id: str
    title: str
    about: str
    seats: tuple[str, ...]
    frameworks: tuple[str, ...]

    @property
    def shared(self) -> bool:
        """Whether both seats ask for it: only such findings are ever set side by side."""
        return len(self.seats) > 1


@cache
def competencies() -> Mapping[str, Competency]:
    """All competencies by id, in the file's order."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        id: Competency(id, row["title"], row["about"], tuple(row["seats"]), tuple(row["frameworks"]))
        for id, row in table.items()
    }
