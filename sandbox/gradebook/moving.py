"""What other times or rules of an assignment do to grades: said before it is done, and told to whom it happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from sandbox.classroom import Assignment
from sandbox.gradebook.book import grades


@dataclass(frozen=True)
class Move:
    """A learner's grade for a task, points of 100, under the rules before and after."""

    person: str
    task: str
    before: float
    after: float

    @property
    def falls(self) -> bool:
        """Whether she would lose by it."""
        return self.after < self.before


def moves(conn: sa.Connection, before: Assignment, after: Assignment, people: Iterable[str]) -> list[Move]:
    """The grades of these people that would become others; nothing is written. A grade that somebody set stays."""
    ids = list(people)
    old, new = grades(conn, before, ids), grades(conn, after, ids)
    pairs = [(key, old[key].score, new[key].score) for key in old]
    return [Move(*key, had, has) for key, had, has in pairs if had is not None and has is not None and had != has]
