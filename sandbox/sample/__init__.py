"""The sample class: twenty-four invented people, made by one click and taken away by another."""

from __future__ import annotations

from sandbox.sample.cast import CAST, EVEN, MARK, SEVEN, STUCK
from sandbox.sample.making import KEY_TASK, make
from sandbox.sample.removal import cast_of, remove

__all__ = ["CAST", "EVEN", "KEY_TASK", "MARK", "SEVEN", "STUCK", "cast_of", "make", "remove"]
