"""What tasks planted lately, kept for whoever opens or hands in the same variant next.

A class that shares a variant opens one story thirty times, and each submission has its key made again: the same params,
seed and hospital plant the same. Kept as bytes, so that everybody gets a copy of her own.
"""

from __future__ import annotations

import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from sandbox.activity import Planting


class Plantings:
    """Plantings by what they were made of, those used longest ago let go where `most` bytes are kept altogether."""

    def __init__(self, most: int = 24_000_000) -> None:
        self._most, self._held = most, 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._turn = threading.Lock()

    def recall(self, made_of: Hashable, make: Callable[[], Planting[Any, Any]]) -> Planting[Any, Any]:
        """The planting by this key, made where it is not kept. `made_of` names all that decides it."""
        with self._turn:
            if (known := self._kept.get(made_of)) is not None:
                self._kept.move_to_end(made_of)
        if known is not None:
            planting: Planting[Any, Any] = pickle.loads(known)  # noqa: S301 - written below, by this process
            return planting
        planting = make()
        self._keep(made_of, planting)
        return planting

    def _keep(self, made_of: Hashable, planting: Planting[Any, Any]) -> None:
        try:
            text = pickle.dumps(planting, pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, TypeError, AttributeError):
            return  # an activity of a school's own may hold what cannot be copied: made again each time
        if len(text) > self._most // 8:
            return
        with self._turn:
            self._held += len(text) - len(self._kept.pop(made_of, b""))
            self._kept[made_of] = text
            while self._held > self._most:
                self._held -= len(self._kept.popitem(last=False)[1])
