"""The ledger of decisions: append-only, one line an event, numbered in the order in which they were written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from sandbox.db import BINARY, SERIAL, alone, metadata
from sandbox.errors import BadInput, Conflict, NotFound
from sandbox.gradebook.fold import Event, Kind, standing
from sandbox.people import now, utc, visible

grade_event = sa.Table(
    "grade_event", metadata,
    sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
    sa.Column("assignment", BINARY, nullable=False),
    sa.Column("person", BINARY, nullable=False, index=True),
    sa.Column("task", BINARY, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("by", BINARY, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("attempt", BINARY, nullable=False),
    sa.Column("criterion", sa.Text, nullable=False),
    sa.Column("value", sa.Float),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("undoes", sa.Integer, nullable=False),
    sa.Index("grade_event_of", "assignment", "person", "task"),
)
MOST = 4000  # characters
Where = tuple[str, str, str]  # assignment, person, task


def append(conn: sa.Connection, where: Where, kind: Kind, by: str, *, attempt: str = "", criterion: str = "",
           value: float | None = None, words: str = "", undoes: int = 0, seen: int | None = None) -> Event:
    """Write one event down. With `seen`, Conflict where somebody decided something after that event.

    BadInput where it lacks what its kind needs; NotFound where it would undo what is not there or holds no longer.
    """
    assignment, person, task = where
    alone(conn, f"grade of {person}")
    events = of(conn, where)
    last = max((each.seq for each in events if each.kind not in LEARNERS), default=0)
    if seen is not None and seen != last:
        raise Conflict("Somebody else decided something about this task meanwhile.",
                       hint="Nothing of yours was done: look at it, then decide again.")
    words = visible(words) if kind == "override" else words.strip()
    _check(kind, value, words, undoes, standing(events))
    if undoes and not any(each.seq == undoes for each in standing(events)):
        raise NotFound("There is no such decision, or it was undone already.")
    seq = conn.execute(grade_event.insert().values(
        assignment=assignment, person=person, task=task, kind=kind, by=by, at=now(), attempt=attempt,
        criterion=criterion, value=value, words=words, undoes=undoes).returning(grade_event.c.seq)).scalar_one()
    return next(each for each in of(conn, where) if each.seq == seq)


#: What a learner writes herself: it changes no grade, and no instructor has to look again for it.
LEARNERS = frozenset({"opened", "ask"})


def of(conn: sa.Connection, where: Where) -> list[Event]:
    """Everything about one learner's task, oldest first."""
    assignment, person, task = where
    return of_people(conn, assignment, [person]).get((person, task), [])


def of_people(conn: sa.Connection, assignment: str, people: Iterable[str],
              kinds: Iterable[Kind] = ()) -> dict[tuple[str, str], list[Event]]:
    """(person, task) to the events about them, oldest first, in one query; of these kinds alone where given."""
    chosen = list(kinds)
    rows = conn.execute(sa.select(grade_event).where(
        grade_event.c.assignment == assignment, grade_event.c.person.in_(list(people)),
        grade_event.c.kind.in_(chosen) if chosen else sa.true()).order_by(grade_event.c.seq))
    found: dict[tuple[str, str], list[Event]] = {}
    for row in rows:
        found.setdefault((row.person, row.task), []).append(_event(row))
    return found


def hand_over(conn: sa.Connection, old: str, new: str) -> None:
    """What stands in the ledger about a guest, and what she wrote, goes to her account."""
    for column in (grade_event.c.person, grade_event.c.by):
        conn.execute(grade_event.update().where(column == old).values({column.name: new}))


def _check(kind: Kind, value: float | None, words: str, undoes: int, holding: list[Event]) -> None:
    if len(words) > MOST:
        raise BadInput(f"That is more than {MOST:,} characters.", hint="Say it shorter.")
    if kind == "override" and (value is None or not 0 <= value <= 100):
        raise BadInput("A grade is a number from 0 to 100.", hint="87.5 is one.")
    if kind in ("override", "excuse", "comment", "ask", "answer") and not words:
        raise BadInput("Say why in a few words." if kind in ("override", "excuse") else "Write something first.",
                       hint="The learner reads it." if kind != "ask" else "Your instructor reads it.")
    if kind == "excuse" and any(each.kind == "excuse" for each in holding):
        raise BadInput("This task is excused already.")
    if kind == "undo" and not undoes:
        raise BadInput("Say which decision to take back.")


def _event(row: Any) -> Event:
    return Event(row.seq, row.kind, row.by, utc(row.at), row.attempt, row.criterion, row.value, row.words, row.undoes)
