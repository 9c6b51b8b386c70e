"""Hidden hospitals: how often each pattern stands in which, and what a workspace gets to see of them.

Unequal multiplicities are the trick: they keep two mistakes from coming to the same totals. Every recipe is a
constant, so that a hidden hospital is built once for all learners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

from roles.hi.build_report import (
    emergency,
    groups,
    lengths,
    pressures,
    records,
    returns,
    sugars,
    unbilled,
    visits,
)
from roles.hi.build_report.timeline import Planted, Seen
from roles.hi.build_report.whereabouts import building
from sandbox.activity import Resource

#: Raised when a pattern or a recipe changes: the name under which a hidden hospital is kept.
EDITION = "6"


@dataclass(frozen=True)
class Source:
    """A family of patterns; `plain` ones are nobody's trap. `around` is what a workspace has already and a hospital
    that is nobody's workspace needs: the building."""

    patterns: Mapping[str, Callable[[date, int], Sequence[Planted]]]
    day_of: Callable[[int, int], date]
    plain: tuple[str, ...]
    around: Callable[[], list[Resource]] = list
    often: int = 3  # of five traps, how many stand in a learner's own hospital

    @property
    def traps(self) -> tuple[str, ...]:
        """The patterns that test a clause, in order."""
        return tuple(p for p in self.patterns if p not in self.plain)


SOURCES: Mapping[str, Source] = {
    "returns": Source(returns.PATTERNS, returns.day_of, ("plain_return", "plain_no_return", "plain_late_return")),
    "lengths": Source(lengths.PATTERNS, lengths.day_of, ("plain",)),
    "emergency": Source(
        emergency.PATTERNS, emergency.day_of, ("plain_home", "plain_ward", "plain_observation"), building
    ),
    "groups": Source(groups.PATTERNS, groups.day_of, ("plain",)),
    "records": Source(records.PATTERNS, records.day_of, ("plain_whole", "plain_mended")),
    "unbilled": Source(unbilled.PATTERNS, unbilled.day_of, ("plain_open", "plain_billed")),
    "visits": Source(visits.PATTERNS, visits.day_of, tuple(visits.PATTERNS)),
    "sugars": Source(
        sugars.PATTERNS, sugars.day_of, ("plain_above", "plain_at_goal", "plain_no_diabetes"), often=2
    ),
    "pressures": Source(
        pressures.PATTERNS, pressures.day_of, ("plain_controlled", "plain_high", "plain_no_hypertension"), often=2
    ),
}


@dataclass(frozen=True)
class Hospital:
    """`copies` of each pattern, spread over the days by `spread`; `salt` tells its ids from all others'."""

    salt: str
    source: str
    copies: tuple[tuple[str, int], ...]
    spread: int
    workspace: bool = False  # added to one, which has what is around already

    @property
    def name(self) -> str:
        """Says everything that determines what is built."""
        return f"build_report-{EDITION}-{self.salt}"

    def people(self) -> Iterator[tuple[str, str, Planted]]:
        """(pattern, salt, person), in order."""
        source = SOURCES[self.source]
        for rank, (pattern, copies) in enumerate(self.copies):
            for n in range(copies):
                day = source.day_of(rank + n * 3, self.spread)
                for k, person in enumerate(source.patterns[pattern](day, n + rank + self.spread)):
                    yield pattern, f"{self.salt}.{pattern}.{n}.{k}", person

    def build(self) -> list[Resource]:
        """Every resource of it."""
        around = [] if self.workspace else SOURCES[self.source].around()
        return [*around, *(r for _, salt, person in self.people() for r in person.resources(salt))]

    @cached_property
    def seen(self) -> tuple[Seen, ...]:
        """Which encounters each planted person brought, by pattern."""
        return tuple(Seen(pattern, person.ids(salt)) for pattern, salt, person in self.people())


@cache
def hidden(source: str) -> tuple[Hospital, ...]:
    """Four: each pattern once, two with unequal multiplicities, and one that is nearly empty."""
    family = SOURCES[source]
    names, plain = tuple(family.patterns), family.plain
    once = tuple((p, 6 if p in plain else 1) for p in names)
    some = tuple((p, 3 + i if p in plain else 1 + i * 5 % 4) for i, p in enumerate(names))
    many = tuple((p, 4 + i if p in plain else 1 + i * 3 % 7) for i, p in enumerate(names))
    empty = ((plain[1], 2),) if len(plain) > 1 else ((plain[0], 2),)
    return (
        Hospital(f"{source}-1", source, once, 0),
        Hospital(f"{source}-2", source, some, 1),
        Hospital(f"{source}-3", source, many, 2),
        Hospital(f"{source}-0", source, empty, 3),
    )


def planted(source: str, seed: int) -> Hospital:
    """What one learner's workspace gets: some traps of five once, a few plain ones, on days that her seed chooses."""
    family = SOURCES[source]
    copies = tuple(
        (p, (3 if source == "visits" else 2) if p in family.plain else int((seed + i) % 5 >= 5 - family.often))
        for i, p in enumerate(family.patterns)
    )
    return Hospital(f"{source}-seed-{seed}", source, copies, seed % 97, workspace=True)
