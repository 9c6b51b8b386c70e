"""A sample class while it is filled, and how its people are told from real ones.

Who fills it says so in the class's row every few seconds, where every process of the house reads it. A class whose
filler has been silent for SILENT was left half made; one whose row is gone was taken away, and its filler stops.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from sandbox.classroom.course import Course, course_of_row, course_table, making
from sandbox.classroom.listing import Listing
from sandbox.db import alone
from sandbox.errors import Conflict
from sandbox.people import now

MARK = "(SAMPLE)"  # at the end of each invented name
SILENT = timedelta(seconds=60)  # one judgement on a busy machine may take ten


def alone_with_sample(conn: sa.Connection, id: str) -> None:
    """Until this transaction ends nobody else fills this class or takes it away."""
    alone(conn, f"sample {id}")


def sample_goes_on(conn: sa.Connection, id: str) -> None:
    """Somebody is at work on this class: until the transaction ends it cannot be taken away. Conflict where it was."""
    alone_with_sample(conn, id)
    mine = course_table.c.id == id, course_table.c.sample.startswith("making")
    if conn.execute(course_table.update().where(*mine).values(sample=making())).rowcount == 0:
        raise Conflict("This sample class was taken away while it was made.")


def sample_ready(conn: sa.Connection, id: str) -> None:
    """A sample class has all its people now."""
    conn.execute(course_table.update().where(course_table.c.id == id).values(sample="ready"))


def sample_given_up(conn: sa.Connection, id: str) -> None:
    """Nobody goes on filling this class; where it was taken away meanwhile, nothing is done."""
    conn.execute(course_table.update().where(course_table.c.id == id).values(sample="making"))


def left_half_made(conn: sa.Connection) -> list[Course]:
    """Sample classes that nobody is filling any more: the house was stopped in the middle."""
    rows = conn.execute(sa.select(course_table).where(course_table.c.sample.startswith("making")))
    return [each for each in map(course_of_row, rows) if abandoned(each)]


def abandoned(found: Course) -> bool:
    """Whether a class is half made and nobody is at work on it."""
    return found.sample == "making" and (found.heard is None or now() - found.heard > SILENT)


def marked(found: Course, listing: Listing) -> Listing:
    """A list for a sample class says of everybody on it that she is invented; any other stays as it is."""
    if not found.sample:
        return listing
    return replace(listing, rows=tuple(
        row if row.name.endswith(MARK) else replace(row, name=f"{row.name} {MARK}") for row in listing.rows))
