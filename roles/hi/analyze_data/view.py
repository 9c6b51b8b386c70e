"""What page.html is given: the offers, the notebook's first cells, and the lab's statistics as a short list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from fixtures.views import FOLDER
from roles.hi.analyze_data.definition import Choice, Shown
from roles.hi.analyze_data.hunting import KAHN
from roles.hi.analyze_data.work import CELLS, FINDS
from sandbox.activity import Task


@dataclass(frozen=True)
class View:
    """The page's view of a task; never the key."""

    shown: Shown
    cells: Mapping[str, str]  # "cell1_sql" → what the notebook opens with
    cell_numbers: tuple[int, ...] = tuple(range(1, CELLS + 1))
    find_numbers: tuple[int, ...] = tuple(range(1, FINDS + 1))
    classes: tuple[Choice, ...] = ()
    statistics: tuple[tuple[str, str], ...] = ()


def view(task: Task[Shown]) -> View:
    """The page's view of a task."""
    return View(task.shown, {f"cell{n}_sql": sql.strip() for n, sql in enumerate(task.shown.cells, 1)},
                classes=tuple(Choice(value, label) for value, label in KAHN.items()), statistics=statistics())


@cache
def statistics() -> tuple[tuple[str, str], ...]:
    """(call, what it is) of each documented macro of the lab, read from its own comments."""
    return documented((FOLDER / "sql" / "macros.sql").read_text(encoding="utf-8").splitlines())


def documented(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Comment lines such as "-- wilson_low(k, n), wilson_high(k, n): a share …", parted at the colon."""
    told = (re.fullmatch(r"-- (\w+\([^:]*\)[^:]*): (.+)", line) for line in lines)
    return tuple((each[1], each[2][0].upper() + each[2][1:]) for each in told if each)
