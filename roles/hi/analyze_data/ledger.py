"""Are falls rising on 4 East and 5 West? The ledger as it is planted, what is true of it, and what other readings give.

Three variants by seed: the falls of the last nine months come 1.9, 1.4 or 1.0 times as often. A ledger is drawn again
until it says clearly what it should: the chart has no false signal, the answer does not hang on the last digit, and no
two readings come to the same figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import sqrt

from fixtures.analysis import falls
from roles.hi.analyze_data.intervals import Counts, by_log, exact
from roles.hi.analyze_data.truth import Estimate, Reading, Truth
from sandbox.activity import Figure, Resource

EDITION = "1"
VARIANTS = {"rising": 1.9, "cannot-tell": 1.4, "no-sign": 1.0}
WARDS, BASELINE, MONTHS, RUN, WORTH = ("4e", "5w"), 24, 36, 8, 1.75
OPEN_BEFORE = 2 / 3  # six of the eighteen beds on 5 West were opened when the baseline had ended
_TRIES, _APART = 2000, 0.011


@dataclass(frozen=True)
class Month:
    """One ward and month of the ledger; `month` is "2025-04"."""

    ward: str
    month: str
    days: int
    falls: int
    admissions: int


@dataclass(frozen=True, kw_only=True)
class Falls(Truth):
    """What is right of a ledger; `months` are the twelve that are watched."""

    counts: Counts


@lru_cache(maxsize=256)
def plant(seed: int) -> tuple[tuple[Resource, ...], Falls]:
    """The 144 rows of the ledger as MeasureReports that stand for those of the hospital, and the truth."""
    variant = tuple(VARIANTS)[seed % len(VARIANTS)]
    for n in range(_TRIES):
        drawn = falls.plant(seed * _TRIES + n, variant == "no-sign", VARIANTS[variant], OPEN_BEFORE).resources
        rows = tuple(r for r in drawn if r["resourceType"] == "MeasureReport")
        truth = read(months(rows))
        if truth and truth.verdict == variant and _clear(truth):
            return rows, truth
    raise ValueError(f"no ledger of seed {seed} says clearly “{variant}”")


def months(rows: Sequence[Resource]) -> list[Month]:
    """The ledger's rows, by month and ward."""
    found = []
    for row in rows:
        counts = {p["code"]["coding"][0]["code"]: p["count"] for p in row["group"][0]["population"]}
        ward = row["subject"]["reference"].removeprefix("Location/loc-")
        found.append(Month(ward, row["period"]["start"][:7], counts["patient-days"], counts["falls"],
                           counts["admissions"]))
    return sorted(found, key=lambda m: (m.month, m.ward))


def read(ledger: Sequence[Month]) -> Falls | None:
    """What the ledger says; None where its baseline speaks already, a run reaches into it or lies below, or a month
    stands on a limit: whoever counts runs otherwise comes to the same."""
    names = sorted({m.month for m in ledger})
    pairs = [_sum(ledger, [name]) for name in names]
    k0, n0 = _sum(ledger, names[:BASELINE])
    k1, n1 = _sum(ledger, names[BASELINE:])
    centre = k0 / n0
    limits = [centre + 3 * sqrt(centre / days) for _, days in pairs]
    rates = [k / days for k, days in pairs]
    sides = [_side(rates, n, centre) for n in range(MONTHS)]
    spoken = [n for n in range(MONTHS) if rates[n] > limits[n] or sides[n] > 0]
    early = any(n < BASELINE for n in spoken) or any(sides[n] for n in range(BASELINE + RUN - 1))
    if early or -1 in sides or any(abs(r / high - 1) < 0.01 for r, high in zip(rates, limits, strict=True)):
        return None
    counts = Counts(k1, n1, k0, n0)
    verdict = "rising" if spoken else "no-sign" if by_log(counts)[1] < WORTH else "cannot-tell"
    signal = names[spoken[0]] if spoken else "none"
    return _said(verdict, signal, counts, tuple(names[BASELINE:]), tuple(_readings(ledger, names, counts)))


