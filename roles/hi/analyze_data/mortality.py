"""Which ward has the higher mortality? The stays as they are planted, what is true of them, and other readings.

2 North takes the sickest, so its share looks higher in every variant; by how ill they came (respiratory failure present
on admission) it is lower, higher, or nobody can tell. Failure that began on the ward has the same code with N: whoever
adjusts for it takes away what the ward did. Drawn until no two readings give one figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from fixtures.analysis.effect import Group
from fixtures.analysis.frame import Frame
from fixtures.analysis.mortality import STRATA, Stay, stays, tell
from fixtures.hospital.randomness import Dice
from roles.hi.analyze_data.differences import Stratum, counted, mantel_haenszel, pooled, standardised
from roles.hi.analyze_data.truth import Estimate, Reading, Truth, apart
from sandbox.activity import Figure, Resource

EDITION = "1"
#: By how many points 2 North's share lies beside that of 2 South, among the severe and among the others.
VARIANTS = {"lower": (-0.10, -0.05), "cannot-tell": (0.0, 0.0), "higher": (0.10, 0.055)}
#: Stays on 2 North and on 2 South, the share that dies on 2 South: lungs failed before the order to admit, or not.
SIZES = ((370, 125, 0.31), (150, 440, 0.07))
RELATIVE, _TRIES = 0.02, 400


@lru_cache(maxsize=64)
def plant(seed: int) -> tuple[tuple[Resource, ...], Truth]:
    """About 4,700 resources of the sister hospital, and the truth."""
    variant = tuple(VARIANTS)[seed % len(VARIANTS)]
    for n in range(_TRIES):
        groups = _groups(Dice("hi.analyze_data", "mortality", seed, n), VARIANTS[variant])
        if not _fits([Stratum(g.events1, g.n1, g.events0, g.n0) for g in groups], variant):
            continue
        frame = Frame("ward-mortality", seed * _TRIES + n, sister=True)
        people = stays(frame, groups)
        truth = read(people)
        if truth.verdict == variant and _told_apart(truth):
            for one in people:
                tell(frame, one)
            return tuple(frame.found), truth
    raise ValueError(f"no stays of seed {seed} say clearly “{variant}”")


def _groups(dice: Dice, points: Sequence[float]) -> list[Group]:
    """So many stays and deaths of each stratum and ward: about the planted shares, and never just those."""
    groups = []
    for name, (north, south, risk), more in zip(STRATA, SIZES, points, strict=True):
        n1, n0 = dice.between(north - 20, north + 20), dice.between(south - 15, south + 15)
        groups.append(Group(name, n1, max(2, round(n1 * (risk + more)) + dice.between(-3, 3)),
                            n0, max(2, round(n0 * risk) + dice.between(-3, 3))))
    return groups


def failing(one: Stay) -> str:
    """How ill she came: whether respiratory failure was present on admission."""
    return STRATA[0] if one.has("J96.01", poa="y") else STRATA[1]


def read(people: Sequence[Stay]) -> Truth:
    """What the stays say."""
    strata = _by(people, failing)
    estimates, all_in = _estimates(strata), pooled(strata)
    house = estimates["standard"]
    verdict = "lower" if house.high < 0 else "higher" if house.low > 0 else "cannot-tell"
    sums = "; ".join(f"{name}: {100 * s.k1 / s.n1:.1f} % of {s.n1} and {100 * s.k0 / s.n0:.1f} % of {s.n0}"
                     for name, s in zip(STRATA, strata, strict=True))
    return Truth(
        verdict=verdict, denominator=len(people), estimates=estimates, relative=RELATIVE,
        readings=tuple(_readings(people, strata, house)),
        sums=f"Died on 2 North and on 2 South: {sums}. Weighted by all stays: {_said(house)} points.",
        rates=(Figure("Difference, like with like", _said(house), "points, 95 % interval; standardised to both wards"),
               Figure("Difference as it is", f"{all_in.difference:+.2f}", "points: 2 North takes the sickest")))


def _said(e: Estimate) -> str:
    return f"{e.figure:+.2f} ({e.low:+.2f} to {e.high:+.2f})"


def _estimates(strata: Sequence[Stratum]) -> dict[str, Estimate]:
    """By both methods that suit, the house's own first."""
    return {"standard": standardised(strata), "mh": mantel_haenszel(strata)}


def _by(people: Sequence[Stay], severity: Callable[[Stay], str]) -> list[Stratum]:
    """The strata, the severe first."""
    return counted((severity(one), one.ward == "4E", one.died) for one in people)


def _readings(people: Sequence[Stay], strata: Sequence[Stratum], right: Estimate) -> Iterator[Reading]:
    """Each known mistake as a figure, and the denominator that goes with it."""
    severe, all_in = strata[0], pooled(strata)
    anywhere = _by(people, lambda s: STRATA[0] if s.has("J96.01") else STRATA[1])
    yield Reading("crude", all_in.difference)
    yield Reading("complications_adjusted", standardised(anywhere).figure)
    yield Reading("weighted_as_north", standardised(strata, lambda s: s.n1).figure)
    yield Reading("weighted_as_south", standardised(strata, lambda s: s.n0).figure)
    yield Reading("severe_alone", severe.difference, severe.n)
    yield Reading("two_smrs", _smr(strata, "1") - _smr(strata, "0"))
    yield Reading("ratio_of_smrs", _smr(strata, "1") / _smr(strata, "0"))
    yield Reading("upside_down", -right.figure)
    yield Reading("as_share", right.figure / 100)


def _smr(strata: Sequence[Stratum], ward: str) -> float:
    """Deaths of a ward ÷ those that the shares of both wards together would give its patients."""
    seen = {"1": [(s.k1, s.n1) for s in strata], "0": [(s.k0, s.n0) for s in strata]}[ward]
    expected = sum(n * (s.k1 + s.k0) / s.n for s, (_, n) in zip(strata, seen, strict=True))
    return sum(k for k, _ in seen) / expected


def _fits(strata: Sequence[Stratum], variant: str) -> bool:
    """Whether the answer stands well inside its rule by either method, and 2 North's share as it is looks higher."""
    rules: Mapping[str, Callable[[Estimate], bool]] = {
        "lower": lambda e: e.high < -0.4, "higher": lambda e: e.low > 0.4,
        "cannot-tell": lambda e: e.low < -0.8 and e.high > 0.8 and abs(e.figure) > 0.4}
    return pooled(strata).difference > 2 and all(rules[variant](e) for e in _estimates(strata).values())


def _told_apart(truth: Truth) -> bool:
    """Whether every reading has a figure of its own."""
    return all(apart(truth.readings, e.figure, truth.room(e.figure, 2) + 0.02, 0.02) for e in truth.estimates.values())
