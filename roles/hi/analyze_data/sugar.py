"""Is HbA1c worse in another language than English? Those tested, those not, and what is true of either.

Three variants by seed, as for the waits: worse whatever the untested are; worse among the tested, and not to be told;
no difference that matters. A practice is drawn again until no two readings of it come to the same figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import hypot, sqrt
from statistics import mean

from fixtures.analysis import sugar
from fixtures.analysis.sugar import LINE, Patient
from roles.hi.analyze_data import verdicts
from roles.hi.analyze_data.curves import bootstrap
from roles.hi.analyze_data.intervals import Z
from roles.hi.analyze_data.truth import Estimate, Reading, Truth, apart
from sandbox.activity import Figure, Resource

EDITION = "1"
#: By answer: how many more are above the line in another language; the untested there and in English.
VARIANTS = {"worse": (0.21, (0.09, 0.04)), "cannot-tell": (0.125, (0.31, 0.12)), "no-difference": (0.0, (0.045, 0.02))}
_APART, _TRIES = 0.11, 400
_LUCK = 0.07  # of the width: so near the bootstrap of 200 turns must come to one of many, which she may bring along
Share = tuple[int, int]  # how many, of how many
Split = Callable[[Sequence[Patient]], Share]


@lru_cache(maxsize=64)
def plant(seed: int) -> tuple[tuple[Resource, ...], Truth]:
    """The practice with its patients, diagnoses and results, and the truth."""
    wanted = tuple(VARIANTS)[seed % len(VARIANTS)]
    gap, untested = VARIANTS[wanted]
    for n in range(_TRIES):
        people = sugar.draw(seed * _TRIES + n, gap, untested)
        one, none = _above(_other(people)), _above(_english(people))
        figure, bounds, ends = _gap(one, none), _bounds(people), newcombe(one, none)
        tells = apart(_readings(people, figure), figure, _APART) and abs(figure) > 0.2
        if tells and verdicts.clear([ends], bounds, 1, wanted):
            drawn = bootstrap(_flags(one), _flags(none), lambda flags: 100 * sum(flags) / len(flags))
            if max(abs(a - b) for a, b in zip(drawn, ends, strict=True)) < _LUCK * (ends[1] - ends[0]):
                return sugar.resources(people, seed), _truth(people, wanted, {
                    "newcombe": Estimate(figure, *ends), "bootstrap": Estimate(figure, *drawn),
                    "se": Estimate(figure, *plain(one, none))}, bounds)
    raise ValueError(f"no practice of seed {seed} says clearly “{wanted}”")


def _truth(people: Sequence[Patient], verdict: str, found: dict[str, Estimate], bounds: tuple[float, float]) -> Truth:
    one, none, (least, most) = _above(_other(people)), _above(_english(people)), bounds
    first = found["newcombe"]
    gone = [f"{len(side) - n} of {len(side)}" for side, (_, n) in ((_other(people), one), (_english(people), none))]
    return Truth(
        verdict=verdict, denominator=one[1] + none[1], estimates=found, bounds=bounds,
        readings=tuple(_readings(people, first.figure)),
        sums=f"Above 9 %: {one[0]} of {one[1]} tested in another language, {none[0]} of {none[1]} in English. "
             f"That is {first.figure:+.1f} points.",
        rates=(Figure("Above 9 %, English", f"{100 * none[0] / none[1]:.1f} %", f"of {none[1]} tested"),
               Figure("Above 9 %, another language", f"{100 * one[0] / one[1]:.1f} %", f"of {one[1]} tested"),
               Figure("Not tested", f"{gone[1]} and {gone[0]}", "English, another language"),
               Figure("Difference and 95 % interval",
                      f"{first.figure:+.1f} ({first.low:+.1f} to {first.high:+.1f})", "points"),
               Figure("Bounds", f"{least:+.1f} to {most:+.1f}", "whatever the untested are")))


def newcombe(one: Share, none: Share) -> tuple[float, float]:
    """95 % about a difference of two shares, in points, from their Wilson intervals (Newcombe 1998, method 10)."""
    (p1, l1, u1), (p0, l0, u0) = _wilson(one), _wilson(none)
    return 100 * (p1 - p0 - hypot(p1 - l1, u0 - p0)), 100 * (p1 - p0 + hypot(u1 - p1, p0 - l0))


def _wilson(share: Share) -> tuple[float, float, float]:
    k, n = share
    p, square = k / n, Z * Z
    half = Z * sqrt(p * (1 - p) / n + square / (4 * n * n))
    return p, (p + square / (2 * n) - half) / (1 + square / n), (p + square / (2 * n) + half) / (1 + square / n)


def plain(one: Share, none: Share) -> tuple[float, float]:
    """The same from the two standard errors, normal: with hundreds on either side it comes to much the same."""
    half = 100 * Z * sqrt(sum(k / n * (1 - k / n) / n for k, n in (one, none)))
    return _gap(one, none) - half, _gap(one, none) + half


def _flags(share: Share) -> list[int]:
    """In order, as the lab's macro sorts them: whoever asks again draws the same people."""
    return [0] * (share[1] - share[0]) + [1] * share[0]


