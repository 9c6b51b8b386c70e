"""Which codes need no present-on-admission indicator, by the project's own list of the codes likely in its cases."""

from __future__ import annotations

from functools import lru_cache

from sandbox.terminology.build import rows
from sandbox.terminology.patterns import covers


@lru_cache(maxsize=1)
def patterns() -> tuple[str, ...]:
    """The patterns of `fixtures/terminology/poa_exempt.tsv`, in its order."""
    return tuple(row[0] for row in rows("poa_exempt.tsv"))


@lru_cache(maxsize=4_000)
def exempt(code: str) -> bool:
    """Whether the list holds the code."""
    return any(covers(pattern, code) for pattern in patterns())
