"""What judging needs of the record as it stood at submission: nothing, since all of it was planted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """Empty: the ledger and the clinic are judged as the seed made them, not as somebody may have changed them."""
