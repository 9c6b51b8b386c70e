"""What late work costs, and when results open: both are the assignment's own rules, said to learners beforehand."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import sqlalchemy as sa

from sandbox.classroom.course import Assignment, learners
from sandbox.classroom.window import hers
from sandbox.errors import BadInput


def checked_late(points: int | None, floor: int | None, due: datetime | None) -> tuple[int | None, int | None]:
    """Points a day and floor, each of 100, as they are stored; BadInput where they make no rule. None: nothing."""
    if not points:
        return None, None
    if not 1 <= points <= 100 or not 0 <= (floor or 0) <= 99:
        raise BadInput("Late work costs 1 to 100 of each 100 points a day, and keeps at least 0 to 99.",
                       hint="Nothing was done.")
    if due is None:
        raise BadInput("Without a due time nothing is late.", hint="Set a due time, or let late work cost nothing.")
    return points, floor or 0


def late_factor(given: Assignment, at: datetime) -> float:
    """By what a try's score is multiplied that was sent `at`, with her own times in `given`: 0 to 1.

    Each day begun after due takes `late_points` of each 100, never below `late_floor`. On time, or without the rule: 1.
    """
    if given.due is None or not given.late_points or at <= given.due:
        return 1.0
    days = math.ceil((at - given.due) / timedelta(days=1))
    return max(100 - given.late_points * days, given.late_floor or 0) / 100


def opens_results(conn: sa.Connection, given: Assignment) -> datetime | None:
    """When results open (UTC): the last moment at which anybody of the class hands in by the rules; None: at once.

    Where work is taken late without end, it is the last due time that counts: somebody must be able to be last.
    """
    if given.release != "last" or given.due is None:
        return None
    own = hers(conn, [given], [each.id for each in learners(conn, given.course)]).values()
    return max(each.closes or each.due for each in (given, *own) if each.due)


def late_words(given: Assignment) -> str:
    """What late work costs, in a sentence for learners; "" where it costs nothing."""
    if not given.late_points:
        return ""
    most = f", and never more than {100 - given.late_floor} of them" if given.late_floor else ""
    return f"Each day late takes {given.late_points} of every 100 points you made{most}."
