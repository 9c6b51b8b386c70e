"""The equity table: who misses an appointment, by race and by site, for readers outside; and the gap that heads it.

The house's own table holds back what is small and what would give it away; which cells those are is the same design
for every seed, laid out in another order of sites, and the solver of `disclosure` says that it holds. Two variants: a
larger share is missed among Black or African American patients, or nobody can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from fixtures.analysis.equity import RACES, ROWS, Visit, clinics, tell, visits
from fixtures.analysis.frame import Frame
from fixtures.hospital.randomness import Dice
from roles.hi.analyze_data.differences import Stratum, newcombe, pooled, standardised
from roles.hi.analyze_data.disclosure import SMALL, Board, Place, board, gives_away
from roles.hi.analyze_data.truth import Estimate, Reading, Truth, apart
from sandbox.activity import Figure, Resource

EDITION = "1"
VARIANTS = {"higher": 0.105, "cannot-tell": 0.02}
_NATIVE, _ASIAN, BLACK, _PACIFIC, WHITE = ROWS[:5]
#: People of each row at three sites, in the design's order, before each number is moved a little.
DESIGN = {_NATIVE: (5, 0, 3), _ASIAN: (115, 105, 18), BLACK: (150, 125, 100), _PACIFIC: (0, 4, 0),
          WHITE: (280, 210, 170), ROWS[5]: (70, 24, 7), ROWS[6]: (75, 33, 6)}
#: What the house holds back: people and percentages of these, percentages alone of those.
BOTH = {_NATIVE: (0, 2, 3), _PACIFIC: (0, 1, 3), ROWS[5]: (1, 2), ROWS[6]: (1, 2)}
SHARE_ALONE = {_ASIAN: (1, 2)}
_TRIES, CANCELLED = 400, 30


@dataclass(frozen=True, kw_only=True)
class Table(Truth):
    """What is right of the table; `shown` are the places whose people, and whose percentages, the house publishes."""

    board: Board
    shown: tuple[frozenset[Place], frozenset[Place]]

    @property
    def points(self) -> tuple[float, float]:
        """The gap is five points and its answer five: the table has the other 25."""
        return 5.0, 5.0


@lru_cache(maxsize=64)
def plant(seed: int) -> tuple[tuple[Resource, ...], Table]:
    """About 3,200 resources of three clinics, and the truth."""
    variant = tuple(VARIANTS)[seed % len(VARIANTS)]
    for n in range(_TRIES):
        dice = Dice("hi.analyze_data", "equity", seed, n)
        order = dice.shuffled(range(3))
        people, missed = _counts(dice, VARIANTS[variant])
        people, missed = ([[row[c] for c in order] for row in each] for each in (people, missed))
        frame = Frame("missed-appointments", seed * _TRIES + n, sister=True, people="v")
        frame.found = clinics()
        found = visits(frame, people, missed, CANCELLED)
        truth = read(found, order)
        if truth.verdict == variant and _clear(truth):
            for one in found:
                tell(frame, one)
            return tuple(frame.found), truth
    raise ValueError(f"no clinics of seed {seed} say clearly “{variant}”")


def _counts(dice: Dice, gap: float) -> tuple[list[list[int]], list[list[int]]]:
    """People and missed appointments in the design's order: what is small stays so, and what is not does as well."""
    shares = {BLACK: 0.15 + gap, WHITE: 0.15, _ASIAN: 0.16}
    people, missed = [], []
    for row in ROWS:
        counts = [n + dice.between(-n // 10, n // 10) if n > 10 else n and n + dice.between(-1, 1) for n in DESIGN[row]]
        misses = [_missed(n, shares.get(row, 0.2), dice) for n in counts]
        people.append(counts)
        missed.append(misses)
    return people, missed


def _missed(n: int, share: float, dice: Dice) -> int:
    """Eleven or more of a large group; of a small one, one or two, and never all."""
    if n > 60:
        return max(12, round(n * share) + dice.between(-2, 2))
    return min(8, round(n * share) + dice.between(0, 1)) if n > 10 else min(n, dice.between(1, 2))


def held(order: Sequence[int], rows: Mapping[str, Sequence[int]]) -> frozenset[Place]:
    """Places of the design in the table's own order of sites; 3 is the row's total."""
    at = {c: order.index(c) for c in range(3)} | {3: 3}
    return frozenset((ROWS.index(row), at[c]) for row, columns in rows.items() for c in columns)


def read(found: Sequence[Visit], order: Sequence[int]) -> Table:
    """What the appointments say, and the table that the house would publish."""
    counted = [one for one in found if one.missed is not None]
    whole = board(_inner(counted), _inner([one for one in counted if one.missed]))
    sites = [_gap([one for one in counted if one.site == c]) for c in range(3)]
    all_in = pooled(sites)
    estimates = {"newcombe": newcombe(all_in), "wald": standardised([all_in])}
    house = estimates["newcombe"]
    both = held(order, BOTH)
    people = frozenset(whole.places) - both
    shares = frozenset(p for p in people - held(order, SHARE_ALONE) if whole.n[p])
    return Table(
        verdict="higher" if house.low > 0 else "cannot-tell", denominator=len(counted), estimates=estimates,
        readings=tuple(_readings(found, sites, house)), board=whole, shown=(people, shares),
        sums=f"Missed: {all_in.k1} of {all_in.n1} Black or African American patients and {all_in.k0} of {all_in.n0} "
             f"White ones, a difference of {house.figure:+.2f} points.",
        rates=(Figure("Gap", f"{house.figure:+.2f} ({house.low:+.2f} to {house.high:+.2f})", "points; 95 % interval"),
               Figure("Numbers that the house shows", f"{len(people) + len(shares)} of {2 * len(whole.places)}")),
        forms={name: form(whole, *pattern) for name, pattern in patterns(whole, people, shares).items()})


def _inner(people: Sequence[Visit]) -> list[list[int]]:
    return [[sum(one.row == row and one.site == site for one in people) for site in range(3)] for row in ROWS]


def patterns(whole: Board, people: frozenset[Place], shares: frozenset[Place]) -> dict[
        str, tuple[frozenset[Place], frozenset[Place]]]:
    """What is printed in the house's table, in another that is as safe, in the known mistakes, and in an empty one."""
    every = frozenset(p for p in whole.places if whole.n[p])
    large = frozenset(p for p in whole.places if whole.n[p] not in SMALL)
    rows = {ROWS.index(row) for row in BOTH}
    other = frozenset(p for p in people if p[0] not in rows or p[1] == 3)
    safe = frozenset(p for p in every & large if whole.k[p] not in SMALL)
    return {
        "right": (people, shares), "other": (other, shares & other), "nothing": (frozenset(), frozenset()),
        "small_printed": (frozenset(whole.places), every), "sums_give_away": (large, safe),
        "percent_gives_away": (people, frozenset(p for p in people if whole.n[p])),
    }


def form(whole: Board, people: frozenset[Place], shares: frozenset[Place]) -> dict[str, str]:
    """The fields of a table that prints these: "120 (12.5)", a star for what is held back."""
    fields = {}
    for r, c in whole.places:
        n = str(whole.n[r, c]) if (r, c) in people else "*"
        share = whole.share((r, c))
        per_cent = "" if share is None else f" ({share:.1f})" if (r, c) in shares else " (*)"
        fields[f"t_{r}_{c}"] = n + (per_cent if n != "*" or (r, c) in shares else "")
    return fields


def _gap(people: Sequence[Visit], black: Callable[[Visit], bool] = lambda v: v.row == BLACK,
         white: Callable[[Visit], bool] = lambda v: v.row == WHITE) -> Stratum:
    one, none = [v for v in people if black(v)], [v for v in people if white(v)]
    return Stratum(sum(bool(v.missed) for v in one), len(one), sum(bool(v.missed) for v in none), len(none))


def _readings(found: Sequence[Visit], sites: Sequence[Stratum], right: Estimate) -> Iterator[Reading]:
    """Each known mistake of the gap as a figure, and the denominator that goes with it."""
    counted, codes = [one for one in found if one.missed is not None], {name: code for code, name in RACES.items()}
    each = _gap(counted, lambda v: codes[BLACK] in v.races, lambda v: codes[WHITE] in v.races)
    yield Reading("each_race_counted", each.difference, sum(max(1, len(v.races)) for v in counted))
    yield Reading("cancelled_as_kept", _gap(found).difference, len(found))
    gone = [replace(v, missed=v.missed is not False) for v in found]
    yield Reading("cancelled_as_missed", _gap(gone).difference, len(found))
    yield Reading("against_all_others", _gap(counted, white=lambda v: v.row != BLACK).difference)
    yield Reading("mean_of_sites", sum(s.difference for s in sites) / len(sites))
    yield Reading("upside_down", -right.figure)
    yield Reading("as_share", right.figure / 100)


def _clear(truth: Table) -> bool:
    """Whether the answer stands well inside its rule, every reading has its own figure, and the house's table holds."""
    told = all(apart(truth.readings, e.figure, 0.02) for e in truth.estimates.values())
    fits = all(e.low > 0.4 if truth.verdict == "higher" else e.low < -0.4 and e.figure > 0.2
               for e in truth.estimates.values())
    return told and fits and not any(gives_away(truth.board, *truth.shown)) and all(
        any(gives_away(truth.board, *patterns(truth.board, *truth.shown)[name])) is leaks
        for name, leaks in (("other", False), ("sums_give_away", True), ("percent_gives_away", True)))
