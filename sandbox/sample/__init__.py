"""The sample class: twenty-four invented people, made by one click and taken away by another."""

from __future__ import annotations

from sandbox.classroom import MARK
from sandbox.sample.cast import CAST, CRASHED, EVEN, LATE_ADD, LONGER, SEVEN, STORIES, STUCK, expected, known
from sandbox.sample.making import KEY_TASK, Begun, begin, fill
from sandbox.sample.removal import cast_of, remove

__all__ = ["CAST", "CRASHED", "EVEN", "KEY_TASK", "LATE_ADD", "LONGER", "MARK", "SEVEN", "STORIES", "STUCK", "Begun",
           "begin", "cast_of", "expected", "fill", "known", "remove"]
