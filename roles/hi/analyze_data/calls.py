"""Did the discharge calls cut readmissions? The stays as they are planted, what is true of them, and other readings.

Calls were assigned by diagnosis, more to the sicker; whoever was back before the call is among those not reached. Three
variants by seed: of those assigned, fewer come back; a little fewer, too few to tell; or as many. The numbers of each
stratum are drawn until the answer stands well inside its rule and no two readings give one figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache

from fixtures.analysis.calls import Stay, stays, tell
from fixtures.analysis.effect import Group
from fixtures.analysis.frame import Frame
from fixtures.hospital.randomness import Dice
from roles.hi.analyze_data.differences import Stratum, counted, mantel_haenszel, pooled, standardised
from roles.hi.analyze_data.truth import Estimate, Reading, Truth, apart
from sandbox.activity import Figure, Resource

EDITION = "1"
VARIANTS = {"fewer": -0.11, "cannot-tell": -0.035, "no-sign": 0.03}
#: Principal diagnosis: how many index stays, the share assigned a call, the share that comes back without one.
CONDITIONS = {"I50.33": (380, 0.74, 0.34), "J44.1": (330, 0.50, 0.22), "L03.115": (320, 0.20, 0.125)}
WORTH, RELATIVE = -5.0, 0.02  # Policy QI-11: so many points fewer keep the programme
_TRIES = 400


@lru_cache(maxsize=64)
def plant(seed: int) -> tuple[tuple[Resource, ...], Truth]:
    """About 4,000 resources of the sister hospital, and the truth."""
    variant = tuple(VARIANTS)[seed % len(VARIANTS)]
    for n in range(_TRIES):
        groups = _groups(Dice("hi.analyze_data", "calls", seed, n), VARIANTS[variant])
        if not _fits(_estimates([Stratum(g.events1, g.n1, g.events0, g.n0) for g in groups]), variant):
            continue
        frame = Frame("discharge-calls", seed * _TRIES + n, sister=True)
        people = stays(frame, groups)
        truth = read(people)
        if truth.verdict == variant and _told_apart(truth):
            for one in people:
                tell(frame, one)
            return tuple(frame.found), truth
    raise ValueError(f"no stays of seed {seed} say clearly “{variant}”")


def _groups(dice: Dice, points: float) -> list[Group]:
    """So many people of each diagnosis, and so many of them back: about the planted shares, and never just those."""
    groups = []
    for code, (count, share, risk) in CONDITIONS.items():
        total = dice.between(count - 25, count + 25)
        n1 = round(total * (share + dice.within(-0.03, 0.03)))
        k1, k0 = round(n1 * (risk + points)), round((total - n1) * risk)
        groups.append(Group(code, n1, max(2, k1 + dice.between(-4, 4)), total - n1, max(2, k0 + dice.between(-3, 3))))
    return groups


def back(one: Stay, planned: bool = False) -> bool:
    """Whether she had an unplanned stay (or any) that began within thirty days of the discharge."""
    return bool(one.second) and (planned or not one.planned) and _days(one) <= timedelta(days=30)


def _days(one: Stay) -> timedelta:
    return one.second[0] - one.end if one.second else timedelta.max


def read(people: Sequence[Stay]) -> Truth:
    """What the stays say."""
    strata = _by(people, lambda s: s.called)
    estimates, all_in = _estimates(strata), pooled(strata)
    house = estimates["mh"]
    verdict = "fewer" if house.high < 0 else "cannot-tell" if house.low <= WORTH else "no-sign"
    crude = f"{100 * all_in.k1 / all_in.n1:.1f} % of {all_in.n1} assigned and {100 * all_in.k0 / all_in.n0:.1f} %"
    return Truth(
        verdict=verdict, denominator=len(people), estimates=estimates, relative=RELATIVE,
        readings=tuple(_readings(people, strata, house)),
        sums=f"Within the three diagnoses it is {_said(house)} points. Thrown together, {crude} of {all_in.n0} others "
             "came back.",
        rates=(Figure("Difference within diagnoses", _said(house), "points, 95 % interval; Mantel and Haenszel"),
               Figure("Difference without them", f"{all_in.difference:+.2f}", "points: who was called was sicker")))


def _estimates(strata: Sequence[Stratum]) -> dict[str, Estimate]:
    """By both methods that suit, the house's own first."""
    return {"mh": mantel_haenszel(strata), "standard": standardised(strata)}


def _said(e: Estimate) -> str:
    return f"{e.figure:+.2f} ({e.low:+.2f} to {e.high:+.2f})"


def _by(people: Sequence[Stay], studied: Callable[[Stay], bool], planned: bool = False) -> list[Stratum]:
    return counted((one.code, studied(one), back(one, planned)) for one in people)


def _readings(people: Sequence[Stay], strata: Sequence[Stratum], right: Estimate) -> Iterator[Reading]:
    """Each known mistake as a figure, and the denominator that goes with it."""
    assigned = [one for one in people if one.called]
    done, reached = _by(people, lambda s: bool(s.done)), _by(assigned, lambda s: bool(s.done))
    every = counted(_every(people))
    yield Reading("crude", pooled(strata).difference)
    yield Reading("done_against_rest", mantel_haenszel(done).figure)
    yield Reading("done_crude", pooled(done).difference)
    yield Reading("reached_against_not", mantel_haenszel(reached).figure, len(assigned))
    yield Reading("reached_crude", pooled(reached).difference, len(assigned))
    yield Reading("planned_counted", mantel_haenszel(_by(people, lambda s: s.called, planned=True)).figure)
    yield Reading("every_stay_an_index", mantel_haenszel(every).figure, pooled(every).n)
    yield Reading("upside_down", -right.figure)
    yield Reading("as_share", right.figure / 100)


def _every(people: Sequence[Stay]) -> Iterator[tuple[str, bool, bool]]:
    """Every stay an index: the second ones have no call and no third one after them."""
    for one in people:
        yield one.code, one.called, back(one)
        if one.second:
            yield one.code, False, False


def _fits(estimates: Mapping[str, Estimate], variant: str) -> bool:
    """Whether the answer stands well inside its rule by either method."""
    return all({"fewer": e.high < -0.4, "no-sign": e.low > WORTH + 0.3 and e.low < -0.4 and e.high > 0.4,
                "cannot-tell": e.low < WORTH - 0.3 and e.high > 0.4}[variant] and abs(e.figure) > 0.6
               for e in estimates.values())


def _told_apart(truth: Truth) -> bool:
    """Whether every reading has a figure of its own."""
    return all(apart(truth.readings, e.figure, truth.room(e.figure, 2) + 0.02, 0.02) for e in truth.estimates.values())