def _gap(one: Share, none: Share) -> float:
    return 100 * (one[0] / one[1] - none[0] / none[1])


def _english(people: Iterable[Patient]) -> list[Patient]:
    return [p for p in people if p.diabetic and p.language == "en"]


def _other(people: Iterable[Patient]) -> list[Patient]:
    return [p for p in people if p.diabetic and p.language != "en"]


def _above(group: Sequence[Patient]) -> Share:
    """Whose last result of the year is above the line, of those who have one."""
    tested = [p.year[-1] for p in group if p.year]
    return sum(value > LINE for value in tested), len(tested)


def _bounds(people: Sequence[Patient]) -> tuple[float, float]:
    """The untested where they pull hardest: all at or below the line on one side and above it on the other."""
    low, high = [], []
    for side in (_other(people), _english(people)):
        k, n = _above(side)
        low.append((k, len(side)))
        high.append((k + len(side) - n, len(side)))
    return _gap(low[0], high[1]), _gap(high[0], low[1])


def _readings(people: Sequence[Patient], figure: float) -> list[Reading]:
    """Each known mistake as a figure, and the denominator that goes with it."""
    one, none = _other(people), _english(people)
    spanish, tested = [p for p in one if p.language == "es"], _above(one)[1] + _above(none)[1]

    def by(name: str, split: Split, a: Sequence[Patient] = one, b: Sequence[Patient] = none) -> Reading:
        x, y = split(a), split(b)
        return Reading(name, _gap(x, y), x[1] + y[1] if x[1] + y[1] != tested else None)

    def values(pick: Callable[[Patient], Sequence[float]], over: Callable[[float], bool] = lambda v: v > LINE) -> Split:
        return lambda group: (sum(over(v) for p in group for v in pick(p)), sum(len(pick(p)) for p in group))

    return [
        by("untested_as_controlled", lambda g: (_above(g)[0], len(g))),
        by("untested_as_poor", lambda g: (_above(g)[0] + len(g) - _above(g)[1], len(g))),
        by("every_result", values(lambda p: p.year)),
        by("worst_of_the_year", values(lambda p: [max(p.year)] if p.year else [])),
        by("first_of_the_year", values(lambda p: p.year[:1])),
        by("nine_counts", values(lambda p: p.year[-1:], lambda v: v >= LINE)),
        by("any_year", values(lambda p: [r.value for r in p.results if not r.error][-1:])),
        by("errors_counted", values(lambda p: [r.value for r in p.results if r.day >= sugar.SINCE][-1:])),
        by("one_row_a_diagnosis", values(lambda p: p.year[-1:] * len(p.codes))),
        by("spanish_only", _above, spanish),
        by("prediabetes_too", _above, [p for p in people if p.language != "en"],
           [p for p in people if p.language == "en"]),
        Reading("mean_difference", mean(p.year[-1] for p in one if p.year) - mean(p.year[-1] for p in none if p.year)),
        Reading("upside_down", -figure),
        Reading("one_group", 100 * _above(one)[0] / _above(one)[1]),
    ]
