"""A saved report's headline: one figure with what it was divided from, added up from the report's own table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Any

from sandbox.workspace.dashboard import Look

_Z = 1.959964  # 95 %


@dataclass(frozen=True)
class Headline:
    """Texts for a reader: `figure` "12.3 %", `numerator` "41", `denominator` "333", `interval` "9.2 to 16.3 %"."""

    label: str
    figure: str
    numerator: str = ""
    denominator: str = ""
    interval: str = ""


def headline(look: Look, result: Mapping[str, Any]) -> Headline | None:
    """The headline of a result (columns, rows, truncated); None where none was asked or the table cannot give it.

    A table that was cut off has no sums. The interval is Wilson's, for a share of whole numbers in per cent.
    """
    if not look.numerator or result.get("truncated") or "rows" not in result:
        return None
    up = _sum(result["columns"], result["rows"], look.numerator)
    if up is None:
        return None
    if not look.denominator:
        return Headline(look.label, _said(look.scale * up, 0 if _whole(look.scale * up) else look.digits, look.scale))
    down = _sum(result["columns"], result["rows"], look.denominator)
    if not down:
        return None
    share = _whole(up) and _whole(down) and 0 <= up <= down and look.scale == 100
    return Headline(look.label, _said(look.scale * up / down, look.digits, look.scale), _plain(up), _plain(down),
                    _wilson(up, down) if share else "")


def _sum(columns: Sequence[str], rows: Sequence[Sequence[Any]], name: str) -> float | None:
    if list(columns).count(name) != 1:
        return None
    values = [row[list(columns).index(name)] for row in rows]
    if any(isinstance(value, bool) or not isinstance(value, int | float | None) for value in values):
        return None
    return fsum(value for value in values if value is not None)


def _said(value: float, digits: int, scale: float) -> str:
    per = {1: "", 100: " %"}.get(int(scale) if scale == int(scale) else 0, f" per {scale:,.0f}")
    return f"{value:,.{digits}f}{per}"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if _whole(value) else f"{value:,.2f}"


def _whole(value: float) -> bool:
    return value == int(value)


def _wilson(k: float, n: float) -> str:
    p, z = k / n, _Z
    middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (100 * (middle + sign * half) / (1 + z * z / n) for sign in (-1, 1))
    return f"{max(0.0, low):.1f} to {min(100.0, high):.1f} %"
