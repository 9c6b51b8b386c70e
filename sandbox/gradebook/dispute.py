"""Questions about a finding: she asks, an instructor answers, one of them says that it is settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from sandbox.errors import BadInput
from sandbox.gradebook import events
from sandbox.gradebook.fold import Event, Kind

_SAID: tuple[Kind, ...] = ("ask", "answer", "resolve")


@dataclass(frozen=True)
class Thread:
    """What was said about one finding of one attempt, oldest first."""

    person: str
    task: str
    attempt: str
    criterion: str
    said: tuple[Event, ...]

    @property
    def settled(self) -> bool:
        """Whether it was closed after the last question."""
        return self.said[-1].kind == "resolve"

    @property
    def waits(self) -> bool:
        """Whether an instructor has still to answer."""
        return self.said[-1].kind == "ask"


def threads(conn: sa.Connection, assignment: str, people: Iterable[str]) -> list[Thread]:
    """Every thread of these learners on one assignment: what waits for an answer first, then the latest."""
    found: dict[tuple[str, str, str, str], list[Event]] = {}
    for (person, task), told in events.of_people(conn, assignment, people, _SAID).items():
        for each in told:
            found.setdefault((person, task, each.attempt, each.criterion), []).append(each)
    lines = [Thread(*key, tuple(said)) for key, said in found.items()]
    return sorted(lines, key=lambda each: (not each.waits, each.settled, -each.said[-1].seq))


def say(conn: sa.Connection, where: events.Where, kind: Kind, by: str, attempt: str, criterion: str,
        words: str = "") -> Event:
    """Add to a thread. An answer or a settling needs a question first; BadInput otherwise."""
    if kind != "ask" and not any(each.kind == "ask" and (each.attempt, each.criterion) == (attempt, criterion)
                                 for each in events.of(conn, where)):
        raise BadInput("Nobody has asked about this finding.")
    return events.append(conn, where, kind, by, attempt=attempt, criterion=criterion, words=words)
