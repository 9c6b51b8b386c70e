"""The MS-DRGs of fiscal year 2026: title, MDC, weight, mean stays. From Table 5 of CMS's final rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from sandbox.terminology.build import rows

VERSION = "43.1"
FISCAL_YEAR = 2026


@dataclass(frozen=True)
class Drg:
    """One group. `weight` and the mean stays in days are None for the two groups that are not paid (998, 999)."""

    drg: str
    mdc: str
    kind: str  # "med", "surg" or ""
    title: str
    weight: float | None
    gmlos: float | None
    amlos: float | None
    post_acute: bool  # a transfer to post-acute care may shorten what is paid


@lru_cache(maxsize=1)
def drgs() -> Mapping[str, Drg]:
    """Every group by its three digits, in order."""
    return MappingProxyType({row[0]: _drg(row) for row in rows("drg_weights.tsv")})


def _drg(row: list[str]) -> Drg:
    drg, mdc, kind, title, weight, gmlos, amlos, post_acute = row
    return Drg(drg, mdc, kind, title, _number(weight), _number(gmlos), _number(amlos), post_acute == "yes")


def _number(cell: str) -> float | None:
    return float(cell) if cell else None
