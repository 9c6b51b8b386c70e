"""How much counts can say: 90 % intervals on an effective count, because findings in one task hang together.

Sources: Wilson 1927 (score interval), Newcombe 1998, Statistics in Medicine 17:873 (method 10, the difference of two
such), Kish 1965 (the design effect 1 + (m̄ − 1) ρ). No continuity correction.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from math import exp, log, sqrt
from statistics import NormalDist

RHO = 0.2  # how much findings of one task hang together, unless a large class shows more
LEVEL = 0.90
_STEPS = 4000
_Z = NormalDist().inv_cdf(0.5 + LEVEL / 2)

Sizes = Iterable[int]
Band = tuple[float, float]  # low and high, each a share from 0 to 1


def effective(sizes: Sizes, rho: float = RHO) -> float:
    """How many independent findings these are worth: n / (1 + (m̄ − 1) ρ), m̄ = Σm² / Σm over the tasks' sizes."""
    sizes = [size for size in sizes if size]
    n = sum(sizes)
    return n / (1 + (sum(size * size for size in sizes) / n - 1) * rho) if n else 0.0


def wilson(share: float, n: float) -> Band:
    """The 90 % Wilson interval of a share on `n` findings; everything is possible without any."""
    if not n:
        return 0.0, 1.0
    middle, width = share + _Z * _Z / (2 * n), _Z * sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    whole = 1 + _Z * _Z / n
    return max(0.0, (middle - width) / whole), min(1.0, (middle + width) / whole)


def newcombe(one: float, n: float, other: float, m: float) -> Band:
    """The 90 % interval of `one` − `other`, from their two Wilson intervals."""
    (low, high), (least, most) = wilson(one, n), wilson(other, m)
    return (one - other - sqrt((one - low) ** 2 + (most - other) ** 2),
            one - other + sqrt((high - one) ** 2 + (other - least) ** 2))


def twenty(share: float, n: float) -> tuple[float, ...]:
    """Twenty shares, each as likely as the next: the 2.5, 7.5 … 97.5 % points of Beta(met + ½, missed + ½).

    The Jeffreys interval (Brown, Cai and DasGupta 2001, Statistical Science 16:101), close to Wilson's and without its
    heap at 0 or 100; to a thousandth, by adding up the density.
    """
    a, b = share * n - 0.5, (1 - share) * n - 0.5
    points = [(each + 0.5) / _STEPS for each in range(_STEPS)]
    logs = [a * log(x) + b * log(1 - x) for x in points]
    top = max(logs)
    sums = list(accumulate(exp(each - top) for each in logs))
    return tuple(points[bisect_left(sums, (each + 0.5) / 20 * sums[-1])] for each in range(20))
