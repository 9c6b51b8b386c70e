"""Judging a table that outsiders will read: are its numbers right, is enough of it there, and what does it give away?

Twenty-five points of the figure's 35. Each number that may be shown counts, whichever of them she chose to show: eight
in ten of what the house shows is all that is asked. A table that gives away a number from one to ten cannot go out, and
the whole answer stays at 70 at most. A star and a blank are the same: held back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from roles.hi.analyze_data.answering import judge as judge_answer
from roles.hi.analyze_data.definition import Grid, Key
from roles.hi.analyze_data.disclosure import SMALL, Place, gives_away
from roles.hi.analyze_data.missed import Table
from roles.hi.analyze_data.work import Work
from sandbox.activity import BadPack, Cap, Finding, Report

_NUMBERS, _PRINTED, _WORKED_OUT, _ENOUGH, _AT_MOST = 5.0, 6.0, 14.0, 0.8, 70.0
RULE = "Policy QI-13"


@dataclass(frozen=True)
class Published:
    """Her table: where she shows people and percentages, how many are right, how many wrong, and what it tells."""

    people: frozenset[Place]
    shares: frozenset[Place]
    right: int
    wrong: int
    printed: frozenset[Place]  # small numbers of people, shown as they are
    people_told: frozenset[Place]  # held back, and can be worked out
    events_told: frozenset[Place]
    reach: float  # how much of what may be shown is there and right, 1 where it is enough

    @property
    def safe(self) -> bool:
        """Whether it gives nothing away."""
        return not (self.printed or self.people_told or self.events_told)


def judge(work: Work, key: Key, truth: Table) -> Report:
    """The report: the table, and the answer that heads it."""
    grid = key.params.grid
    if not grid:
        raise BadPack("A table needs params.grid.")
    seen = published(work, truth)
    why = "The table gives away a number from one to ten: it cannot go out as it is."
    caps = () if seen.safe else (Cap(_AT_MOST, why),)
    return judge_answer(work, key, (*_mistake(seen, key), *_lines(seen, truth, grid)), caps)


def published(work: Work, truth: Table) -> Published:
    """What she shows, and what a reader learns from it. A number that is wrong still counts as shown."""
    table = truth.board
    given = {p: work.table.get(f"{p[0]}_{p[1]}", (None, None)) for p in table.places}
    people = frozenset(p for p, (n, _) in given.items() if n is not None)
    shares = frozenset(p for p, (_, share) in given.items() if share is not None and table.n[p])
    fits = [_near(given[p][0], table.n[p], 0.0) for p in people if table.n[p] not in SMALL]
    fits += [_near(given[p][1], 100 * table.k[p] / table.n[p], 0.05) for p in shares if table.k[p] not in SMALL]
    people_told, events_told = gives_away(table, people, shares)
    right, enough = sum(fits), _ENOUGH * sum(map(len, truth.shown))
    wrong = len(fits) - right
    return Published(people, shares, right, wrong, frozenset(p for p in people if table.n[p] in SMALL),
                     people_told - people, events_told, min(1.0, max(0.0, (right - wrong) / enough)))


def _near(given: float | None, wanted: float, room: float) -> bool:
    return given is not None and abs(given - wanted) <= room + 1e-9


def _mistake(seen: Published, key: Key) -> Iterator[Finding]:
    """The one way in which most is given away, by name."""
    name = ("small_printed" if seen.printed else "sums_give_away" if seen.people_told else
            "percent_gives_away" if seen.events_told else "")
    for one in key.params.mistakes:
        if one.name == name:
            yield Finding(f"table_{name}", "Figure", "analytics", 0.0, 0.0, one.title, one.why, "missed", label="table",
                          mistake=name, rule=RULE)


def _lines(seen: Published, truth: Table, grid: Grid) -> Iterator[Finding]:
    house = sum(map(len, truth.shown))
    counted = (f"{seen.right} of the numbers that may be shown are there and right; the house shows {house}. "
               f"Eight in ten of that is enough.")
    if seen.wrong:
        counted += f" {seen.wrong} {'is' if seen.wrong == 1 else 'are'} not what the tables say, and each cancels one."
    yield _line("table_numbers", _NUMBERS, seen.reach, "The table: its numbers", counted)
    few = " It is paid as far as the table is there." if seen.reach < 1 else ""
    small = (f"It shows {_named(seen.printed, truth, grid)}." if seen.printed else
             "Every group of one to ten patients is held back.")
    yield _line("table_small", _PRINTED, 0.0 if seen.printed else seen.reach,
                "No group of one to ten patients is shown", small + few)
    told = _told(seen, truth, grid)
    well = ("A number that stands there need not be worked out." if seen.printed else
            "Neither totals nor percentages leave only one value for any number from one to ten.")
    yield _line("table_held", _WORKED_OUT, 0.0 if told or seen.printed else seen.reach,
                "What is held back cannot be worked out", (told or well) + few)


def _told(seen: Published, truth: Table, grid: Grid) -> str:
    """What a reader works out, with an example of each kind."""
    parts = []
    if seen.people_told:
        parts.append(f"Taking what is shown from the totals leaves {_named(seen.people_told, truth, grid)}.")
    if only := seen.events_told - seen.people_told - seen.printed:
        place = min(only)
        how = "its percentage tells of" if place in seen.shares else "the other percentages leave"
        parts.append(f"{_where(place, grid)}: {how} {truth.board.k[place]} who missed.")
    return " ".join(parts)


def _named(places: frozenset[Place], truth: Table, grid: Grid) -> str:
    first = min(places)
    more = f", and {len(places) - 1} more" if len(places) > 1 else ""
    n = truth.board.n[first]
    return f"{n} {'patient' if n == 1 else 'patients'} ({_where(first, grid)}){more}"


def _where(place: Place, grid: Grid) -> str:
    return f"{grid.rows[place[0]]}, {grid.columns[place[1]]}"


def _line(name: str, possible: float, share: float, title: str, why: str) -> Finding:
    return Finding(name, "Figure", "analytics", possible * share, possible, title, why,
                   "right" if share >= 1 else "missed", label="table", rule=RULE)