def _said(verdict: str, signal: str, c: Counts, watched: tuple[str, ...], readings: tuple[Reading, ...]) -> Falls:
    """The truth with its sums in words."""
    low, high = by_log(c)
    return Falls(
        verdict=verdict, counts=c, denominator=c.n1, signal=signal, months=watched, readings=readings,
        estimates={name: Estimate(c.ratio, *ends(c)) for name, ends in (("log", by_log), ("exact", exact))},
        sums=f"{c.k1:,.0f} falls in {c.n1:,.0f} patient-days, beside {c.k0:,.0f} in {c.n0:,.0f}: {c.ratio:.2f} times.",
        rates=(Figure("Rate, baseline", f"{1000 * c.k0 / c.n0:.2f}", "falls in 1,000 patient-days"),
               Figure("Rate, the year watched", f"{1000 * c.k1 / c.n1:.2f}", "falls in 1,000 patient-days"),
               Figure("Ratio and 95 % interval", f"{c.ratio:.2f} ({low:.2f} to {high:.2f})", "on the logarithm")))


def _sum(ledger: Sequence[Month], names: Sequence[str], wards: Sequence[str] = WARDS) -> tuple[int, int]:
    """Falls and patient-days."""
    here = [m for m in ledger if m.month in names and m.ward in wards]
    return sum(m.falls for m in here), sum(m.days for m in here)


def _side(rates: Sequence[float], n: int, centre: float) -> int:
    """1 or -1 where month n is at least the eighth in a row above or below the centre line, else 0."""
    last = rates[max(0, n - RUN + 1):n + 1]
    if len(last) < RUN:
        return 0
    return 1 if all(rate > centre for rate in last) else -1 if all(rate < centre for rate in last) else 0


def _readings(ledger: Sequence[Month], names: Sequence[str], c: Counts) -> list[Reading]:
    """Each known mistake as a figure, and the denominator that goes with it."""
    year, base, house = names[BASELINE:], names[:BASELINE], sorted({m.ward for m in ledger})

    def ratio(studied: Sequence[str], beside: Sequence[str], wards: Sequence[str] = WARDS) -> Reading:
        (k1, n1), (k0, n0) = _sum(ledger, studied, wards), _sum(ledger, beside, wards)
        return Reading("", k1 / n1 / (k0 / n0) if k0 else 0.0, n1)

    def mean(some: Sequence[str]) -> float:
        rates = [m.falls / m.days for m in ledger if m.ward in WARDS and m.month in some]
        return sum(rates) / len(rates)

    admitted = [sum(m.admissions for m in ledger if m.ward in WARDS and m.month in some) for some in (year, base)]
    found = {
        "counts_without_days": Reading("", (c.k1 / len(year)) / (c.k0 / len(base))),
        "mean_of_rates": Reading("", mean(year) / mean(base)),
        "whole_house": ratio(year, base, house),
        "one_ward": ratio(year, base, WARDS[:1]),
        "all_months_as_baseline": Reading("", ratio(year, names).figure),
        "year_on_year": Reading("", ratio(year, base[-12:]).figure),
        "two_months": ratio(names[-1:], names[-13:-12]),
        "per_admission": Reading("", c.k1 / admitted[0] / (c.k0 / admitted[1]), admitted[0]),
        "upside_down": Reading("", 1 / c.ratio),
        "rate_not_ratio": Reading("", 1000 * c.k1 / c.n1),
        "change_in_per_cent": Reading("", 100 * (c.ratio - 1)),
    }
    return [Reading(name, each.figure, each.denominator) for name, each in found.items()]


def _clear(truth: Falls) -> bool:
    """Whether the answer stands well inside its rule, by either interval, and every reading has a figure of its own."""
    right = Reading("", truth.counts.ratio)
    if any(abs(a.figure - b.figure) < _APART and (b is right or a.denominator == b.denominator)
           for a, b in combinations((*truth.readings, right), 2)):
        return False
    for low, high in (by_log(truth.counts), exact(truth.counts)):
        fits = {"rising": low > 1.02, "no-sign": high < WORTH - 0.02 and low < 0.98,
                "cannot-tell": high > WORTH + 0.02 and low < 0.98}
        if not fits[truth.verdict]:
            return False
    return True
