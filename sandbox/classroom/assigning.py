"""Assigning: a story, or a pair of stories as one set, given to a class."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sandbox.classroom.course import Assignment, assignment, assignment_table, course
from sandbox.classroom.turns import draw, next_order
from sandbox.db import alone
from sandbox.errors import BadInput
from sandbox.people import now


def assign(conn: sa.Connection, course_id: str, story: str, seats: Iterable[str], due: datetime | None,
           seed: int | None = None, *, opens: datetime | None = None, closes: datetime | None = None,
           join_days: int | None = None, late: tuple[int | None, int | None] = (None, None),
           release: str = "once", order: Sequence[str] = (), pair: str = "") -> Assignment:
    """Give a story to a class; BadInput without a seat. `late` and `release` as in `late.py`.

    With an `order` of two seats, each turn of the class begins in one of them: `in_turn` finds the order.
    """
    chosen = tuple(seats)
    if not chosen:
        raise BadInput("Choose at least one seat for this assignment.")
    id = f"g-{secrets.token_hex(6)}"
    conn.execute(assignment_table.insert().values(
        id=id, course=course(conn, course_id).id, story=story, seats=" ".join(chosen), due=due, seed=seed,
        created=now(), opens=opens, closes=closes, join_days=join_days,
        late_points=late[0], late_floor=late[1], release=release, order=" ".join(order), pair=pair))
    return assignment(conn, id)


def in_turn(conn: sa.Connection, course_id: str, stories: Sequence[tuple[str, Sequence[str]]], due: datetime | None,
            seed: int | None = None, **rules: Any) -> list[Assignment]:
    """Give one or two stories, each with its seats, as one set in which half the class begins in each seat.

    `rules` as for `assign`. BadInput where the set has not two seats.
    """
    alone(conn, f"turns of {course_id}")  # before the order is read: nobody joins, and nothing is assigned, meanwhile
    order = next_order(conn, course_id, [seat for _, seats in stories for seat in seats])
    pair = f"b-{secrets.token_hex(6)}" if len(stories) > 1 else ""
    made = [assign(conn, course_id, story, seats, due, seed, order=order, pair=pair, **rules)
            for story, seats in stories]
    draw(conn, course_id)
    return made
