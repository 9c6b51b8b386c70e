"""Do patients of another language wait longer for their first palliative visit? The queue and what is true of it.

Three variants by seed: a difference that no missing language can undo, one that missing languages can, and none. A
queue is drawn again until it says clearly what it should and no two readings of it come to the same figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import hypot
from statistics import mean

from fixtures.analysis import referrals
from fixtures.analysis.referrals import RECENT, WITHIN, Referral
from roles.hi.analyze_data import verdicts
from roles.hi.analyze_data.curves import Fate, incidence, incidence_se
from roles.hi.analyze_data.intervals import Z
from roles.hi.analyze_data.truth import Estimate, Reading, Truth, apart
from sandbox.activity import Figure, Resource

EDITION = "1"
#: By answer: how much smaller the share seen is in another language, and how many have no language.
VARIANTS = {"worse": (0.19, 34), "cannot-tell": (0.10, 104), "no-difference": (-0.01, 34)}
_NEAR, _APART, _TRIES = 0.3, 0.4, 400


@lru_cache(maxsize=64)
def plant(seed: int) -> tuple[tuple[Resource, ...], Truth]:
    """Patients, referrals and bookings, and the truth."""
    wanted = tuple(VARIANTS)[seed % len(VARIANTS)]
    slower, unknown = VARIANTS[wanted]
    for n in range(_TRIES):
        queue = referrals.draw(seed * _TRIES + n, slower, unknown)
        bounds, normal = _bounds(queue), _normal(queue)
        figure = sum(normal) / 2
        near = abs(figure - _difference(queue, _for_good)) < _NEAR - 0.06
        if near and verdicts.clear([normal], bounds, -1, wanted) and apart(_readings(queue, figure), figure, _APART):
            return referrals.resources(queue, seed), _truth(queue, wanted, Estimate(figure, *normal), bounds)
    raise ValueError(f"no queue of seed {seed} says clearly “{wanted}”")


def _truth(queue: Sequence[Referral], verdict: str, found: Estimate, bounds: tuple[float, float]) -> Truth:
    """The truth with its sums in words. People drawn again come to the same interval within a twelfth of its width."""
    figure, (least, most) = found.figure, bounds
    known, sides = _known(queue), [100 * incidence(_fates(side), WITHIN) for side in (_other(queue), _english(queue))]
    return Truth(
        verdict=verdict, denominator=len(known), near=_NEAR, bounds=(least, most),
        estimates={"se": found, "bootstrap": found},
        readings=tuple(_readings(queue, figure)),
        sums=f"Seen within {WITHIN} days: {sides[0]:.1f} % in another language, {sides[1]:.1f} % in English, "
             f"with death as a competing event. That is {figure:+.1f} points.",
        rates=(Figure("English, seen by day 30", f"{sides[1]:.1f} %", f"{len(_english(queue))} referrals"),
               Figure("Another language, seen by day 30", f"{sides[0]:.1f} %", f"{len(_other(queue))} referrals"),
               Figure("Difference and 95 % interval",
                      f"{figure:+.1f} ({found.low:+.1f} to {found.high:+.1f})", "points"),
               Figure("Bounds", f"{least:+.1f} to {most:+.1f}", f"{len(queue) - len(known)} without a language")))


def _known(queue: Iterable[Referral]) -> list[Referral]:
    return [r for r in queue if r.language]


def _english(queue: Iterable[Referral]) -> list[Referral]:
    return [r for r in queue if r.language == "en"]


def _other(queue: Iterable[Referral]) -> list[Referral]:
    return [r for r in queue if r.language not in ("", "en")]


def _fates(group: Iterable[Referral]) -> list[Fate]:
    return [r.fate for r in group]


def _gap(one: Sequence[Fate], none: Sequence[Fate]) -> float:
    """Difference of the shares seen within thirty days, in percentage points."""
    return 100 * (incidence(one, WITHIN) - incidence(none, WITHIN))


def _difference(queue: Sequence[Referral], fate: Callable[[Referral], Fate] = lambda r: r.fate) -> float:
    return _gap([fate(r) for r in _other(queue)], [fate(r) for r in _english(queue)])


def _normal(queue: Sequence[Referral]) -> tuple[float, float]:
    figure = _difference(queue)
    half = 100 * Z * hypot(*(incidence_se(_fates(side), WITHIN) for side in (_other(queue), _english(queue))))
    return figure - half, figure + half


def _bounds(queue: Sequence[Referral]) -> tuple[float, float]:
    """Each referral without a language where it pulls hardest: those seen within thirty days to one side, the others
    to the other; then the reverse."""
    unknown = [r.fate for r in queue if not r.language]
    soon = [f for f in unknown if f[1] == 1 and f[0] <= WITHIN]
    rest = [f for f in unknown if f not in soon]
    one, none = _fates(_other(queue)), _fates(_english(queue))
    return _gap(one + rest, none + soon), _gap(one + soon, none + rest)


def _readings(queue: Sequence[Referral], figure: float) -> list[Reading]:
    """Each known mistake as a figure, and the denominator that goes with it."""
    one, none, known = _other(queue), _english(queue), _known(queue)
    unknown = [r.fate for r in queue if not r.language]
    kept = [r for r in known if r.kept is not None]
    alive = [r for r in known if r.fate[1] != 2]
    older = [r for r in known if r.asked <= RECENT]
    spanish = [r for r in known if r.language in ("es", "en")]

    def soon(group: Sequence[Referral]) -> float:
        return sum(r.kept is not None and r.kept <= WITHIN for r in group) / len(group)

    def share(group: Sequence[Referral]) -> float:
        return 100 * (soon(_other(group)) - soon(_english(group)))

    def days(group: Sequence[Referral]) -> float:
        return mean(r.kept for r in group if r.kept is not None)

    return [
        Reading("kept_only", share(kept), len(kept)),
        Reading("mean_of_kept", days(one) - days(none), len(kept)),
        Reading("all_as_followed", share(known)),
        Reading("recent_left_out", share(older), len(older)),
        Reading("death_as_censoring", _difference(queue, lambda r: (r.fate[0], r.fate[1] % 2))),
        Reading("dead_left_out", _difference(alive), len(alive)),
        Reading("died_before_and_after", _difference(queue, lambda r: r.fate if r.died is None else (r.died, 2))),
        Reading("any_booking", _difference(queue, _first_booking)),
        Reading("unknown_as_english", _gap(_fates(one), _fates(none) + unknown), len(queue)),
        Reading("unknown_as_other", _gap(_fates(one) + unknown, _fates(none)), len(queue)),
        Reading("spanish_only", _difference(spanish), len(spanish)),
        Reading("upside_down", -figure),
        Reading("one_group", 100 * incidence(_fates(one), WITHIN)),
        Reading("share_not_points", figure / 100),
    ]


def _for_good(r: Referral) -> Fate:
    """Another right road: who has died can never be seen, and stays in the count until today (subdistribution)."""
    return (r.open, 0) if r.fate[1] == 2 else r.fate


def _first_booking(r: Referral) -> Fate:
    """Whatever was booked first, kept or not, has happened."""
    booked = [day for day in (r.missed, r.kept, r.booked) if day is not None]
    return (min(booked), 1) if booked else r.fate
